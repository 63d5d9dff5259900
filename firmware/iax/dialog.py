"""What every IAX2 dialog has in common, be it a call leg or a registration: numbers, order, clock, liveness.

A dialog answers for itself on the wire (ACK, VNAK, PONG, LAGRP) and leaves the meaning of every other frame
to its heir. Sequence rules: RFC 5456, sections 7 and 8.1.1, judged by OSeqno alone.
"""

from micropython import const

import ticks
from iax import ie
from iax.frame import put_full, put_tail, put_u16, ts30, u16

_FT_IAX = const(6)  # proto.FT_IAX
_PING = const(2)  # proto.PING
_PONG = const(3)  # proto.PONG
_ACK = const(4)  # proto.ACK
_INVAL = const(10)  # proto.INVAL
_LAGRQ = const(11)  # proto.LAGRQ
_LAGRP = const(12)  # proto.LAGRP
_VNAK = const(18)  # proto.VNAK
_TXCNT = const(23)  # proto.TXCNT
_TXACC = const(24)  # proto.TXACC
_CALLTOKEN = const(40)  # proto.CALLTOKEN
_IE_CALLTOKEN = const(54)  # proto.IE_CALLTOKEN
_FULL_HDR = const(12)  # proto.FULL_HDR
_TOKEN_LIFE_MS = const(8000)  # proto.TOKEN_LIFE_MS

_RX_BAD = const(2)  # codes.RX_BAD
_RX_DUPLICATE = const(5)  # codes.RX_DUPLICATE
_RX_GAP = const(6)  # codes.RX_GAP
_TX_FULL = const(10)  # codes.TX_FULL
_TX_RETRANSMIT = const(12)  # codes.TX_RETRANSMIT
_TX_ACK = const(13)  # codes.TX_ACK
_TX_VNAK = const(14)  # codes.TX_VNAK
_WINDOW_FULL = const(20)  # codes.WINDOW_FULL
_VNAK_HELD = const(30)  # codes.VNAK_HELD

_VNAK_MS = const(100)  # at most one VNAK sent, and one obeyed, in this time
_LONGEST_RTT_MS = const(2000)  # a longer one means that the PING had to be sent again
_STATELESS = b"\x03\x05\x06\x0a\x10\x28"  # PONG HANGUP REJECT INVAL REGREJ CALLTOKEN
_TALKING_MS = const(160)  # frames this close to the last one step by 3 ms (Asterisk's rule)


