"""Asking whether a server is there: POKE out, PONG in (RFC 5456, section 6.7.1), at no cost for the server.

An optional part with a time of its own. A POKE has a call number of ours and no dialog: its state is 0 for
ever, and the PONG comes as a stray.
"""

from micropython import const

import ticks
from iax.frame import put_full, put_tail, u16

_PART_STRAY = const(3)  # codes.PART_STRAY
_FT_IAX = const(6)  # proto.FT_IAX
_PONG = const(3)  # proto.PONG
_POKE = const(30)  # proto.POKE
_FULL_HDR = const(12)  # proto.FULL_HDR
_TX_FULL = const(10)  # codes.TX_FULL
_TX_RETRANSMIT = const(12)  # codes.TX_RETRANSMIT

_STAMP = const(3)  # every POKE begins a clock of its own, and this is what Asterisk's first frame says
_WAITS = b"\x05\x0a\x0a\x0f"  # tenths of a second after each copy; then it counts as silence


class Poker:
    """One question at a time: `ask`, then `asking` until `rtt_ms` is the answer, -1 for silence.

    Who wants to be told, inherits and has `told(now)`.
    """

    def __init__(self, ep) -> None:
        self.ep = ep
        self.state = 0
        self.peer = 0
        self.scallno = 0
        self.cipher = None
        self.asking = False
        self.rtt_ms = -1  # from the first copy on
        self._copies = 0
        self._began = 0
        self._due = 0
        self._buf = bytearray(_FULL_HDR)

    def ask(self, peer: int, now: int) -> None:
        """Send a POKE to `peer`, at once and three times more if no PONG comes; 4 s are silence."""
        self.peer = self.ep.same[peer] or peer
        self.scallno = self.ep.new_number()
        self.asking = True
        self.rtt_ms = -1
        self._copies = 0
        self._began = self._due = now
        put_full(self._buf, 0, self.scallno, 0, 0, _STAMP)
        put_tail(self._buf, 0, 0, 0, _FT_IAX, _POKE)

    def told(self, now: int) -> None:
        """The answer is there, or the time is over."""

    def take(self, what: int, _leg, buf: bytes, _n: int, now: int) -> int:
        """Take the PONG for our number. The second copy is acknowledged and says nothing new."""
        if what != _PART_STRAY or buf[11] != _PONG or buf[10] != _FT_IAX:
            return 0
        if u16(buf, 2) & 0x7FFF != self.scallno or self.ep.rx_peer != self.peer:
            return 0
        self.ep.acknowledge(buf)
        if self.asking:
            self.asking = False
            self.rtt_ms = ticks.diff(now, self._began)
            self.told(now)
        return 1

    def poll(self, now: int) -> None:
        """Let time pass: after the last wait the answer is silence."""
        if self.asking and self._copies == len(_WAITS) and ticks.diff(now, self._due) >= 0:
            self.asking = False
            self.told(now)

    def poll_tx(self, now: int) -> int:
        """Return 12 if a POKE is due, in `ep.tx_buf`; 0 if not."""
        copies = self._copies
        if not self.asking or copies == len(_WAITS) or ticks.diff(now, self._due) < 0:
            return 0
        self._due = ticks.add(now, _WAITS[copies] * 100)
        self._copies = copies + 1
        if copies:
            self._buf[2] = 0x80  # a retransmission
        self.ep.stats.count(_TX_RETRANSMIT if copies else _TX_FULL)
        self.ep.tx_buf = self._buf
        self.ep.tx_at = 0
        return _FULL_HDR

    def give_up(self, now: int) -> None:
        """Nothing of ours stays in a window."""

    def next_due(self, now: int) -> int:
        """Milliseconds until `poll` or `poll_tx` has something to do, -1 = never."""
        if not self.asking:
            return -1
        wait_ms = ticks.diff(self._due, now)
        return wait_ms if wait_ms > 0 else 0
