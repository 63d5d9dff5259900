"""Which dialog a datagram belongs to, and what becomes of those that belong to none."""

from bench import CoreBench
from corekit import ByHand, call_up, sent, told

import codes
from iax.call import Call
from iax.opener import Account
from iax.window import Window
from peer import numbers as n
from peer import wire

POKE = bytes.fromhex("b5f48000000000030000061e3600")
NEW = bytes.fromhex(
    "a0c9000000000006000006010b02000201033730302d0644454346474802002601432701002802000039040000000004000a02"
    "656e2b028001090400000004380900000000000000000408040000086e370900000000000000086e0c0200021f043576aecc3600"
)


def last(bench):
    return wire.decode(bench.sent[-1][1])


def test_a_real_poke_draws_a_pong_that_copies_it():
    bench = CoreBench()
    bench.feed(POKE)
    assert bench.sent[-1][1] == bytes.fromhex("800135f40000000300010603")


def test_a_real_new_rings_and_is_accepted():
    bench = CoreBench()
    bench.feed(NEW)
    assert told(bench, "INCOMING") == [codes.LAW_ULAW]
    assert [f["name"] for f in sent(bench)] == ["ACK", "ACCEPT", "CONTROL RINGING"]
    assert sent(bench)[1]["dst"] == 0x20C9 and sent(bench)[1]["ie"] == {"FORMAT": n.ULAW}


def test_a_new_that_is_not_the_first_frame_of_its_dialog_does_not_ring():
    bench = CoreBench()
    bench.feed(NEW[:8] + b"\x01" + NEW[9:])
    assert not bench.saw("INCOMING")


def test_the_ack_of_a_pong_is_no_frame_of_an_unknown_call():
    bench = CoreBench()
    bench.feed(POKE)
    bench.feed(wire.iax(0x35F4, 1, 3, 1, 1, "ACK"))
    assert bench.count("RX_UNKNOWN_CALL") == 0


def test_a_real_accept_links_the_call():
    hand = ByHand(CoreBench())
    hand.bench.dial("600")
    hand.src = 0x036F
    hand.iax("ACCEPT", bytes.fromhex("0904000000043809000000000000000004"))
    assert told(hand.bench, "ACCEPTED") == [2] and hand.last()["name"] == "ACK"


def test_a_stranger_is_not_answered():
    bench = CoreBench()
    for raw in (POKE, NEW, b"\x80" * 40):
        assert bench.feed(raw, 0) == codes.RX_NOTHING
    assert bench.sent == [] and bench.count("RX_STRANGER") == 3


def test_what_is_too_short_or_too_long_is_counted():
    bench = CoreBench()
    for raw in (b"", b"\x80", NEW[:11], NEW + bytes(1500)):
        bench.feed(raw)
    assert bench.count("RX_BAD") == 4 and bench.sent == []


def test_a_busy_box_refuses_without_keeping_anything():
    bench = call_up("607")
    bench.feed(NEW)
    refusal = last(bench)
    assert (refusal["name"], refusal["dst"], refusal["iseq"]) == ("REJECT", 0x20C9, 1)
    assert refusal["ie"] == {"CAUSECODE": 17} and refusal["src"] == 1
    bench.feed(wire.iax(0x20C9, refusal["src"], 6, 1, 1, "ACK"))
    assert last(bench) is not None and bench.count("TX_INVAL") == 0


def test_the_right_source_with_a_wrong_destination_is_counted():
    hand = ByHand(CoreBench())
    hand.accept()
    hand.iax("HANGUP", dst=hand.bench.leg.scallno ^ 1)
    assert hand.bench.count("RX_WRONG_DEST") == 1 and not hand.bench.saw("HANGUP")


def test_a_changed_source_number_is_not_followed():
    hand = ByHand(CoreBench())
    hand.accept()
    hand.iax("HANGUP", src=5001, oseq=1)
    assert not hand.bench.saw("HANGUP")
    hand.iax("HANGUP")
    assert hand.bench.saw("HANGUP")


def test_a_frame_to_number_0_finds_the_call_by_its_source():
    hand = ByHand(CoreBench())
    hand.accept()
    hand.iax("LAGRQ", dst=0)
    assert hand.last()["name"] == "LAGRP"


def test_another_peer_with_the_same_numbers_is_another_dialog():
    hand = ByHand(CoreBench())
    hand.bench.endpoint.accounts.append(Account(1, 3, b"b", b"c"))
    hand.accept()
    raw = wire.iax(5000, hand.bench.leg.scallno, 99, 1, 1, "HANGUP")
    hand.bench.feed(raw, 2)
    assert not hand.bench.saw("HANGUP") and hand.bench.endpoint.rx_peer == 2


def test_the_end_of_an_ended_call_is_acknowledged_without_state():
    bench = CoreBench()
    for name in ("HANGUP", "REJECT", "REGACK", "REGREJ"):
        bench.feed(wire.iax(600, 700, 55, 3, 4, name))
        ack = last(bench)
        assert (ack["name"], ack["src"], ack["dst"], ack["ts"]) == ("ACK", 700, 600, 55)
        assert (ack["oseq"], ack["iseq"]) == (4, 4)


def test_inval_swaps_the_numbers_and_has_nothing_else():
    bench = CoreBench()
    bench.run(200)
    bench.feed(wire.iax(600, 700, 55, 3, 4, "LAGRQ"))
    assert bench.sent[-1][1] == wire.iax(700, 600, 55, 0, 0, "INVAL")


def test_no_answer_without_a_number_to_send_it_to():
    bench = CoreBench()
    bench.run(200)
    bench.feed(wire.iax(600, 0, 0, 0, 0, "LAGRQ"))
    bench.feed(wire.iax(1, 700, 0, 0, 0, "HANGUP"))
    bench.feed(wire.iax(0, 700, 0, 0, 0, "LAGRQ"))
    assert bench.sent == []


def test_the_oldest_of_nine_events_is_lost():
    endpoint = CoreBench().endpoint
    for i in range(9):
        endpoint.post(codes.EV_DTMF_END, 0, i)
    args = []
    while endpoint.take_event():
        args.append(endpoint.ev_arg)
    assert args == [1, 2, 3, 4, 5, 6, 7, 8]


def test_next_due_is_the_soonest_of_all_dialogs():
    bench = CoreBench()
    assert bench.endpoint.next_due(bench.now) == -1
    bench.register()
    assert bench.endpoint.next_due(bench.now) > 40_000
    bench.peer.vanish()
    bench.dial("600")
    assert bench.endpoint.next_due(bench.now) == 500


def test_a_leg_that_waits_for_the_end_of_its_call_is_taken_last():
    bench = CoreBench()
    bench.endpoint.add_leg(Call(bench.endpoint, Window(bytearray(640), 12), 1))
    bench.feed(NEW)
    bench.leg.drop(16, bench.now)
    assert bench.leg.state == codes.CALL_CLOSING
    assert bench.endpoint.dial(bench.endpoint.accounts[0], b"601", bench.now) == 1
    assert bench.endpoint.dial(bench.endpoint.accounts[0], b"602", bench.now) == 0
    assert bench.endpoint.dial(bench.endpoint.accounts[0], b"603", bench.now) == -1
