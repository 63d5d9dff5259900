"""Whatever a server tells of a caller: one message, well formed, of characters that telephones know."""

import cidkit
from hypothesis import given, settings
from hypothesis import strategies as st

from iax import date
from line import callerid, letters

FORMS = ("sdmf", "mdmf", "etsi", "uk", "ntt")
LONGEST = {"sdmf": (16, 0), "mdmf": (16, 15), "etsi": (20, 20), "uk": (18, 20)}
OCTETS = st.binary(max_size=80) | st.text(max_size=40).map(str.encode)
CALLS = st.fixed_dictionaries(
    {},
    optional={
        "number": OCTETS | st.text("0123456789+*#- ", max_size=40).map(str.encode),
        "name": OCTETS,
        "why": st.sampled_from(["", "P", "O"]),
        "redirect": OCTETS,
        "reason": st.integers(0, 255),
        "qualifier": st.sampled_from(["", "L"]),
        "type": st.integers(0, 255),
    },
)
DATES = st.just(-1) | st.integers(0, 10**9).map(date.of)
ROWS = list(cidkit.letters())


def octets_of(bits, n_bits):
    """Return the octets after seizure and mark, by their start and stop bits."""
    every = "".join(str(bits[at >> 3] >> (at & 7) & 1) for at in range(n_bits))
    at = every.index("1" * 70)
    found = bytearray()
    while (at := every.find("0", at)) >= 0:
        assert every[at + 9] == "1"
        found.append(int(every[at + 1 : at + 9][::-1], 2))
        at += 10
    return bytes(found)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FORMS), CALLS, DATES, st.booleans())
def test_any_caller_makes_one_good_message(form, call, when, on_hook):
    octets = octets_of(*callerid.make(form, call, when, iter(ROWS), on_hook))
    (message,) = cidkit.checked(octets)
    assert len(message) == len(octets) - (2 if form == "ntt" else 1)
    if form in ("mdmf", "etsi", "uk"):
        told = cidkit.parameters(message)
        number, name = told.get(2, b""), told.get(7, b"")
        assert (2 in told) != (4 in told) and (7 in told) != (8 in told)
        assert set(number) <= set(b"0123456789*#") and len(number) <= LONGEST[form][0]
        assert len(name) <= LONGEST[form][1] and all(32 <= octet < 127 for octet in name)
        assert name == name.strip() and all(told.values())
        if call.get("why") == "P":
            assert told[4] == b"P" and told[8] == b"P"


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["dtmf1", "dtmf2", "dtmf3", "dtmf4"]), CALLS, DATES)
def test_any_caller_makes_digits_that_end_but_once(form, call, when):
    digits = callerid.make(form, call, when, iter(ROWS))
    assert len(digits) <= 44 and set(digits) <= set("0123456789ABCD#")
    assert digits.count("C") + digits.count("#") == (1 if digits else 0)
    assert not digits or digits[-1] in "C#"


@settings(max_examples=300, deadline=None)
@given(OCTETS)
def test_any_name_becomes_printable_ascii(name):
    plain = letters.plain(name, iter(ROWS))
    assert plain.isascii() and plain == plain.strip() and (not plain or plain.isprintable())
    assert letters.plain(plain.encode(), iter(())) == plain


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=1, max_size=255), st.sampled_from([0, 300]), st.integers(70, 200))
def test_any_octets_are_framed_and_read_back(octets, seizure, marks):
    assert octets_of(*callerid.bits_of(octets, seizure, marks)) == octets
