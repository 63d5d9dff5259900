"""The tone grammar, against zone data as PBX owners know it, and the shipped profiles."""

import pytest

import codes
import stub_hal
from line import tones


def steps(text, level_dbm0=-13):
    """Return (index of the loop, [(f1, f2, f3, f4, level, ms)])."""
    flat = tones.parse(text, level_dbm0)
    assert flat.typecode == "h"
    assert (len(flat) - 1) % 6 == 0
    return flat[0], [tuple(flat[at : at + 6]) for at in range(1, len(flat), 6)]


def test_dial_tone_is_one_step_for_ever():
    assert steps("350+440") == (0, [(350, 440, 0, 0, -13, 0)])


def test_busy_tone_has_a_step_of_sound_and_one_of_silence():
    assert steps("480+620/500,0/500", -24) == (0, [(480, 620, 0, 0, -24, 500), (0, 0, 0, 0, -24, 500)])


def test_howler_has_four_frequencies():
    assert steps("1400+2060+2450+2600/100,0/100")[1][0] == (1400, 2060, 2450, 2600, -13, 100)


def test_steps_with_a_mark_are_played_once():
    loop, found = steps("!350+440/100,!0/100,!350+440/100,!0/100,350+440")
    assert loop == 4
    assert [step[5] for step in found] == [100, 100, 100, 100, 0]


def test_silence_follows_when_nothing_repeats():
    loop, found = steps("!950/330,!1400/330,!1800/330")
    assert loop == 3
    assert found[loop] == (0, 0, 0, 0, -13, 0)


# Zone data that PBX owners paste: (text, loop, number of steps, ms of the loop).
ZONES = [
    ("440+480/2000,0/4000", 0, 2, 6000),  # us ring
    ("440/300,0/10000", 0, 2, 10300),  # us call waiting
    ("400+450/400,0/200,400+450/400,0/2000", 0, 4, 3000),  # uk ring
    ("400/400,0/350,400/225,0/525", 0, 4, 1500),  # uk congestion
    ("425/250,0/250,425/750,0/250", 0, 4, 1500),  # br congestion
    ("425/480,0/480", 0, 2, 960),  # de busy
    ("425/200,0/200,425/600,0/1000", 0, 4, 2000),  # it dial
    ("!425/330,!0/330,!425/660,!0/660,425", 4, 5, 0),
    ("413+438", 0, 1, 0),  # au dial
    ("1400/500,0/15000", 0, 2, 15500),  # record
    ("!950/330,!1400/330,!1800/330,0", 3, 4, 0),  # special information
    ("350+375+400", 0, 1, 0),  # hu second dial tone
    ("420/40,0/1960", 0, 2, 2000),  # at call waiting
    (" 425/500 , 0/500 ", 0, 2, 1000),
]


@pytest.mark.parametrize(("text", "loop", "n_steps", "loop_ms"), ZONES)
def test_zone_data_is_read_as_written(text, loop, n_steps, loop_ms):
    at, found = steps(text)
    assert (at, len(found), sum(step[5] for step in found[at:])) == (loop, n_steps, loop_ms)


WRONG = [
    "", ",", "350,", "350+", "+440", "abc", "350/", "350/0", "350/40000", "-350", "4000", "350/100/100",
    "350,440/100", "350/100,!440/100", "1+2+3+4+5", "400*25", "!", "350 440", "350/1.5",
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_wrong_tone_is_refused_in_one_line(text):
    with pytest.raises(ValueError, match=r"^tone: [^\n]+$"):
        tones.parse(text, -13)


@pytest.mark.parametrize("level_dbm0", [-61, 4])
def test_level_out_of_range_is_refused(level_dbm0):
    with pytest.raises(ValueError, match="level"):
        tones.parse("350", level_dbm0)


def test_cadence_is_pairs_of_on_and_off():
    assert list(tones.parse_cadence("2000/4000")) == [2000, 4000]
    assert list(tones.parse_cadence("400/200,400/2000")) == [400, 200, 400, 2000]


@pytest.mark.parametrize("text", ["", "2000", "2000/", "/4000", "0/4000", "99/1", "a/b", "2000/4000,"])
def test_wrong_cadence_is_refused(text):
    with pytest.raises(ValueError, match="ring"):
        tones.parse_cadence(text)


def test_us_profile_has_every_tone_and_rings_at_20_hz():
    found, cadence_ms, ring_dhz = tones.load(stub_hal.make(1).store, "us")
    assert found[codes.TONE_NONE] is None
    assert list(found[codes.TONE_DIAL]) == [0, 350, 440, 0, 0, -13, 0]
    assert list(found[codes.TONE_RINGBACK]) == list(tones.parse("440+480/2000,0/4000", -19))
    assert list(found[codes.TONE_BUSY]) == list(tones.parse("480+620/500,0/500", -24))
    assert list(found[codes.TONE_REORDER]) == list(tones.parse("480+620/250,0/250", -24))
    assert list(found[codes.TONE_HOWLER])[1:5] == [1400, 2060, 2450, 2600]
    assert (list(cadence_ms), ring_dhz) == ([2000, 4000], 200)


def test_loader_keeps_only_the_chosen_profile():
    store = stub_hal.make(1).store
    rows = list(store.rows("profiles"))
    store.tables["profiles"] = [row.replace("us|", "xx|").replace("350+440", "425") for row in rows] + rows
    assert tones.load(store, "us")[0][codes.TONE_DIAL][1] == 350
    assert tones.load(store, "xx")[0][codes.TONE_DIAL][1] == 425


def test_unknown_or_partial_profile_is_refused():
    store = stub_hal.make(1).store
    with pytest.raises(ValueError, match="profile zz"):
        tones.load(store, "zz")
    store.tables["profiles"] = [row for row in store.rows("profiles") if "|busy|" not in row]
    with pytest.raises(ValueError, match="profile us"):
        tones.load(store, "us")


def test_rows_of_a_later_issue_do_not_disturb():
    store = stub_hal.make(1).store
    store.tables["profiles"] = [*store.rows("profiles"), "us|callwaiting|440/300,0/10000|-13"]
    tones.load(store, "us")


def test_shipped_profiles_stay_below_full_scale():
    """The amplitudes of one step add up to no more than a full-scale sine, +3.17 dBm0."""
    for row in stub_hal.make(1).store.rows("profiles"):
        key = row.split("|")[1] if not row.startswith("#") and row else ""
        if key in ("dial", "ringback", "busy", "reorder", "howler"):
            _, _, text, level_dbm0 = row.split("|")
            for step in steps(text, int(level_dbm0))[1]:
                together = sum(10 ** ((step[4] - 3.17) / 20) for hz in step[:4] if hz)
                assert together <= 1, row
