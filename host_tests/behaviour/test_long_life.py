"""A long life in virtual time: what happens a thousand times, and what happens once in 49.7 days.

`make soak` lives the full length; here is a fixed slice of it.
"""

import itertools

import earpiece
import pytest
from ata_bench import AtaBench, sine_frames
from fuzz.box import weigh
from longlife import LongLife

import codes
import ticks
from peer import wire

WRAP_32 = 1 << 32
A_FEW = 400  # octets: what the last caller told may be longer than what the one before did
NEW = wire.ies(("VERSION", 2), ("CALLED_NUMBER", "s"), ("FORMAT", 4), ("CAPABILITY", 12))


def test_fifty_registrations_are_one_like_the_other():
    life = LongLife()
    life.registrations(3)
    before, began_ms = weigh(life.endpoint), life.t_ms
    life.registrations(50)
    assert abs(weigh(life.endpoint) - before) < A_FEW
    assert 50 * 44_000 < life.t_ms - began_ms < 50 * 51_000
    assert life.count("REG_FAILED") == life.count("PEER_DEAD") == life.count("TX_RETRANSMIT") == 0
    assert life.taken >= 53 and life.reused == []


@pytest.mark.parametrize("seed", [1, 2])
def test_fifty_calls_leave_nothing_behind(seed):
    """Out and in, busy, refused and missed, hung up by either side, beside the registration."""
    life = LongLife(seed=seed)
    life.registrations(1)
    life.calls(8)
    life.leap(15_000)
    before = weigh(life.endpoint)
    life.calls(50)
    life.leap(15_000)
    assert weigh(life.endpoint) - before < A_FEW
    assert life.leg.state == codes.CALL_FREE and life.leg.window.count == 0 and not life.peer.live_calls()
    assert life.count("PEER_DEAD") == life.count("WINDOW_FULL") == life.count("RX_GAP") == 0
    assert life.reused == []


def test_fifty_calls_on_a_bad_network_still_leave_nothing_behind():
    life = LongLife(seed=3)
    life.registrations(1)
    life.peer.faults.lose(10, way="both")
    for _ in range(50):
        life.dial("600")
        life.leap(life.rng.randrange(6_000))
        life.hang_up()
        life.leap(life.rng.choice((100, 12_000)))
        life.forget()
    life.peer.faults.clear()
    life.leap(40_000)
    assert life.leg.state == codes.CALL_FREE and life.leg.window.count == 0
    assert life.reused == []
    life.calls(3)


@pytest.mark.parametrize("a_second", [1, 4, 50, 200])
def test_call_numbers_rest_for_a_minute_whoever_calls_and_hangs_up(a_second):
    life = LongLife()
    life.peer.vanish()
    for at in range(90 * a_second):
        life.feed(wire.iax(5000 + at % 9000, 0, 3, 0, 0, "NEW", NEW))
        life.feed(wire.iax(5000 + at % 9000, 0, 6, 1, 0, "HANGUP"))
        life.leap(1000 // a_second)
        life.forget()
    assert life.taken >= 90 * min(a_second, 25) and life.reused == []


def test_twenty_calls_of_one_telephone_leave_the_adapter_at_rest():
    bench = AtaBench(seed=1)
    before = 0
    for at in range(20):
        bench.lift()
        bench.dtmf("603#" if at % 4 == 3 else "600#")
        wanted = codes.BUSY_TONE if at % 4 == 3 else codes.TALK
        assert bench.run_until(lambda wanted=wanted: bench.state == wanted, 3000), (at, bench.state)
        bench.run(300)
        bench.hang(1300)
        assert bench.at_rest, at
        del bench.hal.pcm.ear[:], bench.peer.log[:], bench.peer.calls[:-2], bench.log[:]
        if at == 8:
            before = weigh(bench.ata.endpoint)
    assert weigh(bench.ata.endpoint) - before < A_FEW
    assert bench.count("PEER_DEAD") == bench.count("WINDOW_FULL") == 0


def age(bench: AtaBench, left_ms: int) -> None:
    """Let the clock of the box's call stand `left_ms` before 2**32, 49.7 days after its beginning."""
    leg = bench.ata.endpoint.legs[0]
    now = bench.hal.clock.ticks_ms()
    for eighth in range(1, 17):
        leg.clock(ticks.add(now, (eighth << 28) - (left_ms if eighth == 16 else 0) & 0x3FFFFFFF))
    bench.hal.clock.advance((1 << 30) - left_ms)
    bench.hal.pcm._read_at = bench.hal.pcm._played_at = bench.hal.clock.ticks_ms()


def test_a_call_of_49_days_has_sound_both_ways_when_both_clocks_wrap():
    """The box slept through most of the call; the server's clock stood high from its beginning."""
    bench = AtaBench(seed=1)
    bench.peer.quirks.ts_start_ms = WRAP_32 - 12_000
    bench.lift()
    bench.dtmf("600#")
    assert bench.run_until(lambda: bench.state == codes.TALK, 3000)
    bench.run(500)
    age(bench, 6000)
    bench.run(500)
    resyncs = bench.count("JITTER_RESYNC")
    sent = len(bench.call.rx_voice)
    assert_echo(bench)
    bench.run(14_000)
    assert_echo(bench)
    stamps = [ts for _, ts, _, _ in bench.call.rx_voice[sent:]]
    assert max(stamps) > WRAP_32 - 6000 and min(stamps) < 12_000
    assert {(b - a) % WRAP_32 for a, b in itertools.pairwise(stamps)} == {20}
    assert bench.count("JITTER_RESYNC") == resyncs and bench.state == codes.TALK
    bench.run(65_000)
    assert_echo(bench)
    bench.hang(1300)
    assert bench.at_rest and bench.count("PEER_DEAD") == 0


def assert_echo(bench: AtaBench) -> None:
    bench.say(sine_frames((1000,), 500))
    bench.run(400)
    assert abs(earpiece.level_of(bench.hal.pcm.ear[-10:], 1000) - -10) < 0.5
