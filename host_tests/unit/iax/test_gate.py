"""Who may call: tokens toward callers we know, guests, strangers; and what attackers make of it."""

import pytest
from bench import CoreBench
from corekit import SPEECH, ByHand, answered, carries_voice, ringing, said, sent, told

import ticks
from iax.gate import Gate
from peer import numbers as n
from peer import wire

HOME = b"\xc6\x33\x64\x07\x11\xd9"
AWAY = b"\xcb\x00\x71\x08\x11\xd9"
IES = {"VERSION": 2, "CALLED_NUMBER": "s", "CALLING_NUMBER": "700", "FORMAT": 4, "CAPABILITY": 12}


class Streets:
    """The net as far as the gate knows it: where strangers live, and where they moved in."""

    def __init__(self) -> None:
        self.src = HOME
        self.placed: dict[int, bytes] = {}
        self.full = False

    def place(self, peer: int, address: bytes) -> bool:
        """Note it."""
        self.placed[peer] = address
        return not self.full


class Door:
    """A box with a gate, and a caller whose every frame is written here."""

    def __init__(self, guests: bool = True, peer: int = 0, seed: int = 1) -> None:
        self.bench = CoreBench(seed=seed)
        self.net = Streets()
        self.gate = Gate(self.bench.endpoint, self.net, guests)
        self.bench.endpoint.parts.append(self.gate)
        self.bench.peer.vanish()
        self.from_peer = peer

    def knock(self, token: "bytes | None" = b"", src: int = 5000, **header) -> "dict | None":
        """Send a NEW and return the answer, if there is one."""
        pairs = [*IES.items()] + ([("CALLTOKEN", token)] if token is not None else [])
        raw = wire.full(
            src, header.get("dst", 0), 3, header.get("oseq", 0), 0, n.T_IAX, n.IAX["NEW"],
            wire.ies(*pairs), header.get("r", False),
        )  # fmt: skip
        return self.send(raw)

    def send(self, raw: bytes) -> "dict | None":
        """Send octets and return the last answer; it is never longer than what it answers."""
        before = len(self.bench.sent)
        peer = self.from_peer
        if peer == 0 and self.net.placed.get(9) == self.net.src:
            peer = 9
        self.bench.feed(raw, peer)
        answers = [octets for _, octets in self.bench.sent[before:]]
        if not self.bench.leg.state:
            assert sum(len(octets) for octets in answers) <= len(raw)
        return wire.decode(answers[-1]) if answers else None

    def token(self, **knock) -> bytes:
        """Ask for a token."""
        answer = self.knock(**knock)
        assert answer and answer["name"] == "CALLTOKEN"
        return answer["ie"]["CALLTOKEN"]

    def later(self, ms: int) -> None:
        """Let time pass."""
        self.bench.now = ticks.add(self.bench.now, ms)

    @property
    def rang(self) -> bool:
        """Did the telephone hear of a call?"""
        return self.bench.saw("INCOMING")


def test_a_known_server_is_asked_for_a_token_and_then_rings():
    bench = CoreBench()
    bench.endpoint.parts.append(Gate(bench.endpoint, Streets(), False))
    bench, call = ringing(bench)
    assert call.state == "ringing" and call.tokens_seen == 1
    assert bench.count("TOKEN_ASKED") == 1 and len(told(bench, "INCOMING")) == 1


def test_the_call_goes_on_as_any_other():
    bench = CoreBench()
    bench.endpoint.parts.append(Gate(bench.endpoint, Streets(), False))
    bench, call = answered(bench)
    assert carries_voice(bench) and call.state == "up"


def test_an_old_server_that_knows_no_tokens_gets_through():
    bench = CoreBench()
    bench.endpoint.parts.append(Gate(bench.endpoint, Streets(), False))
    bench, call = ringing(bench, calltoken=False)
    assert call.state == "ringing" and bench.count("TOKEN_ASKED") == 0


def test_a_server_that_knows_tokens_cannot_be_spoofed_by_leaving_the_token_out():
    door = Door(peer=1)
    door.knock(door.token())
    assert door.rang
    door.bench.leg.drop(16, door.bench.now)
    door.bench.drain()
    answer = door.knock(None, src=5001)
    assert answer is not None and (answer["name"], answer["src"]) == ("REJECT", 1)
    assert len(told(door.bench, "INCOMING")) == 1
    door.from_peer = 3
    door.knock(None, src=5002)
    assert len(told(door.bench, "INCOMING")) == 2, "another server is another matter"


@pytest.mark.parametrize("start", [2**30 - 1, 2**30 - 5000, 65536 * 256 - 1])
def test_a_token_is_good_across_the_wraps_of_its_clock(start):
    door = Door(peer=1)
    door.bench.now = start
    token = door.token()
    door.later(9000)
    door.knock(token)
    assert door.rang


