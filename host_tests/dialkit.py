"""Contacts of telephones, true to life: dials and hook switches that bounce, and lines that crackle.

A line is a list of changes [(ms, closed)], times as floats, on-hook before the first. `sampled` and `stamped`
show it to a hook (line/hook.py) as the two kinds of board do, and return [(ms, event)].

    line = Contact(random.Random(1)).lift().dial("20", pps=10, break_pct=60, bounce_ms=3).wait(400)
    assert digits(sampled(hook, line, phase_ms=2.2)) == "20"
"""

import random

import codes
import ticks

CLOSED = 1
MAPS = {0: "1234567890", 1: "9876543210", 2: "0123456789"}  # digits of 1 … 10 pulses
START = (1 << 30) - 20_000  # the clock wraps on the way


class Contact:
    """A loop contact; each verb appends to `changes` and moves `t_ms` on."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.t_ms = 10.0
        self.changes: list[tuple[float, bool]] = []

    def turn(self, closed: bool, stay_ms: float, bounce_ms: float = 0.0) -> "Contact":
        """Close or open, bounce for `bounce_ms` of `stay_ms`."""
        self.changes.append((self.t_ms, closed))
        if bounce_ms > 0:
            # The last of an even number of changes back and forth ends the bounce exactly.
            times = [self.dice.uniform(0, bounce_ms) for _ in range(2 * self.dice.randint(1, 3) - 1)]
            for i, at_ms in enumerate([*sorted(times), bounce_ms]):
                self.changes.append((self.t_ms + at_ms, closed if i % 2 else not closed))
        self.t_ms += stay_ms
        return self

    def wait(self, ms: float) -> "Contact":
        """Let time pass."""
        self.t_ms += ms
        return self

    def lift(self, ms: float = 500.0, bounce_ms: float = 0.0) -> "Contact":
        """Go off-hook and wait for `ms`."""
        return self.turn(True, ms, bounce_ms)

    def open(self, ms: float, bounce_ms: float = 0.0, closed_ms: float = 400.0) -> "Contact":
        """Open for `ms`, then stay closed for `closed_ms`."""
        return self.turn(False, ms, bounce_ms).turn(True, closed_ms, bounce_ms)

    def pulses(
        self, n: int, pps: float, break_pct: float, bounce_ms: float = 0.0, gap_ms: float = 400.0
    ) -> "Contact":
        """Dial `n` pulses, then stay closed for `gap_ms`; bounce: at most a third of the shorter interval."""
        break_ms = 10 * break_pct / pps
        make_ms = 1000 / pps - break_ms
        bounce_ms = min(bounce_ms, break_ms / 3, make_ms / 3)
        for left in range(n - 1, -1, -1):
            self.open(break_ms, bounce_ms, make_ms if left else gap_ms)
        return self

    def dial(self, digits: str, digit_map: int = 0, **how: float) -> "Contact":
        """Dial digits on a dial of that map; `how` as for `pulses`."""
        for digit in digits:
            self.pulses(1 + MAPS[digit_map].index(digit), **how)
        return self

    def crackle(self, ms: float, open_ms: tuple, closed_ms: tuple) -> "Contact":
        """Open and close at random for `ms`, each time uniform between the two limits; ends closed."""
        end = self.t_ms + ms
        while self.t_ms < end:
            self.turn(False, self.dice.uniform(*open_ms)).turn(True, self.dice.uniform(*closed_ms))
        return self

    def on_hook(self, ms: float = 1500.0, bounce_ms: float = 0.0) -> "Contact":
        """Put the handset back."""
        return self.turn(False, ms, bounce_ms)


def sampled(hook, line: Contact, phase_ms: float = 0.0, steps_ms: tuple = (5, 5)) -> list:
    """Sample the line from `phase_ms` on, each time after 5 ms, or a random integer between `steps_ms`."""
    events, at, closed, t_ms = [], 0, False, phase_ms
    hook.reset(ticks.add(START, int(t_ms)))
    changes = line.changes
    while t_ms < line.t_ms:
        while at < len(changes) and changes[at][0] <= t_ms:
            closed = changes[at][1]
            at += 1
        event = hook.feed(CLOSED if closed else 0, ticks.add(START, int(t_ms)))
        if event:
            events.append((t_ms, event))
        t_ms += steps_ms[0] if steps_ms[0] == steps_ms[1] else line.dice.randint(*steps_ms)
    return events


def stamped(hook, line: Contact, turn_ms: int = 5) -> list:
    """Tell each change with its tick, and the present once a turn; the changes wait for the next turn."""
    events, at, closed = [], 0, False
    hook.reset(START)
    changes = line.changes
    for t_ms in range(0, int(line.t_ms) + turn_ms, turn_ms):
        while at < len(changes) and changes[at][0] <= t_ms:
            closed = changes[at][1]
            events.append((t_ms, hook.feed(CLOSED if closed else 0, ticks.add(START, int(changes[at][0])))))
            at += 1
        events.append((t_ms, hook.feed(CLOSED if closed else 0, ticks.add(START, t_ms))))
    return [each for each in events if each[1]]


def play(bench, line: Contact, stamps: bool = False) -> None:
    """Let a telephone on an AtaBench do what the line says, sampled or with stamps."""
    slic, begin_ms, at = bench.hal.slic, bench.t_ms, 0
    start = bench.hal.clock.ticks_ms()
    while bench.t_ms < begin_ms + line.t_ms:
        while at < len(line.changes) and line.changes[at][0] <= bench.t_ms + 5 - begin_ms:
            at_ms, closed = line.changes[at]
            if stamps:
                slic.stamp(ticks.add(start, int(at_ms)), CLOSED if closed else 0)
            else:
                slic.state = CLOSED if closed else 0
            at += 1
        bench.run(5)


def digits(events: list) -> str:
    """The digits among the events."""
    return "".join(chr(event & 0xFF) for _, event in events if event & codes.HOOK_DIGIT)


def names(events: list) -> str:
    """The events as one word: + off-hook, - on-hook, f flash, digits as they are."""
    signs = {codes.HOOK_OFF: "+", codes.HOOK_ON: "-", codes.HOOK_FLASH: "f"}
    return "".join(signs.get(event) or chr(event & 0xFF) for _, event in events)
