"""DTMF detector after Q.24: eight Goertzel filters on blocks of 10 ms, and a judge of power and phase.

A block is a hit when one tone of each group holds most of its power, with a lawful twist. The phase that
the two tones gain from block to block tells their frequencies far sharper than the filters could. Three hits
in a row begin a digit: 40 ms of tone hold three whole blocks at any phase, 23 ms never do. Three misses end
it: a gap of 10 ms touches two blocks, a pause of 40 ms holds three. Two notches take dial tone away first.
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
# block and how far it may be off (2.3 %), in 1/1024 turn.
_TABLE = array("h", (13990, 13478, 12851, 12109, 9536, 8162, 6542, 4657))
_TABLE.extend(array("h", (4264, 4658, 5082, 5518, 6661, 7103, 7511, 7854)))
_TABLE.extend(array("h", (993, 717, 532, 420, 92, 369, 788, 338)))
_TABLE.extend(array("h", (164, 181, 201, 222, 285, 315, 348, 385)))


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


class Dtmf:
    """The detector of one line. `tone_now`: the last frame held DTMF, or what may become DTMF."""

    def __init__(self) -> None:
        self._x = array("H", bytes(2 * _BLOCK))
        self._out = array("i", bytes(4 * 24))
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
        self._last = 0  # ASCII of the last hit
        self._power = 0  # of the last hit; while a digit is on, of its beginning
        self._low = self._high = 0  # the angles of the last hit's two tones

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
        p = out[low]
        q = out[high]
        if (
            p < _FLOOR
            or q < _FLOOR
            or q >> 3 > p  # twist; the notches favour the high group by 1 to 3 dB
            or p >> 4 > q
            or p + q >> 2 < (energy >> 1) * 15 >> 4  # 75 % of the power in the two tones; within 2**30
        ):
            self._hits = 0
            return 0
        hit = _DIGITS[low * 4 + high - 4]
        self._follow(hit, low, high, (p + q) >> 4)
        return hit

    def _follow(self, hit: int, low: int, high: int, power: int) -> None:
        """Count a hit if it carries on the one before: same digit, same power, right frequencies."""
        out = self._out
        a = _turn(out[low + 8] - _BIAS, out[low + 16] - _BIAS)
        b = _turn(out[high + 8] - _BIAS, out[high + 16] - _BIAS)
        same = self._hits and hit == self._last and self._near(low, a - self._low)
        if same and self._near(high, b - self._high) and power * 2 > self._power and self._power * 2 > power:
            self._hits += self._hits < 3
        else:
            self._hits = 1
        self._last = hit
        self._power = power
        self._low = a
        self._high = b

    def _near(self, k: int, gained: int) -> bool:
        off = (gained - _TABLE[k + 16] + 512 & 1023) - 512
        return -_TABLE[k + 24] <= off <= _TABLE[k + 24]
