"""The hook switch: loop current, sampled every 5 ms, becomes "off-hook" and "on-hook".

Contacts bounce, so a change counts only after the loop has kept its new state for a while: a short while for
a closure, a long one for an opening. An opening that ends sooner changes nothing (a hook flash or a dial
pulse lies there: its length is `now` minus `_since` at the moment the loop closes again).
"""

from micropython import const

import ticks

_CLOSED = const(3)  # LOOP_CLOSED | RING_TRIP of hal.pyi
_RING_TRIP = const(2)
_OFF = const(1)  # codes.HOOK_OFF
_ON = const(2)  # codes.HOOK_ON


class Hook:
    """One loop, debounced; `off_hook` is the state that was last reported."""

    def __init__(self, off_ms: int, on_ms: int) -> None:
        """off_ms: closed loop that means off-hook.  on_ms: open loop that means on-hook; both in ms, 1 up."""
        self.off_hook = False
        self._off_ms = off_ms
        self._on_ms = on_ms
        self._closed = False
        self._since = 0

    def reset(self, now: int) -> None:
        """Start again on-hook; a telephone that is off-hook already is reported after off_ms."""
        self.off_hook = False
        self._closed = False
        self._since = now

    def feed(self, bits: int, now: int) -> int:
        """Take one sample of `slic.line_state()`; return 0, HOOK_OFF or HOOK_ON.

        Ring trip is off-hook at once: the SLIC has already told direct current from ringing current.
        """
        closed = bits & _CLOSED != 0
        if closed != self._closed:
            self._closed = closed
            self._since = now
        if closed == self.off_hook:
            return 0
        if not bits & _RING_TRIP and self.next_due(now):
            return 0
        self.off_hook = closed
        return _OFF if closed else _ON

    def next_due(self, now: int) -> int:
        """Return the ms until a change under way counts, or -1 if none is."""
        if self._closed == self.off_hook:
            return -1
        left_ms = (self._off_ms if self._closed else self._on_ms) - ticks.diff(now, self._since)
        return left_ms if left_ms > 0 else 0
