"""Turns events into a story: one line per happening, printed while it happens.

    2.140 s  phone     hears dial tone

An event is a dict with `t_ms`, `who` (phone, line, firmware, net, server), `what` and values. Unknown ones
are told in their own words; what would only fill the page (feed switching with the ring cadence, ACKs, mini
frames) is left out unless `verbose`.
"""

import sys
from typing import Callable, TextIO

TONE_WORDS = {
    "dial": "dial tone",
    "stutter": "stutter dial tone",
    "ringback": "ringback tone: the far telephone rings",
    "busy": "busy tone",
    "reorder": "reorder tone",
    "howler": "the howler: the receiver is off the hook",
    "callwaiting": "the call-waiting tone",
    "confirm": "the confirmation tone",
    "sit": "special information tones",
    "unobtainable": "the tone of a number that does not exist",
}
_COLOURS = {"phone": "36", "line": "33", "firmware": "32", "net": "35", "server": "34"}  # of a terminal
# Frames without news: keep-alive, acknowledgements, the voice itself.
DULL = {"ACK", "PING", "PONG", "LAGRQ", "LAGRP", "POKE", "VOICE", "VNAK", "MINI"}


def frame_name(event: dict) -> str:
    """The name of a frame event as the RFC spells it: the subclass where it says more than the type."""
    kind, sub = str(event.get("type", "?")).upper(), event.get("subclass")
    if "MINI" in kind:
        return "MINI"
    if kind in ("IAX", "CONTROL") and sub not in (None, ""):
        return str(sub).upper()
    if kind.startswith("DTMF") and sub not in (None, ""):
        return f"{kind} {chr(sub) if isinstance(sub, int) and 0 <= sub < 0x80 else sub}"
    return kind


def _feed(event: dict) -> str:
    feed = event.get("feed")
    if feed == "open":
        return "feed is off"
    if event.get("first"):
        return "is fed: -48 V"
    return f"feed is on again after {event['open_ms']} ms" if event.get("open_ms") else ""


def _loop(event: dict) -> str:
    state = "closed" if event.get("closed") else "open"
    return f"loop {state}: {event.get('ma', 0):g} mA at {event.get('volts', 0):g} V"


def _tone(event: dict) -> str:
    tone = event.get("tone", "none")
    return "hears no tone any more" if tone == "none" else f"hears {TONE_WORDS.get(tone, tone)}"


def _ring(event: dict) -> str:
    return "rings" if event.get("on") else f"stops ringing after {event.get('ms', 0) / 1000:.1f} s"


def _callerid(event: dict) -> str:
    if event.get("fault"):
        return f"gets a Caller ID that it cannot show: {event['fault']}"
    if event.get("waiting") and not event.get("number"):
        return f"lamp for waiting messages {event['waiting']}"
    name = event.get("name") or (f"name {event['name_why']}" if event.get("name_why") else "")
    return f"shows {' '.join(filter(None, (event.get('number') or event.get('why', 'nothing'), name)))}"


def _polarity(event: dict) -> str:
    return "polarity is reversed" if event.get("polarity") == "reversed" else "polarity is normal again"


def _play(event: dict) -> str:
    level = "" if event.get("dbm0") is None else f" at {event['dbm0']:g} dBm0"
    return f"speaks for {event.get('seconds', 0):g} s{level}"


def _frame(event: dict) -> str:
    name = frame_name(event)
    if name.split()[0] in DULL and not event.get("retry"):
        return ""
    way = "-->" if event.get("dir") == "out" else "<--"
    again = " again" if event.get("retry") else ""
    return f"{way} {name}{again}{' (lost on the way)' if event.get('lost') else ''}"


# What the port's states mean to the person at the telephone; the others show by what is heard.
_PORT_WORDS = {
    "COLLECT": "collects digits",
    "CALLING": "has the whole number and calls",
    "EARLY": "hears the far end before the answer",
    "TALK": "is through",
    "RINGING": "is called",
    "LOCKOUT": "gives up on the receiver: silent until it is hung up",
    "ON_HOOK": "is idle again",
}
_REFUSED_CAUSES = (29, 50)  # what Asterisk says to a wrong name or secret


def _port(event: dict) -> str:
    return _PORT_WORDS.get(str(event.get("state")), "")


def _account(event: dict) -> str:
    """Name the account where there is more than the first."""
    number = event.get("account", 1)
    return "" if number == 1 else f"account {number} "


def _through(event: dict) -> str:
    number = event.get("account", 1)
    return "" if number == 1 else f", through account {number}"


def _registered(event: dict) -> str:
    return f"{_account(event)}is registered, for {event.get('refresh_s', 0)} s"


def _unregistered(event: dict) -> str:
    cause, who = event.get("cause", 0), _account(event)
    if cause in _REFUSED_CAUSES:
        prefix = f"account.{event.get('account', 1)}."
        return f"{who}is refused (cause {cause}): check {prefix}user and {prefix}secret"
    return f"{who}is not registered (cause {cause})" if cause else f"{who}is not registered"


