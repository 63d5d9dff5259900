"""Scenarios of the analog line: the whole firmware under MicroPython, in virtual time, with the bundled peer.

What the telephone shows, it demodulated itself from the sound on its line.
"""

import need
import numpy as np
import pytest

from tools.vphone_lib import receiver
from tools.vphone_lib.box import ROOT
from tools.vphone_lib.levels import rms_of_dbm0
from tools.vphone_lib.scenario import ScenarioError
from tools.vphone_lib.session import Session
from tools.vphone_lib.verbs import ExpectationFailed
from tools.vphone_lib.world import Options

ANN = {"number": "5551234", "name": "Ann Other"}


def _boxes(bits):
    """A function that makes a box on a line, `line(kind_of_set, setting=value, …)`, and waits until it is
    registered; the dots of names are two _."""
    made = []

    def make(kind="plain", mailbox=None, **settings):
        named = {name.replace("__", "."): value for name, value in settings.items()}
        path = need.micropython(bits)
        options = Options(virtual=True, vm=path, first_tick=2**30 - 5000, settings=named, telephone=kind)
        session = Session(options)
        made.append(session)
        session.happened = []
        session.report.journal.listeners.append(session.happened.append)
        session.peer.accounts["ata1"].mailbox = mailbox
        session.power_on()
        session.do("wait registered")
        return session

    yield make
    for session in made:
        session.finish()
        session.close()


@pytest.fixture(params=[pytest.param(64, marks=pytest.mark.vm), pytest.param(32, marks=pytest.mark.vm32)])
def line(request):
    yield from _boxes(request.param)


@pytest.fixture
def line64(vm):
    yield from _boxes(64)


def say(session, *lines):
    for text in lines:
        session.do(text)


def called(session, **who):
    return session.peer.call_device("ata1", **(who or ANN))


def told(session, what, who="phone"):
    return [e for e in session.happened if e["what"] == what and e["who"] == who]


def rings_ms(session):
    return [e["t_ms"] for e in told(session, "ring") if e["on"]]


# Caller ID.


@pytest.mark.parametrize("profile, modem", [("us", "bell"), ("de", "v23"), ("fr", "v23")])
def test_between_the_first_two_rings_the_display_shows_number_and_name(line, profile, modem):
    session = line(line__profile=profile)
    called(session)
    say(session, "wait ringing", 'expect callerid 5551234 "Ann Other"', "sleep 6")
    (event,) = told(session, "callerid")
    first, second = rings_ms(session)[:2]
    assert event["modem"] == modem and 500 <= event["after_ring_ms"] <= 620
    assert first < event["t_ms"] < second - 200


def test_in_britain_it_comes_after_reversal_and_alerting_signal_and_before_the_ringing(line):
    session = line(line__profile="uk")
    called(session)
    say(session, "wait ringing", "expect callerid 5551234 Ann Other", "sleep 3", "expect polarity normal")
    (event,) = told(session, "callerid")
    (alert,) = told(session, "dtas")
    assert (event["modem"], event["number"]) == ("v23", "5551234") and 88 <= alert["ms"] <= 110
    assert 45 <= event["after_dtas_ms"] <= 500
    assert told(session, "polarity")[0]["t_ms"] + 100 <= alert["t_ms"] - alert["ms"]
    assert event["t_ms"] < rings_ms(session)[0] - 200


def test_in_denmark_digits_tell_the_number_before_the_ringing(line):
    session = line(line__profile="dk")
    called(session)
    say(session, "wait ringing", "expect callerid 5551234", "sleep 6")
    (event,) = told(session, "callerid")
    assert event["digits"] == "A5551234#"
    assert not told(session, "callerid")[0].get("fault")


def test_in_japan_the_set_answers_car_is_told_and_rings_then(line):
    session = line("ntt", line__profile="jp")
    called(session, number="0312345678")
    say(session, "wait ringing 20", "expect callerid 0312345678")
    assert session.telephone.polarity == "reversed" and not session.calls_up
    assert told(session, "primary hang-up")[0]["received"] is True
    say(session, "lift", "wait call up 2", "sleep 0.3", "expect polarity normal", "hang", "wait call down")


def test_in_japan_a_set_that_does_not_know_car_just_rings(line):
    session = line(line__profile="jp")
    called(session, number="0312345678")
    say(session, "wait ringing", "sleep 12", "wait ringing", "expect no callerid", "lift", "wait call up 2")


@pytest.mark.parametrize("presentation, shown", [(0x23, "private"), (0x43, "unavailable")])
def test_a_number_withheld_or_unknown_is_shown_as_such(line, presentation, shown):
    session = line()
    called(session, number="" if presentation == 0x43 else "5551234", presentation=presentation)
    say(session, "wait ringing", f"expect callerid {shown}")


def test_without_caller_id_the_telephone_only_rings(line):
    session = line(line__callerid="off")
    called(session)
    say(session, "wait ringing", "expect no callerid", "lift", "wait call up")


