"""What a row of profiles.txt promises, read anew, and what a recording holds: frequencies, levels, edges.

`promise` knows nothing of line/tones.py: it reads the text of a row by itself, so that parser, player and
generator are judged together. `record` plays a tone through the firmware into a WAV file and reads it back.
"""

import functools
import wave
from array import array
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

import stub_hal
from dsp.tone import Tone
from line import tones
from media.downlink import Downlink
from media.jitter import Jitter
from ref import signals
from stats import Stats

TONES = (
    "dial", "stutter", "recall", "ringback", "busy", "reorder", "callwaiting", "confirm", "howler", "sit",
    "unobtainable", "hold",
)  # fmt: skip
RATE = 8000
SIDE_DB = 20 * np.log10(0.45)  # a side band of a carrier swung by 90 %


@dataclass
class Step:
    """`lines`: ((Hz, dBm0), …), lowest first; `ms` None = for ever."""

    lines: tuple
    ms: "int | None"
    once: bool

    def hz(self) -> set:
        return {hz for hz, _ in self.lines}


def promise(text: str, level: float) -> "list[Step]":
    """Return the steps of a tone as its text says, none folded into another."""
    found = []
    for written in text.split(","):
        what, _, ms = written.strip("! ").partition("/")
        what, _, own = what.partition("@")
        here = float(own or level)
        if "*" in what:
            carrier, by = map(int, what.split("*"))
            lines = ((carrier - by, here + SIDE_DB), (carrier, here), (carrier + by, here + SIDE_DB))
        else:
            lines = tuple(sorted((int(hz), here) for hz in what.split("+") if int(hz)))
        found.append(Step(lines, int(ms) if ms else None, written.strip()[0] == "!"))
    return found


def timeline(steps: "list[Step]", max_ms: int) -> "list[tuple[int, int, Step]]":
    """Return [(first ms, ms after the last, step)] of what is heard: once, then the loop at least twice."""
    loop = [step for step in steps if not step.once]
    found = []
    at = 0
    for step in [*steps, *loop * 40]:
        end = max_ms if step.ms is None else min(max_ms, at + step.ms)
        if end > at:
            found.append((at, end, step))
        at = end
    return found


def record(text: str, level_dbm0: int, ms: int, path) -> np.ndarray:
    """Play a tone through the firmware for `ms`, as it lies in a WAV file; return what is read from there."""
    sounds = array("h", (0,))
    at = tones.parse(text, level_dbm0, sounds)
    down = Downlink(bytearray(320), Jitter(bytearray(1280), 40, Stats()), Tone())
    down.play(sounds, at)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        for _ in range(ms // 20):
            down.decode(-1)
            out.writeframes(down.frame)
    with wave.open(str(path), "rb") as back:
        return signals.samples_of(back.readframes(back.getnframes()))


def lines_of(samples: np.ndarray, wanted: tuple) -> "list[tuple[float, float]]":
    """Return (Hz, dBm0) of as many lines as wanted: of the FFT, or of a fit where that cannot part them."""
    hz = [line[0] for line in wanted]
    apart = min(np.diff(hz), default=1e9)
    if len(samples) >= 800 and apart * len(samples) / RATE >= 12:
        return signals.lines_of(samples, len(wanted))
    t = np.arange(len(samples)) / RATE

    def waves(found):
        angles = 2 * np.pi * np.outer(t, found)
        return np.hstack([np.cos(angles), np.sin(angles)])

    def rest(found):
        base = waves(found)
        return samples - base @ np.linalg.lstsq(base, samples, rcond=None)[0]

    found = least_squares(rest, hz, x_scale=1.0, diff_step=1e-4).x
    parts = np.linalg.lstsq(waves(found), samples, rcond=None)[0].reshape(2, -1)
    return [(f, 3.17 + 20 * np.log10(np.hypot(*pair) / 32767)) for f, pair in zip(found, parts.T)]


def sound_edges(samples: np.ndarray) -> "list[float]":
    """Return in ms where sound begins and ends, by turns; a silence shorter than 5 ms is none."""
    loud = np.flatnonzero(np.abs(samples) > 0)
    breaks = np.flatnonzero(np.diff(loud) > 40)
    edges = [loud[0]]
    for k in breaks:
        edges += [loud[k] + 1, loud[k + 1]]
    return [float(at) / 8 for at in [*edges, loud[-1] + 1]]


def change_ms(samples: np.ndarray, hz: float, near_ms: float) -> float:
    """Return when a frequency comes or goes near a time: where 30 ms around hold half of its amplitude."""
    half = 120
    first = max(half, int(near_ms * 8) - 320)
    last = min(len(samples) - half, int(near_ms * 8) + 320)
    turn = np.exp(-2j * np.pi * hz * np.arange(2 * half) / RATE) * np.hanning(2 * half)
    strength = [abs(np.dot(samples[at - half : at + half], turn)) for at in range(first, last)]
    strength = np.array(strength)
    middle = (strength.min() + strength.max()) / 2
    return (first + int(np.argmin(np.abs(strength - middle)))) / 8


@functools.lru_cache(1)
def rows() -> "dict[str, dict[str, tuple[str, str]]]":
    """Return {profile: {key: (text, level)}} as the file has it, nothing inherited."""
    found: "dict[str, dict[str, tuple[str, str]]]" = {}
    for row in stub_hal.make(1).store.rows("profiles"):
        if row and row[0] != "#":
            name, key, text, level = row.split("|")
            assert key not in found.setdefault(name, {}), row
            found[name][key] = text, level
    return found


def whole(name: str) -> "dict[str, tuple[str, str]]":
    """Return the rows of a profile with those of all that it leans on."""
    own = rows()[name]
    return {**whole(own["base"][0]), **own} if "base" in own else own
