"""The DTMF detector against the table of Q.24 (AT&T column), digit by digit and at random phases."""

import numpy as np
import pytest

from dsp import dtmf
from ref import dtmf as twin
from ref import signals

BEGIN, END = 0x100, 0x200
US_DIAL = ((350, -10), (440, -10))


def heard(samples):
    """Return the events of the detector as text: a digit begins, `-` when it ends."""
    detector = dtmf.Dtmf()
    text = ""
    for frame in signals.frames(np.concatenate([samples, signals.silence(100)])):
        event = detector.feed(frame)
        if event & BEGIN:
            text += chr(event & 0x7F)
        elif event & END:
            text += "-"
    return text


def begins(samples):
    """Return the digits that begin."""
    return heard(samples).replace("-", "")


def keyed(rng, times, on_ms=40, off_ms=40, **tone):
    """Return (all 16 digits `times` over at random onsets, the digits)."""
    parts = [signals.silence(20)]
    for _ in range(times):
        parts.append(np.zeros(rng.integers(0, 160)))
        for key in signals.KEYS:
            parts += [signals.dtmf(key, on_ms, rng=rng, **tone), signals.silence(off_ms)]
    return np.concatenate(parts), signals.KEYS * times


def with_tones(samples, tones):
    """Return `samples` with sines of (Hz, dBm0) added."""
    return samples + sum(signals.sine(hz, level, len(samples)) for hz, level in tones)


@pytest.fixture
def rng():
    return np.random.default_rng(20)


def test_all_digits_of_40_ms_with_pauses_of_40_ms_are_heard_begin_and_end(rng):
    samples, digits = keyed(rng, 10)
    assert heard(samples) == "".join(digit + "-" for digit in digits)


def test_a_digit_of_40_ms_is_heard_at_each_of_the_160_onsets_in_a_frame():
    for at in range(160):
        key = signals.KEYS[at % 16]
        samples = np.concatenate([np.zeros(at), signals.dtmf(key, 40), signals.silence(60)])
        assert heard(samples) == key + "-"


@pytest.mark.parametrize("level_dbm0", [0, -3, -25, -30])
def test_levels_from_0_to_under_minus_25_dbm0_are_heard(rng, level_dbm0):
    samples, digits = keyed(rng, 5, low_dbm0=level_dbm0, high_dbm0=level_dbm0)
    assert begins(samples) == digits


def test_a_tone_of_minus_42_dbm0_is_not_heard(rng):
    samples, _ = keyed(rng, 2, on_ms=100, low_dbm0=-42, high_dbm0=-42)
    assert begins(samples) == ""


@pytest.mark.parametrize("low_dbm0, high_dbm0", [(-14, -10), (-10, -18), (-25, -21), (-17, -25)])
@pytest.mark.parametrize("low_off, high_off", [(0, 0), (0.015, 0.015), (-0.015, -0.015), (0.015, -0.015)])
def test_twist_of_plus_4_and_minus_8_db_passes_also_off_frequency(
    rng, low_dbm0, high_dbm0, low_off, high_off
):
    tone = {"low_dbm0": low_dbm0, "high_dbm0": high_dbm0, "low_off": low_off, "high_off": high_off}
    samples, digits = keyed(rng, 4, **tone)
    assert begins(samples) == digits


@pytest.mark.parametrize("low_off, high_off", [(0.035, 0), (-0.035, 0), (0, 0.035), (0, -0.035)])
def test_frequencies_3_5_percent_off_are_refused(rng, low_off, high_off):
    samples, _ = keyed(rng, 4, on_ms=100, low_off=low_off, high_off=high_off)
    assert begins(samples) == ""


def test_no_tone_of_23_ms_or_less_is_heard(rng):
    for on_ms in (10, 15, 20, 22, 23):
        samples, _ = keyed(rng, 10, on_ms=on_ms, off_ms=60)
        assert begins(samples) == "", on_ms


def test_a_single_tone_is_no_digit():
    for hz in (*signals.ROWS_HZ, *signals.COLUMNS_HZ):
        assert begins(signals.sine(hz, -5, 4000)) == ""


