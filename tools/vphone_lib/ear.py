"""Listening: cuts the sound in the earpiece into runs of one kind (silence, a set of frequencies, voice).

How it works: the level is taken every 5 ms and says where sound begins and ends, bridging gaps of 25 ms.
While there is sound, every 40 ms the spectrum of its last 60-100 ms is searched for lines. A handful of lines
that hold nearly all the energy is a tone of these frequencies; anything else is voice. Which tone has which
name is the business of tonejudge.py. Costs some 30 microseconds a frame of 20 ms.
"""

import numpy as np

from .levels import FRAME, FRAME_MS, RATE_HZ, rms_of_dbm0

SILENCE: "tuple[int, ...]" = ()
VOICE = (-1,)  # label of sound that is no tone
_CELL = 40  # samples: 5 ms
_CELL_MS = 5
_BRIDGE_MS = 25  # shorter gaps are lost packets or the beat of two tones, not a cadence
_CLICK_MS = 30  # shorter sounds are clicks
_WINDOW_MS = (60, 100)  # of the spectrum: shortest, longest
_HOP_MS = 40
_FFT = 2048
_BIN_HZ = RATE_HZ / _FFT
_LOW_BIN, _HIGH_BIN = int(200 / _BIN_HZ), int(3600 / _BIN_HZ)
_LOBE = 9  # bins on each side that belong to a line
_LINE_RATIO = 0.03  # 15 dB: weaker lines are not counted
_MAX_LINES = 4
_PURITY = 0.85  # share of the energy in the lines that makes a tone
_STANDS_OUT = 0.6  # the same for a tone of the table
_BEAT_HZ = 36  # tones closer than this are one tone that beats: no ear of 60 ms tells them apart
_MAX_RUNS = 48
_TOLERANCE = 0.012  # of a frequency, for being the nominal one
_TOLERANCE_HZ = 2.0


class Run:
    """A stretch of one kind. `label`: () silence, (-1,) voice, else Hz of each line; None: not known yet."""

    def __init__(self, label: "tuple[int, ...] | None", start_ms: int) -> None:
        self.label = label
        self.start_ms = start_ms
        self.end_ms = start_ms

    @property
    def ms(self) -> int:
        """Length so far in ms."""
        return self.end_ms - self.start_ms


def same_tones(a: "tuple[float, ...]", b: "tuple[float, ...]") -> bool:
    """True if these are the same frequencies within 1.2 % + 2 Hz."""
    if len(a) != len(b):
        return False
    for x, y in zip(a, b):
        if abs(x - y) > _TOLERANCE * y + _TOLERANCE_HZ:
            return False
    return True


def merged(hz: "tuple[float, ...]", power: "tuple[float, ...]" = ()) -> "tuple[int, ...]":
    """Rising frequencies in Hz with those that beat put together, weighted by their power."""
    groups: "list[list[tuple[float, float]]]" = []
    for f, p in zip(hz, power or (1.0,) * len(hz)):
        if groups and f - groups[-1][-1][0] < _BEAT_HZ:
            groups[-1].append((f, p))
        else:
            groups.append([(f, p)])
    return tuple(round(sum(f * p for f, p in g) / sum(p for _, p in g)) for g in groups)


