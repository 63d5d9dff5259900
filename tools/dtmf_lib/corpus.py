"""Speech and music in which no digit may be heard: Debian's recordings for Asterisk, 150 minutes at 8 kHz.

Five languages, five voices and five pieces of music on hold. They lie where their packages put them, and
`tools/lab.py install` fetches the packages.
"""

import wave
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

FOLDER = Path("/usr/share/asterisk")
MINUTES = 149.0  # at least, when all packages are there
_EVERY = 7  # every 7th file of speech and the first piece of music make 20 minutes


def files(part: str = "all") -> "list[Path]":
    """Return the recordings, sorted: "all", or the "subset" of 20 minutes."""
    speech = sorted(FOLDER.glob("sounds/**/*.wav"))
    music = sorted(FOLDER.glob("moh/*.wav"))
    return [*speech[::_EVERY], *music[:1]] if part == "subset" else [*speech, *music]


def samples(path: Path) -> np.ndarray:
    """Return a recording as int16, 8 kHz mono."""
    with wave.open(str(path)) as recording:
        if (recording.getframerate(), recording.getnchannels(), recording.getsampwidth()) != (8000, 1, 2):
            raise ValueError(f"{path} is not 16 bits, 8 kHz, mono")
        return np.frombuffer(recording.readframes(recording.getnframes()), "<i2")


def warped(sound: np.ndarray, speed: Fraction) -> np.ndarray:
    """Return `sound` played at `speed`: pitch, formants and time all change, as another voice's would."""
    if speed == 1:
        return sound
    bent = resample_poly(sound.astype(float), speed.denominator, speed.numerator)
    return np.clip(np.round(bent), -32768, 32767).astype("<i2")


def minutes(sounds: "Iterable[np.ndarray]") -> float:
    """Return how long they play, one after the other."""
    return sum(map(len, sounds)) / 8000 / 60
