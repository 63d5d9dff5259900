"""What a display makes of messages: Bellcore, ETSI, NTT and DTMF, whole and damaged."""

import pytest
from unit.vphone import exchange

from tools.vphone_lib import callerid


def test_mdmf_shows_number_name_and_date():
    shown = callerid.of_octets(exchange.mdmf(b"5551234", b"Ann Other"))
    assert (shown.number, shown.name, shown.date, shown.fault) == ("5551234", "Ann Other", "11231159", "")


@pytest.mark.parametrize("letter, why", [(b"P", "private"), (b"O", "unavailable"), (b"C", "C")])
def test_mdmf_says_why_there_is_no_number_and_no_name(letter, why):
    more = exchange.param(4, letter) + exchange.param(8, letter)
    shown = callerid.of_octets(exchange.mdmf(b"", b"", b"01020304", more))
    assert (shown.number, shown.why, shown.name_why, shown.good) == ("", why, why, True)


def test_sdmf_shows_the_number_or_why_there_is_none():
    assert callerid.of_octets(exchange.sdmf()).number == "5551234"
    assert callerid.of_octets(exchange.sdmf(b"P")).why == "private"
    assert callerid.of_octets(exchange.sdmf(b"")).fault


@pytest.mark.parametrize(
    "octets, lamp",
    [
        (exchange.message(0x82, exchange.param(0x0B, b"\xff")), True),
        (exchange.message(0x82, exchange.param(0x0B, b"\0")), False),
        (exchange.message(0x06, b"BBB"), True),
        (exchange.message(0x06, b"ooo"), False),
    ],
)
def test_messages_waiting_are_on_or_off_in_both_formats(octets, lamp):
    shown = callerid.of_octets(octets)
    assert shown.waiting is lamp and shown.good


def test_a_redirected_call_tells_who_sent_it_and_why_and_how_far_it_comes():
    more = exchange.param(0x1A, b"777") + exchange.param(5, b"\x01") + exchange.param(6, b"L")
    shown = callerid.of_octets(exchange.mdmf(b"5551234", b"", b"01020304", more))
    told = {"redirecting": "777", "reason": "busy", "qualifier": "long distance"}
    assert shown.good and shown.shown() == {"number": "5551234", "date": "01020304", **told}
    odd = exchange.param(0x15, b"\x09") + exchange.param(6, b"Z")
    shown = callerid.of_octets(exchange.mdmf(b"5551234", b"", b"01020304", odd))
    assert (shown.reason, shown.qualifier) == ("9", "Z")


@pytest.mark.parametrize("n", [0, 7])
def test_the_number_of_waiting_messages_is_told(n):
    body = exchange.param(0x0B, b"\xff" if n else b"\0") + exchange.param(0x13, bytes((n,)))
    assert callerid.of_octets(exchange.message(0x82, body)).shown()["messages"] == n


def test_what_follows_the_checksum_is_no_part_of_the_message():
    assert callerid.of_octets(exchange.mdmf(b"5551234") + b"\xff\xff").good


def test_every_single_bit_error_is_found_and_nothing_is_shown():
    whole = exchange.mdmf(b"5551234", b"Ann")
    for at in range(8 * len(whole)):
        broken = bytearray(whole)
        broken[at // 8] ^= 1 << at % 8
        assert callerid.of_octets(bytes(broken)).fault


def test_a_message_cut_off_anywhere_is_told():
    whole = exchange.mdmf(b"5551234")
    for n in range(len(whole)):
        assert callerid.of_octets(whole[:n]).fault


@pytest.mark.parametrize("body", [b"\x02\x09123", b"\x02\x00", b"\x01\x0412AB", b"", b"\x02"])
def test_parameters_that_do_not_fit_are_told(body):
    assert callerid.of_octets(exchange.message(0x80, body)).fault


def test_a_message_of_255_octets_is_read():
    shown = callerid.of_octets(exchange.mdmf(b"5551234", b"", b"11231159", exchange.param(0x50, bytes(234))))
    assert shown.number == "5551234" and shown.good and len(shown.params) == 3


def test_an_ntt_frame_shows_its_number():
    assert callerid.of_octets(exchange.ntt()).number == "0312345678"


def test_an_ntt_parameter_of_16_octets_has_its_length_doubled_as_dle():
    assert callerid.of_octets(exchange.ntt(b"0123456789012345")).number == "0123456789012345"


def test_every_single_bit_error_in_an_ntt_frame_is_found():
    whole = exchange.ntt()
    for at in range(16, 8 * len(whole)):
        broken = bytearray(whole)
        broken[at // 8] ^= 1 << at % 8
        assert callerid.of_octets(bytes(broken)).fault


@pytest.mark.parametrize(
    "digits, number, why",
    [
        ("A5551234C", "5551234", ""),
        ("A5551234DB10C".replace("DB", "B"), "5551234", "private"),
        ("AB10C", "", "private"),
        ("AB00C", "", "unavailable"),
        ("A5551234#", "5551234", ""),
        ("D1#", "", "private"),
        ("D2#", "", "unavailable"),
        ("D5551234C", "5551234", ""),
        ("D0000000000C", "", "unavailable"),
        ("5551234#", "5551234", ""),
    ],
)
def test_dtmf_strings_of_all_countries(digits, number, why):
    shown = callerid.of_digits(digits)
    assert (shown.number, shown.why, shown.fault) == (number, why, "")


def test_a_redirected_call_names_both_numbers_in_dtmf():
    shown = callerid.of_digits("A5551234D777C")
    assert (shown.number, shown.redirecting) == ("5551234", "777")


@pytest.mark.parametrize("digits", ["A5551234", "C", "#", "AC", "A12B12", "D#"])
def test_dtmf_strings_without_end_or_number_show_nothing(digits):
    assert callerid.of_digits(digits).fault
