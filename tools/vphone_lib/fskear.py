"""The modem of a Caller ID display: a stretch of line sound in, the octets that were sent in it out.

How it works: the stretch is brought to 24 kHz, where a bit at 1200 bit/s is 20 samples, and filtered to
0.8-2.6 kHz. The phase advance from sample to sample, weighted by the power and averaged over two thirds of a
bit, is the frequency; above 1700 Hz it is space, below it is mark, for Bell 202 and for V.23 alike. Which of
the two it was follows from the frequencies measured. The first mark of 16 bits or more ends the channel
seizure; octets follow with start and stop bit. Knows no message: callerid.py reads what it returns.
"""

import itertools
from functools import lru_cache

import numpy as np
from scipy.signal import firwin, resample_poly

from .levels import RATE_HZ, dbm0_of_rms

_UP = 3
_RATE_HZ = RATE_HZ * _UP
BIT_RATE = 1200
_BIT = _RATE_HZ // BIT_RATE  # samples: 20
_BAND_HZ = (800.0, 2600.0)
_CENTRE_HZ = 1700.0  # midway between mark and space of both modems
_WINDOW = 13  # samples that one decision looks at
_POWER_WINDOW = 120  # 5 ms
_CARRIER_DB = 12.0  # below the loudest part: the carrier has gone
_FLOOR_DBM0 = -48.0
_MARK_RUN = 16  # bits of mark that end the seizure
_LAST_RUN = 40  # bits of mark without a start bit: the message is over
_SEIZURE_RUNS = 24  # bits in turn, one behind the other, that no speech has
_SEIZURE_BIT = (0.6, 1.4)
_SEIZURE_HZ = 200.0  # from the centre, at least
_STEADY_BITS = 50  # of mark, where there is no seizure: the least that a telephone takes is 55
_STEADY_HZ = 120.0  # around its mean …
_STEADY_SHARE = 0.9  # … for this share of the mark
MODEMS = {"bell": (1200, 2200), "v23": (1300, 2100)}  # mark, space in Hz


class Reception:
    """What a modem got out of one carrier. Times in ms from the start of the samples, levels in dBm0."""

    def __init__(self) -> None:
        self.start_ms = 0.0  # the carrier comes …
        self.end_ms = 0.0  # … and goes
        self.seizure_bits = 0.0
        self.mark_bits = 0.0  # between the seizure, or the start, and the first start bit
        self.announced = False  # it was a seizure, or it was a mark: speech has neither
        self.mark_hz = 0.0
        self.space_hz = 0.0  # 0 = never sent
        self.mark_dbm0 = -120.0
        self.space_dbm0 = -120.0
        self.octets = bytearray()
        self.gap_bits = 0.0  # the longest run of mark between two octets, beyond the stop bit
        self.framing_errors = 0
        self.tail_bits = 0.0  # mark after the last stop bit

    @property
    def modem(self) -> str:
        """Which it was: bell, v23, or "" if the frequencies are those of neither."""
        for name, (mark, space) in MODEMS.items():
            if abs(self.mark_hz - mark) <= 0.04 * mark and abs(self.space_hz - space) <= 0.05 * space:
                return name
        return ""

    @property
    def twist_db(self) -> float:
        """Level of space above mark."""
        return self.space_dbm0 - self.mark_dbm0


@lru_cache(maxsize=1)
def _filter() -> np.ndarray:
    return np.asarray(firwin(97, _BAND_HZ, pass_zero=False, fs=_RATE_HZ))


def demodulate(samples: np.ndarray) -> "Reception | None":
    """Return what was received from 8 kHz int16 or float samples; None if there is no carrier with data."""
    if len(samples) < RATE_HZ // 50:
        return None
    band = np.convolve(resample_poly(np.asarray(samples, np.float64), _UP, 1), _filter(), "same")
    analytic = _analytic(band)
    start, end = _carrier(np.abs(analytic) ** 2 / 2)
    if end - start < 40 * _BIT:
        return None
    turn = np.zeros(len(band), np.complex128)
    turn[1:] = analytic[1:] * np.conj(analytic[:-1])
    turn /= np.sqrt(np.abs(turn)) + 1e-9  # halves the twist in dB, so that edges stay where they are
    hz = np.angle(np.convolve(turn, np.ones(_WINDOW), "same")) * _RATE_HZ / (2 * np.pi)
    got = Reception()
    got.start_ms, got.end_ms = start / _RATE_HZ * 1000, end / _RATE_HZ * 1000
    return got if _octets(got, hz, start, end) and _measure(got, hz, analytic, start, end) else None


