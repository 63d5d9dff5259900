"""The hook under any contact noise."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

import codes
from line.hook import Hook

runs = st.lists(st.tuples(st.booleans(), st.integers(1, 120)), max_size=30)  # (closed, samples of 5 ms)


def play(pattern, off_ms, on_ms):
    """Return [(ms, event)] and the samples as a list of (ms, closed)."""
    hook = Hook(off_ms, on_ms, 0, 0, False, 0)
    events, samples, now = [], [], 0
    for closed, count in pattern:
        for _ in range(count):
            event = hook.feed(1 if closed else 0, now)
            samples.append((now, closed))
            if event:
                events.append((now, event))
            now += 5
    return events, samples


@settings(max_examples=300, deadline=None)
@given(runs, st.integers(6, 60), st.integers(100, 500))
def test_off_hook_and_on_hook_take_turns(pattern, off_ms, on_ms):
    events, _ = play(pattern, off_ms, on_ms)
    assert [event for _, event in events] == [codes.HOOK_OFF, codes.HOOK_ON] * (len(events) // 2) + [
        codes.HOOK_OFF
    ] * (len(events) % 2)


@settings(max_examples=300, deadline=None)
@given(runs, st.integers(6, 60), st.integers(100, 500))
def test_a_change_is_reported_exactly_when_the_loop_was_steady_long_enough(pattern, off_ms, on_ms):
    events, samples = play(pattern, off_ms, on_ms)
    off_hook, since, wanted, last = False, 0, [], False
    for now, closed in samples:
        if closed != last:
            since, last = now, closed
        if closed != off_hook and now - since >= (off_ms if closed else on_ms):
            off_hook = closed
            wanted.append((now, codes.HOOK_OFF if closed else codes.HOOK_ON))
    assert events == wanted


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 500)), max_size=60))
def test_next_due_is_when_the_event_comes(samples):
    hook = Hook(30, 400, 0, 0, False, 0)
    now = 0
    for bits, pause_ms in samples:
        hook.feed(bits, now)
        due = hook.next_due(now)
        if due > 0:
            assert hook.feed(bits, now + due - 1) == 0
            assert hook.feed(bits, now + due) != 0
            now += due
        now += pause_ms


lengths = st.lists(st.tuples(st.integers(1, 390), st.integers(1, 700)), max_size=40)  # ms open, ms closed


def stamped_line(pairs):
    """Return [(tick, closed)] of a receiver lifted for 500 ms, then open and closed for so long each."""
    changes, now = [(0, True)], 500
    for open_ms, closed_ms in pairs:
        changes += [(now, False), (now + open_ms, True)]
        now += open_ms + closed_ms
    return changes, now + 1000


def hear(pairs, in_call, digit_map):
    changes, end = stamped_line(pairs)
    hook = Hook(30, 400, 75, 350, True, digit_map)
    hook.in_call = in_call
    events, at, closed = [], 0, False
    for now in range(0, end, 5):
        while at < len(changes) and changes[at][0] <= now:
            closed = changes[at][1]
            events.append((changes[at][0], hook.feed(int(closed), changes[at][0])))
            at += 1
        events.append((now, hook.feed(int(closed), now)))
    return [each for each in events if each[1]], changes


def seen(changes):
    """Return the changes without what lasts less than 6 ms."""
    kept = [changes[0]]
    for a, b in itertools.pairwise([*changes, (1 << 29, None)]):
        if b[0] - a[0] >= 6 and a[1] != kept[-1][1]:
            kept.append(a)
    return kept


def train_before(changes, told):
    """Return (breaks, makes) of the openings that ended before `told`, back to a long quiet."""
    runs = [(b[0] - a[0], a[1]) for a, b in itertools.pairwise(seen(changes)) if b[0] <= told]
    breaks, makes = [], []
    for length, closed in reversed(runs):
        if closed and length >= 190 and breaks:
            break
        if not closed:
            breaks.append(length)
        elif breaks:
            makes.append(length)
    return breaks, makes[: len(breaks) - 1]  # the last is no make: it came before the train


@settings(max_examples=250, deadline=None)
@given(lengths, st.booleans(), st.integers(0, 2))
def test_only_what_a_dial_can_do_is_a_digit_and_only_a_lone_opening_a_flash(pairs, in_call, digit_map):
    events, changes = hear(pairs, in_call, digit_map)
    for told, event in events:
        breaks, makes = train_before(changes, told)
        if event & codes.HOOK_DIGIT:
            assert 1 <= len(breaks) <= 10 and min(breaks) >= 12 and max(breaks) <= 125
            assert all(each <= 130 for each in makes)
        elif event == codes.HOOK_FLASH:
            assert in_call and len(breaks) == 1 and 75 <= breaks[0] <= 350


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 400)), max_size=60),
    st.booleans(),
)
def test_openings_below_10_ms_never_dial_or_flash_unless_a_closure_is_too_short_to_see(pairs, in_call):
    pairs = [(open_ms, max(closed_ms, 10)) for open_ms, closed_ms in pairs]
    assert [event for _, event in hear(pairs, in_call, 0)[0]] == [codes.HOOK_OFF]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 1 << 20)), max_size=60), st.booleans())
def test_any_samples_at_any_time_are_survived(samples, in_call):
    hook = Hook(30, 400, 75, 350, True, 2)
    now, off_hook = (1 << 30) - 1000, False
    for bits, pause_ms in samples:
        hook.in_call = in_call
        event = hook.feed(bits, now)
        if event in (codes.HOOK_OFF, codes.HOOK_ON):
            assert (event == codes.HOOK_OFF) != off_hook
            off_hook = not off_hook
        assert event in (0, codes.HOOK_OFF, codes.HOOK_ON, codes.HOOK_FLASH) or chr(event & 0xFF).isdigit()
        assert hook.off_hook == off_hook and 0 <= hook.why <= codes.STRAY_SLOW
        assert hook.next_due(now) >= -1
        now = (now + pause_ms) & ((1 << 30) - 1)
