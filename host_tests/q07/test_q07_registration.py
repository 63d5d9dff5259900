"""Interop items 10 to 16, 42 to 44, 52, 59, 63: registration, POKE, secrets, and who may speak to the box."""

import hashlib
import itertools

import pytest
from bench import CoreBench
from corekit import ByHand, call_up, carries_voice, heard, said, sent, told

from peer import numbers as n
from peer import wire


def test_q10_ten_copies_of_a_poke_draw_ten_pongs():
    """Answering keeps nothing, so a call can still come in afterwards."""
    bench = CoreBench()
    bench.peer.quirks.poke_copies = 10
    bench.register()
    assert len(said(bench, "PONG")) == 10
    bench.peer.call_device("ata1")
    bench.run(100)
    assert bench.saw("INCOMING")


def test_q11_a_pong_copies_number_and_time_and_its_ack_means_nothing():
    """The ACK of a stateless PONG finds no dialog and draws no answer."""
    bench = CoreBench()
    bench.register(60_500)
    for poke, pong in zip(heard(bench, "POKE"), said(bench, "PONG"), strict=True):
        assert (pong["dst"], pong["ts"], pong["oseq"], pong["iseq"]) == (poke["src"], poke["ts"], 0, 1)
        assert pong["src"] >= 1 and pong["t"] - poke["t"] <= 5
    acks = heard(bench, "ACK", dst=1)
    assert len(acks) == 2
    at = bench.peer.log.index(acks[0])
    assert bench.peer.log[at + 1]["t"] - acks[0]["t"] >= 5 or bench.peer.log[at + 1]["name"] == "ACK"
    assert bench.count("TX_INVAL") == 0


@pytest.mark.parametrize(
    "payload", [b"", wire.ie("PROVISIONING", b""), wire.ie("PROVISIONING", b"\x0c\xff\x01")]
)
def test_q12_provisioning_is_ignored_until_it_is_built(payload):
    """A box that cannot be provisioned says nothing and keeps nothing, broken or not."""
    bench = CoreBench()
    bench.register()
    before = len(bench.sent)
    bench.peer.open_dialog(bench.peer.accounts["ata1"].addr, "PROVISION", payload)
    bench.run(15_000)
    assert len(bench.sent) == before
    assert bench.count("RX_UNKNOWN_CALL") >= 1
    bench.dial("600", 1000)
    assert bench.saw("ANSWERED")


@pytest.mark.parametrize(("granted_s", "asked_s"), [(30, 60), (60, 60), (600, 60), (120, 3600)])
def test_q14_the_registration_is_renewed_by_what_was_granted(granted_s, asked_s):
    """At five sixths of it less up to a tenth, whatever was asked for."""
    bench = CoreBench()
    bench.account.refresh_s = asked_s
    bench.peer.quirks.refresh = granted_s
    bench.register()
    assert told(bench, "REGISTERED") == [granted_s]
    began = bench.events[0][0]
    assert bench.run_until("REGISTERED", granted_s * 1000)
    waited_s = (bench.events[-1][0] - began) / 1000
    assert granted_s * 5 / 6 * 0.89 <= waited_s <= granted_s * 5 / 6 + 0.1


