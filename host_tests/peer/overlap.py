"""Overlap dialling on the test peer: a TBD call, questions about digits, DIAL (RFC 5456, section 6.8).

What the peer does is what Asterisk 22 was seen to do: "TBD" is accepted like any number and starts nothing;
each DPREQ is answered from `peer.overlap` until DIAL; DIAL of a number brings PROGRESS and its script,
of anything else REJECT 3. An account with `immediate` is connected to extension "s" without being asked.

The numbers are those of the dial plan (extensions.py) and those of `Overlap.numbers`, where X is any digit:

| number | what     | asked digit by digit                                                           |
|--------|----------|--------------------------------------------------------------------------------|
| 1      | echo     | exists                                                                         |
| 22     | echo     | can exist, exists                                                              |
| 3XXXX  | echo     | can exist four times, exists                                                   |
| 4, 45  | echo     | exists and may grow, exists                                                    |
| 9XX    | echo     | can exist with dial tone kept, can exist, exists                               |
| 7      | echo     | exists, and dial tone is kept                                                  |
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import numbers as n
from . import wire
from .extensions import echo

if TYPE_CHECKING:
    from .call import Call, Script

EXISTS, CAN_EXIST, NONEXISTENT, IGNORE_PATTERN, MATCH_MORE = 1, 2, 4, 0x4000, 0x8000
TBD = "TBD"


def fits(digits: str, number: str) -> bool:
    """Return whether digits may begin a number of the plan; X stands for any digit."""
    return len(digits) <= len(number) and all(
        there == digit or (there == "X" and digit.isdigit()) for digit, there in zip(digits, number)
    )


@dataclass
class Overlap:
    """The plan of one peer, and how it may misbehave.

    answers: DPSTATUS for digits, whatever the plan says; None: no answer to them.  refresh: in seconds, None:
    no such element.  silent: no question is answered.  delay_ms: before an answer.  say: the number that an
    answer names, made from the one asked.
    """

    numbers: "dict[str, Callable[[Call], Script]]" = field(
        default_factory=lambda: dict.fromkeys(("1", "22", "3XXXX", "4", "45", "9XX", "7"), echo)
    )
    ignore: tuple[str, ...] = ("9", "7")
    immediate: "Callable[[Call], Script]" = echo
    answers: "dict[str, int | None]" = field(default_factory=dict)
    refresh: int | None = 600
    silent: bool = False
    delay_ms: int = 0
    say: Callable[[str], str] = str
    accepts: bool = True  # False: "TBD" is a number like any other, and there is none of that name

    def status(self, digits: str, others: "dict[str, Any]") -> int | None:
        """Return the DPSTATUS of some digits. others: the numbers of extensions.py."""
        if digits in self.answers:
            return self.answers[digits]
        found = [number for number in (*self.numbers, *others) if fits(digits, number)]
        status = CAN_EXIST if found else NONEXISTENT
        if any(len(number) == len(digits) for number in found):
            status = EXISTS
        if any(len(number) > len(digits) for number in found):
            status |= MATCH_MORE
        return status | (IGNORE_PATTERN if digits in self.ignore else 0)

    def script(self, number: str) -> "Callable[[Call], Script] | None":
        """Return the script of a whole number."""
        whole = [to for to in self.numbers if len(to) == len(number) and fits(number, to)]
        return self.numbers[whole[0]] if whole else None


class Overlapping:
    """What a call from the device has to do with it; `peer/incoming.py` inherits it."""

    peer: Any
    account: Any
    number_dialled: str
    state: str
    alive: bool
    dialled = False
    immediate = False
    asked: "list[str]"

    def is_tbd(self) -> bool:
        """Return whether NEW opens such a call."""
        return self.number_dialled == TBD and self.peer.overlap.accepts

    def wait_for_dial(self: Any) -> None:
        """After ACCEPT: nothing, or at once the call that is the only one there is."""
        self.asked = []
        if self.account is not None and self.account.immediate:
            self.immediate = True
            self.run(self.peer.overlap.immediate(self))

    def on_dpreq(self: Any, frame: dict) -> None:
        """Answer a question about digits, on a TBD call nobody has dialled on."""
        overlap, digits = self.peer.overlap, str(frame["ie"].get("CALLED_NUMBER", ""))
        if not self.is_tbd() or self.dialled or self.immediate:
            self.note("dpreq of no use")
            return
        self.asked.append(digits)
        status = overlap.status(digits, self.peer.extensions)
        if overlap.silent or status is None:
            return
        pairs = [("CALLED_NUMBER", overlap.say(digits)), ("DPSTATUS", status)]
        if overlap.refresh is not None:
            pairs.append(("REFRESH", overlap.refresh))
        if overlap.delay_ms:
            self.peer.after(overlap.delay_ms, lambda: self.alive and self.iax("DPREP", wire.ies(*pairs)))
        else:
            self.iax("DPREP", wire.ies(*pairs))

    def on_dial(self: Any, frame: dict) -> None:
        """Begin the call."""
        if not self.is_tbd() or self.dialled or self.immediate:
            self.note("dial of no use")
            return
        number = str(frame["ie"].get("CALLED_NUMBER", ""))
        script = self.peer.overlap.script(number) or self.peer.extensions.get(number)
        self.dialled = True
        self.note("dial " + number)
        if script is None:
            self.reject(n.NO_SUCH_NUMBER, "No such context/extension")
        else:
            self.number_dialled = number
            self.control("PROGRESS")
            self.run(script(self))
