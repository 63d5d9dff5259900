"""The numbered interop items (q07/README.md) that Asterisk itself brings up, looked at on the wire.

The core alone on a socket of its own; what must be lost or changed, the path to Asterisk loses or changes.
"""

import socket
from itertools import pairwise

import pytest
from interop.core_rig import CoreRig
from interop.parameters import BOTH_METHODS, GUEST, TRUNKED

import codes
from iax.trunk import Trunk
from peer import numbers as n

TOKEN = n.IE["CALLTOKEN"]


def full(core, way):
    """Return the full frames that came or left and were not lost."""
    return [f for f in core.net.log if f["kind"] == "full" and f["way"] == way and not f["lost"]]


def lose(core, *names, way="in", times=99):
    """Lose frames of these names on their way; return those that were lost."""
    lost = []

    def judge(frame):
        gone = frame["way"] == way and frame["name"] in names and len(lost) < times
        if gone:
            lost.append(frame)
        return gone

    core.net.lose = judge
    return lost


def mend(core):
    """Lose nothing any more."""
    core.net.lose = lambda frame: False


def without_token(frame):
    """Return the elements of a frame, but not its token."""
    return [pair for pair in frame["ies"] if pair[0] != TOKEN]


def rebind(core):
    """Go on from another port, as a router that has forgotten us makes it look."""
    core.net.socket.close()
    core.net.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    core.net.socket.bind(("127.0.0.1", 0))
    core.net.socket.setblocking(False)
    core.net.address = core.net.socket.getsockname()


# ---- openers and registration


@pytest.mark.parametrize("opener", ["REGREQ", "NEW"])
def test_q01_asterisks_token_comes_from_number_1_and_all_begins_again(make_core, opener):
    core = make_core().register()
    if opener == "NEW":
        core.call("600")
    token = core.frames("CALLTOKEN", "in")[-1]
    bare, again = core.frames(opener)[:2]
    assert token["src"] == 1 and token["dst"] == bare["src"] == again["src"]
    assert (again["dst"], again["oseq"], again["iseq"], again["r"]) == (0, 0, 0, False)
    assert without_token(bare) == without_token(again)


def test_q03_asterisks_token_goes_back_octet_for_octet(make_core):
    core = make_core().register()
    token = dict(core.frames("CALLTOKEN", "in")[0]["ies"])[TOKEN]
    assert len(token) == 51
    assert dict(core.frames("REGREQ")[1]["ies"])[TOKEN] == token


def test_q05_asterisks_refusal_from_number_1_is_not_acknowledged_and_tried_again(make_core):
    """A token that was changed on its way is one that Asterisk never made."""
    core = make_core()
    send, spoilt = core.net.send, []

    def spoil(peer, buf, at, size):
        octets = bytearray(buf[at : at + size])
        if size > 60 and octets[11] == n.IAX["REGREQ"] and not spoilt:
            octets[-1] ^= 1
            spoilt.append(octets)
        return send(peer, octets, 0, size)

    core.net.send = spoil
    core.registrar.start(core.account, core.now)
    assert core.until(lambda: core.told("REG_FAILED"), 5)
    refusal = core.frames("REGREJ", "in")[0]
    assert refusal["src"] == 1 and refusal["ies"] == []
    assert not [f for f in core.frames("ACK") if f["ts"] == refusal["ts"]]
    assert core.until(lambda: core.told("REGISTERED"), 25)


def test_q08_regack_alone_acknowledges_the_second_regreq(make_core):
    core = make_core().register()
    core.run(1)
    proof = core.frames("REGREQ")[-1]
    regack = core.frames("REGACK", "in")[0]
    assert "MD5_RESULT" in proof["ie"] and regack["iseq"] == proof["oseq"] + 1
    assert not [f for f in core.frames("ACK", "in") if f["dst"] == proof["src"] and f["iseq"] > proof["oseq"]]
    assert not any(f["r"] for f in core.frames("REGREQ"))


def test_q09_asterisks_poke_within_the_registration_is_answered_from_the_same_port(make_core):
    core = make_core().register()
    core.run(0.5)
    names = [f["name"] for f in full(core, "in")]
    assert names.index("POKE") < names.index("REGACK")
    assert core.told("REGISTERED") and not core.told("REG_FAILED")


def test_q11_pong_copies_number_and_time_and_asterisks_ack_of_it_means_nothing(make_core):
    core = make_core().register()
    core.run(0.5)
    poke, pong = core.frames("POKE", "in")[0], core.frames("PONG")[0]
    assert (pong["src"], pong["dst"], pong["ts"]) == (1, poke["src"], poke["ts"])
    acks = [f for f in core.frames("ACK", "in") if f["dst"] == 1]
    assert acks, "Asterisk acknowledges a PONG"
    assert not [f for f in full(core, "out") if f["dst"] == acks[0]["src"] and f["t"] > acks[0]["t"]]


