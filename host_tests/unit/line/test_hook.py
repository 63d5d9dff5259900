"""The hook switch against bounce, ring trip and the wrap of the clock."""

import codes
import ticks
from line.hook import Hook

CLOSED, TRIP, FAULT = 1, 2, 4


def run(hook, now, bits, ms):
    """Feed one state for `ms`, each 5 ms; return ([(ms since the start, event)], the time after)."""
    events = []
    for at in range(0, ms, 5):
        event = hook.feed(bits, ticks.add(now, at))
        if event:
            events.append((at, event))
    return events, ticks.add(now, ms)


def lifted():
    hook = Hook(30, 400, 0, 0, False, 0)
    _, now = run(hook, 0, CLOSED, 100)
    return hook, now


def test_open_loop_at_start_is_no_event():
    assert run(Hook(30, 400, 0, 0, False, 0), 0, 0, 2000)[0] == []


def test_closed_loop_is_off_hook_after_off_ms_and_once():
    assert run(Hook(30, 400, 0, 0, False, 0), 0, CLOSED, 500)[0] == [(30, codes.HOOK_OFF)]


def test_closure_shorter_than_off_ms_is_noise():
    hook = Hook(30, 400, 0, 0, False, 0)
    events, now = run(hook, 0, CLOSED, 30)
    assert events == []
    assert run(hook, now, 0, 1000)[0] == []


def test_each_bounce_starts_the_wait_again():
    hook = Hook(30, 400, 0, 0, False, 0)
    now = 0
    for bits in (CLOSED, 0) * 6:
        events, now = run(hook, now, bits, 10)
        assert events == []
    assert run(hook, now, CLOSED, 100)[0] == [(30, codes.HOOK_OFF)]


def test_open_loop_is_on_hook_after_on_ms():
    hook, now = lifted()
    assert run(hook, now, 0, 1000)[0] == [(400, codes.HOOK_ON)]
    assert not hook.off_hook


def test_opening_shorter_than_on_ms_changes_nothing():
    hook, now = lifted()
    for opening_ms in (10, 60, 100, 300, 395):
        events, now = run(hook, now, 0, opening_ms)
        assert events == []
        events, now = run(hook, now, CLOSED, 300)
        assert events == []


def test_ten_dial_pulses_are_not_a_hang_up():
    hook, now = lifted()
    for _ in range(10):
        events, now = run(hook, now, 0, 60)
        more, now = run(hook, now, CLOSED, 40)
        assert events + more == []


def test_ring_trip_is_off_hook_at_once_and_once():
    hook = Hook(30, 400, 0, 0, False, 0)
    assert hook.feed(TRIP, 0) == codes.HOOK_OFF
    assert run(hook, 5, CLOSED, 500)[0] == []


def test_loop_may_open_for_a_moment_after_ring_trip():
    hook = Hook(30, 400, 0, 0, False, 0)
    hook.feed(TRIP, 0)
    events, now = run(hook, 5, 0, 100)
    assert events == []
    assert run(hook, now, CLOSED, 500)[0] == []


def test_fault_alone_closes_no_loop():
    assert run(Hook(30, 400, 0, 0, False, 0), 0, FAULT, 1000)[0] == []


def test_a_single_sample_after_a_long_pause_is_not_enough():
    hook = Hook(30, 400, 0, 0, False, 0)
    hook.feed(0, 0)
    assert hook.feed(CLOSED, 60_000) == 0
    assert hook.feed(CLOSED, 60_030) == codes.HOOK_OFF


def test_next_due_counts_down_and_is_never_when_steady():
    hook = Hook(30, 400, 0, 0, False, 0)
    assert hook.next_due(0) == -1
    hook.feed(CLOSED, 10)
    assert hook.next_due(10) == 30
    assert hook.next_due(35) == 5
    assert hook.next_due(99) == 0
    hook.feed(CLOSED, 40)
    assert hook.next_due(40) == -1


def test_clock_may_wrap_in_the_middle():
    hook = Hook(30, 400, 0, 0, False, 0)
    start = 0x3FFFFFFF - 12
    assert run(hook, start, CLOSED, 100)[0] == [(30, codes.HOOK_OFF)]
    assert run(hook, 0x3FFFFFFF - 200, 0, 1000)[0] == [(400, codes.HOOK_ON)]


def test_reset_reports_a_receiver_left_off_again():
    hook, now = lifted()
    hook.reset(now)
    assert run(hook, now, CLOSED, 100)[0] == [(30, codes.HOOK_OFF)]
