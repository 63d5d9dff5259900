"""Whatever a person types for the line: refused in one line, or a line can be made of it."""

from hypothesis import given, settings
from hypothesis import strategies as st

import stub_hal
from config import Config
from line import tones

NAMES = ("tone_dial", "tone_howler", "ring", "flash", "gains", "pulses", "impedance", "callerid", "ring_hz")
numbers = st.integers(-20, 40_000).map(str)
marks = st.sampled_from(["/", "/-", ",", "+", "*", "@", "!", "-", " ", ",0/", ""])
likely = st.lists(st.tuples(numbers, marks), max_size=6).map(lambda pairs: "".join(a + b for a, b in pairs))
texts = st.one_of(
    likely, st.text(max_size=12), st.sampled_from(["bell", "uk", "nz", "phreak-3", "16.7", "600"])
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(NAMES), texts)
def test_what_is_taken_makes_a_line_and_what_is_not_is_said_in_one_line(name, text):
    store = stub_hal.make(1).store
    config = Config(store)
    told = config.set("line." + name, text)
    if told:
        assert told.startswith(f"line.{name}: ")
        assert "\n" not in told
    else:
        sounds, ring, ring_dhz, *_ = tones.load(store, "us", config.get)
        assert tones.cadence(store, ring) == ring
        assert all(sounds[1:15])
        assert 160 <= ring_dhz <= 667