def test_q15_asterisk_tells_our_address_as_its_machine_keeps_it(make_core):
    core = make_core().register()
    address = dict(core.frames("REGACK", "in")[0]["ies"])[n.IE["APPARENT_ADDR"]]
    assert len(address) == 16 and address[2:4] == core.net.address[1].to_bytes(2, "big")
    assert address[4:8] == bytes((127, 0, 0, 1))


@pytest.mark.item(43)
def test_q42_md5_is_chosen_where_asterisk_offers_plain_text_too(make_core):
    core = make_core(BOTH_METHODS).register()
    core.call("600")
    for offer, answer in (("REGAUTH", "REGREQ"), ("AUTHREQ", "AUTHREP")):
        asked = core.frames(offer, "in")[0]["ie"]
        assert asked["AUTHMETHODS"] == 3 and 1 <= len(asked["CHALLENGE"]) <= 9
        proof = core.frames(answer)[-1]["ie"]
        assert len(proof["MD5_RESULT"]) == 32 and "PASSWORD" not in proof


def test_q58_port_that_changes_within_the_registration_costs_one_attempt(make_core):
    core = make_core()
    core.net.lose = lambda frame: frame["name"] == "CALLTOKEN" and (rebind(core), mend(core)) is None
    core.registrar.start(core.account, core.now)
    assert core.until(lambda: core.told("REG_FAILED"), 5)
    assert core.frames("REGREJ", "in")[0]["src"] == 1
    assert core.until(lambda: core.told("REGISTERED"), 25)


# ---- calls


def test_q21_stop_tones_after_the_answer_ends_nothing(make_core):
    core = make_core().register()
    leg = core.call("600")
    core.run(0.5)
    names = [name for name in (event.name for event in core.events) if name in ("ANSWERED", "STOP_TONES")]
    assert names == ["ANSWERED", "STOP_TONES"], core.events
    assert leg.state == codes.CALL_UP and len(core.heard[0]) > 20 * 160


def test_q31_minis_before_the_first_full_voice_frame_draw_few_vnaks_and_are_heard_after_it(make_core):
    core = make_core().register()
    lost = lose(core, "VOICE")
    core.call("601")
    core.run(1)
    assert lost and not core.heard[0]
    assert core.count("RX_MINI_EARLY") > 20 and len(core.frames("VNAK")) <= 10
    mend(core)
    assert core.until(lambda: len(core.heard[0]) > 25 * 160, 5)


def test_q33_frame_that_was_lost_draws_vnak_and_comes_again(make_core):
    core = make_core().register()
    lost = lose(core, "CONTROL ANSWER", times=1)
    leg = core.call("600")
    assert lost and core.frames("VNAK") and core.count("RX_GAP") > 0
    assert leg.state == codes.CALL_UP and not core.told("HANGUP")


def test_q34_one_frame_of_asterisk_acknowledges_all_before_it(make_core):
    core = make_core().register()
    leg = core.call("607")
    core.run(0.3)
    lose(core, "ACK")
    before = core.count("TX_RETRANSMIT")
    for _ in range(2):
        for begin in (True, False):
            assert leg.send_dtmf(ord("5"), begin, core.now)
    assert leg.say(n.T_IAX, n.IAX["LAGRQ"], core.now)
    core.run(1.5)
    assert core.frames("LAGRP", "in")
    assert core.count("TX_RETRANSMIT") == before


def test_q35_every_ack_of_a_call_copies_time_and_order_of_what_it_means(make_core):
    core = make_core().register()
    leg = core.call("600")
    core.run(3)
    core.hang_up(leg)
    heard = full(core, "in")
    acks = [f for f in core.frames("ACK") if f["src"] != 1]
    assert len(acks) >= 4
    for ack in acks:
        meant = [f for f in heard if f["ts"] == ack["ts"] and f["src"] == ack["dst"]]
        assert any((f["oseq"] + 1) & 255 == ack["iseq"] for f in meant), (ack, meant)
    assert not [f for f in heard if f["r"]], "Asterisk understood every one"


@pytest.mark.item(33)
def test_q36_hangup_whose_ack_was_lost_is_acknowledged_again_and_makes_no_call(make_core):
    core = make_core().register()
    core.call("609")
    core.net.lose = lambda frame: frame["name"] == "ACK" and len(core.frames("HANGUP", "in")) == 1
    assert core.until(lambda: len(core.frames("HANGUP", "in")) > 1, 8)
    core.run(0.5)
    again = core.frames("HANGUP", "in")[1]
    told = [f for f in full(core, "out") if f["t"] >= again["t"] and f["name"] in ("ACK", "INVAL")]
    assert again["r"] and told and core.legs[0].state == codes.CALL_FREE
    assert not core.told("INCOMING") and len(core.told("HANGUP")) == 1


