"""Up to four sine waves, or a modulated one, added into PCM frames, phase-continuous from frame to frame.

A phase has 24 bits, so a frequency is true to 0.0005 Hz. The sine is a polynomial of its upper 16.
"""

from array import array

import micropython
from micropython import const

_MODULATED = const(16)  # in the head of a step: a carrier, then its side bands


@micropython.viper
def add_sine(dst: ptr16, span: int, wave: ptr32):
    """Add one sine to the samples span >> 16 up to (span & 0xFFFF) of `dst`, never past full scale.

    `wave` holds the phase, its step a sample (both of 2**24) and the amplitude (0 … 32,767). Its sine is
    x (1.5704 - x² (0.6423 - 0.0719 x²)), x in quarters of a turn, true to 0.02 %; a table costs 512 octets.
    """
    phase = wave[0]
    i = span >> 16
    end = span & 0xFFFF
    while i < end:
        x = ((phase >> 8) + 0x4000 & 0xFFFF) - 0x8000
        if x < 0:
            x = 0 - x
        x = 0x4000 - x
        y = x * x >> 14
        v = x * (25730 - (y * (10524 - (y * 1178 >> 14)) >> 14)) >> 13
        v = (v * wave[2] + 0x4000 >> 15) + (dst[i] ^ 0x8000) - 0x8000
        if v > 32767:
            v = 32767
        if v < -32768:
            v = -32768
        dst[i] = v & 0xFFFF
        phase = phase + wave[1] & 0xFFFFFF
        i += 1
    wave[0] = phase


@micropython.viper
def silence(frame: ptr16):
    """Make 20 ms, 160 samples, of nothing."""
    i = 0
    while i < 160:
        frame[i] = 0
        frame[i + 1] = 0
        i += 2


class Tone:
    """A generator of up to four sines of one level, or of a modulated one."""

    def __init__(self) -> None:
        self._waves = tuple(array("i", (0, 0, 0)) for _ in range(4))
        self.on = False

    def set(self, sounds, at: int, gain_db: int) -> int:
        """Take up the step that begins at `sounds[at]` (line/tones.py) and return where its ms lie.

        gain_db is added to its level; +3 dBm0 is the most. A sine that goes on with another frequency keeps
        its phase; one that was off, as all are while `on` is False, starts at zero.
        """
        head = sounds[at]
        n = head & 7
        end = at + n + 1
        amplitude = 32132 << 8  # at +3 dBm0; a full-scale sine has +3.17 dBm0
        for _ in range(3 - gain_db - sounds[end]):
            amplitude -= (amplitude >> 8) * 7127 >> 8  # 1 dB less
        for wave in self._waves:
            at += 1
            if not wave[1] or not self.on:
                wave[0] = 0
            wave[1] = (sounds[at] * 262144 + 62) // 125 if at < end else 0  # 2**24 / 8,000 Hz
            wave[2] = amplitude >> 8
            if head > _MODULATED:
                head = 0
                amplitude = (amplitude >> 10) * 461  # side bands: half of 90 %
        self.on = n > 0
        return end + 1 if n else end

    def add_into(self, frame: bytearray, at: int, n: int) -> None:
        """Add the next `n` samples of the tone to those of `frame` from sample `at` on."""
        if self.on:
            waves = self._waves
            span = at << 16 | at + n
            k = 0
            while k < 4:
                if waves[k][1]:
                    add_sine(frame, span, waves[k])
                k += 1