def test_a_wrong_expectation_fails_and_says_what_is_shown(line64):
    session = line64()
    called(session)
    session.do("wait ringing")
    with pytest.raises(ExpectationFailed, match="5551234"):
        session.do("expect callerid 666")
    with pytest.raises(ExpectationFailed, match="Ann Other"):
        session.do("expect no callerid")


def test_the_next_call_shows_its_own_number(line):
    session = line()
    call = called(session)
    say(session, "wait ringing", "expect callerid 5551234")
    call.hangup(16)
    session.do("sleep 7")
    called(session, number="777")
    say(session, "wait ringing", "expect callerid 777")


@pytest.mark.parametrize("after_s", [0.3, 1.0, 2.1, 2.45, 2.8, 3.1, 3.6, 6.3])
def test_an_answer_at_any_moment_ends_ringing_and_message_and_clicks_softly(line64, after_s):
    session = line64()
    called(session)
    session.do("wait ringing")
    session.run(after_s)
    peaks = []
    session.on_frame = lambda: peaks.append(int(np.abs(session.telephone.heard.astype(int)).max()))
    say(session, "lift", "wait call up 1", "sleep 0.3")
    lifted_ms = told(session, "lift")[-1]["t_ms"]
    assert not session.telephone.ring_current
    assert told(session, "ring")[-1]["t_ms"] <= lifted_ms + 220
    assert max(peaks[3:]) < rms_of_dbm0(-20) * 2**0.5


# Pulses and flash.


@pytest.mark.parametrize("pps, percent", [(10, 60), (10, 67), (20, 66), (8, 72)])
def test_a_number_dialled_by_pulses_goes_out(line, pps, percent):
    session = line()
    say(session, "lift", "wait tone dial", f"pulse 600 {pps} {percent}", "wait call up 15")
    (new,) = session.peer.frames("NEW", "in")[-1:]
    assert new["ie"]["CALLED_NUMBER"] == "600"
    assert [e["digit"] for e in told(session, "pulse", "firmware")] == ["6", "0", "0"]
    six = told(session, "pulse", "firmware")[0]
    assert abs(six["breaks_ms"] - 6 * 10 * percent / pps) < 20
    assert abs(six["makes_ms"] - 5 * 10 * (100 - percent) / pps) < 20


def test_every_digit_can_be_dialled_by_pulses(line64):
    session = line64(dial__match_ms="6000")
    say(session, "lift", "wait tone dial", "pulse 1234567890 10 61 5", "sleep 0.2")
    assert "".join(e["digit"] for e in told(session, "pulse", "firmware")) == "1234567890"


@pytest.mark.parametrize(
    "settings", [{"line__profile": "nz"}, {"line__profile": "se"}, {"line__pulses": "se"}], ids=str
)
def test_dials_of_other_countries_count_otherwise_and_reach_the_number_all_the_same(line64, settings):
    session = line64(**settings)
    say(session, "lift", "wait tone dial", "pulse 600", "wait call up 15")
    assert session.peer.frames("NEW", "in")[-1]["ie"]["CALLED_NUMBER"] == "600"


def test_dialling_right_after_lifting_loses_no_digit(line64):
    session = line64()
    say(session, "lift", "pulse 600", "wait call up 15")
    assert session.peer.frames("NEW", "in")[-1]["ie"]["CALLED_NUMBER"] == "600"


def test_a_line_without_flash_wants_to_be_told_how_long(line64):
    session = line64(line__profile="gpo-1965")
    session.do("lift")
    with pytest.raises(ScenarioError, match="no flash there: give MS"):
        session.do("flash")
    session.do("flash 90")


def test_the_plain_telephone_in_japan_is_told_which_one_to_take(line64):
    session = line64(line__profile="jp")
    called(session)
    with pytest.raises(ExpectationFailed, match="choose --telephone ntt"):
        session.do("expect callerid 5551234")


def test_pulses_in_a_call_arrive_as_keys(line):
    session = line()
    say(session, "lift", "dtmf 600#", "wait call up", "sleep 1", "pulse 27", "sleep 1")
    assert session.calls_up and [e["digit"] for e in told(session, "pulse", "firmware")] == ["2", "7"]
    assert [chr(f["subclass"]) for f in session.peer.frames("DTMF_END", "in")] == ["2", "7"]


@pytest.mark.parametrize("profile", ["us", "uk", "de", "jp", "dk"])
def test_a_flash_in_a_call_reaches_the_pbx_and_ends_nothing(line, profile):
    session = line(line__profile=profile, feature__flash="send")
    say(session, "lift", "dtmf 600#", "wait call up", "sleep 1", "flash", "sleep 1")
    assert session.calls_up
    assert told(session, "flash", "firmware")[0]["sent"] is True
    assert session.peer.frames("CONTROL FLASH", "in")


def test_a_flash_at_dial_tone_dials_nothing(line):
    session = line()
    say(session, "lift", "wait tone dial", "flash", "sleep 2")
    assert not told(session, "pulse", "firmware") and not session.peer.frames("NEW", "in")


