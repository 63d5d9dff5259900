"""Caller ID messages: who calls, as bits for dsp/fsk.py or as digits. Passing: loaded when a call comes in.

| form          | message                       | octets of number, name | seizure, mark bits |
|---------------|-------------------------------|-----------------------:|-------------------:|
| sdmf          | Bellcore, date and number     |                 16,  0 |           300, 180 |
| mdmf          | Bellcore (GR-30-CORE)         |                 16, 15 |           300, 180 |
| etsi          | EN 300 659-3                  |                 20, 20 |           300, 180 |
| uk            | SIN 227: call type goes first |                 18, 20 |           300,  80 |
| ntt           | Japan: line/ntt.py            |                 32,  0 |             0, 120 |
| dtmf1 … dtmf4 | digits: `_dtmf`               |                 20,  0 |                    |

To a telephone off-hook (Type II) there is no seizure, and 80 mark bits. What a call may tell, all optional:
number, name, redirect: bytes;  why: "P" private, "O" not available, in Japan also "C" and "S";  plus: what a
leading + of a number becomes ("00");  reason of a redirection: 1 busy, 2 no answer, 3 always, 4 and 5
deflected, 6 not reachable;  qualifier: "L" long distance;  type: call type of ETSI (1 voice);  extra: bytes,
whole parameters to be added as they are.
"""

from micropython import const

from line import letters as book

_MOST = {"sdmf": (16, 0), "mdmf": (16, 15), "etsi": (20, 20), "uk": (18, 20), "ntt": (32, 0)}
_DTMF = (20, 0)
_SEIZURE = const(300)  # bits of alternating space and mark
_MARKS = const(180)
_MARKS_SHORT = const(80)
_MARKS_NTT = const(120)
_TAIL = const(10)  # mark bits after the last octet
_BODY = const(255)  # octets that the length of a message can tell


def make(form: str, call: dict, date30: int, letters, on_hook: bool = True):
    """Return (bits, number of bits) of a message for Fsk.start, or for dtmf1 … dtmf4 a str of digits.

    date30: as iax/date.py tells it, -1 unknown.  letters: iterable of the rows of letters.txt; read only if
    the name is not ASCII.  on_hook: False for Type II. The digits are "" if the form cannot say why there is
    no number.
    """
    most, most_name = _MOST.get(form, _DTMF)
    why = call.get("why") or ""
    number = "" if why else digits(call.get("number", b""), call.get("plus", "00"), most)
    if form[:4] == "dtmf":
        redirect = digits(call.get("redirect", b""), call.get("plus", "00"), most)
        return _dtmf(form, _plain(number), why, _plain(redirect))
    if form == "sdmf":
        octets = _sdmf(number or why[:1] or "O", date30)
    elif form == "ntt":
        from line import ntt

        octets = ntt.frame(number, why[:1] or "O", call.get("extra", b""))
        return bits_of(octets, 0, _MARKS_NTT)
    else:
        octets = _mdmf(form, call, number, _name(call, number, why, most_name, letters), date30)
    return _framed(form, octets, on_hook)


def vmwi(form: str, waiting: int, on_hook: bool = True) -> tuple:
    """Return (bits, number of bits) of a visual message waiting indication; no bits if `form` has none.

    waiting: new messages, 0 none.
    """
    if form == "sdmf":
        octets = bytearray(b"\x06\x03" + (b"BBB" if waiting else b"ooo"))
    elif form == "mdmf" or form == "etsi" or form == "uk":
        octets = bytearray(b"\x82\0")
        _put(octets, 0x0B, b"\xff" if waiting else b"\0")
        if form != "mdmf":
            _put(octets, 0x13, bytes((min(waiting, 255),)))
    else:
        return bytearray(0), 0
    return _framed(form, _sealed(octets), on_hook)


def digits(number: bytes, plus: str, most: int) -> str:
    """Return the digits, * and # of `number`, its last `most`; "" if it is no number, like a name.

    plus: what a leading + becomes. Of a number too long the end is kept, by which telephones find a name.
    """
    made = ""
    for octet in number:
        char = chr(octet)
        if char in "0123456789*#":
            made += char
        elif char == "+" and not made:
            made = plus
        elif char not in " -./()":
            return ""
    return made[-most:]


def _plain(number: str) -> str:
    """Return `number` without * and #."""
    return number.replace("*", "").replace("#", "")


def _name(call: dict, number: str, why: str, most: int, letters) -> str:
    """Return the name in ASCII. Who has neither name nor number that can be shown may have a word for one."""
    if why[:1] == "P":
        return ""
    name = call.get("name", b"")
    if not name and not number and not why:
        name = call.get("number", b"")
    return book.plain(name, letters)[:most].strip()


