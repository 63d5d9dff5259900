"""The simulated telephone on its wires: contact, current, ringing, keypad, hybrid."""

import itertools
import time

import numpy as np
import pytest
from unit.vphone import sounds

from tools.vphone_lib import levels, mouth
from tools.vphone_lib.loop import FEED_FORWARD, FEED_OPEN, FEED_REVERSE, FEED_RINGING, LOOP_CLOSED, RING_TRIP
from tools.vphone_lib.telephone import Telephone


def run(phone, n, feed=FEED_FORWARD, ear=None, ring_dhz=200):
    """`n` steps; returns (all samples into the firmware, all line states)."""
    out = [phone.step(ear, feed, ring_dhz) for _ in range(n)]
    return np.concatenate([mouth_ for mouth_, _ in out]), b"".join(state for _, state in out)


def lifted(seed=1, **options):
    phone = Telephone(seed, **options)
    phone.lift()
    run(phone, 5)
    return phone


def happened(phone, what):
    return [e for e in phone.events if e["what"] == what]


def goertzel_dbm0(sound, hz):
    n = np.arange(len(sound))
    z = 2 * np.abs(np.mean(sound.astype(float) * np.exp(-2j * np.pi * hz / 8000 * n)))
    return levels.dbm0_of_rms(z / np.sqrt(2))


def runs_of(states, bit):
    """Lengths of equal stretches of `bit` in ms: [(is set, ms), …]."""
    stretches = []
    for state in states:
        is_set = bool(state & bit)
        if stretches and stretches[-1][0] == is_set:
            stretches[-1][1] += 5
        else:
            stretches.append([is_set, 5])
    return [tuple(s) for s in stretches]


def test_a_frame_out_is_160_samples_and_four_line_states():
    samples, state = Telephone(1).step(None, FEED_FORWARD, 200)
    assert (samples.dtype, samples.shape, type(state), len(state)) == (np.int16, (160,), bytes, 4)


def test_on_hook_there_is_battery_and_no_current_and_nearly_no_sound():
    phone = Telephone(1)
    samples, states = run(phone, 20)
    assert (phone.volts, phone.milliamps, any(states)) == (-48.0, 0.0, False)
    assert -67 < levels.dbm0_of(samples) < -63


def test_off_hook_the_loop_draws_current_and_the_voltage_falls():
    phone = lifted()
    assert phone.off_hook and phone.milliamps == 25.0 and -15 < phone.volts < -5
    assert phone.step(None, FEED_FORWARD, 200)[1] == bytes([LOOP_CLOSED] * 4)


def test_the_contact_bounces_for_some_ms_and_then_stays():
    longest = 0
    for seed in range(40):
        phone = Telephone(seed)
        phone.lift()
        states = run(phone, 10)[1]
        closed = [i for i, state in enumerate(states) if state & LOOP_CLOSED]
        settled = 1 + max(i for i, state in enumerate(states) if not state & LOOP_CLOSED)
        longest = max(longest, settled - closed[0])
        assert settled <= 5 and all(states[settled:])
    assert longest >= 1  # with some seeds the debouncer has something to do


def test_a_line_without_feed_gives_no_current_and_no_sound():
    phone = lifted(noise_dbm0=-90)
    phone.hum(1000, -10, 1)
    samples, states = run(phone, 20, FEED_OPEN)
    assert not any(states) and levels.dbm0_of(samples) < -60
    assert phone.polarity == "none"


def test_polarity_and_the_length_of_an_open_feed_are_measured_at_the_line():
    phone = lifted()
    assert phone.polarity == "normal"
    run(phone, 10, FEED_REVERSE)
    assert phone.polarity == "reversed" and phone.milliamps == -25.0
    run(phone, 20, FEED_OPEN)
    run(phone, 1, FEED_FORWARD)
    assert phone.open_ms == 400


def test_ringing_is_felt_on_hook_only_and_its_length_is_told():
    phone = Telephone(1)
    run(phone, 50)
    assert not phone.ringing
    run(phone, 100, FEED_RINGING)
    assert phone.ring_current and phone.ringing
    run(phone, 200)
    assert not phone.ring_current and phone.ringing and phone.quiet_ms == 4000
    run(phone, 200)
    assert not phone.ringing
    assert [(e["on"], e.get("ms")) for e in happened(phone, "ring")] == [(True, None), (False, 2000)]


