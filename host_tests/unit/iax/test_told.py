"""What a caller told, read from the elements of his NEW; and that no octets at all do harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iax import date, proto, told
from peer import wire

NUMBER, NAME, PRES, VARIABLE = proto.IE_CALLING_NUMBER, proto.IE_CALLING_NAME, proto.IE_CALLINGPRES, 52


def listed(*pairs):
    """Return an element list; a pair's value may be text."""
    made = b""
    for which, value in pairs:
        octets = value.encode() if isinstance(value, str) else value
        made += bytes((which, len(octets))) + octets
    return made


def test_text_is_read_and_the_last_of_two_counts():
    octets = listed((NUMBER, "100"), (NAME, "Zoë"), (NUMBER, "101"))
    assert told.text(octets, NUMBER, 32) == b"101"
    assert told.text(octets, NAME, 32) == "Zoë".encode()
    assert told.text(octets, proto.IE_LANGUAGE, 32) == b""


@pytest.mark.parametrize(
    ("octets", "most", "clean"),
    [
        (b"Ada\r\n\x1b[2J\x00\x7f", 32, b"Ada[2J"),
        ("a\x85b\x9bc\xa0".encode(), 32, "abc\xa0".encode()),  # C1 controls, but not the space that stays
        (b"M\xfcller\x1b", 32, b"Mller"),  # Latin-1
        ("Zoë".encode(), 3, b"Zo"),
        ("Zoë".encode(), 4, "Zoë".encode()),
        ("電話".encode(), 5, "電".encode()),
        (b"abc", 0, b""),
    ],
)
def test_text_is_cleaned_of_controls_and_cut_between_characters(octets, most, clean):
    assert told.text(listed((NAME, octets)), NAME, most) == clean


def test_numbers_are_read_whole_and_only_at_their_size():
    octets = listed((57, b"\xff\xfe\xfd\xfc"), (39, b"\x21"), (40, b"\x12\x34"), (12, b"\x02"))
    assert told.uint(octets, 57, 4) == 0xFFFEFDFC
    assert told.uint(octets, 39, 1) == 0x21 and told.uint(octets, 40, 2) == 0x1234
    assert told.uint(octets, 12, 2) == -1 and told.uint(octets, 41, 2) == -1


@pytest.mark.parametrize(
    ("pres", "number", "name", "means"),
    [
        (0x00, "100", "", 0), (0x01, "100", "Ada", 0), (0x03, "", "Ada", 0), (None, "100", "", 0),
        (0x20, "100", "Ada", 1), (0x23, "", "", 1), (0x60, "100", "", 1), (0xA0, "100", "", 1),
        (0x43, "", "", 2), (0x40, "100", "Ada", 2), (0x00, "", "", 2), (None, "", "", 2),
        (None, "\r\n", "\0", 2),
    ],
)  # fmt: skip
def test_presentation_says_shown_private_or_unavailable(pres, number, name, means):
    pairs = [(NUMBER, number), (NAME, name)]
    if pres is not None:
        pairs.append((PRES, bytes([pres])))
    assert told.presentation(listed(*pairs)) == means


def test_variables_of_one_name_are_joined_in_order():
    octets = listed((VARIABLE, "A=one "), (VARIABLE, "B=x=y"), (VARIABLE, "A=two"), (VARIABLE, "C="))
    assert told.variables(octets) == [(b"A", b"one two"), (b"B", b"x=y"), (b"C", b"")]


@pytest.mark.parametrize(
    "block", [b"\x00a=b", b"\x01" + bytes(100), b"no sign", b"=value", b"", b"A=\x1b[2J"]
)
def test_what_is_no_text_with_an_equal_sign_is_no_variable(block):
    assert told.variables(listed((VARIABLE, block), (VARIABLE, "A=1"))) == [(b"A", b"1")]


@pytest.mark.parametrize(
    ("pairs", "mask"),
    [
        ([(8, b"\0\0\0\x0c")], 12),
        ([(8, b"\0\0\0\x0c"), (55, b"\0" + (1 << 63 | 4).to_bytes(8, "big"))], 1 << 63 | 4),
        ([(8, b"\xff\xff\xff\xff"), (55, bytes(9))], 0xFFFFFFFF),
        ([(8, b"\0\0\0\x0c"), (55, b"\x01" + bytes(7) + b"\x04")], 12),  # a version nobody knows
        ([(8, b"\0\x0c"), (55, b"\x04")], 0),
        ([], 0),
    ],
)
def test_formats_are_64_bits_wide_where_the_caller_says_so(pairs, mask):
    assert told.formats(listed(*pairs), 55, 8) == mask


def test_date_of_the_call_is_read():
    assert date.text(told.date30(listed((31, bytes.fromhex("3576aecc"))))) == "2026-11-22 21:54:24"
    assert told.date30(listed((31, b"\x35\x76"))) == -1 and told.date30(b"") == -1
    assert told.date30(listed((31, b"\xff\xff\xff\xff"))) == -1


def ask_everything(octets):
    """Ask for all there is to ask."""
    for which in range(256):
        assert len(told.text(octets, which, 9)) <= 9
        assert min(told.text(octets, which, 400), default=32) >= 32
        for size in (1, 2, 4):
            assert -1 <= told.uint(octets, which, size) < 1 << 8 * size
    assert told.presentation(octets) in (0, 1, 2)
    assert 0 <= told.formats(octets, 55, 8) < 1 << 64 and 0 <= told.formats(octets, 56, 9) < 1 << 64
    assert -1 <= told.date30(octets) < 1 << 30
    for name, value in told.variables(octets):
        assert name and b"=" not in name and min(name + value) >= 32


@given(st.binary(max_size=60))
def test_any_octets_at_all_are_survived(octets):
    ask_everything(octets)


KNOWN = st.sampled_from([2, 4, 8, 9, 10, 31, 38, 39, 40, 52, 55, 56, 57])


@given(st.lists(st.tuples(KNOWN, st.binary(max_size=12)), max_size=8), st.integers(0, 3))
def test_any_list_even_cut_short_is_survived(pairs, lost):
    octets = listed(*pairs)
    ask_everything(octets[: max(0, len(octets) - lost)])
    for which, value in dict(pairs).items():
        assert told.values(octets, which)[-1] == value


@given(st.text(max_size=40).filter(str.isprintable))
def test_printable_text_passes_unharmed(name):
    octets = name.encode()[:255]
    expected = octets.decode(errors="ignore") if len(octets) < 255 else None
    if expected is not None:
        assert told.text(listed((NAME, octets)), NAME, 255) == expected.encode()


def test_the_numbers_of_both_books_are_the_same():
    """wire.py of the test peer keeps its own; an element is the same in both."""
    assert wire.split_ies(listed((NUMBER, "1"))) == [(proto.IE_CALLING_NUMBER, b"1")]
