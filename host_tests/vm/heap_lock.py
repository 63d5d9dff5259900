"""Ten seconds of a call with the heap locked: any allocation outside `net.receive()` is a MemoryError.

Voice runs both ways, a digit is dialled in the call, the far end stays deaf to a frame so that it comes
again, and the handset is put back. Prints what happened as JSON. Runs in the VM, from source or from .mpy.
"""

import gc
import json

import micropython
from vm_bench import Bench

_MS = 10000
bench = Bench()
bench.begin()
up = bench.call()
far = bench.far
far.heard.clear()
far.resent = 0
minis = far.minis
written = bench.pcm.n_written
wrong = None
now = 0
gc.collect()
bench.net.locked = True
micropython.heap_lock()
try:
    bench.run(3000)
    bench.pcm.play("9")
    bench.run(100)
    bench.pcm.play("voice")
    bench.run(1000)
    far.deaf = 1
    bench.pcm.play("5")
    bench.run(100)
    bench.pcm.play("voice")
    bench.run(4000)
    bench.slic.hang_up()
    bench.run(_MS - 8200)
except MemoryError as error:
    wrong = error
micropython.heap_unlock()
if wrong is not None:
    raise wrong
digits = [chr(sub) for ftype, sub in far.heard if ftype == 12]
print(
    json.dumps(
        {
            "locked_ms": _MS,
            "call_up": up,
            "minis_heard": far.minis - minis,
            "frames_played": bench.pcm.n_written - written,
            "digits_heard": "".join(digits),
            "frames_resent": far.resent,
            "hung_up": (6, 5) in far.heard,
            "registered": bench.ata.registered,
        }
    )
)
