"""A modem of 1,200 bit/s that only talks: Bell 202 and V.23, for Caller ID.

It is the sine of dsp/tone.py with another step for each bit. The phase never jumps; the first sample lies on
a zero crossing and so does the end. A bit lasts 20/3 samples: where it ends between two samples the phase is
put right by the part of the step that belongs to the next bit, so that the bit rate is exact and no edge
trembles. GR-30-CORE, EN 300 659-1 and ITU-T V.23 ask for no more than 1 %.
"""

from array import array

from micropython import const

from dsp import tone

_SAMPLES = const(160)
_BIT = const(20)  # thirds of a sample in a bit
_TURN = const(0xFFFFFF)
_HALF_TURN = const(0x800000)


class Fsk:
    """One message at a time, mixed into PCM frames: a signal for `Downlink.signal`."""

    def __init__(self) -> None:
        self._wave = array("i", (0, 0, 0))  # phase, step and amplitude, as tone.add_sine takes them
        self._steps = array("i", (0, 0))  # for space and for mark
        self._bits = b""
        self._n_bits = 0  # 0 = nothing to say
        self._at = 0  # the bit that sounds; n_bits: the mark that leads to the last zero crossing
        self._left = 0  # thirds of a sample of it still to play

    def start(self, bits: bytes, n_bits: int, mark_hz: int, space_hz: int, level_ddbm0: int) -> None:
        """Send the first `n_bits` of `bits`, in each octet the lowest bit first, 1 = mark.

        mark_hz, space_hz: 300 … 3,400.  level_ddbm0: -400 … 30, in tenths of a dBm0. No bits: silence.
        """
        amplitude = 32132 << 8  # at +3 dBm0; a full-scale sine has +3.17 dBm0
        for _ in range(30 - level_ddbm0):
            amplitude -= (amplitude >> 4) * 750 >> 12  # 0.1 dB less
        self._steps[0] = (space_hz * 262144 + 187) // 375 * 3  # 2**24 / 24,000 Hz, in whole thirds
        self._steps[1] = (mark_hz * 262144 + 187) // 375 * 3
        self._wave[0] = self._wave[1] = 0
        self._wave[2] = amplitude >> 8
        self._bits = bits
        self._n_bits = n_bits
        self._at = -1
        self._left = 0
        if n_bits:
            self._next_bit()

    def fill(self, frame: bytearray) -> bool:
        """Add the next 20 ms to `frame`; False: these were the last, and the message is forgotten."""
        i = 0
        while i < _SAMPLES and self._n_bits:
            end = i + (self._left + 2) // 3
            if end > _SAMPLES:
                end = _SAMPLES
            tone.add_sine(frame, i << 16 | end, self._wave)
            self._left -= 3 * (end - i)
            i = end
            if self._left <= 0:
                self._next_bit()
        return self._n_bits > 0

    def _next_bit(self) -> None:
        """Go on to the next bit, `_left` (0, -1 or -2) thirds of a sample after it began."""
        self._at += 1
        at = self._at
        if at > self._n_bits:
            self._n_bits = 0
            self._bits = b""
            return
        wave = self._wave
        mark = 1 if at == self._n_bits else self._bits[at >> 3] >> (at & 7) & 1
        step = self._steps[mark]
        wave[0] = wave[0] - self._left * ((step - wave[1]) // 3) & _TURN
        wave[1] = step
        if at < self._n_bits:
            self._left += _BIT
        else:
            self._left = (_HALF_TURN - (wave[0] & _HALF_TURN - 1) + step - 1) // step * 3
