"""Something to say into the mouthpiece, and a measure of how well it came back.

Speaks with espeak-ng where it is installed; elsewhere a buzz with three moving formants, cut into syllables
and pauses, stands in: no words, but the spectrum, the changes of level and the lack of steady tones are those
of a voice.
"""

import os
import shutil
import struct
import subprocess
import tempfile
import warnings
import zlib
from math import gcd

import numpy as np
from scipy.io import wavfile
from scipy.signal import lfilter, resample_poly

from .levels import RATE_HZ, to_int16

_WORDS_PER_MINUTE = 150
_PEAK = 12000
_MAX_DELAY_MS = 2000
_VOWELS_HZ = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))
_BANDWIDTH_HZ = (80, 110, 160)
_SYLLABLE_MS = (110, 240)


def say(text: str, voice: str = "en") -> np.ndarray:
    """`text` spoken: int16 samples, 8 kHz mono, by espeak-ng or, where that is missing, by `babble`."""
    spoken = _espeak(text, voice)
    return babble(text) if spoken is None else spoken


def _espeak(text: str, voice: str) -> "np.ndarray | None":
    tool = shutil.which("espeak-ng")
    if tool is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "said.wav")
        order = [tool, "-v", voice, "-s", str(_WORDS_PER_MINUTE), "-w", path, text]
        try:
            subprocess.run(order, capture_output=True, check=True)
            return read_wav(path)
        except (OSError, ValueError, subprocess.CalledProcessError):
            return None


def to_rate(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """Any 16-bit wave, first channel, as int16 at 8 kHz."""
    mono = samples if samples.ndim == 1 else samples[:, 0]
    if rate_hz == RATE_HZ:
        return mono.astype(np.int16)
    common = gcd(rate_hz, RATE_HZ)
    return to_int16(resample_poly(mono.astype(np.float64), RATE_HZ // common, rate_hz // common))


def read_wav(path: str) -> np.ndarray:
    """A 16-bit wave file as int16 samples at 8 kHz. Raises ValueError with one line if it is no such file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)  # chunks that are no sound
            warnings.filterwarnings("error", "Reached EOF", wavfile.WavFileWarning)
            rate_hz, samples = wavfile.read(path)
    except (struct.error, EOFError, wavfile.WavFileWarning):
        raise ValueError(f"{path}: truncated WAV") from None
    except ValueError as why:
        cut = str(why).startswith(("Incomplete chunk", "Unexpected end"))
        raise ValueError(f"{path}: " + ("truncated WAV" if cut else f"not a wave file ({why})")) from None
    if samples.dtype != np.int16:
        raise ValueError(f"{path}: {samples.dtype} samples, want 16-bit (sox IN -b 16 OUT)")
    return to_rate(samples, rate_hz)


def write_wav(path: str, samples: np.ndarray) -> None:
    """Int16 samples as an 8 kHz mono wave file."""
    wavfile.write(path, RATE_HZ, np.asarray(samples, np.int16))


def babble(text: str) -> np.ndarray:
    """A voice-like signal that depends on `text` only: a syllable per two letters, a pause per word."""
    rng = np.random.default_rng(zlib.crc32(text.encode()))
    parts = []
    for word in text.split() or ["a"]:
        parts += [_syllable(rng) for _ in range(max(1, len(word) // 2))]
        ms = 350 if word[-1] in ".,;:?!" else rng.uniform(60, 140)
        parts.append(np.zeros(int(ms * RATE_HZ / 1000)))
    sound = np.concatenate(parts)
    return to_int16(sound * (_PEAK / np.abs(sound).max()))


def _syllable(rng: np.random.Generator) -> np.ndarray:
    """A hiss of some 40 ms, then a gliding buzz through three resonators."""
    n = int(rng.uniform(*_SYLLABLE_MS) * RATE_HZ / 1000)
    pitch_hz = np.linspace(rng.uniform(105, 150), rng.uniform(85, 130), n)
    turns = np.cumsum(pitch_hz / RATE_HZ)
    buzz = np.diff(np.floor(turns), prepend=0.0) + 0.01 * rng.standard_normal(n)
    first, last = rng.integers(0, len(_VOWELS_HZ), 2)
    voiced = sum(
        np.linspace(1, 0, n) * _formants(buzz, _VOWELS_HZ[first])[k]
        + np.linspace(0, 1, n) * _formants(buzz, _VOWELS_HZ[last])[k]
        for k in range(3)
    )
    voiced *= np.sin(np.pi * np.arange(n) / n) ** 0.5 / (np.abs(voiced).max() + 1e-9)
    hiss = np.diff(rng.standard_normal(int(rng.uniform(20, 60) * RATE_HZ / 1000)), prepend=0.0)
    return np.concatenate([0.06 * hiss, voiced])


def _formants(buzz: np.ndarray, vowel_hz: "tuple[int, ...]") -> "list[np.ndarray]":
    """The buzz through a two-pole resonator for each formant, the higher ones weaker."""
    out = []
    for k, (hz, wide_hz) in enumerate(zip(vowel_hz, _BANDWIDTH_HZ)):
        r = np.exp(-np.pi * wide_hz / RATE_HZ)
        poles = [1.0, -2 * r * np.cos(2 * np.pi * hz / RATE_HZ), r * r]
        out.append(lfilter([(1 - r) * 0.5**k], poles, buzz))
    return out


def echo_match(spoken: np.ndarray, heard: np.ndarray) -> "tuple[float, float]":
    """How well `spoken` is found in `heard`: (best normalised correlation 0 … 1, its delay 0 … 2000 ms).

    At each delay `spoken` is compared with as many samples of `heard`, both rid of DC. The level does not
    matter; a gap, noise or another voice does. (0.0, 0.0) if one of them is silent.
    """
    a = np.asarray(spoken, np.float64)
    b = np.asarray(heard, np.float64)
    a, b = a - a.mean() if len(a) else a, b - b.mean() if len(b) else b
    if not len(a) or not len(b) or not a.any() or not b.any():
        return 0.0, 0.0
    delays = _MAX_DELAY_MS * RATE_HZ // 1000 + 1
    b = np.concatenate([b, np.zeros(max(0, delays + len(a) - len(b)))])[: delays + len(a)]
    size = 1 << (len(a) + len(b) - 1).bit_length()
    cross = np.fft.irfft(np.conj(np.fft.rfft(a, size)) * np.fft.rfft(b, size), size)[:delays]
    energy = np.concatenate([[0.0], np.cumsum(b * b)])
    under = energy[len(a) : len(a) + delays] - energy[:delays]
    quality = cross / np.sqrt(np.dot(a, a) * np.maximum(under, 1e-3 * np.dot(b, b)))
    best = int(np.argmax(quality))
    return float(np.clip(quality[best], 0.0, 1.0)), best * 1000 / RATE_HZ
