"""The port: every cell of its table against a list written by hand, then its timers and intents."""

import pytest

import codes
import ticks
from line import port
from line.port import Port

STATES = (
    "ON_HOOK", "DIAL_TONE", "COLLECT", "CALLING", "RINGBACK", "EARLY", "TALK",
    "BUSY_TONE", "REORDER_TONE", "HOWLER", "LOCKOUT", "RINGING", "HOWLER_LOUD", "HOWLER_LOUDEST",
)  # fmt: skip
EVENTS = (
    "OFF_HOOK", "ON_HOOK", "DIGIT", "NUMBER", "TIMEOUT", "RING", "RING_END",
    "ALERTING", "EARLY", "ANSWER", "BUSY", "FAIL", "CLEAR",
)  # fmt: skip
# state, event → next state, intent. What is not here leaves the state as it is and intends nothing.
MOVES = """
ON_HOOK       OFF_HOOK  DIAL_TONE
ON_HOOK       RING      RINGING
DIAL_TONE     ON_HOOK   ON_HOOK
DIAL_TONE     DIGIT     COLLECT
DIAL_TONE     NUMBER    CALLING       DIAL
DIAL_TONE     TIMEOUT   REORDER_TONE
DIAL_TONE     FAIL      REORDER_TONE
COLLECT       ON_HOOK   ON_HOOK
COLLECT       NUMBER    CALLING       DIAL
COLLECT       TIMEOUT   REORDER_TONE
COLLECT       FAIL      REORDER_TONE
CALLING       ON_HOOK   ON_HOOK       HANGUP
CALLING       TIMEOUT   REORDER_TONE  HANGUP
CALLING       ALERTING  RINGBACK
CALLING       EARLY     EARLY
CALLING       ANSWER    TALK
CALLING       BUSY      BUSY_TONE     HANGUP
CALLING       FAIL      REORDER_TONE  HANGUP
CALLING       CLEAR     REORDER_TONE
RINGBACK      ON_HOOK   ON_HOOK       HANGUP
RINGBACK      EARLY     EARLY
RINGBACK      ANSWER    TALK
RINGBACK      BUSY      BUSY_TONE     HANGUP
RINGBACK      FAIL      REORDER_TONE  HANGUP
RINGBACK      CLEAR     REORDER_TONE
EARLY         ON_HOOK   ON_HOOK       HANGUP
EARLY         ANSWER    TALK
EARLY         BUSY      BUSY_TONE     HANGUP
EARLY         FAIL      REORDER_TONE  HANGUP
EARLY         CLEAR     REORDER_TONE
TALK          ON_HOOK   ON_HOOK       HANGUP
TALK          BUSY      BUSY_TONE     HANGUP
TALK          FAIL      REORDER_TONE  HANGUP
TALK          CLEAR     REORDER_TONE
BUSY_TONE     ON_HOOK   ON_HOOK
BUSY_TONE     TIMEOUT   HOWLER
REORDER_TONE  ON_HOOK   ON_HOOK
REORDER_TONE  TIMEOUT   HOWLER
HOWLER        ON_HOOK   ON_HOOK
HOWLER        TIMEOUT   HOWLER_LOUD
HOWLER_LOUD   ON_HOOK   ON_HOOK
HOWLER_LOUD   TIMEOUT   HOWLER_LOUDEST
HOWLER_LOUDEST ON_HOOK  ON_HOOK
HOWLER_LOUDEST TIMEOUT  LOCKOUT
LOCKOUT       ON_HOOK   ON_HOOK
RINGING       OFF_HOOK  TALK          ANSWER
RINGING       TIMEOUT   ON_HOOK       HANGUP
RINGING       RING_END  ON_HOOK
RINGING       FAIL      ON_HOOK       HANGUP
RINGING       CLEAR     ON_HOOK
"""
WANTED = {tuple(line.split()[:2]): (*line.split()[2:], "")[:2] for line in MOVES.strip().splitlines()}
TONES = {
    "DIAL_TONE": "DIAL",
    "RINGBACK": "RINGBACK",
    "BUSY_TONE": "BUSY",
    "REORDER_TONE": "REORDER",
    "HOWLER": "HOWLER",
    "HOWLER_LOUD": "HOWLER_LOUD",
    "HOWLER_LOUDEST": "HOWLER_LOUDEST",
}


def make():
    return Port(30_000, 30_000, 60_000, 60_000)


def put(line, state):
    line._enter(getattr(codes, state), 0)
    return line