class Dialog:
    """One dialog with one peer. `state` 0 means free; `ep` is the endpoint that owns it."""

    def __init__(self, ep, window) -> None:
        self.ep = ep
        self.window = window
        self.account = None
        self.state = 0
        self.peer = 0
        self.scallno = 0
        self.dcallno = 0  # 0 = the peer's number is not known yet
        self.iseq = 0  # next OSeqno expected
        self.rtt_ms = 0
        self.lag_ms = 0  # the same by LAGRQ: with the peer's jitter buffer, if it counts it
        self.cipher = None  # iax/cipher.py, once the dialog is encrypted
        self.tokens = 0  # CALLTOKEN replies seen for this opener
        self.proven = False  # the peer has shown that it knows our number
        self._token_at = 0
        self._last_rx = 0
        self._deadline = 0
        self._limited = False
        self._t0 = 0  # tick at which the clock below last showed ts_lo = 0
        self._ts_hi = 0
        self._last_ts = 0  # modulo 2**30
        self._at = 0  # frame being built
        self._ack = 0  # 1 = an ACK is owed, 2 = a VNAK
        self._ack_oseq = 0
        self._ack_hi = 0
        self._ack_lo = 0
        self._vnak_at = 0
        self._obeyed_at = 0
        self._ping_ts = 0
        self._ping_at = 0

    def begin(self, peer: int, scallno: int, now: int) -> None:
        """Start afresh toward `peer` with our number `scallno`; the clock starts at 0 (section 7)."""
        self.peer = self.ep.same[peer] or peer
        self.scallno = scallno
        self.dcallno = 0
        self.iseq = 0
        self.rtt_ms = self.lag_ms = 0
        self.cipher = None
        self.tokens = 0
        self.proven = False
        self._last_rx = now
        self._t0 = now
        self._ts_hi = 0
        self._last_ts = 0x3FFFFFFD
        self._ack = 0
        self._vnak_at = ticks.add(now, -_VNAK_MS)
        self._obeyed_at = self._vnak_at
        self._ping_at = now
        self._ping_ts = -1
        self.window.clear()

    def clock(self, now: int) -> int:
        """Return this dialog's time-stamp of `now` modulo 2**30; keeps the high half for all 32 bits."""
        elapsed = ticks.diff(now, self._t0)
        while elapsed > 0xFFFF:
            elapsed -= 0x10000
            self._t0 = ticks.add(self._t0, 0x10000)
            self._ts_hi = self._ts_hi + 1 & 0xFFFF
        return (self._ts_hi & 0x3FFF) << 16 | (elapsed if elapsed > 0 else 0)

    def _stamp(self, now: int) -> int:
        """The time-stamp of a signalling frame: rising, near speech 3 ms after the last (Asterisk's rule)."""
        wall = self.clock(now)
        ahead = ticks.diff(wall, self._last_ts)
        if ahead < 3 or (self.proven and ahead < _TALKING_MS):
            wall = ticks.add(self._last_ts, 3)
        self._last_ts = wall
        return wall

    def open(self, ftype: int, csub: int, room: int, now: int) -> int:
        """Begin a full frame with `room` octets behind the header; return where they start, or -1 (full)."""
        return self._open_at(ftype, csub, room, self._stamp(now), now)

    def _open_at(self, ftype: int, csub: int, room: int, stamp: int, now: int) -> int:
        """The same with a time-stamp (modulo 2**30, near the clock) of the caller's choice."""
        return self._put_if_room(room, ftype, csub, self._high_half(stamp, now), stamp & 0xFFFF)

    def _high_half(self, stamp: int, now: int) -> int:
        """High 16 bits of a time-stamp near the clock, whose top two bits `stamp` does not hold."""
        wall = self.clock(now)
        return self._ts_hi + ((wall & 0xFFFF) + ticks.diff(stamp, wall) >> 16) & 0xFFFF

    def _put_if_room(self, room: int, ftype: int, csub: int, hi: int, lo: int) -> int:
        at = self.window.reserve(_FULL_HDR + room)
        if at < 0:
            self.ep.stats.count(_WINDOW_FULL)
            return -1
        self._put(at, ftype, csub, hi, lo)
        return at + _FULL_HDR

    def _put(self, at: int, ftype: int, csub: int, hi: int, lo: int) -> None:
        buf = self.window.buf
        put_full(buf, at, self.scallno, self.dcallno, hi, lo)
        put_tail(buf, at, self.window.oseq, self.iseq, ftype, csub)
        self._at = at

    def close(self, end: int, now: int) -> None:
        """Finish the frame begun by `open`: it ends before `end` and goes out at the next drain."""
        self.window.commit(self._at, end - self._at, now)

    def say(self, ftype: int, csub: int, now: int) -> bool:
        """Queue a full frame without payload. False if the window is full."""
        at = self.open(ftype, csub, 0, now)
        if at >= 0:
            self.close(at, now)
        return at >= 0

    def echo(self, csub: int, room: int, buf: bytes, now: int) -> int:
        """Begin an IAX frame that carries the time-stamp of the received frame `buf` (PONG, LAGRP)."""
        return self._put_if_room(room, _FT_IAX, csub, u16(buf, 4), u16(buf, 6))

    def receive(self, buf: bytes, scallno: int, now: int) -> bool:
        """Judge the order of full frame `buf` from the peer's `scallno`; True if its meaning is to be heard.

        A frame from number 1 (or 0) is stateless: it has no place in the order, its number is never kept, and
        it may only refuse or ask. A CALLTOKEN from any other number would bind us to it: nobody means it.
        """
        iax = buf[10] == _FT_IAX
        if scallno <= 1 or (iax and buf[11] == _INVAL):
            return iax and buf[11] in _STATELESS
        if iax and buf[11] == _CALLTOKEN:
            self.ep.stats.count(_RX_BAD)
            return False
        self.dcallno = scallno
        if u16(buf, 2) & 0x7FFF:
            self.proven = True
        self.window.ack(buf[9])
        self._last_rx = now
        if iax and (buf[11] == _ACK or buf[11] == _VNAK or buf[11] == _TXCNT or buf[11] == _TXACC):
            return True
        ahead = buf[8] - self.iseq & 0xFF
        if ahead == 0:
            self.iseq = self.iseq + 1 & 0xFF
        elif ahead < 128:
            self.ep.stats.count(_RX_GAP)
            self._owe_vnak(now)
            return False
        else:
            self.ep.stats.count(_RX_DUPLICATE)
        self._ack = 1
        self._ack_oseq = buf[9]
        self._ack_hi = u16(buf, 4)
        self._ack_lo = u16(buf, 6)
        return ahead == 0

    def _owe_vnak(self, now: int) -> None:
        """Plan a VNAK, at most one in 100 ms: a gap must not become a storm."""
        if 0 <= ticks.diff(now, self._vnak_at) < _VNAK_MS:
            self.ep.stats.count(_VNAK_HELD)
            return
        self._vnak_at = now
        self._ack = 2

    def housekeeping(self, sub: int, buf: bytes, now: int) -> bool:
        """Answer the IAX frames that every dialog answers alike; True if `sub` was one of them."""
        if sub == _ACK or sub == _TXCNT or sub == _TXACC:
            return True
        if sub == _LAGRQ or sub == _PING:
            self._answer_probe(sub, buf, now)
        elif sub == _PONG or sub == _LAGRP:
            if self._ping_ts >= 0 and not buf[2] & 0x80:  # not one sent again
                self._measure(ticks.diff(ts30(buf, 0), self._ping_ts), ticks.diff(now, self._ping_at))
        elif sub == _VNAK:
            self._obey_vnak(buf[9], now)
        else:
            return False
        return True

    def _measure(self, step: int, took_ms: int) -> None:
        """An echo of our PING came, or of the LAGRQ that went out `step` = 3 ms of time-stamp after it."""
        if took_ms > _LONGEST_RTT_MS:
            took_ms = _LONGEST_RTT_MS
        if step == 0:
            self.rtt_ms = took_ms
        elif step == 3:
            self.lag_ms = took_ms

    def _answer_probe(self, sub: int, buf: bytes, now: int) -> None:
        if sub == _LAGRQ:
            at = self.echo(_LAGRP, 0, buf, now)
        else:
            at = self.echo(_PONG, 40, buf, now)
            if at >= 0:
                at = self._put_report(at)
        if at >= 0:
            self.close(at, now)

    def _put_report(self, at: int) -> int:
        """Write what a PONG reports, nothing here; return the end."""
        return at

    def _obey_vnak(self, iseq: int, now: int) -> None:
        if 0 <= ticks.diff(now, self._obeyed_at) < _VNAK_MS:
            self.ep.stats.count(_VNAK_HELD)
            return
        self._obeyed_at = now
        if not self.window.rewind(iseq, now):
            self._nothing_missing(now)

    def _nothing_missing(self, now: int) -> None:
        """A VNAK came although every frame is acknowledged."""

    def ping(self, now: int) -> None:
        """Ask for a PONG and a LAGRP and remember when (sections 6.7.2 and 6.7.4)."""
        if self.say(_FT_IAX, _PING, now):
            self._ping_at = now
            self._ping_ts = self._last_ts
            self.say(_FT_IAX, _LAGRQ, now)

    def _open_first(self, sub: int, now: int) -> int:
        """Begin the opener of a dialog, with all the room there is; return where its elements start."""
        self.window.clear()
        self.iseq = 0
        stamp = self._stamp(now)
        self._put(self.window.reserve(0), _FT_IAX, sub, self._high_half(stamp, now), stamp & 0xFFFF)
        return _FULL_HDR

    def _put_opener(self, now: int, token: bytes) -> None:
        """Queue the opener with `token`; the heir knows what it says."""

    def _take_token(self, buf: bytes, n: int, now: int) -> bool:
        """Send the opener again with the token of CALLTOKEN frame `buf`. False if that leads nowhere.

        A reply copies the time-stamp of what it answers. Replies to the opener without a token are duplicates
        from the second on; the second reply to the one with it, or an empty token, ends the attempt.
        """
        if self.tokens and ts30(buf, 0) != self._last_ts:
            return True  # it answers a copy of the first opener
        self.tokens += 1
        at = ie.find(buf, _FULL_HDR, n, _IE_CALLTOKEN)
        if self.tokens > 2 or at == 0 or buf[at - 1] == 0:
            return False
        if self.tokens == 1:
            self._token_at = now
            self._put_opener(now, bytes(buf[at : at + buf[at - 1]]))
        return True

    def restart(self, now: int) -> None:
        """The token grew old unanswered: ask for a new one under a new number, for the server may have
        heard the old one and opened a leg for it.
        """
        self.begin(self.peer, self.ep.new_number(), now)
        self._put_opener(now, b"")

    def set_deadline(self, now: int, in_ms: int) -> None:
        """End this dialog in `in_ms` ms whatever happens; 0 = no limit."""
        self._limited = in_ms > 0
        self._deadline = ticks.add(now, in_ms)

    def overdue(self, now: int) -> bool:
        """True if the deadline has passed."""
        return self._limited and ticks.diff(now, self._deadline) >= 0

    def due_ms(self, now: int) -> int:
        """Milliseconds until the deadline, -1 = none."""
        if not self._limited:
            return -1
        left_ms = ticks.diff(self._deadline, now)
        return left_ms if left_ms > 0 else 0

    def silent_ms(self, now: int) -> int:
        """Milliseconds since the last full frame: voice alone does not prove that signalling lives."""
        return ticks.diff(now, self._last_rx)

    def _stale_token(self, now: int) -> bool:
        """True if the tokenised opener is still unanswered after 8 s: the token must not be used again."""
        if self.tokens == 0 or self.dcallno or self.window.count == 0:
            return False
        return ticks.diff(now, self._token_at) >= _TOKEN_LIFE_MS

    def poll_tx(self, now: int) -> int:
        """Return the length of the next datagram of this dialog (0 = none), -1 if the peer is to be given up.

        It lies in `ep.tx_buf` at `ep.tx_at`.
        """
        window = self.window
        if window.count:
            n = window.take(now, self.iseq, self.rtt_ms)
            if n < 0:
                return -1
            if n:
                self.ep.tx_buf = window.buf
                self.ep.tx_at = window.at
                return self._sent(n)
        if self._ack:
            return self._put_ack(now)
        return 0

    def _sent(self, n: int) -> int:
        at = self.window.at
        again = self.window.resent()
        if self.dcallno:
            put_u16(self.window.buf, at + 2, self.dcallno | (0x8000 if again else 0))
        self.ep.stats.count(_TX_RETRANSMIT if again else _TX_FULL)
        if self._ack == 1:
            self._ack = 0  # the frame carries our ISeqno
        return n

    def _put_ack(self, now: int) -> int:
        ep = self.ep
        owed = self._ack
        self._ack = 0
        if owed == 2:
            stamp = self._stamp(now)
            put_full(ep.small, 0, self.scallno, self.dcallno, self._high_half(stamp, now), stamp & 0xFFFF)
            put_tail(ep.small, 0, self.iseq, self.iseq, _FT_IAX, _VNAK)
        else:
            put_full(ep.small, 0, self.scallno, self.dcallno, self._ack_hi, self._ack_lo)
            put_tail(ep.small, 0, self._ack_oseq, self.iseq, _FT_IAX, _ACK)
        ep.stats.count(_TX_VNAK if owed == 2 else _TX_ACK)
        ep.tx_buf = ep.small
        ep.tx_at = 0
        return _FULL_HDR
