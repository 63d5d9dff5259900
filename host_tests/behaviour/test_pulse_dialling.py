"""A dial from the first pulse to the far end: numbers, keys beside it, digits in a call, the report."""

import random

import earpiece
import pytest
from ata_bench import AtaBench
from dialkit import Contact, play

import codes

DIALS = {  # pulses/s, break %, bounce in ms, pause between digits in ms
    "common": (10, 60, 2, 700),
    "slow and heavy": (7, 80, 5, 1000),
    "slow and light": (7, 50, 5, 1000),
    "fast": (22, 66, 5, 250),
    "fast and light": (22, 50, 5, 250),
    "Japanese": (20, 66, 3, 500),
}


def lifted(settings=None):
    bench = AtaBench(settings=settings)
    bench.lift(400)
    assert bench.state == codes.DIAL_TONE
    return bench


def dial(bench, number, name="common", stamps=False, digit_map=0):
    """Turn the dial; returns when the last digit is over."""
    pps, pct, bounce_ms, gap_ms = DIALS[name]
    line = Contact(random.Random(f"{number}{name}"))
    line.dial(number, digit_map, pps=pps, break_pct=pct, bounce_ms=bounce_ms, gap_ms=gap_ms)
    play(bench, line, stamps)


def called(bench):
    """Numbers that the server was asked for, each once: a NEW is repeated with its token."""
    return list(dict.fromkeys(frame["ie"]["CALLED_NUMBER"] for frame in bench.peer.frames("NEW", "in")))


def talking(settings=None):
    bench = lifted(settings)
    bench.dtmf("600#")
    assert bench.run_until(lambda: bench.state == codes.TALK)
    bench.run(300)
    return bench


@pytest.mark.parametrize("stamps", [False, True], ids=["sampled", "stamped"])
@pytest.mark.parametrize("name", DIALS)
def test_number_from_a_dial_is_called(name, stamps):
    bench = lifted()
    dial(bench, "600", name, stamps)
    assert bench.run_until(lambda: bench.state == codes.TALK, 6000)
    assert called(bench) == ["600"]
    bench.hang()
    assert bench.at_rest


@pytest.mark.parametrize(("word", "digit_map"), [("normal", 0), ("nz", 1), ("se", 2)])
def test_every_digit_of_every_kind_of_dial_arrives(word, digit_map):
    bench = lifted({"line.pulses": word})
    dial(bench, "1234567890", digit_map=digit_map)
    assert bench.run_until(lambda: called(bench), 6000)
    assert called(bench) == ["1234567890"]


@pytest.mark.parametrize(("profile", "digit_map"), [("us", 0), ("nz", 1), ("se", 2)])
def test_country_tells_how_its_dials_count(profile, digit_map):
    bench = lifted({"line.profile": profile})
    dial(bench, "600", digit_map=digit_map)
    assert bench.run_until(lambda: bench.state == codes.TALK, 6000)
    assert called(bench) == ["600"]


def test_dial_tone_ends_with_the_first_pulse():
    bench = lifted()
    line = Contact(random.Random(1)).pulses(9, 10, 60)
    line.changes = line.changes[:2]
    line.t_ms = 250
    play(bench, line)
    assert bench.state == codes.COLLECT and bench.ata.digits.n == 0
    bench.run(100)
    assert max(abs(each) for each in bench.heard(60)) < 50


def test_keys_and_dial_may_be_mixed_in_one_number():
    bench = lifted()
    dial(bench, "6")
    bench.dtmf("0")
    dial(bench, "0")
    bench.dtmf("#")
    assert bench.run_until(lambda: bench.state == codes.TALK)
    assert called(bench) == ["600"]


def test_each_digit_is_in_the_log_with_its_figures():
    bench = lifted()
    dial(bench, "62", stamps=True)
    told = [(a, b) for _, name, a, b in bench.log if name == "LOG_PULSE"]
    assert [chr(digit) for digit, _ in told] == ["6", "2"]
    breaks_ms, makes_ms, make_ms = told[0][1] & 0x7FF, told[0][1] >> 11 & 0x7FF, told[0][1] >> 22
    assert abs(breaks_ms - 6 * 60) <= 15 and abs(makes_ms - 5 * 40) <= 15 and abs(make_ms - 40) <= 5