def _analytic(band: np.ndarray) -> np.ndarray:
    """The samples with their Hilbert transform as imaginary part."""
    n = len(band)
    size = 1 << (n - 1).bit_length()
    spectrum = np.fft.fft(band, size)
    spectrum[1 : size // 2] *= 2
    spectrum[size // 2 + 1 :] = 0
    return np.fft.ifft(spectrum)[:n]


def _carrier(power: np.ndarray) -> "tuple[int, int]":
    """First and last sample of the loud part."""
    smooth = np.convolve(power, np.full(_POWER_WINDOW, 1 / _POWER_WINDOW), "same")
    floor = 10 ** (_FLOOR_DBM0 / 10) * 10 ** (-dbm0_of_rms(1.0) / 10)
    limit = max(floor, float(np.percentile(smooth, 90)) * 10 ** (-_CARRIER_DB / 10))
    loud = np.flatnonzero(smooth > limit)
    if not len(loud):
        return 0, 0
    return _edge(power, int(loud[0])), len(power) - 1 - _edge(power[::-1], len(power) - 1 - int(loud[-1]))


def _edge(power: np.ndarray, at: int) -> int:
    """Where within 5 ms after `at` half of the power is reached: the smoothing saw it too early."""
    near = power[at : at + _POWER_WINDOW]
    return at + int(np.argmax(near > near.max() / 4)) if len(near) else at


def _runs(mark: np.ndarray, start: int, end: int) -> "list[tuple[int, int, bool]]":
    """Stretches of one kind: (first sample, one past the last, is mark)."""
    borders = np.flatnonzero(np.diff(mark[start:end].astype(np.int8))) + 1 + start
    edges = [start, *borders.tolist(), end]
    return [(a, b, bool(mark[a])) for a, b in itertools.pairwise(edges)]


def _is_seizure(hz: np.ndarray, runs: "list[tuple[int, int, bool]]") -> bool:
    """True if among these are so many single bits in a row, mark and space in turn."""
    n = most = 0
    for a, b, _ in runs:
        one = _SEIZURE_BIT[0] * _BIT <= b - a <= _SEIZURE_BIT[1] * _BIT
        n = n + 1 if one and abs(float(np.median(hz[a:b])) - _CENTRE_HZ) >= _SEIZURE_HZ else 0
        most = max(most, n)
    return most >= _SEIZURE_RUNS


def _is_mark(hz: np.ndarray) -> bool:
    """True if this, one run, is long and steady."""
    inner = hz[_BIT:-_BIT]
    if len(hz) < _STEADY_BITS * _BIT:
        return False
    return float(np.mean(np.abs(inner - np.median(inner)) <= _STEADY_HZ)) >= _STEADY_SHARE


def _octets(got: Reception, hz: np.ndarray, start: int, end: int) -> bool:
    """Find the mark that ends the seizure, then read octets. False if there is no such mark."""
    mark = hz < _CENTRE_HZ
    runs = _runs(mark, start, end)
    for a, b, is_mark in runs:
        if is_mark and b - a >= _MARK_RUN * _BIT:
            break
    else:
        return False
    got.announced = _is_seizure(hz, [run for run in runs if run[1] <= a]) or _is_mark(hz[a:b])
    got.seizure_bits = (a - start) / _BIT
    got.mark_bits = (b - a) / _BIT
    at = b  # the edge of a start bit
    while at + round(9.5 * _BIT) < end:
        octet = 0
        for bit in range(8):
            octet |= int(mark[at + round((1.5 + bit) * _BIT)]) << bit
        got.framing_errors += not mark[at + round(9.5 * _BIT)]
        got.octets.append(octet)
        spaces = np.flatnonzero(~mark[at + round(9.5 * _BIT) : end])
        run = int(spaces[0]) / _BIT - 0.5 if len(spaces) else _LAST_RUN + 1.0
        if run > _LAST_RUN:
            got.tail_bits = (end - at) / _BIT - 10
            break
        got.gap_bits = max(got.gap_bits, run)
        at += round(9.5 * _BIT) + int(spaces[0])
    return bool(got.octets)


def _measure(got: Reception, hz: np.ndarray, analytic: np.ndarray, start: int, end: int) -> bool:
    """Frequencies and levels of mark and space, from the middles of the bits. False: this is no modem."""
    level = np.abs(analytic)
    inner = np.zeros(len(hz), bool)
    for a, b, _ in _runs(hz < _CENTRE_HZ, start, end):
        inner[a + _BIT // 2 - 1 : b - _BIT // 2 + 2] = b - a >= _BIT - 3
    for is_mark in (True, False):
        which = np.flatnonzero(inner[start:end] & ((hz[start:end] < _CENTRE_HZ) == is_mark)) + start
        if len(which) < 3:
            return False
        f, dbm0 = float(np.median(hz[which])), dbm0_of_rms(float(np.median(level[which])) / np.sqrt(2))
        if is_mark:
            got.mark_hz, got.mark_dbm0 = f, dbm0
        else:
            got.space_hz, got.space_dbm0 = f, dbm0
    return True
