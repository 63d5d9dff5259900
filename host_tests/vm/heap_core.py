"""Print the heap that the IAX2 core keeps, registered and with one call up, as JSON. Runs in the VM.

Counted: everything alive that belongs to the core after a collection: account, endpoint, registrar, one call
leg, their windows and buffers, the voice slot, the event and ghost rings, copies of names and numbers. Not
counted: code, and the counters and the log ring, which the box has anyway (`shared_bytes`).
"""

import gc
import json

from mini_peer import MiniPeer
from vm_net import VmNet

import stub_hal
from arena import Arena
from iax.call import Call
from iax.endpoint import Endpoint
from iax.opener import Account
from iax.registrar import Registrar
from iax.talk import VoiceSlot
from iax.window import Window
from stats import Log, Stats

_arena = Arena()  # for the sizes alone
SMALL, SLOT = len(_arena.small), len(_arena.slot)
LEG_WINDOW, REG_WINDOW = len(_arena.leg_windows[0]), len(_arena.reg_windows[0])
del _arena
parts = {}
# As iax/caller.py makes them: DE, "5551234", presentation, type, network, "Front Desk", user, formats.
ELEMENTS = (
    b"\x2d\x02DE\x02\x075551234\x26\x01\0\x27\x01\0\x28\x02\0\0\x04\x0aFront Desk"
    b"\x06\x0atelephone1\x09\x04\0\0\0\x04\x08\x04\0\0\0\x0c"
)


def live():
    """Return the bytes alive after a collection."""
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


def keep(name, make):
    """Call `make` and note what its result costs."""
    before = live()
    thing = make()
    parts[name] = live() - before
    return thing


def new_account():
    """Return an account with name, secret and number of common length."""
    account = Account(0, 1, b"telephone1", b"correct horse battery")
    account.elements = ELEMENTS[:]
    return account


hal = stub_hal.make(1)
clock = hal.clock
far = MiniPeer()
net = VmNet(clock, far)
shared = live()
stats, log = Stats(), Log()
shared = live() - shared
for name in ("account", "slot", "endpoint", "leg", "registrar"):
    parts[name] = 0
base = live()
account = keep("account", new_account)
slot = keep("slot", lambda: VoiceSlot(bytearray(SLOT)))
ep = keep("endpoint", lambda: Endpoint([account], bytearray(SMALL), slot, hal.crypto, stats, log))
leg = keep("leg", lambda: Call(ep, Window(bytearray(LEG_WINDOW), 12), 0))
ep.add_leg(leg)
registrar = keep("registrar", lambda: Registrar(ep, Window(bytearray(REG_WINDOW), 4)))
ep.add_registrar(registrar)


def turn():
    """One turn of the loop, without telephone: datagrams in, time, datagrams out."""
    now = clock.advance(5)
    ep.poll(now)
    while ep.poll_tx(now):
        net.send(ep.tx_peer, ep.tx_buf, ep.tx_at, ep.tx_n)
    while True:
        datagram = net.receive()
        if datagram is None:
            break
        ep.feed_datagram(datagram, net.peer, now)
        while ep.poll_tx(now):
            net.send(ep.tx_peer, ep.tx_buf, ep.tx_at, ep.tx_n)
    while ep.take_event():
        pass


def run(ms, voice):
    """Turn for `ms`, with a voice frame each way every 20 ms if `voice`."""
    for i in range(ms // 5):
        turn()
        if voice and i % 4 == 0:
            leg.send_voice(clock.now)
            far.voice(clock.now)


registrar.start(account, clock.now)
run(500, False)
registered = registrar.state == 3  # codes.REG_DONE
ep.dial(account, b"5559876", clock.now)
run(500, False)
run(2000, True)
up = leg.state == 4
far.out.clear()  # what the far end gathered is not ours
far.dialogs.clear()
far.heard.clear()
far.call = None
total = live() - base
print(
    json.dumps(
        {
            "core_call_heap_bytes": total,
            "grown_in_call": total - sum(parts.values()),
            "registered": registered,
            "call_up": up,
            "minis_sent": stats.counts[11],
            "voice_heard": stats.counts[9],
            "shared_bytes": shared,
            "parts": parts,
        }
    )
)
