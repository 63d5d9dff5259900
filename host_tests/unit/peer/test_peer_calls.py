"""Registrations and calls of the test peer, seen from a hand-made device in virtual time."""

import itertools

import pytest

from host_tests.peer import numbers as n


def test_registration_goes_by_token_challenge_and_regack(peer, phone):
    leg = phone.register()
    assert leg.names() == ["CALLTOKEN", "REGAUTH", "REGACK"]
    ack = leg.last("REGACK")
    assert (ack["oseq"], ack["iseq"]) == (1, 2)
    assert ack["ie"]["REFRESH"] == 60
    assert ack["ie"]["APPARENT_ADDR"].hex() == "02009c407f0000010000000000000000"
    assert peer.accounts["ata1"].registered(phone.now)
    phone.run(71000)
    assert not peer.accounts["ata1"].registered(phone.now)
    assert peer.dialogs == {}


def test_a_wrong_secret_is_refused_with_cause_29(peer, phone):
    leg = phone.register(secret="wrong")
    assert leg.names()[-1] == "REGREJ"
    assert leg.last("REGREJ")["ie"]["CAUSECODE"] == 29
    assert not peer.accounts["ata1"].registered(phone.now)


def test_qualify_pokes_before_regack_and_judges_by_pong(peer, phone):
    peer.accounts["ata1"].qualify_ms = 2000
    phone.register()
    names = [f["name"] for _, f in phone.heard]
    assert names.index("POKE") < names.index("REGACK")
    phone.run(9000)
    assert peer.accounts["ata1"].reachable == "UNKNOWN"
    assert [f["r"] for _, f in phone.heard if f["name"] == "POKE"] == [False, True, True]
    phone.run(20000)
    assert peer.accounts["ata1"].reachable == "UNREACHABLE"


def test_echo_sends_every_packet_back_in_the_codec_it_came(peer, phone):
    leg = phone.call("600")
    assert leg.names()[2:] == ["ACCEPT", "CONTROL ANSWER", "CONTROL STOP"]
    assert leg.last("ACCEPT")["ie"]["FORMAT"] == n.ULAW
    leg.send(n.T_VOICE, n.ULAW, b"\x11" * 160, ts=20)
    phone.run(20)
    for i in range(50):
        leg.mini(40 + 20 * i, bytes([i]) * 160)
        phone.run(20)
    back = [f for f in leg.got if f["kind"] == "mini"]
    assert leg.last("VOICE")["payload"] == b"\x11" * 160
    assert [f["payload"][0] for f in back] == list(range(50))
    stamps = [f["ts16"] for f in back]
    assert all(b - a == 20 for a, b in itertools.pairwise(stamps))
    leg.iax("HANGUP", ts=2000)
    phone.run(1)
    assert peer.live_calls() == []
    assert peer.calls[0].ended_by == "them"


@pytest.mark.parametrize(
    ("number", "names", "cause"),
    [
        ("603", ["ACCEPT", "CONTROL BUSY", "HANGUP"], 17),
        ("604", ["ACCEPT", "CONTROL CONGESTION", "HANGUP"], 34),
        ("999", ["REJECT"], 3),
    ],
)
def test_calls_that_fail_say_why(phone, number, names, cause):
    leg = phone.call(number)
    phone.run(4000)
    assert leg.names()[2:] == names
    assert leg.got[-1]["ie"]["CAUSECODE"] == cause


def test_a_wrong_secret_is_challenged_and_then_rejected(phone):
    leg = phone.call("600", secret="wrong")
    assert leg.names()[1:] == ["AUTHREQ", "REJECT"]
    assert leg.last("REJECT")["ie"]["CAUSECODE"] == 50


@pytest.mark.parametrize(
    ("number", "answered", "voice"),
    [
        ("601", True, True),
        ("602", True, True),
        ("606", False, True),
        ("607", True, False),
        ("608", False, False),
    ],
)
def test_extensions_answer_and_sound_as_the_dial_plan_says(phone, number, answered, voice):
    leg = phone.call(number)
    phone.run(1500)
    assert ("CONTROL ANSWER" in leg.names()) == answered
    assert ("MINI" in leg.names()) == voice


def test_the_late_answer_rings_for_six_seconds(phone):
    leg = phone.call("608")
    assert "CONTROL RINGING" in leg.names()
    phone.run(6100)
    assert "CONTROL ANSWER" in leg.names()


def test_the_call_back_calls_the_device_which_may_answer(peer, phone):
    phone.register()
    phone.call("605")
    phone.run(5000)
    new = next(f for _, f in phone.heard if f["name"] == "NEW")
    assert new["dst"] == 0
    assert [number for number, _ in new["ies"]][-1] == n.IE["CALLTOKEN"]
    leg = phone.leg(300)
    leg.take(new)
    leg.iax("ACCEPT", bytes((9, 4, 0, 0, 0, 8)), ts=3)
    leg.send(n.T_CONTROL, n.CONTROL["RINGING"])
    phone.run(100)
    assert peer.calls[-1].state == "ringing"
    leg.send(n.T_CONTROL, n.CONTROL["ANSWER"])
    leg.send(n.T_VOICE, n.ALAW, b"\x55" * 160)
    phone.run(100)
    assert peer.calls[-1].state == "up"
    assert leg.last("VOICE")["subclass"] == n.ALAW


def test_an_unanswered_call_is_cancelled_after_four_seconds_and_its_new_comes_again(peer, phone):
    phone.register()
    peer.call_device("ata1", number="", name="", presentation=0x43)
    phone.run(40000)
    seen = [(round(f["t"] / 1000), f["name"], f["r"]) for f in peer.frames(way="out", dst=0)]
    assert seen[:4] == [(0, "NEW", False), (2, "NEW", True), (4, "HANGUP", False), (6, "HANGUP", True)]
    assert (12, "NEW", True) in seen
    assert peer.dialogs == {}


def test_digits_go_both_ways_and_the_end_follows_the_beginning_by_3_ms(peer, phone):
    leg = phone.call("607")
    phone.run(200)
    peer.calls[0].dtmf("5")
    phone.run(300)
    assert leg.last("DTMF_END")["ts"] == leg.last("DTMF_BEGIN")["ts"] + 3
    leg.send(n.T_DTMF_BEGIN, ord("7"))
    leg.send(n.T_DTMF_END, ord("7"))
    assert peer.calls[0].digits() == "7"


def test_pings_lag_requests_and_their_answers_carry_the_same_time_stamp(peer, phone):
    leg = phone.call("607")
    phone.run(25000)
    assert leg.names().count("LAGRQ") == 2
    assert leg.names().count("PING") == 1
    leg.iax("PING", ts=25001)
    phone.run(1)
    assert leg.last("PONG")["ts"] == 25001
    assert leg.last("PONG")["ie"]["RR_PKTS"] == 1


def test_a_device_gone_silent_is_dropped_without_a_word(peer, phone):
    leg = phone.call("601")
    phone.run(1000)
    phone.acks = False
    phone.run(60000)
    assert peer.live_calls() == []
    assert peer.calls[0].ended_by == "unacked"
    assert "HANGUP" not in leg.names()
