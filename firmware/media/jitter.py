"""The jitter buffer: voice goes in by time-stamp, and comes out 20 ms a tick after a fixed depth.

Its unit is 10 ms (80 octets of G.711), so packets of 10, 20, 30 … 60 ms are all welcome; 16 units form a
ring in the caller's store. `_next` is the time-stamp that plays next; it steps by 20 ms a tick whether or not
voice came. Every 512 ticks the buffer looks how much time each packet had left before its turn: if all had
more than the depth, a frame is dropped; if none had the depth, a turn is added. That follows a skewed clock.
"""

import micropython
from micropython import const

import ticks

_UNIT = const(80)  # octets, 10 ms
_UNITS = const(16)
_DRY = const(10)  # ticks without voice after which the talk spurt is over
_STRAY = const(5)  # ticks of nothing but late voice after which the sender is believed
_JUMP_MS = const(5000)
_WATCH = const(512)  # ticks between two looks at the margin
_LATE = const(21)  # codes.JITTER_LATE
_LOST = const(22)  # codes.JITTER_LOST
_DUPLICATE = const(23)  # codes.JITTER_DUPLICATE
_RESYNC = const(24)  # codes.JITTER_RESYNC


@micropython.viper
def _copy(dst: ptr8, to: int, src: ptr8, at: int):
    end = to + _UNIT
    while to < end:
        dst[to] = src[at]
        dst[to + 1] = src[at + 1]
        to += 2
        at += 2


class Jitter:
    """A jitter buffer of fixed depth over 1,280 octets that the caller lends."""

    def __init__(self, store: bytearray, depth_ms: int, stats) -> None:
        """Take `store` (16 units of 80 octets), `depth_ms` (20 … 100) and the counters."""
        assert len(store) == _UNITS * _UNIT and 20 <= depth_ms <= 100
        self.store = store
        self._depth_ms = depth_ms // 20 * 20
        self._stats = stats
        self.reset()

    def reset(self) -> None:
        """Forget all voice; the next packet starts a talk spurt."""
        self._playing = False
        self._have = 0  # a bit for each unit of the ring that holds voice
        self._head = 0  # the unit that plays next, even
        self._next = 0  # its time-stamp
        self._dry = 0  # ticks since voice last played
        self._stray = 0  # ticks of late voice since voice last came in time
        self._late = False  # late voice came in this tick
        self._watch()

    def _watch(self) -> None:
        self._least = _UNITS  # the margins seen, in units
        self._most = 0
        self._left = _WATCH

    def put(self, ts30: int, buf: "bytes | bytearray | memoryview", at: int, n: int, now: int) -> bool:
        """Take `n` octets of `buf` from `at` on, spoken from `ts30` on (ms modulo 2**30).

        Return True if any of it will be played. An odd rest under 10 ms is left out. `now` is not needed:
        the ticks of `get` are the clock.
        """
        assert at + n <= len(buf)
        if n < _UNIT:
            return False
        if not self._playing:
            self._anchor(ts30)
        taken = False
        margin = -_LATE
        while n >= _UNIT:
            margin = self._put_unit(ts30, buf, at)
            if margin >= 0 and not taken:
                taken = True
                self._note(margin)
            ts30 = ticks.add(ts30, 10)
            at += _UNIT
            n -= _UNIT
        if not taken:
            self._stats.count(-margin)
        return taken

    def _note(self, margin: int) -> None:
        if margin < self._least:
            self._least = margin
        if margin > self._most:
            self._most = margin

    def _anchor(self, ts30: int) -> None:
        self.reset()
        self._playing = True
        self._next = ticks.add(ts30, -self._depth_ms)
        self._dry = -(self._depth_ms // 20)

    def _put_unit(self, ts30: int, buf: "bytes | bytearray | memoryview", at: int) -> int:
        """Take one unit. Return how many units it came before its turn, or minus a counter."""
        early_ms = ticks.diff(ts30, self._next)
        if early_ms < -_JUMP_MS or early_ms >= _UNITS * 10 - 5 or self._stray > _STRAY:
            self._stats.count(_RESYNC)
            self._anchor(ts30)
            early_ms = self._depth_ms
        margin = (early_ms + 5) // 10
        if margin < 0:
            self._late = True
            return -_LATE
        unit = self._head + margin & _UNITS - 1
        if self._have & 1 << unit:
            return -_DUPLICATE
        _copy(self.store, unit * _UNIT, buf, at)
        self._have |= 1 << unit
        self._next = ticks.add(ts30, -10 * margin)  # keep to the middle of the sender's own grid
        self._stray = 0
        self._late = False
        return margin

    def get(self) -> int:
        """Return where in the store the 160 octets of this tick lie, or -1 for nothing to play."""
        if not self._playing:
            return -1
        if self._late:
            self._stray += 1
            self._late = False
        self._left -= 1
        if self._left == 0 and self._follow_clock():
            return -1
        unit = self._head
        at = unit * _UNIT
        got = self._have >> unit & 3
        self._step()
        if got == 0:
            return self._run_dry()
        if got == 1:  # half of it came: play that twice
            _copy(self.store, at + _UNIT, self.store, at)
        elif got == 2:
            _copy(self.store, at, self.store, at + _UNIT)
        if self._dry > 0:
            self._stats.count(_LOST, self._dry)
        self._dry = 0
        return at

    def _step(self) -> None:
        self._have &= ~(3 << self._head)
        self._head = self._head + 2 & _UNITS - 1
        self._next = ticks.add(self._next, 20)

    def _run_dry(self) -> int:
        self._dry += 1
        if self._dry > _DRY and not self._have:
            self._playing = False
        return -1

    def _follow_clock(self) -> bool:
        """Drop a frame if the sender's clock is fast; return True to add a turn, if it is slow."""
        depth = self._depth_ms // 10
        fast = self._least >= depth + 2 and self._most
        slow = self._most <= depth - 2 and self._least < _UNITS
        self._watch()
        if fast:
            self._step()
        return slow
