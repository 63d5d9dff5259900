"""The tone grammar, against zone data as PBX owners know it, and the shipped profiles."""

import re
from array import array
from pathlib import Path

import need
import pytest

import codes
import stub_hal
from line import tones
from tools.lab_lib import find


def steps(text, level_dbm0=-13):
    """Return (number of the step to go back to, None = it ends, [(head, frequencies, level, ms)])."""
    sounds = array("h", (0, 77))
    at = tones.parse(text, level_dbm0, sounds)
    assert (at, sounds[:2].tolist()) == (2, [0, 77])
    return read(sounds, at)


def read(sounds, start):
    """Return what `steps` returns of the tone that begins at sounds[start]."""
    found = []
    places = []
    at = start + 1
    while sounds[at] >= 0:
        places.append(at)
        head = sounds[at]
        n = head & 15
        hz = tuple(sounds[at + 1 : at + 1 + n])
        at += 1 + n
        level = sounds[at] if n else None
        at += 1 if n else 0
        found.append((head, hz, level, sounds[at]))
        at += 1
    return (places.index(sounds[start]) if sounds[start] else None), found


def test_dial_tone_is_one_step_for_ever():
    assert steps("350+440") == (0, [(2, (350, 440), -13, 0)])


def test_busy_tone_has_a_step_of_sound_and_one_of_silence():
    assert steps("480+620/500,0/500", -24) == (0, [(2, (480, 620), -24, 500), (0, (), None, 500)])


def test_howler_has_four_frequencies():
    assert steps("1400+2060+2450+2600/100,0/100")[1][0] == (4, (1400, 2060, 2450, 2600), -13, 100)


def test_steps_with_a_mark_are_played_once():
    loop, found = steps("!350+440/100,!0/100,!350+440/100,!0/100,350+440")
    assert loop == 4
    assert [step[3] for step in found] == [100, 100, 100, 100, 0]


def test_a_tone_ends_when_nothing_repeats():
    assert steps("!950/330,!1400/330,!1800/330") == (
        None,
        [(1, (950,), -13, 330), (1, (1400,), -13, 330), (1, (1800,), -13, 330)],
    )


def test_modulation_is_a_carrier_and_its_side_bands():
    assert steps("600*120", -10) == (0, [(19, (600, 720, 480), -10, 0)])
    assert steps("400*25/400,0/200")[1][0] == (19, (400, 425, 375), -13, 400)


def test_each_step_may_have_its_own_level():
    found = steps("425/375,0/375,425@-23/375,0@-9/375,350+440@+3")[1]
    assert [step[2] for step in found] == [-13, None, -23, None, 3]


def test_a_step_longer_than_a_short_holds_becomes_several():
    assert [step[3] for step in steps("1400/500,0/60000")[1]] == [500, 32000, 28000]
    assert [step[3] for step in steps("440/600000")[1]] == [32000] * 18 + [24000]
    assert [step[3] for step in steps("440/32000")[1]] == [32000]


def test_zero_beside_a_frequency_is_no_frequency():
    assert steps("0+440/100")[1] == [(1, (440,), -13, 100)]
    assert steps("0+0/100")[1] == [(0, (), None, 100)]


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
    ("!950/330,!1400/330,!1800/330,0", 3, 4, 0),
    ("400*33/400,0/200,400*33/400,0/2000", 0, 4, 3000),  # za ring  # special information
    ("350+375+400", 0, 1, 0),  # hu second dial tone
    ("420/40,0/1960", 0, 2, 2000),  # at call waiting
    (" 425/500 , 0/500 ", 0, 2, 1000),
]


@pytest.mark.parametrize(("text", "loop", "n_steps", "loop_ms"), ZONES)
def test_zone_data_is_read_as_written(text, loop, n_steps, loop_ms):
    at, found = steps(text)
    assert (at, len(found), sum(step[3] for step in found[at:])) == (loop, n_steps, loop_ms)


WRONG = [
    "", ",", "350,", "350+", "+440", "abc", "350/", "350/0", "350/600001", "-350", "4000", "350/100/100",
    "350,440/100", "350/100,!440/100", "1+2+3+4+5", "!", "350 440", "350/1.5", "3_50", "400*", "*25",
    "400*25*3", "400*0", "0*25", "25*400", "400*400", "3990*25", "400*25+30", "350@", "350@4", "350@-61",
    "350@x", "@-10", "350/100@-10", "350@-1@-2", "!!350",
]  # fmt: skip


def test_zone_file_of_the_pbx_is_read_whole_but_for_its_one_slip():
    """Thailand's call waiting names 10,000 Hz where it means 10,000 ms."""
    homes = (Path("/"), find.tree_folder())
    files = [home / "etc/asterisk/indications.conf" for home in homes]
    text = next((file.read_text() for file in files if file.exists()), None)
    if text is None:
        need.refuse("no Asterisk here: tools/lab.py install")
    refused = []
    rows = re.findall(r"(?m)^(?!description|country|ringcadence)[a-z]+ *= *([^;\n]+)", text)
    for row in rows:
        try:
            tones.parse(row, -13, array("h"))
        except ValueError:
            refused.append(row.strip())
    assert len(rows) > 300
    assert refused == ["1000/400,10000/400,1000/400"]


