"""Naming call-progress tones by frequency and cadence, as a person with a stopwatch would.

The tones of a country are data (countries.py), in the grammar of Asterisk's indications.conf: `350+440` for
ever, `480+620/500,0/500` in turn, `!` in front of steps that are played once, `400*16` for 400 Hz modulated
by 16 Hz. A tone has its name once no other tone of the country explains what was heard as well.
"""

import numpy as np

from .countries import COUNTRIES
from .ear import SILENCE, VOICE, Ear, Run, merged, same_tones

_STEADY_MS = 500  # a steady tone needs this long
_LONG_STEP_MS = 1000  # a step this long is known before it ends
_MAX_WHOLE = 12  # steps looked back
_SETTLE_MS = 160  # what must follow a tone that is played once
_HOLD_MS = 1000  # how long a tone that is played once keeps its name
_HOLD_OFF_MS = 6000
_VOICE_ON_MS = 160  # evidence needed to say "voice"
_VOICE_HANG_MS = 900  # pauses between words


def parse(cadence: str) -> "list[tuple[tuple[int, ...], int, bool]]":
    """Steps (frequencies in Hz, length in ms with 0 = for ever, once) of a cadence string."""
    steps = []
    for part in cadence.split(","):
        once = part.startswith("!")
        tones, _, ms = part.lstrip("!").partition("/")
        steps.append((_frequencies(tones), int(ms or 0), once))
    return steps


def _frequencies(tones: str) -> "tuple[int, ...]":
    """What a spectrum shows of f1+f2 or of f1*f2, rising."""
    hz: "list[int]" = []
    for tone in tones.split("+"):
        carrier, _, beat = tone.partition("*")
        hz += [int(carrier) + side * int(beat or 0) for side in ((-1, 0, 1) if beat else (0,))]
    return tuple(sorted(f for f in hz if f))


def fits(ms: int, nominal_ms: int) -> bool:
    """True if a measured length is the nominal one within 8 % + 30 ms."""
    return abs(ms - nominal_ms) <= nominal_ms * 0.08 + 30


def too_long(ms: int, nominal_ms: int) -> bool:
    """True if a stretch that still goes on is already longer than that."""
    return ms > nominal_ms * 1.08 + 30


class Pattern:
    """One tone of the table; after `weigh(runs)` it says whether the latest runs are it."""

    def __init__(self, name: str, steps: "list[tuple[tuple[int, ...], int, bool]]", cycles: int) -> None:
        self.name = name
        self.steps = steps
        self.heard = False  # this is the tone …
        self.possible = False  # … or it may still turn out to be
        self.whole = 0  # steps in a row that fit, before the one going on
        self.cycles = cycles
        self.steady_ms = _STEADY_MS
        self.once = self.steps[0][2]
        self.steady = not self.once and self.steps[0][1] == 0
        self.sounds = [hz for hz, _, _ in self.steps if hz]

    def weigh(self, runs: "list[Run]") -> None:
        """Set `heard`, `possible` and `whole` by the latest runs, the last one still going on."""
        if self.steady:
            self.possible = runs[-1].label == self.steps[0][0]
            self.heard, self.whole = self.possible and runs[-1].ms >= self.steady_ms, 0
        elif self.once:
            self.heard = self.possible = self._heard_once(runs)
            self.whole = len(self.steps) if self.heard else 0
        else:
            self.heard, self.possible, self.whole = False, False, 0
            for at in range(len(self.steps)):
                self._weigh_at(runs, at)

    def _weigh_at(self, runs: "list[Run]", at: int) -> None:
        """The same, if the run going on is step `at`."""
        now = runs[-1]
        hz, ms, _ = self.steps[at]
        if not self._is(now, hz, ms) or too_long(now.ms, min(ms, _HOLD_OFF_MS)):
            return
        whole, bursts = 0, 0  # steps in a row that fit before the one going on, and those of them with sound
        for back, run in enumerate(reversed(runs[-1 - _MAX_WHOLE : -1]), 1):
            hz_before, ms_before, _ = self.steps[(at - back) % len(self.steps)]
            if not self._is(run, hz_before, ms_before) or not fits(run.ms, ms_before):
                break
            if hz_before:  # the silence before all sound proves nothing
                whole, bursts = back, bursts + 1
        if self.cycles > 1:
            heard = bursts >= self.cycles * len(self.sounds)
        else:
            heard = whole >= (2 if hz else 1) or bool(hz and ms >= _LONG_STEP_MS and now.ms >= 0.92 * ms - 30)
        self.possible = True
        self.heard = self.heard or heard
        self.whole = max(self.whole, whole)

    def _is(self, run: Run, hz: "tuple[int, ...]", ms: int) -> bool:
        """Voice may go on in the long pauses of call waiting tone."""
        return run.label == hz or (run.label == VOICE and not hz and ms > _HOLD_OFF_MS and run.ms < _HOLD_MS)

    def _heard_once(self, runs: "list[Run]") -> bool:
        n = len(self.steps)
        if len(runs) < n + 1 or not _SETTLE_MS <= runs[-1].ms <= _HOLD_MS or runs[-1].label in self.sounds:
            return False
        for run, (hz, ms, _) in zip(runs[-1 - n : -1], self.steps):
            if run.label != hz or not fits(run.ms, ms):
                return False
        before = runs[-2 - n] if len(runs) > n + 1 else None
        return before is None or not before.start_ms or before.label != SILENCE or before.ms > _SETTLE_MS


