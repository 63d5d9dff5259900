"""To the telephone: voice out of the jitter buffer, with the tones of the exchange mixed in."""

import micropython
from micropython import const

from dsp import g711

_ALAW = const(3)  # codes.LAW_ALAW
_SAMPLES = const(160)
_REPEATS = const(2)  # a lost frame becomes the last one again, at a half, then at a quarter, then silence
_STEP = const(6)  # shorts of a step: four frequencies in Hz, level in dBm0 of each, ms


@micropython.viper
def _fade(frame: ptr16, bits: int):
    """Divide 160 samples by 2**bits."""
    i = 0
    while i < _SAMPLES:
        frame[i] = ((frame[i] ^ 0x8000) - 0x8000 >> bits) & 0xFFFF
        i += 1


@micropython.viper
def _silence(frame: ptr16):
    i = 0
    while i < _SAMPLES:
        frame[i] = 0
        frame[i + 1] = 0
        i += 2


class Downlink:
    """20 ms of sound at a time into `frame`, which the board plays."""

    def __init__(self, frame: bytearray, jitter, tone) -> None:
        self.frame = frame
        self._jitter = jitter
        self._tone = tone
        self._last = 0  # where the last voice lies in the store of the jitter buffer
        self._missed = _REPEATS  # turns without voice since
        self.play(None)

    def play(self, steps) -> None:
        """Play the tone `steps` (an array as line/tones.py makes it) from its beginning; None stops it."""
        self._steps = steps
        self._at = 1 - _STEP  # where the step that plays begins in `steps`
        self._left = 0  # samples of it still to play; -1 = without end
        self._tone.set(0, 0, 0, 0, 0)

    def decode(self, law: int) -> None:
        """Fill `frame` with voice, µ-law or A-law, if there is any (law -1: no call), and with the tone."""
        at = self._jitter.get() if law >= 0 else -1
        if at >= 0:
            self._last = at
            self._missed = 0
            self._voice(law, at)
        elif law >= 0 and self._missed < _REPEATS:
            self._missed += 1
            self._conceal(law)
        else:
            self._missed = _REPEATS
            _silence(self.frame)
        if self._steps is not None:
            self._mix()

    def _voice(self, law: int, at: int) -> None:
        if law == _ALAW:
            g711.decode_alaw(self.frame, self._jitter.store, at, _SAMPLES)
        else:
            g711.decode_ulaw(self.frame, self._jitter.store, at, _SAMPLES)

    def _conceal(self, law: int) -> None:
        """Make up for a lost frame; the place of a better packet loss concealment."""
        self._voice(law, self._last)
        _fade(self.frame, self._missed)

    def _mix(self) -> None:
        """Add the tone; a step may begin and end at any sample."""
        i = 0
        while i < _SAMPLES:
            if self._left == 0 and not self._next_step():
                return
            n = _SAMPLES - i
            if 0 <= self._left < n:
                n = self._left
            self._tone.add_into(self.frame, i, n)
            if self._left > 0:
                self._left -= n
            i += n

    def _next_step(self) -> bool:
        """Go to the next step, or back to where the loop starts; return False if there is none."""
        steps = self._steps
        at = self._at + _STEP
        if at >= len(steps):
            at = 1 + steps[0] * _STEP
        if at >= len(steps):
            self.play(None)
            return False
        self._at = at
        self._tone.set(steps[at], steps[at + 1], steps[at + 2], steps[at + 3], steps[at + 4])
        self._left = steps[at + 5] * 8 or -1
        return True
