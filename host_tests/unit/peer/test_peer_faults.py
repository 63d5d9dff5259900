"""The peer misbehaves as ordered: faults of the path, quirks of the protocol, and its real sockets."""

import socket

import pytest

from host_tests.peer import Peer, PeerServer, decode_frame, iax, ies, wire
from host_tests.peer import numbers as n

ADDR = ("127.0.0.1", 40000)


def names(phone):
    return [f["name"] for _, f in phone.heard]


def test_a_lost_frame_is_sent_again_with_the_retransmission_bit(peer, phone):
    peer.faults.lose("REGACK", times=1)
    leg = phone.register()
    assert "REGACK" not in leg.names()
    phone.run(2100)
    assert leg.last("REGACK")["r"]
    assert [f["lost"] for f in peer.log if f["name"] == "REGACK"] == [True, False]


def test_copies_delays_and_replays_come_when_ordered(peer, phone):
    peer.faults.duplicate("CALLTOKEN", copies=2)
    peer.faults.replay("REGAUTH", ms=500)
    peer.faults.delay("REGACK", ms=300)
    leg = phone.register()
    assert leg.names().count("CALLTOKEN") == 3
    assert "REGACK" not in leg.names()
    phone.run(301)
    assert "REGACK" in leg.names()
    phone.run(300)
    assert leg.names().count("REGAUTH") == 2


def test_reordered_packets_change_places(peer, phone):
    leg = phone.call("601")
    phone.run(200)
    peer.faults.reorder("MINI", times=1)
    before = len(leg.got)
    phone.run(100)
    stamps = [f["ts16"] for f in leg.got[before:] if f["kind"] == "mini"]
    assert stamps[0] > stamps[1]
    assert sorted(stamps) == list(range(min(stamps), max(stamps) + 20, 20))


def test_corruption_follows_the_function_given(peer, phone):
    peer.faults.corrupt("REGACK", how=lambda raw: raw + b"\0", times=1)
    leg = phone.register()
    assert leg.last("REGACK")["ies"] is None
    phone.run(2100)
    assert leg.last("REGACK")["ies"] is not None


def test_answers_can_leave_from_a_wrong_port(peer, phone):
    peer.faults.wrong_port("CALLTOKEN")
    phone.register()
    assert {port for port, f in phone.heard if f["name"] == "CALLTOKEN"} == {"other"}
    assert {port for port, f in phone.heard if f["name"] == "REGACK"} == {"main"}


def test_a_vanished_peer_is_silent_and_a_restarted_one_has_forgotten(peer, phone):
    phone.register()
    leg = phone.call("601")
    phone.run(500)
    peer.vanish()
    before = len(phone.heard)
    phone.run(500)
    assert len(phone.heard) == before
    peer.restart()
    leg.iax("PING", ts=1100)
    phone.run(100)
    assert len(phone.heard) == before
    assert not peer.accounts["ata1"].registered(phone.now)
    peer.inval = "yate"
    leg.iax("PING", ts=1200)
    phone.run(1)
    assert (leg.got[-1]["name"], leg.got[-1]["dst"]) == ("INVAL", leg.src)


@pytest.mark.parametrize("token", [0, 1, 51, 255, b"\x80\xff\x00\n" * 3])
def test_tokens_of_any_length_are_given_and_taken_back(peer, phone, token):
    peer.quirks.token = token
    leg = phone.request(100, "REGREQ", ("USERNAME", "ata1"))
    given = leg.got[0]["ie"]["CALLTOKEN"]
    assert given == token if isinstance(token, bytes) else len(given) == token
    assert leg.names()[-1] == ("REGAUTH" if given else "CALLTOKEN")


def test_a_token_is_answered_by_more_tokens_when_ordered(peer, phone):
    peer.quirks.calltoken_rounds = 2
    leg = phone.request(100, "REGREQ", ("USERNAME", "ata1"))
    assert leg.names() == ["CALLTOKEN", "CALLTOKEN"]


def test_a_token_from_another_address_or_of_another_time_is_refused(peer, phone):
    phone.request(100, "REGREQ", ("USERNAME", "ata1"))
    token = phone.legs[100].last("CALLTOKEN")["ie"]["CALLTOKEN"]
    request = iax(101, 0, 0, 0, 0, "REGREQ", ies(("USERNAME", "ata1"), ("CALLTOKEN", token)))
    peer.feed(request, ("127.0.0.1", 40001), phone.now)
    assert decode_frame(peer.drain()[0][2])["name"] == "REGREJ"
    phone.run(10001)
    peer.feed(request, ADDR, phone.now)
    answer = decode_frame(peer.drain()[0][2])
    assert (answer["name"], answer["src"], answer["ies"]) == ("REGREJ", 1, [])


def test_without_tokens_the_first_request_is_answered_directly(peer, phone):
    peer.calltoken = "no"
    leg = phone.leg(100)
    leg.iax("REGREQ", ies(("USERNAME", "ata1")))
    phone.run(1)
    assert leg.names() == ["REGAUTH"]


def test_one_new_can_be_answered_from_two_numbers(peer, phone):
    peer.quirks.twin_answer = True
    leg = phone.call("600")
    assert len({f["src"] for f in leg.got if f["name"] == "AUTHREQ"}) == 2


