"""Order, clock and liveness of one dialog, without any meaning: a bare Dialog on a bare endpoint."""

import pytest
from bench import SeededCrypto

import ticks
from iax.dialog import Dialog
from iax.endpoint import Endpoint
from iax.opener import Account
from iax.talk import VoiceSlot
from iax.window import Window
from peer import wire
from stats import Log, Stats

PING, PONG, ACK, LAGRQ, LAGRP, VNAK = 2, 3, 4, 11, 12, 18
IAX = 6


def dialog(now=0):
    """Return a dialog toward peer 1 under number 77, begun at `now`."""
    endpoint = Endpoint(
        [Account(0, 1, b"", b"")], bytearray(48), VoiceSlot(bytearray(164)), SeededCrypto(1), Stats(), Log()
    )
    one = Dialog(endpoint, Window(bytearray(200), 5))
    one.begin(1, 77, now)
    return one


def take(one, now, name, oseq=0, iseq=0, src=500, ts=0, dst=77):
    """Give it a frame; return whether its meaning is to be heard."""
    raw = wire.iax(src, dst, ts, oseq, iseq, name)
    heard = one.receive(raw, src, now)
    if heard:
        one.housekeeping(raw[11], raw, now)
    return heard


def out(one, now):
    """Return all that is to be sent, decoded."""
    frames = []
    while (n := one.poll_tx(now)) > 0:
        at = one.ep.tx_at
        frames.append(wire.decode(bytes(one.ep.tx_buf[at : at + n])))
    return frames


def names(frames):
    return [frame["name"] for frame in frames]


def test_dialog_learns_the_peers_number_and_uses_it():
    one = dialog()
    assert take(one, 0, "LAGRQ")
    (answer,) = out(one, 0)
    assert (answer["name"], answer["src"], answer["dst"], answer["iseq"]) == ("LAGRP", 77, 500, 1)


@pytest.mark.parametrize("src", [0, 1])
def test_a_stateless_frame_leaves_no_trace(src):
    one = dialog()
    assert take(one, 0, "REJECT", src=src, oseq=9, iseq=9)
    assert (one.dcallno, one.iseq, out(one, 0)) == (0, 0, [])


@pytest.mark.parametrize("name", ["ACK", "ACCEPT", "AUTHREQ", "REGAUTH", "REGACK", "PING", "VNAK"])
def test_a_stateless_frame_may_only_refuse_or_ask(name):
    one = dialog()
    assert not take(one, 0, name, src=1)
    assert (one.dcallno, one.iseq, out(one, 0)) == (0, 0, [])


def test_a_token_from_a_real_call_number_binds_nobody():
    one = dialog()
    assert not take(one, 0, "CALLTOKEN", src=500)
    assert (one.dcallno, one.iseq, out(one, 0)) == (0, 0, [])


def test_a_frame_in_its_turn_is_acknowledged_with_its_own_time():
    one = dialog()
    assert take(one, 5, "REGAUTH", oseq=0, iseq=4, ts=123)
    (ack,) = out(one, 5)
    assert (ack["name"], ack["ts"], ack["oseq"], ack["iseq"]) == ("ACK", 123, 4, 1)


def test_an_answer_makes_the_ack_superfluous():
    one = dialog()
    take(one, 0, "PING")
    assert names(out(one, 0)) == ["PONG"]


def test_an_old_frame_is_acknowledged_again_but_not_heard():
    one = dialog()
    take(one, 0, "REGAUTH", oseq=0)
    out(one, 0)
    assert not take(one, 10, "REGAUTH", oseq=0, ts=7)
    assert [(f["name"], f["ts"], f["iseq"]) for f in out(one, 10)] == [("ACK", 7, 1)]


def test_a_frame_ahead_draws_one_vnak_in_a_tenth_of_a_second():
    one = dialog()
    for now in range(0, 301, 50):
        assert not take(one, now, "REGAUTH", oseq=3)
        assert names(out(one, now)) == (["VNAK"] if now % 100 == 0 else [])


def test_vnak_names_the_first_missing_frame():
    one = dialog()
    take(one, 0, "REGAUTH", oseq=0)
    take(one, 0, "REGAUTH", oseq=2)
    (vnak,) = out(one, 0)
    assert (vnak["name"], vnak["oseq"], vnak["iseq"]) == ("VNAK", 1, 1)


