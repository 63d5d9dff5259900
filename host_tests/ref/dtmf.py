"""What the detector's kernels compute, from the definitions: a filter in floating point and a Fourier sum."""

import numpy as np

TONES_HZ = (697, 770, 852, 941, 1209, 1336, 1477, 1633)


def notch(samples: np.ndarray) -> np.ndarray:
    """Return `samples` / 32 after two notches at 350 and 440 Hz with poles of radius 0.85."""
    out = np.array(samples, float)
    for hz in (350, 440):
        c = 2 * np.cos(2 * np.pi * hz / 8000)
        x1 = x2 = y1 = y2 = 0.0
        for i, x in enumerate(out):
            y = x - c * x1 + x2 + 0.85 * c * y1 - 0.85**2 * y2
            x2, x1, y2, y1 = x1, x, y1, y
            out[i] = y
    return out / 32


def powers(block: np.ndarray) -> "list[float]":
    """Return the power of 80 samples at the eight frequencies; a sine of amplitude a has 100 a²."""
    turns = np.arange(len(block)) / 8000
    return [abs(np.sum(block * np.exp(-2j * np.pi * hz * turns))) ** 2 / 16 for hz in TONES_HZ]


def gain_in_turns(hz: float) -> float:
    """Return the phase that a tone gains in a block of 10 ms, -0.5 … 0.5 turn."""
    gained = hz * 0.01 % 1
    return gained if gained < 0.5 else gained - 1


def leak(low_hz: float, high_hz: float) -> complex:
    """Return what a tone of `high_hz` leaves in the filter at `low_hz`, as a part of that tone.

    The filters' phases are those at their last sample.
    """
    return complex(np.mean(np.exp(-2j * np.pi * (high_hz - low_hz) / 8000 * np.arange(80))))
