"""A native transfer in a call with the heap locked from TXCNT on, and ten seconds of direct voice after it.

Runs in the VM. Prints as JSON what happened, and what iax/transfer.py keeps for one leg, code apart.
"""

import gc
import json

import micropython
from mini_peer import Dialog, MiniPeer, element, u16
from vm_bench import Bench
from vm_net import VmNet

_OTHER = 777  # call number of the other end
_IAX, _TXREQ, _TXCNT, _TXACC, _TXREADY, _TXREL = 6, 22, 23, 24, 25, 26
_MS = 10000


class Ends(MiniPeer):
    """The small server, and the other end too: which of them speaks shows in the call number."""

    def __init__(self):
        super().__init__()
        self.answers = True
        self.released = False
        self.asked = 0

    def take(self, buf, now):
        """Take one datagram."""
        if buf[0] & 0x80 and buf[10] == _IAX and buf[11] == _TXCNT:
            self.asked += 1
            if self.answers:
                self.out.append(self._frame(buf, _TXACC))
                self.out.append(self._frame(buf, _TXCNT))
            return
        super().take(buf, now)
        if not self.released and (_IAX, _TXREADY) in self.heard:
            self.released = True
            self.say(_IAX, _TXREL, now, element(21, bytes((_OTHER >> 8, _OTHER & 0xFF))))
            self.call = Dialog(_OTHER, self.call.theirs, now)
            self.dialogs[self.call.theirs] = self.call
            self.minis = 0
            self.say(2, 4, now, b"\xff" * 160)

    def _frame(self, buf, sub):
        return bytes((0x80 | _OTHER >> 8, _OTHER & 0xFF, buf[0] & 0x7F, buf[1])) + bytes(
            (buf[4], buf[5], buf[6], buf[7], 0, 0, _IAX, sub)
        )

    def request(self, now):
        """Send TXREQ to the firmware."""
        address = b"\2\0\x11\xd9\xc0\0\2\x09" + bytes(8)
        number = bytes((_OTHER >> 8, _OTHER & 0xFF))
        self.say(_IAX, _TXREQ, now, element(18, address) + element(21, number) + element(27, b"\xc0\0\0\1"))


class TwoNet(VmNet):
    """A net that can place the other end as peer 10."""

    def place(self, peer, address):
        """Say that it is done."""
        return True

    def receive(self):
        """Return the next datagram; `peer` says from whom."""
        datagram = super().receive()
        if datagram is not None:
            self.peer = 10 if u16(datagram, 0) & 0x7FFF == _OTHER else 1
        return datagram


bench = Bench()
far = bench.far = Ends()
bench.net = bench.hal.net = TwoNet(bench.clock, far)
bench.begin(("account.1.transfer", "yes"))
up = bench.call()
endpoint = bench.ata.endpoint
leg = endpoint.legs[0]
transfer = next(part for part in endpoint.parts if hasattr(part, "states"))
far.answers = False
far.request(bench.clock.now)
bench.run(1500)
begun = list(transfer.states)
far.answers = True
gc.collect()
bench.net.locked = True
wrong = None
micropython.heap_lock()
try:
    bench.run(_MS)
except MemoryError as error:
    wrong = error
micropython.heap_unlock()
bench.net.locked = False
if wrong is not None:
    raise wrong
minis = far.minis
bench.run(200)

gc.collect()
before = gc.mem_alloc()
another = type(transfer)(endpoint, bench.net)
gc.collect()
print(
    json.dumps(
        {
            "call_up": up,
            "begun": begun,
            "asked": far.asked,
            "states": list(transfer.states),
            "peer": leg.peer,
            "direct_minis": minis,
            "kept_bytes": gc.mem_alloc() - before,
        }
    )
)
