"""The story and the picture of a call, from events alone."""

import io
import itertools
import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from tools.vphone_lib import ladder, picture, speech, story

FRAMES = [
    {"t_ms": 100, "dir": "out", "type": "IAX", "subclass": "NEW"},
    {"t_ms": 104, "dir": "in", "type": "IAX", "subclass": "AUTHREQ"},
    {"t_ms": 106, "dir": "out", "type": "IAX", "subclass": "ACK"},
    {"t_ms": 110, "dir": "out", "type": "IAX", "subclass": "AUTHREP", "lost": True},
    {"t_ms": 610, "dir": "out", "type": "IAX", "subclass": "AUTHREP", "retry": True},
    {"t_ms": 900, "dir": "in", "type": "CONTROL", "subclass": "ANSWER"},
    *({"t_ms": 1000 + 20 * k, "dir": "out", "type": "MINI"} for k in range(100)),
]
EVENTS = [
    {"t_ms": 0, "who": "line", "what": "feed", "feed": "forward", "first": True},
    {"t_ms": 20, "who": "phone", "what": "lift"},
    {"t_ms": 20, "who": "line", "what": "loop", "closed": True, "volts": -8.8, "ma": 25.0},
    {"t_ms": 60, "who": "phone", "what": "tone", "tone": "dial"},
    {"t_ms": 80, "who": "phone", "what": "dtmf", "digits": "600"},
    *({"who": "net", "what": "frame", **frame} for frame in FRAMES),
    {"t_ms": 2900, "who": "phone", "what": "hang"},
    {"t_ms": 2910, "who": "line", "what": "loop", "closed": False, "volts": -48.0, "ma": 0.0},
    {"t_ms": 3000, "who": "phone", "what": "ring", "on": True, "hz": 20.0},
]


@pytest.fixture
def report(tmp_path):
    (tmp_path / "events.jsonl").write_text("\n".join(json.dumps(e) for e in EVENTS))
    sound = (np.sin(np.arange(24000) / 5) * 8000).astype(np.int16)
    speech.write_wav(str(tmp_path / "ear.wav"), sound)
    speech.write_wav(str(tmp_path / "mouth.wav"), sound // 3)
    return tmp_path


def test_a_happening_is_one_line_with_time_and_teller():
    assert story.line_of(EVENTS[3]) == "    0.060 s  phone     hears dial tone"
    assert story.line_of(EVENTS[2]) == "    0.020 s  line      loop closed: 25 mA at -8.8 V"
    assert story.line_of(EVENTS[0]) == "    0.000 s  line      is fed: -48 V"


def test_the_story_leaves_out_acknowledgements_and_mini_frames_but_not_repetitions():
    out = io.StringIO()
    teller = story.Story(out)
    for event in EVENTS:
        teller.tell(event)
    lines = out.getvalue().splitlines()
    assert sum("-->" in line or "<--" in line for line in lines) == 5
    assert any(line.endswith("--> AUTHREP (lost on the way)") for line in lines)
    assert any(line.endswith("--> AUTHREP again") for line in lines)
    assert not any("ACK" in line or "MINI" in line for line in lines)


def test_an_unknown_event_is_told_in_its_own_words():
    event = {"t_ms": 1, "who": "firmware", "what": "new_thing", "leg": 3, "cause": None}
    assert story.line_of(event) == "    0.001 s  firmware  new thing leg 3"


def test_colours_are_for_terminals_only():
    out = io.StringIO()
    story.Story(out, colour=True).tell(EVENTS[1])
    assert out.getvalue().startswith("\033[") and "lifts the receiver" in out.getvalue()


def test_names_on_the_ladder_are_spread_apart_and_stay_near():
    places = ladder.spread([1.0, 1.0, 1.05, 3.0, 9.99], 0.5, 0.0, 10.0)
    assert all(b - a >= 0.5 - 1e-9 for a, b in itertools.pairwise(places))
    assert places[3:] == [3.0, 9.99] and abs(places[1] - 1.0) < 0.1
    assert ladder.spread([9.9, 10.0], 1.0, 0.0, 10.0) == [9.0, 10.0]


def test_the_picture_is_a_vector_drawing_with_every_panel_and_frame(report):
    path = picture.draw(report)
    assert path == str(report / "call.svg")
    text = (report / "call.svg").read_text()
    ET.fromstring(text)
    for word in ("NEW", "AUTHREQ", "AUTHREP (again)", "ANSWER", "100 mini frames", "ATA", "server", "lifts"):
        assert word in text, word
    for word in ("dial", "600", "rings", "earpiece", "mouthpiece", "off-hook", "time in s"):
        assert word in text, word
    assert len(text) < 1_000_000


def test_the_same_report_gives_the_same_picture(report):
    first = (report / picture.draw(report)).read_bytes()
    assert (report / picture.draw(report)).read_bytes() == first


def test_a_report_without_sound_or_frames_still_gives_a_picture(tmp_path):
    (tmp_path / "events.jsonl").write_text(json.dumps(EVENTS[1]) + "\n")
    ET.parse(picture.draw(tmp_path))
    (tmp_path / "events.jsonl").unlink()
    ET.parse(picture.draw(tmp_path))


def test_a_refused_registration_says_what_to_check():
    event = {"t_ms": 0, "who": "firmware", "what": "unregistered", "account": 1, "cause": 29}
    assert story.line_of(event).endswith("check account.1.user and account.1.secret")


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"what": "registered", "account": 1, "refresh_s": 60}, "firmware  is registered, for 60 s"),
        ({"what": "registered", "account": 2, "refresh_s": 60}, "account 2 is registered, for 60 s"),
        ({"what": "unregistered", "account": 2, "cause": 29}, "check account.2.user and account.2.secret"),
        ({"what": "unregistered", "account": 3, "cause": 0}, "account 3 is not registered"),
        (
            {"what": "server", "account": 2, "peer": 4, "server": "second"},
            "account 2 goes to its second server",
        ),
        ({"what": "call_up", "leg": 0, "account": 1}, "the call is up"),
        ({"what": "call_up", "leg": 0, "account": 2}, "the call is up, through account 2"),
    ],
)
def test_story_names_the_account_where_there_are_several(event, words):
    assert story.line_of({"t_ms": 0, "who": "firmware", **event}).endswith(words)


TOLD = {
    "shows 5551234 Ann": {"what": "callerid", "number": "5551234", "name": "Ann"},
    "shows private": {"what": "callerid", "why": "private"},
    "shows 5551234 name unavailable": {"what": "callerid", "number": "5551234", "name_why": "unavailable"},
    "lamp for waiting messages on": {"what": "callerid", "waiting": "on"},
    "gets a Caller ID that it cannot show: the checksum is wrong": {
        "what": "callerid",
        "fault": "the checksum is wrong",
        "number": "5",
    },
    "polarity is reversed": {"what": "polarity", "polarity": "reversed"},
    "polarity is normal again": {"what": "polarity", "polarity": "normal"},
    "taps the hook for 90 ms": {"what": "flash", "ms": 90},
    "dials 600 by pulses": {"what": "pulse", "digits": "600"},
    "is woken by CAR": {"what": "car", "on": True},
    "": {"what": "open", "ms": 500},
}


@pytest.mark.parametrize("words", TOLD)
def test_what_the_telephone_perceives_is_told_in_words(words):
    assert story.words({"t_ms": 0, "who": "phone", **TOLD[words]}) == words


def test_pulses_that_make_no_digit_are_told_with_the_reason():
    event = {"who": "firmware", "what": "stray", "why": "many", "pulses": 12}
    assert story.words(event) == "makes no digit of 12 pulses: more than any digit has"
