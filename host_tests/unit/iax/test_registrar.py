"""The registration from start to release, as its user sees it."""

import itertools

import pytest
from bench import CoreBench
from corekit import ByHand, heard, said, sent, told

import codes
from peer import wire


def registered(bench) -> bool:
    return bench.registrar.state == codes.REG_DONE


def test_registrar_proves_itself_in_three_frames():
    bench = CoreBench()
    bench.register()
    requests = said(bench, "REGREQ")
    assert [sorted(f["ie"]) for f in requests] == [
        ["CALLTOKEN", "REFRESH", "USERNAME"],
        ["CALLTOKEN", "REFRESH", "USERNAME"],
        ["MD5_RESULT", "REFRESH", "USERNAME"],
    ]
    assert registered(bench)


def test_first_request_is_that_of_the_reference_client():
    bench = CoreBench()
    bench.register()
    assert said(bench, "REGREQ")[0]["payload"] == bytes.fromhex("0604617461311302003c3600")


def test_an_open_server_needs_no_proof():
    bench = CoreBench(accounts={"ata1": ""})
    bench.register()
    assert registered(bench) and len(said(bench, "REGREQ")) == 2


def test_regack_is_acknowledged_and_again_if_that_was_lost():
    bench = CoreBench()
    bench.peer.faults.lose("ACK", way="in", times=1)
    bench.register(5000)
    acks = [f for f in said(bench, "ACK") if f["ts"] == heard(bench, "REGACK")[0]["ts"]]
    assert len(heard(bench, "REGACK")) == 2 and len(acks) == 1
    assert told(bench, "REGISTERED") == [60]


def test_a_lost_regack_is_waited_for():
    bench = CoreBench()
    bench.peer.faults.lose("REGACK", times=1)
    bench.register(5000)
    assert told(bench, "REGISTERED") == [60] and not bench.saw("REG_FAILED")


def test_registration_is_given_up_after_thirty_five_seconds():
    bench = CoreBench()
    bench.peer.faults.lose("REGACK")
    bench.register(0)
    assert bench.run_until("REG_FAILED", 40_000)
    assert 34_900 <= bench.t_ms <= 35_100
    assert not registered(bench) and bench.count("REG_FAILED") == 1


def test_a_refusal_waits_half_a_minute_and_then_longer():
    bench = CoreBench(accounts={"ata1": "other"})
    bench.register(240_000)
    times = [t for t, name, _, _ in bench.events if name == "REG_FAILED"]
    waits = [b - a for a, b in itertools.pairwise(times)]
    assert 30_000 <= waits[0] <= 38_000 and 60_000 <= waits[1] <= 76_000


def test_success_after_failures_starts_the_waits_anew():
    bench = CoreBench()
    bench.peer.quirks.stateless_reject = {"REGREQ"}
    bench.register(40_000)
    bench.peer.quirks.stateless_reject = set()
    assert bench.run_until("REGISTERED", 80_000)
    bench.peer.quirks.stateless_reject = {"REGREQ"}
    assert bench.run_until("REG_FAILED", 60_000)
    failed = bench.t_ms
    bench.peer.quirks.stateless_reject = set()
    assert bench.run_until("REGISTERED", 10_000)
    assert bench.t_ms - failed <= 2600


def test_inval_in_the_middle_is_a_failure_like_others():
    hand = ByHand(CoreBench())
    bench = hand.bench
    bench.registrar.start(bench.account, bench.now)
    bench.drain()
    hand.iax("INVAL", dst=bench.registrar.scallno, oseq=0, iseq=0)
    assert told(bench, "REG_FAILED") == [0]
    bench.run(3000)
    assert len({f["src"] for f in sent(bench, "REGREQ")}) == 2


def test_regack_that_nobody_asked_for_registers_nothing():
    hand = ByHand(CoreBench())
    bench = hand.bench
    hand.iax("REGACK", wire.ie("REFRESH", 60), dst=4711)
    bench.registrar.start(bench.account, bench.now)
    bench.drain()
    hand.iax("REGACK", wire.ie("REFRESH", 60), dst=bench.registrar.scallno + 1)
    assert not bench.saw("REGISTERED") and not registered(bench)


def test_release_proves_itself_and_is_told():
    bench = CoreBench()
    bench.register()
    bench.registrar.release(bench.now)
    bench.run(200)
    assert bench.peer.accounts["ata1"].addr is None
    assert said(bench, "REGREL")[-1]["ie"]["MD5_RESULT"]
    assert bench.saw("RELEASED") and not registered(bench)


def test_release_does_not_wait_for_a_dead_server():
    bench = CoreBench()
    bench.register()
    bench.peer.vanish()
    bench.registrar.release(bench.now)
    assert bench.run_until("RELEASED", 5100)
    count = len(bench.sent)
    bench.run(60_000)
    assert len(bench.sent) == count


@pytest.mark.parametrize("run_ms", [0, 5])
def test_release_in_the_middle_of_a_registration_wins(run_ms):
    bench = CoreBench()
    bench.peer.quirks.reply_delay_ms = 50
    bench.register(run_ms)
    bench.registrar.release(bench.now)
    bench.run(2000)
    assert bench.saw("RELEASED") and not bench.saw("REGISTERED")


def test_release_before_any_start_is_done_at_once():
    bench = CoreBench()
    bench.registrar.release(bench.now)
    bench.drain()
    assert bench.saw("RELEASED") and bench.sent == []


def test_next_due_is_the_renewal():
    bench = CoreBench()
    bench.register()
    assert 44_000 < bench.registrar.next_due(bench.now) < 50_000
