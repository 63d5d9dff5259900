"""A call that comes in: what working out its Caller ID takes, and a heap locked while it rings and sends it.

The first turn may allocate: the modules of Caller ID come in and go. From then on the heap is locked: the
whole first ring, the message, the second ring, lifting, a second of talk. Then thirty more calls ring and are
given up: nothing may stay of them. Prints what happened as JSON.
"""

import gc
import json
import sys

import micropython
from vm_bench import Bench


def live():
    """Return the octets alive after a collection."""
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


def watch(ms):
    """Turn for `ms`; return how many of them a message was on the line."""
    sent_ms = 0
    for _ in range(ms // 5):
        bench.turn()
        if bench.ata.announcer.downlink.signal is not None:
            sent_ms += 5
    return sent_ms


bench = Bench()
bench.begin()
bench.run(600)
bench.far.ring("5551234567", bench.clock.now)
before = live()
bench.run(20)
ringing = live() - before
sequence = bench.ata.announcer.sequence
n_bits = bench.ata.announcer.n_bits
loaded = [name for name in ("calling", "line.callerid", "line.programs", "dsp.fsk") if name in sys.modules]
wrong = None
sent_ms = 0
rang = False
gc.collect()
bench.net.locked = True
micropython.heap_lock()
try:
    sent_ms = watch(7000)
    rang = sequence.on
    bench.slic.lift()
    bench.run(1000)
except MemoryError as error:
    wrong = error
micropython.heap_unlock()
bench.net.locked = False
if wrong is not None:
    raise wrong
talking = bench.ata.port.talking
bench.slic.hang_up()
bench.run(2000)
kept = [0] * 30
for n in range(30):
    bench.far.ring("5551234567", bench.clock.now)
    bench.run(500)
    bench.far.say(6, 5, bench.clock.now)
    bench.run(500)
    for number in list(bench.far.dialogs):  # what the far end remembers is no part of the figure
        if bench.far.dialogs[number] is bench.far.call:
            del bench.far.dialogs[number]
    bench.far.heard.clear()
    kept[n] = live()
print(
    json.dumps(
        {
            "n_bits": n_bits,
            "left_in_ram": loaded,
            "while_it_rings_bytes": ringing,
            "message_ms": sent_ms,
            "rang": rang,
            "talking": talking,
            "grown_bytes": kept[-1] - kept[4],
        }
    )
)
