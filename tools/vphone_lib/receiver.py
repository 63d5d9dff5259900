"""The Caller ID display of a telephone: hears the line on-hook, shows who calls, and knows the limits.

`feed` takes the sound 20 ms at a time; it is cut where it is silent, and each stretch is an FSK carrier, a
keypad tone, a dual-tone alerting signal (DT-AS) or nothing for a display. `bell` and `turned` tell it of
ringing and of the polarity, as its ringing and line detectors would. A message outside the limits that
telephones are built to (GR-30, EN 300 659-1, SIN 227) is told with its fault and not shown. Speech now
and then looks like a modem's signal: a fault is told only if a seizure or a mark came before it.
"""

from collections.abc import Callable

import numpy as np

from . import callerid, fskear
from .callerid import CallerId
from .levels import FRAME_MS, RATE_HZ, rms_of_dbm0
from .mouth import DTMF_HZ

_CELL = 40  # samples: 5 ms
_CELL_MS = 5
_FLOOR_DBM0 = -45.0
_QUIET_MS = 30  # ends a stretch
_LONGEST_MS = 8000
_DIGITS_OVER_MS = 400  # no digit for so long: that was all of them
_FFT = 8192
_DTAS_HZ = (2130, 2750)
_GRID_MS = FRAME_MS  # feed and ringing are known to a frame only
_AFTER_RING_MS = 500
_AFTER_DTAS_MS = (45, 500)
_BEFORE_RING_MS = 200
_CALL_OVER_MS = 6500  # without ringing
_GAP_MS = 4500  # after a ring: what comes here belongs to that call
_SEIZURE_BITS = (94, 330)
_MARK_BITS = (54, 230)
_MARK_BITS_OFF_HOOK = (55, 110)
_LEAST_NTT_MARK_BITS = 72
_LEVEL_DBM0 = (-36.5, -3.0)
_TWIST_DB = (-6.5, 10.5)
_DIGIT_MS = 45


class Stretch:
    """Sound between two silences. `kind`: fsk, dtas, a key of the keypad, or "" for anything else."""

    def __init__(self, start_ms: float) -> None:
        self.start_ms = start_ms
        self.end_ms = start_ms
        self.kind = ""
        self.reception: "fskear.Reception | None" = None

    @property
    def ms(self) -> float:
        """Its length."""
        return self.end_ms - self.start_ms


class Cutter:
    """Cuts sound into stretches; `feed` returns one when it is over."""

    def __init__(self) -> None:
        self._limit = rms_of_dbm0(_FLOOR_DBM0) ** 2 * _CELL
        self.reset()

    def reset(self) -> None:
        """Forget a stretch under way."""
        self._now: "Stretch | None" = None
        self._parts: "list[np.ndarray]" = []
        self._quiet_ms = 0

    @property
    def idle(self) -> bool:
        """True if there is no sound."""
        return self._now is None

    def feed(self, frame: "np.ndarray | None", t_ms: float) -> "Stretch | None":
        """The next 20 ms, which begin at `t_ms`; None is silence."""
        if frame is None and self._now is None:
            return None
        sound = np.zeros(FRAME_MS * 8, np.float32) if frame is None else frame.astype(np.float32)
        done = None
        for at, cell in enumerate(sound.reshape(-1, _CELL)):
            done = self._cell(cell, t_ms + at * _CELL_MS) or done
        return done

    def _cell(self, cell: np.ndarray, t_ms: float) -> "Stretch | None":
        loud = float(np.dot(cell, cell)) > self._limit
        if self._now is None:
            if not loud:
                return None
            self._now, self._parts = Stretch(t_ms), []
        self._parts.append(cell)
        self._quiet_ms = 0 if loud else self._quiet_ms + _CELL_MS
        if self._quiet_ms < _QUIET_MS and t_ms - self._now.start_ms < _LONGEST_MS:
            return None
        done, self._now = self._now, None
        done.end_ms = t_ms + _CELL_MS - self._quiet_ms
        _classify(done, np.concatenate(self._parts))
        return done


def _classify(stretch: Stretch, sound: np.ndarray) -> None:
    """Say what it is, and where in it the signal really begins and ends."""
    strong = np.flatnonzero(np.abs(sound) > np.abs(sound).max() / 4)
    begin_ms = stretch.start_ms
    stretch.start_ms = begin_ms + float(strong[0]) * 1000 / RATE_HZ
    stretch.end_ms = begin_ms + float(strong[-1] + 1) * 1000 / RATE_HZ
    hz = _two_tones(sound[strong[0] : strong[-1] + 1])
    stretch.kind = _pair(hz) if hz else ""
    if stretch.kind or stretch.ms < 60:
        return
    got = fskear.demodulate(sound)
    if got is not None and got.modem:
        stretch.kind, stretch.reception = "fsk", got
        stretch.start_ms, stretch.end_ms = begin_ms + got.start_ms, begin_ms + got.end_ms