def test_a_bell_does_not_answer_to_a_wrong_ringing_frequency():
    phone = Telephone(1)
    run(phone, 50, FEED_RINGING, ring_dhz=1200)
    assert not phone.ring_current


def test_ringing_is_60_volts_rms_on_top_of_the_battery():
    phone = Telephone(1)
    volts = []
    for _ in range(50):
        phone.step(None, FEED_RINGING, 200)
        volts += phone._loop.volts
    assert abs(np.mean(volts) + 48) < 1 and abs(np.std(volts) - 60) < 2


@pytest.mark.parametrize("seed", range(8))
def test_ring_trip_comes_after_two_to_three_ring_cycles_and_goes_with_the_ringing(seed):
    phone = Telephone(seed)
    run(phone, 20, FEED_RINGING)
    phone.lift()
    states = run(phone, 20, FEED_RINGING)[1]
    assert 100 <= 5 * next(i for i, s in enumerate(states) if s & RING_TRIP) <= 200
    assert not any(state & LOOP_CLOSED for state in states)
    after = run(phone, 2, FEED_FORWARD)[1]
    assert not any(state & RING_TRIP for state in after) and after[-1] == LOOP_CLOSED
    assert not phone.ring_current


def test_ringing_current_alone_never_trips():
    assert not any(run(Telephone(1), 200, FEED_RINGING)[1])


def test_a_flash_opens_the_loop_for_the_ordered_time():
    for seed in range(10):
        phone = lifted(seed)
        phone.flash(600)
        stretches = runs_of(run(phone, 60)[1], LOOP_CLOSED)
        longest = max(ms for closed, ms in stretches if not closed)
        assert abs(longest - 600) <= 10


@pytest.mark.parametrize("pps, percent", [(10, 60), (8, 67), (20, 60)])
def test_pulses_open_the_loop_as_often_as_the_digit_says(pps, percent):
    phone = lifted()
    phone.pulse("205", pps, percent)
    states = b""
    while phone.busy:
        states += run(phone, 1)[1]
    breaks = [ms for closed, ms in runs_of(states, LOOP_CLOSED) if not closed]
    assert len(breaks) == 2 + 10 + 5
    assert abs(np.mean(breaks) - 10 * percent / pps) <= 2.5


def test_keys_have_their_two_tones_at_level_and_twist():
    phone = lifted(noise_dbm0=-90)
    phone.dtmf("5", 400, 80, -10, 4)
    samples = run(phone, 20)[0][800:2400]
    assert abs(goertzel_dbm0(samples, 770) + 12) < 0.2
    assert abs(goertzel_dbm0(samples, 1336) + 8) < 0.2


def test_keys_take_line_time_and_do_not_start_on_frame_borders():
    starts = set()
    for seed in range(12):
        phone = lifted(seed, noise_dbm0=-90)
        phone.dtmf("12", 80, 80)
        steps = 0
        while phone.busy:
            samples, _ = phone.step(None, FEED_FORWARD, 200)
            if not steps:
                starts.add(int(np.argmax(np.abs(samples.astype(int)) > 200)))
            steps += 1
        assert steps * 20 in (320, 340)
    assert len(starts) > 6


@pytest.mark.parametrize("call", [lambda p: p.dtmf("12E"), lambda p: p.pulse("1*")])
def test_keys_that_a_telephone_lacks_are_refused(call):
    with pytest.raises(ValueError, match=r"no such key|rotary dial"):
        call(Telephone(1))


def test_played_sound_arrives_at_its_level_sample_for_sample():
    spoken = np.random.default_rng(2).standard_normal(8000) * 3000
    phone = lifted(noise_dbm0=-90)
    phone.play(spoken.astype(np.int16), -15)
    samples = run(phone, 50)[0]
    assert abs(levels.dbm0_of(samples) + 15) < 0.2
    assert np.corrcoef(samples, spoken)[0, 1] > 0.999


