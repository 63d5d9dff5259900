"""DTMF detector after Q.24: eight Goertzel filters on blocks of 10 ms, and a judge of power and phase.

A block is a hit when two tones, one of each group, explain most of its energy, with a lawful twist. What each
of them leaves in the other's filter is taken out first. The phase that they gain from block to block tells
their frequencies far sharper than the filters could, and so how much of the energy should be theirs: a voice
falls short of it. Three hits in a row begin a digit: 40 ms of tone hold three whole blocks at any phase, 23
ms never do. Three misses end it: a gap of 10 ms touches two blocks, a pause of 40 ms holds three. Two
notches take dial tone away before all.
"""

from array import array

import micropython
from micropython import const

_BLOCK = const(80)  # samples
_BIAS = const(0x8000)  # keeps stored re and im positive: a 64-bit viper loads ptr32 unsigned
_STATE = const(0x10000000)  # the same for the notches
_FLOOR = const(14000)  # power of a tone of -36 dBm0
_BEGIN = const(0x100)  # codes.DIGIT_BEGIN
_END = const(0x200)  # codes.DIGIT_END
_DIGITS = b"123A456B789C*0#D"

# For 697, 770, 852, 941, 1209, 1336, 1477, 1633 Hz: 2 cos w and sin w in 1/8192, then the phase gained in a
# block and how far it may be off (2 %), in 1/1024 turn.
_TABLE = array("h", (13990, 13478, 12851, 12109, 9536, 8162, 6542, 4657))
_TABLE.extend(array("h", (4264, 4658, 5082, 5518, 6661, 7103, 7511, 7854)))
_TABLE.extend(array("h", (993, 717, 532, 420, 92, 369, 788, 338)))
_TABLE.extend(array("h", (143, 158, 174, 193, 248, 274, 302, 334)))

# What a high tone leaves in the filter of a low one, re and im, in 1/1024 of that tone, 128 up: 697 and 1209
# Hz, 697 and 1336 Hz, … What the low tone leaves in the high one's is the conjugate.
_LEAK = (
    b"\x97\x7c\x9b\x58\x71\x6c\x97\x6a\xa3\x43\x72\x4f\x8a\x81\x7e\x5d"
    b"\x79\x27\x67\x6b\xa0\x6d\x71\x6d\x52\x24\x74\x7c\xa2\x54\x76\x7a"
)
_NOTCHED = b"E5,'"  # by how much the notches favour the high group over 697, 770, 852, 941 Hz: power, in 1/32


@micropython.viper
def _notch(x: ptr16, frame: ptr16, at: int, state: ptr32) -> int:
    """Filter 80 samples of `frame` from `at` on into `x`, 1/32 of their size and 1,024 up.

    Two second-order notches at 350 and 440 Hz, poles at 0.85, in 1/8192. Return the energy of the result.
    """
    i = 0
    energy = 0
    a1 = state[0] - _STATE << 4
    a2 = state[1] - _STATE << 4
    b1 = state[2] - _STATE << 4
    b2 = state[3] - _STATE << 4
    while i < _BLOCK:
        v = ((frame[at + i] ^ 0x8000) - 0x8000) >> 2
        u = v + (a1 + 4096 >> 13)
        a1 = a2 + u * 13404 - v * 15769
        a2 = (v << 13) - u * 5919
        v = u + (b1 + 4096 >> 13)
        b1 = b2 + v * 13103 - u * 15415
        b2 = (u << 13) - v * 5919
        v = v + 4 >> 3
        if v > 1023:
            v = 1023
        if v < -1023:
            v = -1023
        x[i] = v + 1024
        energy += v * v
        i += 1
    state[0] = (a1 >> 4) + _STATE
    state[1] = (a2 >> 4) + _STATE
    state[2] = (b1 >> 4) + _STATE
    state[3] = (b2 >> 4) + _STATE
    return energy


@micropython.viper
def _goertzel(out: ptr32, x: ptr16, table: ptr16):
    """Filter the block `x` at eight frequencies: power into out[k], re and im into out[8 + k], out[16 + k].

    A sine of amplitude a has the power 100 a²; its re and im turn on from block to block at its frequency.
    """
    k = 0
    while k < 8:
        c = table[k]
        s1 = 0
        s2 = 0
        i = 0
        while i < _BLOCK:
            s2 = (c * s1 >> 13) - s2 + x[i] - 1024
            s1 = (c * s2 >> 13) - s1 + x[i + 1] - 1024
            i += 2
        re = s1 - (c * s2 >> 14) >> 2
        im = table[k + 8] * s2 >> 15
        out[k] = re * re + im * im
        out[k + 8] = re + _BIAS
        out[k + 16] = im + _BIAS
        k += 1