def test_dialling_is_refused_if_pulses_are_switched_off():
    bench = lifted({"dial.pulses": "off"})
    dial(bench, "600")
    bench.run(4000)
    assert bench.state == codes.DIAL_TONE and called(bench) == []
    bench.dtmf("600#")
    assert bench.run_until(lambda: bench.state == codes.TALK)


def test_number_is_not_sent_while_the_next_digit_is_on_its_way():
    """The shortest wait for a number that may grow is less than a slow nought takes to come back."""
    bench = lifted({"dial.match_ms": "1000"})
    dial(bench, "6", "slow and heavy")
    line = Contact(random.Random(3)).dial("00", pps=7, break_pct=65, gap_ms=800)
    play(bench, line)
    assert bench.run_until(lambda: called(bench), 6000)
    assert called(bench) == ["600"]


# -- in a call ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stamps", [False, True], ids=["sampled", "stamped"])
def test_pulses_in_a_call_arrive_as_keys_and_the_call_stays(stamps):
    bench = talking()
    dial(bench, "1234567890", stamps=stamps)
    bench.run(300)
    assert bench.call.digits() == "1234567890"
    assert bench.state == codes.TALK
    assert [a for _, name, a, _ in bench.log if name == "LOG_FLASH"] == []


def test_pulses_in_a_call_stay_here_if_the_owner_wants_that():
    bench = talking({"feature.pulse_dtmf": "off"})
    dial(bench, "1470")
    bench.run(300)
    assert bench.call.digits() == "" and bench.state == codes.TALK


def test_pulses_before_the_answer_go_to_the_far_end_too():
    bench = lifted()
    bench.dtmf("608#")
    assert bench.run_until(lambda: bench.state == codes.RINGBACK)
    dial(bench, "5")
    bench.run(300)
    assert bench.call.digits() == "5"


# -- what is no dial ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("stamps", [False, True], ids=["sampled", "stamped"])
def test_line_that_crackles_calls_nobody_and_keeps_its_call(stamps):
    for seed in range(3):
        bench = lifted()
        play(bench, Contact(random.Random(seed)).crackle(8000, (0, 10), (10, 300)), stamps)
        assert called(bench) == [] and bench.state == codes.DIAL_TONE
        bench.hang()
        bench.lift(400)
        bench.dtmf("600#")
        assert bench.run_until(lambda bench=bench: bench.state == codes.TALK)
        play(bench, Contact(random.Random(seed)).crackle(8000, (0, 30), (0, 30)), stamps)
        bench.run(400)
        assert bench.state == codes.TALK and bench.call.digits() == ""
        assert [a for _, name, a, _ in bench.log if name == "LOG_FLASH"] == []


def test_refused_train_is_in_the_log_with_its_reason():
    bench = lifted()
    play(bench, Contact(random.Random(4)).pulses(4, 5.5, 80))
    bench.run(300)
    assert [(a, b) for _, name, a, b in bench.log if name == "LOG_STRAY"] == [(codes.STRAY_LONG, 4)]
    assert called(bench) == []


def test_owner_reads_at_the_console_what_the_dial_does():
    bench = lifted({"feature.dial_report": "on"})
    dial(bench, "71", stamps=True)
    play(bench, Contact(random.Random(4)).pulses(4, 5.5, 80))
    bench.run(300)
    lines = bytes(bench.hal.serial.said).decode().splitlines()
    assert lines[0].startswith("dial: 7, 10.0 pulses/s, 60 % break, shortest make ")
    assert lines[1].startswith("dial: 1, break ")
    assert lines[2].startswith("dial: no digit, a pulse is too long: 4 pulses, longest break ")


def test_nothing_is_told_at_the_console_unless_asked_for():
    bench = lifted()
    dial(bench, "7")
    assert bytes(bench.hal.serial.said) == b""


def test_dial_tone_is_heard_until_the_dial_is_turned():
    bench = lifted()
    bench.run(1000)
    assert earpiece.names(bench.hal.pcm.ear[-40:])[-1] == "dial"
