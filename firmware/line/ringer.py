"""The ringing cadence: which feed the line should have now, on and off by turns until somebody answers."""

from array import array

from micropython import const

import ticks

_FORWARD = const(1)  # codes.FEED_FORWARD
_RINGING = const(3)  # codes.FEED_RINGING


class Ringer:
    """Steps through on, off, on, off …; ring trip in either is the hook's affair (line/hook.py)."""

    def __init__(self, cadence_ms: array, max_ring_ms: int) -> None:
        """cadence_ms: on, off, on, off … in ms, used for ever.  max_ring_ms: when to give up, 0 = never."""
        self.expired = False
        self._cadence_ms = cadence_ms
        self._max_ring_ms = max_ring_ms
        self._on = False
        self._started_at = 0
        self._since = 0
        self._step = 0

    def start(self, now: int) -> None:
        """Begin to ring, with a whole first ring."""
        self.expired = False
        self._on = True
        self._started_at = now
        self._since = now
        self._step = 0

    def stop(self) -> None:
        """End ringing; the next `poll` says FEED_FORWARD."""
        self._on = False

    def poll(self, now: int) -> int:
        """Return FEED_RINGING or FEED_FORWARD; sets `expired` when it has rung for max_ring_ms."""
        if not self._on:
            return _FORWARD
        if 0 < self._max_ring_ms <= ticks.diff(now, self._started_at):
            self._on = False
            self.expired = True
            return _FORWARD
        cadence_ms = self._cadence_ms
        while ticks.diff(now, self._since) >= cadence_ms[self._step]:
            self._since = ticks.add(self._since, cadence_ms[self._step])
            self._step = (self._step + 1) % len(cadence_ms)
        return _FORWARD if self._step & 1 else _RINGING

    def next_due(self, now: int) -> int:
        """Return the ms until the feed changes or ringing expires, or -1 when silent."""
        if not self._on:
            return -1
        left_ms = self._cadence_ms[self._step] - ticks.diff(now, self._since)
        if self._max_ring_ms > 0:
            end_ms = self._max_ring_ms - ticks.diff(now, self._started_at)
            left_ms = end_ms if end_ms < left_ms else left_ms
        return left_ms if left_ms > 0 else 0
