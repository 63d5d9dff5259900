"""Signals for tests, and meters for them, in floating point: 8 kHz, 16 bits, full-scale sine +3.17 dBm0."""

import numpy as np

ROWS_HZ = (697, 770, 852, 941)
COLUMNS_HZ = (1209, 1336, 1477, 1633)
KEYS = "123A456B789C*0#D"


def peak_of_dbm0(level_dbm0: float) -> float:
    """Return the peak of a sine of `level_dbm0`."""
    return 32767 * 10 ** ((level_dbm0 - 3.17) / 20)


def dbm0_of(samples: np.ndarray) -> float:
    """Return the level of `samples`."""
    return 3.17 + 10 * np.log10(2 * np.mean(np.square(samples, dtype=float)) / 32767**2 + 1e-30)


def sine(hz: float, level_dbm0: float, n: int, phase: float = 0.0) -> np.ndarray:
    """Return `n` samples of a sine; `phase` in turns."""
    return peak_of_dbm0(level_dbm0) * np.sin(2 * np.pi * (hz * np.arange(n) / 8000 + phase))


def noise(rng: np.random.Generator, level_dbm0: float, n: int) -> np.ndarray:
    """Return `n` samples of white Gaussian noise."""
    return rng.normal(0, peak_of_dbm0(level_dbm0) / np.sqrt(2), n)


def silence(ms: float) -> np.ndarray:
    """Return silence, to the sample nearest to `ms`."""
    return np.zeros(round(ms * 8))


def dtmf(
    key: str,
    ms: float,
    low_dbm0: float = -10,
    high_dbm0: float = -10,
    low_off: float = 0.0,
    high_off: float = 0.0,
    rng: "np.random.Generator | None" = None,
) -> np.ndarray:
    """Return the tone of a key (Q.23); the `off` are relative errors of frequency, phases are random."""
    at = KEYS.index(key)
    phases = rng.uniform(0, 1, 2) if rng else (0.0, 0.0)
    n = round(ms * 8)
    low = sine(ROWS_HZ[at // 4] * (1 + low_off), low_dbm0, n, phases[0])
    return low + sine(COLUMNS_HZ[at % 4] * (1 + high_off), high_dbm0, n, phases[1])


def pcm(samples: np.ndarray) -> bytes:
    """Return `samples` as 16-bit little-endian PCM, clipped, filled up to whole frames of 160."""
    whole = np.concatenate([samples, np.zeros(-len(samples) % 160)])
    return np.clip(np.round(whole), -32768, 32767).astype("<i2").tobytes()


def frames(samples: np.ndarray) -> "list[bytearray]":
    """Return `samples` cut into frames of 320 octets."""
    raw = pcm(samples)
    return [bytearray(raw[at : at + 320]) for at in range(0, len(raw), 320)]


def samples_of(raw: "bytes | bytearray") -> np.ndarray:
    """Return 16-bit PCM as floating point."""
    return np.frombuffer(bytes(raw), "<i2").astype(float)


def lines_of(samples: np.ndarray, count: int) -> "list[tuple[float, float]]":
    """Return the `count` strongest spectral lines as (Hz, dBm0), the lowest frequency first.

    A Hann window and the centre of gravity of three bins of its amplitude spectrum: true to 0.1 Hz at 1 s.
    """
    n = len(samples)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(n + 1)[:n]))
    found = []
    for _ in range(count):
        k = int(np.argmax(spectrum))
        below, peak, above = spectrum[k - 1 : k + 2]
        delta = 2 * (above - below) / (below + 2 * peak + above)
        energy = np.sum(np.square(spectrum[k - 3 : k + 4]))
        level = 3.17 + 10 * np.log10(energy * 2 / (0.375 * n) * 2 / n / 32767**2)
        found.append(((k + delta) * 8000 / n, float(level)))
        spectrum[max(0, k - 8) : k + 9] = 0
    return sorted(found)
