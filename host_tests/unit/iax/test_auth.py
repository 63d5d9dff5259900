"""Challenges that can be met and those that must not be."""

import pytest
from bench import box_account

import codes
from iax import opener
from peer import wire
from stats import Stats

MD5_RESULT = 16


class Asked:
    """A dialog that was challenged: keeps what it was given to say."""

    def __init__(self, proves=0):
        import bench

        self.ep = self
        self.account = box_account()
        self.crypto = bench.SeededCrypto(1)
        self.stats = Stats()
        self.said = []
        self.asked = []
        self.proves = proves

    def ask(self, what, leg, buf, n, now):
        self.asked.append(what)
        return self.proves

    def send_proof(self, number, value, now):
        self.said.append((number, value))

    def meet(self, *pairs):
        raw = wire.iax(2, 3, 0, 0, 1, "AUTHREQ", wire.ies(*pairs))
        return opener.meet(self, raw, len(raw), 0)


def test_result_is_lower_hex_of_a_known_pair():
    who = Asked()
    assert who.meet(("AUTHMETHODS", 2), ("CHALLENGE", b"987654321"))
    assert who.said == [(MD5_RESULT, b"0411ef8f6f8215468fe06cac518cb4d9")]


@pytest.mark.parametrize("methods", [2, 3, 6, 7, 0x8002])
def test_a_challenge_for_md5_is_met_whatever_else_is_offered(methods):
    who = Asked()
    assert who.meet(("AUTHMETHODS", methods), ("CHALLENGE", b"\x00\xff7"))
    assert who.said and not who.asked


@pytest.mark.parametrize("methods", [0, 1, 4, 5])
def test_other_methods_alone_are_not_met(methods):
    who = Asked()
    assert not who.meet(("AUTHMETHODS", methods), ("CHALLENGE", b"1"))
    assert not who.said and who.stats.counts[codes.AUTH_REFUSED] == 1


@pytest.mark.parametrize(
    "pairs",
    [
        [("CHALLENGE", b"1")],
        [("AUTHMETHODS", 2)],
        [("AUTHMETHODS", 2), ("CHALLENGE", b"")],
        [(14, b"\x02"), ("CHALLENGE", b"1")],
    ],
)
def test_without_methods_or_challenge_nothing_is_met(pairs):
    who = Asked()
    assert not who.meet(*pairs) and not who.said


def test_without_a_secret_nothing_is_met():
    who = Asked()
    who.account.secret = b""
    assert not who.meet(("AUTHMETHODS", 2), ("CHALLENGE", b"1")) and not who.said


def test_another_proof_is_a_part_s_affair_and_goes_first_where_it_is_allowed():
    who = Asked(proves=1)
    who.account.methods = 6
    assert who.meet(("AUTHMETHODS", 6), ("CHALLENGE", b"1"))
    assert who.asked == [codes.PART_PROVE] and not who.said


def test_plain_text_is_never_allowed_again_once_md5_was_offered():
    who = Asked()
    who.account.methods = 3
    assert who.meet(("AUTHMETHODS", 3), ("CHALLENGE", b"1"))
    assert who.account.methods == 2
    assert not who.meet(("AUTHMETHODS", 1), ("CHALLENGE", b"1"))
    assert len(who.said) == 1
