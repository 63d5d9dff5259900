"""The names behind the firmware's small integers, read from firmware/codes.py."""

import importlib.util
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

_CODES = Path(__file__).resolve().parent.parent.parent / "firmware" / "codes.py"
_PORT_STATES = (
    "ON_HOOK", "DIAL_TONE", "COLLECT", "CALLING", "RINGBACK", "EARLY", "TALK", "BUSY_TONE", "REORDER_TONE",
    "HOWLER", "LOCKOUT", "RINGING", "HOWLER_LOUD", "HOWLER_LOUDEST",
)  # fmt: skip


@lru_cache(maxsize=1)
def _book() -> "dict[str, int]":
    """Return all constants of the file, in its order."""
    spec = importlib.util.spec_from_file_location("uiaxy_codes", _CODES)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {k: v for k, v in vars(module).items() if k[0] != "_" and isinstance(v, int)}


@lru_cache(maxsize=1)
def counter_names() -> "tuple[str, ...]":
    """Return the names of the counters, by index: all that stand above N_COUNTERS."""
    names = tuple(_book())
    return names[: names.index("N_COUNTERS")]


@lru_cache(maxsize=16)
def names(prefix: str) -> "dict[int, str]":
    """Return {number: rest of the name} of the constants that begin so."""
    return {v: k[len(prefix) :] for k, v in _book().items() if k.startswith(prefix)}


def _name(prefix: str, number: int) -> "str | int":
    return names(prefix).get(number, number)


def _port(a: int, b: int) -> dict:
    states = {_book()[name]: name for name in _PORT_STATES}
    return {"state": states.get(a, a), "event": _name("PORT_", b)}


_LOG_VALUES: "dict[str, Callable[[int, int], dict]]" = {
    "BOOT": lambda a, b: {"cause": a},
    "REGISTERED": lambda a, b: {"account": a, "refresh_s": b},
    "UNREGISTERED": lambda a, b: {"account": a, "cause": b},
    "PORT": _port,
    "CALL": lambda a, b: {"leg": a >> 8, "state": _name("CALL_", a & 0xFF), "event": _name("LEG_", b)},
    "DIGIT": lambda a, b: {"digit": chr(a)},
    "FEED": lambda a, b: {"feed": str(_name("FEED_", a)).lower()},
    "TONE": lambda a, b: {"tone": str(_name("TONE_", a)).lower()},
    "HANGUP_CAUSE": lambda a, b: {"cause": a},
    "RX_DIGIT": lambda a, b: {"digit": chr(a), "begin": bool(b)},
    "CALL_UP": lambda a, b: {"leg": a, "account": b},
    "CALL_DOWN": lambda a, b: {"leg": a, "cause": b},
    "MESSAGES": lambda a, b: {"new": a, "old": b},
    "NOTE": lambda a, b: {"leg": a, "octets": b},
    "SERVER": lambda a, b: {"account": a, "peer": b, "server": "first" if b & 1 else "second"},
    "DIRECT": lambda a, b: {"leg": a, "direct": bool(b)},
    "FLASH": lambda a, b: {"sent": bool(a)},
    "PULSE": lambda a, b: {
        "digit": chr(a),
        "breaks_ms": b & 0x7FF,
        "makes_ms": b >> 11 & 0x7FF,
        "shortest_make_ms": b >> 22,
    },
    "STRAY": lambda a, b: {"why": str(_name("STRAY_", a)).lower(), "pulses": b},
    "SIGNAL": lambda a, b: {"signal": str(_name("SIGNAL_", a)).lower(), "begins": bool(b)},
    "CALLERID": lambda a, b: {"octets": a, "announces": str(_name("ANNOUNCE_", b)).lower()},
}


def log_entry(code: int, a: int, b: int) -> "tuple[str, dict]":
    """Return the name of a log entry, lower case, and what it says."""
    name = str(_name("LOG_", code))
    values = _LOG_VALUES.get(name)
    return name.lower(), values(a, b) if values else {"a": a, "b": b}
