"""The digit collector: the map, the three waits and the #."""

import pytest

import codes
import ticks
from line.digitmap import compile_map
from line.digits import Digits

MORE, READY, TIMEOUT, FULL = codes.DIGITS_MORE, codes.DIGITS_READY, codes.DIGITS_TIMEOUT, codes.DIGITS_FULL
NANP = "911|[2-8]xxxxxx|1[2-9]xxxxxxxxx|0|00|011x.|*xx"


def collector(digit_map="[x*].", size=32, **how):
    digits = Digits(bytearray(size), compile_map(digit_map), 16_000, 8000, 3000, **how)
    digits.reset(0)
    return digits


def dial(digits, text, now=0, gap_ms=200):
    """Feed digits; return the last answer. All before it must be DIGITS_MORE."""
    answer = 0
    for at, char in enumerate(text):
        assert answer in (0, MORE), f"{text[:at]} was already {answer}"
        answer = digits.feed_digit(ord(char), now + at * gap_ms)
    return answer


def number(digits):
    return bytes(digits.buf[: digits.n]).decode()


def verdict(digit_map, text):
    """Return (answer to the last digit, ms until the wait ends) of a number dialled at once."""
    digits = collector(digit_map)
    answer = dial(digits, text, gap_ms=0)
    return answer, digits.next_due(0)


def test_no_digit_at_all_times_out_after_first_ms():
    digits = collector()
    assert digits.poll(15_999) == 0
    assert digits.poll(16_000) == TIMEOUT
    assert digits.poll(99_000) == 0
    assert digits.next_due(99_000) == -1


def test_any_number_is_ready_match_ms_after_its_last_digit():
    digits = collector()
    assert dial(digits, "600") == MORE
    assert digits.poll(400 + 2999) == 0
    assert digits.poll(400 + 3000) == READY
    assert number(digits) == "600"


@pytest.mark.parametrize("text", ["911", "5551234", "12125551234", "*69"])
def test_complete_number_that_cannot_grow_is_ready_at_once(text):
    digits = collector(NANP)
    assert dial(digits, text) == READY
    assert number(digits) == text
    assert digits.next_due(0) == -1


def test_complete_number_that_may_grow_waits_match_ms():
    assert verdict(NANP, "0") == (MORE, 3000)
    assert verdict(NANP, "011") == (MORE, 3000)
    assert verdict(NANP, "01144") == (MORE, 3000)


def test_emergency_number_waits_match_ms_where_a_longer_number_begins_alike():
    assert verdict("911|[2-9]xxxxxx", "911") == (MORE, 3000)


def test_incomplete_number_waits_inter_ms():
    assert verdict(NANP, "555") == (MORE, 8000)
    assert verdict(NANP, "1") == (MORE, 8000)


def test_number_that_fits_nothing_waits_inter_ms_and_goes_to_the_pbx():
    digits = collector(NANP)
    dial(digits, "1055", gap_ms=0)
    assert digits.poll(7999) == 0
    assert digits.poll(8000) == READY
    assert number(digits) == "1055"


def test_hash_dials_at_once_and_is_no_part_of_the_number():
    digits = collector()
    assert dial(digits, "600#") == READY
    assert number(digits) == "600"


def test_hash_dials_a_number_that_fits_nothing():
    digits = collector("911")
    assert dial(digits, "77#") == READY
    assert number(digits) == "77"


def test_hash_first_is_a_digit():
    digits = collector()
    assert dial(digits, "#21") == MORE
    assert number(digits) == "#21"


def test_hash_that_the_map_takes_is_a_digit():
    digits = collector("*xx#|x.")
    assert dial(digits, "*21#") == READY
    assert number(digits) == "*21#"


def test_hash_is_a_digit_when_it_does_not_send():
    digits = collector(hash_sends=False)
    assert dial(digits, "600#") == MORE
    assert number(digits) == "600#"


def test_nothing_is_taken_after_the_number_is_ready():
    digits = collector(NANP)
    dial(digits, "911")
    assert digits.feed_digit(ord("5"), 700) == 0
    assert number(digits) == "911"


def test_full_buffer_drops_digits_and_the_number_goes_out():
    digits = collector(size=4)
    dial(digits, "1234")
    assert digits.feed_digit(ord("5"), 1000) == FULL
    assert number(digits) == "1234"
    assert digits.poll(1000 + 3000) == READY


def test_hash_dials_from_a_full_buffer():
    digits = collector(size=4)
    assert dial(digits, "1234#") == READY


def test_letters_a_to_d_are_digits_and_others_are_not():
    digits = collector("[A-D]x")
    assert digits.feed_digit(ord("z"), 0) == 0
    assert dial(digits, "C7") == READY


def test_reset_starts_a_new_number():
    digits = collector(NANP)
    dial(digits, "911")
    digits.reset(5000)
    assert digits.n == 0
    assert digits.next_due(5000) == 16_000
    assert dial(digits, "*70", 5000) == READY


def test_collector_is_idle_before_its_first_reset():
    digits = Digits(bytearray(8), compile_map("x."), 100, 100, 100)
    assert digits.next_due(0) == -1
    assert digits.poll(5000) == 0
    assert digits.feed_digit(ord("1"), 0) == 0


def test_repeat_may_be_none():
    assert verdict("12x.3", "123") == (MORE, 3000)
    assert verdict("1x.|2", "1") == (MORE, 3000)


def test_repeats_follow_one_another():
    assert verdict("1.2.3.4", "4") == (READY, -1)
    assert verdict("1.2.3.4", "1134") == (READY, -1)
    assert verdict("1.2.3.4", "21") == (MORE, 8000)


def test_classes_hold_lists_ranges_and_x():
    for digit in "13469":
        assert verdict("[13-46-69]", digit) == (READY, -1), digit
    for digit in "02578*":
        assert verdict("[13-46-69]", digit)[0] == MORE, digit
    assert verdict("[x*#]", "#") == (READY, -1)


def test_spaces_and_capital_x_are_allowed_in_a_map():
    assert verdict("911 | 1 XX", "123") == (READY, -1)


def test_a_map_of_many_alternatives_works():
    digit_map = "|".join(f"{n:03}xxxx" for n in range(100, 140))
    assert verdict(digit_map, "1394567") == (READY, -1)
    assert verdict(digit_map, "139456") == (MORE, 8000)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "|",
        "1||2",
        "1|",
        "|1",
        ".",
        "1..",
        "1|.",
        "[",
        "[]",
        "[2-9",
        "2]",
        "[9-2]",
        "[2-]",
        "[-2]",
        "1a",
        "1+",
        "[x-9]",
    ],
)
def test_wrong_map_is_refused_in_one_line(wrong):
    with pytest.raises(ValueError, match=r"^digit map: [^\n]+$"):
        compile_map(wrong)


def test_map_of_the_profile_may_use_the_last_digits():
    assert verdict("xxxD", "123D") == (READY, -1)


def test_clock_may_wrap_while_dialling():
    digits = collector()
    start = 0x3FFFFFFF - 100
    digits.reset(start)
    digits.feed_digit(ord("1"), ticks.add(start, 50))
    assert digits.poll(ticks.add(start, 3049)) == 0
    assert digits.poll(ticks.add(start, 3050)) == READY