def test_regack_says_what_the_quirks_want(peer, phone):
    peer.quirks.refresh, peer.quirks.apparent_addr, peer.quirks.msgcount = "absent", "mapped", 0xFFFF
    ie = phone.register().last("REGACK")["ie"]
    assert "REFRESH" not in ie
    assert len(ie["APPARENT_ADDR"]) == 28
    assert ie["MSGCOUNT"] == 0xFFFF


@pytest.mark.parametrize(("which", "elements"), [("format2", [56]), ("format", [9]), ("none", [])])
def test_accept_names_its_codec_as_ordered(peer, phone, which, elements):
    peer.quirks.accept_formats = which
    leg = phone.call("607")
    assert [number for number, _ in leg.last("ACCEPT")["ies"]] == elements


def test_never_acknowledging_freezes_the_number_we_expect(peer, phone):
    leg = phone.call("607")
    told = leg.last("ACCEPT")["iseq"]
    peer.quirks.ack = "none"
    phone.run(12000)
    leg.iax("LAGRQ", ts=12000)
    phone.run(1)
    assert leg.last("LAGRP")["iseq"] == told
    assert not [f for f in leg.got if f["name"] == "ACK" and f["ts"] == 12000]


def test_late_acknowledgement_covers_several_frames_at_once(peer, phone):
    leg = phone.call("607")
    peer.quirks.ack = "late"
    for digit in "12345":
        leg.send(n.T_DTMF_END, ord(digit))
    before = len(leg.got)
    phone.run(11000)
    assert [f["name"] for f in leg.got[before:]] == ["LAGRQ"]
    assert leg.got[-1]["iseq"] == leg.oseq


def test_a_gap_draws_vnak_and_an_old_frame_only_an_ack(peer, phone):
    leg = phone.call("607")
    leg.oseq += 1
    leg.iax("LAGRQ")
    phone.run(1)
    assert leg.got[-1]["name"] == "VNAK"
    leg.oseq -= 3
    leg.iax("LAGRQ")
    phone.run(1)
    assert leg.got[-1]["name"] == "ACK"


def test_minis_before_a_full_frame_draw_a_vnak_each_and_can_be_sent(peer, phone):
    peer.quirks.minis_first = 3
    leg = phone.call("601")
    phone.run(200)
    sound = [f["kind"] for f in leg.got if f["name"] in ("MINI", "VOICE")]
    assert sound[:5] == ["mini", "mini", "mini", "full", "mini"]
    leg.mini(0, bytes(160))
    leg.mini(20, bytes(160))
    phone.run(1)
    assert leg.names().count("VNAK") == 2


def test_time_stamps_start_where_ordered_and_wrap_without_a_full_frame(peer, phone):
    peer.quirks.ts_start_ms = 65000
    leg = phone.call("601")
    phone.run(2000)
    stamps = [f["ts16"] for f in leg.got if f["kind"] == "mini"]
    assert max(stamps) > 65500
    assert stamps[-1] < 2000
    assert leg.names().count("VOICE") == 1


def test_a_strict_peer_sends_a_full_frame_each_32768_ms(peer, phone):
    peer.quirks.full_voice = "rfc"
    leg = phone.call("601")
    phone.run(70000)
    assert [f["ts"] // 32768 for f in leg.got if f["name"] == "VOICE"] == [0, 1, 2]


def test_any_frame_can_be_sent_by_hand(peer, phone):
    leg = phone.call("607")
    call = peer.current_call()
    call.control(24, b"junk")
    call.control(-1)
    call.frame(13, 99)
    call.iax("MWI")
    call.send_trunk([bytes(160)])
    call.vnak_storm(per_second=50, ms=1000)
    phone.run(1100)
    tail = leg.names()
    assert tail[-50:] == ["VNAK"] * 50
    assert "CONTROL T38" in tail
    assert "TYPE 13" in tail
    assert "META" in names(phone)
    old = call.number
    assert call.change_number() != old
    peer.send_raw(ADDR, wire.mini(5, 0, b"x"), port="other")
    phone.run(1)
    assert phone.heard[-1][0] == "other"


def test_an_unknown_subclass_gets_unsupport_naming_it(phone):
    leg = phone.call("607")
    leg.iax("PAGE")
    phone.run(1)
    assert leg.last("UNSUPPORT")["ie"]["IAX_UNKNOWN"] == 31


def test_a_guest_call_starts_only_when_our_number_comes_back(peer, phone):
    peer.accounts["ata1"].secret = ""
    phone.acks = False
    leg = phone.request(
        200, "NEW", ("CALLED_NUMBER", "600"), ("USERNAME", "ata1"), ("FORMAT", 4), ("CAPABILITY", 4)
    )
    phone.run(1000)
    assert leg.names() == ["CALLTOKEN", "ACCEPT"]
    phone.acks = True
    leg.take(leg.got[-1])
    phone.run(1)
    assert "CONTROL ANSWER" in leg.names()


def test_the_same_seed_gives_the_same_run():
    def run():
        peer = Peer(seed=5)
        peer.faults.lose(30, way="both")
        for i in range(200):
            peer.feed(iax(100 + i, 0, 0, 0, 0, "POKE"), ADDR, i)
        return peer.drain()

    first = run()
    assert first == run()
    assert 60 < len(first) < 140


def test_it_serves_a_real_socket():
    with PeerServer(Peer()) as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.sendto(iax(77, 0, 1234, 0, 0, "POKE"), ("127.0.0.1", server.port))
        answer, sender = sock.recvfrom(1500)
        assert sender[1] == server.port
        assert answer.hex() == "8001004d000004d200010603"
