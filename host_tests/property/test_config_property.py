"""The settings under anything that a person, or a cat, may type."""

import typed
from hypothesis import given, settings
from hypothesis import strategies as st

import stub_hal
from config import Config

ROWS = [row for row in stub_hal.make(1).store.rows("settings") if row and row[0] != "#"]
NAMES = [row.split("|")[0].replace(".N.", ".1.") for row in ROWS]
TEXTS = st.one_of(
    st.text(max_size=80), st.integers().map(str), st.sampled_from(["on", "off", "ulaw,alaw", "us", "x."])
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.sampled_from(NAMES), st.text(max_size=20)), TEXTS)
def test_a_setting_is_taken_or_refused_with_one_line_and_no_exception(name, text):
    config = Config(stub_hal.make(1).store)
    before = [config.get(known) for known in NAMES]
    said = config.set(name, text)
    after = [config.get(known) for known in NAMES]
    changed = [known for known, old, new in zip(NAMES, before, after) if (type(old), old) != (type(new), new)]
    assert changed in ([], [name])
    if said:
        assert changed == []
    else:
        assert name in NAMES


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(NAMES), TEXTS)
def test_what_was_taken_can_be_typed_again(name, text):
    config = Config(stub_hal.make(1).store)
    if not config.set(name, text):
        value = config.get(name)
        again = Config(stub_hal.make(1).store)
        assert (
            again.set(name, {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value))
            == ""
        )
        assert again.get(name) == value


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(NAMES), st.integers(0, 40), st.sampled_from("abcdefghijklmnopqrstuvwxyz_."))
def test_one_wrong_letter_is_told_by_the_nearest_name(name, at, letter):
    wrong = name[: at % len(name)] + letter + name[at % len(name) + 1 :]
    if wrong not in NAMES:
        said = Config(stub_hal.make(1).store).set(wrong, "1")
        meant = said.split("did you mean ")[1].rstrip("?")
        assert typed.distance(wrong, meant) <= 1


@settings(max_examples=200, deadline=None)
@given(st.text("abc", max_size=6), st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_distance_is_a_metric(a, b, c):
    assert (typed.distance(a, b) == 0) == (a == b)
    assert typed.distance(a, b) == typed.distance(b, a)
    assert typed.distance(a, c) <= typed.distance(a, b) + typed.distance(b, c)
