"""The verbs of a scenario: what each takes, and what it does to a session.

A verb's function takes its words and returns what is to be done; it complains by WrongLine. `play` and `hum`
go on while a following `wait` listens; any other verb lets them finish first.
"""

from collections.abc import Callable
from pathlib import Path

from .countries import COUNTRIES
from .expects import expect
from .session import Session
from .speech import read_wav
from .words import ExpectationFailed, NotBuilt, WrongLine, count, number

Act = Callable[[Session], None]
_TIMEOUT_S = 10.0
_TONES = (*sorted({name.partition("/")[0] for tones in COUNTRIES.values() for name in tones}), "none")
_QUIET_MS = 6500


def _seconds(words: "list[str]", at: int) -> float:
    return number(words[at], "the time in seconds", 0, 86400) if len(words) > at else _TIMEOUT_S


# The telephone.


def lift(words: "list[str]") -> Act:
    """Take the receiver off."""
    count(words, "lift", 0, 0)
    return lambda session: _hand(session, session.telephone.lift)


def hang(words: "list[str]") -> Act:
    """Put the receiver down."""
    count(words, "hang", 0, 0)
    return lambda session: _hand(session, session.telephone.hang)


def _hand(session: Session, act: Callable[[], None]) -> None:
    act()
    session.settle()


def dtmf(words: "list[str]") -> Act:
    """Press keys."""
    count(words, "dtmf DIGITS [ON_MS OFF_MS] [DBM0] [TWIST_DB]", 1, 5)
    digits = words[0].upper()
    if not digits or set(digits) - set("0123456789*#ABCD"):
        raise WrongLine(f"digits are 0-9 * # A-D, not {words[0]!r}")
    values = [80.0, 80.0, -10.0, 0.0]
    names, ranges = ("ON_MS", "OFF_MS", "DBM0", "TWIST_DB"), ((1, 10000), (1, 10000), (-60, 3), (-30, 30))
    first = (
        2 if len(words) > 1 and (len(words) == 2 or words[1].startswith("-")) else 0
    )  # a level comes first
    for at, word in enumerate(words[1:], first):
        if at > 3:
            raise WrongLine("usage: dtmf DIGITS [ON_MS OFF_MS] [DBM0] [TWIST_DB]")
        values[at] = number(word, names[at], *ranges[at])
    return lambda session: _hand(session, lambda: session.telephone.dtmf(digits, *values))


def pulse(words: "list[str]") -> Act:
    """Turn a rotary dial."""
    usage = "pulse DIGITS [PPS BREAK_PERCENT [BOUNCE_MS]]"
    count(words, usage, 1, 4)
    if len(words) == 2:
        raise WrongLine("usage: " + usage)
    if not words[0].isdecimal() or not words[0].isascii():
        raise WrongLine(f"a rotary dial has the digits 0-9, not {words[0]!r}")
    pps = number(words[1], "PPS", 5, 30) if len(words) > 2 else 10.0
    percent = number(words[2], "BREAK_PERCENT", 20, 90) if len(words) > 2 else 60.0
    bounce_ms = round(number(words[3], "BOUNCE_MS", 0, 8)) if len(words) > 3 else 2
    return lambda session: _hand(
        session, lambda: session.telephone.pulse(words[0], pps, percent, bounce_ms=bounce_ms)
    )


def flash(words: "list[str]") -> Act:
    """Tap the hook."""
    count(words, "flash [MS]", 0, 1)
    ms = round(number(words[0], "MS", 10, 5000)) if words else None

    def act(session: Session) -> None:
        if ms is None and not session.telephone.flash_ms:
            raise WrongLine("no flash there: give MS")
        _hand(session, lambda: session.telephone.flash(ms))

    return act


def play(words: "list[str]") -> Act:
    """Play a file into the mouthpiece."""
    count(words, "play FILE.wav [DBM0]", 1, 2)
    try:
        samples = read_wav(words[0])
    except OSError as error:
        raise WrongLine(f"{words[0]}: {error.strerror}") from None
    except ValueError as error:
        raise WrongLine(str(error)) from None
    level = [number(words[1], "the level in dBm0", -60, 3)] if len(words) > 1 else []
    return lambda session: session.telephone.play(samples, *level)


def hum(words: "list[str]") -> Act:
    """Hum one frequency into the mouthpiece."""
    count(words, "hum HZ DBM0 SECONDS", 3, 3)
    hz = number(words[0], "HZ", 20, 3900)
    dbm0 = number(words[1], "DBM0", -60, 3)
    seconds = number(words[2], "SECONDS", 0.02, 3600)
    return lambda session: session.telephone.hum(hz, dbm0, seconds)


def sleep(words: "list[str]") -> Act:
    """Let time pass."""
    count(words, "sleep SECONDS", 1, 1)
    seconds = number(words[0], "SECONDS", 0, 86400)
    return lambda session: session.run(seconds)


