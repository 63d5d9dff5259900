"""What somebody on the net may try, against the default box and against one with every part loaded.

Strangers are forged sources and wrong ports. What comes from the server's own address is forged better, or
the server has gone bad; that may cost the call at hand, never a secret, another call, or the box.
"""

import pytest
from bench import SERVER
from corekit import SPEECH, ByHand, said, sent, told
from siege import MODES, NEXT_DOOR, SOMEWHERE, Siege, aimed, aimed_full

from peer import numbers as n
from peer import wire

modes = pytest.mark.parametrize("mode", MODES)
clear_modes = pytest.mark.parametrize("mode", MODES[:2])
senders = pytest.mark.parametrize("sender", [SOMEWHERE, NEXT_DOOR], ids=["another host", "another port"])
ENDS = ("HANGUP", "REJECT", "INVAL", "TXREL")
STEERS = (
    "QUELCH",
    "TXREQ",
    "TRANSFER",
    "RTKEY",
    "AUTHREQ",
    "ACCEPT",
    "REGREJ",
    "VNAK",
    "ACK",
    "PING",
    "LAGRQ",
)
NEW = wire.ies(("VERSION", 2), ("CALLED_NUMBER", "s"), ("FORMAT", 4), ("CAPABILITY", 12), ("CALLTOKEN", b""))
PROOFS = ("MD5_RESULT", "RSA_RESULT", "PASSWORD")


def proofs(siege):
    """Return how many frames that left the box hold a proof of the secret."""
    datagrams = [raw for _, raw in siege.sent] + [raw for _, _, raw in siege.answers]
    frames = [wire.decode(raw) for raw in datagrams]
    return sum(any(name in frame.get("ie", ()) for name in PROOFS) for frame in frames)


# -- forged sources ------------------------------------------------------------------------------------


@modes
@senders
def test_a_stranger_who_knows_every_number_of_the_call_is_not_heard(mode, sender):
    siege = Siege(mode)
    call = siege.call()
    for name in (*ENDS, *STEERS):
        assert siege.strike(aimed(call, name), sender) == []
    for subclass in (1, 3, 4, 5, 8, 16, 255):
        assert siege.strike(aimed_full(call, n.T_CONTROL, subclass), sender) == []
    assert siege.strike(aimed_full(call, n.T_DTMF_END, ord("#")), sender) == []
    assert siege.strike(aimed_full(call, n.T_VOICE, n.ULAW, b"!" * 160), sender) == []
    assert siege.strike(wire.mini(call.number, call.elapsed(), b"!" * 160), sender) == []
    assert siege.strike(wire.trunk(1, [(call.number, call.elapsed() & 0xFFFF, b"!" * 160)]), sender) == []
    assert siege.whole(2000) and siege.count("RX_STRANGER") == len(ENDS) + len(STEERS) + 11
    assert told(siege, "NOTE") == [] and not siege.saw("QUELCH")


@clear_modes
def test_a_servers_own_answers_from_another_port_are_not_heard(mode):
    """Item 63, for a whole call: everything from the wrong port."""
    siege = Siege(mode)
    siege.register()
    siege.peer.faults.wrong_port()
    siege.dial("600", 3000)
    assert not siege.saw("ACCEPTED") and siege.count("RX_STRANGER") >= 2
    siege.peer.faults.clear()
    assert siege.run_until("ANSWERED", 12_000)


@clear_modes
def test_a_registration_does_not_end_by_a_strangers_word(mode):
    siege = Siege(mode)
    siege.register()
    box = siege.registrar
    for name in ("REGREJ", "REGACK", "INVAL", "HANGUP", "REGAUTH"):
        raw = wire.iax(box.dcallno or 77, box.scallno, 9, box.iseq, 2, name)
        assert siege.strike(raw) == [] and siege.strike(raw, NEXT_DOOR) == []
    assert len(told(siege, "REGISTERED")) == 1 and not siege.saw("REG_FAILED")


# -- the right address, wrong numbers ------------------------------------------------------------------


@modes
def test_the_right_source_number_with_any_wrong_destination_does_nothing(mode):
    siege = Siege(mode)
    call = siege.call()
    before = siege.count("RX_WRONG_DEST")
    wrong = [dst for dst in range(1, 0x8000, 31) if dst != call.their]
    for dst in wrong:
        siege.strike(aimed(call, "HANGUP", dst=dst), SERVER)
    assert siege.count("RX_WRONG_DEST") - before == len(wrong)
    assert siege.whole(1000)


