"""What a telephone's earpiece gave: tones by name and cadence, frequencies, levels, out of recorded frames.

The names of tones come from the virtual telephone's own judge (tools/vphone_lib), which knows nothing of
the firmware. Times are ms from the first frame; the line plays one frame each 20 ms.
"""

import numpy as np

from tools.vphone_lib.tonejudge import Judge

FRAME_MS = 20


def samples(frames: list[bytes]) -> np.ndarray:
    """Return 16-bit frames as one array of floats."""
    return np.frombuffer(b"".join(frames), "<i2").astype(float)


def story(frames: list[bytes]) -> list[tuple[int, str]]:
    """Return (ms, name) each time the tone changes its name; "voice" is sound that is no tone."""
    judge = Judge()
    told: list[tuple[int, str]] = []
    name = "none"
    for number, frame in enumerate(frames):
        judge.feed(samples([frame]))
        now = judge.tone if judge.tone != "none" else "voice" if judge.voice else "none"
        if now != name:
            told.append((number * FRAME_MS, now))
        name = now
    return told


def names(frames: list[bytes]) -> list[str]:
    """Return the names of `story` without their times."""
    return [name for _, name in story(frames)]


def level_dbm0(frames: list[bytes]) -> float:
    """Return the level of all of it in dBm0; -99 for silence."""
    rms = float(np.sqrt(np.mean(samples(frames) ** 2))) if frames else 0.0
    return max(-99.0, 20 * float(np.log10(max(rms, 1e-3) / 32767)) + 3.17 + 3.01)


def loudest_hz(frames: list[bytes]) -> float:
    """Return the frequency of the strongest line."""
    x = samples(frames)
    spectrum = np.abs(np.fft.rfft(x * np.hanning(len(x))))
    return float(np.argmax(spectrum)) * 8000 / len(x)


def level_of(frames: list[bytes], hz: float) -> float:
    """Return the level of one frequency in dBm0 (a sine as long as `frames`)."""
    x = samples(frames)
    turn = np.exp(-2j * np.pi * hz * np.arange(len(x)) / 8000)
    peak = 2 * abs(float(np.abs(np.sum(x * turn)))) / len(x)
    return max(-99.0, 20 * float(np.log10(max(peak, 1e-3) / 32767)) + 3.17)


def sounding_ms(frames: list[bytes], floor_dbm0: float = -40.0) -> int:
    """Return how many ms of it, in steps of 5, are louder than `floor_dbm0`."""
    x = samples(frames)
    x = x[: len(x) // 40 * 40].reshape(-1, 40)
    floor = 32767 * 10 ** ((floor_dbm0 - 3.17 - 3.01) / 20)
    return 5 * int(np.sum(np.sqrt(np.mean(x**2, axis=1)) > floor))
