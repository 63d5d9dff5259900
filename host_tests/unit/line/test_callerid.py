"""Caller ID messages, octet by octet: who calls, when, why not, and what a telephone could not bear."""

import cidkit
import fskmeter
import pytest

from iax import date
from line import callerid

WHEN = 6 << 25 | 11 << 21 | 23 << 16 | 9 << 11 | 5 << 5 | 7  # 23 November 2026, 09:05
ADA = {"number": b"5551234567", "name": b"Ada Lovelace"}
FSK_FORMS = ("sdmf", "mdmf", "etsi", "uk")
MDMF_FORMS = ("mdmf", "etsi", "uk")


def octets_of(form, call, when=WHEN, on_hook=True):
    """Return the octets of a message, read back from its bits, and how many bits came before them."""
    bits, n_bits = callerid.make(form, call, when, cidkit.letters(), on_hook)
    every = [bits[at >> 3] >> (at & 7) & 1 for at in range(n_bits)]
    at = 0
    while every[at : at + 2] == [0, 1]:
        at += 2
    seizure = at
    while every[at]:
        at += 1
    marks = at - seizure
    octets = bytearray()
    while at + 10 <= n_bits and every[at] == 0:
        octets.append(sum(bit << place for place, bit in enumerate(every[at + 1 : at + 9])))
        assert every[at + 9] == 1
        at += 10
    assert all(every[at:]) and n_bits - at == 10
    return bytes(octets), seizure, marks


def message(form, call, when=WHEN):
    """Return the one message with a good checksum, which must be all there is."""
    octets, _, _ = octets_of(form, call, when)
    (found,) = cidkit.checked(octets)
    assert len(found) == len(octets) - (1 if form != "ntt" else 2)
    return found


def fields(form, call, when=WHEN):
    return cidkit.parameters(message(form, call, when))


@pytest.mark.parametrize(
    "form, on_hook, seizure, marks",
    [
        ("sdmf", True, 300, 180),
        ("mdmf", True, 300, 180),
        ("etsi", True, 300, 180),
        ("uk", True, 300, 80),
        ("ntt", True, 0, 120),
        ("mdmf", False, 0, 80),
        ("etsi", False, 0, 80),
        ("uk", False, 0, 80),
    ],
)
def test_seizure_and_mark_are_as_long_as_the_standard_wants_in_bits_and_on_the_meter(
    form, on_hook, seizure, marks
):
    assert octets_of(form, ADA, on_hook=on_hook)[1:] == (seizure, marks)
    bits, n_bits = callerid.make(form, ADA, WHEN, (), on_hook)
    reading = fskmeter.read(cidkit.rendered(bits, n_bits, cidkit.FORM_MODEM[form]))
    assert (reading.seizure_bits, reading.mark_bits, reading.tail_bits) == (seizure, marks, 10)


def test_sdmf_has_date_and_number():
    assert message("sdmf", ADA) == b"\x04\x12112309055551234567"
    assert octets_of("sdmf", ADA)[0][-1] == -sum(b"\x04\x12112309055551234567") & 255


def test_mdmf_has_date_number_and_name():
    assert message("mdmf", ADA) == b"\x80\x24\x01\x0811230905\x02\x0a5551234567\x07\x0cAda Lovelace"


def test_etsi_is_the_same_and_in_the_uk_the_call_type_goes_first():
    assert message("etsi", ADA) == message("mdmf", ADA)
    assert message("uk", ADA) == b"\x80\x27\x11\x01\x01" + message("mdmf", ADA)[2:]
    assert message("etsi", {**ADA, "type": 2})[2:5] == b"\x11\x01\x02"


def test_a_date_unknown_is_left_out_but_sdmf_needs_one():
    for form in MDMF_FORMS:
        assert 1 not in fields(form, ADA, -1)
    assert message("sdmf", ADA, -1)[2:] == b"010100005551234567"


@pytest.mark.parametrize("second", [0, 5097599, 86400 * 1000 + 86399, 900_000_000])
def test_the_date_is_that_of_the_calendar(second):
    told = fields("mdmf", ADA, date.of(second))[1].decode()
    assert date.text(date.of(second))[5:16] == f"{told[:2]}-{told[2:4]} {told[4:6]}:{told[6:]}"


