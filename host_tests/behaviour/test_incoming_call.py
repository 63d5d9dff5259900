"""Somebody calls: ringing, the answer in either phase, callers who give up, lines that are busy."""

import itertools

import earpiece
import pytest
from ata_bench import AtaBench, sine_frames

import codes

UP_TO = 20  # ms that an order may take: one turn and the way there and back


def feeds(bench: AtaBench) -> list[tuple[int, int]]:
    """Return (t_ms, mode) of each feed ordered since the start."""
    return [(t_ms, mode) for t_ms, name, mode, _ in bench.log if name == "LOG_FEED"]


def ring(bench: AtaBench, run_ms: int = 100, **invitation):
    call = bench.peer.call_device("ata1", **invitation)
    bench.run(run_ms)
    return call


def test_telephone_rings_at_once_two_seconds_on_four_off():
    bench = AtaBench()
    called_at = bench.t_ms
    ring(bench, 13000)
    edges = [t_ms - called_at for t_ms, _ in feeds(bench)[1:]]
    modes = [mode for _, mode in feeds(bench)[1:]]
    assert modes == [codes.FEED_RINGING, codes.FEED_FORWARD] * 2 + [codes.FEED_RINGING]
    assert edges[0] <= UP_TO
    assert [b - a for a, b in itertools.pairwise(edges)] == [2000, 4000, 2000, 4000]
    assert ("ring", 200) in bench.hal.slic.orders, "20 Hz"


def test_caller_is_told_that_the_telephone_rings():
    bench = AtaBench()
    call = ring(bench)
    assert call.state == "ringing"
    accept = bench.peer.frames("ACCEPT", "in")[0]
    assert accept["ie"]["FORMAT"] == 4
    assert bench.peer.frames("CONTROL RINGING", "in")[0]["oseq"] == accept["oseq"] + 1


@pytest.mark.parametrize(
    "after_ms", [1000, 3000, 6500], ids=["in the ring", "in the silence", "in the second ring"]
)
def test_lifting_answers(after_ms):
    bench = AtaBench()
    call = ring(bench, after_ms)
    bench.lift(100)
    assert bench.hal.slic.feed == codes.FEED_FORWARD
    assert bench.state == codes.TALK
    assert call.state == "up"
    answered_at = bench.t_ms
    bench.run(10000)
    assert codes.FEED_RINGING not in [mode for t_ms, mode in feeds(bench) if t_ms > answered_at]
    bench.say(sine_frames((1000,), 500))  # the caller echoes
    bench.run(400)
    assert abs(earpiece.loudest_hz(bench.hal.pcm.ear[-10:]) - 1000) < 10
    bench.hang()
    assert bench.at_rest


def test_ringing_current_is_gone_within_a_turn_of_ring_trip():
    bench = AtaBench()
    ring(bench, 500)
    lifted_at = bench.t_ms
    bench.lift(100)
    assert feeds(bench)[-1] == (lifted_at + 5, codes.FEED_FORWARD)


def test_no_tone_is_heard_by_the_one_who_answers():
    bench = AtaBench()
    ring(bench, 3000, on_up=lambda call: iter((60000,)))
    bench.lift(1000)
    assert earpiece.level_dbm0(bench.hal.pcm.ear[-48:]) == -99  # since the loop counts as closed


@pytest.mark.parametrize("phase_ms", [800, 3000], ids=["in the ring", "in the silence"])
def test_caller_who_gives_up_stops_the_ringing(phase_ms):
    bench = AtaBench()
    call = ring(bench, phase_ms)
    call.hangup(16)
    bench.run(UP_TO)
    assert bench.hal.slic.feed == codes.FEED_FORWARD
    bench.run(12000)
    assert feeds(bench)[-1][0] < bench.t_ms - 9000, "and it stays silent"
    assert bench.at_rest


def test_caller_who_gives_up_toward_number_nought_stops_the_ringing_too():
    bench = AtaBench()
    call = ring(bench, 1000)
    call.their = 0
    call.cancel()
    bench.run(UP_TO)
    assert bench.state == codes.ON_HOOK
    assert bench.hal.slic.feed == codes.FEED_FORWARD
    bench.run(60000)
    assert feeds(bench)[-1][0] < 2000
    assert bench.at_rest


def test_call_given_up_before_its_accept_arrived_does_not_ring_on():
    bench = AtaBench()
    bench.peer.faults.lose(("ACCEPT", "CONTROL RINGING", "ACK", "PING"), way="in")
    call = ring(bench, 3000)
    assert call.state == "new"
    assert bench.ringing is False, "between two rings"
    call.cancel()
    bench.peer.faults.clear()
    bench.run(70000)
    assert len([mode for _, mode in feeds(bench) if mode == codes.FEED_RINGING]) == 1
    assert bench.at_rest


