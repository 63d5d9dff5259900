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
_WAITING_CALL = const(1)  # codes.ANNOUNCE_WAITING_CALL
_MESSAGES = const(2)  # codes.ANNOUNCE_MESSAGES
_CALLWAITING = const(7)  # codes.TONE_CALLWAITING
_IN_A_CALL = "sdmf mdmf etsi uk".split()  # forms that a telephone takes in a call: Type II
_PLUS = "mdmf 011 sdmf 011 ntt 010 . 00".split()  # form, and what people there dial for it
_REASONS = (b"1", b"2", b"3", b"4", b"5", b"6")  # of a redirection (EN 300 659-3, 5.4.6)
_WHY = ("", "P", "O")  # told.presentation as a telephone names it
_DTAS = "!2130+2750@-15/100"
_CAS = "!2130+2750@-15/80"
_KEYS = "123A456B789C*0#D"
_ROWS_HZ = (697, 770, 852, 941)
_COLUMNS_HZ = (1209, 1336, 1477, 1633)


def of(leg, form: str) -> dict:
    """Return what the caller on `leg` told, as line/callerid.py takes it."""
    elements = leg.told
    call = {
        "number": told.text(elements, _IE_CALLING_NUMBER, 40),
        "name": told.text(elements, _IE_CALLING_NAME, 80),
        "why": _WHY[told.presentation(elements)],
        "plus": _PLUS[_PLUS.index(form) + 1] if form in _PLUS else _PLUS[-1],
        "redirect": told.text(elements, _IE_RDNIS, 40),
    }
    for name, value in told.variables(elements):
        if name == b"callerid_qualifier" and len(value) == 1 and 64 < value[0] < 91:
            call["qualifier"] = value.decode()
        elif name == b"callerid_reason" and value in _REASONS:
            call["reason"] = int(value)
        elif name == b"callerid_type" and value.isdigit() and len(value) < 4:
            call["type"] = int(value) & 0xFF
    return call


def today(announcer, leg, now: int) -> int:
    """Return the date30 of now by the server's clock; else as the call itself says; -1 unknown."""
    if announcer.date30 < 0:
        return told.date30(leg.told)
    from iax import date

    then = date.seconds(announcer.date30)
    if then < 0:
        return -1
    return date.of(then + ticks.diff(now, announcer.date_at) // 1000)


def cadence(announcer, leg) -> str:
    """Return the cadence to ring with: the one that the call's variable `ring` names, else the profile's."""
    wanted = b""
    for name, value in told.variables(leg.told):
        if name == b"ring":
            wanted = value
    usual = announcer.style[5]
    if not wanted or b"/" in wanted:  # a caller may choose among our rings, not make his own
        return usual
    from line import tones

    try:
        return tones.cadence(announcer.store, wanted.decode())
    except ValueError:
        return usual  # a name that nobody knows, or no text


def prepare(announcer, what: int, leg, now: int) -> tuple:
    """Return (program, octets or digits of its message, 0 = none), and lend announcer what it is to send."""
    form, words = announcer.style[:2]
    text = "" if what else cadence(announcer, leg)
    if what == _WAITING_CALL and form not in _IN_A_CALL:
        announcer.tones = signals("", announcer.sounds)
        return programs.build("sas", ""), 0
    if form == "none":
        return programs.build("", text), 0
    from line import callerid

    if what >= _MESSAGES:
        words = programs.WAITING[announcer.lamp]
        made = callerid.vmwi(form, announcer.messages)
    else:
        words = programs.CALL_WAITING if what else words
        letters = announcer.store.rows("letters")
        made = callerid.make(form, of(leg, form), today(announcer, leg, now), letters, not what)
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


def signals(digits: str, profile: array) -> array:
    """Return all tones that a program may ask for, in one array; signal k begins at index [k].

    profile: the tones of this line (line/tones.py).
    """
    from line import tones

    sounds = array("h", bytes(12))
    if digits:
        keys = [_KEYS.index(digit) for digit in digits]
        text = ",".join(["!%d+%d/70,!0/70" % (_ROWS_HZ[key >> 2], _COLUMNS_HZ[key & 3]) for key in keys])
        sounds[2] = tones.parse(text, -9, sounds)
    sounds[3] = tones.parse(_DTAS, -15, sounds)
    at = profile[_CALLWAITING]
    if at:  # its first burst is the subscriber alerting signal
        sounds[4] = len(sounds)
        sounds.append(0)
        sounds.extend(profile[at + 1 : at + 4 + (profile[at + 1] & 7)])
        sounds.append(-1)
    sounds[5] = tones.parse(_CAS, -15, sounds)
    return sounds