def _two_tones(sound: np.ndarray) -> "tuple[float, float] | None":
    """The two frequencies that hold nearly all the energy, if there are two."""
    n = min(len(sound), 2 * RATE_HZ // 10)
    if n < RATE_HZ // 50:
        return None
    window = np.hanning(n)
    power = np.abs(np.fft.rfft(sound[:n] * window, _FFT)) ** 2
    total, lobe, found = float(power.sum()), round(2.2 * _FFT / n), []
    for _ in range(2):
        top = int(np.argmax(power))
        found.append(top * RATE_HZ / _FFT)
        power[max(0, top - lobe) : top + lobe + 1] = 0
    low, high = sorted(found)
    return (low, high) if power.sum() < 0.1 * total else None


def _pair(hz: "tuple[float, float]") -> str:
    """A key, dtas, or nothing."""
    if all(abs(f - nominal) <= 0.012 * nominal for f, nominal in zip(hz, _DTAS_HZ)):
        return "dtas"
    for key, nominal in DTMF_HZ.items():
        if all(abs(f - g) <= 0.015 * g + 5 for f, g in zip(hz, nominal)):
            return key
    return ""


class Display:
    """Shows who calls. `tell(what, **values)` gets its happenings: callerid, dtas."""

    def __init__(self, tell: "Callable[..., None]") -> None:
        self._tell = tell
        self._cutter = Cutter()
        self.shown: "CallerId | None" = None
        self.fault = ""  # of the latest message, shown or not
        self.lamp: "bool | None" = None  # message waiting
        self.n_messages = 0  # so far, good and bad
        self._shown_ms = -(10.0**9)
        self._digits = ""
        self._digits_ms = 0.0  # when the first of them began
        self._digit_end_ms = 0.0
        self._dtas_end_ms = -(10.0**9)
        self._ring_end_ms = -(10.0**9)
        self._message_end_ms = -(10.0**9)

    def forget(self) -> None:
        """The call is over: nobody calls any more."""
        self.shown, self.fault = None, ""
        self.deaf()

    def deaf(self) -> None:
        """The receiver was lifted: what was coming in is lost."""
        self._cutter.reset()
        self._digits = ""

    @property
    def idle(self) -> bool:
        """True if there is no sound on the line."""
        return self._cutter.idle

    # What the line detectors say.

    def bell(self, on: bool, t_ms: float) -> None:
        """Ringing current comes or goes."""
        if not on:
            self._ring_end_ms = t_ms
            return
        if t_ms - self._ring_end_ms > _CALL_OVER_MS and self._message_end_ms < self._ring_end_ms + _GAP_MS:
            self.shown, self.fault = None, ""  # that was another call, nobody answered
        self._end_digits()
        if not self._cutter.idle:
            self._spoil("it rings into the message")
            self._cutter.reset()
        gap_ms = t_ms - self._message_end_ms
        if gap_ms < _BEFORE_RING_MS - _GRID_MS:
            self._spoil(f"it rings {gap_ms:.0f} ms after the message")

    def _spoil(self, why: str) -> None:
        self.shown, self.fault = None, why
        self._tell("callerid", fault=why)

    # What is heard.

    def feed(self, frame: "np.ndarray | None", t_ms: float, off_hook: bool = False) -> None:
        """20 ms of line sound that begin at `t_ms`."""
        stretch = self._cutter.feed(frame, t_ms)
        if stretch is not None:
            self._heard(stretch, off_hook)
        elif self._digits and self._cutter.idle and t_ms - self._digit_end_ms > _DIGITS_OVER_MS:
            self._end_digits()

    def _heard(self, stretch: Stretch, off_hook: bool) -> None:
        if stretch.kind == "fsk":
            self._message(stretch, off_hook)
        elif stretch.kind == "dtas":
            self._dtas_end_ms = stretch.end_ms
            self._tell("dtas", ms=round(stretch.ms))
        elif stretch.kind:
            self._digit(stretch)

    def _message(self, stretch: Stretch, off_hook: bool) -> None:
        got = stretch.reception
        assert got is not None
        shown = callerid.of_octets(bytes(got.octets))
        from_ring_ms, from_dtas_ms = (
            stretch.start_ms - self._ring_end_ms,
            stretch.start_ms - self._dtas_end_ms,
        )
        values = {
            "modem": got.modem, "form": shown.form, "seizure_bits": round(got.seizure_bits),
            "mark_bits": round(got.mark_bits), "dbm0": round(got.mark_dbm0, 1),
            "twist_db": round(got.twist_db, 1), "ms": round(stretch.ms),
        }  # fmt: skip
        if from_ring_ms < 10000:
            values["after_ring_ms"] = round(from_ring_ms)
        if from_dtas_ms < 2000:
            values["after_dtas_ms"] = round(from_dtas_ms)
        fault = shown.fault or _fault_of_line(got, shown.form, off_hook)
        if not off_hook and shown.form != "ntt":  # those come when the telephone has asked for them
            fault = fault or _fault_of_time(from_ring_ms, from_dtas_ms)
        if fault and not got.announced:
            return  # somebody speaks
        self._show(shown, fault, stretch.end_ms, values)

    def _show(self, shown: CallerId, fault: str, end_ms: float, values: dict) -> None:
        self.n_messages += 1
        self._message_end_ms = end_ms
        shown.fault = self.fault = fault
        if fault:
            self.shown = None
            self._tell("callerid", fault=fault, **values)
            return
        if shown.waiting is not None:
            self.lamp = shown.waiting
        if shown.waiting is None or shown.number:
            self.shown = shown
        self._tell("callerid", **shown.shown(), **values)

    def _digit(self, stretch: Stretch) -> None:
        if self._digits and stretch.start_ms - self._digit_end_ms < _DIGIT_MS:
            self.fault = f"a pause of {stretch.start_ms - self._digit_end_ms:.0f} ms between digits"
        if not self._digits:
            self.fault = ""
            self._digits_ms = stretch.start_ms
        if stretch.ms < _DIGIT_MS:
            self.fault = f"a digit of {stretch.ms:.0f} ms"
        self._digits += stretch.kind
        self._digit_end_ms = stretch.end_ms

    def _end_digits(self) -> None:
        if not self._digits:
            return
        digits, self._digits = self._digits, ""
        shown, from_ring_ms = callerid.of_digits(digits), self._digits_ms - self._ring_end_ms
        values = {"form": "dtmf", "digits": digits, "ms": round(self._digit_end_ms - self._digits_ms)}
        if from_ring_ms < 10000:
            values["after_ring_ms"] = round(from_ring_ms)
        self._show(shown, self.fault or shown.fault, self._digit_end_ms, values)


def _outside(value: float, limits: "tuple[float, float]") -> bool:
    return not limits[0] <= value <= limits[1]


def _fault_of_line(got: fskear.Reception, form: str, off_hook: bool) -> str:
    """What is wrong with the signal itself; "" if nothing."""
    if got.framing_errors:
        return f"{got.framing_errors} octets have no stop bit"
    if _outside(got.mark_dbm0, _LEVEL_DBM0) or _outside(got.space_dbm0, _LEVEL_DBM0):
        return f"the level is {got.mark_dbm0:.1f} and {got.space_dbm0:.1f} dBm0"
    if _outside(got.twist_db, _TWIST_DB):
        return f"the twist is {got.twist_db:.1f} dB"
    if form == "ntt":
        return "" if got.mark_bits >= _LEAST_NTT_MARK_BITS else f"only {got.mark_bits:.0f} bits of mark"
    if not off_hook and _outside(got.seizure_bits, _SEIZURE_BITS):
        return f"the channel seizure is {got.seizure_bits:.0f} bits"
    if _outside(got.mark_bits, _MARK_BITS_OFF_HOOK if off_hook else _MARK_BITS):
        return f"the mark is {got.mark_bits:.0f} bits"
    return ""


def _fault_of_time(from_ring_ms: float, from_dtas_ms: float) -> str:
    """What is wrong with the pause before the carrier; "" if nothing."""
    if from_dtas_ms < 2000 and from_dtas_ms < from_ring_ms:
        right = not _outside(from_dtas_ms, _AFTER_DTAS_MS)
        return "" if right else f"it comes {from_dtas_ms:.0f} ms after the alerting signal"
    if from_ring_ms < _AFTER_RING_MS - _GRID_MS:
        return f"it comes {from_ring_ms:.0f} ms after the ringing"
    return ""


def receptions(samples: np.ndarray) -> "list[tuple[Stretch, CallerId | None]]":
    """All stretches of recorded line sound that say something to a display, FSK ones with their message."""
    cutter, found = Cutter(), []
    whole = np.concatenate([samples, np.zeros(480, samples.dtype)])
    for at in range(0, len(whole) - len(whole) % 160, 160):
        stretch = cutter.feed(whole[at : at + 160], at / 8)
        if stretch is not None and stretch.kind:
            got = stretch.reception
            shown = callerid.of_octets(bytes(got.octets)) if got else None
            if got is None or shown is None or got.announced or not shown.fault:
                found.append((stretch, shown))
    return found
