"""Interop items 33 to 35, 39, 40, 61 and 64: order, acknowledgement, resending, loss, and rubbish."""

import random

import pytest
from bench import CoreBench
from corekit import SPEECH, ByHand, answered, call_up, carries_voice, heard, said, sent, speech, told

from peer import numbers as n
from peer import wire


def test_q33_a_gap_draws_vnak_and_an_old_frame_only_an_ack():
    """Ahead of its turn: ask for what is missing. Behind it: the sender missed our ACK."""
    hand = ByHand(CoreBench())
    hand.accept()
    hand.full(n.T_CONTROL, n.CONTROL["RINGING"], oseq=2)
    vnak = hand.last()
    assert (vnak["name"], vnak["oseq"], vnak["iseq"]) == ("VNAK", 1, 1)
    assert not hand.bench.saw("RINGING")
    hand.full(n.T_CONTROL, n.CONTROL["RINGING"], oseq=1)
    hand.full(n.T_CONTROL, n.CONTROL["RINGING"], oseq=1, r=True)
    assert hand.last()["name"] == "ACK" and hand.last()["iseq"] == 2
    assert len(told(hand.bench, "RINGING")) == 1


def test_q33_both_hold_where_the_counter_wraps():
    """From 255 on to 0."""
    hand = ByHand(CoreBench())
    hand.accept()
    for _ in range(254):
        hand.iax("LAGRQ", iseq=hand.next_iseq(hand.bench.leg.scallno))
    hand.oseq = 0
    hand.iax("LAGRQ", oseq=1)
    assert hand.last()["name"] == "VNAK" and hand.last()["iseq"] == 255
    hand.iax("LAGRQ", oseq=255)
    hand.iax("LAGRQ", oseq=0)
    assert hand.last()["name"] == "LAGRP" and hand.last()["iseq"] == 1
    hand.iax("LAGRQ", oseq=255)
    hand.iax("LAGRQ", oseq=0)
    assert hand.last()["name"] == "ACK" and hand.last()["iseq"] == 1


def test_q33_a_storm_of_gaps_is_not_answered_by_a_storm():
    """One VNAK in a tenth of a second says it all."""
    hand = ByHand(CoreBench())
    hand.accept()
    for _ in range(200):
        hand.iax("LAGRQ", oseq=77)
        hand.bench.run(5)
    assert 5 <= len(sent(hand.bench, "VNAK")) <= 11


def test_q33_a_hole_that_never_closes_ends_the_call():
    """The server skips a number: it can be asked for, but it does not exist."""
    bench = call_up("600")
    bench.peer.current_call().skip_oseq()
    assert bench.run_until("HANGUP", 80_000)
    assert len(sent(bench, "VNAK")) >= 3


def test_q34_one_frame_acknowledges_all_before_it():
    """The server is silent about five digits; its LAGRQ then settles them together."""
    bench = call_up("607")
    bench.peer.quirks.ack = "late"
    for digit in b"12345":
        assert bench.leg.send_dtmf(digit, False, bench.now)
        bench.drain()
    bench.run(300)
    bench.peer.current_call().iax("LAGRQ")
    bench.run(20_000)
    assert bench.peer.current_call().digits() == "12345"
    assert not [f for f in sent(bench, "DTMF_END") if f["r"]]


def test_q34_an_acknowledgement_of_what_was_never_sent_means_nothing():
    """Numbers outside the window free no frame."""
    hand = ByHand(CoreBench())
    hand.accept()
    hand.bench.leg.send_dtmf(ord("1"), False, hand.bench.now)
    hand.bench.drain()
    iseq = hand.next_iseq(hand.bench.leg.scallno)
    for wrong in (iseq + 1, iseq + 5, iseq + 100, iseq - 100):
        hand.iax("ACK", oseq=1, iseq=wrong & 255)
    hand.bench.run(600)
    assert [f["r"] for f in sent(hand.bench, "DTMF_END")] == [False, True]
    hand.iax("ACK", oseq=1, iseq=iseq)
    hand.bench.run(1500)
    assert len(sent(hand.bench, "DTMF_END")) == 2


def test_q35_an_ack_says_which_frame_it_means():
    """Its OSeqno is the other side's ISeqno, its time-stamp is copied."""
    bench = call_up("600")
    bench.peer.current_call().frame(n.T_TEXT, 0, b"hello")
    bench.run(20)
    text = heard(bench, "TEXT")[0]
    ack = said(bench, "ACK")[-1]
    assert (ack["oseq"], ack["ts"], ack["dst"]) == (text["iseq"], text["ts"], text["src"])
    assert ack["iseq"] == (text["oseq"] + 1) & 255


