"""The words of a scenario line: numbers in ranges, how many there may be, and how to complain of them."""


class WrongLine(Exception):
    """A line that is no verb, or has wrong words behind it."""


class NotBuilt(Exception):
    """A verb whose feature does not exist yet."""


class ExpectationFailed(Exception):
    """The line was right, the world was not."""


def number(word: str, what: str, low: float, high: float) -> float:
    """Return a word as a number in a range."""
    try:
        value = float(word)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise WrongLine(f"{what} is a number from {low:g} to {high:g}, not {word!r}")
    return value


def count(words: "list[str]", usage: str, least: int, most: int) -> None:
    """Complain unless there are so many words."""
    if not least <= len(words) <= most:
        raise WrongLine("usage: " + usage)
