"""Line programs under whatever a telephone and a busy loop may do."""

from hypothesis import given, settings
from hypothesis import strategies as st

import codes
import ticks
from line import programs
from line.sequence import Sequence

ALONE = ["rev", "nor", "dtas", "sas", "cas", "fsk", "dtmf", "car", "ring s550", "gap"]
TIMED = ["s%d", "p%d", "o%d", "hang%d", "ack%d"]
word = st.sampled_from(ALONE) | st.builds(
    lambda name, ms: name % ms, st.sampled_from(TIMED), st.integers(1, 3000)
)
ring = st.builds(
    lambda on, off, kept: f"{on}/{'-' if kept else ''}{off}",
    st.integers(100, 3000),
    st.integers(0, 5000),
    st.booleans(),
)
cadences = st.lists(ring, min_size=1, max_size=4).map(",".join)
TELL, DONE, TAKE, WAIT = "tell", "done", "take", "wait"
deeds = st.lists(
    st.tuples(st.just(TELL), st.integers(1, 3))
    | st.tuples(st.sampled_from([DONE, TAKE]), st.just(0))
    | st.tuples(st.just(WAIT), st.integers(0, 3000)),
    max_size=60,
)
starts = st.integers(0, 0x3FFFFFFF) | st.just(0x40000000 - 2000)
FEEDS = (codes.FEED_OPEN, codes.FEED_FORWARD, codes.FEED_REVERSE, codes.FEED_RINGING)


def words_of(said):
    """Make sense of random words: `gap` needs a ring before it."""
    fits = [text for i, text in enumerate(said) if text != "gap" or "ring s550" in said[:i]]
    return " ".join(fits)


@settings(max_examples=300, deadline=None)
@given(st.lists(word, max_size=8), cadences, deeds, starts, st.integers(0, 20000), st.sampled_from([1, 2]))
def test_whatever_happens_the_line_is_fed_and_knows_when_to_go_on(
    said, cadence, done, start, max_ring_ms, rest
):
    sequence = Sequence(max_ring_ms)
    sequence.rest = rest
    sequence.start(programs.build(words_of(said), cadence), start)
    assert sequence.rings
    now = start
    for deed, value in done:
        if deed == TELL:
            sequence.told(value, now)
        elif deed == DONE:
            sequence.done(now)
        elif deed == TAKE:
            sequence.signal = 0
        else:
            now = ticks.add(now, value)
        feed = sequence.poll(now)
        assert feed in FEEDS
        assert 0 <= sequence.signal <= codes.SIGNAL_CAS
        due_ms = sequence.next_due(now)
        if sequence.on:
            assert 0 < due_ms <= 32767
            assert not sequence.expired
        else:
            assert (due_ms, feed, sequence.signal) == (-1, rest, 0)
    sequence.stop()
    assert sequence.poll(now) == rest


@settings(max_examples=100, deadline=None)
@given(st.lists(word, max_size=8), cadences, starts)
def test_nobody_ever_answers_and_ringing_ends_all_the_same(said, cadence, start):
    """No signal is reported as over, and the loop wakes when it said it would: all ends after a minute."""
    sequence = Sequence(60000)
    sequence.start(programs.build(words_of(said), cadence), start)
    now = start
    turns = 0
    while sequence.on:
        sequence.poll(now)
        now = ticks.add(now, max(sequence.next_due(now), 0))
        turns += 1
        assert turns < 3000
    assert ticks.diff(now, start) <= 60000
    assert sequence.expired or any("ack" in text for text in said)


@settings(max_examples=100, deadline=None)
@given(cadences, st.lists(st.integers(1, 4000), min_size=1, max_size=40), starts)
def test_feed_depends_on_the_time_alone_however_seldom_it_is_asked(cadence, waits_ms, start):
    ring_ms = programs.cadence(cadence)
    total_ms = sum(abs(ms) for ms in ring_ms)
    sequence = Sequence(0)
    sequence.start(programs.build("", cadence), start)
    at = 0
    for wait_ms in waits_ms:
        at += wait_ms
        left_ms = at % total_ms
        step = 0
        while left_ms >= abs(ring_ms[step]):
            left_ms -= abs(ring_ms[step])
            step += 1
        expected = codes.FEED_FORWARD if step & 1 else codes.FEED_RINGING
        assert sequence.poll(ticks.add(start, at)) == expected