def _date(date30: int) -> str:
    """Return MMDDHHMM."""
    month, day = date30 >> 21 & 15, date30 >> 16 & 31
    return "%02d%02d%02d%02d" % (month, day, date30 >> 11 & 31, date30 >> 5 & 63)


def _sdmf(who: str, date30: int) -> bytearray:
    """Return a message that must have a date: the first minute of a year if there is none."""
    body = ("01010000" if date30 < 0 else _date(date30)) + who
    return _sealed(bytearray(b"\x04\0" + body.encode()))


def _mdmf(form: str, call: dict, number: str, name: str, date30: int) -> bytearray:
    octets = bytearray(b"\x80\0")
    why = (call.get("why") or "O")[:1].encode()
    kind = call.get("type", 1 if form == "uk" else 0)
    if kind and form != "mdmf":
        _put(octets, 0x11, bytes((kind,)))
    _put(octets, 0x01, b"" if date30 < 0 else _date(date30).encode())
    _put(octets, 0x02 if number else 0x04, number.encode() or why)
    _put(octets, 0x07 if name else 0x08, name.encode() or why)
    _redirection(octets, form, call)
    if form == "mdmf":
        _put(octets, 0x06, call.get("qualifier", "").encode())
    _put(octets, -1, call.get("extra", b""))
    return _sealed(octets)


def _redirection(octets: bytearray, form: str, call: dict) -> None:
    """Add why and from where the call was redirected: Bellcore has the reason alone, and codes of its own."""
    reason = call.get("reason", 0)
    if form == "mdmf":
        reason = (0, 1, 2, 3, 5, 5, 2)[reason] if 0 < reason <= 6 else 0
        _put(octets, 0x05, bytes((reason,)) if reason else b"")
        return
    redirect = digits(call.get("redirect", b""), call.get("plus", "00"), 20)
    _put(octets, 0x1A, redirect.encode())
    _put(octets, 0x15, bytes((reason,)) if redirect or reason else b"")


def _put(octets: bytearray, kind: int, value: bytes) -> None:
    """Add a parameter, if it has a value and there is room; kind -1: `value` is whole parameters."""
    if value and len(octets) - 2 + len(value) + (2 if kind >= 0 else 0) <= _BODY:
        if kind >= 0:
            octets.append(kind)
            octets.append(len(value))
        octets.extend(value)


def _sealed(octets: bytearray) -> bytearray:
    """Write the length and add the checksum: all octets make 0 modulo 256."""
    octets[1] = len(octets) - 2
    octets.append(-sum(octets) & 255)
    return octets


def _framed(form: str, octets: bytearray, on_hook: bool) -> tuple:
    marks = _MARKS if on_hook and form != "uk" else _MARKS_SHORT
    return bits_of(octets, _SEIZURE if on_hook else 0, marks)


def bits_of(octets: bytearray, seizure: int, marks: int) -> tuple:
    """Return (bits, number of bits): seizure (even), marks, each octet with its start and stop bit, marks."""
    at = seizure + marks
    n_bits = at + 10 * len(octets) + _TAIL
    bits = bytearray(b"\xff" * ((n_bits + 15) // 8))
    for i in range(0, seizure, 2):
        bits[i >> 3] &= ~(1 << (i & 7)) & 255
    for octet in octets:
        zeros = (1 | (octet ^ 0xFF) << 1) << (at & 7)
        bits[at >> 3] &= ~zeros & 255
        bits[(at >> 3) + 1] &= ~(zeros >> 8) & 255
        at += 10
    return bits, n_bits


def _dtmf(form: str, number: str, why: str, redirect: str) -> str:
    """Return the digits of dtmf1 … dtmf4.

    1  A number [D redirecting] C, or B00C not available, B10C restricted: Sweden, Finland, Brazil, India …
    2  A number #, or D1# restricted, D3# not available: Denmark, Netherlands
    3  D number C, or ten zeros for the number: Taiwan, Kuwait, Netherlands
    4  number #: Denmark, Netherlands, of old
    """
    private = why[:1] == "P"
    if form == "dtmf1":
        tail = "D" + redirect + "C" if redirect else "C"
        if number:
            return "A" + number + tail
        return ("B10" if private else "B00") + "C"
    if form == "dtmf2":
        if number:
            return "A" + number + "#"
        return "D1#" if private else "D3#"
    if form == "dtmf3":
        return "D" + (number or "0000000000") + "C"
    return number + "#" if number else ""