@pytest.mark.takes(20)
def test_q39_frame_without_an_answer_goes_out_again_at_doubled_times(make_core):
    core = make_core().register()
    leg = core.call("607")
    core.run(0.3)
    core.net.lose = lambda frame: frame["way"] == "in" and frame["kind"] == "full"
    leg.send_dtmf(ord("5"), True, core.now)
    core.drain()
    core.run(8)
    mend(core)
    core.run(1)
    times = [f["t"] for f in core.frames("DTMF_BEGIN")]
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert [f["r"] for f in core.frames("DTMF_BEGIN")] == [False] + [True] * len(waits)
    for wait, wanted in zip(waits, (0.5, 1, 2, 4)):
        assert abs(wait - wanted) < 0.2, waits
    assert len(waits) >= 4 and leg.state == codes.CALL_UP


@pytest.mark.parametrize("subclass", [99, n.IAX["MWI"], n.IAX["PAGE"]])
def test_q41_asterisks_unsupport_names_the_subclass_and_draws_nothing(make_core, subclass):
    core = make_core().register()
    leg = core.call("607")
    core.run(0.3)
    assert leg.say(n.T_IAX, subclass, core.now)
    assert core.until(lambda: core.frames("UNSUPPORT", "in"), 3)
    core.run(1)
    assert [f["ie"]["IAX_UNKNOWN"] for f in core.frames("UNSUPPORT", "in")] == [subclass]
    assert not core.frames("UNSUPPORT") and leg.state == codes.CALL_UP


@pytest.fixture
def trunked(server):
    """A core that hears trunks, with two legs. No capture: tshark takes Asterisk's trunks for malformed."""
    core = CoreRig(server.address, TRUNKED, server.secret, legs=2)
    core.account.trunk = True
    core.add(Trunk(core.endpoint))
    yield core.register()
    core.close()


def test_q55_asterisk_puts_the_voice_of_two_calls_into_one_datagram_and_each_is_heard(trunked):
    trunked.call("601")
    trunked.call("600")
    trunked.run(1)
    tone, echo = (trunked.heard[leg] for leg in (0, 1))
    tone.clear()
    echo.clear()
    before = trunked.count("RX_META")
    trunked.run(2)
    assert trunked.count("RX_META") - before > 80, "no trunk"
    assert len(tone) > 90 * 160 and len(echo) > 90 * 160
    assert len(set(tone[-800:])) > 10, "no tone of 1004 Hz"
    assert set(echo[-800:]) == {0xFF}, "the echo of silence is not silent"


def test_q56_guests_call_begins_when_our_ack_of_accept_has_come(make_core, server):
    core = make_core(GUEST)
    core.net.lose = lambda frame: (frame["way"] == "out" and frame["dst"] != 0) or frame["kind"] == "mini"
    since = len(server.log)
    core.dial("600")
    assert core.until(lambda: core.told("ACCEPTED"), 5)
    core.run(1)
    assert "Executing [600@" not in server.log[since:], "Asterisk began without our ACK"
    mend(core)
    assert core.until(lambda: core.told("ANSWERED"), 12)
    assert not core.frames("AUTHREQ", "in")


def test_q56_our_ack_of_accept_goes_out_at_once(make_core):
    core = make_core(GUEST)
    core.call("600")
    accept = core.frames("ACCEPT", "in")[0]
    ack = next(f for f in core.frames("ACK") if f["ts"] == accept["ts"] and f["dst"] == accept["src"])
    assert ack["t"] - accept["t"] < 0.05


def test_q57_two_calls_share_one_port_and_no_number_is_used_twice(make_core):
    core = make_core(legs=2).register()
    core.call("601")
    core.call("600")
    core.run(1)
    assert [leg.state for leg in core.legs] == [codes.CALL_UP] * 2
    assert min(len(core.heard[0]), len(core.heard[1])) > 30 * 160
    ours = {f["src"] for f in full(core, "out") if f["name"] in ("NEW", "REGREQ")}
    theirs = {f["src"] for f in full(core, "in") if f["name"] in ("ACCEPT", "REGACK")}
    assert len(ours) == 3 and len(theirs) == 3
    core.hang_up(core.legs[0])
    heard = len(core.heard[1])
    core.run(0.5)
    assert len(core.heard[1]) - heard > 15 * 160, "the second call went with the first"


@pytest.mark.takes(45)
def test_q58_port_that_changes_within_a_call_ends_it_cleanly(make_core):
    core = make_core().register()
    leg = core.call("607")
    core.run(0.3)
    rebind(core)
    leg.send_dtmf(ord("5"), True, core.now)
    assert core.until(lambda: core.told("HANGUP"), 36)
    core.run(0.5)
    assert leg.state == codes.CALL_FREE and not core.told("INCOMING")


@pytest.mark.takes(25)
def test_q59_slow_path_makes_the_phone_lagged_for_asterisk(make_phone, server):
    phone = make_phone()
    phone.session.power_on()
    phone.do("net delay 1150", "wait registered 20")
    lagged = phone.server_says(lambda: "LAGGED" in server.peer(phone.account), 15)
    assert lagged, server.peer(phone.account)
    phone.do("net restore")