@pytest.mark.parametrize("off", [0, 0.015])
def test_noise_15_db_under_each_tone_costs_no_digit(rng, off):
    samples, digits = keyed(rng, 30, low_off=off, high_off=-off)
    assert begins(samples + signals.noise(rng, -25, len(samples))) == digits


@pytest.mark.parametrize("dial", [US_DIAL, ((425, -10),), ((400, -10), (450, -10))])
@pytest.mark.parametrize("off", [0, 0.015])
def test_digits_are_heard_through_dial_tone_of_minus_10_dbm0(rng, dial, off):
    samples, digits = keyed(rng, 5, low_off=off, high_off=off)
    assert begins(with_tones(samples, dial)) == digits


def test_a_gap_of_10_ms_is_bridged_and_a_pause_of_40_ms_parts_two_digits():
    for at in range(0, 160, 3):
        key = signals.KEYS[at % 16]
        tone = signals.dtmf(key, 150)
        tone[480 + at : 560 + at] = 0
        assert heard(np.concatenate([np.zeros(at), tone])) == key + "-"
        half = np.concatenate([signals.dtmf(key, 50), signals.silence(40)])
        assert heard(np.concatenate([np.zeros(at), half, half])) == 2 * (key + "-")


def test_an_echo_10_db_down_and_20_ms_late_changes_nothing(rng):
    samples, digits = keyed(rng, 4, on_ms=50, off_ms=50)
    echo = np.concatenate([np.zeros(160), samples[:-160]]) * 10 ** (-10 / 20)
    assert begins(samples + echo) == digits


def test_a_long_tone_is_one_digit_and_its_length_is_kept_to_20_ms():
    detector = dtmf.Dtmf()
    events = []
    samples = np.concatenate([np.zeros(1000), signals.dtmf("5", 2000), np.zeros(1600)])
    for at, frame in enumerate(signals.frames(samples)):
        if detector.feed(frame):
            events.append(at)
    assert len(events) == 2 and abs((events[1] - events[0]) * 20 - 2000) <= 20


def test_another_digit_without_a_pause_ends_the_first():
    samples = np.concatenate([signals.dtmf("1", 100), signals.dtmf("9", 100)])
    assert heard(samples) == "1-9-"


def test_reset_forgets_a_digit_without_an_event():
    detector = dtmf.Dtmf()
    frames = signals.frames(signals.dtmf("7", 200))
    assert [detector.feed(frame) for frame in frames].count(ord("7") | BEGIN) == 1
    detector.reset()
    assert not detector.digit and not any(detector.feed(bytearray(320)) for _ in range(10))


def test_loud_noise_clipping_and_silence_are_no_digits(rng):
    assert begins(signals.noise(rng, 0, 80000)) == ""
    assert begins(rng.choice([-32768.0, 32767.0], 40000)) == ""
    assert begins(np.repeat(rng.choice([-32768.0, 32767.0], 4000), 10)) == ""
    assert begins(np.zeros(8000)) == ""


def test_the_notch_is_the_filter_of_its_definition(rng):
    samples = np.round(signals.noise(rng, -12, 160))
    state = np.full(4, 0x10000000, "<i4")
    x = bytearray(160)
    frame = bytearray(signals.pcm(samples))
    got = []
    for at in (0, 80):
        energy = dtmf._notch(x, frame, at, state)
        block = np.frombuffer(bytes(x), "<u2").astype(int) - 1024
        assert energy == np.sum(block**2)
        got += block.tolist()
    assert np.abs(np.array(got) - twin.notch(samples)).max() < 1.5


def test_the_eight_powers_are_those_of_a_fourier_sum(rng):
    for _ in range(20):
        block = np.clip(np.round(rng.normal(0, 300, 80)), -1023, 1023)
        out = np.zeros(24, "<i4")
        dtmf._goertzel(out, (block + 1024).astype("<u2"), dtmf._TABLE)
        exact = twin.powers(block)
        assert out[:8] == pytest.approx(exact, rel=0.02, abs=40000)


