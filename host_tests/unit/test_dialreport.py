"""What the owner of an old dial reads at the console."""

import random

import pytest
from dialkit import Contact, sampled, stamped

import codes
import stub_hal
from dialreport import Dialreport
from line.hook import Hook


class Told(Hook):
    """A hook that tells its report, as handset.py does."""

    def __init__(self, serial):
        super().__init__(30, 400, 300, 1000, True, 0)
        self.report = Dialreport(self, serial)

    def feed(self, bits, now):
        event = super().feed(bits, now)
        if event & codes.HOOK_DIGIT:
            self.report.on_pulse(event & 0xFF, now)
        if self.why:
            self.report.on_pulse(0, now)
            self.why = 0
        return event


def said(line, how=stamped):
    serial = stub_hal.make(1).serial
    how(Told(serial), line.wait(400))
    return bytes(serial.said).decode().splitlines()


def lifted():
    return Contact(random.Random(1)).lift()


def test_digit_comes_with_speed_break_and_shortest_make():
    assert said(lifted().pulses(7, 10, 60)) == ["dial: 7, 10.0 pulses/s, 60 % break, shortest make 40 ms"]


def test_ten_pulses_are_a_nought():
    assert said(lifted().pulses(10, 8, 50))[0].startswith("dial: 0, 8.0 pulses/s, 50 % break")


def test_single_pulse_has_a_break_and_no_speed():
    assert said(lifted().pulses(1, 10, 60)) == ["dial: 1, break 60 ms"]


@pytest.mark.parametrize(
    ("break_ms", "make_ms", "n", "line"),
    [
        (8, 60, 3, "dial: no digit, a pulse is too short or not clean: 0 pulses, longest break 8 ms"),
        (140, 60, 4, "dial: no digit, a pulse is too long: 4 pulses, longest break 140 ms"),
        (60, 40, 11, "dial: no digit, too many pulses: 11 pulses, longest break 60 ms"),
        (60, 150, 3, "dial: no digit, too slow: 3 pulses, longest break 60 ms"),
    ],
)
def test_refusal_says_why(break_ms, make_ms, n, line):
    contact = lifted()
    for _ in range(n):
        contact.open(break_ms, 0, make_ms)
    assert said(contact) == [line]


def test_pulses_of_every_length_are_refused():
    contact = lifted()
    for break_ms in (20, 20, 20, 120):
        contact.open(break_ms, 0, 40)
    assert said(contact) == ["dial: no digit, the pulses are too different: 4 pulses, longest break 120 ms"]


@pytest.mark.parametrize("pps", (7.5, 9.5, 10, 12, 16, 20))
@pytest.mark.parametrize("break_pct", (55, 61, 66))
def test_sampled_figures_are_near_enough_to_adjust_a_dial_by(pps, break_pct):
    """Ten pulses, sampled each 5 ms: speed within 2 %, break within 5 points, of a dial that bounces."""
    line = lifted().pulses(10, pps, break_pct, 1)
    (text,) = said(line, lambda hook, contact: sampled(hook, contact, contact.dice.uniform(0, 5)))
    words = text.split()
    assert abs(float(words[2]) / pps - 1) <= 0.02, text
    assert abs(int(words[4]) - break_pct) <= 5, text
