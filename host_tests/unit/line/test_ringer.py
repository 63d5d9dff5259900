"""The ringing cadence in time."""

from array import array

import codes
import ticks
from line.ringer import Ringer

US = array("h", (2000, 4000))
UK = array("h", (400, 200, 400, 2000))


def edges(ringer, start, ms, step_ms=5):
    """Return [(ms since start, feed)] at each change of the feed."""
    found = []
    feed = codes.FEED_FORWARD
    for at in range(0, ms, step_ms):
        new = ringer.poll(ticks.add(start, at))
        if new != feed:
            found.append((at, new))
            feed = new
    return found


def test_ringer_is_silent_before_its_start():
    ringer = Ringer(US, 60_000)
    assert ringer.poll(0) == codes.FEED_FORWARD
    assert ringer.next_due(0) == -1


def test_us_cadence_is_two_seconds_on_four_off_from_the_start():
    ringer = Ringer(US, 0)
    ringer.start(700)
    on, off = codes.FEED_RINGING, codes.FEED_FORWARD
    assert edges(ringer, 700, 14_000) == [(0, on), (2000, off), (6000, on), (8000, off), (12_000, on)]


def test_double_ring_has_four_steps():
    ringer = Ringer(UK, 0)
    ringer.start(0)
    assert [at for at, _ in edges(ringer, 0, 4000)] == [0, 400, 600, 1000, 3000, 3400, 3600]


def test_ringing_expires_and_goes_silent():
    ringer = Ringer(US, 7000)
    ringer.start(0)
    assert ringer.poll(6999) == codes.FEED_RINGING
    assert not ringer.expired
    assert ringer.poll(7000) == codes.FEED_FORWARD
    assert ringer.expired
    assert ringer.next_due(7000) == -1
    ringer.start(8000)
    assert not ringer.expired


def test_stop_ends_ringing_and_a_new_start_has_a_whole_first_ring():
    ringer = Ringer(US, 60_000)
    ringer.start(0)
    ringer.poll(1500)
    ringer.stop()
    assert ringer.poll(1505) == codes.FEED_FORWARD
    ringer.start(3000)
    assert ringer.poll(4999) == codes.FEED_RINGING
    assert ringer.poll(5000) == codes.FEED_FORWARD


def test_next_due_names_the_sooner_of_edge_and_end():
    ringer = Ringer(US, 2500)
    ringer.start(0)
    assert ringer.next_due(0) == 2000
    ringer.poll(2000)
    assert ringer.next_due(2000) == 500
    assert ringer.next_due(9999) == 0


def test_late_polls_do_not_shift_the_cadence():
    ringer = Ringer(US, 0)
    ringer.start(0)
    assert edges(ringer, 0, 13_000, step_ms=7)[-1][0] == 12_005  # the first multiple of 7 after 12,000


def test_a_long_stall_catches_up():
    ringer = Ringer(US, 0)
    ringer.start(0)
    assert ringer.poll(6_000_000 + 1999) == codes.FEED_RINGING
    assert ringer.poll(6_000_000 + 2000) == codes.FEED_FORWARD


def test_cadence_with_no_pause_rings_on():
    ringer = Ringer(array("h", (1000, 0)), 0)
    ringer.start(0)
    assert edges(ringer, 0, 5000) == [(0, codes.FEED_RINGING)]


def test_clock_may_wrap_while_it_rings():
    ringer = Ringer(US, 20_000)
    start = 0x3FFFFFFF - 3000
    ringer.start(start)
    assert [at for at, _ in edges(ringer, start, 30_000)] == [
        0,
        2000,
        6000,
        8000,
        12_000,
        14_000,
        18_000,
        20_000,
    ]
    assert ringer.expired
