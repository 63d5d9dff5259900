"""Levels on the line: the one place on the host that ties 16-bit samples to dBm0.

A full-scale 16-bit sine is +3.17 dBm0 (ITU-T G.711, mu-law), at 8 kHz, 160 samples a frame of 20 ms.
"""

import math

import numpy as np

RATE_HZ = 8000
FRAME = 160
FRAME_MS = 20
FULL_SCALE_DBM0 = 3.17
_RMS_AT_0_DBM0 = 32767 / math.sqrt(2) / 10 ** (FULL_SCALE_DBM0 / 20)


def rms_of_dbm0(level_dbm0: float) -> float:
    """RMS value in 16-bit sample units of a signal of `level_dbm0`."""
    return _RMS_AT_0_DBM0 * 10 ** (level_dbm0 / 20)


def dbm0_of_rms(rms: float) -> float:
    """Level in dBm0 of an RMS value in sample units; -120 stands for silence."""
    return max(-120.0, 20 * math.log10(max(rms, 1e-9) / _RMS_AT_0_DBM0))


def dbm0_of(samples: np.ndarray) -> float:
    """Mean level in dBm0 of `samples`; -120 for silence or nothing."""
    if not len(samples):
        return -120.0
    wide = samples.astype(np.float64)
    return dbm0_of_rms(math.sqrt(float(np.mean(wide * wide))))


def to_int16(samples: np.ndarray) -> np.ndarray:
    """Round and clip to 16 bits, as a converter does."""
    return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)
