"""What a Caller ID display makes of the octets and digits that its modem got: message formats, not timing.

SDMF and MDMF (Bellcore GR-30, ETSI EN 300 659-3): type, length, body, checksum. NTT: the same parameters in a
frame with even parity and a CRC. DTMF: a few letters around the number. A display shows nothing of a message
that is damaged; `fault` says why.
"""

_MDMF_CALL, _MDMF_WAITING, _SDMF_CALL, _SDMF_WAITING, _NTT_CALL = 0x80, 0x82, 0x04, 0x06, 0x40
_DATE, _NUMBER, _WHY_NO_NUMBER, _REASON, _QUALIFIER, _NAME, _WHY_NO_NAME = 1, 2, 4, 5, 6, 7, 8
_INDICATOR, _CALL_TYPE, _N_MESSAGES, _REASON_ETSI, _REDIRECTING = 0x0B, 0x11, 0x13, 0x15, 0x1A
_DLE, _SOH, _STX, _ETX = 0x10, 0x01, 0x02, 0x03
_REASONS = {1: "busy", 2: "no answer", 3: "always"}  # why a call was redirected
_QUALIFIERS = {"L": "long distance"}
_WHY = {"P": "private", "O": "unavailable"}
_LETTERS = {
    _WHY_NO_NUMBER: ("why", _WHY),
    _WHY_NO_NAME: ("name_why", _WHY),
    _QUALIFIER: ("qualifier", _QUALIFIERS),
}
_DTMF_WHY = {"00": "unavailable", "10": "private"}  # after B
_DANISH_WHY = {"1": "private", "2": "unavailable", "3": "unavailable"}  # D1# restricted, abroad, technical


class CallerId:
    """One message as displayed. `why` and `name_why` are "private", "unavailable", another letter, or ""."""

    def __init__(self, form: str) -> None:
        self.form = form  # mdmf, sdmf, ntt, dtmf
        self.fault = ""
        self.number = ""
        self.why = ""
        self.name = ""
        self.name_why = ""
        self.date = ""  # MMDDHHMM
        self.waiting: "bool | None" = None  # message waiting, if that is what it tells
        self.call_type = 0
        self.redirecting = ""  # the number that sent the call here …
        self.reason = ""  # … and why: busy, no answer, always, or a number
        self.qualifier = ""  # "long distance", or another letter
        self.messages: "int | None" = None  # that wait
        self.params: "list[tuple[int, bytes]]" = []

    @property
    def good(self) -> bool:
        """True if there is nothing wrong with it."""
        return not self.fault

    def shown(self) -> dict:
        """What the display shows, without what is empty."""
        waiting = None if self.waiting is None else ("on" if self.waiting else "off")
        values = {
            "number": self.number, "why": self.why, "name": self.name, "name_why": self.name_why,
            "date": self.date, "waiting": waiting, "redirecting": self.redirecting, "reason": self.reason,
            "qualifier": self.qualifier, "messages": self.messages,
        }  # fmt: skip
        return {k: v for k, v in values.items() if v not in ("", None)}


def of_octets(octets: bytes) -> CallerId:
    """Read what a modem received."""
    ntt = octets[:2] == bytes((_DLE | 0x80, _SOH | 0x80))
    return _of_ntt(octets) if ntt else _of_bellcore(octets)


def _of_bellcore(octets: bytes) -> CallerId:
    shown = CallerId("sdmf" if octets[:1] in (b"\x04", b"\x06") else "mdmf")
    if len(octets) < 3 or len(octets) < octets[1] + 3:
        shown.fault = f"the message is cut off after {len(octets)} octets"
        return shown
    n = octets[1] + 2
    if sum(octets[: n + 1]) & 0xFF:
        shown.fault = "the checksum is wrong"
        return shown
    kind, body = octets[0], octets[2:n]
    if kind == _SDMF_CALL:
        _sdmf(shown, body)
    elif kind == _SDMF_WAITING:
        shown.waiting = {b"BBB": True, b"ooo": False}.get(body)
        shown.fault = "" if shown.waiting is not None else "the message is neither on nor off"
    elif kind in (_MDMF_CALL, _MDMF_WAITING):
        _parameters(shown, body)
    else:
        shown.fault = f"no such message: 0x{kind:02X}"
    return shown


def _sdmf(shown: CallerId, body: bytes) -> None:
    text = body.decode("latin-1")
    shown.date, rest = text[:8], text[8:]
    if rest in _WHY:
        shown.why = _WHY[rest]
    elif rest.isdigit():
        shown.number = rest
    if len(body) < 9 or not shown.date.isdigit() or not (shown.why or shown.number):
        shown.fault = f"no date and number: {text!r}"


