"""No answer is longer than what it answers, as long as nobody has shown that he is where he says.

A stranger who forges his victim's address must not gain by using this box as his mirror, whatever he sends:
every frame type and subclass, every length, with and without elements, alone and in a row.
"""

import pytest
from bench import SERVER
from hypothesis import given, settings
from hypothesis import strategies as st
from siege import MODES, SOMEWHERE, Siege

from peer import numbers as n
from peer import wire

SIZES = (12, *range(14, 34), 48, 200, 1500)
octet = st.integers(0, 255)
number = st.one_of(st.sampled_from((0, 1, 2, 5000)), st.integers(0, 0x7FFF))
element = st.one_of(
    st.just(("CALLTOKEN", b"")),
    st.just(("VERSION", 2)),
    st.just(("FORMAT", 4)),
    st.tuples(octet, st.binary(max_size=20)),
)
payload = st.one_of(st.lists(element, max_size=6).map(lambda pairs: wire.ies(*pairs)), st.binary(max_size=40))
frame = st.builds(
    lambda src, dst, oseq, iseq, ftype, csub, tail, r: (
        wire.full(src, dst, 99, oseq, iseq, ftype, 0, b"", r)[:11] + bytes((csub,)) + tail
    ),
    number, number, st.one_of(st.just(0), octet), octet, st.one_of(st.just(6), octet),
    st.one_of(st.integers(0, 41), octet), payload, st.booleans(),
)  # fmt: skip
datagram = st.one_of(frame, frame, frame, st.binary(max_size=60))


def bare(subclass, size):
    """Return an opener of so many octets, elements of nothing behind its header."""
    tail = (
        b"\x00\x00" * ((size - 12) // 2) if size % 2 == 0 else b"\x00\x01?" + b"\x00\x00" * ((size - 15) // 2)
    )
    return wire.full(5000, 0, 0, 0, 0, n.T_IAX, 0, b"")[:11] + bytes((subclass,)) + tail


@pytest.mark.parametrize("mode", MODES[:2])
def test_no_subclass_of_any_length_from_a_stranger_draws_more_than_it_brought(mode):
    siege = Siege(mode)
    for subclass in range(256):
        for size in SIZES:
            raw = bare(subclass, size)
            assert sum(map(len, siege.strike(raw))) <= (len(raw) if mode != "as it is" else 0)
    siege.answers.clear()
    siege.run(60_000)
    assert siege.answers == [] and siege.sent == []


@pytest.mark.parametrize("mode", MODES[:2])
def test_no_subclass_of_any_length_in_the_servers_name_draws_more_than_it_brought(mode):
    """While the line is busy; a NEW that finds it free is a call, and calls are answered."""
    siege = Siege(mode)
    siege.call()
    siege.speak = None
    siege.run(100)
    for subclass in range(256):
        for size in SIZES:
            raw = bare(subclass, size)
            assert sum(map(len, siege.strike(raw, SERVER))) <= len(raw), (subclass, size)
        siege.run(100)
    assert siege.leg.linked()


@settings(max_examples=60, deadline=None)
@given(st.lists(datagram, max_size=12), st.sampled_from(MODES[:2]), st.integers(0, 3000))
def test_a_stranger_gets_back_at_most_what_he_sent(datagrams, mode, pause_ms):
    """In the end too: nothing is sent to him by and by."""
    siege = Siege(mode)
    for raw in datagrams:
        assert sum(map(len, siege.strike(raw, SOMEWHERE))) <= len(raw)
    got = len(siege.answers)
    siege.run(pause_ms)
    assert len(siege.answers) == got and siege.sent == []


def test_only_a_stranger_with_a_token_of_ours_may_ring():
    """And only from where the token went, with the number that asked for it, within ten seconds."""
    siege = Siege("all parts")
    elements = [("VERSION", 2), ("CALLED_NUMBER", "s"), ("FORMAT", 4), ("CAPABILITY", 12)]
    (asked,) = siege.strike(wire.iax(5000, 0, 0, 0, 0, "NEW", wire.ies(*elements, ("CALLTOKEN", b""))))
    token = wire.decode(asked)["ie"]["CALLTOKEN"]
    new = wire.ies(*elements, ("CALLTOKEN", token))
    elsewhere = bytes((192, 0, 2, 10)) + SOMEWHERE[4:]
    for src, sender in ((5001, SOMEWHERE), (5000, elsewhere), (5000, SOMEWHERE[:5] + b"\xda")):
        out = siege.strike(wire.iax(src, 0, 0, 0, 0, "NEW", new), sender)
        assert not siege.saw("INCOMING") and sum(map(len, out)) <= 12 + len(new)
    late = Siege("all parts")
    (asked,) = late.strike(wire.iax(5000, 0, 0, 0, 0, "NEW", wire.ies(*elements, ("CALLTOKEN", b""))))
    late.run(10_500)
    old = wire.ies(*elements, ("CALLTOKEN", wire.decode(asked)["ie"]["CALLTOKEN"]))
    late.strike(wire.iax(5000, 0, 0, 0, 0, "NEW", old))
    assert not late.saw("INCOMING")
    siege.strike(wire.iax(5000, 0, 0, 0, 0, "NEW", new))
    assert siege.saw("INCOMING")
