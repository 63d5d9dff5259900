"""The verb `expect`: what is looked at, and what is said if it is not so."""

import operator
from collections.abc import Callable

from .session import Session
from .words import ExpectationFailed, NotBuilt, WrongLine, count, number
from .world import wants_ntt

Act = Callable[[Session], None]
_WATCH_S = 10.0  # for what the line still has to bring
_RINGS_S = 7.0  # two rings with the longest pause between
_OPEN_GRID_MS = 20  # the feed is seen once a frame
OPS = {
    "=": operator.eq, "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def _expect_polarity(words: "list[str]") -> Act:
    count(words, "expect polarity normal|reversed", 2, 2)
    if words[1] not in ("normal", "reversed"):
        raise WrongLine(f"polarity is normal or reversed, not {words[1]!r}")

    def act(session: Session) -> None:
        if session.telephone.polarity != words[1]:
            raise ExpectationFailed(f"the polarity is {session.telephone.polarity}")

    return act


def _expect_open(words: "list[str]") -> Act:
    """The line was, or will be within 10 s, without feed for so long; since the receiver was lifted."""
    count(words, "expect open MS", 2, 2)
    ms = number(words[1], "MS", 20, 60000)

    def act(session: Session) -> None:
        phone = session.telephone
        if not session.until(lambda: phone.open_ms > 0, _WATCH_S):
            raise ExpectationFailed("the line was never without feed")
        if abs(phone.open_ms - ms) > _OPEN_GRID_MS + 0.05 * ms:
            raise ExpectationFailed(f"the line was open for {phone.open_ms} ms")

    return act


def _expect_callerid(words: "list[str]") -> Act:
    """The display shows this, now or within 10 s."""
    if len(words) < 2:
        raise WrongLine("usage: expect callerid NUMBER|private|unavailable [NAME]")
    wanted, name = words[1], " ".join(words[2:])

    def right(session: Session) -> bool:
        shown = session.telephone.shown
        if shown is None or (shown.number or shown.why) != wanted:
            return False
        return not name or (shown.name or shown.name_why) == name

    def act(session: Session) -> None:
        if not session.until(lambda: right(session), _WATCH_S):
            raise ExpectationFailed(_displayed(session))

    return act


def _expect_none(words: "list[str]") -> Act:
    """The display shows nothing, nor will for the next rings."""
    if words[1:] != ["callerid"]:
        raise WrongLine("usage: expect no callerid")

    def act(session: Session) -> None:
        phone = session.telephone
        session.until(lambda: bool(phone.shown or phone.fault or not phone.ringing), _RINGS_S)
        if phone.shown or phone.fault:
            raise ExpectationFailed(_displayed(session))

    return act


def _displayed(session: Session) -> str:
    phone = session.telephone
    if phone.shown is None:
        if phone.fault:
            return f"a Caller ID that no telephone shows: {phone.fault}"
        deaf = session.options.telephone != "ntt" and wants_ntt(session.options)
        return "no Caller ID came" + (": choose --telephone ntt, which answers to be told" if deaf else "")
    shown = phone.shown.shown()
    return "the display shows " + ", ".join(f"{what} {shown[what]}" for what in sorted(shown))


def _expect_lamp(words: "list[str]") -> Act:
    """The lamp for waiting messages is so, now or within 10 s."""
    count(words, "expect lamp on|off", 2, 2)
    if words[1] not in ("on", "off"):
        raise WrongLine(f"a lamp is on or off, not {words[1]!r}")

    def act(session: Session) -> None:
        if not session.until(lambda: bool(session.telephone.lamp) == (words[1] == "on"), _WATCH_S):
            raise ExpectationFailed("it is not")

    return act


def _expect_heap(words: "list[str]") -> Act:
    count(words, "expect heap BYTES", 2, 2)
    limit = number(words[1], "BYTES", 0, 2**30)

    def act(session: Session) -> None:
        _need_power(session)
        session.heap = session.box.heap()
        live = session.heap["live"]
        if live is None:
            raise ExpectationFailed("this VM cannot tell: take --vm micropython")
        if live > limit:
            raise ExpectationFailed(f"{live} octets of heap are live")

    return act


def _expect_stat(words: "list[str]") -> Act:
    count(words, "expect stat NAME OP NUMBER", 4, 4)
    name, op, wanted = words[1].upper(), words[2], number(words[3], "NUMBER", -(2**31), 2**31)
    if op not in OPS:
        raise WrongLine(f"OP is one of {' '.join(OPS)}, not {op!r}")
    from .codebook import counter_names

    if name not in counter_names():
        raise WrongLine(f"no such counter: {words[1]}; they stand in firmware/codes.py")

    def act(session: Session) -> None:
        _need_power(session)
        value = session.read_counters()[name]
        if not OPS[op](value, wanted):
            raise ExpectationFailed(f"{name} is {value}")

    return act


def _need_power(session: Session) -> None:
    if not session.box.on:
        raise ExpectationFailed("the box has no power")


def _not_built(words: "list[str]") -> Act:
    raise NotBuilt(f"expect {words[0]}: not built yet")


_KINDS: "dict[str, Callable[[list[str]], Act]]" = {
    "callerid": _expect_callerid, "no": _expect_none, "polarity": _expect_polarity, "open": _expect_open,
    "lamp": _expect_lamp, "heap": _expect_heap, "stat": _expect_stat, "console": _not_built,
}  # fmt: skip
_USAGE = (
    "callerid NUMBER [NAME], no callerid, polarity normal|reversed, open MS, lamp on|off, heap BYTES, "
    "stat NAME OP NUMBER"
)


def expect(words: "list[str]") -> Act:
    """Look at something."""
    if not words:
        raise WrongLine(f"expect what? One of: {_USAGE}")
    if words[0] not in _KINDS:
        raise WrongLine(f"nobody can expect {words[0]!r}: {_USAGE}")
    return _KINDS[words[0]](words)
