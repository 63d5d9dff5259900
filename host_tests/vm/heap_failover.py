"""Ten seconds of a call with the heap locked while both servers of its account are asked whether they live.

Runs in the VM. Prints as JSON what happened, and what failover.py keeps for an account, code apart.
"""

import gc
import json

import micropython
from mini_peer import MiniPeer
from vm_bench import Bench
from vm_net import VmNet

from failover import Failover

_MS = 10000
_POKE = 30


class PokePeer(MiniPeer):
    """The small server, who counts POKEs; it answers them if it is `awake`."""

    def __init__(self):
        super().__init__()
        self.awake = True
        self.pokes = 0

    def take(self, buf, now):
        """Take one datagram."""
        if buf[0] & 0x80 and buf[10] == 6 and buf[11] == _POKE:
            self.pokes += 1
            if self.awake:
                self.out.append(bytes((0x80, 1, buf[0] & 0x7F, buf[1])) + bytes(buf[4:8]) + b"\0\1\6\3")
        else:
            super().take(buf, now)


def locked(bench, ms):
    """Run so long with the heap locked; return how many mini frames the far end heard."""
    minis = bench.far.minis
    gc.collect()
    bench.net.locked = True
    wrong = None
    micropython.heap_lock()
    try:
        bench.run(ms)
    except MemoryError as error:
        wrong = error
    micropython.heap_unlock()
    bench.net.locked = False
    if wrong is not None:
        raise wrong
    return bench.far.minis - minis


bench = Bench()
far = bench.far = PokePeer()
bench.net = bench.hal.net = VmNet(bench.clock, far)
bench.begin(("account.1.altserver", "spare"), ("account.1.refresh_s", "10"))
bench.run(6000)
answered = far.pokes
bench.dial("599#")
bench.run(500)
bench.pcm.play("voice")
bench.speaking = True
bench.run(1000)
up = bench.ata.port.talking
awake = locked(bench, _MS)
asked = far.pokes - answered
far.awake = False
silent = locked(bench, 2 * _MS)
account = bench.ata.endpoint.accounts[0]
peer = account.peer
gc.collect()
gc.collect()
before = gc.mem_alloc()
twin = Failover(bench.ata.endpoint, bench.ata.registrars, [account], bench.ata.failures)
gc.collect()
kept = gc.mem_alloc() - before
print(
    json.dumps(
        {
            "call_up": up,
            "asked_before": answered,
            "asked_in_call": asked,
            "asked_in_silence": far.pokes - answered - asked,
            "minis_heard": awake + silent,
            "peer": peer,
            "kept_bytes": kept,
        }
    )
)