def _parameters(shown: CallerId, body: bytes) -> None:
    """Walk through parameters; complain of one that is cut off or odd."""
    at = 0
    while at < len(body):
        n = body[at + 1] if at + 1 < len(body) else 999
        if at + 2 + n > len(body):
            shown.fault = "a parameter is cut off"
            return
        kind, data = body[at], bytes(body[at + 2 : at + 2 + n])
        shown.params.append((kind, data))
        _parameter(shown, kind, data)
        at += 2 + n
    if not shown.params:
        shown.fault = "an empty message"


def _parameter(shown: CallerId, kind: int, data: bytes) -> None:
    text = data.decode("latin-1")
    words = {_NUMBER: "number", _NAME: "name", _REDIRECTING: "redirecting", _DATE: "date"}
    if kind in words:
        setattr(shown, words[kind], text)
        if not text:
            shown.fault = f"parameter {kind} is empty"
        if kind == _DATE and (len(text) != 8 or not text.isdigit()):
            shown.fault = f"no date: {text!r}"
    elif kind in _LETTERS:
        name, meanings = _LETTERS[kind]
        setattr(shown, name, meanings.get(text, text))
    elif kind == _INDICATOR:
        shown.waiting = data == b"\xff"
    elif data:
        _parameter_of_one_octet(shown, kind, data[0])


def _parameter_of_one_octet(shown: CallerId, kind: int, value: int) -> None:
    if kind == _CALL_TYPE:
        shown.call_type = value
    elif kind in (_REASON, _REASON_ETSI):
        shown.reason = _REASONS.get(value, str(value))
    elif kind == _N_MESSAGES:
        shown.messages = value


def crc(octets: bytes) -> int:
    """The CRC of an NTT frame: x^16 + x^12 + x^5 + 1, low bit first, from 0."""
    value = 0
    for octet in octets:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
    return value


def _ntt_end(octets: bytes) -> int:
    """Where DLE ETX stands; -1 if it does not. DLE needs its parity bit, ETX does not."""
    at = 2
    while at < len(octets) - 1:
        if octets[at] == _DLE | 0x80:
            if octets[at + 1] == _ETX:
                return at
            at += 1
        at += 1
    return -1


def _of_ntt(octets: bytes) -> CallerId:
    """DLE SOH head DLE STX type length parameters DLE ETX CRC CRC; a DLE within is doubled."""
    shown = CallerId("ntt")
    end = _ntt_end(octets)
    if end < 0 or len(octets) < end + 4:
        shown.fault = f"the frame is cut off after {len(octets)} octets"
        return shown
    if any(bin(octet).count("1") & 1 for octet in octets[: end + 2]):
        shown.fault = "the parity is wrong"
    elif crc(octets[2 : end + 2]) != octets[end + 2] | octets[end + 3] << 8:
        shown.fault = "the CRC is wrong"
    if shown.fault:
        return shown
    plain = bytes(octet & 0x7F for octet in octets[2:end])
    body = plain[3:].replace(bytes((_DLE, _DLE)), bytes((_DLE,)))
    if plain[1:3] != bytes((_DLE, _STX)) or len(body) < 2 or body[0] != _NTT_CALL or body[1] != len(body) - 2:
        shown.fault = "no frame of a call: " + plain.hex(" ")
        return shown
    _parameters(shown, body[2:])
    return shown


def of_digits(digits: str) -> CallerId:
    """Read digits: A number [D redirecting] [B code] C; A number #; D code #; D number C; number #."""
    shown = CallerId("dtmf")
    inner, last = digits[:-1], digits[-1:]
    if last not in ("C", "#"):
        shown.fault = f"{digits} has no end"
    elif inner[:1] == "D":
        _danish_or_taiwanese(shown, inner[1:], last)
    elif inner[:1] == "A" and last == "C":
        number, _, code = inner[1:].partition("B")
        shown.number, _, shown.redirecting = number.partition("D")
        shown.why = _DTMF_WHY.get(code, code)
    else:
        shown.number = inner.lstrip("A") if last == "#" else ""
    if not shown.fault and not shown.why and not shown.number.isdigit():
        shown.fault = f"{digits} tells no number"
    return shown


def _danish_or_taiwanese(shown: CallerId, inner: str, last: str) -> None:
    if last == "#":
        shown.why = _DANISH_WHY.get(inner, "")
    elif inner.strip("0"):
        shown.number = inner
    else:
        shown.why = "unavailable"
