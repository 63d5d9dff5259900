"""Print what 20 ms of the adapter cost, in turns of a calibration loop, as JSON. Runs in the VM.

The loop is one comparison, one addition and one mask in byte code; it is timed before and after, and the
faster counts. A tick is four turns of the adapter, 5 ms apart; what `net.receive()` does is not counted,
nor is what the collector does. The stub HAL, which is byte code too, is counted.
"""

import gc
import json
import time

from vm_bench import Bench

_TURNS = 100000
_TICKS = 250  # 5 s a state


def loop_us():
    """Return the time of 100,000 turns of the calibration loop in µs."""
    start = time.ticks_us()
    i = 0
    x = 0
    while i < _TURNS:
        x = (x + i) & 0xFFFF
        i += 1
    return time.ticks_diff(time.ticks_us(), start)


class Timed:
    """A net whose `receive` stops the watch."""

    def __init__(self, net):
        self.net = net
        self.us = 0
        self.peer = 1

    def receive(self):
        """Do what the net does, and count how long it took."""
        start = time.ticks_us()
        datagram = self.net.receive()
        self.us += time.ticks_diff(time.ticks_us(), start)
        return datagram

    def send(self, peer, buf, at, n):
        """Do what a fast network does: take it."""
        start = time.ticks_us()
        taken = self.net.send(peer, buf, at, n)
        self.us += time.ticks_diff(time.ticks_us(), start)
        return taken


def tick_us(bench, timed):
    """Return (mean, longest) µs of a tick over five seconds."""
    total = 0
    longest = 0
    for _ in range(_TICKS):
        gc.collect()
        away = timed.us
        start = time.ticks_us()
        for _ in range(4):
            bench.turn()
        took = time.ticks_diff(time.ticks_us(), start) - (timed.us - away)
        total += took
        longest = max(longest, took)
    return total / _TICKS, longest


bench = Bench()
timed = bench.hal.net = Timed(bench.net)
bench.begin()
best = min(loop_us() for _ in range(5))
seen = {}
bench.run(500)
seen["idle"] = tick_us(bench, timed)
bench.slic.lift()
bench.run(400)
bench.step_ms = 5
seen["dialling"] = tick_us(bench, timed)
bench.slic.hang_up()
bench.run(1000)
up = bench.call()
seen["call"] = tick_us(bench, timed)
best = min([best] + [loop_us() for _ in range(5)])
turn_us = best / _TURNS
states = {name: {"mean": us[0] / turn_us, "longest": us[1] / turn_us} for name, us in seen.items()}
print(json.dumps({"loop_turn_us": turn_us, "call_up": up, "states": states}))