# The feed.


def test_the_far_hang_up_is_shown_by_an_open_interval(line):
    session = line(line__open_wait_ms="500", line__open_ms="260")
    say(session, "lift", "dtmf 600#", "wait call up")
    session.peer.current_call().hangup(16)
    say(session, "wait call down", "expect open 260", "sleep 0.1", "expect polarity normal")


def test_a_line_without_open_interval_stays_fed(line64):
    session = line64(line__open_ms="0")
    say(session, "lift", "dtmf 600#", "wait call up")
    session.peer.current_call().hangup(16)
    session.do("wait call down")
    with pytest.raises(ExpectationFailed, match="never without feed"):
        session.do("expect open 500")


def test_polarity_tells_the_answer_and_the_hang_up(line):
    session = line(line__answer_reversal="on", line__hangup_reversal="on", line__open_ms="0")
    say(session, "lift", "wait tone dial", "expect polarity normal", "dtmf 600#", "wait call up", "sleep 0.1")
    say(session, "expect polarity reversed")
    session.peer.current_call().hangup(16)
    say(session, "wait call down", "sleep 0.1", "expect polarity normal")
    with pytest.raises(ExpectationFailed, match="polarity is normal"):
        session.do("expect polarity reversed")


# Tones.


@pytest.mark.parametrize("profile", ["us", "uk", "de", "jp", "dk", "fr", "au", "nz", "se", "us-1950"])
def test_dial_and_busy_tone_are_those_of_the_country(line64, profile):
    session = line64(line__profile=profile)
    say(session, "lift", "wait tone dial", "dtmf 603#", "wait tone busy 8")


# Every way to show a caller, and callers with odd names.

STYLES = [
    line.partition("|")[0]
    for line in (ROOT / "firmware" / "callerid.txt").read_text().splitlines()
    if "|" in line and line[0] != "#" and not line.startswith("off|")
]


@pytest.mark.parametrize("style", STYLES)
def test_the_telephone_finds_no_fault_in_any_style(line64, style):
    session = line64("ntt" if style == "jp" else "plain", line__callerid=style)
    called(session, number="0612345678", name="Ann Other")
    say(session, "wait ringing 20", "expect callerid 0612345678", "sleep 6")
    assert [e.get("fault") for e in told(session, "callerid")] == [None]
    assert rings_ms(session)


@pytest.mark.parametrize("profile", ["us", "de", "uk"])
@pytest.mark.parametrize("name", ["Zoë Ångström", "Μαρία Παπαδοπούλου", "Иван Петров"])
def test_a_name_of_other_letters_is_shown_in_ascii(line64, profile, name):
    session = line64(line__profile=profile)
    called(session, number="5551234", name=name)
    say(session, "wait ringing", "expect callerid 5551234")
    assert session.telephone.shown.name.isascii() and len(session.telephone.shown.name) > 8


def test_a_name_that_cannot_be_written_in_ascii_is_unavailable(line64):
    session = line64()
    called(session, number="5551234", name="王小明")
    say(session, "wait ringing", "expect callerid 5551234 unavailable")


def test_a_call_without_a_name_shows_the_number(line64):
    session = line64()
    called(session, number="5551234", name="")
    say(session, "wait ringing", "expect callerid 5551234")
    assert session.telephone.shown.name == ""


def test_a_very_long_name_and_number_do_not_spoil_the_message(line64):
    session = line64()
    called(session, number="0123456789" * 4, name="A" * 64)
    say(session, "wait ringing", "sleep 8")
    assert not session.telephone.fault and session.telephone.shown.number


def test_the_sound_of_the_line_can_be_kept_and_read_again(line64):
    session = line64()
    called(session)
    session.do("wait ringing")
    heard = []
    session.on_frame = lambda: heard.append(session.telephone.line)
    session.do("sleep 4")
    found = receiver.receptions(np.concatenate(heard))
    assert [shown.number for _, shown in found] == ["5551234"]
    assert not np.concatenate(heard)[:15000].any()


# Messages that wait.


@pytest.mark.parametrize("way", ["fsk", "splash", "pulse", "dtas", "reverse"])
def test_the_lamp_for_messages_goes_on_and_off_and_no_caller_is_shown(line64, way):
    session = line64(mailbox=(2, 0), feature__messages=way)
    session.do("expect lamp on")
    session.peer.accounts["ata1"].mailbox = (0, 2)
    session.do("sleep 60")
    say(session, "expect lamp off", "expect no callerid")
    assert [e.get("fault") for e in told(session, "callerid")] == [None, None]


def test_stutter_tone_tells_of_messages_and_plain_dial_tone_that_there_are_none(line):
    session = line(mailbox=(1, 0))
    say(session, "lift", "wait tone stutter", "hang")
    session.peer.accounts["ata1"].mailbox = (0, 1)
    say(session, "sleep 62", "lift", "sleep 1.5", "wait tone dial")
    assert [e["tone"] for e in told(session, "tone")].count("stutter") == 1
