"""The network of a heap measurement: what the firmware sends is copied into storage made beforehand.

Only `receive()` allocates, as on a board: there the heap is unlocked, the mini peer reads what was sent and
answers, and what that cost is kept in `allocated` so that a count of the tick can leave it out.
"""

import gc

import micropython

_ROOM = 24
_LONGEST = 320


class VmNet:
    """hal.pyi's Net with a MiniPeer behind it. `locked` says whether the heap is to be locked again."""

    def __init__(self, clock, far):
        self.peer = 1
        self.src = b""
        self.clock = clock
        self.far = far
        self.locked = False
        self.allocated = 0
        self.n_received = 0
        self._sent = [bytearray(_LONGEST) for _ in range(_ROOM)]
        self._lengths = bytearray(2 * _ROOM)
        self._n_sent = 0
        self.voice_due = False

    def open(self, port):
        """Do nothing: there is no socket."""
        return True

    def resolve(self, peer, host, port):
        """Do nothing: there is one far end."""
        return peer

    def place(self, peer, address):
        """Do nothing: there is one far end."""
        return False

    def send(self, peer, buf, at, n):
        """Copy one datagram; False if 24 wait already."""
        i = self._n_sent
        if i == _ROOM or n > _LONGEST:
            return False
        kept = self._sent[i]
        j = 0
        while j < n:
            kept[j] = buf[at + j]
            j += 1
        self._lengths[2 * i] = n >> 8
        self._lengths[2 * i + 1] = n & 0xFF
        self._n_sent = i + 1
        return True

    def receive(self):
        """Let the far end work; return its next datagram, or None. The one place that allocates."""
        if not self._n_sent and not self.far.out and not self.voice_due:
            return None
        if self.locked:
            micropython.heap_unlock()
        before = gc.mem_alloc()
        for i in range(self._n_sent):
            n = self._lengths[2 * i] << 8 | self._lengths[2 * i + 1]
            self.far.take(memoryview(self._sent[i])[:n], self.clock.ticks_ms())
        self._n_sent = 0
        if self.voice_due:
            self.voice_due = False
            self.far.voice(self.clock.ticks_ms())
        datagram = self.far.out.pop(0) if self.far.out else None
        self.n_received += datagram is not None
        self.allocated += gc.mem_alloc() - before
        if self.locked:
            micropython.heap_lock()
        return datagram