@pytest.mark.parametrize("why, letter", [("P", b"P"), ("O", b"O")])
def test_why_there_is_no_number_is_told_instead_of_it(why, letter):
    call = {"number": b"5551234567", "why": why}
    assert message("sdmf", call) == b"\x04\x0911230905" + letter
    for form in MDMF_FORMS:
        told = fields(form, call)
        assert told[4] == letter and told[8] == letter and 2 not in told and 7 not in told


def test_a_private_caller_has_no_name_either_but_who_has_only_no_number_keeps_it():
    assert 7 not in fields("mdmf", {"name": b"Ada", "why": "P"})
    told = fields("mdmf", {"name": b"Ada", "why": "O"})
    assert told[7] == b"Ada" and told[4] == b"O" and 8 not in told


@pytest.mark.parametrize("form", MDMF_FORMS)
def test_nothing_known_at_all_is_not_available_and_no_parameter_is_empty(form):
    for call in ({}, {"number": b"", "name": b""}, {"name": b" ", "number": b"-"}):
        told = fields(form, call)
        assert told[4] == b"O" and told[8] == b"O" and all(told.values())


@pytest.mark.parametrize(
    "number, shown",
    [
        (b"5551234567", b"5551234567"),
        (b"+49 (30) 12-34.56/7", b"0049301234567"),
        (b"*69#", b"*69#"),
        (b"0" * 20 + b"123", b"0" * 13 + b"123"),
        (b"+", b"00"),
    ],
)
def test_a_number_is_its_digits_and_of_too_many_the_last(number, shown):
    assert fields("mdmf", {"number": number})[2] == shown


def test_the_prefix_for_abroad_is_the_owners():
    assert fields("mdmf", {"number": b"+4930", "plus": "011"})[2] == b"0114930"


@pytest.mark.parametrize("form, most", [("mdmf", 16), ("etsi", 20), ("uk", 18)])
def test_a_number_is_no_longer_than_the_standard_allows(form, most):
    assert fields(form, {"number": b"1234567890" * 7})[2] == (b"1234567890" * 7)[-most:]


@pytest.mark.parametrize("number", [b"alice", b"204@pbx", b"1-800-FLOWERS", b"\xff1", b"12\x0034"])
def test_what_is_no_number_is_none_and_serves_as_a_name_if_there_is_no_other(number):
    told = fields("etsi", {"number": number})
    name = bytes(octet for octet in number if 32 <= octet < 127)
    assert told[4] == b"O" and told[7] == name
    assert fields("etsi", {"number": number, "name": b"Bob"})[7] == b"Bob"
    assert message("sdmf", {"number": number})[10:] == b"O"


@pytest.mark.parametrize("form, most", [("mdmf", 15), ("etsi", 20), ("uk", 20)])
def test_a_name_of_64_letters_is_cut(form, most):
    name = b"Abcdefgh" * 8
    assert fields(form, {**ADA, "name": name})[7] == name[:most]


def test_a_cut_name_does_not_end_in_a_space():
    assert fields("mdmf", {**ADA, "name": b"Bartholomew Ed Roe"})[7] == b"Bartholomew Ed"


def test_names_in_greek_are_spelled_and_in_chinese_not_available():
    assert fields("etsi", {**ADA, "name": "Γιώργος Παπαδόπουλος".encode()})[7] == b"Giorgos Papadopoulos"
    told = fields("etsi", {**ADA, "name": "王小明".encode()})
    assert told[8] == b"O" and 7 not in told and told[2] == ADA["number"]


def test_bellcore_tells_why_a_call_was_redirected_and_that_it_is_from_afar():
    call = {**ADA, "redirect": b"5550000", "qualifier": "L"}
    for reason, code in ((1, 1), (2, 2), (3, 3), (4, 5), (5, 5), (6, 2)):
        told = fields("mdmf", {**call, "reason": reason})
        assert told[5] == bytes([code]) and told[6] == b"L" and 0x1A not in told
    assert 5 not in fields("mdmf", call) and 5 not in fields("mdmf", {**call, "reason": 77})


def test_etsi_tells_from_where_too():
    for reason in range(7):
        told = fields("etsi", {**ADA, "redirect": b"+1 555", "reason": reason})
        assert told[0x1A] == b"001555" and told[0x15] == bytes([reason]) and 5 not in told
    assert 0x15 not in fields("etsi", ADA) and 0x1A not in fields("etsi", ADA)


