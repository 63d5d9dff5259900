"""Scenarios: one verb a line, `#` comments. Everything is checked before the first verb runs."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from . import verbs
from .session import Session
from .verbs import ExpectationFailed, NotBuilt, WrongLine


class ScenarioError(Exception):
    """A line that cannot be run; one line says which and why."""


@dataclass
class Line:
    """One verb of a scenario, ready to run."""

    source: str
    number: int
    text: str
    run: Callable[[Session], None]
    listens: bool  # may run while the telephone still plays or hums

    @property
    def place(self) -> str:
        """Return where it stands."""
        return f"{self.source}:{self.number}"


def _words(text: str) -> "list[str]":
    """Return the words up to a comment: a word that begins with #, except what `dtmf` is to press."""
    reader = shlex.shlex(text, posix=True)
    reader.whitespace_split = True
    reader.commenters = ""
    words: "list[str]" = []
    for word in reader:
        if word.startswith("#") and words != ["dtmf"]:
            break
        words.append(word)
    return words


def parse_line(text: str, number: int, source: str) -> Line:
    """Return a line ready to run; ScenarioError if it is none."""
    try:
        words = _words(text)
    except ValueError as error:
        raise ScenarioError(f"{source}:{number}: {error}: close the quotation") from None
    try:
        run, listens = verbs.parse(words)
    except (WrongLine, NotBuilt) as error:
        raise ScenarioError(f"{source}:{number}: {error}") from None
    return Line(source, number, text.strip(), run, listens)


def parse(text: str, source: str) -> "list[Line]":
    """Return all lines of a scenario; ScenarioError for the first wrong one."""
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.strip().startswith("#"):
            lines.append(parse_line(line, number, source))
    return lines


def run_line(session: Session, line: Line) -> None:
    """Run one line; ExpectationFailed says what was perceived instead, and when.

    ScenarioError: it was right by itself, but not on this line.
    """
    if not line.listens:
        session.settle()
    try:
        line.run(session)
    except WrongLine as wrong:  # on this line of this country
        raise ScenarioError(f"{line.place}: {wrong}") from None
    except ExpectationFailed as failed:
        session.event("phone", "failed", line=line.text, why=str(failed))
        now = f"perceived at {session.t_ms / 1000:.2f} s: {session.perceived()}"
        raise ExpectationFailed(f"{line.place}: {line.text}: {failed}\n  {now}") from None


def run(session: Session, lines: "list[Line]") -> None:
    """Run a whole scenario and let the telephone finish."""
    for line in lines:
        run_line(session, line)
    session.settle()
