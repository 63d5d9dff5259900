"""What a call has to say, worked out for this line: a message for the telephone, a program that rings.

announcer.py loads this file when a call comes in, and forgets it and all that it loads at once. Nothing here
is in RAM while somebody telephones, nor while nobody calls.
"""

from array import array

from micropython import const

import ticks
from iax import told
from line import programs

_IE_CALLING_NUMBER = const(2)  # proto.IE_CALLING_NUMBER
_IE_CALLING_NAME = const(4)  # proto.IE_CALLING_NAME
_IE_RDNIS = const(28)  # proto.IE_RDNIS
_MESSAGES = const(2)  # codes.ANNOUNCE_MESSAGES
_CALLWAITING = const(7)  # codes.TONE_CALLWAITING
_PLUS = {"mdmf": "011", "sdmf": "011", "ntt": "010"}  # what people there dial for it
_WHY = ("", "P", "O")  # told.presentation as a telephone names it
_DTAS = "!2130+2750@-15/100"
_CAS = "!2130+2750@-15/80"
_DTMF = {"1": "697+1209", "2": "697+1336", "3": "697+1477", "A": "697+1633", "4": "770+1209", "5": "770+1336"}
_DTMF.update({"6": "770+1477", "B": "770+1633", "7": "852+1209", "8": "852+1336", "9": "852+1477"})
_DTMF.update({"C": "852+1633", "*": "941+1209", "0": "941+1336", "#": "941+1477", "D": "941+1633"})


def of(leg, form: str) -> dict:
    """Return what the caller on `leg` told, as line/callerid.py takes it."""
    elements = leg.told
    return {
        "number": told.text(elements, _IE_CALLING_NUMBER, 40),
        "name": told.text(elements, _IE_CALLING_NAME, 80),
        "why": _WHY[told.presentation(elements)],
        "plus": _PLUS.get(form, "00"),
        "redirect": told.text(elements, _IE_RDNIS, 40),
    }


def today(announcer, now: int) -> int:
    """Return the date30 of now by the server's clock, -1 if it never told."""
    if announcer.date30 < 0:
        return -1
    from iax import date

    return date.of(date.seconds(announcer.date30) + ticks.diff(now, announcer.date_at) // 1000)


def cadence(announcer, leg) -> str:
    """Return the cadence to ring with: the one that the call's variable `ring` names, else the profile's."""
    wanted = b""
    for name, value in told.variables(leg.told):
        if name == b"ring":
            wanted = value
    usual = announcer.style[5]
    if not wanted:
        return usual
    from line import tones

    try:
        return tones.cadence(announcer.store, wanted.decode())
    except ValueError:
        return usual  # a name that nobody knows, or no text


def plain(announcer, what: int) -> array:
    """Return the program that rings as the profile has it, and says nothing; an empty one for the rest."""
    return programs.build("", "" if what else announcer.style[5])


def prepare(announcer, what: int, leg, now: int) -> tuple:
    """Return (program, octets or digits of its message, 0 = none), and lend announcer what it is to send."""
    form, words = announcer.style[:2]
    if what >= _MESSAGES:
        words = programs.WAITING[announcer.lamp]
        text = ""
        made = _message(form, what)
    else:
        text = "" if what else cadence(announcer, leg)
        if form == "none":
            return programs.build("", text), 0
        if what:
            words = programs.CALL_WAITING
        made = _call(announcer, leg, now, what == 0)
    digits = ""
    if isinstance(made, str):
        digits = made
        n = len(made)
    else:
        from dsp import fsk

        announcer.fsk = fsk.Fsk()
        announcer.bits, announcer.n_bits = made
        n = len(announcer.bits)
    announcer.tones = signals(digits, announcer.sounds)
    return programs.build(words, text), n


def _message(form: str, what: int):
    from line import callerid

    return callerid.vmwi(form, what == _MESSAGES)


def _call(announcer, leg, now: int, on_hook: bool):
    from line import callerid

    return callerid.make(
        announcer.style[0],
        of(leg, announcer.style[0]),
        today(announcer, now),
        announcer.store.rows("letters"),
        on_hook,
    )


def signals(digits: str, profile: array) -> array:
    """Return all tones that a program may ask for, in one array; signal k begins at index [k].

    profile: the tones of this line (line/tones.py).
    """
    from line import tones

    sounds = array("h", bytes(12))
    if digits:
        pause = ",!0/70,"
        sounds[2] = tones.parse(pause.join(["!" + _DTMF[digit] + "/70" for digit in digits]), -9, sounds)
    sounds[3] = tones.parse(_DTAS, -15, sounds)
    at = profile[_CALLWAITING]
    if at:  # its first burst is the subscriber alerting signal
        sounds[4] = len(sounds)
        sounds.append(0)
        sounds.extend(profile[at + 1 : at + 4 + (profile[at + 1] & 7)])
        sounds.append(-1)
    sounds[5] = tones.parse(_CAS, -15, sounds)
    return sounds
