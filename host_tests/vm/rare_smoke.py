"""Texts and trunk frames on any VM, with the heap locked: iax/notes.py and iax/trunk.py allocate nothing.

Prints `ok`. Anything else is a failure: a MemoryError with its traceback is an allocation on the way.
"""

import micropython

import stub_hal
import ticks
from iax.call import Call
from iax.endpoint import Endpoint
from iax.notes import Notes
from iax.opener import Account
from iax.talk import VoiceSlot
from iax.trunk import Trunk
from iax.window import Window
from printer import Printer
from stats import Log, Stats

OURS = 5000
VOICE = b"v" * 160


def u16(value):
    """Return 16 bits, big-endian."""
    return bytes((value >> 8 & 255, value & 255))


def full(leg, oseq, iseq, ts, ftype, sub, payload):
    """Return a full frame of the server's."""
    head = u16(0x8000 | OURS) + u16(leg.scallno) + bytes(2) + u16(ts)
    return head + bytes((oseq, iseq, ftype, sub)) + payload


def trunk(ts, stamped):
    """Return a trunk frame: a call unknown, ours twice, one cut short."""
    out = bytes(2) + bytes((1, 1 if stamped else 0)) + b"\xff\xff" + u16(ts)
    for number, data in ((77, b"?" * 50), (OURS, VOICE), (OURS, VOICE)):
        out += (u16(len(data)) + u16(number) + u16(ts)) if stamped else (u16(number) + u16(len(data)))
        out += data
    return out + b"\x00"


hal = stub_hal.make(1)
stats, log = Stats(), Log()
account = Account(0, 1, b"ata1", b"pw1")
account.trunk = True
endpoint = Endpoint([account], bytearray(48), VoiceSlot(bytearray(164)), hal.crypto, stats, log)
leg = Call(endpoint, Window(bytearray(640), 12), 0)
endpoint.add_leg(leg)
notes = Notes(endpoint)
endpoint.parts.append(Trunk(endpoint))
endpoint.parts.append(notes)
printer = Printer(notes, hal.serial, log)


def drain(now):
    """Send all; return the last event."""
    event, more = 0, True
    while more:
        while endpoint.poll_tx(now):
            pass
        more = endpoint.take_event()
        event = more or event
    return event


def feed(datagram, now):
    """Return how many pieces of voice one datagram brought."""
    n = 0
    found = endpoint.feed_datagram(datagram, 1, now)
    while found:
        n += 1
        found = endpoint.feed_again(now)
    return n


now = 0x3FFFFF00  # the ticks wrap on the way
endpoint.dial(account, b"600", now)
drain(now)
feed(full(leg, 0, 1, 3, 6, 7, b"\x09\x04\0\0\0\x04"), now)
feed(full(leg, 1, 1, 40, 2, 4, VOICE), now)
drain(now)
bare = [trunk(20 * i, False) for i in range(50)]
stamped = [trunk(1060 + 40 * i, True) for i in range(50)]
words = "grüße \x1b[31m aus 東京 " * 9
texts = [
    full(leg, 2 + i, 1, 3000 + i, 7 if i % 2 else 9, 0 if i % 2 else 1, words.encode()) for i in range(20)
]
other = [full(leg, 22 + i, 1, 3100 + i, (3, 8, 10, 11)[i % 4], 1, VOICE) for i in range(8)]


def work(now):
    """Feed all of it; return how many pieces of voice were heard; the rest is in `told`."""
    heard = 0
    for datagram in bare:
        now = ticks.add(now, 20)
        heard += feed(datagram, now)
    for datagram in stamped:
        now = ticks.add(now, 20)
        heard += feed(datagram, now)
    for datagram in texts:
        feed(datagram, now)
        told[0] += drain(now) == 18
    for datagram in other:
        feed(datagram, now)
        drain(now)
    told[1] = notes.say(leg, b"a text of our own", now)
    drain(now)
    return heard


told = [0, False]
heard = 0
micropython.heap_lock()
heard = work(now)
micropython.heap_unlock()
printer.on_event(18, 0, notes.n, now)
counts = stats.counts
assert heard == 200 and counts[32] == 100 and counts[4] == 100 and counts[2] == 100, (heard, counts)
assert told == [20, True] and counts[36] == 8, (told, counts)
kept = bytes(notes.buf[: notes.n]).decode()
assert kept == words.replace("\x1b", " ")[: len(kept)] and 90 <= notes.n <= 96, kept
assert bytes(hal.serial.said).startswith(b"text from 0: gr"), hal.serial.said
assert leg.linked() and leg.report[2] == 201 and leg.report[5] == 0, leg.report
print("ok")
