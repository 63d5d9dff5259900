"""A meter for the physical layer of Caller ID: what no receiver tells, since all of them forgive so much.

The phase of the analytic signal is taken at eight times the rate. Where its slope crosses the middle of the
two frequencies lie the edges of the bits; a straight line through all edges gives the bit rate, a fit of the
phase to the time spent in mark and in space gives both frequencies, and what is left of the phase shows any
jump. Imports nothing of the firmware.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.signal import hilbert, resample_poly

_RATE_HZ = 8000
_UP = 8
_FINE_HZ = _RATE_HZ * _UP
_SMOOTH = 17  # fine samples: a third of a bit
_FULL_SCALE_DBM0 = 3.17


@dataclass
class Reading:
    """What was measured of one burst. Times in s from the first sample given."""

    mark_hz: float = 0.0
    space_hz: float = 0.0
    bit_rate: float = 0.0
    mark_dbm0: float = 0.0
    space_dbm0: float = 0.0
    start_s: float = 0.0
    end_s: float = 0.0
    seizure_bits: int = 0  # alternating, from the first space on
    mark_bits: int = 0  # between seizure and the first start bit, without the last bit of the seizure
    tail_bits: int = 0  # marks after the last stop bit
    edge_us: float = 0.0  # farthest edge from where the bit rate wants it
    jump_rad: float = 0.0  # farthest phase from that of continuous FSK
    rest_db: float = 0.0  # all that is not this FSK signal, against it
    octets: bytes = b""
    framed: bool = False  # every start and stop bit was right
    bits: "list[int]" = field(default_factory=list)

    @property
    def twist_db(self) -> float:
        """How much stronger the mark is than the space."""
        return self.mark_dbm0 - self.space_dbm0


def read(samples: np.ndarray, rough_rate: float = 1200.0) -> Reading:
    """Measure the burst of FSK in `samples` (8 kHz, 16-bit scale), with at least 5 ms of silence around."""
    samples = np.asarray(samples, dtype=float)
    fine = hilbert(resample_poly(samples, _UP, 1))
    envelope = np.abs(fine)
    active = np.flatnonzero(envelope > 0.4 * np.median(envelope[envelope > 0.3 * envelope.max()]))
    on, off = int(active[0]), int(active[-1]) + 1
    phase = np.unwrap(np.angle(fine[on:off]))
    reading = Reading(start_s=on / _FINE_HZ, end_s=off / _FINE_HZ)
    edges, rising = _edges(phase)
    reading.bit_rate, origin, reading.edge_us = _clock(edges, rising, rough_rate)
    _read_bits(reading, edges, rising, origin, (off - on) / _FINE_HZ)
    ideal = _read_tones(reading, fine[on:off], phase, origin)
    first = -on % _UP
    reading.rest_db = _rest_db(samples[(on + first) // _UP :], ideal[first::_UP])
    _read_frames(reading)
    return reading


def _edges(phase: np.ndarray) -> "tuple[np.ndarray, np.ndarray]":
    """Return the times in s where mark turns to space (rising True) or back."""
    hz = np.diff(phase) * _FINE_HZ / (2 * np.pi)
    hz = np.convolve(hz, np.ones(_SMOOTH) / _SMOOTH, mode="same")
    inner = hz[_SMOOTH:-_SMOOTH]
    middle = (np.percentile(inner, 4) + np.percentile(inner, 96)) / 2
    above = hz > middle
    at = np.flatnonzero(above[1:] != above[:-1])
    at = at[(at > _SMOOTH) & (at < len(hz) - _SMOOTH)]
    times = (at + (middle - hz[at]) / (hz[at + 1] - hz[at]) + 0.5) / _FINE_HZ
    return times, above[at + 1]


def _clock(edges: np.ndarray, rising: np.ndarray, rough_rate: float) -> "tuple[float, float, float]":
    """Return bit rate, time of the beginning of bit 0, and the farthest edge in µs.

    Both kinds of edge may lie differently; each has its own offset in the fit.
    """
    steps = np.round(np.diff(edges) * rough_rate)
    numbers = np.concatenate([[0], np.cumsum(np.maximum(steps, 1))])
    shape = np.column_stack([numbers, np.ones_like(numbers), np.where(rising, 0.5, -0.5)])
    (bit_s, first, _), *_ = np.linalg.lstsq(shape, edges, rcond=None)
    rest = edges - shape @ np.linalg.lstsq(shape, edges, rcond=None)[0]
    origin = first - round(first / bit_s) * bit_s
    return 1 / bit_s, origin, float(np.abs(rest).max() * 1e6)


def _read_bits(
    reading: Reading, edges: np.ndarray, rising: np.ndarray, origin: float, length_s: float
) -> None:
    n_bits = int((length_s - origin) * reading.bit_rate + 0.3)
    at = np.round((edges - origin) * reading.bit_rate).astype(int)
    bits = np.empty(n_bits, dtype=int)
    value, start = int(rising[0]), 0
    for edge, up in zip(at, rising):
        bits[start:edge] = value
        value, start = 0 if up else 1, edge
    bits[start:] = value
    reading.bits = bits.tolist()


def _read_tones(reading: Reading, fine: np.ndarray, phase: np.ndarray, origin: float) -> np.ndarray:
    """Fit frequencies and levels; return the phase that continuous FSK of these would have."""
    t = np.arange(len(fine)) / _FINE_HZ - origin
    bits = np.asarray(reading.bits)
    place = t * reading.bit_rate
    number = np.clip(place.astype(int), 0, len(bits) - 1)
    marks = np.concatenate([[0], np.cumsum(bits)])
    in_mark = (marks[number] + bits[number] * (place - number)) / reading.bit_rate
    shape = 2 * np.pi * np.column_stack([in_mark, t - in_mark, np.ones_like(t)])
    solved, *_ = np.linalg.lstsq(shape, phase, rcond=None)
    reading.mark_hz, reading.space_hz = float(solved[0]), float(solved[1])
    ideal = shape @ solved
    middle = np.abs(place - number - 0.5) < 0.2
    reading.jump_rad = float(np.abs(phase - ideal)[middle].max())
    for value, name in ((1, "mark_dbm0"), (0, "space_dbm0")):
        peak = np.median(np.abs(fine[middle & (bits[number] == value)]))
        setattr(reading, name, float(_FULL_SCALE_DBM0 + 20 * np.log10(peak / 32767)))
    return ideal


def _rest_db(samples: np.ndarray, ideal: np.ndarray) -> float:
    """Return what is left if the ideal signal is taken away, against that signal."""
    wanted = np.column_stack([np.cos(ideal), np.sin(ideal)])[8:-8]
    heard = samples[8 : len(ideal) - 8]
    best, *_ = np.linalg.lstsq(wanted, heard, rcond=None)
    rest = heard - wanted @ best
    return float(10 * np.log10(np.mean(rest**2) / np.mean((wanted @ best) ** 2) + 1e-12))


def _read_frames(reading: Reading) -> None:
    """Tell seizure, mark, octets and tail apart."""
    bits = reading.bits
    at = 0
    while at + 1 < len(bits) and bits[at] == 0 and bits[at + 1] == 1:
        at += 2
    reading.seizure_bits = at
    start = at
    while at < len(bits) and bits[at]:
        at += 1
    reading.mark_bits = at - start
    octets = bytearray()
    good = True
    while at + 10 <= len(bits) and bits[at] == 0:
        octets.append(sum(bit << k for k, bit in enumerate(bits[at + 1 : at + 9])))
        good = good and bits[at + 9] == 1
        at += 10
        start = at
        while at < len(bits) and bits[at]:
            at += 1
    reading.tail_bits = at - start
    reading.octets = bytes(octets)
    reading.framed = good and at == len(bits)
