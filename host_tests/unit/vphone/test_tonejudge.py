"""The judge of tones against sounds and ears that are not ours."""

import time

import numpy as np
import pytest
from unit.vphone import exchange, sounds

from tools.vphone_lib import levels, mouth, speech, tonejudge

US = tonejudge.COUNTRIES["us"]
RNG = np.random.default_rng(5)
SPANDSP = {  # (Hz, Hz, shortest ms, longest ms); 0 = silence, no end
    "dial": [(350, 440, 400, 0)],
    "ringback": [(440, 480, 1700, 2300), (0, 0, 3600, 4400)],
    "busy": [(480, 620, 430, 570), (0, 0, 430, 570)],
    "reorder": [(480, 620, 200, 300), (0, 0, 200, 300)],
    "sit": [(950, 0, 280, 380), (1400, 0, 280, 380), (1800, 0, 280, 380)],
}


def after(ms, sound):
    return np.concatenate([np.zeros(ms * 8, np.int16), sound])


@pytest.mark.parametrize("name", US)
@pytest.mark.parametrize("lead_ms", [0, 213, 517])
def test_every_tone_of_the_table_is_named_when_sox_plays_it(tmp_path, name, lead_ms):
    sound = after(lead_ms, sounds.sox_tone(tmp_path, US[name][0], 14))
    assert sounds.names(sound) == {name.partition("/")[0]}


@pytest.mark.parametrize("name", SPANDSP)
def test_spandsp_gives_the_same_name_to_the_same_sound(tmp_path, name):
    sound = after(300, sounds.sox_tone(tmp_path, US[name][0], 14))
    assert sounds.Spandsp(SPANDSP).names(sound) == {name} == sounds.names(sound)


@pytest.mark.parametrize("cadence", ["480+620/400,0/400", "480+620/1000,0/500", "350+440/250,0/250"])
def test_a_cadence_of_no_tone_has_no_name_for_us_nor_for_spandsp(tmp_path, cadence):
    sound = after(300, sounds.sox_tone(tmp_path, cadence, 12))
    assert sounds.names(sound) == set()
    assert sounds.Spandsp(SPANDSP).names(sound) == set()


@pytest.mark.parametrize("cadence", ["425", "340+425", "350+480", "1000", "350", "440+480/1000,0/1000"])
def test_frequencies_or_steps_beside_the_table_have_no_name(tmp_path, cadence):
    assert sounds.names(after(300, sounds.sox_tone(tmp_path, cadence, 10))) == set()


