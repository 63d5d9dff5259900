"""One outgoing voice frame: header and payload share a buffer and never move.

The codec writes at the payload's final place; the mini header is put in front of it when it is sealed.
"""

from micropython import const

from iax.frame import put_mini

_MINI_HDR = const(4)  # proto.MINI_HDR


class VoiceSlot:
    """A payload of fixed length with headroom for a mini frame header."""

    def __init__(self, buf: bytearray) -> None:
        """Take the caller's `buf`: 4 octets of headroom, then the payload."""
        self.buf = buf
        self.payload = memoryview(buf)[_MINI_HDR:]
        self.n = 0  # octets to send, 0 = nothing sealed

    def seal_mini(self, scallno: int, ts_lo: int) -> None:
        """Put the mini header before the payload: ready to send."""
        put_mini(self.buf, 0, scallno, ts_lo)
        self.n = len(self.buf)
