"""Callers prove the secret: the challenge, right and wrong answers, and what is kept meanwhile."""

import hashlib

import pytest
from bench import CoreBench
from corekit import ByHand, answered, carries_voice, heard, ringing, said, sent, told

import codes
from iax.demand import Demand
from peer import wire


def demanding(**options) -> CoreBench:
    """Return a bench whose callers must prove the secret."""
    bench = CoreBench(**options)
    bench.account.demand = True
    bench.endpoint.parts.append(Demand(bench.endpoint))
    return bench


class Kept:
    """A part that only keeps what it was asked to set a key for."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []

    def take(self, what: int, leg, buf: bytes, n: int, now: int) -> int:
        """Keep a copy."""
        if what == codes.PART_KEY:
            self.requests.append(bytes(buf[:n]))
        return 0


def offered(**ies) -> ByHand:
    """Return a server by hand that has just called the box."""
    hand = ByHand(demanding())
    hand.offer(**ies)
    return hand


def answer(hand: ByHand, secret: str = "pw1", name: str = "MD5_RESULT", upper: bool = False) -> None:
    """Answer the challenge."""
    challenge = hand.last("AUTHREQ")["ie"]["CHALLENGE"]
    result = hashlib.md5(challenge + secret.encode()).hexdigest()
    hand.iax("AUTHREP", wire.ie(name, result.upper() if upper else result))


def test_a_caller_who_knows_the_secret_rings():
    bench, call = ringing(demanding())
    assert call.state == "ringing" and len(told(bench, "INCOMING")) == 1
    request = said(bench, "AUTHREQ")[0]["ie"]
    assert list(request) == ["AUTHMETHODS", "CHALLENGE", "USERNAME"]
    assert request["AUTHMETHODS"] == 2 and request["USERNAME"] == "ata1"
    assert len(request["CHALLENGE"]) == 9 and request["CHALLENGE"].isdigit()


def test_the_call_goes_on_as_any_other():
    bench, call = answered(demanding())
    assert carries_voice(bench) and call.state == "up"


def test_nobody_hears_of_a_caller_before_he_is_proven():
    hand = offered()
    hand.bench.run(3000)
    assert not hand.bench.saw("INCOMING") and hand.bench.leg.state == codes.CALL_CHALLENGED
    answer(hand)
    assert hand.bench.saw("INCOMING")


def test_a_wrong_secret_is_rejected_with_cause_50():
    bench = demanding()
    bench.register()
    bench.account.secret = b"another"
    bench, call = ringing(bench)
    assert call.cause == 50 and not bench.saw("INCOMING") and bench.count("CALLER_REFUSED") == 1
    assert said(bench, "REJECT")[0]["ie"]["CAUSECODE"] == 50


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        wire.ie("MD5_RESULT", ""),
        wire.ie("MD5_RESULT", "0" * 32),
        wire.ie("MD5_RESULT", "0" * 255),
        wire.ie("PASSWORD", "pw1"),
        wire.ie("RSA_RESULT", "A" * 172),
    ],
)
def test_any_other_answer_is_rejected(payload):
    hand = offered()
    hand.iax("AUTHREP", payload)
    assert hand.last("REJECT")["ie"]["CAUSECODE"] == 50 and not hand.bench.saw("INCOMING")


def test_upper_case_digits_are_as_good():
    hand = offered()
    answer(hand, upper=True)
    assert hand.bench.saw("INCOMING")


def test_one_digit_wrong_is_wrong_wherever_it_stands():
    for at in (0, 15, 31):
        hand = offered()
        challenge = hand.last("AUTHREQ")["ie"]["CHALLENGE"]
        result = bytearray(hashlib.md5(challenge + b"pw1").hexdigest().encode())
        result[at] ^= 1
        hand.iax("AUTHREP", wire.ie("MD5_RESULT", bytes(result)))
        assert not hand.bench.saw("INCOMING")


def test_a_challenge_is_used_once():
    """The answer of one call proves nothing in the next."""
    hand = offered()
    challenge = hand.last("AUTHREQ")["ie"]["CHALLENGE"]
    result = wire.ie("MD5_RESULT", hashlib.md5(challenge + b"pw1").hexdigest())
    hand.iax("HANGUP")
    again = ByHand(hand.bench, 5001)
    again.offer()
    assert again.last("AUTHREQ")["ie"]["CHALLENGE"] != challenge
    again.iax("AUTHREP", result)
    assert not hand.bench.saw("INCOMING") and again.last("REJECT")["ie"]["CAUSECODE"] == 50


def test_a_right_answer_is_right_only_once():
    """The part itself forgets the challenge, whatever the leg lets through."""
    hand = offered()
    bench = hand.bench
    digest = hashlib.md5(hand.last("AUTHREQ")["ie"]["CHALLENGE"] + b"pw1").hexdigest()
    raw = wire.iax(5000, bench.leg.scallno, 99, 1, 1, "AUTHREP", wire.ie("MD5_RESULT", digest))
    judge = bench.endpoint.parts[-1]
    told_right = [judge.take(codes.PART_VERIFY, bench.leg, raw, len(raw), bench.now) for _ in range(2)]
    assert told_right == [1, 0]


def test_an_answer_nobody_asked_for_rings_no_telephone():
    hand = offered()
    hand.iax("AUTHREP", b"")
    hand.iax("AUTHREP", b"")
    answer(hand)
    assert not hand.bench.saw("INCOMING")


def test_a_server_by_hand_cannot_skip_the_proof():
    hand = offered()
    for name in ("ACCEPT", "AUTHREQ", "NEW"):
        hand.iax(name, wire.ie("FORMAT", 4))
    hand.full(2, 4, bytes(160))
    assert not hand.bench.saw("INCOMING") and hand.bench.audio == []
    assert said(hand.bench, "AUTHREP") == []


def test_a_caller_who_never_answers_is_forgotten_in_ten_seconds():
    hand = offered()
    hand.bench.run(9900)
    assert hand.bench.leg.state == codes.CALL_CHALLENGED
    hand.bench.run(10_200)
    assert hand.bench.leg.state == codes.CALL_FREE and not hand.bench.saw("INCOMING")


def test_an_account_without_a_secret_lets_nobody_in():
    bench = demanding()
    bench.account.secret = b""
    hand = ByHand(bench)
    hand.offer()
    answer(hand, secret="")
    assert not bench.saw("INCOMING")


@pytest.mark.parametrize(("allowed", "echoed"), [(0, None), (1, 1), (2, 1), (5, 1)])
def test_encryption_is_offered_if_both_sides_have_it(allowed, echoed):
    bench = demanding()
    bench.account.crypt = allowed
    hand = ByHand(bench)
    kept = Kept()
    bench.endpoint.parts.append(kept)
    hand.offer(ENCRYPTION=1)
    request = hand.last("AUTHREQ")
    assert request["ie"].get("ENCRYPTION") == echoed
    assert [wire.decode(octets)["ie"] for octets in kept.requests] == [request["ie"]]


def test_encryption_is_not_offered_to_a_caller_who_did_not_ask():
    bench = demanding()
    bench.account.crypt = 1
    hand = ByHand(bench)
    hand.offer()
    assert "ENCRYPTION" not in hand.last("AUTHREQ")["ie"]


def test_a_guest_has_no_secret_and_is_let_through():
    hand = ByHand(demanding())
    ies = {"VERSION": 2, "CALLED_NUMBER": "s", "FORMAT": 4, "CAPABILITY": 12}
    hand.bench.feed(wire.iax(5000, 0, 3, 0, 0, "NEW", wire.ies(*ies.items())), 9)
    assert hand.bench.saw("INCOMING") and said(hand.bench, "AUTHREQ") == []


def test_a_lost_challenge_is_sent_again():
    bench = demanding()
    bench.register()
    bench.peer.faults.lose("AUTHREQ", way="in", times=1)
    call = bench.peer.call_device("ata1")
    bench.run(1500)
    assert call.state == "ringing"
    asked = [frame["ie"]["CHALLENGE"] for frame in sent(bench, "AUTHREQ")]
    assert len(asked) == 2 and asked[0] == asked[1]
    assert heard(bench, "AUTHREP")