@modes
def test_the_right_destination_with_any_wrong_source_number_does_nothing(mode):
    siege = Siege(mode)
    call = siege.call()
    for src in (*range(2, 0x8000, 61), 0):
        if src != call.number:
            siege.strike(aimed(call, "HANGUP", src=src), SERVER)
    assert siege.whole(1000)


@clear_modes
def test_guesses_of_call_numbers_draw_few_invals_and_none_longer(mode):
    siege = Siege(mode)
    siege.call()
    siege.run(1000)
    began = siege.count("TX_INVAL")
    for i in range(2000):
        for octets in siege.strike(wire.iax(2 + i, 9000 + i, 7, 3, 3, "LAGRQ"), SERVER):
            assert len(octets) <= 12 or wire.decode(octets)["kind"] == "mini"
        if i % 10 == 0:
            siege.run(5)
    assert siege.count("TX_INVAL") - began <= 11 and siege.whole(1000)


def test_an_encrypted_call_cannot_be_ended_in_clear_even_from_the_servers_address():
    siege = Siege("all parts, encrypted")
    call = siege.call()
    assert siege.leg.cipher is not None
    for name in (*ENDS, *STEERS):
        siege.strike(aimed(call, name), SERVER)
    siege.strike(aimed_full(call, n.T_CONTROL, 1), SERVER)
    siege.strike(wire.mini(call.number, call.elapsed(), b"!" * 160), SERVER)
    assert siege.whole(2000)


# -- replays -------------------------------------------------------------------------------------------


def incoming(mode):
    """Return (siege, the server's call) with an incoming call answered, every datagram of it in the log."""
    siege = Siege(mode)
    siege.register()
    call = siege.peer.call_device("ata1")
    siege.run(300)
    siege.speak = lambda t_ms: SPEECH
    siege.leg.pickup(siege.now)
    siege.drain()
    siege.run(500)
    assert call.state == "up"
    return siege, call


def theirs(siege, *names):
    """Return the server's datagrams of those names, all full frames if none is named."""
    return [
        f["raw"]
        for f in siege.peer.log
        if f["way"] == "out" and f["kind"] == "full" and (f["name"] in names or not names)
    ]


@modes
def test_a_new_played_again_in_its_call_is_a_duplicate(mode):
    siege, _ = incoming(mode)
    for raw in theirs(siege, "NEW"):
        for _ in range(20):
            siege.strike(raw, SERVER)
    assert len(told(siege, "INCOMING")) == 1 and siege.whole(1000)


@modes
def test_a_new_played_again_after_its_call_does_not_ring(mode):
    """With the R bit, as a network that kept a copy would bring it; with parts loaded, without it too."""
    siege, call = incoming(mode)
    news = theirs(siege, "NEW")
    call.hangup(16)
    siege.run(1000)
    for raw in news:
        again = raw[:2] + bytes((raw[2] | 0x80,)) + raw[3:]
        siege.strike(again, SERVER)
        if siege.full:
            siege.strike(raw, SERVER)
        siege.run(100)
    assert len(told(siege, "INCOMING")) == 1
    siege.run(40_000)
    assert siege.leg.state == 0 and len(told(siege, "INCOMING")) == 1


@modes
def test_everything_of_an_old_call_played_again_leaves_the_new_one_alone(mode):
    """HANGUP first of all, then each frame that the server ever sent, in its order, three times over."""
    siege = Siege(mode)
    siege.call().hangup(16)
    siege.run(3000)
    old = theirs(siege)
    ends = theirs(siege, "HANGUP")
    siege.events.clear()
    siege.dial("600")
    assert siege.run_until("ANSWERED")
    siege.run(500)
    before = proofs(siege)
    for raw in (*ends, *old, *old, *old):
        siege.strike(raw, SERVER)
        siege.run(5)
    assert siege.whole(1000) and proofs(siege) == before
    assert ends and siege.peer.accounts["ata1"].addr is not None


