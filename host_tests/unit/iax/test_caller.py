"""What a NEW says about its caller, made from settings."""

import pytest

from config import Config
from iax import caller, ie
from peer import wire
from stub_hal import make

DEFAULTS = {
    "user": "ata1",
    "number": "",
    "name": "",
    "presentation": "allowed",
    "ton": 0,
    "tns": 0,
    "ani": "",
    "ani2": 0,
    "rdnis": "",
    "dnid": "",
    "context": "",
    "language": "",
    "adsi": 0,
    "encryption": "off",
    "variables": "",
}
BOTH = b"\x02\x03"


def made(laws=BOTH, **settings):
    """Return the elements as [(number, value)]."""
    values = {f"account.2.{name}": value for name, value in {**DEFAULTS, **settings}.items()}
    octets = caller.elements(values.__getitem__, "account.2.", laws)
    assert ie.check(octets, 0, len(octets))
    return wire.split_ies(octets)


def test_a_plain_account_says_the_mandatory_its_caller_and_its_formats_and_nothing_else():
    assert made(number="100", name="Zoë") == [
        (45, b"DE"),
        (2, b"100"),
        (38, b"\0"),
        (39, b"\0"),
        (40, b"\0\0"),
        (4, "Zoë".encode()),
        (6, b"ata1"),
        (9, b"\0\0\0\x04"),
        (8, b"\0\0\0\x0c"),
    ]


def test_number_and_name_are_said_even_if_they_are_empty():
    """As Asterisk does; nothing stands in for them, least of all the account's user."""
    said = dict(made())
    assert said[2] == b"" and said[4] == b"" and said[6] == b"ata1"


def test_everything_set_is_said_in_asterisks_order():
    pairs = made(
        b"\x03\x02",
        number="555",
        name="Ada",
        presentation="restricted",
        ton=0x21,
        tns=0x1234,
        ani="556",
        ani2=0x1F2,
        rdnis="557",
        dnid="558",
        context="lab",
        language="de",
        adsi=2,
        encryption="allow",
        variables="A=1; B=two words ;A=3",
    )
    assert pairs == [
        (45, b"ED"),
        (2, b"555"),
        (38, b"\x20"),
        (39, b"\x21"),
        (40, b"\x12\x34"),
        (4, b"Ada"),
        (3, b"556"),
        (57, b"\0\0\x01\xf2"),
        (28, b"557"),
        (13, b"558"),
        (5, b"lab"),
        (10, b"de"),
        (12, b"\0\x02"),
        (6, b"ata1"),
        (43, b"\x80\x01"),
        (9, b"\0\0\0\x08"),
        (8, b"\0\0\0\x0c"),
        (52, b"A=1"),
        (52, b"B=two words"),
        (52, b"A=3"),
    ]


@pytest.mark.parametrize(("word", "octet"), [("allowed", 0), ("restricted", 0x20), ("unavailable", 0x43)])
def test_presentation_is_said_as_the_rfc_numbers_it(word, octet):
    assert dict(made(presentation=word))[38] == bytes([octet])


@pytest.mark.parametrize("word", ["allow", "require"])
def test_encryption_is_offered_with_rotation_unless_it_is_off(word):
    assert dict(made(encryption=word))[43] == b"\x80\x01"
    assert 43 not in dict(made(encryption="off"))


def test_a_format_beyond_32_bits_is_said_in_the_wide_elements():
    said = dict(made(b"\x22\x02"))
    assert said[9] == bytes(4) and said[8] == b"\0\0\0\x04"
    assert said[56] == b"\0" + (1 << 34).to_bytes(8, "big")
    assert said[55] == b"\0" + (1 << 34 | 4).to_bytes(8, "big")
    assert said[45] == b"D"


@pytest.mark.parametrize("text", ["nonsense", "=1", "A=1;B"])
def test_a_variable_without_a_name_is_told_in_one_line(text):
    with pytest.raises(ValueError, match=r"^account\.2\.variables: no short NAME=VALUE: [^\n]+$"):
        made(variables=text)


@pytest.mark.parametrize("settings", [{"variables": "A=" + "x" * 250}, {"variables": "A=" + "x" * 254}])
def test_more_than_a_new_can_hold_is_told_in_one_line(settings):
    with pytest.raises(ValueError, match=r"^account\.2\.[^\n]+$"):
        made(number="9" * 32, name="n" * 40, **settings)


def test_the_longest_new_with_the_longest_token_fits_the_window_of_a_leg():
    octets = b"".join(
        bytes([which, len(value)]) + value for which, value in made(variables="A=" + "x" * 240, name="n" * 10)
    )
    assert len(octets) <= 300
    assert 12 + 4 + 2 + 32 + 300 + 2 + 255 <= 640


def test_the_settings_table_has_every_setting_that_is_asked_for():
    config = Config(make(1).store)
    octets = caller.elements(config.get, "account.1.", BOTH)
    assert dict(wire.split_ies(octets))[38] == b"\0"
