"""The wire pair between SLIC and telephone: feed, current, ring trip, at 5 ms steps.

Knows volts and milliamperes, not sound. One step is 20 ms and yields four samples of the line state, as
the SLIC's comparators would show them: not debounced.
"""

import math

import numpy as np

FEED_OPEN, FEED_FORWARD, FEED_REVERSE, FEED_RINGING = 0, 1, 2, 3
FEED_NAMES = ("open", "forward", "reverse", "ringing")
LOOP_CLOSED = 1
RING_TRIP = 2
CELL_MS = 5
CELLS = 4
BATTERY_V = -48.0
LOOP_MA = 25.0
LOOP_OHM = 350.0  # the telephone off-hook, 300 ohm, and a short wire
RING_VRMS = 60.0
RING_OHM = 7000.0  # about one REN
_DEFAULT_RING_HZ = 20.0
_BELL_HZ = (15.0, 70.0)  # what a bell or a ring detector answers to
_TRIP_CYCLES = 2.0  # of ringing: the DC part must be told from the AC part
_TRIP_JITTER_MS = 30.0


class Loop:
    """Feed and contact in, line state out. `volts` and `milliamps` hold the last four samples."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self.volts = [0.0] * CELLS
        self.milliamps = [0.0] * CELLS
        self.feed = FEED_OPEN
        self._switching = False  # no current in the first 5 ms of a new feed
        self._phase = 0.0  # of the ringing, in turns
        self._trip_ms = 0.0  # how long DC has flown while ringing is fed
        self._trip_after_ms = 0.0
        self._steady = (-1, -1)  # feed and contact of a step in which nothing moved
        self._state = bytes(CELLS)

    def bell_rings(self, ring_dhz: int, closed: bool) -> bool:
        """True if the feed rings the bell of a telephone whose contact is as given."""
        hz = ring_dhz / 10 or _DEFAULT_RING_HZ
        return self.feed == FEED_RINGING and not closed and _BELL_HZ[0] <= hz <= _BELL_HZ[1]

    def step(self, contact: bytes, feed: int, ring_dhz: int) -> bytes:
        """20 ms: `contact` is the hook switch, one octet a millisecond, 1 = closed. Returns 4 line states."""
        still = contact.count(contact[0]) == len(contact)
        key = (feed, contact[0])
        if still and key == self._steady and feed != FEED_RINGING:
            return self._state
        if feed != self.feed:
            self._begin_feed(feed, ring_dhz)
        state = bytearray(CELLS)
        for cell in range(CELLS):
            state[cell] = self._cell(cell, contact[cell * CELL_MS + CELL_MS - 1], ring_dhz)
            self._switching = False
        self._state = bytes(state)
        self._steady = key if still and self._state.count(self._state[0]) == CELLS else (-1, -1)
        return self._state

    def _begin_feed(self, feed: int, ring_dhz: int) -> None:
        self.feed = feed
        self._switching = True
        self._phase = 0.0
        self._trip_ms = 0.0
        hz = ring_dhz / 10 or _DEFAULT_RING_HZ
        self._trip_after_ms = _TRIP_CYCLES * 1000 / hz + float(self._rng.uniform(0, _TRIP_JITTER_MS))

    def _cell(self, cell: int, closed: int, ring_dhz: int) -> int:
        """Volts, current and line state at the end of one 5 ms step."""
        if self.feed == FEED_RINGING:
            return self._ringing_cell(cell, closed, ring_dhz)
        sign = 0 if self.feed == FEED_OPEN or self._switching else (-1 if self.feed == FEED_REVERSE else 1)
        if closed:
            self.milliamps[cell] = sign * LOOP_MA
            self.volts[cell] = -sign * LOOP_MA * LOOP_OHM / 1000
        else:
            self.milliamps[cell] = 0.0
            self.volts[cell] = sign * BATTERY_V
        return LOOP_CLOSED if closed and sign else 0

    def _ringing_cell(self, cell: int, closed: int, ring_dhz: int) -> int:
        hz = ring_dhz / 10 or _DEFAULT_RING_HZ
        self._phase = (self._phase + hz * CELL_MS / 1000) % 1.0
        volts = RING_VRMS * math.sqrt(2) * math.sin(2 * math.pi * self._phase)
        if closed:
            self._trip_ms += CELL_MS
            self.milliamps[cell] = LOOP_MA
            self.volts[cell] = -LOOP_MA * LOOP_OHM / 1000
        else:
            self._trip_ms = 0.0
            self.milliamps[cell] = volts / RING_OHM * 1000
            self.volts[cell] = volts + BATTERY_V
        return RING_TRIP if self._trip_ms > self._trip_after_ms else 0
