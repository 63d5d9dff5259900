"""What a caller told: reading the elements of an incoming NEW, `leg.told`. Loaded when somebody asks.

Nothing here trusts the octets: what is not there, of a wrong size or no text reads as absent, and no octets
at all raise an exception. Elements are named by their numbers in proto.py. RFC 5456, section 8.6.
"""

from micropython import const

from iax import date

_IE_CALLING_NUMBER = const(2)  # proto.IE_CALLING_NUMBER
_IE_CALLING_NAME = const(4)  # proto.IE_CALLING_NAME
_IE_DATETIME = const(31)  # proto.IE_DATETIME
_IE_CALLINGPRES = const(38)  # proto.IE_CALLINGPRES
_IE_VARIABLE = const(52)  # proto.IE_VARIABLE

_SHOWN = const(0)
_PRIVATE = const(1)
_UNAVAILABLE = const(2)


def values(told: bytes, number: int) -> "list[bytes]":
    """Return the values of all elements `number`, in their order."""
    found = []
    at = 0
    while at + 2 <= len(told) and at + 2 + told[at + 1] <= len(told):
        end = at + 2 + told[at + 1]
        if told[at] == number:
            found.append(bytes(told[at + 2 : end]))
        at = end
    return found


def text(told: bytes, number: int, most: int) -> bytes:
    """Return text element `number` without control characters, cut to whole characters in `most` octets.

    The last one wins; b"" if absent. Of what is not UTF-8 only the ASCII is left.
    """
    found = values(told, number)
    octets = found[-1] if found else b""
    try:
        chars = octets.decode()
    except UnicodeError:
        chars = "".join([chr(octet) for octet in octets if octet < 128])
    made = bytearray()
    for char in chars:
        if ord(char) < 32 or 127 <= ord(char) < 160:
            continue
        octets = char.encode()
        if len(made) + len(octets) > most:
            break
        made.extend(octets)
    return bytes(made)


def uint(told: bytes, number: int, size: int) -> int:
    """Return element `number` if its last one has exactly `size` octets, else -1. Big-endian."""
    found = values(told, number)
    if not found or len(found[-1]) != size:
        return -1
    value = 0
    for octet in found[-1]:
        value = value << 8 | octet
    return value


def presentation(told: bytes) -> int:
    """Return 0 if number and name may be shown, 1 if they are private, 2 if they are not available.

    What is neither allowed nor named by section 8.6.29 is private. No number and no name is not available.
    """
    says = uint(told, _IE_CALLINGPRES, 1)
    if says < 0 or says & 0x60 == 0:
        someone = text(told, _IE_CALLING_NUMBER, 4) or text(told, _IE_CALLING_NAME, 4)
        return _SHOWN if someone else _UNAVAILABLE
    return _UNAVAILABLE if says & 0x60 == 0x40 else _PRIVATE


def variables(told: bytes) -> "list[tuple[bytes, bytes]]":
    """Return (name, value) of each variable; what came in pieces under one name is joined.

    The RFC gives the same number to blocks of an OSP token: what is not text with a `=` is none of ours.
    """
    made: "list[tuple[bytes, bytes]]" = []
    for piece in values(told, _IE_VARIABLE):
        name, found, value = piece.partition(b"=")
        if not found or not name or min(piece) < 32:
            continue
        for i in range(len(made)):
            if made[i][0] == name:
                made[i] = (name, made[i][1] + value)
                break
        else:
            made.append((name, value))
    return made


def formats(told: bytes, wide: int, narrow: int) -> int:
    """Return a 64-bit mask of formats: of element `wide` if it is there and not zero, else of `narrow`; or 0.

    FORMAT2 and FORMAT for the wish, CAPABILITY2 and CAPABILITY for all the caller can.
    """
    bits = uint(told, wide, 9)  # an octet of version, 0, and 64 bits
    if 0 < bits < 1 << 64:
        return bits
    bits = uint(told, narrow, 4)
    return bits if bits > 0 else 0


def date30(told: bytes) -> int:
    """Return the date and time of the call by the caller's clock (iax/date.py), -1 if absent or no date."""
    found = values(told, _IE_DATETIME)
    return date.read(found[-1], 0) if found and len(found[-1]) == 4 else -1
