"""Full and mini frame headers: classify, read, put (RFC 5456, section 8.1).

This room reads octets that somebody else wrote: `classify` is asked first, then the readers cannot fail.
"""

from micropython import const

_FULL_HDR = const(12)  # proto.FULL_HDR
_MINI_HDR = const(4)  # proto.MINI_HDR

# What `classify` returns.
_BAD = const(0)
_FULL = const(1)
_MINI = const(2)
_META = const(3)


def u16(buf: bytes, at: int) -> int:
    """Read 16 bits, big-endian, at `at`."""
    return buf[at] << 8 | buf[at + 1]


def put_u16(buf: bytearray, at: int, value: int) -> None:
    """Write the low 16 bits of `value`, big-endian."""
    buf[at] = value >> 8 & 0xFF
    buf[at + 1] = value & 0xFF


def classify(buf: bytes, n: int) -> int:
    """Tell what a datagram of `n` octets is: 0 bad, 1 full, 2 mini, 3 meta or video (RFC 5456, 8.1.3).

    Full promises 12 octets, mini promises 4 and a source number; meta promises nothing.
    """
    if n < _MINI_HDR:
        return _BAD
    if buf[0] & 0x80:
        return _FULL if n >= _FULL_HDR else _BAD
    return _MINI if buf[0] or buf[1] else _META


def put_full(buf: bytearray, at: int, scallno: int, dcallno: int, ts_hi: int, ts_lo: int) -> None:
    """Write the call numbers and the time-stamp of a full frame; the caller adds octets 8 to 11.

    scallno, dcallno: 0 … 0x7FFF.  ts_hi, ts_lo: halves of the time-stamp in ms.  RFC 5456, section 8.1.1.
    """
    put_u16(buf, at, scallno | 0x8000)
    put_u16(buf, at + 2, dcallno)
    put_u16(buf, at + 4, ts_hi)
    put_u16(buf, at + 6, ts_lo)


def put_tail(buf: bytearray, at: int, oseq: int, iseq: int, ftype: int, csub: int) -> None:
    """Write octets 8 to 11 of a full frame: both sequence numbers, frame type, compressed subclass."""
    buf[at + 8] = oseq
    buf[at + 9] = iseq
    buf[at + 10] = ftype
    buf[at + 11] = csub


def put_mini(buf: bytearray, at: int, scallno: int, ts_lo: int) -> None:
    """Write a mini frame header, 4 octets (RFC 5456, section 8.1.2).

    scallno: our source call number.  ts_lo: low 16 bits of the call's time-stamp in ms.
    """
    put_u16(buf, at, scallno)
    put_u16(buf, at + 2, ts_lo)


def format_bit(csub: int) -> int:
    """Return the format bit number of a media subclass octet, 0 … 63, or -1 (RFC 5456, section 8.1.1).

    0x04 and 0x82 both mean bit 2, µ-law: a power of two as it is, or its logarithm with the C bit set.
    """
    if csub & 0x80:
        return csub & 0x3F
    if csub == 0 or csub & (csub - 1):
        return -1
    bit = 0
    while csub > 1:
        csub >>= 1
        bit += 1
    return bit


def ts30(buf: bytes, at: int) -> int:
    """Read the time-stamp of the full frame at `at`, modulo 2**30, so that ticks.diff serves it."""
    return (u16(buf, at + 4) & 0x3FFF) << 16 | u16(buf, at + 6)
