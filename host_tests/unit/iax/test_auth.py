"""Challenges that can be met and those that must not be."""

import hashlib

import pytest

from iax import auth
from peer import wire


def authreq(*pairs):
    raw = wire.iax(2, 3, 0, 0, 1, "AUTHREQ", wire.ies(*pairs))
    return auth.challenge(raw, len(raw))


def test_result_is_lower_hex_of_a_known_pair():
    buf = bytearray(34)
    digest = hashlib.md5(b"987654321" + b"pw1").digest()
    assert auth.put_result(buf, 0, digest) == 34
    assert bytes(buf) == b"\x10\x20" + b"0411ef8f6f8215468fe06cac518cb4d9"


@pytest.mark.parametrize("methods", [2, 3, 6, 7, 0x8002])
def test_a_challenge_for_md5_is_taken_as_it_is(methods):
    assert authreq(("AUTHMETHODS", methods), ("CHALLENGE", b"\x00\xff7")) == b"\x00\xff7"


@pytest.mark.parametrize("methods", [0, 1, 4, 5])
def test_other_methods_alone_are_not_met(methods):
    assert authreq(("AUTHMETHODS", methods), ("CHALLENGE", b"1")) == b""


def test_without_methods_or_challenge_nothing_is_met():
    assert authreq(("CHALLENGE", b"1")) == b""
    assert authreq(("AUTHMETHODS", 2)) == b""
    assert authreq(("AUTHMETHODS", 2), ("CHALLENGE", b"")) == b""
    assert authreq((14, b"\x02"), ("CHALLENGE", b"1")) == b""
