"""The digit map against a slow twin: one that tries every way to match, without marks."""

from hypothesis import given, settings
from hypothesis import strategies as st

import codes
from line.digitmap import compile_map
from line.digits import Digits

KEYS = "0123456789*#"
element = st.one_of(
    st.sampled_from("0123456789*x"),
    st.sets(st.sampled_from("0123456789*"), min_size=1, max_size=4).map(
        lambda keys: "[" + "".join(sorted(keys)) + "]"
    ),
    st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda ends: f"[{min(ends)}-{max(ends)}]"),
)
item = st.tuples(element, st.booleans())
alternative = st.lists(item, min_size=1, max_size=6)
digit_maps = st.lists(alternative, min_size=1, max_size=4)


def text_of(digit_map):
    return "|".join("".join(name + "." * repeats for name, repeats in items) for items in digit_map)


def keys_of(name):
    if name[0] != "[":
        return "0123456789" if name == "x" else name
    if "-" in name:
        return "".join(str(n) for n in range(int(name[1]), int(name[3]) + 1))
    return name[1:-1]


def ends(items, number):
    """Return what may be left of `items` after all of `number`, as the count of elements left."""
    if not number:
        left = {len(items)}
        if items and items[0][1]:
            left |= ends(items[1:], number)
        return left
    if not items:
        return set()
    name, repeats = items[0]
    found = ends(items[1:], number) if repeats else set()
    if number[0] in keys_of(name):
        found |= ends(items if repeats else items[1:], number[1:])
    return found


def fate(digit_map, number):
    """Return (complete, may grow) of a number."""
    left = set().union(*(ends(items, number) for items in digit_map))
    return 0 in left, any(n > 0 for n in left)


@settings(max_examples=400, deadline=None)
@given(digit_maps, st.text("0123456789*", min_size=1, max_size=8))
def test_collector_agrees_with_the_twin_after_every_digit(digit_map, number):
    digits = Digits(bytearray(16), compile_map(text_of(digit_map)), 16_000, 8000, 3000)
    digits.reset(0)
    for at in range(1, len(number) + 1):
        answer = digits.feed_digit(ord(number[at - 1]), 0)
        complete, grows = fate(digit_map, number[:at])
        assert answer == (codes.DIGITS_READY if complete and not grows else codes.DIGITS_MORE)
        if answer == codes.DIGITS_READY:
            return
        assert digits.next_due(0) == (3000 if complete else 8000)


@settings(max_examples=300, deadline=None)
@given(st.text("0123456789*#xX.|[]-AD q", max_size=20))
def test_any_text_is_a_map_or_refused_with_one_line(text):
    try:
        code = compile_map(text)
    except ValueError as err:
        assert "\n" not in str(err)
    else:
        assert code[-1] == 0
        assert code[0] != 0


@settings(max_examples=300, deadline=None)
@given(
    digit_maps,
    st.lists(st.tuples(st.integers(0, 255), st.integers(0, 20_000)), max_size=40),
    st.booleans(),
)
def test_any_keys_at_any_time_end_in_one_answer(digit_map, keys, hash_sends):
    digits = Digits(bytearray(6), compile_map(text_of(digit_map)), 16_000, 8000, 3000, hash_sends)
    now = 0
    digits.reset(now)
    ended = 0
    for key, pause_ms in keys:
        answer = digits.feed_digit(key, now)
        assert answer in (0, codes.DIGITS_MORE, codes.DIGITS_READY, codes.DIGITS_FULL)
        ended += answer == codes.DIGITS_READY
        now += pause_ms
        ended += digits.poll(now) != 0
        assert 0 <= digits.n <= 6
    ended += digits.poll(now + 16_000) != 0
    assert ended == 1
