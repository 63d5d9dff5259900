"""The tone generator: level, frequency, continuity and overload, measured on its samples."""

from array import array

import numpy as np
import pytest

from dsp.tone import Tone
from ref import signals

PLAIN = ((350, 440), (440, 480), (480, 620), (425, 0), (941, 1633), (2100, 0), (3900, 0))


def tune(tone, f1_hz, f2_hz, f3_hz, f4_hz, level_dbm0, modulated=False):
    """Let `tone` take up a step of these frequencies, 0 = none; modulated: f1_hz swung by f2_hz."""
    if modulated:
        step = (19, f1_hz, f1_hz + f2_hz, f1_hz - f2_hz, level_dbm0, 0)
    else:
        hz = [hz for hz in (f1_hz, f2_hz, f3_hz, f4_hz) if hz]
        step = (len(hz), *hz, *([level_dbm0] if hz else []), 0)
    assert tone.set(array("h", (7, *step)), 1, 0) == len(step)


def played(tone, n, chunk=160):
    """Return `n` samples of `tone`, made `chunk` at a time, frame by frame."""
    parts = []
    for start in range(0, n, 160):
        frame = bytearray(320)
        for at in range(0, 160, chunk):
            tone.add_into(frame, at, min(chunk, 160 - at))
        parts.append(signals.samples_of(frame)[: n - start])
    return np.concatenate(parts)


@pytest.mark.parametrize("low_hz, high_hz", PLAIN)
@pytest.mark.parametrize("level_dbm0", [0, -10, -13, -24, -40])
def test_level_is_true_to_0_2_db_and_frequency_to_0_1_percent(low_hz, high_hz, level_dbm0):
    if high_hz and level_dbm0 > -3:
        level_dbm0 = -3  # two sines of 0 dBm0 do not fit
    wanted = [hz for hz in (low_hz, high_hz) if hz]
    tone = Tone()
    tune(tone, low_hz, high_hz, 0, 0, level_dbm0)
    for (hz, level), want in zip(signals.lines_of(played(tone, 8000), len(wanted)), wanted):
        assert hz == pytest.approx(want, rel=0.001)
        assert level == pytest.approx(level_dbm0, abs=0.2)


def test_the_howler_sounds_four_frequencies_at_once():
    tone = Tone()
    tune(tone, 1400, 2060, 2450, 2600, -12)
    lines = signals.lines_of(played(tone, 8000), 4)
    assert [round(hz) for hz, _ in lines] == [1400, 2060, 2450, 2600]
    assert all(level == pytest.approx(-12, abs=0.2) for _, level in lines)


def test_the_sound_does_not_depend_on_how_it_is_cut():
    whole, pieces = Tone(), Tone()
    for tone in (whole, pieces):
        tune(tone, 350, 440, 0, 0, -13)
    assert np.array_equal(played(whole, 1600), played(pieces, 1600, chunk=7))


def test_phase_goes_on_over_frames_and_over_a_new_frequency():
    tone = Tone()
    tune(tone, 400, 0, 0, 0, 0)
    first = played(tone, 810)
    tune(tone, 800, 0, 0, 0, 0)
    second = played(tone, 800)
    whole = np.concatenate([first, second])
    steepest = signals.peak_of_dbm0(0) * 2 * np.pi * 800 / 8000
    assert np.abs(np.diff(whole)).max() < steepest * 1.05


def test_a_tone_starts_at_zero_again_after_it_was_off():
    tone = Tone()
    tune(tone, 425, 0, 0, 0, -10)
    first = played(tone, 333)
    tune(tone, 0, 0, 0, 0, 0)
    assert not tone.on and not played(tone, 160).any()
    tune(tone, 425, 0, 0, 0, -10)
    assert np.array_equal(played(tone, 333), first) and abs(first[0]) < 1


def test_overload_clips_at_full_scale_and_never_wraps():
    tone = Tone()
    tune(tone, 480, 620, 0, 0, 3)
    frame = bytearray(signals.pcm(signals.sine(480, 3, 160)))
    tone.add_into(frame, 0, 160)
    got = signals.samples_of(frame)
    exact = 2 * signals.sine(480, 3, 160) + signals.sine(620, 3, 160)
    assert got.max() == 32767 and got.min() == -32768
    same_sign = np.abs(exact) > 33000
    assert np.all(np.sign(got[same_sign]) == np.sign(exact[same_sign]))


def test_a_tone_is_added_to_what_is_there_and_only_where_it_is_told():
    tone = Tone()
    tune(tone, 1000, 0, 0, 0, -20)
    frame = bytearray(np.full(160, 100, "<i2").tobytes())
    tone.add_into(frame, 50, 60)
    got = signals.samples_of(frame) - 100
    assert not got[:50].any() and not got[110:].any()
    assert np.abs(got[50:110] - signals.sine(1000, -20, 60)).max() < 40


def test_every_spurious_line_is_70_db_under_the_tone():
    tone = Tone()
    tune(tone, 437, 0, 0, 0, 0)
    spectrum = np.abs(np.fft.rfft(played(tone, 8000) * np.hanning(8000)))
    peak = int(np.argmax(spectrum))
    others = np.concatenate([spectrum[: peak - 8], spectrum[peak + 9 :]])
    assert 20 * np.log10(others.max() / spectrum[peak]) < -70


@pytest.mark.parametrize(
    "carrier_hz, modulator_hz", [(600, 120), (400, 25), (400, 16), (425, 24), (500, 100)]
)
def test_a_modulated_tone_is_a_carrier_with_two_side_bands(carrier_hz, modulator_hz):
    tone = Tone()
    tune(tone, carrier_hz, modulator_hz, 0, 0, -10, True)
    lines = signals.lines_of(played(tone, 16000), 3)
    assert [hz for hz, _ in lines] == pytest.approx(
        [carrier_hz - modulator_hz, carrier_hz, carrier_hz + modulator_hz], rel=0.001
    )
    side_dbm0 = -10 + 20 * np.log10(0.45)
    assert [level for _, level in lines] == pytest.approx([side_dbm0, -10, side_dbm0], abs=0.2)


def test_a_modulated_tone_becomes_a_plain_one():
    tone = Tone()
    tune(tone, 600, 120, 0, 0, -10, True)
    played(tone, 160)
    tune(tone, 600, 120, 0, 0, -10)
    assert [round(hz) for hz, _ in signals.lines_of(played(tone, 16000), 2)] == [120, 600]