def test_q35_acks_take_no_number_of_their_own():
    """Counted frames follow each other without a hole, whatever lies between them."""
    bench = call_up("600", laws=b"\x03")
    call = bench.peer.current_call()
    for _ in range(40):
        call.control("PROGRESS")
        bench.leg.send_dtmf(ord("1"), False, bench.now)
        bench.run(500)
    counted = [f["oseq"] for f in said(bench, src=call.their) if f["name"] not in n.UNCOUNTED and f["dst"]]
    assert counted == [i & 255 for i in range(1, len(counted) + 1)]


def test_q39_the_schedule_of_resends():
    """Half a second, then twice as long each time, at most ten seconds, thirty in all; then silence."""
    hand = ByHand(CoreBench())
    hand.accept()
    hand.bench.leg.send_dtmf(ord("1"), False, hand.bench.now)
    hand.bench.drain()
    hand.bench.run(40_000)
    times = [f["t"] for f in sent(hand.bench, "DTMF_END")]
    assert [t - times[0] for t in times] == [0, 500, 1500, 3500, 7500, 15500, 25500]
    assert [f["r"] for f in sent(hand.bench, "DTMF_END")] == [False] + [True] * 6
    ended = [t for t, name, _, _ in hand.bench.events if name == "HANGUP"]
    assert ended == [times[0] + 30_000]
    assert all(f["t"] < ended[0] for f in sent(hand.bench))


def test_q39_a_resend_tells_what_was_heard_meanwhile():
    """Its ISeqno is fresh, all else is as it was."""
    hand = ByHand(CoreBench())
    hand.accept()
    hand.bench.leg.send_dtmf(ord("1"), False, hand.bench.now)
    hand.bench.drain()
    iseq = hand.next_iseq(hand.bench.leg.scallno) - 1
    for _ in range(3):
        hand.full(n.T_CONTROL, n.CONTROL["PROGRESS"], iseq=iseq)
    hand.bench.run(600)
    first, again = sent(hand.bench, "DTMF_END")
    assert (first["iseq"], again["iseq"]) == (1, 4)
    assert (again["ts"], again["oseq"], again["subclass"]) == (first["ts"], first["oseq"], first["subclass"])


@pytest.mark.parametrize(("one_way_ms", "first_ms"), [(50, 500), (300, 1200), (600, 2400)])
def test_q39_the_first_wait_is_twice_the_round_trip(one_way_ms, first_ms):
    """A far server is given its time, a near one half a second."""
    bench = call_up("607", 15_000)
    bench.peer.faults.delay(100, ms=one_way_ms, way="both")
    bench.run(45_000)
    bench.peer.vanish()
    bench.leg.send_dtmf(ord("1"), False, bench.now)
    bench.run(5000)
    times = [f["t"] for f in sent(bench, "DTMF_END")]
    assert abs(times[1] - times[0] - first_ms) <= 30


def test_q39_a_lost_ping_does_not_pass_for_a_long_way():
    """The PONG to a resent PING says little about the round trip: later resends stay prompt."""
    bench = call_up("607")
    bench.peer.faults.lose("PING", way="in", times=4)
    bench.run(15_000)
    assert said(bench, "PING")
    bench.peer.vanish()
    bench.leg.send_dtmf(ord("1"), False, bench.now)
    bench.run(6000)
    times = [f["t"] for f in sent(bench, "DTMF_END")]
    assert times[1] - times[0] <= 4000


def test_q39_a_pong_sent_again_does_not_measure_the_way():
    """It was lost the first time, and its age is that of the server's patience."""
    bench = call_up("607")
    bench.peer.faults.lose("PONG", way="out", times=1)
    bench.run(15_000)
    bench.peer.vanish()
    bench.leg.send_dtmf(ord("1"), False, bench.now)
    bench.run(6000)
    times = [f["t"] for f in sent(bench, "DTMF_END")]
    assert times[1] - times[0] <= 530


def test_q39_an_opener_without_an_answer_is_given_up():
    """Thirty seconds for a call; a registration waits and begins again."""
    bench = CoreBench()
    bench.peer.vanish()
    bench.registrar.start(bench.account, bench.now)
    bench.dial("600")
    bench.run(40_000)
    assert told(bench, "HANGUP") == [27] and told(bench, "REG_FAILED") == [0]
    ended = next(t for t, name, _, _ in bench.events if name == "HANGUP")
    assert 29_900 <= ended <= 30_100
    assert len({f["src"] for f in sent(bench, "NEW")}) == 1
    bench.peer.come_back()
    assert bench.run_until("REGISTERED", 70_000)