class Ear:
    """Feed it 20 ms frames; read `runs`, oldest first, the last one still going on."""

    def __init__(self, known_hz: "list[tuple[int, ...]]", floor_dbm0: float = -45.0) -> None:
        self._known = known_hz
        self._floor = rms_of_dbm0(floor_dbm0) ** 2
        self._hann: "dict[int, np.ndarray]" = {}
        self._past = np.zeros(_WINDOW_MS[1] * 8 + 2 * FRAME, np.float32)
        self.reset()

    def reset(self) -> None:
        """Forget all that was heard; time starts at 0."""
        self.now_ms = 0
        self.runs = [Run(SILENCE, 0)]
        self.voice_ms = 0  # evidence for voice lately
        self.last_voice_ms = -(10**6)
        self._gap_ms = 0
        self._window_from_ms = 0
        self._next_look_ms = 0
        self._agreed_ms = 0

    def feed(self, frame: "np.ndarray | None") -> None:
        """The next 160 samples; None is silence."""
        if frame is None and self.runs[-1].label == SILENCE:
            self.now_ms += FRAME_MS
            self.runs[-1].end_ms = self.now_ms
            return
        past = self._past
        past[:-FRAME] = past[FRAME:]
        past[-FRAME:] = 0 if frame is None else frame
        new = past[-FRAME:].reshape(-1, _CELL)
        loud = (np.einsum("ij,ij->i", new, new) > self._floor * _CELL).tolist()
        for cell in loud:
            self.now_ms += _CELL_MS
            self._cell(cell)
        if self.runs[-1].label != SILENCE and not self._gap_ms and self.now_ms >= self._next_look_ms:
            self._look()

    def _cell(self, loud: bool) -> None:
        """Follow the on and off of the sound, 5 ms a time."""
        run = self.runs[-1]
        if run.label == SILENCE:
            if loud:
                self._begin(Run(None, self.now_ms - _CELL_MS))
                self._window_from_ms = self.now_ms - _CELL_MS
                self._next_look_ms = self._window_from_ms + _WINDOW_MS[0]
                self._gap_ms = 0
            run = self.runs[-1]
            run.end_ms = self.now_ms
        elif loud:
            self._gap_ms = 0
            run.end_ms = self.now_ms
        else:
            self._gap_ms += _CELL_MS
            if self._gap_ms > _BRIDGE_MS:
                self._end_of_sound(run)

    def _begin(self, run: Run) -> None:
        self.runs.append(run)
        if len(self.runs) > _MAX_RUNS:
            del self.runs[0]

    def _end_of_sound(self, run: Run) -> None:
        """The sound stopped when the gap began: a click is forgotten, a short run joins the one before it."""
        if run.label is None:
            self.runs.pop()
            if self.runs[-1].label == SILENCE and run.ms >= _CLICK_MS:
                run.label = VOICE
                self.runs.append(run)
            elif self.runs[-1].label != SILENCE:
                self.runs[-1].end_ms = run.end_ms
        if self.runs[-1].label == SILENCE:
            self.runs[-1].end_ms = self.now_ms
            return
        self._begin(Run(SILENCE, self.now_ms - self._gap_ms))
        self.runs[-1].end_ms = self.now_ms

    def _look(self) -> None:
        """Take a spectrum of the latest sound and keep or change the label of the run."""
        n_ms = min(self.now_ms - self._window_from_ms, _WINDOW_MS[1])
        if n_ms < _WINDOW_MS[0]:
            return
        label = self.label_of(self._past[-n_ms * 8 :])
        self._next_look_ms = self.now_ms + _HOP_MS
        if label == VOICE:
            self.voice_ms = min(self.voice_ms + _HOP_MS, 400)
            self.last_voice_ms = self.now_ms
        run = self.runs[-1]
        if run.label is None:
            run.label = label
            self._agreed_ms = self.now_ms
            self._join_if_same()
        elif run.label == label or (label != VOICE and same_tones(label, run.label)):
            self._agreed_ms = self.now_ms
        else:
            self._change(run)

    def _join_if_same(self) -> None:
        """A passing doubt inside one sound is no new run."""
        if len(self.runs) > 1:
            before, run = self.runs[-2], self.runs[-1]
            if before.label == run.label and before.end_ms == run.start_ms:
                before.end_ms = run.end_ms
                self.runs.pop()

    def _change(self, run: Run) -> None:
        """The sound is another one than before: it changed about when the label last agreed."""
        border_ms = max(run.start_ms, self._agreed_ms - 5)
        run.end_ms = border_ms
        self._begin(Run(None, border_ms))
        self.runs[-1].end_ms = self.now_ms
        self._window_from_ms = self._agreed_ms + 15
        self._next_look_ms = self._window_from_ms + _WINDOW_MS[0]

    def label_of(self, sound: np.ndarray) -> "tuple[int, ...]":
        """Frequencies in Hz (nominal if known) that make up `sound`, or VOICE."""
        n = len(sound)
        if n not in self._hann:
            self._hann[n] = np.hanning(n).astype(np.float32)
        spectrum = np.fft.rfft(sound * self._hann[n], _FFT)
        power = spectrum.real**2 + spectrum.imag**2
        p = power[_LOW_BIN:_HIGH_BIN]
        mid = p[1:-1]
        lines = np.flatnonzero((mid > _LINE_RATIO * p.max()) & (mid >= p[:-2]) & (mid > p[2:])) + 1
        if not len(lines):
            return VOICE
        if len(lines) <= _MAX_LINES and _held(p, lines) >= _PURITY * float(power.sum()):
            return self._nominal(merged(_exact_hz(p, lines), tuple(p[lines].tolist())))
        return self._above_others(p, lines, float(power.sum()))

    def _nominal(self, hz: "tuple[float, ...]") -> "tuple[int, ...]":
        for known in self._known:
            if same_tones(hz, known):
                return known
        return tuple(round(f) for f in hz) if len(hz) < 3 else VOICE

    def _above_others(self, p: np.ndarray, lines: np.ndarray, total: float) -> "tuple[int, ...]":
        """A known tone that holds most of the energy, in spite of voice or its own clipping."""
        by_power = lines[np.argsort(-p[lines])]
        for known in self._known:
            top = np.sort(by_power[: len(known)])
            if same_tones(_exact_hz(p, top), known) and _held(p, top) >= _STANDS_OUT * total:
                return known
        return VOICE


def _held(p: np.ndarray, lines: np.ndarray) -> float:
    """Energy in the lobes of these lines (rising)."""
    held, done = 0.0, 0
    for line in lines.tolist():
        held += float(p[max(done, line - _LOBE) : line + _LOBE + 1].sum())
        done = line + _LOBE + 1
    return held


def _exact_hz(p: np.ndarray, lines: np.ndarray) -> "tuple[float, ...]":
    """Frequencies of the lines in Hz: the tops of parabolas through the logarithms."""
    a, b, c = np.log(p[lines - 1] + 1e-9), np.log(p[lines] + 1e-9), np.log(p[lines + 1] + 1e-9)
    exact = lines + 0.5 * (a - c) / (a - 2 * b + c - 1e-12)
    return tuple(((exact + _LOW_BIN) * _BIN_HZ).tolist())
