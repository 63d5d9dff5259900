"""Rows of speech and music: how many digits a receiver hears where nobody keyed any.

The recordings are joined to pieces of a few minutes with 100 ms between them, because multimon-ng is started
for each piece.
"""

from fractions import Fraction

import numpy as np

from . import corpus
from .rows import Row, count

SPEEDS = [Fraction(1), Fraction(9, 10), Fraction(19, 20), Fraction(21, 20), Fraction(11, 10)]
_PIECE = 8000 * 240
_PAUSE = 800


def pieces(part: str, speed: Fraction) -> "list[np.ndarray]":
    """Return the recordings at `speed`, joined."""
    made: list[np.ndarray] = []
    joined: list[np.ndarray] = []
    size = 0
    for path in corpus.files(part):
        sound = corpus.warped(corpus.samples(path), speed)
        joined += [sound, np.zeros(_PAUSE, "<i2")]
        size += len(sound)
        if size > _PIECE:
            made.append(np.concatenate(joined))
            joined, size = [], 0
    return [*made, np.concatenate(joined)] if joined else made


def measured(part: str, speeds: "list[Fraction]", heard_by: dict) -> "list[Row]":
    """Return a row for each speed, already heard by everyone: only one speed lies in memory at a time."""
    rows = []
    for speed in speeds:
        sounds = pieces(part, speed)
        what = f"{corpus.minutes(sounds):.0f} minutes of speech and music"
        if speed != 1:
            what += f", {float(speed):.0%} of its speed"
        row = Row("Talk-off", what, "none", "digits", [], [], count, lambda figure: figure == 0)
        for name, receiver in heard_by.items():
            row.figures[name] = count(receiver.hear(sounds), [])
        rows.append(row)
    return rows