def test_the_table_is_right_to_its_last_digit():
    table = dtmf._TABLE
    for k, hz in enumerate(twin.TONES_HZ):
        w = 2 * np.pi * hz / 8000
        assert table[k] == round(2 * np.cos(w) * 8192) and table[8 + k] == round(np.sin(w) * 8192)
        assert (table[16 + k] - twin.gain_in_turns(hz) * 1024 + 512) % 1024 - 512 == pytest.approx(0, abs=0.6)
        assert table[24 + k] == pytest.approx(hz * 0.02 * 0.01 * 1024, abs=1)


def test_what_each_tone_leaves_in_the_other_filter_is_right_to_its_last_digit():
    for at in range(16):
        left = twin.leak(twin.TONES_HZ[at // 4], twin.TONES_HZ[4 + at % 4]) * 1024
        re, im = (octet - 128 for octet in dtmf._LEAK[2 * at : 2 * at + 2])
        assert (re, im) == (round(left.real), round(left.imag))


def test_the_favour_of_the_notches_for_the_high_group_is_right_to_half_a_decibel():
    response = np.fft.rfft(32 * twin.notch(np.concatenate([[1.0], np.zeros(7999)])))
    power = np.abs(response) ** 2
    for low, factor in zip(signals.ROWS_HZ, dtmf._NOTCHED):
        for high in signals.COLUMNS_HZ:
            assert 10 * np.log10(factor / 32 * power[low] / power[high]) == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize("high_dbm0", [-2, -6, -14])
def test_two_tones_are_measured_as_if_each_were_alone(rng, high_dbm0):
    """Their power, and what they explain of the block's energy."""
    for key in signals.KEYS:
        at = signals.KEYS.index(key)
        block = signals.dtmf(key, 10, -6, high_dbm0, rng=rng) / 32
        low, high = at // 4, 4 + at % 4
        out = np.zeros(32, "<i4")
        dtmf._goertzel(out, (np.round(block) + 1024).astype("<u2"), dtmf._TABLE)
        u, v = (octet - 128 for octet in dtmf._LEAK[2 * at : 2 * at + 2])
        dtmf._apart(out, low, high, u, v)
        dtmf._apart(out, high, low, u, -v)
        for k, level_dbm0 in ((low, -6), (high, high_dbm0)):
            assert out[k] == pytest.approx(100 * (signals.peak_of_dbm0(level_dbm0) / 32) ** 2, rel=0.12)
        assert (out[24] + out[25]) / 2.5 == pytest.approx(np.sum(block**2), rel=0.04)


def test_the_angle_is_true_to_one_part_in_1024():
    for turn in np.arange(0, 1, 0.003):
        re, im = round(3000 * np.cos(2 * np.pi * turn)), round(3000 * np.sin(2 * np.pi * turn))
        off = (dtmf._turn(re, im) - turn * 1024 + 512) % 1024 - 512
        assert abs(off) <= 1.7
    assert dtmf._turn(0, 0) == 0


def test_full_scale_input_keeps_every_number_within_31_bits(rng):
    """The shim does not wrap; so look at the largest products that the kernels can meet."""
    square = np.sign(np.sin(2 * np.pi * 697 * (np.arange(80) + 0.5) / 8000)) * 1023
    out = np.zeros(32, "<i4")
    dtmf._goertzel(out, (square + 1024).astype("<u2"), dtmf._TABLE)
    assert 0 < out[:8].max() < 2**28
    for k in range(8):  # out of step with the last block by half a turn: the largest correction
        dtmf._apart(out, k, (k + 4) % 8, 0, 0)
        dtmf._apart(out, k, (k + 4) % 8, 0, 0)
    assert 0 < out[24:28].max() < 2**30
    state = np.full(4, 0x10000000, "<i4")
    worst = rng.choice([-32768.0, 32767.0], (400, 160))
    for samples in worst:
        dtmf._notch(bytearray(160), bytearray(signals.pcm(samples)), 0, state)
        assert np.abs(state.astype(int) - 0x10000000).max() * 16 < 2**30
