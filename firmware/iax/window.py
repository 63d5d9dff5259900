"""The reliable half of IAX2: full frames kept until they are acknowledged (RFC 5456, sections 7 and 6.9.3).

Frames leave in order and are acknowledged in order, so they lie in a ring: one caller's buffer holds them
all, nothing is copied, and an acknowledgement frees the oldest. One row of integers per frame says where it
lies and when it is to be sent again.
"""

from array import array

from micropython import const

import ticks

_FIRST_MS = const(500)  # the first wait is twice the round trip, but never less
_LONGEST_MS = const(10000)  # the wait doubles up to this (section 7.2.1)
_GIVE_UP_MS = const(30000)  # after the first send: a lost Wi-Fi may be back by then

_PLACE = const(0)  # start | length << 11 | sends << 22
_SENT_AT = const(1)
_DUE_AT = const(2)
_ROW = const(3)


class Window:
    """Unacknowledged full frames of one dialog, oldest first."""

    def __init__(self, buf: bytearray, n_frames: int) -> None:
        """Take the caller's `buf` (at most 2,047 octets) for up to `n_frames` frames."""
        self.buf = buf
        self.oseq = 0  # number of the next frame, modulo 256
        self.count = 0
        self.at = 0  # where the frame lies that `take` returned
        self._n_frames = n_frames
        self._rows = array("i", bytes(4 * _ROW * n_frames))
        self._head = 0

    def clear(self) -> None:
        """Forget everything; both counters of a new dialog start at 0 (RFC 5456, section 7)."""
        self.count = 0
        self.oseq = 0
        self._head = 0

    def _row(self, i: int) -> int:
        return (self._head + i) % self._n_frames * _ROW

    def reserve(self, n: int) -> int:
        """Return the offset of `n` free octets in one piece, or -1 if there is no room now."""
        if self.count == 0:
            return 0 if n <= len(self.buf) else -1
        if self.count == self._n_frames:
            return -1
        first = self._rows[self._head * _ROW] & 0x7FF
        place = self._rows[self._row(self.count - 1)]
        end = (place & 0x7FF) + (place >> 11 & 0x7FF)
        if end > first:
            if len(self.buf) - end >= n:
                return end
            end = 0
        return end if first - end >= n else -1

    def commit(self, at: int, n: int, now: int) -> None:
        """Queue the `n` octets built at `at` (from `reserve`) as the next full frame, to be sent at once."""
        row = self._row(self.count)
        self._rows[row] = at | n << 11
        self._rows[row + _SENT_AT] = now
        self._rows[row + _DUE_AT] = now
        self.count += 1
        self.oseq = self.oseq + 1 & 0xFF

    def ack(self, iseq: int) -> None:
        """Free every frame before number `iseq`; a number outside the window means nothing."""
        freed = iseq - (self.oseq - self.count) & 0xFF
        if freed <= self.count:
            self._head = (self._head + freed) % self._n_frames
            self.count -= freed

    def rewind(self, iseq: int, now: int) -> bool:
        """A VNAK named `iseq` as the first missing frame: send it and all later ones again, now.

        False if nothing that was sent is missing.
        """
        i = iseq - (self.oseq - self.count) & 0xFF
        found = False
        while i < self.count:
            row = self._row(i)
            if self._rows[row] >> 22:
                self._rows[row + _DUE_AT] = now
                found = True
            i += 1
        return found

    def take(self, now: int, iseq: int, rtt_ms: int) -> int:
        """Return the length of a frame to send now (at `self.at`), 0 if none is due, -1 to give up.

        Refreshes its ISeqno, sets the R bit from the second send on, and plans the next one.
        """
        i = 0
        while i < self.count:
            row = self._row(i)
            if ticks.diff(now, self._rows[row + _DUE_AT]) >= 0:
                if ticks.diff(now, self._rows[row + _SENT_AT]) >= _GIVE_UP_MS:
                    return -1
                return self._send(row, now, iseq, rtt_ms)
            i += 1
        return 0

    def _send(self, row: int, now: int, iseq: int, rtt_ms: int) -> int:
        place = self._rows[row]
        at = place & 0x7FF
        sends = place >> 22
        if sends:
            self.buf[at + 2] |= 0x80
        self.buf[at + 9] = iseq
        wait_ms = rtt_ms * 2 if rtt_ms > _FIRST_MS // 2 else _FIRST_MS
        wait_ms = wait_ms << (sends if sends < 5 else 5)
        wait_ms = wait_ms if wait_ms < _LONGEST_MS else _LONGEST_MS
        left_ms = _GIVE_UP_MS - ticks.diff(now, self._rows[row + _SENT_AT])
        self._rows[row + _DUE_AT] = ticks.add(now, wait_ms if wait_ms < left_ms else left_ms)
        self._rows[row] = (place & 0x3FFFFF) | (sends + 1 if sends < 100 else sends) << 22
        self.at = at
        return place >> 11 & 0x7FF

    def resent(self) -> bool:
        """True if the frame that `take` just returned had been sent before."""
        return self.buf[self.at + 2] & 0x80 != 0

    def next_due(self, now: int) -> int:
        """Milliseconds until the next frame is to be sent, 0 = now, -1 = never."""
        due = -1
        i = 0
        while i < self.count:
            wait_ms = ticks.diff(self._rows[self._row(i) + _DUE_AT], now)
            due = ticks.sooner(due, wait_ms if wait_ms > 0 else 0)
            i += 1
        return due
