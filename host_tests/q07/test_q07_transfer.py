"""Interop items 51 to 54 with the parts that do more than refuse: transfers, QUELCH, FLASH and HOLD."""

import pytest
from corekit import call_up, carries_voice, said, told
from town import Town

import codes
from iax.hold import Hold
from iax.refer import Refer
from peer import wire
from peer.middle import Middle


def two_calls() -> Town:
    """Return a town whose boxes talk through the server; `town.middle` is the server's part of it."""
    town = Town()
    town.middle = town.join()
    return town


def test_q51_a_blind_transfer_that_works_is_a_hang_up_from_the_server_at_once():
    """Cause 16; the far end goes on with the new number."""
    town = two_calls()
    one, two = town.boxes
    assert one.refer.transfer(one.leg, b"600", one.now)
    town.run(200)
    assert one.saw("TRANSFERRED") and told(one, "HANGUP") == [16]
    heard = two.packets
    town.run(600)
    assert two.packets - heard >= 27, "the echo at the new number"


def test_q51_a_blind_transfer_that_fails_is_silence_and_the_call_goes_on():
    """Asterisk only writes to its log."""
    town = two_calls()
    one = town.boxes[0]
    assert one.refer.transfer(one.leg, b"999", one.now)
    town.run(3900)
    assert not one.saw("TRANSFER_FAILED") and town.middle.refused == [("ata1", "999")]
    town.run(200)
    assert one.saw("TRANSFER_FAILED") and not one.saw("TRANSFERRED")
    assert town.talking()


def test_q51_a_transfer_that_we_are_asked_for_ends_the_call_and_begins_the_next():
    """On the same leg, so that the user talks on."""
    bench = call_up("607")
    part = Refer(bench.endpoint)
    bench.endpoint.parts.append(part)
    bench.peer.current_call().iax("TRANSFER", wire.ies(("CALLED_NUMBER", "600"), ("CALLED_CONTEXT", "lab")))
    bench.run(1500)
    assert said(bench, "HANGUP")[0]["ie"]["CAUSECODE"] == 16 and told(bench, "HANGUP") == []
    assert bench.peer.current_call().number_dialled == "600" and carries_voice(bench)


def test_q52_a_native_transfer_that_is_allowed_moves_the_call():
    """TXREQ, TXCNT, TXACC, TXREADY, TXREL; the server's two calls are over, ours go on."""
    town = two_calls()
    town.middle.transfer()
    town.run(500)
    names = [way.frame["name"] for way in town.passed if way.frame["name"].startswith("TX")]
    assert sorted(names) == sorted(["TXREQ", "TXCNT", "TXACC", "TXREADY", "TXREL"] * 2)
    assert town.peer.live_calls() == [] and [box.leg.state for box in town.boxes] == [codes.CALL_UP] * 2
    assert town.talking()


def test_q52_a_txcnt_from_a_stranger_is_dropped_in_every_state():
    """Before, during and after a transfer: only the other end that the server named is answered."""
    town = two_calls()
    box = town.boxes[0]

    def knock() -> None:
        for name in ("TXCNT", "TXACC", "TXREL", "TXREADY"):
            raw = wire.iax(99, box.leg.scallno, 0, 0, 0, name, wire.ie("TRANSFERID", town.middle.transfer_id))
            town.send(("10.0.0.66", 4569), box.addr, raw)
        before = box.count("RX_STRANGER")
        town.run(15)
        assert box.count("RX_STRANGER") == before + 4

    knock()
    town.middle.transfer()
    town.run(10)
    knock()
    town.run(500)
    knock()
    assert not [way for way in town.passed if way.dst == ("10.0.0.66", 4569)]
    assert town.talking()


def test_q52_media_only_is_refused_and_nothing_is_lost():
    """TXMEDIA would part the voice from its signalling: TXREJ, and the server goes on carrying both."""
    town = two_calls()
    town.middle.transfer(media_only=True)
    town.run(500)
    assert town.middle.state == "refused" and [box.leg.peer for box in town.boxes] == [1, 1]
    assert town.talking()


@pytest.mark.parametrize("music", [None, b"", b"default"])
def test_q53_quelch_stops_the_servers_voice_too(music):
    """Out: no packet until UNQUELCH; with MUSICONHOLD the far end hears music meanwhile."""
    town = two_calls()
    one, two = town.boxes
    assert one.hold.quelch(one.leg, True, music, one.now)
    town.run(100)
    before = one.packets, two.packets
    one.speak = None
    town.run(600)
    assert one.packets == before[0]
    assert (two.packets - before[1] > 20) == (music is not None)
    assert one.hold.quelch(one.leg, False, None, one.now)
    town.run(600)
    assert one.packets - before[0] >= 20


def test_q54_flash_is_relayed_both_ways():
    """From one box through the server to the other, and back."""
    town = two_calls()
    for at in (0, 1):
        box, other = town.boxes[at], town.boxes[1 - at]
        assert box.hold.flash(box.leg, box.now)
        town.run(50)
        assert told(other, "FLASH") == [0] and told(box, "FLASH") == ([] if at == 0 else [0])


@pytest.mark.parametrize("payload", [b"", b"default", bytes(200)])
def test_q54_hold_with_and_without_payload_is_told_and_ends_with_unhold(payload):
    """The payload is the name of somebody's music."""
    bench = call_up("601")
    bench.endpoint.parts.append(Hold(bench.endpoint))
    call = bench.peer.current_call()
    call.control("HOLD", payload)
    bench.run(50)
    assert told(bench, "HOLD") == [1]
    call.control("UNHOLD")
    bench.run(50)
    assert told(bench, "HOLD") == [1, 0] and carries_voice(bench)


def test_q54_hold_and_unhold_go_out_and_reach_the_other_box():
    """CONTROL 16 and 17."""
    town = two_calls()
    one, two = town.boxes
    assert one.hold.hold(one.leg, True, one.now)
    town.run(50)
    assert one.hold.hold(one.leg, False, one.now)
    town.run(50)
    assert told(two, "HOLD") == [1, 0] and isinstance(town.middle, Middle)