def test_the_answer_is_stateless_and_copies_what_it_answers():
    door = Door(peer=1)
    answer = door.knock(b"")
    assert answer is not None
    assert (answer["src"], answer["dst"], answer["ts"], answer["oseq"], answer["iseq"]) == (1, 5000, 3, 0, 1)
    assert list(answer["ie"]) == ["CALLTOKEN"] and answer["ie"]["CALLTOKEN"].isalnum()
    assert door.bench.leg.state == 0 and door.bench.endpoint.next_due(door.bench.now) == -1


def test_the_same_question_has_the_same_answer():
    """A NEW sent again is answered again: nothing is kept."""
    door = Door(peer=1)
    assert door.token() == door.token(r=True)


@pytest.mark.parametrize("wait_ms", [0, 5000, 9700])
def test_a_token_is_good_for_ten_seconds(wait_ms):
    door = Door(peer=1)
    token = door.token()
    door.later(wait_ms)
    door.knock(token)
    assert door.rang


@pytest.mark.parametrize("wait_ms", [10_000, 60_000, 256 * 65536 - 300, 256 * 65536, -1000])
def test_an_old_token_is_rejected(wait_ms):
    door = Door(peer=1)
    token = door.token()
    door.later(wait_ms)
    answer = door.knock(token)
    assert answer is not None
    assert (answer["name"], answer["src"], answer["payload"]) == ("REJECT", 1, b"") and not door.rang
    assert door.bench.count("TOKEN_WRONG") == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t[:-1] + (b"0" if t[-1:] != b"0" else b"1"),
        lambda t: t[:-1],
        lambda t: t + b"0",
        lambda t: b"zzzz" + t[4:],
        lambda t: b"-001" + t[4:],
        lambda t: b"%04x" % (int(t[:4], 16) + 1 & 0xFFFF) + t[4:],
        lambda t: t.upper() if t.upper() != t else t[::-1],
        lambda t: bytes(255),
        lambda t: b"\0",
    ],
)
def test_a_wrong_token_is_rejected(spoil):
    door = Door(peer=1)
    token = door.token()
    answer = door.knock(spoil(token))
    assert answer is not None and answer["name"] == "REJECT" and not door.rang


def test_a_token_belongs_to_one_sender_and_one_call():
    door = Door()
    token = door.token()
    assert door.knock(token, src=5001)["name"] == "REJECT"
    door.net.src = AWAY
    assert door.knock(token)["name"] == "REJECT" and not door.rang
    door.net.src = HOME
    door.knock(token)
    assert door.rang


def test_a_token_does_not_outlive_the_boot():
    token = Door(seed=1).token()
    assert Door(seed=2).knock(token)["name"] == "REJECT"


def test_a_guest_calls_becomes_peer_nine_and_talks():
    door = Door()
    door.knock(door.token())
    assert door.rang and door.net.placed == {9: HOME} and door.bench.leg.peer == 9
    door.bench.leg.pickup(door.bench.now)
    door.bench.drain()
    number = door.bench.leg.scallno
    door.send(wire.full(5000, number, 40, 1, 4, n.T_VOICE, 4, SPEECH))
    assert [octets for _, _, octets in door.bench.audio] == [SPEECH]
    door.send(wire.iax(5000, number, 80, 2, 4, "HANGUP", wire.ie("CAUSECODE", 16)))
    assert told(door.bench, "HANGUP") == [16]
    assert sent(door.bench)[-1]["name"] == "ACK"


def test_strangers_are_not_heard_without_guests():
    door = Door(guests=False)
    assert door.knock(b"") is None and door.knock(b"0" * 16) is None and door.knock(None) is None
    assert door.bench.count("RX_STRANGER") == 3 and door.bench.count("TOKEN_ASKED") == 0


def test_a_stranger_without_a_token_is_not_answered_even_with_guests():
    door = Door()
    assert door.knock(None) is None
    assert door.bench.count("RX_STRANGER") == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x80",
        wire.iax(5000, 0, 0, 0, 0, "POKE", wire.ie("CALLTOKEN")),
        wire.iax(5000, 0, 0, 0, 0, "REGREQ", wire.ies(("USERNAME", "x"), ("CALLTOKEN", b""))),
        wire.iax(5000, 7, 0, 0, 0, "NEW", wire.ies(*IES.items(), ("CALLTOKEN", b""))),
        wire.iax(5000, 0, 0, 1, 0, "NEW", wire.ies(*IES.items(), ("CALLTOKEN", b""))),
        wire.iax(1, 0, 0, 0, 0, "NEW", wire.ies(*IES.items(), ("CALLTOKEN", b""))),
        wire.iax(5000, 0, 0, 0, 0, "NEW", wire.ies(*IES.items(), ("CALLTOKEN", b"")) + b"\x01"),
        wire.iax(5000, 0, 0, 0, 0, "NEW", wire.ies(*IES.items(), ("CALLTOKEN", b"")) + b"\xc8\xff" * 800),
        wire.mini(5000, 20, SPEECH),
        wire.full(5000, 0, 0, 0, 0, n.T_VOICE, 4, SPEECH),
        bytes(40),
    ],
)
def test_everything_else_from_strangers_is_dropped(raw):
    door = Door()
    assert door.send(raw) is None
    assert door.bench.count("RX_STRANGER") == 1 and not door.net.placed


