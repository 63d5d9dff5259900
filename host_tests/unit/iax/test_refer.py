"""iax/refer.py: asking for a blind transfer, and being sent to another number."""

import pytest
from bench import CoreBench
from corekit import ByHand, call_up, said, sent, speech, told

import codes
from iax.refer import Refer
from peer import wire


def hooked(bench: CoreBench) -> Refer:
    """Hook the part in as the box does."""
    part = Refer(bench.endpoint)
    bench.endpoint.parts.append(part)
    bench.endpoint.dialogs.append(part)
    return part


@pytest.fixture
def hand():
    """An answered call at a server by hand, with the part in `.part`."""
    bench = CoreBench()
    bench.speak = speech
    server = ByHand(bench)
    server.part = hooked(bench)
    server.accept()
    server.full(4, 4)
    bench.run(100)
    return server


def test_the_question_names_the_number_and_waits_four_seconds(hand):
    bench = hand.bench
    assert hand.part.transfer(bench.leg, b"700", bench.now)
    bench.drain()
    assert hand.last("TRANSFER")["ie"] == {"CALLED_NUMBER": "700"}
    hand.iax("ACK", iseq=hand.next_iseq(bench.leg.scallno), oseq=0)
    assert hand.part.next_due(bench.now) == 4000
    bench.run(3990)
    assert not bench.saw("TRANSFER_FAILED")
    bench.run(20)
    assert bench.saw("TRANSFER_FAILED") and bench.leg.state == codes.CALL_UP


def test_hang_up_of_the_server_is_success(hand):
    bench = hand.bench
    assert hand.part.transfer(bench.leg, b"700", bench.now)
    hand.iax("HANGUP", wire.ie("CAUSECODE", 16))
    assert [e[1] for e in bench.events if e[1] in ("TRANSFERRED", "TRANSFER_FAILED")] == ["TRANSFERRED"]
    bench.run(5000)
    assert not bench.saw("TRANSFER_FAILED")


def test_a_call_that_ends_for_another_reason_was_not_transferred(hand):
    bench = hand.bench
    assert hand.part.transfer(bench.leg, b"700", bench.now)
    hand.iax("HANGUP", wire.ie("CAUSECODE", 38))
    assert bench.saw("TRANSFER_FAILED") and not bench.saw("TRANSFERRED")


def test_a_user_who_hangs_up_is_told_nothing(hand):
    bench = hand.bench
    assert hand.part.transfer(bench.leg, b"700", bench.now)
    bench.hang_up()
    hand.iax("ACK", iseq=hand.next_iseq(bench.leg.scallno), oseq=0)
    bench.run(5000)
    assert bench.leg.state == codes.CALL_FREE
    assert not bench.saw("TRANSFER_FAILED") and not bench.saw("TRANSFERRED")


@pytest.mark.parametrize("number", [b"", b"1" * 33])
def test_no_number_or_too_long_a_one_is_not_asked(hand, number):
    assert not hand.part.transfer(hand.bench.leg, number, hand.bench.now)


def test_one_question_at_a_time_and_only_of_an_answered_call(hand):
    bench = hand.bench
    assert hand.part.transfer(bench.leg, b"1" * 32, bench.now)
    assert not hand.part.transfer(bench.leg, b"2", bench.now)
    idle = CoreBench()
    assert not hooked(idle).transfer(idle.leg, b"700", idle.now)


def test_a_full_window_cannot_ask(hand):
    bench = hand.bench
    while bench.leg.say(7, 0, bench.now):
        pass
    assert not hand.part.transfer(bench.leg, b"700", bench.now)


def test_a_transfer_from_the_server_hangs_up_and_dials_on_the_same_leg():
    bench = call_up("607")
    hooked(bench)
    old = bench.leg.scallno
    bench.peer.current_call().iax("TRANSFER", wire.ie("CALLED_NUMBER", "600"))
    bench.run(2000)
    assert [f["ie"]["CAUSECODE"] for f in said(bench, "HANGUP") if f["src"] == old] == [16]
    news = said(bench, "NEW", ies=None) or said(bench, "NEW")
    assert news[-1]["ie"]["CALLED_NUMBER"] == "600" and bench.leg.scallno != old
    assert bench.leg.state == codes.CALL_UP and told(bench, "HANGUP") == []
    assert len(bench.peer.live_calls()) == 1
    heard = len(bench.audio)
    bench.run(500)
    assert len(bench.audio) - heard >= 22


def test_a_hang_up_that_is_lost_draws_an_inval_later():
    bench = call_up("607")
    hooked(bench)
    call = bench.peer.current_call()
    bench.peer.faults.lose("HANGUP", way="in", times=1)
    call.iax("TRANSFER", wire.ie("CALLED_NUMBER", "600"))
    bench.run(12000)
    assert not call.alive and bench.leg.state == codes.CALL_UP


def test_a_transfer_from_the_server_is_no_success_of_ours(hand):
    assert hand.part.transfer(hand.bench.leg, b"700", hand.bench.now)
    hand.iax("TRANSFER", wire.ie("CALLED_NUMBER", "600"))
    assert hand.bench.saw("TRANSFER_FAILED") and not hand.bench.saw("TRANSFERRED")
    assert hand.part.next_due(hand.bench.now) == -1


@pytest.mark.parametrize("payload", [b"", wire.ie("CALLED_NUMBER", ""), wire.ie("CALLED_NUMBER", "1" * 33)])
def test_a_transfer_to_no_number_or_too_long_a_one_is_unsupported(hand, payload):
    hand.iax("TRANSFER", payload)
    assert hand.last("UNSUPPORT")["ie"] == {"IAX_UNKNOWN": 34} and hand.bench.leg.state == codes.CALL_UP


@pytest.mark.parametrize("peer", [9, 10])
def test_a_guest_or_another_end_cannot_send_us_elsewhere(hand, peer):
    hand.bench.leg.peer = peer
    frame = wire.full(5000, hand.bench.leg.scallno, 9, 9, 9, 6, 34, wire.ie("CALLED_NUMBER", "600"))
    assert hand.part.take(codes.PART_SIGNAL, hand.bench.leg, frame, len(frame), hand.bench.now) == 0


def test_a_call_that_is_not_answered_is_not_sent_elsewhere():
    bench = CoreBench()
    hooked(bench)
    server = ByHand(bench)
    server.accept()
    server.iax("TRANSFER", wire.ie("CALLED_NUMBER", "600"))
    assert len(sent(bench, "NEW")) == 1 and server.last("UNSUPPORT")
