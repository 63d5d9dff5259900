"""Speech to say and the measure of its echo."""

import numpy as np
import pytest

from tools.vphone_lib import levels, speech

TEXT = "Hello, hello, one two three."
RNG = np.random.default_rng(7)


def delayed(sound, ms, gain=1.0):
    return np.concatenate([np.zeros(round(ms * 8)), sound * gain])


def test_without_espeak_a_babble_stands_in_and_is_the_same_each_time(monkeypatch):
    monkeypatch.setattr(speech.shutil, "which", lambda tool: None)
    assert np.array_equal(speech.say(TEXT), speech.babble(TEXT))
    assert not np.array_equal(speech.babble(TEXT), speech.babble(TEXT + " four"))


@pytest.mark.parametrize("make", [speech.say, speech.babble])
def test_what_is_said_is_16_bit_at_8_khz_with_sound_and_pauses(make):
    sound = make(TEXT)
    assert sound.dtype == np.int16 and 1.0 < len(sound) / 8000 < 8.0
    frames = sound[: len(sound) // 160 * 160].reshape(-1, 160).astype(float)
    power = (frames * frames).mean(1)
    assert -25 < levels.dbm0_of(sound) < -5
    assert (power < power.max() * 1e-3).mean() > 0.03


@pytest.mark.parametrize("ms", [0, 37.5, 420, 1999])
@pytest.mark.parametrize("make", [speech.say, speech.babble])
def test_an_echo_is_found_with_its_delay_at_any_level(make, ms):
    sound = make(TEXT)
    quality, delay_ms = speech.echo_match(sound, delayed(sound, ms, 0.1))
    assert quality > 0.99 and abs(delay_ms - ms) <= 0.25


def test_another_voice_noise_or_the_echo_backwards_is_no_echo():
    sound = speech.babble(TEXT)
    others = (
        speech.babble("Something else altogether."),
        sound[::-1],
        RNG.standard_normal(40000),
        np.zeros(9),
    )
    for other in others:
        assert speech.echo_match(sound, other)[0] < 0.5


def test_loss_lowers_the_match_in_proportion_to_what_is_missing():
    sound = speech.babble(TEXT)
    holes = sound.copy()
    for at in range(0, len(holes) - 160, 1600):
        holes[at : at + 160] = 0
    clean, worse = speech.echo_match(sound, sound)[0], speech.echo_match(sound, holes)[0]
    assert 0.9 < worse < 0.99 < clean


def test_an_echo_later_than_two_seconds_is_not_searched():
    sound = speech.babble(TEXT)
    assert speech.echo_match(sound, delayed(sound, 5000))[0] < 0.5


def test_silence_matches_nothing():
    assert speech.echo_match(np.zeros(100), np.ones(100)) == (0.0, 0.0)
    assert speech.echo_match(speech.babble("a"), np.zeros(0)) == (0.0, 0.0)


def test_a_wave_file_comes_back_and_what_is_none_is_named(tmp_path):
    sound = speech.babble("a b c")
    path = tmp_path / "x.wav"
    speech.write_wav(str(path), sound)
    assert np.array_equal(speech.read_wav(str(path)), sound)
    path.write_text("nothing")
    with pytest.raises(ValueError, match="not a wave file"):
        speech.read_wav(str(path))
