"""A call dialled digit by digit over the server's dial plan, then ten seconds of it with the heap locked.

Runs in the VM. Prints as JSON what happened, and what iax/plan.py and remote.py keep: all that lives because
dial.remote is on, code apart.
"""

import gc
import json

import micropython
from mini_peer import MiniPeer, element, find
from vm_bench import Bench
from vm_net import VmNet

from iax.plan import Plan
from remote import Remote

_MS = 10000
_IAX, _CONTROL, _VOICE = 6, 4, 2
_ACCEPT, _AUTHREP, _DPREQ, _DPREP, _DIAL = 7, 9, 19, 20, 21
_NUMBER = b"559"


class PlanPeer(MiniPeer):
    """The small server, whose calls wait for DIAL; its plan knows one number."""

    def __init__(self):
        super().__init__()
        self.asked = []
        self.dialled = b""

    def _answer(self, dialog, ftype, sub, buf, now):
        digits = find(buf, 1)
        if ftype != _IAX or sub not in (_AUTHREP, _DPREQ, _DIAL):
            super()._answer(dialog, ftype, sub, buf, now)
        elif sub == _AUTHREP:
            self._send(dialog, _IAX, _ACCEPT, now, element(9, b"\0\0\0\4"))
        elif sub == _DPREQ:
            self.asked.append(digits)
            status = b"\0\1" if digits == _NUMBER else b"\x80\2"
            self._send(dialog, _IAX, _DPREP, now, element(1, digits) + element(20, status))
        else:
            self.dialled = digits
            self._send(dialog, _CONTROL, 14, now)
            self._send(dialog, _CONTROL, 4, now)
            self._send(dialog, _VOICE, 4, now, b"\xff" * 160)


def live():
    """Return the bytes alive after a collection."""
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


bench = Bench()
far = bench.far = PlanPeer()
bench.net = bench.hal.net = VmNet(bench.clock, far)
bench.begin(("dial.remote", "on"))
bench.run(500)
bench.dial("559")
bench.run(500)
bench.pcm.play("voice")
bench.speaking = True
bench.run(1000)
up = bench.ata.port.talking
minis = far.minis
gc.collect()
bench.net.locked = True
wrong = None
before = taken = 0  # names cost room too
micropython.heap_lock()
try:
    bench.run(_MS)
except MemoryError as error:
    wrong = error
micropython.heap_unlock()
bench.net.locked = False
if wrong is not None:
    raise wrong
bench.speaking = False
bench.slic.hang_up()
bench.run(1000)
bench.dial("")  # the plan is open, and dial tone on: as much of a tick as there is
gc.collect()
gc.disable()
bench.net.allocated = 0
before = gc.mem_alloc()
bench.run(2000)
taken = gc.mem_alloc() - before - bench.net.allocated
gc.enable()
ep = bench.ata.endpoint
before = live()
twin = Remote(Plan(ep), ep, ep.accounts[0], bench.ata.digits)
kept = live() - before
print(
    json.dumps(
        {
            "call_up": up,
            "asked": [digits.decode() for digits in far.asked],
            "dialled": far.dialled.decode(),
            "minis_heard": far.minis - minis,
            "dial_tone_allocations": taken,
            "plan_open": bench.ata.digits._plan.leg == 0,
            "kept_bytes": kept,
        }
    )
)
