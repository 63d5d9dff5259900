"""What a person typed for a setting: checked against its row of settings.txt, or refused in one clear line.

config.py loads this file when something is set, so a box that only runs does not pay for it.
"""

from array import array

from micropython import const

_TYPE = const(1)  # columns of settings.txt
_UNIT = const(2)
_MIN = const(3)
_MAX = const(4)


def value(row: "list[str]", text: str, store: object) -> "str | int | bool":
    """Return `text` as the type that `row` (the columns of a setting) wants; ValueError says what is wrong.

    No message holds a text that may be a secret.
    """
    kind = row[_TYPE]
    if kind == "int":
        return _int(row, text)
    if kind == "bool":
        return _bool(text)
    if kind in ("pair", "range"):
        return _pair(row, text)
    _check_text(row, text)
    if kind == "list":
        return _list(row[_UNIT].split(), text)
    if text or row[_MIN] == "1":
        _check_meaning(kind, row[_UNIT], text, store)
    return text


def _check_meaning(kind: str, unit: str, text: str, store: object) -> None:
    if kind == "host":
        _check_host(text)
    elif kind == "choice":
        _check_name(text, unit.split())
    elif kind == "map":
        from line import digitmap

        digitmap.compile_map(text)
    elif kind in ("name", "tone", "cadence"):
        from line import tones

        if kind == "name":
            _check_name(text, tones.known(store, unit))
        elif kind == "tone":
            tones.parse(text, -13, array("h"))
        elif "/" in text:
            tones.cadence(store, text)
        else:
            _check_name(text, ["on/off ms or"] + tones.known(store, "cadences"))


def _int(row: "list[str]", text: str) -> int:
    unit = row[_UNIT].replace("0.1 ", "tenths of a ")
    try:
        number = int(text.replace("_", "x"))  # CPython alone takes 1_000
    except ValueError:
        raise ValueError("%s is not a whole number of %s" % (text or "nothing", unit)) from None
    if not int(row[_MIN]) <= number <= int(row[_MAX]):
        raise ValueError("%s is outside %s..%s %s" % (text, row[_MIN], row[_MAX], unit))
    return number


def _pair(row: "list[str]", text: str) -> str:
    """Two whole numbers parted by /, or nothing; of a range the first is not the greater one."""
    if not text:
        return text
    first, slash, second = text.partition("/")
    if not slash:
        raise ValueError("write two numbers, " + ("300/1000" if row[_TYPE] == "range" else "0/-7"))
    low = _int(row, first.strip())
    high = _int(row, second.strip())
    if row[_TYPE] == "range" and low > high:
        raise ValueError("%d is more than %d" % (low, high))
    return "%d/%d" % (low, high)


def _bool(text: str) -> bool:
    if text.lower() not in ("on", "off", "yes", "no", "true", "false", "1", "0"):
        raise ValueError("%s is neither on nor off" % (text or "nothing"))
    return text.lower() in ("on", "yes", "true", "1")


def _check_text(row: "list[str]", text: str) -> None:
    """Hold a text to its length in octets, and to printable characters."""
    octets = text.encode()
    if row[_TYPE] != "name" and not int(row[_MIN]) <= len(octets) <= int(row[_MAX]):
        raise ValueError("%d octets long, not %s..%s" % (len(octets), row[_MIN], row[_MAX]))
    for octet in octets:
        if octet < 32 or octet == 127:
            raise ValueError("control characters are not allowed")


def _check_host(text: str) -> None:
    if ":" in text:
        raise ValueError("the name or IPv4 address alone; the port has a setting of its own")
    for char in text:
        if not (char.isalpha() or char.isdigit() or char in "-._"):
            raise ValueError("'%s' cannot stand in a host name" % char)


def _list(known: "list[str]", text: str) -> str:
    chosen: "list[str]" = []
    for part in text.split(","):
        name = part.strip()
        _check_name(name, known)
        if name in chosen:
            raise ValueError("%s stands there twice" % name)
        chosen.append(name)
    return ",".join(chosen)


def _check_name(text: str, known: "list[str]") -> None:
    if text not in known:
        raise ValueError("no %s; there is: %s" % (text or "empty name", " ".join(known)))


def unknown(name: str, store: object) -> str:
    """Return one line that says there is no setting `name`, with the nearest one there is.

    The last part alone ("server") is as good as the whole. All tones are named where none is near.
    """
    best = ""
    tones = ""
    least = 1 + len(name) // 3
    for line in store.rows("settings"):  # type: ignore[attr-defined]
        known = line.split("|", 1)[0].replace(".N.", ".1.")
        if known[:1] in ("", "#"):
            continue
        if known.startswith("line.tone_"):
            tones += " " + known
        far = 0 if known.endswith("." + name) else distance(name.lower(), known)
        if far < least:
            best = known
            least = far
    more = "; did you mean %s?" % best if best else ""
    if least > 2 and name.startswith("line.tone_"):
        more = "; there is:" + tones
    return "no setting " + name + more


def distance(a: str, b: str) -> int:
    """Return how many letters must be put in, taken out or changed to turn `a` into `b` (Levenshtein)."""
    row = list(range(len(b) + 1))
    for i in range(len(a)):
        corner = row[0]
        row[0] = i + 1
        for j in range(len(b)):
            change = corner + (a[i] != b[j])
            corner = row[j + 1]
            row[j + 1] = min(change, corner + 1, row[j] + 1)
    return row[-1]
