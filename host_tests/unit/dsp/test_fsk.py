"""The talking modem, on the meter: frequencies, bit rate, phase, level, and how it begins, mixes and ends."""

import cidkit
import fskmeter
import numpy as np
import pytest

from dsp.fsk import Fsk
from line import callerid
from ref import signals

MODEMS = pytest.mark.parametrize("modem", sorted(cidkit.MODEMS))
TEXT = bytes(range(0, 256, 3))


def burst(modem="bell", level_ddbm0=-135, seizure=300, marks=180, fsk=None, octets=TEXT):
    bits, n_bits = callerid.bits_of(octets, seizure, marks)
    return cidkit.rendered(bits, n_bits, modem, level_ddbm0, fsk)


@MODEMS
@pytest.mark.parametrize("seizure, marks", [(300, 180), (300, 80), (0, 80), (0, 90)])
def test_mark_and_space_are_true_to_0_2_percent_and_the_bit_rate_to_0_1(modem, seizure, marks):
    reading = fskmeter.read(burst(modem, seizure=seizure, marks=marks))
    mark_hz, space_hz = cidkit.MODEMS[modem]
    assert reading.mark_hz == pytest.approx(mark_hz, rel=0.002)
    assert reading.space_hz == pytest.approx(space_hz, rel=0.002)
    assert reading.bit_rate == pytest.approx(1200, rel=0.001)
    assert (reading.seizure_bits, reading.mark_bits) == (seizure, marks)
    assert reading.octets == TEXT and reading.framed


@MODEMS
def test_the_phase_never_jumps_and_nothing_else_sounds(modem):
    reading = fskmeter.read(burst(modem))
    assert reading.jump_rad < 0.25
    assert reading.edge_us < 50  # GR-30-CORE: 833 µs ± 50 each bit
    assert reading.rest_db < -40  # GR-30-CORE wants 30 dB


def test_the_meter_sees_a_jump_of_the_phase():
    good = burst()
    spoiled = np.concatenate([good[:6000], good[6002:]])
    assert fskmeter.read(good).jump_rad < 0.25
    assert fskmeter.read(spoiled).jump_rad > 0.5


def test_the_meter_sees_edges_that_only_fall_on_samples():
    phase, samples = 0.0, []
    bits, n_bits = callerid.bits_of(TEXT, 300, 180)
    for n in range(int(n_bits * 20 / 3)):
        at = int(n * 3 / 20)
        samples.append(signals.peak_of_dbm0(-13.5) * np.sin(phase))
        phase += 2 * np.pi * (1200 if bits[at >> 3] >> (at & 7) & 1 else 2200) / 8000
    rough = np.concatenate([np.zeros(800), samples, np.zeros(800)])
    assert fskmeter.read(burst()).rest_db < -40
    assert fskmeter.read(rough).rest_db > -30


@MODEMS
@pytest.mark.parametrize("level_ddbm0", [0, -100, -135, -142, -300])
def test_the_level_is_true_to_0_3_db_and_the_same_for_mark_and_space(modem, level_ddbm0):
    samples = burst(modem, level_ddbm0)
    reading = fskmeter.read(samples)
    assert cidkit.level_of(samples) == pytest.approx(level_ddbm0 / 10, abs=0.1)
    assert reading.mark_dbm0 == pytest.approx(level_ddbm0 / 10, abs=0.3)
    assert abs(reading.twist_db) < 0.3


@MODEMS
def test_it_begins_and_ends_without_a_click(modem):
    samples = burst(modem, seizure=0, marks=80)
    sound = samples[cidkit.active(samples)]
    steepest = signals.peak_of_dbm0(-13.5) * 2 * np.pi * cidkit.MODEMS[modem][0] / 8000
    assert max(abs(sound[0]), abs(sound[-1])) <= steepest * 1.01
    heard = fskmeter.read(samples)
    assert heard.end_s - heard.start_s == pytest.approx(len(heard.bits) / 1200, abs=0.001)


def test_the_end_of_any_message_lies_near_zero():
    for last in range(64):
        samples = burst(octets=bytes([last, 255 - last]), seizure=0, marks=10 + last)
        end = np.flatnonzero(samples)[-1]
        assert abs(samples[end]) <= signals.peak_of_dbm0(-13.5) * 2 * np.pi * 1200 / 8000 * 1.01


def test_it_is_added_to_what_sounds_already_and_clips_at_full_scale():
    fsk = Fsk()
    bits, n_bits = callerid.bits_of(TEXT, 0, 80)
    fsk.start(bits, n_bits, 1200, 2200, 30)
    under = signals.sine(1200, 3, 160)
    frame = bytearray(signals.pcm(under))
    assert fsk.fill(frame)
    got = signals.samples_of(frame)
    assert got.max() == 32767 and got.min() == -32768
    assert np.sign(got[np.abs(under) > 3000]).tolist() == np.sign(under[np.abs(under) > 3000]).tolist()


def test_no_bits_are_silence_and_a_message_once_sent_is_forgotten():
    fsk = Fsk()
    frame = bytearray(320)
    assert not fsk.fill(frame) and frame == bytearray(320)
    burst(fsk=fsk)
    assert not fsk.fill(frame) and frame == bytearray(320) and fsk._bits == b""
    fsk.start(b"", 0, 1200, 2200, -135)
    assert not fsk.fill(frame) and frame == bytearray(320)


def test_a_message_begun_before_the_last_one_ended_is_whole():
    fsk = Fsk()
    bits, n_bits = callerid.bits_of(TEXT, 300, 180)
    fsk.start(bits, n_bits, 1200, 2200, -100)
    for _ in range(17):
        assert fsk.fill(bytearray(320))
    assert np.array_equal(burst("v23", fsk=fsk), burst("v23"))


@pytest.mark.parametrize("n_bits", [1, 2, 3, 7, 8, 9, 24, 25])
def test_any_number_of_bits_lasts_as_long_as_it_should(n_bits):
    fsk = Fsk()
    fsk.start(b"\x55\xaa\x0f\xf0", n_bits, 1200, 2200, -135)
    frame, parts = bytearray(320), []
    while True:
        for at in range(320):
            frame[at] = 0
        more = fsk.fill(frame)
        parts.append(signals.samples_of(frame))
        if not more:
            break
    n = np.flatnonzero(np.concatenate(parts))[-1]
    assert -1 <= n - n_bits * 20 / 3 <= 8000 / 2400 + 1
