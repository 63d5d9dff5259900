"""Let the gate and the challenge of callers do their work in the VM; print what happened as JSON.

A server's NEW is answered by a token, its next one by AUTHREQ, a right and a wrong AUTHREP; then a guest.
"""

import hashlib
import json
from binascii import hexlify

from mini_peer import element, find, u16

import stub_hal
from iax.call import Call
from iax.demand import Demand
from iax.endpoint import Endpoint
from iax.gate import Gate
from iax.opener import Account
from iax.talk import VoiceSlot
from iax.window import Window
from stats import Log, Stats

IES = element(11, b"\0\2") + element(1, b"s") + element(9, b"\0\0\0\4") + element(8, b"\0\0\0\x0c")
hal = stub_hal.make(1)
account = Account(0, 1, b"telephone1", b"secret")
account.demand = True
ep = Endpoint([account], bytearray(48), VoiceSlot(bytearray(164)), hal.crypto, Stats(), Log())
leg = Call(ep, Window(bytearray(640), 12), 0)
ep.add_leg(leg)
ep.parts.append(Gate(ep, hal.net, True))
ep.parts.append(Demand(ep))
seen = []


def feed(number, to, oseq, sub, body, peer=1):
    """Send one IAX frame; note and return the last answer."""
    header = bytes((0x80 | number >> 8, number & 0xFF, to >> 8, to & 0xFF, 0, 0, 0, oseq, oseq, oseq, 6, sub))
    ep.feed_datagram(header + body, peer, 1000)
    answer = b""
    while ep.poll_tx(1000):
        answer = bytes(ep.tx_buf[ep.tx_at : ep.tx_at + ep.tx_n])
    events = []
    while True:
        event = ep.take_event()
        if not event:
            break
        events.append(event)
    seen.append([answer[11] if answer else 0, events])
    return answer


def call(number, wrong):
    """Call the box as its server does, with a right or a wrong secret."""
    token = find(feed(number, 0, 0, 1, IES + element(54, b"")), 54)
    request = feed(number, 0, 0, 1, IES + element(54, token))
    digest = hashlib.md5(find(request, 15))
    digest.update(b"wrong" if wrong else b"secret")
    ours = u16(request, 0) & 0x7FFF
    feed(number, ours, 1, 9, element(16, hexlify(digest.digest())))
    feed(number, ours, 2, 5, b"")


call(5000, True)
call(5001, False)
feed(5002, 0, 0, 1, IES + element(54, b"0123456789abcdef"))
hal.net.src = b"\xc6\x33\x64\x07\x11\xd9"
token = find(feed(5003, 0, 0, 1, IES + element(54, b""), 0), 54)
feed(5003, 0, 0, 1, IES + element(54, token), 0)
print(json.dumps({"seen": seen, "guest": leg.peer, "placed": hexlify(hal.net.placed[9]).decode()}))