def walk(line, *events, now=0):
    """Feed events by name; return the last intent."""
    intent = 0
    for event in events:
        intent = line.feed(getattr(codes, "PORT_" + event), now)
    return intent


def test_names_here_are_the_names_in_the_book():
    assert [getattr(codes, name) for name in STATES] == list(range(14))
    assert [getattr(codes, "PORT_" + name) for name in EVENTS] == list(range(13))
    assert len(port.NEXT) == 14 * 13


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", STATES)
def test_each_event_in_each_state_does_what_the_list_says(state, event):
    line = put(make(), state)
    after, intent = WANTED.get((state, event), (state, "REJECT" if event == "RING" else ""))
    got = walk(line, event)
    assert STATES[line.state] == after
    assert got == (getattr(codes, "INTENT_" + intent) if intent else 0)


@pytest.mark.parametrize("state", STATES)
def test_each_state_has_its_tone_and_flags(state):
    line = put(make(), state)
    assert line.tone == getattr(codes, "TONE_" + TONES.get(state, "NONE"))
    assert line.ringing == (state == "RINGING")
    assert line.collecting == (state in ("DIAL_TONE", "COLLECT"))
    assert line.talking == (state in ("EARLY", "TALK"))


@pytest.mark.parametrize("state", STATES)
def test_on_hook_always_ends_in_on_hook(state):
    if state != "RINGING":  # the receiver is on its hook already
        line = put(make(), state)
        walk(line, "ON_HOOK")
        assert line.state == codes.ON_HOOK


def test_call_out_from_lift_to_hang_up():
    line = make()
    assert walk(line, "OFF_HOOK", "DIGIT", "DIGIT", "NUMBER") == codes.INTENT_DIAL
    assert walk(line, "ALERTING", "ANSWER") == 0
    assert line.talking
    assert walk(line, "ON_HOOK") == codes.INTENT_HANGUP


def test_call_in_from_ring_to_far_clearing():
    line = make()
    assert walk(line, "RING", "OFF_HOOK") == codes.INTENT_ANSWER
    assert walk(line, "CLEAR") == 0
    assert line.tone == codes.TONE_REORDER
    assert walk(line, "ON_HOOK") == 0


def test_second_caller_is_rejected_while_the_first_rings():
    line = make()
    assert walk(line, "RING", "RING") == codes.INTENT_REJECT
    assert line.ringing


def test_receiver_left_off_gets_reorder_then_howler_then_silence():
    line = put(make(), "REORDER_TONE")
    story = []
    for now in range(0, 200_000, 500):
        line.poll(now)
        if not story or story[-1][1] != line.state:
            story.append((now, line.state))
    assert story == [
        (0, codes.REORDER_TONE),
        (30_000, codes.HOWLER),
        (50_000, codes.HOWLER_LOUD),
        (70_000, codes.HOWLER_LOUDEST),
        (90_000, codes.LOCKOUT),
    ]
    assert line.next_due(200_000) == -1


def test_silent_call_is_given_up_by_the_guard_timer():
    line = make()
    walk(line, "OFF_HOOK", "NUMBER", now=100)
    assert line.next_due(100) == 60_000
    assert line.poll(60_099) == 0
    assert line.poll(60_100) == codes.INTENT_HANGUP
    assert line.tone == codes.TONE_REORDER


def test_howler_of_no_length_is_never_heard():
    line = put(Port(30_000, 30_000, 0, 60_000), "BUSY_TONE")
    line.poll(30_000)
    assert line.state == codes.LOCKOUT


def test_every_timed_state_leaves_at_its_time_out():
    """Or poll would never come back."""
    for state in STATES:
        line = put(make(), state)
        if line.next_due(0) >= 0:
            before = line.state
            walk(line, "TIMEOUT")
            assert line.state != before


def test_untimed_states_have_no_timer():
    untimed = [state for state in STATES if put(make(), state).next_due(0) < 0]
    assert untimed == ["ON_HOOK", "DIAL_TONE", "COLLECT", "RINGBACK", "EARLY", "TALK", "LOCKOUT", "RINGING"]


def test_clock_may_wrap_in_a_timed_state():
    line = make()
    start = 0x3FFFFFFF - 10
    walk(line, "OFF_HOOK", "TIMEOUT", now=start)
    assert line.next_due(ticks.add(start, 20)) == 29_980
    line.poll(ticks.add(start, 30_000))
    assert line.state == codes.HOWLER


def test_reset_is_on_hook():
    line = put(make(), "TALK")
    line.reset(5)
    assert (line.state, line.talking, line.tone) == (codes.ON_HOOK, False, 0)