@modes
def test_a_registration_played_again_changes_nothing(mode):
    siege = Siege(mode)
    siege.register()
    registered, before = len(told(siege, "REGISTERED")), proofs(siege)
    for raw in theirs(siege, "CALLTOKEN", "REGAUTH", "REGACK") * 5:
        siege.strike(raw, SERVER)
        siege.run(20)
    assert len(told(siege, "REGISTERED")) == registered and proofs(siege) == before
    siege.run(60_000)
    assert len(told(siege, "REGISTERED")) > registered and not siege.saw("REG_FAILED")


# -- frames that do not belong -------------------------------------------------------------------------

STRAY = (
    "PROVISION", "RTKEY", "TXREQ", "REGACK", "AUTHREQ", "REGAUTH", "ACCEPT", "AUTHREP", "TXREL", "TXREADY",
    "DPREP", "FWDATA", "CALLTOKEN", "REGREJ", "PONG", "LAGRP", "MWI", "TXMEDIA", "TRANSFER", "DIAL", "DPREQ",
    "REGREQ",
)  # fmt: skip
JUNK = {
    "AUTHREQ": wire.ies(("AUTHMETHODS", 7), ("CHALLENGE", "123456789"), ("USERNAME", "ata1")),
    "REGAUTH": wire.ies(("AUTHMETHODS", 7), ("CHALLENGE", "123456789"), ("USERNAME", "ata1")),
    "RTKEY": wire.ie("CHALLENGE", b"k" * 16),
    "TXREQ": wire.ies(
        ("APPARENT_ADDR", wire.apparent_addr(("192.0.2.66", 4569))), ("CALLNO", 77), ("TRANSFERID", 5)
    ),
    "REGACK": wire.ies(("USERNAME", "ata1"), ("REFRESH", 1), ("MSGCOUNT", 0x0909)),
    "ACCEPT": wire.ie("FORMAT", 4),
    "TXREL": wire.ie("CALLNO", 77),
    "DPREP": wire.ies(("CALLED_NUMBER", "6"), ("DPSTATUS", 1), ("REFRESH", 600)),
}


def numbers_of(name):
    """Return the subclass of a name, of those too that the peer has no name for."""
    return n.IAX.get(name, {"PROVISION": 35, "FWDATA": 37}.get(name, 0))


@modes
@pytest.mark.parametrize("name", STRAY)
def test_a_stray_frame_to_an_idle_box_does_nothing(mode, name):
    siege = Siege(mode)
    siege.register()
    events, before = list(siege.events), proofs(siege)
    box = siege.registrar
    for sender in (SERVER, SOMEWHERE):
        for dst in (0, 1, box.scallno, 4242):
            for src in (box.dcallno, 5000, 1):
                raw = wire.full(src, dst, 7, box.iseq, 9, n.T_IAX, numbers_of(name), JUNK.get(name, b""))
                out = siege.strike(raw, sender)
                assert sum(map(len, out)) <= len(raw)
                assert sender == SERVER or out == []
    siege.run(3000)
    assert siege.events == events and proofs(siege) == before and siege.leg.state == 0


@clear_modes
@pytest.mark.parametrize("name", [name for name in STRAY if name not in ("TXREL", "TXREQ")])
def test_a_stray_frame_in_a_call_costs_no_secret_and_no_voice(mode, name):
    """In its turn and with the right numbers: the server itself says it."""
    siege = Siege(mode)
    call = siege.call()
    before, registered = proofs(siege), len(told(siege, "REGISTERED"))
    call.iax(numbers_of(name), JUNK.get(name, b""))
    siege.run(50)
    assert call.unacked == [] or name == "CALLTOKEN"  # which no call in being can mean
    assert proofs(siege) == before and len(told(siege, "REGISTERED")) == registered
    assert siege.whole(1000)


@clear_modes
def test_authreq_again_and_again_gets_one_answer_a_dialog(mode):
    siege = Siege(mode)
    siege.register()
    before = proofs(siege)
    hand = ByHand(siege)
    siege.dial("600")
    for _ in range(10):
        hand.iax("AUTHREQ", JUNK["AUTHREQ"])
        siege.run(100)
    assert proofs(siege) - before - len([f for f in sent(siege, "AUTHREP") if f["r"]]) == 1


