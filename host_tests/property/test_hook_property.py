"""The hook under any contact noise."""

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
