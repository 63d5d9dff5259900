"""Call-progress tones and ringing of one country: a line of text each, played from small integers.

The grammar is that of the PBX's indications.conf, so that its owner knows it: steps parted by commas, each
`f1+f2/ms`; up to four frequencies in Hz, 0 = silence; without /ms a step lasts for ever. Steps marked `!`
come first and are played once; the others repeat. Modulation (`f1*f2`) is not built yet and is refused.
"""

from array import array

_NAMES = ("", "dial", "ringback", "busy", "reorder", "howler")  # in the order of codes.TONE_*


def _number(text: str, low: int, high: int, what: str) -> int:
    text = text.strip()
    if not text.isdigit() or not low <= int(text) <= high:
        raise ValueError("tone: %s must be %d..%d, not %s" % (what, low, high, text or "empty"))
    return int(text)


def parse(text: str, level_dbm0: int) -> array:
    """Return the steps of a tone, at `level_dbm0` per frequency (-60..3); ValueError with one line if wrong.

    The first short is the index of the step to go back to after the last one. Then six shorts a step: f1_hz,
    f2_hz, f3_hz, f4_hz (0 = none), level_dbm0, ms (1..32,767; 0 = for ever).
    """
    if not -60 <= level_dbm0 <= 3:
        raise ValueError("tone: level must be -60..3 dBm0, not %d" % level_dbm0)
    steps = array("h", (0,))
    parts = text.split(",")
    for i in range(len(parts)):
        part = parts[i].strip()
        if part[:1] == "!":
            if steps[0] < i:
                raise ValueError("tone: ! after a step that repeats: " + text)
            steps[0] += 1
            part = part[1:]
        _add_step(steps, part, level_dbm0)
        if not steps[-1] and i < len(parts) - 1:
            raise ValueError("tone: a step without /ms must be the last: " + text)
    if steps[0] == len(parts):
        _add_step(steps, "0", level_dbm0)  # nothing repeats: silence follows
    return steps


def _add_step(steps: array, part: str, level_dbm0: int) -> None:
    if "*" in part:
        raise ValueError("tone: modulation is not built yet: " + part)
    tones, slash, ms = part.partition("/")
    freqs = tones.split("+")
    if len(freqs) > 4:
        raise ValueError("tone: more than four frequencies: " + part)
    for i in range(4):
        steps.append(_number(freqs[i], 0, 3999, "Hz") if i < len(freqs) else 0)
    steps.append(level_dbm0)
    steps.append(_number(ms, 1, 32767, "ms") if slash else 0)


def parse_cadence(text: str) -> array:
    """Return a ringing cadence `on/off,on/off` in ms as array on, off, on, off …; ValueError if wrong."""
    cadence_ms = array("h")
    for ring in text.split(","):
        on, _, off = ring.partition("/")
        cadence_ms.append(_number(on, 100, 32767, "ring on ms"))
        cadence_ms.append(_number(off, 0, 32767, "ring off ms"))
    return cadence_ms


def load(store: object, profile: str) -> tuple:
    """Return (tones, cadence_ms, ring_dhz) of a profile, keeping nothing of the others.

    tones: list of `parse` arrays by TONE_* number (None at TONE_NONE).  cadence_ms: for line/ringer.py.
    ring_dhz: ringing frequency in tenths of a hertz.  ValueError if the profile or a part of it is missing.
    """
    tones: list = [None] * len(_NAMES)
    cadence_ms = None
    ring_dhz = 0
    for line in store.rows("profiles"):  # type: ignore[attr-defined]
        if not line.startswith(profile + "|"):
            continue
        _, key, text, level = line.split("|")
        if key in _NAMES:
            tones[_NAMES.index(key)] = parse(text, int(level))
        elif key == "ring":
            cadence_ms = parse_cadence(text)
        elif key == "ring_dhz":
            ring_dhz = _number(text, 150, 680, "ring_dhz")
    if None in tones[1:] or not cadence_ms or not ring_dhz:
        raise ValueError("profile %s is not there, or not whole" % profile)
    return tones, cadence_ms, ring_dhz
