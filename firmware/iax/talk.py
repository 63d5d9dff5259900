"""The voice of a call leg: when a full VOICE frame is due, the clock of speech, what PONG reports.

RFC 5456, sections 6.10 and 8.1.2: the first voice frame is full, the others are mini, and a full one goes
out again each time the time-stamp passes a multiple of 32,768 ms. Asterisk sends none; we unwrap alone.
"""

from array import array

from micropython import const

import ticks
from iax import ie
from iax.dialog import Dialog
from iax.frame import format_bit, put_mini, ts30

_FT_VOICE = const(2)  # proto.FT_VOICE
_FULL_HDR = const(12)  # proto.FULL_HDR
_MINI_HDR = const(4)  # proto.MINI_HDR
_IE_RR_JITTER = const(46)  # proto.IE_RR_JITTER
_IE_RR_LOSS = const(47)  # proto.IE_RR_LOSS
_IE_RR_PKTS = const(48)  # proto.IE_RR_PKTS
_IE_RR_DELAY = const(49)  # proto.IE_RR_DELAY
_IE_RR_DROPPED = const(50)  # proto.IE_RR_DROPPED
_IE_RR_OOO = const(51)  # proto.IE_RR_OOO

_RX_MINI_EARLY = const(7)  # codes.RX_MINI_EARLY
_RX_UNSUPPORTED = const(8)  # codes.RX_UNSUPPORTED
_RX_VOICE = const(9)  # codes.RX_VOICE
_TX_MINI = const(11)  # codes.TX_MINI
_RX_NOTHING = const(0)  # codes.RX_NOTHING
_RX_AUDIO = const(1)  # codes.RX_AUDIO

_FRAME_MS = const(20)
_SLIP_MS = const(160)  # speech this far from the clock starts again (Asterisk's bound)
_BACK_MS = const(50000)  # a mini this far "ahead" is late instead (Asterisk's bound)
_JUMP_MS = const(5000)  # a time-stamp that moves by so much is another clock, not jitter
_LONGEST = const(1000)  # octets of voice in one frame
_FOREIGN = const(-2)  # rx_law: a codec that we do not have
_FOREIGN_MS = const(5000)  # a call that stays in it is hung up
_FULL_AGAIN_MS = const(1000)  # a peer that complains gets one full VOICE frame in this time

# What `report` holds: the leg fills jitter, packets, order; media the rest (RFC 5456, 8.6.36 to 8.6.41).
_JITTER16 = const(0)  # sixteenths of a ms
_LOST = const(1)
_PKTS = const(2)
_DELAY = const(3)
_DROPPED = const(4)
_OOO = const(5)


class VoiceSlot:
    """One outgoing voice frame: the codec writes the payload in place, the mini header goes in front."""

    def __init__(self, buf: bytearray) -> None:
        """Take the caller's `buf`: 4 octets of headroom, then the payload."""
        self.buf = buf
        self.payload = memoryview(buf)[_MINI_HDR:]
        self.n = 0  # octets to send, 0 = nothing sealed

    def seal_mini(self, scallno: int, ts_lo: int) -> None:
        """Put the mini header before the payload: ready to send."""
        put_mini(self.buf, 0, scallno, ts_lo)
        self.n = len(self.buf)