class Judge:
    """An ear with a memory for names: `tone` and `voice` as a person would say them."""

    def __init__(self, country: str = "us") -> None:
        self._labels: "list[tuple[int, ...]]" = []
        self.patterns = [
            Pattern(
                name.partition("/")[0], [(self._label(hz), ms, once) for hz, ms, once in parse(text)], cycles
            )
            for name, (text, cycles) in COUNTRIES[country].items()
        ]
        self._mark_steady()
        self.ear = Ear(sorted({hz for p in self.patterns for hz in p.sounds}))
        self.tone = "none"
        self.voice = False

    def _label(self, hz: "tuple[int, ...]") -> "tuple[int, ...]":
        """What the ear calls these frequencies: those that it cannot tell apart have one name."""
        label = merged(hz)
        for known in self._labels:
            if same_tones(label, known):
                return known
        self._labels.append(label)
        return label

    def _mark_steady(self) -> None:
        """A steady tone must outlast every cadenced one of the same frequencies."""
        for steady in self.patterns:
            if steady.steady:
                rivals = [ms for p in self.patterns for hz, ms, _ in p.steps if hz == steady.steps[0][0]]
                steady.steady_ms = max(_STEADY_MS, round(1.2 * max(rivals)))

    def reset(self) -> None:
        """The receiver was put down: forget."""
        self.ear.reset()
        self.tone = "none"
        self.voice = False

    @property
    def frequencies(self) -> "tuple[int, ...]":
        """Hz of the tone sounding now, named or not; () if there is silence or voice."""
        label = self.ear.runs[-1].label
        return () if label in (None, VOICE) else label

    def feed(self, frame: "np.ndarray | None") -> bool:
        """20 ms of sound. True if `tone` or `voice` changed."""
        ear = self.ear
        quiet = frame is None and self.tone == "none" and not self.voice
        ear.feed(frame)
        if quiet and ear.runs[-1].label == SILENCE and ear.runs[-1].ms > 3 * _HOLD_MS:
            return False  # a long silence: nothing can have changed
        tone, voice = self._name(), self._is_voice()
        changed = tone != self.tone or voice != self.voice
        self.tone, self.voice = tone, voice
        return changed

    def _name(self) -> str:
        runs = self.ear.runs
        if runs[-1].label is None:
            return self.tone  # too early to say anything new
        best, doubt = None, -1
        for pattern in self.patterns:
            pattern.weigh(runs)
            if pattern.heard and (best is None or pattern.whole > best.whole):
                best = pattern
        for pattern in self.patterns:
            if pattern.possible and pattern is not best:
                doubt = max(doubt, pattern.whole)
        return best.name if best is not None and best.whole > doubt else "none"

    def _is_voice(self) -> bool:
        ear = self.ear
        if ear.now_ms - ear.last_voice_ms > _VOICE_HANG_MS:
            ear.voice_ms = 0
            return False
        return self.voice or ear.voice_ms >= _VOICE_ON_MS