def test_q14_the_wait_is_not_the_same_twice():
    """Many boxes that started together drift apart."""
    bench = CoreBench()
    bench.register(600_000)
    times = [t for t, name, _, _ in bench.events if name == "REGISTERED"]
    assert len({(b - a) // 100 for a, b in itertools.pairwise(times)}) >= 5


def test_q14_no_refresh_means_sixty_seconds():
    """A REGACK need not name a time."""
    bench = CoreBench()
    bench.account.refresh_s = 3600
    bench.peer.quirks.refresh = "absent"
    bench.register()
    assert bench.run_until("REGISTERED", 51_000)
    assert bench.t_ms >= 44_000


@pytest.mark.parametrize("granted_s", [0, 1, 65_535])
def test_q14_an_absurd_refresh_is_not_obeyed_to_the_letter(granted_s):
    """Not more often than every few seconds, not more seldom than each hour."""
    bench = CoreBench()
    bench.peer.quirks.refresh = granted_s
    bench.peer.accounts["ata1"].qualify_ms = 0
    bench.register()
    seen = len(said(bench, "REGREQ", oseq=0))
    bench.run(60_000)
    assert len(said(bench, "REGREQ", oseq=0)) - seen <= 2 * 15


@pytest.mark.parametrize("form", ["le", "be", "v6", "mapped", "garbage", b"", bytes(255), None])
def test_q15_our_own_address_may_come_in_any_form(form):
    """The box has no use for it, so no form of it may harm."""
    bench = CoreBench()
    bench.peer.quirks.apparent_addr = form
    bench.register()
    assert bench.saw("REGISTERED")


@pytest.mark.parametrize("count", [0x0102, 0x0000, 0xFFFF])
def test_q16_waiting_messages_are_told_as_they_came(count):
    """Low octet new, high octet old, all ones for some unknown number."""
    bench = CoreBench()
    bench.peer.quirks.msgcount = count
    bench.register()
    assert told(bench, "MESSAGES") == [count]


def test_q16_no_count_changes_nothing():
    """Silence about messages is not the same as none."""
    bench = CoreBench()
    bench.register()
    assert bench.saw("REGISTERED") and not bench.saw("MESSAGES")


@pytest.mark.parametrize("methods", [2, 3, 6, 7])
def test_q42_md5_is_chosen_wherever_it_is_offered(methods):
    """Better offers are not built yet, worse ones are never taken."""
    bench = CoreBench()
    bench.peer.quirks.authmethods = methods
    bench.register()
    bench.dial("600", 500)
    assert bench.saw("REGISTERED") and bench.saw("ANSWERED")
    assert all("PASSWORD" not in f["ie"] for f in said(bench) if "ie" in f)


@pytest.mark.parametrize("methods", [1, 4, 5, 0])
def test_q42_nothing_but_plain_text_or_rsa_is_refused(methods):
    """The secret never leaves the box: the call is hung up, the registration waits long."""
    bench = CoreBench()
    bench.peer.quirks.authmethods = methods
    bench.dial("600", 500)
    assert told(bench, "HANGUP") == [50]
    assert said(bench, "HANGUP")[0]["ie"]["CAUSECODE"] == 50
    bench.register(20_000)
    assert told(bench, "REG_FAILED") == [50]
    assert len(said(bench, "REGREQ")) == 2
    assert not any(b"pw1" in raw for _, raw in bench.sent)
    assert bench.count("AUTH_REFUSED") == 2


@pytest.mark.parametrize(
    "challenge", [b"7", b"12345", b"123456789", bytes(range(200, 232)), "\u00e4".encode(), b"x" * 255]
)
def test_q43_a_challenge_is_hashed_as_the_octets_it_is(challenge):
    """One digit or thirty-two strange octets."""
    bench = CoreBench()
    bench.peer.quirks.challenge = challenge
    bench.register()
    bench.dial("600", 500)
    wanted = hashlib.md5(challenge + b"pw1").hexdigest()
    assert said(bench, "REGREQ")[2]["ie"]["MD5_RESULT"] == wanted
    assert said(bench, "AUTHREP")[0]["ie"]["MD5_RESULT"] == wanted
    assert bench.saw("REGISTERED") and bench.saw("ANSWERED")


@pytest.mark.parametrize("challenge", [None, b""])
def test_q43_without_a_challenge_nothing_is_proved(challenge):
    """An answer would be the hash of the bare secret."""
    bench = CoreBench()
    bench.peer.quirks.challenge = challenge
    bench.dial("600", 500)
    assert told(bench, "HANGUP") == [50] and not said(bench, "AUTHREP")
    bench.register(1000)
    assert told(bench, "REG_FAILED") == [50]


def test_q44_the_known_answer_of_md5():
    """A pair that a real server took."""
    bench = CoreBench(accounts={"ata1": "pw1"})
    bench.peer.quirks.challenge = b"987654321"
    bench.dial("600", 500)
    assert said(bench, "AUTHREP")[0]["ie"]["MD5_RESULT"] == "0411ef8f6f8215468fe06cac518cb4d9"


def test_q44_a_wrong_secret_is_told_and_not_hammered():
    """Servers ban who asks too often."""
    bench = CoreBench(accounts={"ata1": "another"})
    bench.register(100_000)
    assert set(told(bench, "REG_FAILED")) == {29}
    assert len(told(bench, "REG_FAILED")) <= 3
    bench.dial("600", 1000)
    assert told(bench, "HANGUP") == [50]


def test_q42_a_challenge_on_a_call_we_did_not_open_is_not_answered():
    """A caller could otherwise make the box prove its secret to anyone."""
    bench = CoreBench()
    hand = ByHand(bench)
    hand.offer()
    hand.iax("AUTHREQ", wire.ies(("AUTHMETHODS", 2), ("CHALLENGE", b"1"), ("USERNAME", "ata1")))
    bench.run(1000)
    assert bench.saw("INCOMING") and not sent(bench, "AUTHREP")


def test_q42_one_answer_for_one_dialog():
    """A second challenge is acknowledged and stays unanswered."""
    bench = CoreBench()
    hand = ByHand(bench)
    bench.dial("600")
    for challenge in (b"1", b"2"):
        hand.iax("AUTHREQ", wire.ies(("AUTHMETHODS", 2), ("CHALLENGE", challenge), ("USERNAME", "ata1")))
    assert len(sent(bench, "AUTHREP")) == 1 and hand.last()["name"] == "ACK"


def test_q52_a_transfer_is_refused_and_the_call_stays():
    """The box moves its calls nowhere yet."""
    bench = call_up("600")
    call = bench.peer.current_call()
    request = wire.ies(
        ("APPARENT_ADDR", wire.apparent_addr(("192.0.2.9", 4569))), ("CALLNO", 77), ("TRANSFERID", 5)
    )
    call.iax("TXREQ", request)
    bench.run(50)
    assert len(said(bench, "TXREJ")) == 1 and not said(bench, "TXCNT")
    assert carries_voice(bench)


def test_q52_a_transfer_from_a_stranger_is_dropped():
    """No answer to a TXCNT or TXACC that belongs to no call, and none to one from another address."""
    bench = call_up("600")
    before = len(said(bench)), bench.count("TX_INVAL")
    for name in ("TXCNT", "TXACC", "TXREADY"):
        bench.feed(wire.iax(4000, bench.leg.scallno, 0, 0, 0, name, wire.ie("TRANSFERID", 5)), 0)
    for name in ("TXCNT", "TXACC"):
        bench.feed(wire.iax(4000, 4321, 0, 0, 0, name, wire.ie("TRANSFERID", 5)))
    assert (len(said(bench)), bench.count("TX_INVAL")) == before
    assert carries_voice(bench)


def test_q59_a_poke_in_a_busy_call_is_answered_in_the_same_turn():
    """The server refuses to call a box whose PONG is late."""
    bench = call_up("600")
    for _ in range(20):
        bench.peer.poke("ata1")
        bench.run(55)
    pairs = zip(heard(bench, "POKE")[-20:], said(bench, "PONG")[-20:], strict=True)
    assert all(pong["t"] - poke["t"] <= 5 for poke, pong in pairs)
    assert bench.peer.accounts["ata1"].reachable == "OK"


def test_q59_a_slow_path_makes_the_box_lagged_for_the_server():
    """The budget from the other side: two and a half seconds are too many."""
    bench = CoreBench()
    bench.peer.faults.delay("PONG", ms=2500, way="in")
    bench.register(5000)
    account = bench.peer.accounts["ata1"]
    assert account.reachable == "LAGGED" and not account.dialable(bench.peer.now)


def test_q63_an_answer_from_another_port_is_not_heard():
    """Only the server's own address and port may speak, in every state."""
    bench = CoreBench()
    bench.peer.faults.wrong_port(100)
    bench.register(3000)
    bench.dial("600", 3000)
    assert not bench.events and bench.count("RX_STRANGER") >= 4
    bench.peer.faults.clear()
    bench.run(15_000)
    assert bench.saw("ANSWERED") and bench.saw("REGISTERED")


@pytest.mark.parametrize("name", ["HANGUP", "INVAL", "REJECT"])
def test_q63_a_strangers_word_does_not_end_a_call(name):
    """Right numbers, right sequence, wrong address."""
    bench = call_up("600")
    call = bench.peer.current_call()
    forged = wire.iax(call.number, call.their, 9999, call.oseq, call.iseq, name)
    bench.feed(forged, 0)
    bench.feed(wire.mini(call.number, 1, bytes(160)), 0)
    assert not bench.saw("HANGUP") and carries_voice(bench)
    assert call.codec == n.ULAW
