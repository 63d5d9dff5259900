"""All of Debian's recordings for Asterisk, 150 minutes, at seven speeds: no digit, and no more than spandsp.

Other speeds are other voices: pitch, formants and time all change. Two to ten minutes of machine time.
"""

from fractions import Fraction

import need
import pytest

from tools.dtmf_lib import corpus, receivers

SPEEDS = [Fraction(20 + off, 20) for off in (0, -3, -2, -1, 1, 2, 3)]
pytestmark = pytest.mark.soak


@pytest.mark.parametrize("speed", SPEEDS, ids=[f"{float(speed):.0%}" for speed in SPEEDS])
def test_hours_of_speech_and_music_hold_no_digit_for_us_nor_for_spandsp(speed):
    need.micropython(64)
    need.spandsp()
    need.sounds(corpus.files())
    sounds = [corpus.warped(corpus.samples(path), speed) for path in corpus.files()]
    minutes = corpus.minutes(sounds)
    assert minutes * speed > corpus.MINUTES
    ours = sum(map(len, receivers.Firmware(64).hear(sounds)))
    theirs = sum(map(len, receivers.Spandsp().hear(sounds)))
    print(f"\n{minutes:.0f} minutes at {float(speed):.0%} of their speed: {ours} digits, spandsp {theirs}")
    assert ours == 0 and ours <= theirs
