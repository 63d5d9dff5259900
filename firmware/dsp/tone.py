"""Up to four sine waves, or a modulated one, added into PCM frames, phase-continuous from frame to frame.

One table of 256 sines serves all. A phase has 24 bits, so a frequency is true to 0.0005 Hz; the eight
upper bits pick the sine, which keeps every spurious line 48 dB under the tone.
"""

from array import array

import micropython


def _sines() -> "array[int]":
    """Return 256 sines of amplitude 32,767, by turning a pointer in whole numbers (setup only)."""
    table = array("h", bytes(512))
    c = 32767 << 16
    s = 0
    for i in range(65):
        table[i] = table[128 - i] = s + 0x8000 >> 16
        table[128 + i] = table[-i] = -(s + 0x8000 >> 16)
        c, s = c * 1073418433 - s * 26350943 >> 30, s * 1073418433 + c * 26350943 >> 30
    return table


SINES = _sines()
del _sines  # its room is free again


@micropython.viper
def add_sine(dst: ptr16, span: int, wave: ptr32, sine: ptr16):
    """Add one sine to the samples span >> 16 up to (span & 0xFFFF) of `dst`, never past full scale.

    `wave` holds the phase, its step a sample (both of 2**24) and the amplitude (0 … 32,767).
    """
    phase = wave[0]
    i = span >> 16
    end = span & 0xFFFF
    step = wave[1]
    amplitude = wave[2]
    while i < end:
        v = (sine[phase >> 16] ^ 0x8000) - 0x8000
        v = (v * amplitude + 0x4000 >> 15) + (dst[i] ^ 0x8000) - 0x8000
        if v > 32767:
            v = 32767
        if v < -32768:
            v = -32768
        dst[i] = v & 0xFFFF
        phase = phase + step & 0xFFFFFF
        i += 1
    wave[0] = phase


class Tone:
    """A generator of up to four sines of one level, or of a modulated one."""

    def __init__(self) -> None:
        self._waves = tuple(array("i", (0, 0, 0)) for _ in range(4))
        self.on = False

    def set(
        self, f1_hz: int, f2_hz: int, f3_hz: int, f4_hz: int, level_dbm0: int, modulated: bool = False
    ) -> None:
        """Choose the frequencies (0 … 4,000 Hz, 0 = none) and the level of each sine (-60 … 3 dBm0).

        A sine that goes on with another frequency keeps its phase; one that was off starts at zero.
        modulated: f1_hz is a carrier that f2_hz swings by 90 %; the level is that of the carrier alone.
        """
        amplitude = 32132 << 8  # at +3 dBm0; a full-scale sine has +3.17 dBm0
        for _ in range(3 - level_dbm0):
            amplitude -= (amplitude >> 8) * 7127 >> 8  # 1 dB less
        amplitude >>= 8
        self.on = False
        self._tune(0, f1_hz, amplitude)
        if modulated:
            amplitude = amplitude * 461 >> 10  # half of 90 %
            f3_hz = f1_hz - f2_hz
            f2_hz += f1_hz
        self._tune(1, f2_hz, amplitude)
        self._tune(2, f3_hz, amplitude)
        self._tune(3, f4_hz, amplitude)

    def _tune(self, k: int, f_hz: int, amplitude: int) -> None:
        wave = self._waves[k]
        wave[1] = (f_hz * 262144 + 62) // 125  # 2**24 / 8,000 Hz, within 2**30
        wave[2] = amplitude
        if f_hz:
            self.on = True
        else:
            wave[0] = 0

    def add_into(self, frame: bytearray, at: int, n: int) -> None:
        """Add the next `n` samples of the tone to those of `frame` from sample `at` on."""
        if self.on:
            waves = self._waves
            span = at << 16 | at + n
            k = 0
            while k < 4:
                if waves[k][1]:
                    add_sine(frame, span, waves[k], SINES)
                k += 1