@pytest.mark.parametrize("text", WRONG)
def test_wrong_tone_is_refused_in_one_line(text):
    with pytest.raises(ValueError, match=r"^tone: [^\n]+$"):
        tones.parse(text, -13, array("h"))


@pytest.mark.parametrize(
    "text", ["2000", "2000/", "/4000", "0/4000", "99/1", "a/b", "2000/4000,", "-2000/4000"]
)
def test_wrong_cadence_is_refused(text):
    with pytest.raises(ValueError, match=r"^(ring|no cadence)[^\n]*$"):
        tones.cadence(stub_hal.make(1).store, text)


@pytest.mark.parametrize("text", ["2000/4000", "400/200,400/2000", "400/200,400/-2000"])
def test_cadence_is_pairs_of_on_and_off(text):
    assert tones.cadence(stub_hal.make(1).store, text) == text


def test_cadence_may_be_a_name():
    assert tones.cadence(stub_hal.make(1).store, "bellcore-r3") == "400/200,400/200,800/-4000"


def defaults(name):
    """Return what config.get tells of a setting that nobody touched."""
    return 0 if name in ("line.callerid_level",) else ""


def loaded(name="us", get=defaults, rows=None):
    store = stub_hal.make(1).store
    if rows is not None:
        store.tables["profiles"] = [*rows, *store.rows("profiles")]
    return tones.load(store, name, get)


def test_us_line_is_as_its_rows_say():
    sounds, *line = loaded()
    assert read(sounds, sounds[codes.TONE_DIAL]) == steps("350+440", -13)
    assert read(sounds, sounds[codes.TONE_RINGBACK]) == steps("440+480/2000,0/4000", -19)
    assert read(sounds, sounds[codes.TONE_BUSY]) == steps("480+620/500,0/500", -24)
    assert read(sounds, sounds[codes.TONE_REORDER]) == steps("480+620/250,0/250", -24)
    assert read(sounds, sounds[codes.TONE_HOWLER]) == steps("1400+2060+2450+2600/100,0/100", -9)
    assert line == ["2000/-4000", 200, "bell", -135, 300, 1000, 0, "600", 0, -3]


def test_no_tone_is_0_and_the_howler_is_one_tone_at_three_levels():
    sounds = loaded()[0]
    assert sounds[codes.TONE_NONE] == 0
    assert (
        sounds[codes.TONE_HOWLER] == sounds[codes.TONE_HOWLER_LOUD] == sounds[codes.TONE_HOWLER_LOUDEST] > 0
    )
    assert min(at for at in sounds[: codes.N_TONES] if at) == codes.N_TONES


def test_a_profile_leans_on_another_for_what_it_has_not():
    rows = ["xx|base|yy|", "xx|dial|425|-10", "yy|base|us|", "yy|dial|400|-9", "yy|flash|80/120|"]
    sounds, *line = loaded("xx", rows=rows)
    assert read(sounds, sounds[codes.TONE_DIAL]) == steps("425", -10)
    assert read(sounds, sounds[codes.TONE_BUSY]) == steps("480+620/500,0/500", -24)
    assert line[4:6] == [80, 120]


def test_profiles_that_lean_in_a_circle_are_refused():
    with pytest.raises(ValueError, match="xx leans on too many"):
        loaded("xx", rows=["xx|base|yy|", "yy|base|xx|"])


def test_unknown_profile_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"^no profile zz; there is: us\b"):
        loaded("zz")
    with pytest.raises(ValueError, match=r"^no profile yy; there is: xx us\b"):
        loaded("xx", rows=["xx|base|yy|"])


def test_a_profile_that_is_not_whole_is_refused():
    with pytest.raises(ValueError, match="no dial tone"):
        loaded("xx", rows=["xx|flash|1/2|", "xx|gains|0/0|"])
    with pytest.raises(ValueError, match="xx has no flash"):
        loaded("xx", rows=["xx|dial|425|-13"])


def wanting(**wishes):
    return lambda name: wishes.get(name.replace("line.", ""), defaults(name))


def test_the_owner_may_want_any_of_it_otherwise():
    get = wanting(
        tone_dial="600*120",
        tone_busy="400@-30/375,0/375",
        ring="phreak-10",
        ring_hz="16.7",
        callerid="off",
        callerid_level=-200,
        flash="50/130",
        pulses="nz",
        impedance="900",
        gains="-1/-7",
    )
    sounds, *line = loaded(get=get)
    assert read(sounds, sounds[codes.TONE_DIAL]) == steps("600*120", -13)
    assert read(sounds, sounds[codes.TONE_BUSY]) == steps("400/375,0/375", -30)
    assert line == ["400/200,400/-2000", 167, "off", -200, 50, 130, 1, "900", -1, -7]


@pytest.mark.parametrize("text", ["phreak-11", "", "#", "2000"])
def test_unknown_cadence_is_refused_with_the_known_ones(text):
    with pytest.raises(ValueError, match=r"^no cadence .*; there is: .*phreak-1 "):
        tones.cadence(stub_hal.make(1).store, text)
