"""What NEW says, and how a codec is chosen."""

import pytest
from bench import box_account

from iax import ie, opener
from peer import numbers as n
from peer import wire

ULAW_FIRST = b"\x02\x03"
ALAW_FIRST = b"\x03\x02"


def account():
    return box_account(number="100", name="Zoë")


def new_of(who, number=b"600"):
    buf = bytearray(600)
    end = opener.put_new(buf, 12, who, number)
    assert ie.check(buf, 12, end)
    return wire.split_ies(bytes(buf[12:end]))


def frame(*pairs):
    raw = wire.iax(2, 3, 0, 0, 1, "ACCEPT", wire.ies(*pairs))
    return raw, len(raw)


def test_new_begins_with_version_and_has_all_that_is_mandatory():
    pairs = new_of(account())
    assert pairs[0] == (11, b"\x00\x02") and pairs[1] == (1, b"600")
    assert {11, 1, 45, 38, 39, 40, 9} <= {which for which, _ in pairs}
    assert len(pairs) == len(dict(pairs))


def test_new_says_who_calls():
    said = dict(new_of(account()))
    assert (said[2], said[4], said[6]) == (b"100", "Zoë".encode(), b"ata1")


def test_new_wishes_one_format_and_is_able_to_do_all():
    who = box_account(laws=ALAW_FIRST)
    said = dict(new_of(who))
    assert said[9] == bytes((0, 0, 0, n.ALAW)) and said[8] == bytes((0, 0, 0, n.ALAW | n.ULAW))
    assert said[45] == b"ED"


def test_the_longest_new_fits_the_window_of_a_leg():
    who = box_account("u" * 64, "s" * 64, number="n" * 32, name="m" * 40)
    who.elements += bytes(300 - len(who.elements))  # as many as iax/caller.py allows
    buf = bytearray(640)
    end = opener.put_new(buf, 12, who, b"9" * 32)
    assert ie.put(buf, end, 54, bytes(255)) <= 640 and len(buf) == 640


@pytest.mark.parametrize(
    ("pairs", "law"),
    [
        ([("FORMAT", 4), ("FORMAT2", 4)], 2),
        ([("FORMAT", 8)], 3),
        ([("FORMAT2", 8)], 3),
        ([("FORMAT", 4), ("FORMAT2", 8)], 3),
        ([("FORMAT", 4), ("FORMAT2", 0)], 2),
        ([("FORMAT", 12)], 2),
        ([], 2),
        ([("FORMAT", 2)], -1),
        ([("FORMAT2", 1 << 34)], -1),
        ([("FORMAT", 1 << 18)], -1),
        ([(9, b"\x00\x04")], 2),
    ],
)
def test_accept_chooses_a_format(pairs, law):
    assert opener.accepted_law(*frame(*pairs), ULAW_FIRST) == law


@pytest.mark.parametrize(
    ("pairs", "ulaw_first", "alaw_first"),
    [
        ([("FORMAT", 4), ("CAPABILITY", 12)], 2, 3),
        ([("FORMAT", 4), ("CAPABILITY", 4)], 2, 2),
        ([("FORMAT", 8)], 3, 3),
        ([("CAPABILITY2", 1 << 40 | 8)], 3, 3),
        ([("FORMAT", 2), ("CAPABILITY", 2)], -1, -1),
        ([], -1, -1),
    ],
)
def test_the_users_order_decides_what_an_offer_becomes(pairs, ulaw_first, alaw_first):
    assert opener.offered_law(*frame(*pairs), ULAW_FIRST) == ulaw_first
    assert opener.offered_law(*frame(*pairs), ALAW_FIRST) == alaw_first


def test_cause_is_the_one_told_or_the_one_meant():
    assert opener.cause(*frame(("CAUSECODE", 17)), 16) == 17
    assert opener.cause(*frame(("CAUSE", "busy")), 16) == 16
    assert opener.cause(*frame((42, b"\x00\x11")), 0) == 0


def test_text_is_copied_and_cut():
    raw, size = frame(("CALLING_NUMBER", "12345"), ("CALLING_NAME", ""))
    assert opener.copy_text(raw, size, 2, 32) == b"12345"
    assert opener.copy_text(raw, size, 2, 3) == b"123"
    assert opener.copy_text(raw, size, 4, 32) == b"" == opener.copy_text(raw, size, 1, 32)
