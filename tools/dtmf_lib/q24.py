"""The table of ITU-T Q.24, AT&T's column, clause by clause, and what this project asks beyond it.

Levels are per tone; where a row does not say otherwise each is -10 dBm0, the tones last 40 ms and the pauses
53 ms, all 16 digits come in turn, and onset and phases are random.
"""

from itertools import product

import numpy as np

from ref import signals

from .rows import KEYS, Row, count, exact, keyed, pcm, percent, share, whole_keypad

_GROUP = "Q.24"
_DIALS = (("350 + 440", (350, 440)), ("425", (425,)), ("400 + 450", (400, 450)))


def _all(figure: float) -> bool:
    return figure >= 100


def _none(figure: float) -> bool:
    return figure <= 0


def _heard(
    what: str, demand: str, made: "tuple[list[np.ndarray], list[str]]", dial_tone: bool = False
) -> Row:
    return Row(_GROUP, what, demand, "% right", *made, percent, _all, dial_tone)


def _refused(what: str, demand: str, made: "tuple[list[np.ndarray], list[str]]") -> Row:
    return Row(_GROUP, what, demand, "% heard", *made, share, _none)


def _several(rng: np.random.Generator, tones: "list[dict]", **all_of: float) -> "tuple[list, list]":
    cases: list[np.ndarray] = []
    for tone in tones:
        cases += whole_keypad(rng, 4, **tone, **all_of)[0]
    return cases, [KEYS] * len(cases)


def frequency_rows(rng: np.random.Generator) -> "list[Row]":
    """±1.5 % in both groups, all four ways, is heard; one tone 3.5 % off is not."""
    near = [{"low_off": a, "high_off": b} for a, b in product((0.015, -0.015), repeat=2)]
    far = [{name: off} for name in ("low_off", "high_off") for off in (0.035, -0.035)]
    return [
        _heard("both tones 1.5 % off", "all", _several(rng, near)),
        _refused("one tone 3.5 % off, 100 ms", "none", _several(rng, far, on_ms=100)),
    ]


def level_rows(rng: np.random.Generator) -> "list[Row]":
    """0 to -25 dBm0 are heard, -55 dBm0 is not; twist +4 and -8 dB, high against low."""
    levels = [{"low_dbm0": level, "high_dbm0": level} for level in (0, -5, -15, -25)]
    faint = [{"low_dbm0": -55, "high_dbm0": -55}]
    up = [{"low_dbm0": -14, "high_dbm0": -10}, {"low_dbm0": -25, "high_dbm0": -21}]
    down = [{"low_dbm0": -8, "high_dbm0": -16}, {"low_dbm0": -17, "high_dbm0": -25}]
    return [
        _heard("0, -5, -15, -25 dBm0 per tone", "all", _several(rng, levels)),
        _refused("-55 dBm0 per tone, 100 ms", "none", _several(rng, faint, on_ms=100)),
        _heard("twist +4 dB (high group over low)", "all", _several(rng, up)),
        _heard("twist -8 dB", "all", _several(rng, down)),
    ]


def _parted(rng: np.random.Generator, gap_ms: float, times: int) -> "list[np.ndarray]":
    """Return tones of 60 ms, twice each, the second after `gap_ms` and in step with the first."""
    cases = []
    for at in range(times):
        tone = keyed(rng, KEYS[at % 16], 120 + gap_ms)
        begin = len(tone) - 400 - round((60 + gap_ms) * 8)  # 50 ms of pause follow
        tone[begin : begin + round(gap_ms * 8)] = 0
        cases.append(pcm(tone))
    return cases


def time_rows(rng: np.random.Generator) -> "list[Row]":
    """How long a tone and a pause must be, and what must not count."""
    keys = [KEYS[at % 16] for at in range(160)]
    spacing = [{"on_ms": 40, "off_ms": 40}]
    cases: list[np.ndarray] = []
    for at in range(160):  # each onset within a frame of 20 ms
        tone = np.concatenate([np.zeros(at), signals.dtmf(keys[at], 40, rng=rng)])
        cases.append(pcm(tone))
    return [
        Row(_GROUP, "tone of 40 ms at each of 160 onsets", "all", "% right", cases, keys, exact, _all),
        _refused(
            "tones of 10, 15, 20, 23 ms", "none", _several(rng, [{"on_ms": t} for t in (10, 15, 20, 23)])
        ),
        _heard("tones and pauses of 40 ms", "all", _several(rng, spacing * 4)),
        Row(
            _GROUP,
            "pause of 40 ms between equal digits",
            "two",
            "% right",
            _parted(rng, 40, 160),
            [key * 2 for key in keys],
            exact,
            _all,
        ),
        Row(
            _GROUP,
            "tone interrupted for 10 ms",
            "one digit",
            "% right",
            _parted(rng, 10, 160),
            keys,
            exact,
            _all,
        ),
    ]


def disturbed_rows(rng: np.random.Generator) -> "list[Row]":
    """Noise, echo and dial tone."""
    rows = []
    cases = []
    for _ in range(63):
        tone = keyed(rng, KEYS, 40, 53)
        cases.append(pcm(tone + signals.noise(rng, -25, len(tone))))
    made = (cases, [KEYS] * 63)
    rows.append(_heard("1,008 digits in noise of -15 dB (white, 0-4 kHz)", "all", made))
    cases = []
    for delay in (40, 80, 120, 160):
        for _ in range(4):
            tone = keyed(rng, KEYS, 40, 53)
            late = np.concatenate([np.zeros(delay), tone[:-delay]])
            cases.append(pcm(tone + late * 10 ** (-10 / 20)))
    rows.append(_heard("echo 10 dB down, 5 to 20 ms late", "all", (cases, [KEYS] * 16)))
    for name, tones in _DIALS:
        cases = []
        for off in (0.015, 0, -0.015, 0.008):
            tone = keyed(rng, KEYS, 40, 53, low_off=off, high_off=-off)
            for hz in tones:
                tone += signals.sine(hz, -10, len(tone), rng.uniform())
            cases.append(pcm(tone))
        rows.append(_heard(f"through dial tone of {name} Hz, -10 dBm0", "all", (cases, [KEYS] * 4), True))
    return rows


def other_rows(rng: np.random.Generator) -> "list[Row]":
    """The telephone's acknowledgement of a CAS, and noises that are no digit."""
    acks = [pcm(keyed(rng, "DA", 55)) for _ in range(40)]
    single = [
        pcm(signals.sine(hz, -5, 1600, rng.uniform())) for hz in (*signals.ROWS_HZ, *signals.COLUMNS_HZ)
    ]
    loud = [pcm(signals.noise(rng, level, 160000)) for level in (0, -10, -20)]
    return [
        _heard("acknowledgement of 55 ms: D, A", "all", (acks, ["DA"] * 40)),
        Row(_GROUP, "one tone alone, eight of them", "none", "digits", single, [""] * 8, count, _none),
        Row(_GROUP, "a minute of white noise", "none", "digits", loud, [""] * 3, count, _none),
    ]


def rows(seed: int = 24) -> "list[Row]":
    """Return all rows, the same for the same seed."""
    rng = np.random.default_rng(seed)
    made = frequency_rows(rng) + level_rows(rng) + time_rows(rng)
    return made + disturbed_rows(rng) + other_rows(rng)