@pytest.mark.parametrize("form", MDMF_FORMS)
def test_a_message_has_up_to_255_octets_and_what_is_beyond_is_left_out(form):
    room = 255 - len(message(form, ADA)) + 2
    extra = b"\x50" + bytes([room - 2]) + b"x" * (room - 2)
    told = message(form, {**ADA, "extra": extra})
    assert told[1] == 255 and len(told) == 257 and told.endswith(b"xx")
    assert message(form, {**ADA, "extra": extra + b"x"}) == message(form, ADA)


def test_an_ntt_frame_has_parity_crc_and_doubles_its_escape():
    told = message("ntt", ADA)
    assert told == b"\x10\x01\x07\x10\x02\x40\x0c\x02\x0a5551234567\x10\x03"
    assert message("ntt", {"why": "C"}) == b"\x10\x01\x07\x10\x02\x40\x03\x04\x01C\x10\x03"
    assert message("ntt", {})[-5:-2] == b"\x04\x01O"
    sixteen = message("ntt", {"number": b"1234567890123456"})
    assert sixteen == b"\x10\x01\x07\x10\x02\x40\x12\x02\x10\x101234567890123456\x10\x03"


def test_an_ntt_frame_takes_extra_parameters_up_to_127_octets():
    extra = b"\x09" + bytes([112]) + b"1" * 112
    assert message("ntt", {**ADA, "extra": extra[:-1]})[6] == 125
    full = b"\x09" + bytes([113]) + b"1" * 113
    assert message("ntt", {**ADA, "extra": full})[6] == 127
    assert message("ntt", {**ADA, "extra": full + b"1"}) == message("ntt", ADA)


@pytest.mark.parametrize(
    "form, digits, private, unknown",
    [
        ("dtmf1", "A0049301234C", "B10C", "B00C"),
        ("dtmf2", "A0049301234#", "D1#", "D3#"),
        ("dtmf3", "D0049301234C", "D0000000000C", "D0000000000C"),
        ("dtmf4", "0049301234#", "", ""),
    ],
)
def test_dtmf_forms_are_digits(form, digits, private, unknown):
    assert callerid.make(form, {"number": b"+49 30 1234"}, WHEN, ()) == digits
    assert callerid.make(form, {"number": b"1", "why": "P"}, WHEN, ()) == private
    assert callerid.make(form, {"why": "O"}, -1, ()) == unknown
    assert callerid.make(form, {"number": b"alice"}, -1, ()) == unknown


def test_dtmf_never_holds_a_star_or_a_hash_of_the_number_and_swedes_hear_from_where():
    assert callerid.make("dtmf2", {"number": b"*12#3"}, WHEN, ()) == "A123#"
    assert callerid.make("dtmf1", {"number": b"123", "redirect": b"45*6"}, WHEN, ()) == "A123D456C"
    assert callerid.make("dtmf1", {"number": b"9" * 40}, WHEN, ()) == "A" + "9" * 20 + "C"


@pytest.mark.parametrize(
    "form, waiting, octets",
    [
        ("sdmf", 3, b"\x06\x03BBB"),
        ("sdmf", 0, b"\x06\x03ooo"),
        ("mdmf", 3, b"\x82\x03\x0b\x01\xff"),
        ("mdmf", 0, b"\x82\x03\x0b\x01\x00"),
        ("etsi", 3, b"\x82\x06\x0b\x01\xff\x13\x01\x03"),
        ("uk", 0, b"\x82\x06\x0b\x01\x00\x13\x01\x00"),
        ("etsi", 999, b"\x82\x06\x0b\x01\xff\x13\x01\xff"),
    ],
)
def test_message_waiting_is_told(form, waiting, octets):
    bits, n_bits = callerid.vmwi(form, waiting)
    samples = cidkit.rendered(bits, n_bits, cidkit.FORM_MODEM[form])
    assert cidkit.checked(fskmeter.read(samples).octets) == [octets]
    assert cidkit.decode_spandsp(samples, cidkit.FORM_STANDARD[form]) == [octets]


@pytest.mark.parametrize("form", ["ntt", "dtmf1", "dtmf4"])
def test_message_waiting_has_no_form_in_japan_and_in_dtmf(form):
    assert callerid.vmwi(form, 1) == (bytearray(), 0)


@pytest.mark.parametrize("form", FSK_FORMS)
def test_the_bits_end_in_marks_and_the_buffer_has_no_more_than_an_octet_to_spare(form):
    bits, n_bits = callerid.make(form, ADA, WHEN, ())
    assert n_bits <= 8 * len(bits) < n_bits + 16
