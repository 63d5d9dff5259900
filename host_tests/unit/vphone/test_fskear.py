"""The display's modem on sounds made by numpy, against lines worse than any that it must bear."""

import numpy as np
import pytest
from unit.vphone import exchange
from unit.vphone.exchange import BELL, V23

from tools.vphone_lib import levels
from tools.vphone_lib.fskear import demodulate

WHOLE = exchange.mdmf(b"5551234", b"Ann Other")
ALL = exchange.message(0x80, bytes(range(253)))


def heard(sound):
    return demodulate(exchange.pcm(exchange.quiet(77.7), sound, exchange.quiet(40)))


@pytest.mark.parametrize("modem, name", [(BELL, "bell"), (V23, "v23")])
def test_octets_frequencies_levels_and_lengths_are_those_that_were_sent(modem, name):
    got = heard(exchange.fsk(ALL, modem))
    assert bytes(got.octets) == ALL and got.modem == name
    assert (got.framing_errors, got.gap_bits < 0.2) == (0, True)
    assert abs(got.mark_hz - modem[0]) < 3 and abs(got.space_hz - modem[1]) < 10
    assert abs(got.mark_dbm0 + 13.5) < 0.5 and abs(got.twist_db) < 1
    assert abs(got.seizure_bits - 299) < 1.5 and abs(got.mark_bits - 181) < 1.5  # the 300th bit is a 1
    assert abs(got.start_ms - 77.7) < 1


@pytest.mark.parametrize("modem", [BELL, V23])
@pytest.mark.parametrize("dbm0", [-36, -24, -4.5])
@pytest.mark.parametrize("twist_db", [-6, 0, 6, 10])
@pytest.mark.parametrize("snr_db", [20, 60])
def test_a_poor_line_does_not_hide_the_message(modem, dbm0, twist_db, snr_db):
    if twist_db == 10 and snr_db == 20:
        return  # no standard asks for both
    got = heard(exchange.noisy(exchange.fsk(WHOLE, modem, dbm0, twist_db), snr_db))
    assert bytes(got.octets) == WHOLE and got.modem


@pytest.mark.parametrize("rate", [0.985, 1.0, 1.015])
def test_the_bit_rate_may_be_off_by_more_than_it_may(rate):
    assert bytes(heard(exchange.fsk(WHOLE, rate=rate)).octets) == WHOLE


@pytest.mark.parametrize("seizure, mark", [(0, 80), (96, 55), (300, 20), (0, 75)])
def test_short_seizure_and_mark_are_measured_not_refused(seizure, mark):
    got = heard(exchange.fsk(WHOLE, seizure=seizure, mark=mark))
    assert bytes(got.octets) == WHOLE
    assert abs(got.mark_bits - mark) < 2.5 and abs(got.seizure_bits - seizure) < 2.5


@pytest.mark.parametrize("stop", [2, 4, 20])
def test_marks_between_octets_are_no_octets(stop):
    got = heard(exchange.fsk(WHOLE, stop=stop))
    assert bytes(got.octets) == WHOLE and abs(got.gap_bits - stop + 1) < 0.6


@pytest.mark.parametrize("hz", [425, 1200, 2100, 2600])
def test_a_tone_is_no_message(hz):
    tone = levels.rms_of_dbm0(-10) * np.sin(2 * np.pi * hz / 8000 * np.arange(8000))
    assert heard(tone) is None


def test_voice_noise_silence_and_clicks_are_no_message():
    noise = np.random.default_rng(1).standard_normal(8000) * 1000
    got = heard(noise)
    assert got is None or not got.modem
    assert heard(np.zeros(4000)) is None
    assert demodulate(np.zeros(0, np.int16)) is None and demodulate(np.ones(200, np.int16)) is None