_STRAY_WORDS = {
    "short": "a break too short",
    "long": "a break too long",
    "many": "more than any digit has",
    "mixed": "too different from each other",
    "slow": "the dial runs too slowly",
}


def _stray(event: dict) -> str:
    why = event.get("why", "")
    return f"makes no digit of {event.get('pulses')} pulses: {_STRAY_WORDS.get(why, why)}"


def _server(event: dict) -> str:
    return f"account {event.get('account', 1)} goes to its {event.get('server')} server"


def _call_down(event: dict) -> str:
    return f"the call is over, cause {event.get('cause', 0)}"


_WORDS: "dict[tuple[str, str], Callable[[dict], str]]" = {
    ("phone", "lift"): lambda e: "lifts the receiver",
    ("phone", "hang"): lambda e: "hangs up",
    ("phone", "flash"): lambda e: f"taps the hook for {e.get('ms')} ms",
    ("phone", "dtmf"): lambda e: f"presses {e.get('digits')}",
    ("phone", "pulse"): lambda e: f"dials {e.get('digits')} by pulses",
    ("phone", "hum"): lambda e: f"hums {e.get('hz'):g} Hz for {e.get('seconds'):g} s",
    ("phone", "play"): _play,
    ("phone", "ring"): _ring,
    ("phone", "car"): lambda e: "is woken by CAR" if e.get("on") else "",
    ("phone", "callerid"): _callerid,
    ("phone", "dtas"): lambda e: f"gets the alerting signal, {e.get('ms')} ms",
    ("phone", "polarity"): _polarity,
    ("phone", "open"): lambda e: "",  # the line tells it
    ("phone", "primary answer"): lambda e: "answers to be told who calls",
    ("phone", "primary hang-up"): lambda e: "hangs up, to ring",
    ("phone", "cas"): lambda e: "hears CAS, falls silent and acknowledges by D",
    ("phone", "unmute"): lambda e: "listens again",
    ("phone", "tone"): _tone,
    ("phone", "voice"): lambda e: "hears a voice" if e.get("on") else "the voice falls silent",
    ("line", "feed"): _feed,
    ("line", "loop"): _loop,
    ("net", "frame"): _frame,
    ("firmware", "boot"): lambda _event: "starts, the line off",
    ("firmware", "registered"): _registered,
    ("firmware", "unregistered"): _unregistered,
    ("firmware", "server"): _server,
    ("firmware", "port"): _port,
    ("firmware", "call"): lambda _event: "",  # the frames tell it
    ("firmware", "tone"): lambda _event: "",  # the telephone hears it
    ("firmware", "feed"): lambda _event: "",  # the line shows it
    ("firmware", "digit"): lambda e: f"understands {e.get('digit')}",
    ("firmware", "flash"): lambda e: "takes it for a flash" + (" and tells the PBX" if e.get("sent") else ""),
    ("firmware", "pulse"): lambda e: f"counts {e.get('digit')}",
    ("firmware", "stray"): _stray,
    ("firmware", "signal"): lambda _event: "",  # the telephone tells what it got
    ("firmware", "callerid"): lambda _event: "",
    ("firmware", "call_up"): lambda e: f"the call is up{_through(e)}",
    ("firmware", "call_down"): _call_down,
}


def words(event: dict, verbose: bool = False) -> str:
    """What an event says, without time; "" if it is not worth a line."""
    tell = _WORDS.get((event.get("who", ""), event.get("what", "")))
    text = tell(event) if tell else _in_own_words(event)
    return text or (_in_own_words(event) if verbose else "")


def _in_own_words(event: dict) -> str:
    values = [
        f"{k} {v}" for k, v in event.items() if k not in ("t_ms", "who", "what") and v not in (None, "")
    ]
    return " ".join([str(event.get("what", "?")).replace("_", " "), *values])


def line_of(event: dict, verbose: bool = False) -> str:
    """One line of the story, or ""."""
    text = words(event, verbose)
    return f"{event.get('t_ms', 0) / 1000:9.3f} s  {event.get('who', '?'):<8}  {text}" if text else ""


class Story:
    """Prints events as they come; `colour` for a terminal."""

    def __init__(self, out: TextIO = sys.stdout, verbose: bool = False, colour: "bool | None" = None) -> None:
        self._out = out
        self._verbose = verbose
        self._colour = out.isatty() if colour is None else colour

    def tell(self, event: dict) -> None:
        """Print the event's line, if it has one."""
        line = line_of(event, self._verbose)
        if not line:
            return
        if self._colour:
            line = f"\033[{_COLOURS.get(event.get('who', ''), '0')}m{line}\033[0m"
        print(line, file=self._out, flush=True)
