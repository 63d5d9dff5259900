"""Sounds to test the telephone with: sox for tones, espeak-ng for voices; spandsp as a second judge."""

import ctypes
import subprocess

import need
import numpy as np
from scipy.io import wavfile

from tools.vphone_lib import levels, mouth, tonejudge

_REPORT = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_int)


def sox_tone(folder, cadence: str, seconds: float, gain_db: float = -12.0) -> np.ndarray:
    """`cadence` (grammar of tonejudge) played by sox until `seconds` are full."""
    steps = tonejudge.parse(cadence)
    parts, n = [], 0
    while n < seconds * 8000:
        for hz, ms, _ in steps:
            piece = _sox_piece(folder, hz, (ms or seconds * 1000) / 1000, gain_db)
            parts.append(piece)
            n += len(piece)
        if steps[0][2]:  # played once, then silence
            parts.append(np.zeros(max(0, int(seconds * 8000) - n), np.int16))
            break
    return np.concatenate(parts)[: int(seconds * 8000)]


def _sox_piece(folder, hz: tuple, seconds: float, gain_db: float) -> np.ndarray:
    if not hz:
        return np.zeros(round(seconds * 8000), np.int16)
    path = folder / f"{'_'.join(map(str, hz))}_{seconds}.wav"
    if not path.exists():
        sines = [word for f in hz for word in ("sine", str(f))]
        order = [
            need.program("sox"),
            "-D",
            "-r",
            "8000",
            "-c",
            str(len(hz)),
            "-n",
            "-b",
            "16",
            "-c",
            "1",
            str(path),
        ]
        order += ["synth", str(seconds), *sines, "remix", "-", "gain", str(gain_db)]
        subprocess.run(order, check=True, capture_output=True)
    return wavfile.read(path)[1]


def espeak(folder, text: str, voice: str) -> np.ndarray:
    """`text` by espeak-ng, brought to 8 kHz by sox, at -18 dBm0."""
    raw, low = folder / "said.wav", folder / "said8.wav"
    subprocess.run(
        [need.program("espeak-ng"), "-v", voice, "-w", str(raw), text], check=True, capture_output=True
    )
    subprocess.run([need.program("sox"), "-D", str(raw), "-r", "8000", "-c", "1", str(low)], check=True)
    return levels.to_int16(mouth.at_level(wavfile.read(low)[1], -18.0))


def frames(sound: np.ndarray):
    """Frames of 160 samples."""
    return sound[: len(sound) // 160 * 160].reshape(-1, 160)


def judged(sound: np.ndarray, country: str = "us") -> "list[tuple[int, str, bool]]":
    """Every change the judge perceives: (ms, tone, voice)."""
    judge = tonejudge.Judge(country)
    return [(judge.ear.now_ms, judge.tone, judge.voice) for frame in frames(sound) if judge.feed(frame)]


def names(sound: np.ndarray, country: str = "us") -> "set[str]":
    """Names of all tones perceived."""
    return {tone for _, tone, _ in judged(sound, country)} - {"none"}


class Spandsp:
    """The same question to spandsp's super_tone_rx."""

    def __init__(self, patterns: "dict[str, list[tuple[int, int, int, int]]]") -> None:
        self._lib = need.spandsp()
        for verb in ("super_tone_rx_make_descriptor", "super_tone_rx_init"):
            getattr(self._lib, verb).restype = ctypes.c_void_p
        self._names = {}
        self._descriptor = ctypes.c_void_p(self._lib.super_tone_rx_make_descriptor(None))
        for tone, elements in patterns.items():
            number = self._lib.super_tone_rx_add_tone(self._descriptor)
            self._names[number] = tone
            for element in elements:
                self._lib.super_tone_rx_add_element(self._descriptor, number, *element)

    def names(self, sound: np.ndarray) -> "set[str]":
        heard = set()

        def report(user, code, level, delay):
            if code in self._names:
                heard.add(self._names[code])

        keep = _REPORT(report)
        state = ctypes.c_void_p(self._lib.super_tone_rx_init(None, self._descriptor, keep, None))
        for frame in frames(np.ascontiguousarray(sound, np.int16)):
            at = frame.ctypes.data_as(ctypes.POINTER(ctypes.c_int16))
            done = 0
            while done < 160:
                step = ctypes.cast(ctypes.addressof(at.contents) + 2 * done, ctypes.POINTER(ctypes.c_int16))
                done += self._lib.super_tone_rx(state, step, 160 - done)
        self._lib.super_tone_rx_free(state)
        return heard
