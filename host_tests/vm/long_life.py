"""Print the heap of the IAX2 core after each of many registrations and calls, as JSON. Runs in the VM.

Arguments: registrations, calls. `start` is what lives after the first few of each, `end` after the last.
"""

import gc
import json
import sys

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

_FREE, _UP, _DONE = 0, 4, 3
hal = stub_hal.make(1)
clock = hal.clock
far = MiniPeer()
net = VmNet(clock, far)
arena = Arena()
stats = Stats()
account = Account(0, 1, b"telephone1", b"correct horse battery")
ep = Endpoint([account], arena.small, VoiceSlot(arena.slot), hal.crypto, stats, Log())
registrar = Registrar(ep, Window(arena.reg_windows[0], 4))
ep.add_registrar(registrar)
leg = Call(ep, Window(arena.leg_windows[0], 12), 0)
ep.add_leg(leg)


def send():
    """Hand over all that is due."""
    while ep.poll_tx(clock.now):
        net.send(ep.tx_peer, ep.tx_buf, ep.tx_at, ep.tx_n)
    while ep.take_event():
        pass


def turn(ms):
    """Let `ms` pass, then one turn of the loop."""
    now = clock.advance(ms)
    ep.poll(now)
    send()
    while True:
        datagram = net.receive()
        if datagram is None:
            break
        ep.feed_datagram(datagram, net.peer, now)
        send()


def until(true):
    """Turn until it is so; False if that takes more than a minute."""
    for _ in range(12000):
        if true():
            return True
        turn(5)
    return False


def forget():
    """Empty the far end: what it gathers is no growth of ours."""
    far.out.clear()
    far.dialogs.clear()
    far.heard.clear()
    far.call = None


def live():
    """Return the bytes alive after a collection."""
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


def register():
    """Register once, from the beginning."""
    registrar.start(account, clock.now)
    send()
    done = until(lambda: registrar.state == _DONE)
    registrar.state = 0  # as when the box was switched on
    forget()
    return done


def call():
    """Call, speak for a second, hang up."""
    ep.dial(account, b"5559876", clock.now)
    send()
    up = until(lambda: leg.state == _UP)
    for _ in range(50):
        turn(20)
        leg.send_voice(clock.now)
        far.voice(clock.now)
    leg.drop(16, clock.now)
    send()
    over = until(lambda: leg.state == _FREE)
    forget()
    return up and over


def many(deed, times):
    """Do it so often; return (all went well, heap after the fifth time, heap after the last)."""
    well = True
    start = 0
    for i in range(times):
        well = deed() and well
        if i == 4:
            start = live()
    return well, start, live()


registrations = many(register, int(sys.argv[1]))
calls = many(call, int(sys.argv[2]))
print(json.dumps({"registrations": registrations, "calls": calls, "dead": stats.counts[17]}))