@pytest.mark.parametrize("tail", [b"\x00", b"\x16", b"\x16\x05abc", b"\x00\x00\x00"])
def test_q40_a_broken_list_is_as_if_it_had_not_come(tail):
    """A stray octet or an element longer than the frame: dropped without ACK; the good copy counts."""
    bench = call_up("600")
    call = bench.peer.current_call()
    bench.peer.faults.corrupt("LAGRQ", how=lambda raw: raw + tail, times=1)
    call.iax("LAGRQ")
    bench.run(50)
    assert bench.count("RX_BAD_IE") == 1 and not said(bench, "LAGRP")
    call.control("PROGRESS")
    bench.run(2000)
    assert len(said(bench, "LAGRP")) == 1 and call.unacked == []
    assert carries_voice(bench)


@pytest.mark.parametrize("seed", range(8))
def test_q61_with_a_fifth_lost_each_way_everything_completes(seed):
    """Registration, call, digits, hang-up: by resending alone."""
    bench = CoreBench(seed=seed)
    bench.peer.faults.lose(20, way="both")
    bench.register(100)
    if not bench.saw("REGISTERED"):
        assert bench.run_until("REGISTERED", 80_000)
    bench.speak = speech
    bench.dial("607")
    assert bench.run_until("ANSWERED", 30_000)
    for digit in b"159":
        bench.leg.send_dtmf(digit, False, bench.now)
        bench.run(300)
    bench.run(20_000)
    call = bench.peer.current_call()
    assert call.digits() == "159" and not bench.saw("HANGUP")
    bench.hang_up()
    bench.run(10_000)
    assert call.cause == 16 and not call.alive
    bench.peer.call_device("ata1")
    assert bench.run_until("INCOMING", 30_000)


def test_q61_reordered_and_doubled_frames_change_nothing():
    """A path that shuffles everything costs resends, not the call."""
    bench = CoreBench(seed=3)
    bench.peer.faults.reorder(20, way="both")
    bench.peer.faults.duplicate(20, way="both")
    bench.register(5000)
    bench.speak = speech
    bench.dial("600", 60_000)
    assert told(bench, "ANSWERED") == [0] and not bench.saw("HANGUP") and carries_voice(bench, 2000)
    bench.hang_up()
    bench.run(12_000)
    assert bench.peer.live_calls() == []


def test_q61_a_hangup_is_said_again_until_it_is_heard():
    """Both ways, with the path down for some seconds."""
    bench = call_up("600")
    bench.peer.vanish()
    bench.hang_up()
    bench.run(5000)
    bench.peer.come_back()
    bench.run(5000)
    assert bench.peer.calls[0].cause == 16 and not bench.peer.live_calls()


def test_q61_hanging_up_on_a_dead_path_leaves_no_half_open_call():
    """The window is full of digits nobody acknowledged; INVAL tells the server of the end at the latest."""
    bench = call_up("607")
    call = bench.peer.current_call()
    call.go_silent()
    bench.peer.quirks.ack = "none"
    while bench.leg.send_dtmf(ord("1"), False, bench.now):
        bench.drain()
    bench.hang_up()
    call.go_silent(full=False)
    bench.peer.quirks.ack = "asterisk"
    bench.run(12_000)
    assert not call.alive and call.ended_by in ("them", "inval")


@pytest.mark.parametrize("busy", [False, True])
def test_q64_rubbish_of_every_length_does_no_harm(busy):
    """Random octets, 4 to 600 of them, from the server's own address. (The long run is elsewhere.)"""
    rng = random.Random(64)
    bench = call_up("600") if busy else CoreBench()
    if not busy:
        bench.register()
    for _ in range(3000):
        bench.feed(rng.randbytes(rng.randrange(0, 600)))
        if rng.random() < 0.1:
            bench.run(5)
    bench.run(1000)
    assert bench.count("RX_DATAGRAM") >= 3000
    assert bench.count("RX_UNKNOWN_CALL") + bench.count("RX_BAD_IE") + bench.count("RX_BAD") > 1000
    if busy:
        assert carries_voice(bench) and not bench.saw("HANGUP")
    else:
        bench.dial("600", 1000)
        assert bench.saw("ANSWERED")


def test_q35_the_caller_side_and_the_called_side_keep_the_same_order():
    """An incoming call: ACCEPT, RINGING, ANSWER, full VOICE, each with its number."""
    bench, call = answered()
    names = [f["name"] for f in said(bench, dst=call.number) if f["name"] not in n.UNCOUNTED]
    assert names[:4] == ["ACCEPT", "CONTROL RINGING", "CONTROL ANSWER", "VOICE"]
    assert [f["oseq"] for f in said(bench, dst=call.number) if f["name"] not in n.UNCOUNTED][:4] == [
        0,
        1,
        2,
        3,
    ]
    assert len(SPEECH) == 160
    assert wire.decode(bench.sent[-1][1])["kind"] in ("mini", "full")