def record(words: "list[str]") -> Act:
    """Write the earpiece into a file."""
    count(words, "record FILE.wav", 1, 1)
    folder = Path(words[0]).parent
    if not folder.is_dir():
        raise WrongLine(f"there is no folder {folder} to record into")
    if Path(words[0]).is_dir():
        raise WrongLine(f"{words[0]} is a folder: record into a file")

    def act(session: Session) -> None:
        try:
            session.record(words[0])
        except OSError as error:
            raise ExpectationFailed(f"nothing can be written there: {error.strerror}") from None

    return act


def stop(words: "list[str]") -> Act:
    """End the recording."""
    count(words, "stop", 0, 0)
    return lambda session: session.record(None)


# Waiting.


def wait(words: "list[str]") -> Act:
    """Wait for something to be so."""
    kinds = "registered, unregistered, ringing, quiet, tone NAME, voice, call up, call down"
    if not words:
        raise WrongLine(f"wait for what? One of: {kinds}")
    if words[0] == "tone":
        return _wait_tone(words)
    if words[0] == "call":
        return _wait_call(words)
    if words[0] not in _STATES:
        raise WrongLine(f"nobody can wait for {words[0]!r}: {kinds}")
    count(words, f"wait {words[0]} [SECONDS]", 1, 2)
    true, seconds = _STATES[words[0]], _seconds(words, 1)
    return lambda session: _until(session, lambda: true(session), seconds)


_STATES: "dict[str, Callable[[Session], bool]]" = {
    "registered": lambda session: session.registered,
    "unregistered": lambda session: not session.registered,
    "ringing": lambda session: session.telephone.ring_current,
    "quiet": lambda session: session.telephone.quiet_ms >= _QUIET_MS,
    "voice": lambda session: session.telephone.voice,
}


def _wait_tone(words: "list[str]") -> Act:
    count(words, "wait tone NAME [SECONDS]", 2, 3)
    name, seconds = words[1], _seconds(words, 2)
    if name not in _TONES:
        raise WrongLine(f"no such tone: {name!r}; one of {' '.join(_TONES)}")
    return lambda session: _until(session, lambda: session.telephone.tone == name, seconds)


def _wait_call(words: "list[str]") -> Act:
    count(words, "wait call up|down [SECONDS]", 2, 3)
    if words[1] not in ("up", "down"):
        raise WrongLine(f"a call is up or down, not {words[1]!r}")
    up, seconds = words[1] == "up", _seconds(words, 2)
    return lambda session: _until(session, lambda: bool(session.calls_up) == up, seconds)


def _until(session: Session, true: Callable[[], bool], seconds: float) -> None:
    if not session.until(true, seconds):
        raise ExpectationFailed(f"not so within {seconds:g} s")


# Network and power.


def net(words: "list[str]") -> Act:
    """Set faults of the UDP path, both ways."""
    usage = "net loss PERCENT | delay MS [JITTER_MS] | dup PERCENT | reorder PERCENT | cut | restore"
    if not words:
        raise WrongLine("usage: " + usage)
    kind = words[0]
    if kind in ("cut", "restore"):
        count(words, f"net {kind}", 1, 1)
        return lambda session: session.faults.set(cut=True) if kind == "cut" else session.faults.restore()
    if kind == "delay":
        count(words, "net delay MS [JITTER_MS]", 2, 3)
        delay = number(words[1], "MS", 0, 60000)
        jitter = number(words[2], "JITTER_MS", 0, 60000) if len(words) > 2 else 0.0
        return lambda session: session.faults.set(delay_ms=delay, jitter_ms=jitter)
    names = {"loss": "loss_pct", "dup": "duplicate_pct", "reorder": "reorder_pct"}
    if kind not in names:
        raise WrongLine("usage: " + usage)
    count(words, f"net {kind} PERCENT", 2, 2)
    percent = number(words[1], "PERCENT", 0, 100)
    return lambda session: session.faults.set(**{names[kind]: percent})


def power(words: "list[str]") -> Act:
    """Switch the box."""
    if words[:1] == ["cut-at-write"]:
        raise NotBuilt("power cut-at-write: not built yet")
    count(words, "power off|on", 1, 1)
    if words[0] not in ("off", "on"):
        raise WrongLine(f"power is off or on, not {words[0]!r}")
    return lambda session: session.power_on() if words[0] == "on" else session.power_off()


def _not_built(name: str) -> "Callable[[list[str]], Act]":
    def verb(words: "list[str]") -> Act:
        raise NotBuilt(f"{name}: not built yet")

    return verb


VERBS: "dict[str, Callable[[list[str]], Act]]" = {
    "lift": lift, "hang": hang, "dtmf": dtmf, "play": play, "hum": hum, "sleep": sleep, "wait": wait,
    "expect": expect, "record": record, "stop": stop, "net": net, "power": power,
    "flash": flash, "pulse": pulse, "console": _not_built("console"),
}  # fmt: skip


def parse(words: "list[str]") -> "tuple[Act, bool]":
    """Return what a line does, and whether it may run while the telephone plays or hums."""
    if not words:
        return (lambda session: None), True
    verb = VERBS.get(words[0])
    if verb is None:
        raise WrongLine(f"no such verb: {words[0]!r}; one of {' '.join(VERBS)}")
    return verb(words[1:]), words[0] == "wait"
