"""Random and mutated datagrams into the whole adapter, idle and in a call: `hostile.py [HOW_MANY]`.

Runs in the VM.

Half of them come while nobody telephones, half into a call with voice both ways, four a turn, from the
server's own address. Noise is of any length; mutated frames are real ones of this run with octets changed,
cut or added. In the call their source number is moved by one, so that they are frames of no dialog, and the
call must outlive them; frames aimed at a dialog are the affair of test_hostile_core.py. Prints JSON.
"""

import gc
import json
import random
import sys

from vm_bench import Bench
from vm_net import VmNet

_PER_TURN = 4
_KEPT = 40


class HostileNet(VmNet):
    """The good far end, and a source of trouble in front of it; `sample` collects real frames."""

    def __init__(self, clock, far):
        super().__init__(clock, far)
        self.trouble = 0
        self.aside = False
        self.sample = []
        self.sampling = True

    def receive(self):
        """Return what the far end says; then, while there is trouble left, a piece of that."""
        datagram = super().receive()
        if datagram is not None:
            if self.sampling and len(self.sample) < _KEPT and len(datagram) < 200:
                self.sample.append(datagram)
            return datagram
        if self.trouble and random.getrandbits(2):
            self.trouble -= 1
            return self.noise() if random.getrandbits(1) else self.mutant()
        return None

    def noise(self):
        """Any octets at all."""
        return bytes(random.getrandbits(8) for _ in range(random.getrandbits(6) + random.getrandbits(5)))

    def mutant(self):
        """A real frame that is no longer quite what it was."""
        raw = bytearray(self.sample[random.getrandbits(16) % len(self.sample)])
        for _ in range(random.getrandbits(2)):
            raw[random.getrandbits(16) % len(raw)] = random.getrandbits(8)
        if random.getrandbits(2) == 0:
            raw = raw[: random.getrandbits(16) % len(raw) + 1]
        if self.aside and len(raw) > 1:
            raw[1] ^= 1
        return bytes(raw)


def live():
    """Return the bytes alive after a collection."""
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


def forget(far):
    """Empty what the far end gathers, which is not ours: frames heard, dialogs of registrations long over."""
    far.heard.clear()
    far.dialogs = {number: dialog for number, dialog in far.dialogs.items() if dialog is far.call}


def endure(bench, n):
    """Let `n` hostile datagrams come; return how much the heap grew meanwhile."""
    bench.net.trouble = n // 10
    while bench.net.trouble:  # a first tenth, after which everything that is made once is made
        bench.turn()
    bench.net.sampling = False
    forget(bench.far)
    before = live()
    bench.net.trouble = n - n // 10
    while bench.net.trouble:
        bench.turn()
    forget(bench.far)
    return live() - before


n = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
random.seed(20)
bench = Bench()
bench.net = bench.hal.net = HostileNet(bench.clock, bench.far)
ata = bench.begin()
bench.run(500)
counts = ata.stats.counts
idle_growth = endure(bench, n // 2)
bench.net.trouble = 0
bench.run(3000)
up = bench.call()
bench.net.aside = True
busy_growth = endure(bench, n // 2)
minis = bench.far.minis
bench.run(1000)
print(
    json.dumps(
        {
            "datagrams": n,
            "idle_growth": idle_growth,
            "busy_growth": busy_growth,
            "call_up": up,
            "still_talking": ata.port.talking and bench.far.minis - minis > 45,
            "counted": [counts[i] for i in (0, 2, 3, 4, 8)],
        }
    )
)
