"""The telephone's side on any VM, with the heap locked: hook, digits, sequence and port allocate nothing.

Prints `ok`. Anything else is a failure: a MemoryError with its traceback is an allocation in feed or poll.
"""

import micropython

import stub_hal
import ticks
from config import Config
from line import programs, tones
from line.digitmap import compile_map
from line.digits import Digits
from line.hook import Hook
from line.port import Port
from line.sequence import Sequence

STEP_MS = 5
WRAP = 0x40000000


def build():
    """Return hook, digits, sequence, port as the shipped settings make them."""
    store = stub_hal.make(1).store
    get = Config(store).get
    return (
        Hook(get("line.hook_off_ms"), get("line.hook_on_ms"), 300, 1000, True, 0),
        Digits(
            bytearray(32),
            compile_map("911|1[2-9]x|[x*]."),
            get("dial.first_ms"),
            get("dial.inter_ms"),
            get("dial.match_ms"),
        ),
        Sequence(get("line.ring_max_ms")),
        Port(get("line.busy_ms"), get("line.reorder_ms"), get("line.howler_ms"), get("line.calling_ms")),
    )


def turn(parts, bits, now, ms):
    """Run all four for `ms` as ata.py would, each 5 ms; return the time after."""
    hook, digits, sequence, port = parts
    end = ticks.add(now, ms)
    while ticks.diff(end, now) > 0:
        event = hook.feed(bits, now)
        if event:
            port.feed(event - 1, now)  # HOOK_OFF, HOOK_ON are PORT_OFF_HOOK + 1, PORT_ON_HOOK + 1
            digits.reset(now)
        if port.collecting and digits.poll(now):
            port.feed(3 if digits.n else 4, now)  # PORT_NUMBER, PORT_TIMEOUT
        port.poll(now)
        sequence.poll(now)
        if sequence.signal:
            sequence.signal = 0
            sequence.done(now)
        if sequence.expired:
            port.feed(4, now)  # PORT_TIMEOUT
        ticks.sooner(hook.next_due(now), ticks.sooner(digits.next_due(now), port.next_due(now)))
        sequence.next_due(now)
        now = ticks.add(now, STEP_MS)
    return now


def call_out(parts, now):
    """Lift, dial 600 and wait, hear ringback, talk, be cut off, leave the receiver off, hang up."""
    _, digits, _, port = parts
    now = turn(parts, 1, now, 500)
    assert port.tone == 1, "dial tone"
    for at in range(3):
        port.feed(2, now)  # PORT_DIGIT
        digits.feed_digit(54 if at == 0 else 48, now)
        now = turn(parts, 1, now, 160)
    now = turn(parts, 1, now, 3000)
    assert port.state == 3, "calling"
    for event in (7, 8, 9, 12):  # ALERTING, EARLY, ANSWER, CLEAR
        port.feed(event, now)
        now = turn(parts, 1, now, 200)
    assert port.tone == 4, "reorder"
    now = turn(parts, 1, now, 100000)
    assert port.state == 10, "lockout"
    return turn(parts, 0, now, 500)


def call_in(parts, rings, now):
    """Ring unanswered until it expires, ring again, answer by ring trip, hang up.

    rings: two programs, the second with a primary answer before its ringing.
    """
    _, _, sequence, port = parts
    port.feed(5, now)  # PORT_RING
    sequence.start(rings[0], now)
    now = turn(parts, 0, now, 61000)
    assert port.state == 0, "rang long enough"
    assert port.feed(5, now) == 0
    assert port.feed(5, now) == 4, "second caller rejected"
    sequence.start(rings[1], now)
    now = turn(parts, 0, now, 600)
    assert sequence.told(1, now), "TOLD_CLOSED: the primary answer"
    now = turn(parts, 0, now, 600)
    assert sequence.told(2, now), "TOLD_OPEN: the message was heard"
    now = turn(parts, 0, now, 1800)
    assert not sequence.told(1, now)
    now = turn(parts, 2, now, 5)
    sequence.stop()
    assert port.talking, "answered by ring trip"
    return turn(parts, 0, turn(parts, 1, now, 1000), 500)


def dial_and_flash(hook, now):
    """Dial a 7, have a slow train refused, flash; return the time after."""
    told = 0
    for open_ms, closed_ms, n in ((60, 40, 7), (0, 400, 1), (60, 160, 3), (0, 400, 1), (600, 400, 1)):
        hook.in_call = open_ms == 600
        for _ in range(n):
            for bits in range(2):
                end = ticks.add(now, closed_ms if bits else open_ms)
                while ticks.diff(end, now) > 0:
                    event = hook.feed(bits, now)
                    if event:
                        told = told * 4 + (event if event < 4 else 2 if event == 0x137 else 0)
                    now = ticks.add(now, STEP_MS)
    assert told == 2 * 4 + 3, "the 7 and the flash"
    assert hook.why == 5, "STRAY_SLOW"
    hook.in_call = False
    return now


def main():
    """Run both calls across the wrap of the clock."""
    parts = build()
    start = WRAP - 30000
    parts[0].reset(start)
    parts[3].reset(start)
    store = stub_hal.make(1).store
    cadence = tones.load(store, "us", Config(store).get)[1]
    words = {}
    for row in store.rows("callerid"):
        if row[:1] not in ("", "#"):
            words[row.split("|")[0]] = row.split("|")[3]
    rings = [programs.build(words[name], cadence) for name in ("bell", "jp")]
    micropython.heap_lock()
    now = call_out(parts, start)
    now = turn(parts, 1, now, 500)
    now = dial_and_flash(parts[0], now)
    now = turn(parts, 0, now, 500)
    now = call_in(parts, rings, now)
    micropython.heap_unlock()
    assert parts[3].state == 0, "on-hook at the end"
    print("ok")


main()
