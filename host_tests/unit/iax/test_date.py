"""DATETIME, its arithmetic, and the calendar that lives on the server's word."""

from datetime import datetime, timedelta

import pytest
from bench import CoreBench
from hypothesis import given
from hypothesis import strategies as st

import codes
from iax import date
from iax.calendar import Calendar

BEGIN = datetime(2020, 1, 1)
END = datetime(2051, 12, 31, 23, 59, 58)
moments = st.datetimes(BEGIN, END).map(lambda t: t.replace(microsecond=0, second=t.second & ~1))


def packed(t):
    """Return a date30 by the book."""
    return t.year - 2020 << 25 | t.month << 21 | t.day << 16 | t.hour << 11 | t.minute << 5 | t.second // 2


def wire_octets(t):
    """Return DATETIME as section 8.6.28 draws it."""
    bits = t.year - 2000 << 25 | packed(t) & 0x1FFFFFF
    return bits.to_bytes(4, "big")


def test_the_date_that_asterisk_sent_is_read():
    """0x3576AE6D, seen in a NEW at that time."""
    found = date.read(bytes.fromhex("3576ae6d"), 0)
    assert date.text(found) == "2026-11-22 21:51:26"


@given(moments)
def test_every_second_date_reads_as_it_was_written(t):
    assert date.read(b"\xff" + wire_octets(t), 1) == packed(t)
    assert date.text(packed(t)) == t.strftime("%Y-%m-%d %H:%M:%S")


@given(moments, st.integers(0, 2**29 // 1000))
def test_seconds_are_added_as_the_calendar_has_it(t, more):
    assert date.seconds(packed(t)) == (t - BEGIN).total_seconds()
    later = t + timedelta(seconds=more)
    expected = packed(later) if later <= END + timedelta(seconds=1) else -1
    assert date.of(date.seconds(packed(t)) + more) == expected


def test_every_day_of_the_32_years():
    for day in range((END - BEGIN).days + 1):
        t = BEGIN + timedelta(days=day)
        assert date.of(day * 86400) == packed(t) and date.seconds(packed(t)) == day * 86400


@given(st.integers(0, 2**30 - 1))
def test_what_is_no_date_of_the_calendar_is_refused(any30):
    year, month, day = 2020 + (any30 >> 25), any30 >> 21 & 15, any30 >> 16 & 31
    hour, minute, second = any30 >> 11 & 31, any30 >> 5 & 63, (any30 & 31) * 2
    try:
        expected = (datetime(year, month, day, hour, minute, second) - BEGIN).total_seconds()
    except ValueError:
        expected = -1
    assert date.seconds(any30) == expected


@given(st.binary(min_size=4, max_size=4))
def test_any_four_octets_are_a_date30_or_none(octets):
    found = date.read(octets, 0)
    assert found == -1 or 0 <= found < 2**30


def test_years_outside_2020_to_2051_are_not_believed():
    assert date.read(wire_octets(datetime(2019, 12, 31)), 0) == -1
    assert date.read(wire_octets(datetime(2052, 1, 1)), 0) == -1


@pytest.mark.parametrize("start", [0, 1000, 2**29 - 1, 2**30 - 5000])
def test_the_calendar_goes_on_from_what_it_was_told(start):
    calendar = Calendar()
    assert calendar.today(start) == -1
    told = datetime(2028, 2, 28, 23, 59, 50)
    calendar.on_event(codes.EV_CLOCK, 0, packed(told), start)
    assert calendar.today(start) == packed(told)
    later = (start + 9999) % 2**30
    assert date.text(calendar.today(later)) == "2028-02-28 23:59:58"
    later = (start + 86400_000) % 2**30
    assert date.text(calendar.today(later)) == "2028-02-29 23:59:50"


def test_the_calendar_believes_a_word_for_six_days_and_no_longer():
    calendar = Calendar()
    calendar.on_event(codes.EV_CLOCK, 0, packed(datetime(2028, 2, 28)), 0)
    assert calendar.today(2**29 - 1) > 0
    assert calendar.today(2**29) == -1
    assert calendar.today(2**30 - 1) == -1 and calendar.today(5) == -1


def test_a_calendar_that_is_polled_does_not_believe_again_after_a_whole_turn_of_the_ticks():
    calendar = Calendar()
    calendar.on_event(codes.EV_CLOCK, 0, packed(datetime(2028, 2, 28)), 0)
    assert calendar.poll(2**29 + 1000) == 0 and calendar.poll_tx(2**29 + 1000) == 0
    assert calendar.today(1000) == -1
    assert calendar.next_due(1000) == -1


def test_other_events_and_wrong_dates_do_not_move_the_calendar():
    calendar = Calendar()
    good = packed(datetime(2030, 6, 1))
    calendar.on_event(codes.EV_CLOCK, 0, good, 0)
    calendar.on_event(codes.EV_CLOCK, 0, 15 << 21, 10)
    calendar.on_event(codes.EV_NOTE, 0, packed(datetime(2031, 6, 1)), 10)
    assert calendar.today(20) == good


def test_the_calendar_has_no_year_after_2051():
    calendar = Calendar()
    calendar.on_event(codes.EV_CLOCK, 0, packed(END), 0)
    assert calendar.today(1000) == packed(END) and calendar.today(3000) == -1


def test_the_servers_word_comes_with_each_registration():
    """DATETIME of REGACK is told as EV_CLOCK; a calendar that hears it knows the date from there on."""
    bench = CoreBench()
    bench.register()
    calendar = Calendar()
    told_at, _, _, arg = next(event for event in bench.events if event[1] == "CLOCK")
    calendar.on_event(codes.EV_CLOCK, 0, arg, bench.now)
    bench.run(20_000)
    now_s = calendar_seconds(bench.peer.datetime())
    assert abs(date.seconds(calendar.today(bench.now)) - now_s) <= 2 + (bench.t_ms - told_at - 20_000) / 1000


def calendar_seconds(datetime32):
    """Return the seconds since 2020 of a DATETIME."""
    return date.seconds(date.read(datetime32.to_bytes(4, "big"), 0))