def test_new_that_comes_again_after_its_hangup_does_not_ring():
    bench = AtaBench()
    call = ring(bench, 1000)
    call.hangup(16)
    bench.run(3000)
    new = bytearray(bench.peer.frames("NEW", "out")[0]["raw"])
    new[2] |= 0x80  # sent again
    bench.peer.send_raw(call.addr, bytes(new))
    bench.run(10000)
    assert len([mode for _, mode in feeds(bench) if mode == codes.FEED_RINGING]) == 1
    assert bench.at_rest


def test_unanswered_call_is_given_up_after_the_longest_ringing():
    bench = AtaBench(settings={"line.ring_max_ms": "20000"})
    call = ring(bench, 19900)
    assert bench.state == codes.RINGING
    bench.run(300)
    assert bench.at_rest
    assert call.ended_by == "them"
    bench.run(10000)
    assert bench.hal.slic.feed == codes.FEED_FORWARD


def test_ringing_without_a_limit_goes_on_for_minutes():
    bench = AtaBench(settings={"line.ring_max_ms": "0"})
    call = ring(bench, 300000)
    assert bench.state == codes.RINGING
    call.hangup(16)
    bench.run(100)
    assert bench.at_rest


def test_ringing_ends_when_the_server_is_gone():
    bench = AtaBench(settings={"line.ring_max_ms": "0"})
    ring(bench, 1000)
    bench.peer.vanish()
    bench.run(36000)
    assert bench.state == codes.ON_HOOK
    assert bench.hal.slic.feed == codes.FEED_FORWARD
    assert bench.ata.endpoint.legs[0].state == codes.CALL_FREE


def test_second_call_while_talking_gets_busy_and_the_first_goes_on():
    bench = AtaBench()
    first = ring(bench, 1000)
    bench.lift(500)
    second = ring(bench, 500, number="701")
    assert second.cause == 17
    assert second.ended_by == "them"
    assert first.state == "up"
    assert bench.state == codes.TALK
    bench.hang()
    assert bench.at_rest


def test_second_call_while_ringing_gets_busy_and_the_telephone_rings_on():
    bench = AtaBench()
    first = ring(bench, 1000)
    second = ring(bench, 500, number="701")
    assert second.cause == 17
    assert first.state == "ringing"
    bench.lift()
    assert first.state == "up"


def test_call_to_a_telephone_that_is_off_the_hook_gets_busy_in_every_tone():
    for number, wait_ms, state in (
        ("", 100, codes.DIAL_TONE),
        ("6", 100, codes.COLLECT),
        ("603#", 500, codes.BUSY_TONE),
        ("999#", 500, codes.REORDER_TONE),
        ("999#", 31000, codes.HOWLER),
        ("999#", 91000, codes.LOCKOUT),
    ):
        bench = AtaBench()
        bench.lift()
        bench.dtmf(number)
        bench.run(wait_ms)
        assert bench.state == state
        call = ring(bench)
        assert call.cause == 17
        assert bench.state == state
        assert codes.FEED_RINGING not in [mode for _, mode in feeds(bench)]
        bench.hang()
        assert bench.at_rest


def test_call_that_meets_a_call_being_made_gets_busy():
    bench = AtaBench()
    bench.peer.quirks.reply_delay_ms = 2000
    bench.lift()
    bench.dtmf("600#")
    assert bench.state == codes.CALLING
    assert ring(bench).cause == 17
    bench.run(6000)
    assert bench.state == codes.TALK


def test_lifting_at_the_moment_the_call_comes_answers_it_or_refuses_it():
    """The hook needs 30 ms to settle: within them the call is answered, after them it is refused."""
    for before_ms in range(0, 60, 5):
        bench = AtaBench()
        bench.hal.slic.lift()
        bench.run(before_ms)
        call = ring(bench, 300)
        assert (bench.state, call.state) in ((codes.TALK, "up"), (codes.DIAL_TONE, "gone")), before_ms
        assert bench.hal.slic.feed == codes.FEED_FORWARD
        bench.hang()
        assert bench.at_rest


def test_call_without_a_codec_of_ours_is_refused_and_does_not_ring():
    bench = AtaBench()
    call = ring(bench, 1000, formats=(2,))
    assert call.cause == 58
    assert codes.FEED_RINGING not in [mode for _, mode in feeds(bench)]
    assert bench.at_rest


def test_call_in_a_law_is_heard_both_ways():
    bench = AtaBench(settings={"account.1.codecs": "alaw"})
    call = ring(bench, 1000)
    bench.lift(500)
    bench.say(sine_frames((1000,), 500))
    bench.run(400)
    assert {codec for _, _, codec, _ in call.rx_voice} == {8}
    assert abs(earpiece.loudest_hz(bench.hal.pcm.ear[-10:]) - 1000) < 10


def test_voice_that_comes_while_it_rings_is_not_heard_after_the_answer():
    bench = AtaBench()
    call = ring(bench, 100, on_up=lambda call: iter((60000,)))
    call.play(iter(sine_frames((700,), 1000)))
    bench.run(1500)
    bench.lift(1000)
    assert bench.state == codes.TALK
    assert earpiece.level_dbm0(bench.hal.pcm.ear) == -99
