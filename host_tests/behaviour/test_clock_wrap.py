"""The millisecond clock of the box wraps to 0 every twelve days: nobody at the telephone may notice."""

import itertools

import earpiece
import pytest
from ata_bench import AtaBench, sine_frames

import codes

WRAP = 2**30


def before_wrap(ms: int, **settings: str) -> AtaBench:
    """Return a bench whose clock wraps `ms` after the box started."""
    return AtaBench(start=WRAP - ms, settings=settings)


def assert_echo(bench: AtaBench) -> None:
    bench.say(sine_frames((1000,), 500))
    bench.run(400)
    assert abs(earpiece.level_of(bench.hal.pcm.ear[-10:], 1000) - -10) < 0.5


def test_call_runs_across_the_wrap_with_sound_both_ways():
    bench = before_wrap(5000)
    bench.lift()
    bench.dtmf("600#")
    bench.run(1000)
    assert bench.hal.clock.ticks_ms() > 2**29
    assert_echo(bench)
    bench.run(3000)
    assert bench.hal.clock.ticks_ms() < 10000
    assert_echo(bench)
    stamps = [ts for _, ts, _, _ in bench.call.rx_voice]
    assert all(b - a == 20 for a, b in itertools.pairwise(stamps[1:])), "the call's own clock does not jump"
    bench.run(60000)
    assert bench.state == codes.TALK
    assert_echo(bench)
    bench.hang(1300)
    assert bench.at_rest
    assert bench.count("PEER_DEAD") == 0


def test_ringing_keeps_its_cadence_across_the_wrap():
    bench = before_wrap(3500)
    bench.run(500)
    bench.peer.call_device("ata1")
    bench.run(13000)
    edges = [t_ms for t_ms, name, _, _ in bench.log if name == "LOG_FEED"][1:]
    assert [b - a for a, b in itertools.pairwise(edges)] == [2000, 4000, 2000, 4000]
    bench.lift()
    assert bench.state == codes.TALK


@pytest.mark.parametrize("wrap_ms", range(100, 4000, 300))
def test_dialling_works_wherever_the_wrap_falls(wrap_ms):
    bench = before_wrap(wrap_ms, **{"dial.match_ms": "1000"})
    bench.lift()
    bench.dtmf("600")
    assert bench.run_until(lambda: bench.state == codes.TALK, 2000)
    bench.hang(1500)
    assert bench.at_rest


def test_time_outs_are_as_long_as_ever_across_the_wrap():
    bench = before_wrap(10000)
    bench.lift()
    bench.dtmf("999#")
    bench.run(95000)
    moves = {state: t_ms for t_ms, name, state, _ in bench.log if name == "LOG_PORT"}
    assert moves[codes.HOWLER] - moves[codes.REORDER_TONE] == 30000
    assert moves[codes.LOCKOUT] - moves[codes.HOWLER] == 60000


def test_registration_goes_on_across_the_wrap():
    bench = before_wrap(25000)
    bench.run(300000, 20)
    assert {what for _, what in bench.peer.accounts["ata1"].history} == {"registered"}
    assert 5 <= len(bench.peer.accounts["ata1"].history) <= 8


def test_server_that_vanishes_is_missed_after_the_usual_time_across_the_wrap():
    bench = before_wrap(20000)
    bench.lift()
    bench.dtmf("600#")
    bench.run(1000)
    bench.peer.vanish()
    bench.run(29000)
    assert bench.state == codes.TALK
    bench.run(6000)
    assert bench.state == codes.REORDER_TONE


def test_box_that_was_idle_for_a_week_rings_and_calls():
    bench = AtaBench()
    week_ms = 7 * 24 * 3600 * 1000
    bench.hal.clock.advance(week_ms)
    bench.hal.pcm._read_at = bench.hal.pcm._played_at = bench.hal.clock.ticks_ms()
    bench.run(2000)
    bench.run_until(lambda: bench.ata.registered, 120000)
    call = bench.peer.call_device("ata1", addr=("127.0.0.1", 40000))
    bench.run(1000)
    assert bench.ringing
    bench.lift()
    assert call.state == "up"
    bench.hang(1300)
    bench.lift()
    bench.dtmf("600#")
    assert bench.run_until(lambda: bench.state == codes.TALK, 2000)
