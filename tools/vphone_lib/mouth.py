"""What goes into the line at the telephone: keypad tones, hum, played sound, line noise and hybrid echo.

Knows sound only: not the hook, not the feed. Every function returns float32 samples at 8 kHz.
"""

import numpy as np

from .levels import FRAME, RATE_HZ, rms_of_dbm0

_ROWS = (697, 770, 852, 941)
_COLUMNS = (1209, 1336, 1477, 1633)
_KEYS = "123A456B789C*0#D"
DTMF_HZ = {key: (_ROWS[i // 4], _COLUMNS[i % 4]) for i, key in enumerate(_KEYS)}
_FADE = 8  # samples: 1 ms, so that a keypad tone starts without a loud click
_ECHO_TAPS = 24  # 3 ms: all that a short loop's hybrid needs
_NOISE_SECONDS = 4


def sine(hz: float, level_dbm0: float, n: int) -> np.ndarray:
    """`n` samples of a sine of `hz` at `level_dbm0`, starting at phase 0."""
    peak = rms_of_dbm0(level_dbm0) * np.sqrt(2)
    return (peak * np.sin(2 * np.pi * hz / RATE_HZ * np.arange(n))).astype(np.float32)


def silence(ms: float) -> np.ndarray:
    """`ms` milliseconds of nothing."""
    return np.zeros(round(ms * RATE_HZ / 1000), np.float32)


def _soft(tone: np.ndarray) -> np.ndarray:
    """Fade the first and the last millisecond of `tone`, in place."""
    if len(tone) > 2 * _FADE:
        ramp = np.linspace(0, 1, _FADE, dtype=np.float32)
        tone[:_FADE] *= ramp
        tone[-_FADE:] *= ramp[::-1]
    return tone


def dtmf(digits: str, on_ms: float, off_ms: float, level_dbm0: float, twist_db: float) -> np.ndarray:
    """Keypad tones (ITU-T Q.23), each followed by its pause.

    `level_dbm0` is the mean level of each of the two tones; the high one is `twist_db` above the low one.
    Raises ValueError for a key that no keypad has.
    """
    n = round(on_ms * RATE_HZ / 1000)
    parts = []
    for key in digits.upper():
        if key not in DTMF_HZ:
            raise ValueError(f"no such key on a telephone: {key!r} (there are 0-9 * # A-D)")
        low_hz, high_hz = DTMF_HZ[key]
        tone = sine(low_hz, level_dbm0 - twist_db / 2, n) + sine(high_hz, level_dbm0 + twist_db / 2, n)
        parts += [_soft(tone), silence(off_ms)]
    return np.concatenate(parts) if parts else silence(0)


def at_level(samples: np.ndarray, level_dbm0: "float | None") -> np.ndarray:
    """`samples` scaled so that their active part (no pauses) has `level_dbm0`; None leaves them alone."""
    wide = np.asarray(samples).astype(np.float32)
    if level_dbm0 is None or not len(wide):
        return wide
    whole = len(wide) // FRAME * FRAME
    frames = wide[:whole].reshape(-1, FRAME) if whole else wide.reshape(1, -1)
    power = np.mean(frames * frames, axis=1)
    loudest = float(power.max())
    if loudest <= 0:
        return wide
    active = float(power[power > loudest * 1e-4].mean())
    return wide * (rms_of_dbm0(level_dbm0) / np.sqrt(active))


class Noise:
    """Line noise from a seeded table of some seconds, read round and round."""

    def __init__(self, rng: np.random.Generator, level_dbm0: float) -> None:
        white = rng.standard_normal(_NOISE_SECONDS * RATE_HZ)
        self._table = (white * rms_of_dbm0(level_dbm0)).astype(np.float32)
        self._at = 0

    def frame(self) -> np.ndarray:
        """The next 160 samples; to be read, not written."""
        if self._at + FRAME > len(self._table):
            self._at = 0
        self._at += FRAME
        return self._table[self._at - FRAME : self._at]


class Hybrid:
    """The two-to-four-wire hybrid: part of what comes out of the earpiece goes back into the line."""

    def __init__(self, rng: np.random.Generator, erl_db: float) -> None:
        taps = rng.standard_normal(_ECHO_TAPS) * np.exp(-np.arange(_ECHO_TAPS) / 4)
        taps *= 10 ** (-erl_db / 20) / np.sqrt(np.sum(taps * taps))
        self._taps = taps.astype(np.float32)
        self._past = np.zeros(_ECHO_TAPS - 1 + FRAME, np.float32)
        self._quiet = True

    def echo(self, ear: "np.ndarray | None") -> "np.ndarray | None":
        """The echo of this frame of 160 samples; None if there is none."""
        if ear is None and self._quiet:
            return None
        past = self._past
        past[: _ECHO_TAPS - 1] = past[FRAME:]
        if ear is None:
            past[_ECHO_TAPS - 1 :] = 0
        else:
            past[_ECHO_TAPS - 1 :] = ear
        self._quiet = ear is None
        return np.convolve(past, self._taps, "valid")
