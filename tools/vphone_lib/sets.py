"""Kinds of telephone sets: what a set does by itself on the line, without its user.

`plain` does nothing. `ntt` (Japan) answers the CAR signal that follows a line reversal, takes the Caller ID
message and hangs up again, without ringing. `callwaiting` (Type II, TIA-777, EN 300 659-2) hears the CAS in a
call, silences its receiver and its microphone, acknowledges by DTMF D and takes the message.
"""

from collections.abc import Callable

import numpy as np

from . import mouth
from .levels import FRAME, FRAME_MS, RATE_HZ, rms_of_dbm0

_CAR_MS = (400, 600)
_PRIMARY_LONGEST_MS = 7000
_RECEIVED_AFTER_MS = 100
_CAS_HZ = (2130, 2750)
_BLOCK = 80  # samples: 10 ms
_CAS_BLOCKS = (6, 9)  # whole ones within 75-85 ms
_CAS_SHARE = 0.8
_CAS_TWIST = 10 ** (7 / 10)
_CAS_OFF = 0.011  # of its frequencies
_CAS_FLOOR_DBM0 = -38.0  # of both tones together
_ACK_AFTER_MS = 20
_ACK_MS = 60
_ACK_DBM0 = -9.0
_MESSAGE_WITHIN_MS = 500
_MESSAGE_LONGEST_MS = 4000


class Plain:
    """A set that leaves all to its user; the others differ from it."""

    def __init__(self, tell: "Callable[..., None]") -> None:
        self._tell = tell
        self.closes = False  # the loop, with the receiver on the hook
        self.silent = False  # the bell does not ring: this ringing current is a signal to the set
        self.mutes = False  # receiver and microphone
        self.sound: "np.ndarray | None" = None  # what it sends itself in the next 20 ms

    def turned(self, reversed_: bool, t_ms: int) -> None:
        """The polarity changed."""

    def bell(self, on: bool, t_ms: int) -> None:
        """Ringing current came or went."""

    def hook(self, off_hook: bool, t_ms: int) -> None:
        """The user lifted or hung up."""

    def step(self, ear: "np.ndarray | None", t_ms: int, carrier: bool, n_messages: int) -> None:
        """20 ms are over; `ear` is what came from the line off-hook, `carrier`: there is sound on the line,
        `n_messages`: the number of Caller ID messages received so far, good or bad.
        """


class Ntt(Plain):
    """Reversal, CAR, primary answer, message, hang-up; then it rings like any other."""

    def __init__(self, tell: "Callable[..., None]") -> None:
        super().__init__(tell)
        self._car_since_ms = 0
        self._since_ms = 0  # the reversal or the primary answer
        self._n_before = 0
        self._taken_ms = -1

    def turned(self, reversed_: bool, t_ms: int) -> None:
        """A reversal on-hook announces CAR."""
        self.silent = reversed_
        self._since_ms = t_ms

    def hook(self, off_hook: bool, t_ms: int) -> None:
        """The user is quicker than the network."""
        self.silent = self.closes = False

    def bell(self, on: bool, t_ms: int) -> None:
        """Close the loop after the first CAR."""
        if not self.silent or self.closes:
            return
        if on:
            self._car_since_ms = t_ms
        elif _CAR_MS[0] <= t_ms - self._car_since_ms <= _CAR_MS[1]:
            self.closes = True
            self._since_ms = t_ms
            self._taken_ms = -1
            self._tell("primary answer")
        else:
            self.silent = False  # that was ordinary ringing

    def step(self, ear: "np.ndarray | None", t_ms: int, carrier: bool, n_messages: int) -> None:
        """Hang up a moment after the message, or when there is none."""
        if not self.closes:
            self._n_before = n_messages
            if self.silent and t_ms - self._since_ms > _PRIMARY_LONGEST_MS:
                self.silent = False
            return
        if self._taken_ms < 0 and n_messages != self._n_before:
            self._taken_ms = t_ms
        taken = self._taken_ms >= 0 and t_ms - self._taken_ms >= _RECEIVED_AFTER_MS
        if taken or t_ms - self._since_ms > _PRIMARY_LONGEST_MS:
            self.closes = self.silent = False
            self._tell("primary hang-up", received=taken)


