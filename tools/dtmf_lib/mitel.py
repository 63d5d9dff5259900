"""A sweep in the manner of the first side of Mitel's test tape CM7291, made anew from its description.

Frequencies in steps of 0.1 %, twist in steps of 0.1 dB, level in steps of 1 dB, length in steps of 0.1 ms,
and a thousand tones in each of three noises. As with the tape, a figure is the number of tones heard times
the step; levels are per tone, tones and pauses last 50 ms.
"""

import numpy as np

from ref import signals

from .rows import KEYS, Row, count, keyed, pcm, percent

_GROUP = "CM7291"
_DIGITS = "159D"
_STEPS = 60
_STEP = 0.001


def _sweep(rng: np.random.Generator, key: str, tones: "list[dict]") -> np.ndarray:
    return pcm(np.concatenate([keyed(rng, key, **tone) for tone in tones]))


def _steps(step: float):
    """Return a score: the fewest tones heard of any case, times `step`."""

    def score(heard: "list[str]", _wanted: "list[str]") -> float:
        return round(min(map(len, heard)) * step, 3)

    return score


def _most(step: float):
    """Return a score: the most tones heard of any case, times `step`."""

    def score(heard: "list[str]", _wanted: "list[str]") -> float:
        return round(max(map(len, heard)) * step, 3)

    return score


def bandwidth_rows(rng: np.random.Generator) -> "list[Row]":
    """How far a tone may be off: the narrowest and the widest of the digits 1, 5, 9 and D."""
    rows = []
    for name, low in (("low", True), ("high", False)):
        for sign, word in ((1, "up"), (-1, "down")):
            off = "low_off" if low else "high_off"
            tones = [{off: sign * _STEP * k} for k in range(1, _STEPS + 1)]
            cases = [_sweep(rng, key, tones) for key in _DIGITS]
            wanted = [key * _STEPS for key in _DIGITS]
            what = f"{name} group's tone off {word}"
            rows.append(
                Row(
                    _GROUP,
                    what + ", least",
                    "at least 1.6",
                    "%",
                    cases,
                    wanted,
                    _steps(0.1),
                    lambda figure: figure >= 1.6,
                )
            )
            rows.append(
                Row(
                    _GROUP,
                    what + ", most",
                    "less than 3.5",
                    "%",
                    cases,
                    wanted,
                    _most(0.1),
                    lambda figure: figure < 3.5,
                )
            )
    return rows


def level_rows(rng: np.random.Generator) -> "list[Row]":
    """Twist, up to 20 dB each way, and the range of levels from +3 dBm0 down."""
    down = [{"low_dbm0": -5 - 0.1 * k, "high_dbm0": -5} for k in range(1, 201)]
    up = [{"low_dbm0": -5, "high_dbm0": -5 - 0.1 * k} for k in range(1, 201)]
    levels = [{"low_dbm0": -3 - k, "high_dbm0": -3 - k} for k in range(60)]
    rows = []
    for what, demand, tones, step in (
        ("twist, high group over low", 4.0, down, 0.1),
        ("twist, low group over high", 8.0, up, 0.1),
        ("dynamic range from -3 dBm0 down", 25.0, levels, 1),
    ):
        cases = [_sweep(rng, key, tones) for key in _DIGITS]
        wanted = [key * len(tones) for key in _DIGITS]
        unit, enough = "dB", _at_least(demand)
        rows.append(Row(_GROUP, what, f"at least {demand:g}", unit, cases, wanted, _steps(step), enough))
    return rows


def _at_least(demand: float):
    return lambda figure: figure >= demand


def guard_rows(rng: np.random.Generator) -> "list[Row]":
    """How long a tone must be: 49 ms down to 10 ms, three times each length."""
    lengths = [{"on_ms": 49 - 0.1 * k} for k in range(391) for _ in range(3)]
    sound = _sweep(rng, "1", lengths)

    def guard_ms(heard: "list[str]", _wanted: "list[str]") -> float:
        return round(49 - len(heard[0]) / 30, 1)

    def fits(figure: float) -> bool:
        return 23 < figure <= 40

    return [
        Row(_GROUP, "guard time", "23 to 40", "ms", [sound], ["1" * len(lengths)], guard_ms, fits),
    ]


def noise_rows(rng: np.random.Generator) -> "list[Row]":
    """A thousand tones in noise 24, 18 and 12 dB under each tone."""
    rows = []
    for ratio_db in (24, 18, 12):
        cases = []
        for at in range(0, 1000, 50):
            tone = keyed(rng, (KEYS * 4)[at % 16 :][:50], 50, 50)
            cases.append(pcm(tone + signals.noise(rng, -10 - ratio_db, len(tone))))
        wanted = [(KEYS * 4)[at % 16 :][:50] for at in range(0, 1000, 50)]
        what = f"1,000 tones in noise of -{ratio_db} dB"
        rows.append(Row(_GROUP, what, "all", "% right", cases, wanted, percent, lambda figure: figure >= 100))
    return rows


def calibration_rows(rng: np.random.Generator) -> "list[Row]":
    """All 16 digits ten times, as the tape begins."""
    cases = [pcm(keyed(rng, KEYS)) for _ in range(10)]
    tone = [pcm(signals.sine(1000, -6, 80000))]
    return [
        Row(
            _GROUP, "16 digits, ten times", "all", "% right", cases, [KEYS] * 10, percent, lambda x: x >= 100
        ),
        Row(_GROUP, "10 s of 1,000 Hz", "none", "digits", tone, [""], count, lambda x: x == 0),
    ]


def rows(seed: int = 7291) -> "list[Row]":
    """Return all rows, the same for the same seed."""
    rng = np.random.default_rng(seed)
    made = calibration_rows(rng) + bandwidth_rows(rng) + level_rows(rng)
    return made + guard_rows(rng) + noise_rows(rng)
