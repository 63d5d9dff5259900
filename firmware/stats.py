"""Counters and the log of the box: small integers in, names only on the host (codes.py)."""

from array import array

from micropython import const

_COUNTERS = const(39)  # codes.N_COUNTERS
_RING = const(32)  # entries kept
_WORDS = const(4)  # tick, code, a, b


class Stats:
    """One array of counters that stop just under 2**30 rather than wrap."""

    def __init__(self) -> None:
        self.counts = array("i", bytes(4 * _COUNTERS))

    def count(self, index: int, by: int = 1) -> None:
        """Add `by` (0 … 65,535) to counter `index`."""
        old = self.counts[index]
        self.counts[index] = old + by if old < 0x3FFF0000 else old


class Log:
    """A ring of the last 32 events, four integers each; `written` counts them modulo 2**30."""

    def __init__(self) -> None:
        self.ring = array("i", bytes(4 * _RING * _WORDS))
        self.written = 0

    def put(self, now: int, code: int, a: int = 0, b: int = 0) -> None:
        """Write one event: tick, code, and two small integers."""
        at = (self.written % _RING) * _WORDS
        self.ring[at] = now
        self.ring[at + 1] = code
        self.ring[at + 2] = a
        self.ring[at + 3] = b
        self.written = (self.written + 1) & 0x3FFFFFFF