def test_acks_and_vnaks_stand_outside_the_order():
    one = dialog()
    for name in ("ACK", "VNAK", "TXCNT", "TXACC", "INVAL"):
        assert take(one, 0, name, oseq=99)
    assert one.iseq == 0 and out(one, 0) == []


def test_a_vnak_brings_frames_back_ten_times_a_second_at_most():
    one = dialog()
    take(one, 0, "REGAUTH")
    one.say(IAX, LAGRQ, 0)
    out(one, 0)
    sent = 0
    for now in range(10, 410, 10):
        take(one, now, "VNAK", iseq=0)
        sent += len(out(one, now))
    assert sent == 4


def test_round_trip_is_the_age_of_the_ping_whose_time_comes_back():
    one = dialog()
    take(one, 0, "REGAUTH")
    one.ping(1000)
    (ping,) = [f for f in out(one, 1000) if f["name"] == "PING"]
    take(one, 1120, "PONG", oseq=1, iseq=1, ts=ping["ts"] + 1)
    assert one.rtt_ms == 0
    take(one, 1140, "PONG", oseq=2, iseq=1, ts=ping["ts"])
    assert one.rtt_ms == 140


def test_round_trip_is_bounded():
    one = dialog()
    one.ping(0)
    (ping,) = [f for f in out(one, 0) if f["name"] == "PING"]
    take(one, 19_000, "PONG", iseq=1, ts=ping["ts"])
    assert one.rtt_ms == 2000


def test_lag_is_the_age_of_the_lagrq_whose_time_comes_back():
    one = dialog()
    take(one, 0, "REGAUTH")
    one.ping(1000)
    (asked,) = [f for f in out(one, 1000) if f["name"] == "LAGRQ"]
    take(one, 1180, "LAGRP", oseq=1, iseq=1, ts=asked["ts"])
    assert (one.lag_ms, one.rtt_ms) == (180, 0)


def test_first_time_stamp_is_zero_and_the_next_at_least_three_more():
    one = dialog(5)
    for now in (5, 5, 6, 400):
        one.say(IAX, LAGRQ, now)
    assert [f["ts"] for f in out(one, 400)] == [0, 3, 6, 395]


def test_in_a_talking_dialog_signalling_follows_by_three():
    one = dialog()
    take(one, 0, "REGAUTH", dst=77)
    for now in (100, 150, 200, 250, 500):
        one.say(IAX, LAGRQ, now)
    assert [f["ts"] for f in out(one, 500) if f["name"] == "LAGRQ"] == [0, 3, 200, 203, 500]


def test_time_stamps_have_all_their_32_bits():
    one = dialog()
    now = 0
    for step in range(1, 17):
        now = ticks.add(0, step * ((1 << 28) - 100) & 0x3FFFFFFF)
        one.say(IAX, LAGRQ, now)
        one.window.ack(step)
    for ms in (10, 2000):
        one.say(IAX, LAGRQ, ticks.add(now, ms))
    assert [f["ts"] for f in out(one, ticks.add(now, 2000))] == [(1 << 32) - 1590, 400]


def test_a_frame_that_finds_no_room_is_not_said():
    one = dialog()
    assert [one.say(IAX, LAGRQ, 0) for _ in range(6)] == [True] * 5 + [False]
    assert one.echo(LAGRP, 0, wire.iax(1, 2, 0, 0, 0, "LAGRQ"), 0) == -1


def test_deadline_is_told_in_time():
    one = dialog()
    assert one.due_ms(0) == -1 and not one.overdue(10**6)
    one.set_deadline(100, 50)
    assert (one.due_ms(120), one.overdue(149), one.overdue(150)) == (30, False, True)
    one.set_deadline(200, 0)
    assert one.due_ms(10_000) == -1 and not one.overdue(10_000)


def test_silence_is_counted_from_the_last_full_frame():
    one = dialog(1000)
    assert one.silent_ms(1500) == 500
    take(one, 2000, "LAGRQ")
    assert one.silent_ms(2100) == 100


def test_a_peer_that_never_acknowledges_is_given_up():
    one = dialog()
    one.say(IAX, LAGRQ, 0)
    results = [one.poll_tx(now) for now in range(0, 30_001, 100)]
    assert results[-1] == -1 and all(n >= 0 for n in results[:-1])
