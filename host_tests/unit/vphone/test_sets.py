"""Sets that do something by themselves: the Japanese primary answer, and Caller ID in a call (Type II)."""

import numpy as np
import pytest
from unit.vphone import exchange, sounds
from unit.vphone.exchange import V23
from unit.vphone.test_receiver import hears, passes, told

from tools.vphone_lib import levels, mouth, receiver
from tools.vphone_lib.loop import FEED_REVERSE, FEED_RINGING, LOOP_CLOSED
from tools.vphone_lib.telephone import Telephone

NTT = exchange.ntt()


def woken(kind="ntt"):
    phone = Telephone(1, country="jp", kind=kind)
    passes(phone, 200)
    passes(phone, 300, FEED_REVERSE)
    passes(phone, 500, FEED_RINGING, 160)
    return phone


def closed(steps):
    return [bool(state & LOOP_CLOSED) for _, states in steps for state in states]


def test_the_japanese_set_answers_car_takes_the_message_and_hangs_up_without_ringing():
    phone = woken()
    assert all(closed(passes(phone, 500, FEED_REVERSE))[-90:])
    hears(phone, exchange.fsk(NTT, V23, seizure=0, mark=80, stop=1), feed=FEED_REVERSE)
    assert not any(closed(passes(phone, 500, FEED_REVERSE))[-60:])
    assert phone.shown.number == "0312345678" and not phone.ring_current and not told(phone, "ring")
    passes(phone, 1000, FEED_RINGING, 160)
    assert phone.ring_current and told(phone, "ring")
    assert [e["what"] for e in phone.events if "primary" in e["what"]] == [
        "primary answer",
        "primary hang-up",
    ]


def test_without_a_message_the_japanese_set_hangs_up_by_itself():
    phone = woken()
    assert not any(closed(passes(phone, 8000, FEED_REVERSE))[-100:])
    assert told(phone, "primary hang-up")[0]["received"] is False


@pytest.mark.parametrize("ring_ms", [200, 1000])
def test_ringing_that_is_no_car_is_not_answered(ring_ms):
    phone = Telephone(1, kind="ntt")
    passes(phone, 100)
    passes(phone, 300, FEED_REVERSE)
    passes(phone, ring_ms, FEED_RINGING, 160)
    assert not any(closed(passes(phone, 2000, FEED_REVERSE)))


def test_other_sets_ring_when_they_get_car():
    phone = woken("plain")
    assert told(phone, "ring") and not any(closed(passes(phone, 1000, FEED_REVERSE)))


def test_a_user_who_lifts_during_car_is_off_hook_for_good():
    phone = woken()
    phone.lift()
    assert all(closed(passes(phone, 9000, FEED_REVERSE))[-100:])


def in_call():
    phone = Telephone(1, kind="callwaiting")
    phone.lift()
    passes(phone, 200)
    return phone


def tail(steps):
    """What the telephone sent in these steps, ms by ms: True where it is loud."""
    sent = np.concatenate([out for out, _ in steps]).astype(float)
    return np.sqrt(np.mean(sent[: len(sent) // 8 * 8].reshape(-1, 8) ** 2, axis=1)) > 300


def test_cas_is_acknowledged_by_60_ms_of_d_within_100_ms_and_the_message_is_shown():
    phone = in_call()
    hears(phone, exchange.quiet(40), exchange.dtas(80))
    steps = passes(phone, 140)
    loud = np.flatnonzero(tail(steps))
    assert 50 <= len(loud) <= 66
    assert 0 <= 40 + loud[0] <= 100  # CAS ended 40 ms before the last frame was over
    sent = np.concatenate([out for out, _ in steps])[loud[0] * 8 : loud[-1] * 8]
    assert receiver.receptions(sent)[0][0].kind == "D"
    hears(phone, exchange.fsk(exchange.mdmf(b"5551234"), seizure=0, mark=80))
    passes(phone, 100)
    assert phone.shown.number == "5551234" and not phone.fault
    assert told(phone, "unmute")[0]["received"] is True


def test_during_the_message_the_user_hears_and_says_nothing():
    phone = in_call()
    hears(phone, exchange.dtas(80))
    passes(phone, 140)
    phone.hum(1000, -10, 2)
    out = hears(phone, exchange.fsk(exchange.mdmf(b"5551234"), seizure=0, mark=80))
    assert levels.dbm0_of(np.concatenate([o for o, _ in out[2:-4]])) < -30  # echo only
    assert not phone.heard.any()


def test_without_a_message_the_set_listens_again_after_half_a_second():
    phone = in_call()
    hears(phone, exchange.dtas(80))
    passes(phone, 800)
    assert told(phone, "unmute")[0]["received"] is False
    phone.hum(1000, -10, 1)
    assert levels.dbm0_of(np.concatenate([o for o, _ in passes(phone, 200)])) > -15


@pytest.mark.parametrize("ms", [40, 50, 100, 300])
def test_a_burst_of_another_length_is_no_cas(ms):
    phone = in_call()
    hears(phone, exchange.dtas(ms))
    passes(phone, 200)
    assert not told(phone, "cas")


@pytest.mark.parametrize("ms", [75, 80, 85])
@pytest.mark.parametrize("lead_ms", [0, 3, 7, 11, 16])
def test_cas_is_heard_at_any_moment_and_right_behind_the_tone_before_it(ms, lead_ms):
    phone = in_call()
    sas = mouth.sine(440, -13, 2400)
    hears(phone, exchange.quiet(lead_ms), sas, exchange.dtas(ms))
    passes(phone, 60)
    assert len(told(phone, "cas")) == 1


@pytest.mark.parametrize("dbm0, heard", [(-15, 1), (-32, 1), (-45, 0)])
def test_cas_is_heard_down_to_32_dbm0_and_not_at_45(dbm0, heard):
    phone = in_call()
    hears(phone, exchange.dtas(80, dbm0))
    passes(phone, 60)
    assert len(told(phone, "cas")) == heard


def test_voice_and_keys_are_no_cas(tmp_path):
    phone = in_call()
    hears(phone, sounds.espeak(tmp_path, "one two three four five six seven eight nine ten", "en"))
    hears(phone, exchange.dtmf("0123456789ABCD*#"), mouth.sine(2130, -10, 640), mouth.sine(2750, -10, 640))
    assert not told(phone, "cas")


def test_a_plain_set_ignores_cas():
    phone = Telephone(1)
    phone.lift()
    passes(phone, 200)
    hears(phone, exchange.dtas(80))
    passes(phone, 200)
    assert not told(phone, "cas") and not told(phone, "callerid")
