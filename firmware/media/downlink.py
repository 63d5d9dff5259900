"""To the telephone: voice out of the jitter buffer, with the tones of the exchange mixed in."""
# There are sounds whenever a tone plays, which no type checker sees:
# pyright: reportOptionalSubscript=false

import micropython
from micropython import const

from dsp import g711, tone

_ALAW = const(3)  # codes.LAW_ALAW
_SAMPLES = const(160)
_REPEATS = const(2)  # a lost frame becomes the last one again, at a half, then at a quarter, then silence


@micropython.viper
def _fade(frame: ptr16, bits: int):
    """Divide 160 samples by 2**bits."""
    i = 0
    while i < _SAMPLES:
        frame[i] = ((frame[i] ^ 0x8000) - 0x8000 >> bits) & 0xFFFF
        i += 1


class Downlink:
    """20 ms of sound at a time into `frame`, which the board plays."""

    def __init__(self, frame: bytearray, jitter, tone) -> None:
        self.frame = frame
        self._jitter = jitter
        self._tone = tone
        self._last = 0  # where the last voice lies in the store of the jitter buffer
        self._missed = _REPEATS  # turns without voice since
        self.signal = None  # who speaks instead of the far end: fill(frame) adds 20 ms, False = the last
        self.play()

    def play(self, sounds=None, at: int = 0, gain_db: int = 0) -> None:
        """Play the tone at `sounds[at]` (line/tones.py) from its beginning; at 0 there is none: silence.

        `playing` tells whether it lasts; gain_db is added to its level.
        """
        self._sounds = sounds
        self.playing = at > 0
        self._loop = at
        self._at = at + 1  # the step that comes next
        self._gain_db = gain_db
        self._left = 0  # samples of this step still to play; -1 = without end
        self._tone.on = False

    def decode(self, law: int) -> None:
        """Fill `frame` with voice, µ-law or A-law, if there is any (law -1: no call), and with the tone."""
        at = self._jitter.get() if law >= 0 else -1
        if self.signal is not None:
            at = law = -1  # whoever spoke meanwhile is not heard later
        if at >= 0:
            self._last = at
            self._missed = 0
            self._voice(law, at)
        elif law >= 0 and self._missed < _REPEATS:
            self._missed += 1
            self._conceal(law)
        else:
            self._missed = _REPEATS
            tone.silence(self.frame)
        if self.playing:
            self._mix()
        if self.signal is not None and not self.signal.fill(self.frame):
            self.signal = None

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
        sounds = self._sounds
        at = self._at
        if sounds[at] < 0:
            at = sounds[self._loop]
        if at == 0:
            self.play()
            return False
        at = self._tone.set(sounds, at, self._gain_db)
        self._left = sounds[at] * 8 or -1
        self._at = at + 1
        return True