@clear_modes
def test_an_authreq_for_plain_text_gets_no_secret(mode):
    siege = Siege(mode)
    siege.register()
    hand = ByHand(siege)
    siege.dial("600")
    hand.iax("AUTHREQ", wire.ies(("AUTHMETHODS", 1), ("USERNAME", "ata1")))
    siege.run(3000)
    assert not sent(siege, "AUTHREP") and b"pw1" not in b"".join(raw for _, raw in siege.sent)
    assert told(siege, "HANGUP") == [50]


@modes
def test_an_authreq_on_a_call_that_came_in_is_not_answered(mode):
    siege, call = incoming(mode)
    before = proofs(siege)
    call.iax("AUTHREQ", JUNK["AUTHREQ"])
    siege.run(100)
    assert proofs(siege) == before and siege.whole(500)


def test_a_txreq_makes_no_noise_where_it_points_to():
    """Four TXCNT of 18 octets, a second apart, and the call stays where it is."""
    siege = Siege("all parts")
    call = siege.call()
    call.iax("TXREQ", JUNK["TXREQ"])
    siege.run(100)
    assert siege.whole(30_000)
    assert len(siege.answers) <= 4 and {len(octets) for _, _, octets in siege.answers} <= {18}


# -- too long, too short -------------------------------------------------------------------------------


@modes
@pytest.mark.parametrize("size", [0, 33, 64, 100, 255])
def test_every_element_may_be_too_long_in_a_new(mode, size):
    """All of them at once where the datagram has room, else one by one."""
    siege = Siege(mode)
    siege.register()
    hand = ByHand(siege)
    for number in range(1, 64):
        for element in (wire.ie(number, b"A" * size), wire.ie(number, b"\xff" * size) * 4):
            hand.oseq = 0
            hand.src = 5000 + number
            hand.iax("NEW", element + wire.ie("FORMAT", 4), dst=0, iseq=0)
            assert len(siege.leg.number) <= 32 and len(siege.leg.told) <= 400
            siege.hang_up()
            siege.run(5)
    siege.run(61_000)
    siege.peer.come_back()
    siege.call()
    assert siege.whole(500)


@clear_modes
@pytest.mark.parametrize(
    "name", ["ACCEPT", "AUTHREQ", "CALLTOKEN", "REJECT", "HANGUP", "PONG", "TXREQ", "DPREP"]
)
@pytest.mark.parametrize("state", ["waiting", "linked"])
def test_every_element_may_be_too_long_in_an_answer(mode, name, state):
    siege = Siege(mode)
    siege.register()
    for number in range(1, 64):
        hand = ByHand(siege, src=1 if name == "CALLTOKEN" else 5000 + number)
        siege.dial("600")
        if state == "linked" and name != "CALLTOKEN":
            hand.iax("ACCEPT", wire.ie("FORMAT", 4))
        hand.iax(name, wire.ie(number, b"\xff" * 255) * 4)
        siege.run(5)
        siege.hang_up()
        siege.run(5)
        siege.leg.step(11, siege.now)
        siege.drain()
    siege.run(12_000)
    siege.peer.come_back()
    siege.call()
    assert siege.whole(500)


@modes
def test_datagrams_of_every_length_from_nothing_on(mode):
    """From none, which a socket may deliver, to more than any buffer holds, from the server and strangers."""
    siege = Siege(mode)
    call = siege.call()
    head = aimed(call, "HANGUP")[:12]
    for size in (*range(24), 100, 1400, 1499, 1500, 1501, 2000, 4095, 4096, 9000, 65507):
        for raw in (
            bytes(size),
            (b"\x80" + bytes(size))[:size],
            (head + b"\xff" * size)[:size] if size not in (12,) else b"",
        ):
            assert siege.strike(raw) == []
            siege.strike(raw[:11] if len(raw) == 12 else raw, SERVER)
    assert siege.whole(1000)


@modes
def test_a_broken_list_of_elements_is_no_frame(mode):
    siege = Siege(mode)
    call = siege.call()
    for tail in (b"\x16", b"\x16\x05abc", b"\x00\xff", wire.ie("CAUSE", "x") + b"\x01"):
        siege.strike(aimed(call, "HANGUP", tail), SERVER)
        siege.strike(wire.iax(6000, 0, 0, 0, 0, "NEW", NEW + tail), SERVER)
    assert siege.whole(1000) and not siege.saw("INCOMING")
    assert not said(siege, "REJECT")
