"""Hook flash in every country's window, 10 ms from its edges; and a dialled 1 against it, by call state."""

import random

import pytest
from dialkit import CLOSED, Contact, names, sampled, stamped

import codes
from line import tones
from line.hook import Hook
from stub_hal.store import Store

PROFILES = sorted({row.split("|")[0] for row in Store().rows("profiles") if row and row[0] != "#"})
OFF_MS, ON_MS = 30, 400


def window(profile):
    """Return the shortest and the longest flash of a profile in ms."""
    return tones.load(Store(), profile, lambda name: "")[5:7]


def hear(line, flash_ms, how, in_call=True):
    hook = Hook(OFF_MS, ON_MS, *flash_ms, True, 0)
    hook.in_call = in_call
    events = stamped(hook, line) if how == "stamped" else sampled(hook, line, line.dice.uniform(0, 5))
    return names(events), hook


def lengths(dice, least, most):
    """Both ends and lengths between them."""
    return [least, most, *(dice.uniform(least, most) for _ in range(10))]


def flashes(profile, how, inside):
    """Return [(opening in ms, what was heard)] for openings inside or outside the window."""
    dice = random.Random(f"{profile} {how} {inside}")
    shortest_ms, longest_ms = window(profile)
    if inside:
        openings = lengths(dice, shortest_ms + 10, longest_ms - 10)
    else:
        openings = lengths(dice, 12, shortest_ms - 10) + lengths(dice, longest_ms + 10, longest_ms + 400)
    found = []
    for open_ms in openings:
        for bounce_ms in (0, 2, 5):
            line = Contact(dice).lift(400, bounce_ms).open(open_ms, bounce_ms, 400)
            found.append((open_ms, hear(line, (shortest_ms, longest_ms), how)[0]))
    return found


WITH_FLASH = [profile for profile in PROFILES if window(profile)[1]]


@pytest.mark.parametrize("how", ["sampled", "stamped"])
@pytest.mark.parametrize("profile", WITH_FLASH)
def test_every_opening_inside_the_window_is_a_flash(profile, how):
    assert [each for each in flashes(profile, how, True) if each[1] != "+f"] == []


@pytest.mark.parametrize("how", ["sampled", "stamped"])
@pytest.mark.parametrize("profile", WITH_FLASH)
def test_no_opening_outside_the_window_is_a_flash(profile, how):
    for open_ms, word in flashes(profile, how, False):
        longest_ms = max(window(profile)[1], ON_MS)
        assert word in (("+", "+1") if open_ms < longest_ms - 10 else ("+", "+-", "+-+")), open_ms
        assert open_ms < longest_ms + 10 or word != "+", "a long opening is a hang-up"


@pytest.mark.parametrize("profile", sorted(set(PROFILES) - set(WITH_FLASH)))
def test_profile_without_a_flash_has_none(profile):
    for open_ms in (60, 100, 200, 300, 390):
        assert "f" not in hear(Contact(random.Random(1)).lift().open(open_ms), (0, 0), "sampled")[0]


def test_most_of_the_world_flashes():
    assert len(WITH_FLASH) >= 40


@pytest.mark.parametrize("in_call", [False, True])
def test_lone_pulse_is_a_digit_while_dialling_and_a_flash_in_a_call(in_call):
    line = Contact(random.Random(2)).lift().dial("1", pps=10, break_pct=67)
    assert hear(line, (50, 130), "sampled", in_call)[0] == ("+f" if in_call else "+1")


def test_lone_pulse_below_the_window_is_a_digit_in_a_call_too():
    line = Contact(random.Random(2)).lift().dial("1", pps=10, break_pct=67)
    assert hear(line, (300, 1000), "sampled")[0] == "+1"


@pytest.mark.parametrize("digit", "234567890")
def test_more_pulses_in_a_call_are_a_digit_whatever_the_window(digit):
    line = Contact(random.Random(2)).lift().dial(digit, pps=10, break_pct=67, bounce_ms=3)
    assert hear(line, (50, 130), "sampled")[0] == "+" + digit


def test_before_the_call_is_up_a_long_flash_is_a_hang_up():
    line = Contact(random.Random(3)).lift().open(600)
    assert hear(line, (300, 1000), "sampled", in_call=False)[0] == "+-+"


def test_call_may_end_while_the_hook_is_down():
    hook = Hook(OFF_MS, ON_MS, 300, 1000, True, 0)
    hook.in_call = True
    hook.feed(CLOSED, 0)
    assert hook.feed(CLOSED, 30) == codes.HOOK_OFF
    for at in range(500, 1000, 5):
        assert hook.feed(0, at) == 0
    hook.in_call = False
    assert hook.feed(0, 1000) == codes.HOOK_ON


def test_flash_is_told_190_ms_after_the_hook_is_up_again():
    line = Contact(random.Random(4)).lift(500).open(600)
    hook = Hook(OFF_MS, ON_MS, 300, 1000, True, 0)
    hook.in_call = True
    (told_ms,) = [at for at, event in stamped(hook, line) if event == codes.HOOK_FLASH]
    assert 190 <= told_ms - 1110 <= 195


