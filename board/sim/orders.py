"""What the virtual phone wants to know: the log, and now and then heap and counters. Never inside a turn.

A board of its own has no such thing, so this file is loaded with the first order and not before.
"""

import gc
import sys

import micropython
from micropython import const

from board.sim.link import BODY, Link, put32

_COUNTERS = const(39)  # codes.N_COUNTERS
_LOG_WORDS = const(4)  # tick, code, a, b
_LOG_RING = const(32)
_PER_MESSAGE = const(20)


def serve(kind: int, link: Link, stats) -> None:
    """Do one order of the host: B who are you, C console octets, H heap, S counters."""
    if kind == 0x42:  # B
        _hello(link)
    elif kind == 0x43:  # C
        link.console += link.text()
    elif kind == 0x48:  # H
        _heap(link)
    elif kind == 0x53:  # S
        for index in range(_COUNTERS):
            put32(link.aux, BODY + 4 * index, stats.counts[index] if stats else 0)
        link.send(link.aux, 0x53)


def _heap(link: Link) -> None:
    """Octets: live after a collection, in use before it, the VM's peak; -1 where the VM cannot say."""
    aux = link.aux
    used = getattr(gc, "mem_alloc", None)
    before = used() if used else -1
    gc.collect()
    put32(aux, 4, used() if used else -1)
    put32(aux, 8, before)
    put32(aux, 12, micropython.mem_peak() if hasattr(micropython, "mem_peak") else -1)
    link.send(aux, 0x48)


def _hello(link: Link) -> None:
    """Say who runs this: VM, version, width of its integers."""
    version = sys.implementation.version
    bits = 64 if sys.maxsize >> 31 else 32
    text = "%s %d.%d.%d, %d bits" % (sys.implementation.name, version[0], version[1], version[2], bits)
    link.send_text(0x42, text.encode())  # B


def send_log(link: Link, log, seen: int) -> None:
    """Pass on what the log ring holds since it was `seen`, 20 entries a message."""
    new = (log.written - seen) & 0x3FFFFFFF
    if new > _LOG_RING:
        new = _LOG_RING
    aux = link.aux
    while new > 0:
        n = new if new < _PER_MESSAGE else _PER_MESSAGE
        for entry in range(n):
            at = ((log.written - new + entry) % _LOG_RING) * _LOG_WORDS
            for word in range(_LOG_WORDS):
                put32(aux, BODY + entry * 16 + word * 4, log.ring[at + word])
        aux[4] = n
        link.send(aux, 0x45)  # E
        new -= n


def way_to(link: Link, peer: int, host: str, port: int) -> int:
    """Return the relay's port that stands for `host`:`port`, 0 if there is none."""
    link.aux[4] = peer
    link.aux[6] = port & 0xFF
    link.aux[7] = port >> 8
    link.send_text(0x41, host.encode())  # A
    if link.receive(link.aux) != 0x41:
        return 0
    return link.aux[6] | link.aux[7] << 8


def who(link: Link, port: int) -> bytes:
    """Return whose datagram came through the relay's door `port`, 6 octets; b"" if it is not known."""
    link.aux[6] = port & 0xFF
    link.aux[7] = port >> 8
    link.aux[2] = link.aux[3] = 0
    link.send(link.aux, 0x57)  # W
    if link.receive(link.aux) == 0x57 and link.aux[4]:
        return bytes(link.aux[4:10])
    return b""
