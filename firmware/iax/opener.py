"""The content of NEW and the choice of a codec (RFC 5456, sections 6.2.2, 8.6.7 and 8.6.8).

Formats are known by their bit number; every format an ATA can play lies in the low 16 bits of the masks.
"""

from micropython import const

from iax import ie

_IE_CALLED_NUMBER = const(1)  # proto.IE_CALLED_NUMBER
_IE_CALLING_NUMBER = const(2)  # proto.IE_CALLING_NUMBER
_IE_CALLING_NAME = const(4)  # proto.IE_CALLING_NAME
_IE_USERNAME = const(6)  # proto.IE_USERNAME
_IE_CAPABILITY = const(8)  # proto.IE_CAPABILITY
_IE_FORMAT = const(9)  # proto.IE_FORMAT
_IE_VERSION = const(11)  # proto.IE_VERSION
_IE_CALLINGPRES = const(38)  # proto.IE_CALLINGPRES
_IE_CALLINGTON = const(39)  # proto.IE_CALLINGTON
_IE_CALLINGTNS = const(40)  # proto.IE_CALLINGTNS
_IE_CAUSECODE = const(42)  # proto.IE_CAUSECODE
_IE_CODEC_PREFS = const(45)  # proto.IE_CODEC_PREFS
_IE_CAPABILITY2 = const(55)  # proto.IE_CAPABILITY2
_IE_FORMAT2 = const(56)  # proto.IE_FORMAT2
_VERSION = const(2)  # proto.VERSION
_FULL_HDR = const(12)  # proto.FULL_HDR
_PREFS_BASE = const(66)  # Asterisk writes format bits 1 … 6 as letters from 'C' on


def mask(laws: bytes) -> int:
    """Return the format mask of a list of format bit numbers (all below 16)."""
    bits = 0
    for law in laws:
        bits |= 1 << law
    return bits


def put_new(buf: bytearray, at: int, account, number: bytes) -> int:
    """Write the elements of a NEW that calls `number`, without the token; return the end.

    The seven that section 6.2.2 calls mandatory, VERSION first, then who calls.
    """
    at = ie.put_uint(buf, at, _IE_VERSION, 2, _VERSION)
    at = ie.put(buf, at, _IE_CALLED_NUMBER, number)
    at = ie.put(buf, at, _IE_CODEC_PREFS, bytes([law + _PREFS_BASE for law in account.laws]))
    at = ie.put(buf, at, _IE_CALLING_NUMBER, account.number)
    at = ie.put_uint(buf, at, _IE_CALLINGPRES, 1, 0)
    at = ie.put_uint(buf, at, _IE_CALLINGTON, 1, 0)
    at = ie.put_uint(buf, at, _IE_CALLINGTNS, 2, 0)
    at = ie.put(buf, at, _IE_CALLING_NAME, account.name)
    at = ie.put(buf, at, _IE_USERNAME, account.user)
    at = ie.put_uint(buf, at, _IE_FORMAT, 4, 1 << account.laws[0])
    return ie.put_uint(buf, at, _IE_CAPABILITY, 4, mask(account.laws))


def _formats(buf: bytes, n: int, wide: int, narrow: int) -> int:
    """The low 16 bits of a 64-bit mask, or of its 32-bit elder if that is absent or zero; -1: neither."""
    bits = ie.uint(buf, ie.find(buf, _FULL_HDR, n, wide), 9)
    if bits > 0:
        return bits
    old = ie.uint(buf, ie.find(buf, _FULL_HDR, n, narrow), 4)
    return bits if old < 0 else old


def accepted_law(buf: bytes, n: int, laws: bytes) -> int:
    """Return the format bit an ACCEPT chose; our first wish if it names none; -1 if it is none of `laws`."""
    bits = _formats(buf, n, _IE_FORMAT2, _IE_FORMAT)
    return laws[0] if bits < 0 else _first(bits, laws)


def offered_law(buf: bytes, n: int, laws: bytes) -> int:
    """Return the first of `laws` that a NEW offers as its wish or among its capabilities, -1 if none."""
    wish = _formats(buf, n, _IE_FORMAT2, _IE_FORMAT)
    able = _formats(buf, n, _IE_CAPABILITY2, _IE_CAPABILITY)
    return _first((wish if wish > 0 else 0) | (able if able > 0 else 0), laws)


def _first(bits: int, laws: bytes) -> int:
    for law in laws:
        if bits >> law & 1:
            return law
    return -1


def cause(buf: bytes, n: int, otherwise: int) -> int:
    """Return the Q.850 cause of a HANGUP, REJECT or REGREJ of `n` octets, `otherwise` if it has none."""
    code = ie.uint(buf, ie.find(buf, _FULL_HDR, n, _IE_CAUSECODE), 1)
    return otherwise if code < 0 else code


def copy_text(buf: bytes, n: int, number: int, most: int) -> bytes:
    """Return a copy of text element `number`, cut to `most` octets; b"" if absent."""
    at = ie.find(buf, _FULL_HDR, n, number)
    size = buf[at - 1] if at else 0
    return bytes(buf[at : at + (size if size < most else most)])
