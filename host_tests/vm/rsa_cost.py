"""Print what a signature costs in a call, as JSON. Runs in the VM; arguments: a key, hex in pieces.

The box refreshes its registration by RSA in the middle of a call. Told are: how voice fared, how long a slice
takes beside `pow()` with 512-bit numbers, and how many octets it takes from the heap, that is, how soon that
must be collected. The last slice answers the server, as it is done for MD5 at once: it is not in the times.
"""

import gc
import json
import sys
import time
from binascii import unhexlify

from vm_bench import Bench

from iax import rsa

KEY = unhexlify("".join(sys.argv[1:]))
_ROUNDS = 5


def pow_us():
    """Return the best time of a 512-bit power in µs."""
    p, e = int.from_bytes(KEY[:64], "big"), int.from_bytes(KEY[128:192], "big")
    best = 1 << 29
    for _ in range(_ROUNDS):
        start = time.ticks_us()
        pow(e, e, p)
        best = min(best, time.ticks_diff(time.ticks_us(), start))
    return best


class Watch:
    """A signer's `poll` with a watch and a count of the heap: best time and octets of each slice."""

    def __init__(self, signer):
        self.poll = signer.poll
        self.signer = signer
        self.us = []
        self.octets = []
        self.at = 0
        signer.poll = self.run

    def run(self, now):
        """Do what `poll` does; nothing is counted while there is nothing to sign."""
        if self.signer.next_due(now) < 0:
            self.at = 0
            self.poll(now)
            return
        gc.collect()
        gc.disable()
        before = gc.mem_alloc()
        start = time.ticks_us()
        self.poll(now)
        us = time.ticks_diff(time.ticks_us(), start)
        octets = gc.mem_alloc() - before
        gc.enable()
        if self.at == len(self.us):
            self.us.append(us)
            self.octets.append(octets)
        self.us[self.at] = min(self.us[self.at], us)
        self.at += 1


bench = Bench()
ata = bench.begin()
endpoint = ata.endpoint
account = endpoint.accounts[0]
registrar = ata.registrars[0]
up = bench.call()
signer = rsa.Signer(endpoint, {0: KEY})
endpoint.parts.append(signer)
endpoint.dialogs.append(signer)
account.methods = 6
bench.far.methods = b"\0\6"
watch = Watch(signer)
gaps = []
proofs = 0
for _ in range(_ROUNDS):
    registrar.start(account, bench.clock.now)
    quiet_ms = 0
    minis = bench.far.minis
    for _ in range(500):  # 2.5 s
        bench.turn()
        quiet_ms += 5
        if bench.far.minis != minis:
            minis = bench.far.minis
            gaps.append(quiet_ms)
            quiet_ms = 0
    proofs += bench.far.signatures
    bench.far.signatures = 0
reference_us = pow_us()
print(
    json.dumps(
        {
            "call_up": up and ata.port.talking,
            "signatures": proofs,
            "slices": len(watch.us),
            "counted": ata.stats.counts[38],
            "longest_gap_ms": max(gaps[1:]),
            "voice_frames": len(gaps),
            "pow_us": reference_us,
            "longest_slice_us": max(watch.us[:-1]),
            "mean_slice_us": sum(watch.us[:-1]) / (len(watch.us) - 1),
            "octets_most": max(watch.octets),
            "octets_mean": sum(watch.octets) // len(watch.octets),
        }
    )
)