def test_a_stranger_whose_address_nobody_knows_is_dropped():
    door = Door()
    door.net.src = b""
    assert door.knock(b"") is None


def test_a_small_question_gets_no_longer_answer():
    """It might be asked in somebody else's name."""
    door = Door()
    assert door.send(wire.iax(5000, 0, 0, 0, 0, "NEW", wire.ie("CALLTOKEN"))) is None
    assert (
        door.send(wire.iax(5000, 0, 0, 0, 0, "NEW", wire.ie(99, bytes(14)) + wire.ie("CALLTOKEN")))
        is not None
    )


def test_a_second_guest_hears_busy_and_the_first_is_not_moved():
    door = Door()
    door.knock(door.token())
    door.net.src = AWAY
    answer = door.knock(door.token())
    assert (answer["name"], answer["ie"]) == ("REJECT", {"CAUSECODE": 17})
    assert door.net.placed == {9: HOME} and len(told(door.bench, "INCOMING")) == 1


def test_when_the_first_guest_is_gone_the_second_is_welcome():
    door = Door()
    door.knock(door.token())
    door.bench.hang_up()
    number = door.bench.leg.scallno
    door.send(wire.iax(5000, number, 40, 1, 3, "ACK"))
    door.bench.run(10)
    door.net.src = AWAY
    door.knock(door.token())
    assert door.net.placed == {9: AWAY} and len(told(door.bench, "INCOMING")) == 2


def test_a_guest_needs_a_token_for_its_second_call_too():
    door = Door()
    door.knock(door.token())
    door.send(wire.iax(5000, door.bench.leg.scallno, 40, 1, 2, "HANGUP"))
    assert door.knock(None, src=5001) is None
    assert door.knock(b"0" * 16, src=5001)["name"] == "REJECT"
    token = door.token(src=5001)
    assert len(told(door.bench, "INCOMING")) == 1
    door.knock(token, src=5001)
    assert len(told(door.bench, "INCOMING")) == 2


def test_a_net_that_cannot_place_a_guest_takes_no_call():
    door = Door()
    door.net.full = True
    token = door.token()
    door.knock(token)
    assert not door.rang and door.bench.leg.state == 0


def test_a_flood_of_callers_in_a_call_does_not_touch_it():
    """A thousand NEWs a second from all over the world, with and without tokens, for two seconds."""
    bench, _call = answered()
    net = Streets()
    bench.endpoint.parts.append(Gate(bench.endpoint, net, True))
    before, minis = len(bench.audio), bench.count("TX_MINI")
    for i in range(2000):
        net.src = bytes((198, 51, i >> 8, i & 255, 17, 217))
        token = b"" if i % 2 else b"%016x" % i
        raw = wire.iax(2 + i, 0, 3, 0, 0, "NEW", wire.ies(*IES.items(), ("CALLTOKEN", token)))
        answers = len(bench.sent)
        bench.endpoint.feed_datagram(raw, 0, bench.now)
        while bench.endpoint.poll_tx(bench.now):
            assert bench.endpoint.tx_peer == 0 and bench.endpoint.tx_n <= len(raw)
        assert len(bench.sent) == answers
        if i % 5 == 4:
            bench.run(5)
    assert bench.count("TOKEN_ASKED") == 1000 and bench.count("TOKEN_WRONG") == 1000
    assert len(bench.audio) - before >= 98 and bench.count("TX_MINI") - minis >= 98
    assert not net.placed and carries_voice(bench)


def test_a_busy_box_answers_a_proven_caller_by_busy():
    hand = ByHand(CoreBench())
    hand.bench.endpoint.parts.append(Gate(hand.bench.endpoint, Streets(), False))
    hand.accept()
    raw = wire.iax(6000, 0, 3, 0, 0, "NEW", wire.ies(*IES.items()))
    hand.bench.feed(raw)
    assert sent(hand.bench)[-1]["ie"] == {"CAUSECODE": 17}
    assert said(hand.bench, "CALLTOKEN") == []
