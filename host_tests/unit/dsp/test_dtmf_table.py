"""The printed table of tools/dtmf_table.py, row by row, and 20 minutes of speech and music without a digit.

The samples are heard by the detector as machine code, in the 64-bit MicroPython; the 32-bit one hears a part
of them and must say the same.
"""

import need
import numpy as np
import pytest

from tools import dtmf_table
from tools.dtmf_lib import corpus, mitel, q24, receivers, rows, talkoff

need.package("scipy")
ROWS = mitel.rows() + q24.rows()


@pytest.fixture(scope="module")
def measured():
    need.micropython(64)
    dtmf_table.measure(ROWS, {"uiaxy": receivers.Firmware(64)})
    return ROWS


@pytest.mark.vm
@pytest.mark.parametrize("at", range(len(ROWS)), ids=[f"{row.group}: {row.what}" for row in ROWS])
def test_each_row_of_the_table_meets_its_demand(measured, at):
    row = measured[at]
    assert row.gate(row.figures["uiaxy"]), dtmf_table.line(row)


@pytest.mark.vm
def test_twenty_minutes_of_speech_and_music_hold_no_digit():
    need.sounds(corpus.files())
    need.micropython(64)
    sounds = [corpus.samples(path) for path in corpus.files("subset")]
    assert corpus.minutes(sounds) > 20
    assert receivers.Firmware(64).hear(sounds) == [""] * len(sounds)


@pytest.mark.vm32
def test_the_32_bit_machine_hears_every_row_of_the_table_as_the_64_bit_one_does():
    need.micropython(32)
    need.micropython(64)
    cases = [case for row in q24.rows() for case in row.cases]
    assert receivers.Firmware(32).events(cases) == receivers.Firmware(64).events(cases)


def test_the_other_receivers_hear_plain_digits_so_their_columns_are_fair():
    need.spandsp()
    need.program("multimon-ng")
    cases, wanted = rows.whole_keypad(np.random.default_rng(1), 2, 60, 60)
    assert receivers.Spandsp().hear(cases) == wanted
    assert receivers.Spandsp(dial_tone=True).hear(cases) == wanted
    assert receivers.Multimon().hear(cases) == wanted


def test_a_row_tells_what_is_missing_and_marks_what_does_not_meet_its_demand():
    row = rows.Row("G", "what", "all", "% right", [], [], rows.percent, lambda figure: figure >= 100)
    row.figures = {"uiaxy": 99.5, "spandsp": 100.0}
    assert dtmf_table.line(row).split()[-4:] == ["all", "99.5*", "100", "-"]


@pytest.mark.parametrize(
    "heard, wanted, figure",
    [("123", "123", 100), ("13", "123", 200 / 3), ("1223", "123", 200 / 3), ("", "12", 0)],
)
def test_a_digit_missed_and_a_digit_too_many_cost_the_same(heard, wanted, figure):
    assert rows.percent([heard], [wanted]) == pytest.approx(figure)


def test_the_pieces_of_speech_hold_all_recordings_once():
    need.sounds(corpus.files())
    pieces = talkoff.pieces("subset", talkoff.SPEEDS[0])
    files = corpus.files("subset")
    assert sum(map(len, pieces)) == sum(len(corpus.samples(path)) + 800 for path in files)


def test_last_line_says_which_demands_are_not_met_and_what_follows():
    assert dtmf_table.verdict([]) == "uiaxy meets each demand"
    said = dtmf_table.verdict(["Q.24, a", "Q.24, b"])
    assert said == "uiaxy does not meet, hence exit status 1: Q.24, a; Q.24, b"
