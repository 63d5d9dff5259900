"""A modem of 1,200 bit/s that only talks: Bell 202 and V.23, for Caller ID.

The phase never jumps, the first sample lies on a zero crossing and so does the end. A bit lasts 20/3 samples:
where it ends between two samples the step of the phase is split, so that the bit rate is exact and no edge
trembles. GR-30-CORE, EN 300 659-1 and ITU-T V.23 ask for no more than 1 %.
"""

from array import array

import micropython
from micropython import const

_SAMPLES = const(160)
_BIT = const(20)  # thirds of a sample in a bit
_HALF_TURN = const(0x800000)


@micropython.viper
def _add(dst: ptr16, m: ptr32, bits: ptr8) -> int:  # noqa: PLR0915  one loop, and a call costs more
    """Add the next 160 samples to `dst`, never past full scale. Returns 0 if that was the end, else 1.

    `m`: phase (2**24 a turn), thirds of a sample left in this bit, number of this bit, number of bits, steps
    of the phase in a third of a sample for space and for mark, the present one of them, amplitude. After the
    last bit the mark goes on to its next zero crossing. The sine is x (1.5702 - x² (0.6417 - 0.0715 x²)),
    x in quarters of a turn: true to 0.01 %.
    """
    i = 0
    phase = m[0]
    left = m[1]
    at = m[2]
    step = m[6]
    while i < _SAMPLES:
        x = ((phase >> 8) + 0x4000 & 0xFFFF) - 0x8000
        if x < 0:
            x = 0 - x
        x = 0x4000 - x
        y = x * x >> 14
        v = x * (25727 - (y * (10514 - (y * 1171 >> 14)) >> 14)) >> 13
        v = (v * m[7] + 0x4000 >> 15) + (dst[i] ^ 0x8000) - 0x8000
        if v > 32767:
            v = 32767
        if v < -32768:
            v = -32768
        dst[i] = v & 0xFFFF
        i += 1
        x = phase
        phase += 3 * step
        left -= 3
        if left <= 0:
            y = step
            at += 1
            step = m[5]
            if at < m[3]:
                step = m[4 + (bits[at >> 3] >> (at & 7) & 1)]
            phase += (y - step) * left  # the part of this step that belongs to the next bit
            left += _BIT
        if at >= m[3] and (phase ^ x) & _HALF_TURN:
            return 0
        phase &= 0xFFFFFF
    m[0] = phase
    m[1] = left
    m[2] = at
    m[6] = step
    return 1


class Fsk:
    """One message at a time, mixed into PCM frames: a signal for `Downlink.signal`."""

    def __init__(self) -> None:
        self._bits = b""
        self._m = array("i", bytes(32))

    def start(self, bits: bytes, n_bits: int, mark_hz: int, space_hz: int, level_ddbm0: int) -> None:
        """Send the first `n_bits` of `bits`, in each octet the lowest bit first, 1 = mark.

        mark_hz, space_hz: 300 … 3,400.  level_ddbm0: -400 … 30, in tenths of a dBm0. No bits: silence.
        """
        amplitude = 32132 << 8  # at +3 dBm0; a full-scale sine has +3.17 dBm0
        for _ in range(30 - level_ddbm0):
            amplitude -= (amplitude >> 4) * 750 >> 12  # 0.1 dB less
        m = self._m
        m[0] = m[2] = 0
        m[1] = _BIT
        m[3] = n_bits
        m[4] = (space_hz * 262144 + 187) // 375  # 2**24 / 24,000 Hz
        m[5] = (mark_hz * 262144 + 187) // 375
        m[6] = m[4 + (bits[0] & 1)] if n_bits else 0
        m[7] = amplitude >> 8
        self._bits = bits

    def fill(self, frame: bytearray) -> bool:
        """Add the next 20 ms to `frame`; False: these were the last, and the message is forgotten."""
        if self._m[3] and _add(frame, self._m, self._bits):
            return True
        self._m[3] = 0
        self._bits = b""
        return False