class Talk(Dialog):
    """A dialog that can carry voice. law, rx_law: format bits sent and received, -1 = not yet known.

    rx_law -2: the peer speaks a codec that we do not have; the deadline of the call runs until it stops.
    """

    def __init__(self, ep, window) -> None:
        super().__init__(ep, window)
        self.law = -1
        self.rx_law = -1
        self.quelched = False
        self.report = array("i", bytes(24))
        self._full_due = True
        self._full_at = 0
        self._voice_ts = 0  # of the last voice frame sent, modulo 2**30
        self._rx_ts = 0  # of the last frame received that carried the peer's clock
        self.heard_ts = 0  # of the newest voice frame received
        self.transit = 0  # of the last one: when it came, less its time-stamp

    def hush(self, law: int) -> None:
        """Before the first voice of a call: everything about speech starts afresh."""
        self.law = law
        self.rx_law = -1
        self.quelched = False
        self._full_due = True
        self._voice_ts = -1
        self._rx_ts = 0
        for i in range(6):
            self.report[i] = 0

    def send_voice(self, now: int) -> bool:
        """Send the 20 ms that lie in the endpoint's voice slot; False if they may not or cannot go now."""
        if self.law < 0 or self.quelched or not self.proven:
            return False
        wall = self.clock(now)
        before = self._voice_ts
        stamp = ticks.add(before, _FRAME_MS)
        ahead = ticks.diff(stamp, wall)
        if before < 0 or not -_SLIP_MS <= ahead < _JUMP_MS:
            stamp = wall
            self._full_due = True
        elif ahead > _SLIP_MS:
            return False  # time-stamps never go back, so speech waits for the clock
        else:
            if (stamp ^ before) & 0x8000:
                self._full_due = True
            if not -_FRAME_MS <= ahead <= _FRAME_MS:  # the converter's crystal is another one: follow it
                self._t0 = ticks.add(self._t0, -1 if ahead > 0 else 1)
        self._voice_ts = stamp
        if ticks.diff(stamp, self._last_ts) > 0:
            self._last_ts = stamp
        if self._full_due:
            return self._send_full(stamp, now)
        self.ep.slot.seal_mini(self.scallno, stamp & 0xFFFF)
        self.ep.slot_leg = self
        self.ep.stats.count(_TX_MINI)
        return True

    def _send_full(self, stamp: int, now: int) -> bool:
        payload = self.ep.slot.payload
        n = len(payload)
        at = self._open_at(_FT_VOICE, 1 << self.law, n, stamp, now)
        if at < 0:
            return False
        self.window.buf[at : at + n] = payload
        self.close(at + n, now)
        self._full_due = False
        self._full_at = now
        return True

    def _speak_anew(self, now: int, wait_ms: int) -> None:
        """Let the next voice frame be a full one, unless one went out less than `wait_ms` ago."""
        if not 0 <= ticks.diff(now, self._full_at) < wait_ms:
            self._full_due = True

    def _nothing_missing(self, now: int) -> None:
        """The peer asks for the VOICE frame that tells the codec (RFC 5456, section 6.9.3)."""
        self._speak_anew(now, _FULL_AGAIN_MS)

    def _hear_full(self, buf: bytes, n: int, now: int) -> int:
        """Take a full VOICE frame of `n` octets, already acknowledged: RX_AUDIO if it can be played."""
        law = format_bit(buf[11])
        if law < 0 or law not in self.account.laws:  # pyright: ignore[reportAttributeAccessIssue]
            self.ep.stats.count(_RX_UNSUPPORTED)
            if self.rx_law != _FOREIGN:
                self.rx_law = _FOREIGN
                self.set_deadline(now, _FOREIGN_MS)
            return _RX_NOTHING
        if self.rx_law == _FOREIGN:
            self.set_deadline(now, 0)
        self.rx_law = law
        return self._heard(buf, _FULL_HDR, n - _FULL_HDR, now)

    def hear(self, ts_lo: int, buf: bytes, at: int, n: int, now: int) -> int:
        """Take `n` octets of voice at `at` under the low 16 bits of their time-stamp: RX_AUDIO or RX_NOTHING.

        A VNAK is owed if no full VOICE frame told the codec.
        """
        if self.rx_law < 0:
            if self.rx_law == _FOREIGN:
                self.ep.stats.count(_RX_UNSUPPORTED)
                return _RX_NOTHING
            self.ep.stats.count(_RX_MINI_EARLY)
            self._owe_vnak(now)
            return _RX_NOTHING
        ahead = ts_lo - self._rx_ts & 0xFFFF
        if ahead > _BACK_MS:
            ahead -= 0x10000
        self._rx_ts = ticks.add(self._rx_ts, ahead)
        return self._heard(buf, at, n, now)

    def anchor(self, buf: bytes) -> None:
        """A full frame carries the peer's whole clock: the high bits of the minis follow it."""
        self._rx_ts = ts30(buf, 0)

    def _heard(self, buf: bytes, at: int, n: int, now: int) -> int:
        ep = self.ep
        if n < 1 or n > _LONGEST:
            ep.stats.count(_RX_UNSUPPORTED)
            return _RX_NOTHING
        stamp = self._rx_ts
        transit = ticks.diff(now, stamp)
        moved = transit - self.transit
        self.transit = transit
        report = self.report
        if report[_PKTS] and -_JUMP_MS < moved < _JUMP_MS:
            report[_JITTER16] += (moved if moved >= 0 else -moved) - (report[_JITTER16] + 8 >> 4)
        if report[_PKTS] and -_JUMP_MS < ticks.diff(stamp, self.heard_ts) < 0:
            report[_OOO] += 1
        else:
            self.heard_ts = stamp
        report[_PKTS] += 1
        ep.stats.count(_RX_VOICE)
        ep.rx_leg = self
        ep.rx_law = self.rx_law
        ep.rx_ts = stamp
        ep.rx_buf = buf
        ep.rx_at = at
        ep.rx_n = n
        return _RX_AUDIO

    def _put_report(self, at: int) -> int:
        """Write the six elements of a PONG from what was really received; return the end."""
        buf = self.window.buf
        report = self.report
        lost = report[_LOST]
        at = ie.put_uint(buf, at, _IE_RR_JITTER, 4, report[_JITTER16] >> 4)
        at = ie.put_uint(buf, at, _IE_RR_LOSS, 4, lost & 0xFFFFFF)
        buf[at - 4] = lost * 100 // (lost + report[_PKTS]) if lost else 0
        at = ie.put_uint(buf, at, _IE_RR_PKTS, 4, report[_PKTS])
        at = ie.put_uint(buf, at, _IE_RR_DELAY, 2, report[_DELAY])
        at = ie.put_uint(buf, at, _IE_RR_DROPPED, 4, report[_DROPPED])
        return ie.put_uint(buf, at, _IE_RR_OOO, 4, report[_OOO])
