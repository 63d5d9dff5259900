"""What a row of the table is: cases of sound, what should be heard in them, and a score."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ref import signals

KEYS = signals.KEYS
_LEAD_MS = 20


@dataclass
class Row:
    """One line of the table. `score` gives a figure of what was heard; `gate` says whether it is enough."""

    group: str
    what: str
    demand: str
    unit: str
    cases: "list[np.ndarray]"
    wanted: "list[str]"
    score: "Callable[[list[str], list[str]], float]"
    gate: "Callable[[float], bool]"
    dial_tone: bool = False  # spandsp gets its dial tone filter
    figures: "dict[str, float]" = field(default_factory=dict)


def common(heard: str, wanted: str) -> int:
    """Return how many digits of `wanted` were heard in their order (longest common subsequence)."""
    best = [0] * (len(wanted) + 1)
    for digit in heard:
        diagonal = 0
        for at, other in enumerate(wanted):
            above = best[at + 1]
            best[at + 1] = diagonal + 1 if digit == other else max(above, best[at])
            diagonal = above
    return best[-1]


def percent(heard: "list[str]", wanted: "list[str]") -> float:
    """Return how much of what was keyed was heard, in %; each digit too many costs as much as one missed."""
    keyed = sum(map(len, wanted))
    right = sum(common(*pair) for pair in zip(heard, wanted, strict=True))
    return 100 * (2 * right - sum(map(len, heard))) / keyed if right else 0.0


def exact(heard: "list[str]", wanted: "list[str]") -> float:
    """Return how many of the cases were heard exactly right, in %."""
    return 100 * sum(a == b for a, b in zip(heard, wanted, strict=True)) / len(wanted)


def count(heard: "list[str]", _wanted: "list[str]") -> float:
    """Return the number of digits heard."""
    return sum(map(len, heard))


def share(heard: "list[str]", wanted: "list[str]") -> float:
    """Return how much of what was keyed gave any digit, in %."""
    return 100 * count(heard, wanted) / sum(map(len, wanted))


def pcm(sound: np.ndarray) -> np.ndarray:
    """Return `sound` as int16, clipped as a codec clips."""
    return np.clip(np.round(sound), -32768, 32767).astype("<i2")


def keyed(
    rng: np.random.Generator, keys: str, on_ms: float = 50, off_ms: float = 50, **tone: float
) -> np.ndarray:
    """Return the keys' tones in floating point: random phases, the first at a random sample."""
    parts = [np.zeros(_LEAD_MS * 8 + int(rng.integers(0, 160)))]
    for key in keys:
        parts += [signals.dtmf(key, on_ms, rng=rng, **tone), signals.silence(off_ms)]
    return np.concatenate(parts)


def whole_keypad(
    rng: np.random.Generator, times: int, on_ms: float = 40, off_ms: float = 53, **tone: float
) -> "tuple[list[np.ndarray], list[str]]":
    """Return `times` cases of all 16 digits, at Q.24's shortest cycle of 93 ms, and the digits of each."""
    return [pcm(keyed(rng, KEYS, on_ms, off_ms, **tone)) for _ in range(times)], [KEYS] * times