def test_two_flashes_are_two_flashes():
    line = Contact(random.Random(5)).lift().open(600, 5, 250).open(500, 5, 300)
    assert hear(line, (300, 1000), "sampled")[0] == "+ff"


def test_flash_with_pulses_beside_it_is_neither():
    line = Contact(random.Random(6)).lift().open(600, 0, 60).open(60, 0, 400)
    word, hook = hear(line, (300, 1000), "sampled")
    assert word == "+" and hook.why == codes.STRAY_LONG


def test_after_a_flash_no_pulse_is_under_way():
    """Who reads `pulses` to end a dial tone must not see the flash that brought it."""
    _, hook = hear(Contact(random.Random(7)).lift().open(600), (300, 1000), "sampled")
    assert hook.pulses == 0


@pytest.mark.parametrize("how", ["sampled", "stamped"])
def test_flash_works_with_pulses_switched_off(how):
    line = Contact(random.Random(8)).lift().open(100).dial("5", pps=10, break_pct=60).open(90)
    hook = Hook(OFF_MS, ON_MS, 50, 130, False, 0)
    hook.in_call = True
    events = stamped(hook, line) if how == "stamped" else sampled(hook, line)
    assert names(events) == "+ff" and hook.why == 0


def blanked(hook, blank_at, blank_ms, changes, end_ms):
    """Feed changes [(ms, bits)] each 5 ms, with one blank; return [(ms, event)]."""
    bits, events = 0, []
    for now in range(0, end_ms, 5):
        for at, state in changes:
            if at <= now:
                bits = state
        if now == blank_at:
            hook.blank(now, blank_ms)
        event = hook.feed(bits, now)
        if event:
            events.append((now, event))
    return events


@pytest.mark.parametrize("glitch_ms", (5, 10, 30, 55))
def test_change_of_the_feed_may_open_the_loop_for_a_moment(glitch_ms):
    hook = Hook(OFF_MS, ON_MS, 50, 130, True, 0)
    hook.in_call = True
    changes = [(0, CLOSED), (510, 0), (510 + glitch_ms, CLOSED)]
    assert blanked(hook, 500, 60, changes, 1500) == [(30, codes.HOOK_OFF)]
    assert hook.why == 0 and hook.pulses == 0


@pytest.mark.parametrize("glitch_ms", (5, 30, 55))
def test_end_of_a_ring_may_look_closed_for_a_moment(glitch_ms):
    hook = Hook(OFF_MS, ON_MS, 50, 130, True, 0)
    assert blanked(hook, 500, 60, [(505, CLOSED), (505 + glitch_ms, 0)], 1500) == []


def test_flash_that_begins_with_a_change_of_the_feed_keeps_its_length():
    hook = Hook(OFF_MS, ON_MS, 75, 150, True, 0)
    hook.in_call = True
    found = blanked(hook, 500, 60, [(0, CLOSED), (520, 0), (620, CLOSED)], 1500)
    assert [event for _, event in found] == [codes.HOOK_OFF, codes.HOOK_FLASH]


def test_ring_trip_is_never_blanked():
    hook = Hook(OFF_MS, ON_MS, 75, 150, True, 0)
    assert blanked(hook, 500, 60, [(510, 2), (560, CLOSED)], 1500) == [(510, codes.HOOK_OFF)]


def while_fed_openly(closed) -> "tuple[Hook, list[tuple[int, int]]]":
    """Open the feed from 500 to 1,200 ms; return the hook and its events, (ms, event). closed: of each ms."""
    hook = Hook(OFF_MS, ON_MS, 300, 1000, True, 0)
    found = []
    for now in range(0, 3000, 5):
        if now == 500:
            hook.blank(now, 4000)
        if now == 1200:
            hook.blank(now, 60)
        event = hook.feed(CLOSED if closed(now) else 0, now)
        if event:
            found.append((now, event))
    return hook, found


def test_loop_that_comes_back_with_the_feed_was_never_open():
    hook, found = while_fed_openly(lambda now: not 500 < now < 1220)
    assert [event for _, event in found] == [codes.HOOK_OFF] and hook.why == 0


def test_receiver_put_back_while_the_feed_is_open_is_on_hook_soon_after():
    _, found = while_fed_openly(lambda now: now <= 500)
    assert found == [(30, codes.HOOK_OFF), (1600, codes.HOOK_ON)]


def test_blank_of_days_ago_is_forgotten():
    hook = Hook(OFF_MS, ON_MS, 50, 130, True, 0)
    hook.blank(0, 60)
    hook.feed(CLOSED, 100)
    hook.feed(CLOSED, 130)
    hook.feed(CLOSED, 400)
    late = (1 << 29) + 1000  # by then the clock's differences have changed sign
    hook.feed(CLOSED, late)
    for at in range(0, 60, 5):
        hook.feed(0, late + at)
    found = [hook.feed(CLOSED, late + at) for at in range(60, 400, 5)]
    assert [chr(event & 0xFF) for event in found if event] == ["1"]
