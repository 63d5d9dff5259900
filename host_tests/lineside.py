"""The copper between the box and a telephone, for AtaBench: what the loop shows depends on feed and handset.

    side = LineSide(bench)
    side.lift()                      # current flows 0 ms later, ring trip shows after `trip_ms`
    bench.run(100)
    side.feeds(since_ms)             # [(t_ms, mode)]
    side.signals(since_ms)           # [(t_ms, SIGNAL_*, 1 begins or 0 is over)]
    side.heard(since_ms)             # samples made for the earpiece since then, 16-bit scale
    side.sounds(since_ms)            # [(begin, end)] of what sounded, t_ms

While the feed is open no current flows, whatever the handset does; a reversal interrupts it for a moment.
"""

import numpy as np
from ata_bench import AtaBench
from scipy.signal import butter, sosfilt

import codes

FRAME_MS = 20
LOOP_CLOSED = 1
RING_TRIP = 2
REVERSAL_MS = 8  # no current while the polarity turns
_WINDOW = 40
_EAR = butter(4, (300, 3400), "bandpass", fs=8000, output="sos")


class LineSide:
    """Takes the place of the switch in bench.hal.slic."""

    def __init__(self, bench: AtaBench, trip_ms: int = 100) -> None:
        """trip_ms: how long the SLIC needs to tell direct current from ringing current."""
        self.bench = bench
        self.trip_ms = trip_ms
        self.off_hook = False
        self.since_ms = -1000  # the handset was moved
        self.fed_ms = -1000  # the feed was changed
        self._slic = bench.hal.slic
        self._take_feed = self._slic.set_feed
        self._slic.set_feed = self._set_feed
        self._slic.line_state = self._line_state

    def lift(self, run_ms: int = 0) -> int:
        """Lift the handset now; return the time of it."""
        return self._move(True, run_ms)

    def hang(self, run_ms: int = 0) -> int:
        """Put it back."""
        return self._move(False, run_ms)

    def flash(self, ms: int = 500, run_ms: int = 400) -> None:
        """Open the loop for `ms` with the hook, then wait."""
        self.hang(ms)
        self.lift(run_ms)

    def feeds(self, since_ms: int = 0) -> "list[tuple[int, int]]":
        """Return (t_ms, FEED_*) of each change since then."""
        return [(t, a) for t, name, a, _ in self.bench.log if name == "LOG_FEED" and t >= since_ms]

    def signals(self, since_ms: int = 0) -> "list[tuple[int, int, int]]":
        """Return (t_ms, SIGNAL_*, 1 or 0) of each that began or was over."""
        return [(t, a, b) for t, name, a, b in self.bench.log if name == "LOG_SIGNAL" and t >= since_ms]

    def heard(self, since_ms: int) -> np.ndarray:
        """Return what was made for the earpiece since then."""
        n = (self.bench.t_ms - since_ms) // FRAME_MS
        frames = self.bench.hal.pcm.ear[-n:] if n > 0 else []
        return np.frombuffer(b"".join(frames), "<i2").astype(float)

    def sounds(self, since_ms: int) -> "list[tuple[float, float]]":
        """Return (begin, end) of each stretch of sound since then, as it was made; a frame has 20 ms."""
        samples = self.heard(since_ms)
        origin = self.bench.t_ms // FRAME_MS * FRAME_MS - len(samples) // 8 + FRAME_MS
        return [(origin + begin, origin + end) for begin, end in stretches(samples)]

    def _move(self, off_hook: bool, run_ms: int) -> int:
        self.off_hook = off_hook
        self.since_ms = self.bench.t_ms
        self.bench.run(run_ms)
        return self.since_ms

    def _set_feed(self, mode: int) -> None:
        if mode != self._slic.feed:
            self.fed_ms = self.bench.t_ms
        self._take_feed(mode)

    def _line_state(self) -> int:
        now, feed = self.bench.t_ms, self._slic.feed
        if not self.off_hook or feed == codes.FEED_OPEN:
            return 0
        if feed == codes.FEED_RINGING:
            return RING_TRIP if now - max(self.since_ms, self.fed_ms) >= self.trip_ms else 0
        return 0 if now - self.fed_ms < REVERSAL_MS else LOOP_CLOSED


def loudest_dbm0(samples: np.ndarray, since: int = 0) -> float:
    """Return the level of the loudest 5 ms from sample `since` on, as an earpiece (300 to 3,400 Hz) gives it.

    What broke off before `since` rings on in the earpiece: that is the click. Silence is -99.
    """
    heard = sosfilt(_EAR, np.concatenate([samples, np.zeros(_WINDOW)]))[since:]
    if len(heard) <= _WINDOW:
        return -99.0
    power = np.convolve(np.square(heard), np.ones(_WINDOW) / _WINDOW, mode="valid").max()
    return max(-99.0, 10 * float(np.log10(max(power, 1e-6) / 32767**2)) + 3.17 + 3.01)


def stretches(samples: np.ndarray) -> "list[tuple[float, float]]":
    """Return (begin, end) in ms from the first sample of each stretch of sound; 20 ms of silence part two."""
    loud = np.flatnonzero(np.abs(samples) > 30)
    if not len(loud):
        return []
    cuts = np.flatnonzero(np.diff(loud) > 160)
    firsts = np.concatenate([[loud[0]], loud[cuts + 1]])
    lasts = np.concatenate([loud[cuts], [loud[-1]]])
    return [(first / 8, (last + 1) / 8) for first, last in zip(firsts, lasts, strict=True)]
