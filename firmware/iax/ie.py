"""Information elements: check a list once, then find by number; put at the end of a frame (RFC 5456, 8.6).

A value is named by the offset of its first octet; its length stands one octet before it. Offset 0 means
"not there", for no value can stand in a frame's header.
"""

from iax.frame import put_u16


def check(buf: bytes, at: int, end: int) -> bool:
    """True if octets `at` … `end` are whole elements: no stray octet, none longer than what is left."""
    while at < end:
        if at + 2 > end:
            return False
        at += 2 + buf[at + 1]
    return at == end


def find(buf: bytes, at: int, end: int, number: int) -> int:
    """Return the offset of the value of element `number` in a checked list, 0 if absent; the last wins."""
    found = 0
    while at < end:
        if buf[at] == number:
            found = at + 2
        at += 2 + buf[at + 1]
    return found


def uint(buf: bytes, at: int, size: int) -> int:
    """Return the low 16 bits of the number at `at` if it has exactly `size` octets (1 … 9), else -1."""
    if at == 0 or buf[at - 1] != size:
        return -1
    last = at + size - 1
    return buf[last] if size == 1 else buf[last - 1] << 8 | buf[last]


def put(buf: bytearray, at: int, number: int, value: bytes) -> int:
    """Write element `number` with `value` (at most 255 octets); return the offset behind it."""
    n = len(value)
    buf[at] = number
    buf[at + 1] = n
    at += 2
    buf[at : at + n] = value
    return at + n


def put_uint(buf: bytearray, at: int, number: int, size: int, value: int) -> int:
    """Write element `number` as `size` octets (1, 2 or 4), big-endian, 0 <= value < 2**30; return the end."""
    buf[at] = number
    buf[at + 1] = size
    at += 2
    if size == 4:
        put_u16(buf, at, value >> 16)
        at += 2
    if size == 1:
        buf[at] = value
        return at + 1
    put_u16(buf, at, value)
    return at + 2
