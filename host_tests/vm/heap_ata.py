"""Print the heap of the whole adapter in a call, and the allocations of its ticks, as JSON. Runs in the VM.

Counted for `ata_call_heap_bytes`: everything alive after a collection that was not there before the adapter
was built, with a call up and voice both ways: all objects and buffers, the settings somebody made, counters
and log. Not counted: code, the stub HAL, the far end (emptied before).

`tick_allocations`: bytes taken from the heap in 10 s of that call, in turns of 5 ms, outside `net.receive()`;
the collector is off meanwhile, so that nothing taken is given back unseen.
"""

import gc
import json

import typed  # noqa: F401
from vm_bench import Bench

import config  # noqa: F401  code is loaded before the first figure
import setup  # noqa: F401
import stats  # noqa: F401


def live():
    """Return the bytes alive after a collection."""
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


bench = Bench()
base = live()
bench.begin()
built = live() - base
up = bench.call()
bench.far.out.clear()
bench.far.heard.clear()
calls, bench.far.dialogs = bench.far.dialogs, {}
call, bench.far.call = bench.far.call, None
kept = live()
in_call = kept - base
bench.far.dialogs, bench.far.call = calls, call
far_bytes = live() - kept

gc.collect()
gc.disable()
bench.run(100)
bench.net.allocated = 0
received = bench.net.n_received
before = gc.mem_alloc()
bench.run(10000)
taken = gc.mem_alloc() - before
gc.enable()
print(
    json.dumps(
        {
            "ata_call_heap_bytes": in_call,
            "ata_idle_heap_bytes": built,
            "call_up": up,
            "tick_allocations": taken - bench.net.allocated,
            "receive_bytes": bench.net.allocated,
            "datagrams": bench.net.n_received - received,
            "minis": bench.far.minis,
            "far_bytes": far_bytes,
        }
    )
)