@pytest.mark.parametrize("erl_db", [10, 20, 30])
def test_the_hybrid_returns_the_earpiece_weakened_by_the_echo_return_loss(erl_db):
    phone = lifted(erl_db=erl_db, noise_dbm0=-90)
    rng = np.random.default_rng(3)
    played, back = [], []
    for _ in range(100):
        ear = (rng.standard_normal(160) * 3000).astype(np.int16)
        played.append(ear)
        back.append(phone.step(ear, FEED_FORWARD, 200)[0])
    loss_db = levels.dbm0_of(np.concatenate(played)) - levels.dbm0_of(np.concatenate(back))
    assert abs(loss_db - erl_db) < 0.7


def test_the_earpiece_is_heard_off_hook_only():
    tone = levels.to_int16(mouth.sine(350, -16, 16000) + mouth.sine(440, -16, 16000))
    phone = Telephone(1)
    for frame in sounds.frames(tone):
        phone.step(frame, FEED_FORWARD, 200)
    assert phone.tone == "none" and not phone.heard.any()
    phone.lift()
    for frame in sounds.frames(tone):
        phone.step(frame, FEED_FORWARD, 200)
    assert phone.tone == "dial" and phone.frequencies == (350, 440)
    phone.hang()
    run(phone, 3)
    assert phone.tone == "none"
    assert [e["tone"] for e in happened(phone, "tone")] == ["dial", "none"]


def test_events_stand_in_the_order_of_the_line_and_carry_its_time():
    phone = Telephone(1)
    run(phone, 10)
    phone.lift()
    phone.dtmf("1")
    phone.hang()
    while phone.busy:
        run(phone, 1)
    told = [e["what"] for e in phone.events]
    assert told == ["feed", "lift", "loop", "dtmf", "hang", "loop"]
    assert happened(phone, "lift")[0]["t_ms"] == 200 and phone.t_ms % 20 == 0


def test_the_same_seed_gives_the_same_telephone_and_another_one_another():
    def story(seed):
        phone = Telephone(seed)
        phone.lift()
        phone.dtmf("123")
        phone.hang()
        samples, states = run(phone, 60)
        return samples.tobytes(), states

    assert story(4) == story(4) != story(5)


def test_a_step_costs_less_than_a_fifth_of_what_twenty_times_real_time_leaves():
    phone = lifted()
    phone.play(np.random.default_rng(1).standard_normal(8000) * 1000)
    blocks = [(np.random.default_rng(k).standard_normal(160) * 2000).astype(np.int16) for k in range(500)]
    began = time.process_time()
    for ear in blocks:
        phone.step(ear, FEED_FORWARD, 200)
    assert (time.process_time() - began) / len(blocks) < 200e-6


@pytest.mark.parametrize("pps, percent, bounce_ms", [(7, 50, 5), (10, 80, 5), (22, 66, 5), (20, 60, 0)])
def test_a_bouncing_dial_keeps_its_rate_and_bounces_at_most_a_third_of_the_shorter_interval(
    pps, percent, bounce_ms
):
    phone = lifted()
    phone.pulse("5", pps, percent, bounce_ms=bounce_ms)
    contact = phone._queue[-1].contact
    changes = np.flatnonzero(np.diff(np.frombuffer(contact, np.uint8)))
    first, last = changes[0], changes[-1]
    period_ms = 1000 / pps
    most = min(bounce_ms, period_ms * min(percent, 100 - percent) / 300)
    assert abs(last - first - (4 + percent / 100) * period_ms) <= most + 1
    edges = [0, *np.flatnonzero(np.diff(changes) > bounce_ms + 1) + 1, len(changes)]
    assert len(edges) == 11  # ten bundles of changes, two a pulse
    assert all(changes[b - 1] - changes[a] <= most for a, b in itertools.pairwise(edges))


@pytest.mark.parametrize("country, ms", [("us", 650), ("uk", 90), ("fr", 280), ("nz", 650), ("dk", 112)])
def test_a_flash_is_the_middle_of_what_the_country_takes_for_one(country, ms):
    phone = lifted(country=country)
    phone.flash()
    run(phone, 1)
    assert happened(phone, "flash")[0]["ms"] == ms