@pytest.mark.parametrize("error", [-0.01, 0.01])
def test_one_percent_beside_the_frequency_is_still_the_tone(error):
    n = 8 * 8000
    tone = mouth.sine(480 * (1 + error), -19, n) + mouth.sine(620 * (1 + error), -19, n)
    tone[np.arange(n) // 4000 % 2 == 1] = 0
    assert sounds.names(levels.to_int16(tone)) == {"busy"}


@pytest.mark.parametrize("name", ["dial", "ringback", "busy", "reorder", "stutter"])
@pytest.mark.parametrize("gain_db", [-3, -30])
def test_tones_are_named_loud_and_faint(tmp_path, name, gain_db):
    assert sounds.names(sounds.sox_tone(tmp_path, US[name][0], 14, gain_db)) == {name}


@pytest.mark.parametrize("name", US)
def test_tones_are_named_in_noise_20_db_below(tmp_path, name):
    tone = sounds.sox_tone(tmp_path, US[name][0], 14).astype(np.float64)
    loud = tone[tone != 0]
    noise = RNG.standard_normal(len(tone)) * np.sqrt(np.mean(loud * loud)) / 10
    quiet = noise * min(1.0, levels.rms_of_dbm0(-48) / noise.std())
    both = tone + np.where(np.abs(tone) > 0, noise, quiet)
    assert sounds.names(levels.to_int16(both)) == {name.partition("/")[0]}


@pytest.mark.parametrize("name", ["dial", "ringback", "busy", "reorder"])
def test_a_lost_packet_now_and_then_does_not_hide_a_tone(tmp_path, name):
    sound = sounds.sox_tone(tmp_path, US[name][0], 14).copy()
    for at in range(1210, 14000, 1770):
        sound[at * 8 : at * 8 + 160] = 0
    assert name in sounds.names(sound)


def test_a_howler_that_overloads_the_converter_is_still_the_howler(tmp_path):
    sound = sounds.sox_tone(tmp_path, US["howler"][0], 3, -1).astype(np.float64)
    assert sounds.names(levels.to_int16(sound * 4)) == {"howler"}


def test_busy_is_decided_after_two_bursts_and_dial_after_half_a_second(tmp_path):
    busy = sounds.judged(sounds.sox_tone(tmp_path, US["busy"][0], 4))
    dial = sounds.judged(sounds.sox_tone(tmp_path, US["dial"][0], 2))
    assert (1500 <= busy[0][0] <= 1600, busy[0][1]) == (True, "busy")
    assert (500 <= dial[0][0] <= 560, dial[0][1]) == (True, "dial")


def test_one_burst_of_busy_is_not_busy(tmp_path):
    sound = np.concatenate([sounds.sox_tone(tmp_path, US["busy"][0], 1), np.zeros(16000, np.int16)])
    assert sounds.names(after(500, sound)) == set()


def test_a_tone_ends_when_it_stops(tmp_path):
    sound = np.concatenate([sounds.sox_tone(tmp_path, US["dial"][0], 2), np.zeros(8000, np.int16)])
    at_ms, tone, _ = sounds.judged(sound)[-1]
    assert tone == "none" and 2000 <= at_ms <= 2080


def test_stutter_that_goes_over_into_dial_tone_is_both_in_turn(tmp_path):
    sound = np.concatenate(
        [sounds.sox_tone(tmp_path, US["stutter"][0], 2), sounds.sox_tone(tmp_path, US["dial"][0], 2)]
    )
    heard = [tone for _, tone, _ in sounds.judged(sound) if tone != "none"]
    assert heard == ["stutter", "dial"]


def test_ringback_gives_way_to_the_voice_of_the_answer(tmp_path):
    voice = sounds.espeak(tmp_path, "Hello? Who is calling, please?", "en")
    heard = sounds.judged(np.concatenate([sounds.sox_tone(tmp_path, US["ringback"][0], 7.1), voice]))
    assert [h[1:] for h in heard[:2]] == [("ringback", False), ("none", False)]
    assert heard[2][1:] == ("none", True)


@pytest.mark.parametrize("voice", ["en", "de", "fr", "it", "en+f3", "en+m7", "zh"])
def test_speech_is_voice_and_no_tone(tmp_path, voice):
    text = "One two three four five six seven eight nine ten, a telephone call through the net. " * 2
    heard = sounds.judged(sounds.espeak(tmp_path, text, voice))
    assert {tone for _, tone, _ in heard} == {"none"}
    assert heard[0][2] and heard[0][0] < 600


def test_the_babble_that_stands_in_for_speech_is_voice_and_no_tone():
    sound = levels.to_int16(mouth.at_level(speech.babble("one two three four five six seven"), -18))
    heard = sounds.judged(sound)
    assert {tone for _, tone, _ in heard} == {"none"} and heard[0][2]


def test_keypad_tones_and_a_steady_sine_are_neither_voice_nor_a_tone_of_the_table():
    keys = levels.to_int16(mouth.dtmf("0123456789*#", 80, 80, -10, 0))
    sine = levels.to_int16(mouth.sine(1004, -10, 24000))
    assert sounds.judged(np.concatenate([keys, sine])) == []


def test_silence_and_line_noise_are_nothing():
    noise = RNG.standard_normal(40000) * levels.rms_of_dbm0(-60)
    assert sounds.judged(levels.to_int16(noise)) == []


def test_listening_is_quick_enough_for_twenty_times_real_time(tmp_path):
    blocks = sounds.frames(sounds.sox_tone(tmp_path, US["dial"][0], 10))
    judge = tonejudge.Judge()
    began = time.process_time()
    for frame in blocks:
        judge.feed(frame)
    assert (time.process_time() - began) / len(blocks) < 200e-6


@pytest.mark.parametrize("lead_ms", [0, 213])
@pytest.mark.parametrize("country", sorted(set(tonejudge.COUNTRIES) - {"us"}))
def test_every_tone_of_every_country_has_its_name_and_no_other(country, lead_ms):
    for name, (cadence, _) in tonejudge.COUNTRIES[country].items():
        sound = exchange.pcm(exchange.quiet(lead_ms), exchange.tone(cadence, 16))
        assert sounds.names(sound, country) == {name.partition("/")[0]}, name


def test_modulated_tones_are_told_from_plain_ones_where_a_country_has_both():
    plain, modulated = exchange.tone("600", 4), exchange.tone("600*120", 4)
    assert sounds.names(exchange.pcm(plain), "us-1950") == set()
    assert sounds.names(exchange.pcm(modulated), "us-1950") == {"dial"}


@pytest.mark.parametrize("cadence", ["425/480,0/480", "425/350,0/350", "350+440", "400"])
def test_tones_of_other_countries_have_no_name_in_sweden(cadence):
    assert sounds.names(exchange.pcm(exchange.tone(cadence, 8)), "se") == set()