def _turn(re: int, im: int) -> int:
    """Return the angle of (re, im) in 1/1024 turn, 0 … 1,023, true to 1."""
    x = re if re >= 0 else -re
    y = im if im >= 0 else -im
    big = x if x > y else y
    if big == 0:
        return 0
    r = (x + y - big << 8) // big
    turn = r * (128 * 256 + (256 - r) * 44) + 0x8000 >> 16
    if y > x:
        turn = 256 - turn
    if re < 0:
        turn = 512 - turn
    return turn if im >= 0 else 1024 - turn & 1023


def _best(power: "array[int]", k: int) -> int:
    """Return which of the four powers from `k` on is the greatest."""
    best = k
    end = k + 4
    while k < end:
        if power[k] > power[best]:
            best = k
        k += 1
    return best


def _apart(out: "array[int]", k: int, other: int, u: int, v: int) -> None:
    """Take out of the filter `k` what the tone `other` leaves in it: u + jv, in 1/1024 of that tone.

    Its power into out[k]; of its group, the high one's an index further: its share of this block's energy
    into out[24]; of this and the last one's, with what the filter lost because the tone is off, into out[26];
    by how much the phase that it gained is off into out[28], its angle into out[30].
    """
    group = 24 + (k >> 2)
    re = out[k + 8] - _BIAS
    im = out[k + 16] - _BIAS
    x = out[other + 8] - _BIAS
    y = out[other + 16] - _BIAS
    real = re - (u * x - v * y >> 10)
    y = im - (u * y + v * x >> 10)
    x = _turn(real, y)
    out[k] = real * real + y * y
    off = abs((x - out[group + 6] - _TABLE[k + 16] + 512 & 1023) - 512)
    share = out[group]
    out[group] = re * real + im * y
    share += out[group]
    out[group + 2] = share + (share >> 10) * (off * off * 7 >> 11)
    out[group + 4] = off
    out[group + 6] = x


class Dtmf:
    """The detector of one line. `tone_now`: the last frame held DTMF, or what may become DTMF."""

    def __init__(self) -> None:
        self._x = array("H", bytes(2 * _BLOCK))
        self._out = array("i", bytes(4 * 32))
        self._state = array("i", (0, 0, 0, 0))
        self.reset()

    def reset(self) -> None:
        """Forget everything: the next frame follows silence. A digit that was on does not end."""
        for k in range(4):
            self._state[k] = _STATE
        self.digit = 0  # ASCII of the digit that is on, 0 = none
        self.tone_now = False
        self._hits = 0  # in a row, of the same digit
        self._misses = 0  # in a row, since a hit of the digit that is on
        self._last = 0  # ASCII of the last block's digit, 0 = no hit
        self._energy = 0  # of the last block, / 8

    def feed(self, frame: bytearray) -> int:
        """Judge 160 samples. Return 0, or ASCII | 0x100 when a digit begins, ASCII | 0x200 when it ends."""
        event = self._block(frame, 0, 0)
        self.tone_now = self.digit != 0 or self._hits > 1
        event = self._block(frame, _BLOCK, event)
        if self.digit or self._hits > 1:
            self.tone_now = True
        return event

    def _block(self, frame: bytearray, at: int, event: int) -> int:
        energy = _notch(self._x, frame, at, self._state)
        _goertzel(self._out, self._x, _TABLE)
        hit = self._judge(energy)
        if self.digit:
            self._misses = 0 if hit == self.digit and self._hits else self._misses + 1
            if self._misses > 2 and not event:
                event = self.digit | _END
                self.digit = 0
        elif self._hits > 2 and not event:
            event = hit | _BEGIN
            self.digit = hit
            self._misses = 0
        return event

    def _judge(self, energy: int) -> int:
        """Return the ASCII digit of the block in `_out`, or 0, and count the hits."""
        out = self._out
        low = _best(out, 0)
        high = _best(out, 4)
        hits = hit = 0
        energy >>= 3
        if out[low] >= _FLOOR and out[high] >= _FLOOR:
            at = low * 4 + high - 4
            u = _LEAK[2 * at] - 128
            v = _LEAK[2 * at + 1] - 128
            _apart(out, low, high, u, v)
            _apart(out, high, low, u, -v)
            p = (out[low] >> 8) * _NOTCHED[low]
            q = out[high] >> 3
            # twist at most +7 and -10.8 dB; 75 % of the energy is theirs, whatever their frequencies
            if q < p * 5 and p < q * 12 and out[24] + out[25] > energy * 15:
                hit = _DIGITS[at]
                hits = 1
                if (
                    hit == self._last
                    and out[28] <= _TABLE[low + 24]
                    and out[29] <= _TABLE[high + 24]
                    and out[26] + out[27] > (energy + self._energy) * 18  # 90 %
                ):
                    hits = 2 + (self._hits > 1)
        self._hits = hits
        self._last = hit
        self._energy = energy
        return hit
