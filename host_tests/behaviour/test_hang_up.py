"""Either side may hang up in every state of a call, or both at once: line and both sides come to rest."""

import pytest
from ata_bench import AtaBench

import codes
from peer import iax


def rings(call):
    call.control("RINGING")
    yield 600000


def dial(bench: AtaBench, number: str) -> None:
    bench.lift()
    bench.dtmf(number)


def waiting(bench: AtaBench) -> None:
    """NEW is out, nothing has come back."""
    bench.peer.faults.lose(("CALLTOKEN", "ACK"), way="out")
    dial(bench, "600#")
    bench.peer.faults.clear()


def proving(bench: AtaBench) -> None:
    """AUTHREP is out, ACCEPT is still to come."""
    bench.peer.faults.lose("ACCEPT", times=2)
    dial(bench, "608#")


def ringback(bench: AtaBench) -> None:
    bench.peer.extensions["703"] = rings
    dial(bench, "703#")
    bench.run(300)


def early(bench: AtaBench) -> None:
    dial(bench, "606#")
    bench.run(500)


def talk(bench: AtaBench) -> None:
    dial(bench, "600#")
    bench.run(500)


def answered(bench: AtaBench) -> None:
    bench.peer.call_device("ata1")
    bench.run(1000)
    bench.lift()


STAGES = {
    "waiting": (waiting, codes.CALLING),
    "proving": (proving, codes.CALLING),
    "ringback": (ringback, codes.RINGBACK),
    "early": (early, codes.EARLY),
    "talk": (talk, codes.TALK),
    "answered": (answered, codes.TALK),
}
IDLE_STAGES = {
    "dial tone": ("", 100, codes.DIAL_TONE),
    "collecting": ("60", 0, codes.COLLECT),
    "busy": ("603#", 500, codes.BUSY_TONE),
    "reorder": ("999#", 500, codes.REORDER_TONE),
    "howler": ("999#", 31000, codes.HOWLER),
    "lockout": ("999#", 91000, codes.LOCKOUT),
}


def at_stage(stage: str) -> AtaBench:
    reach, state = STAGES[stage]
    bench = AtaBench()
    reach(bench)
    assert bench.state == state
    return bench


def assert_works(bench: AtaBench) -> None:
    """A new call, out and in, goes through."""
    dial(bench, "600#")
    assert bench.run_until(lambda: bench.state == codes.TALK, 3000)
    bench.hang(1300)
    assert bench.at_rest
    call = bench.peer.call_device("ata1")
    bench.run(1000)
    assert bench.ringing
    bench.lift()
    assert call.state == "up"
    bench.hang(1300)
    assert bench.at_rest


@pytest.mark.parametrize("stage", STAGES)
def test_person_hangs_up_at_every_stage(stage):
    bench = at_stage(stage)
    bench.hang(12000)
    assert bench.at_rest
    assert bench.call.ended_by in ("them", "unacked", "timeout", "")
    assert_works(bench)


@pytest.mark.parametrize("stage", IDLE_STAGES)
def test_person_hangs_up_in_every_tone(stage):
    number, wait_ms, state = IDLE_STAGES[stage]
    bench = AtaBench()
    dial(bench, number)
    bench.run(wait_ms)
    assert bench.state == state
    bench.hang(4000)
    assert bench.at_rest
    assert_works(bench)


@pytest.mark.parametrize("stage", ["ringback", "early", "talk", "answered"])
def test_far_end_hangs_up_at_every_stage(stage):
    bench = at_stage(stage)
    bench.call.hangup(16)
    bench.run(100)
    assert bench.state == codes.REORDER_TONE
    assert bench.ata.endpoint.legs[0].state == codes.CALL_FREE
    bench.hang(1300)
    assert bench.at_rest
    assert_works(bench)


@pytest.mark.parametrize("stage", ["ringback", "early", "talk", "answered"])
def test_far_end_hangs_up_by_a_control_frame(stage):
    bench = at_stage(stage)
    bench.call.control("HANGUP")
    bench.run(100)
    assert bench.state == codes.REORDER_TONE
    bench.hang(12000)
    assert bench.at_rest
    assert_works(bench)


@pytest.mark.parametrize("stage", STAGES)
def test_both_hang_up_at_the_same_moment(stage):
    bench = at_stage(stage)
    bench.hal.slic.hang_up()
    bench.run(395)
    call = bench.peer.current_call()
    if call is not None:
        bench.peer.faults.delay("HANGUP", way="both", ms=15)
        call.hangup(16)
    bench.run(12000)
    assert bench.at_rest
    assert_works(bench)


@pytest.mark.parametrize("stage", STAGES)
def test_server_that_forgot_the_call_does_not_keep_the_line(stage):
    """It restarts in the middle and never says so, as Asterisk does."""
    bench = at_stage(stage)
    bench.peer.restart(keep_registrations=True)
    bench.run(36000)
    if bench.state == codes.TALK:  # it was dialling: the NEW came through after the restart
        bench.hang()
    else:
        assert bench.state in (codes.REORDER_TONE, codes.HOWLER)
        bench.hang()
    bench.run(12000)
    assert bench.at_rest
    assert_works(bench)


@pytest.mark.parametrize("stage", STAGES)
def test_server_that_says_inval_ends_the_call_at_once(stage):
    bench = at_stage(stage)
    leg = bench.ata.endpoint.legs[0]
    bench.peer.send_raw(("127.0.0.1", 40000), iax(leg.dcallno or 5, leg.scallno, 0, 0, 0, "INVAL"))
    bench.run(100)
    assert bench.state == codes.REORDER_TONE
    bench.hang(40000)
    assert bench.at_rest
    assert_works(bench)


@pytest.mark.parametrize("stage", STAGES)
def test_hanging_up_toward_a_server_that_vanished_ends_by_itself(stage):
    bench = at_stage(stage)
    bench.peer.vanish()
    bench.hang(12000)
    assert bench.state == codes.ON_HOOK
    assert bench.ata.endpoint.legs[0].state == codes.CALL_FREE
    assert bench.hal.slic.feed == codes.FEED_FORWARD


def test_lost_hangup_is_sent_again_until_the_server_heard_it():
    bench = at_stage("talk")
    bench.peer.faults.lose("HANGUP", way="in", times=3)
    bench.hang(10000)
    assert bench.at_rest
    assert bench.call.ended_by == "them"


def test_far_hangup_in_a_talk_leaves_no_voice_on_the_wire():
    bench = at_stage("talk")
    bench.call.hangup(16)
    bench.run(200)
    minis = bench.count("TX_MINI")
    bench.run(3000)
    assert bench.count("TX_MINI") == minis