class CasEar:
    """Finds 75-85 ms of 2130 + 2750 Hz, alone. `feed` returns True for the frame in which it ended."""

    def __init__(self) -> None:
        n = np.arange(_BLOCK)
        self._probe = np.exp(-2j * np.pi * np.outer(_CAS_HZ, n) / RATE_HZ) / _BLOCK
        self._floor = rms_of_dbm0(_CAS_FLOOR_DBM0) ** 2
        self._blocks = 0
        self._now = np.zeros(2, np.complex128)

    def feed(self, frame: "np.ndarray | None") -> bool:
        """The next 160 samples."""
        if frame is None:
            ended, self._blocks = _CAS_BLOCKS[0] <= self._blocks <= _CAS_BLOCKS[1], 0
            return ended
        wide = frame.astype(np.float64).reshape(-1, _BLOCK)
        heard = False
        for block in wide:
            heard = self._block(block) or heard
        return heard

    def _block(self, block: np.ndarray) -> bool:
        energy = float(np.dot(block, block)) / _BLOCK
        before, self._now = self._now, self._probe @ block
        low, high = (2 * np.abs(self._now) ** 2).tolist()  # mean power of each tone
        tones = energy > self._floor and low + high > _CAS_SHARE * energy
        tones = tones and 1 / _CAS_TWIST < low / (high + 1e-9) < _CAS_TWIST
        if tones and self._blocks:
            step = np.angle(self._now * np.conj(before))  # whole turns of both tones fit no block: wanted
            turn = np.angle(np.exp(1j * (step - 2 * np.pi * np.array(_CAS_HZ) * _BLOCK / RATE_HZ)))
            off_hz = np.abs(turn) / (2 * np.pi) * RATE_HZ / _BLOCK
            tones = bool(np.all(off_hz <= _CAS_OFF * np.array(_CAS_HZ)))
        if tones:
            self._blocks += 1
            return False
        ended, self._blocks = _CAS_BLOCKS[0] <= self._blocks <= _CAS_BLOCKS[1], 0
        return ended


class CallWaiting(Plain):
    """Hears CAS in a call, says D, takes the message."""

    def __init__(self, tell: "Callable[..., None]") -> None:
        super().__init__(tell)
        self._cas = CasEar()
        self._off_hook = False
        self._ack = np.zeros(0, np.float32)
        self._since_ms = 0  # the end of CAS, then of ACK
        self._n_before = 0

    def hook(self, off_hook: bool, t_ms: int) -> None:
        """A new call, or none."""
        self._off_hook = off_hook
        self.mutes, self.sound = False, None
        self._ack = self._ack[:0]
        self._cas = CasEar()

    def step(self, ear: "np.ndarray | None", t_ms: int, carrier: bool, n_messages: int) -> None:
        """Listen for CAS; after it send the acknowledgement and wait for the message."""
        if not self._off_hook:
            return
        if not self.mutes:
            if self._cas.feed(ear):
                self._begin(t_ms, n_messages)
            return
        if len(self._ack):
            self.sound, self._ack = self._ack[:FRAME], self._ack[FRAME:]
            self._since_ms = t_ms
            return
        self.sound = None
        waited_ms = t_ms - self._since_ms
        late = waited_ms > _MESSAGE_WITHIN_MS and not carrier
        if n_messages != self._n_before or late or waited_ms > _MESSAGE_LONGEST_MS:
            self.mutes = False
            self._tell("unmute", received=n_messages != self._n_before)

    def _begin(self, t_ms: int, n_messages: int) -> None:
        self.mutes = True
        self._n_before = n_messages
        self._since_ms = t_ms
        silence = np.zeros((_ACK_AFTER_MS - FRAME_MS) * 8, np.float32)
        self._ack = np.concatenate([silence, mouth.dtmf("D", _ACK_MS, 0, _ACK_DBM0, 0)])
        self._tell("cas")
        self.sound, self._ack = self._ack[:FRAME], self._ack[FRAME:]


KINDS = {"plain": Plain, "ntt": Ntt, "callwaiting": CallWaiting}
