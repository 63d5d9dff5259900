"""Line time: the host's ticks are the metronome, in real time and in virtual time alike.

A tick message covers one to four steps of 5 ms, each a turn of the firmware; the last one may bring a PCM
frame. After the last turn the reply goes back, with what the line got, how long the turns took and what they
allocated. `wait` is the only place where the firmware blocks.
"""

import time

import micropython
from micropython import const

import ticks
from board.sim.link import Link, put32

_STEP_MS = const(5)


# Octets taken and not given back by the VM itself, which frees the frames of its functions at once.
_allocated = getattr(micropython, "mem_current", int)
if hasattr(time, "ticks_us"):
    _us = getattr(time, "ticks_us")  # noqa: B009  a name CPython lacks
    _us_diff = getattr(time, "ticks_diff")  # noqa: B009
else:
    from board.sim.cpython import us as _us
    from board.sim.cpython import us_diff as _us_diff


class Clock:
    """Ticks in ms, and the turns between them."""

    def __init__(self, link: Link, hal, start: int) -> None:
        self._link = link
        self._hal = hal
        self._now = start
        self._end = start
        self._step = 0
        self._steps = 0
        self._owing = True  # a reply; the first says that we are ready
        self._lock_ms = 0
        self._in_turn = False
        self._turn_at_us = 0
        self._turn_at_alloc = 0
        self._us_sum = 0
        self._us_max = 0
        self._alloc_sum = 0
        self._log_seen = 0
        self._serve(0x42)  # B

    def ticks_ms(self) -> int:
        """Return the line time in ms, 0 … 2**30 - 1."""
        return self._now

    def wait(self, due_ms: int) -> bool:
        """End this turn and begin the next 5 ms of line time. False once the box is to stop."""
        self._end_turn()
        if self._step == self._steps:
            if self._owing:
                self._reply(due_ms)
            if not self._fetch():
                return False
        self._step += 1
        self._now = ticks.add(self._end, (self._step - self._steps) * _STEP_MS)
        rx = self._link.rx
        self._hal.slic.state = rx[5 + self._step]
        if self._step == self._steps and rx[5]:
            self._hal.pcm.ready = True
            self._hal.pcm.n_lost += rx[10]
        self._begin_turn()
        return True

    def _begin_turn(self) -> None:
        if self._lock_ms > 0:
            self._lock_ms -= _STEP_MS
            self._link.locked = True
        self._in_turn = True
        self._turn_at_us = _us()
        self._turn_at_alloc = _allocated() - self._hal.net.allocated
        if self._link.locked:
            micropython.heap_lock()

    def _end_turn(self) -> None:
        locked = self._link.locked
        if locked:
            micropython.heap_unlock()
            self._link.locked = False
        if not self._in_turn:
            return
        self._in_turn = False
        spent_us = _us_diff(_us(), self._turn_at_us)
        self._us_sum += spent_us
        if spent_us > self._us_max:
            self._us_max = spent_us
        if not locked:  # a locked heap refuses, but the VM's figure counts what it refused
            self._alloc_sum += _allocated() - self._hal.net.allocated - self._turn_at_alloc

    def _reply(self, due_ms: int) -> None:
        """Say what the line got in this tick."""
        log = self._hal.box.log
        if log and log.written != self._log_seen:
            from board.sim.orders import send_log

            send_log(self._link, log, self._log_seen)
            self._log_seen = log.written
        tx = self._link.tx
        slic = self._hal.slic
        tx[4] = slic.feed
        tx[5] = 1 if self._hal.pcm.written else 0
        tx[6] = slic.ring_dhz & 0xFF
        tx[7] = slic.ring_dhz >> 8
        due_ms &= 0xFFFF
        tx[8] = due_ms & 0xFF
        tx[9] = due_ms >> 8
        us_max = self._us_max if self._us_max < 0xFFFF else 0xFFFF
        tx[10] = us_max & 0xFF
        tx[11] = us_max >> 8
        put32(tx, 12, self._us_sum & 0x3FFFFFFF)
        put32(tx, 16, self._alloc_sum & 0x3FFFFFFF)
        self._us_sum = self._us_max = self._alloc_sum = 0
        self._hal.pcm.written = False
        self._owing = False
        self._link.send(tx, 0x52)  # R

    def _fetch(self) -> bool:
        """Serve the host until its next tick. False: the power goes."""
        self._step = self._steps = 0
        link = self._link
        while True:
            kind = link.receive(link.rx)
            if kind == 0x54:  # T
                rx = link.rx
                self._steps = rx[4]
                self._owing = True
                self._end = rx[12] | rx[13] << 8 | rx[14] << 16 | rx[15] << 24
                return True
            if kind == 0 or kind == 0x51:  # gone, or Q
                link.stopping = True
                return False
            self._serve(kind)

    def _serve(self, kind: int) -> None:
        """Do one of the host's rare orders; what they need is loaded with the first of them."""
        if kind == 0x4C:  # L
            rx = self._link.rx
            self._lock_ms = rx[12] | rx[13] << 8 | rx[14] << 16
        else:
            from board.sim.orders import serve

            serve(kind, self._link, self._hal.box.stats)
