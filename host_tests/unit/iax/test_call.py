"""A call leg: orders in, events out, and the wire between them."""

import pytest
from bench import CoreBench
from corekit import ByHand, answered, call_up, heard, ringing, said, sent, told

import codes
from iax import told as from_new
from peer import numbers as n
from peer import wire


def test_a_call_goes_through_its_states_in_order():
    bench = call_up("608", 10_000)
    assert [e[1] for e in bench.events[2:]] == ["ACCEPTED", "RINGING", "ANSWERED", "STOP_TONES"]
    assert bench.leg.state == codes.CALL_UP


def test_an_unknown_number_is_refused_with_its_cause():
    bench = CoreBench()
    bench.dial("999", 500)
    assert told(bench, "HANGUP") == [3] and bench.leg.state == codes.CALL_FREE
    assert said(bench, "ACK")[-1]["ts"] == heard(bench, "REJECT")[0]["ts"]


def test_hang_up_says_why_and_frees_the_leg():
    bench = call_up()
    bench.hang_up(16)
    assert bench.leg.state == codes.CALL_CLOSING
    bench.run(50)
    assert bench.leg.state == codes.CALL_FREE and said(bench, "HANGUP")[0]["ie"]["CAUSECODE"] == 16
    assert not bench.saw("HANGUP")


def test_the_caller_is_known_when_it_rings():
    bench, _ = ringing(number="5551234", name="Ada")
    assert [from_new.text(bench.leg.told, which, 32) for which in (2, 4)] == [b"5551234", b"Ada"]
    assert told(bench, "INCOMING") == [codes.LAW_ULAW]


def test_what_a_caller_tells_is_kept_in_whole_elements_up_to_400_octets():
    bench, _ = ringing(number="9" * 200, name="N" * 255)
    assert len(bench.leg.told) <= 400
    assert from_new.text(bench.leg.told, 2, 32) == b"9" * 32
    assert from_new.text(bench.leg.told, 4, 32) == b"", "the longest name has no room any more"


def test_taking_a_call_accepts_it_and_rings():
    bench = CoreBench()
    bench.take_calls = False
    bench, call = ringing(bench)
    assert call.state == "new"
    bench.leg.take(bench.now)
    bench.run(50)
    assert call.state == "ringing" and bench.leg.state == codes.CALL_ALERTING
    assert [f["name"] for f in said(bench, dst=call.number)][-2:] == ["ACCEPT", "CONTROL RINGING"]


@pytest.mark.parametrize(("take", "name", "cause"), [(False, "REJECT", 17), (True, "HANGUP", 16)])
def test_a_call_is_refused_before_accept_and_hung_up_after_it(take, name, cause):
    bench = CoreBench()
    bench.take_calls = take
    bench, call = ringing(bench)
    bench.hang_up(cause)
    bench.run(100)
    assert call.cause == cause and said(bench, name)[0]["ie"]["CAUSECODE"] == cause
    assert bench.leg.state == codes.CALL_FREE


def test_html_is_refused_once_a_call():
    hand = ByHand(CoreBench())
    hand.accept()
    for _ in range(3):
        hand.full(n.T_HTML, 1, b"http://example.org")
    assert [f["csub"] for f in sent(hand.bench) if f["name"] == "HTML"] == [17]


def test_the_users_codec_order_is_kept_when_called():
    bench, call = answered(CoreBench(laws=b"\x03\x02"))
    assert call.accepted["FORMAT"] == n.ALAW and bench.leg.law == codes.LAW_ALAW


def test_a_leg_in_use_takes_no_second_order():
    bench = call_up()
    assert bench.endpoint.dial(bench.account, b"601", bench.now) == -1


def test_a_leg_that_waits_for_an_ack_can_be_used_at_once():
    bench = call_up()
    bench.peer.faults.lose("HANGUP", way="in")
    bench.hang_up()
    bench.dial("601", 300)
    assert len(told(bench, "ANSWERED")) == 2 and bench.leg.state == codes.CALL_UP


def test_a_leg_that_waits_for_an_ack_can_be_called():
    bench = call_up()
    bench.peer.faults.lose("HANGUP", way="in")
    bench.hang_up()
    call = bench.peer.call_device("ata1")
    bench.run(100)
    assert call.state == "ringing"


def test_digits_are_refused_without_a_call():
    bench = CoreBench()
    assert not bench.leg.send_dtmf(ord("1"), True, bench.now)


def test_nothing_before_accept_counts():
    hand = ByHand(CoreBench())
    hand.bench.dial("600")
    for what in ("RINGING", "ANSWER", "BUSY"):
        hand.full(n.T_CONTROL, n.CONTROL[what])
    hand.full(n.T_VOICE, n.ULAW, bytes(160))
    assert hand.bench.events == [] and hand.last()["iseq"] == 4 and hand.bench.audio == []


def test_a_second_accept_changes_nothing():
    hand = ByHand(CoreBench())
    hand.accept()
    hand.iax("ACCEPT", wire.ie("FORMAT", n.ALAW))
    assert told(hand.bench, "ACCEPTED") == [2] and hand.last()["name"] == "ACK"


def test_control_hangup_is_answered_by_hangup():
    hand = ByHand(CoreBench())
    hand.accept()
    hand.full(n.T_CONTROL, n.CONTROL["HANGUP"])
    assert told(hand.bench, "HANGUP") == [16] and hand.last("HANGUP")["dst"] == 5000


def test_ping_comes_early_once_and_then_every_twenty_seconds():
    bench = call_up("607")
    bench.run(50_000)
    times = [f["t"] - 505 for f in said(bench, "PING")]
    assert times == [2000, 22_000, 42_000]


def test_an_opener_that_is_only_acknowledged_ends_aloud_after_thirty_seconds():
    hand = ByHand(CoreBench())
    hand.bench.dial("600")
    hand.iax("ACK", oseq=0, iseq=1, ts=0)
    hand.bench.run(29_000)
    assert len(sent(hand.bench, "NEW")) == 1 and not hand.bench.events
    hand.bench.run(1100)
    assert told(hand.bench, "HANGUP") == [19] and hand.last("HANGUP")["dst"] == 5000


def test_hanging_up_before_any_answer_is_over_after_ten_seconds():
    bench = CoreBench()
    bench.peer.vanish()
    bench.dial("600", 100)
    bench.hang_up()
    bench.run(9000)
    assert bench.leg.state == codes.CALL_CLOSING
    bench.run(1100)
    assert bench.leg.state == codes.CALL_FREE and not bench.saw("HANGUP")


def test_next_due_covers_resends_pings_and_deadlines():
    bench = CoreBench()
    assert bench.leg.next_due(bench.now) == -1
    bench.peer.vanish()
    bench.dial("600")
    assert bench.leg.next_due(bench.now) == 500
    up = call_up("607")
    assert 0 < up.leg.next_due(up.now) <= 1500
