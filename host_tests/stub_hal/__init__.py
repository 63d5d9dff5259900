"""A HAL that lies on demand: eight objects in memory, one seed, and a clock that moves only when told.

    hal = stub_hal.make(seed=7)
    hal.net.rx.drop_pct = 20               # of the datagrams toward the box
    hal.slic.lift()
    hal.clock.run_for(2000)                # now wait() moves the clock by itself, for two seconds
    while hal.clock.wait(due):
        due = ata.turn(hal.clock.ticks_ms())

It runs on CPython and inside MicroPython. Nothing here allocates while the heap is locked, except what
`net` does inside `receive()`, as long as `net.record` and `pcm.record` are off.
"""

from stub_hal.clock import Clock
from stub_hal.dice import Dice
from stub_hal.net import Net
from stub_hal.parts import Box, Crypto, Serial
from stub_hal.pcm import Pcm
from stub_hal.slic import Slic
from stub_hal.store import PowerCut, Store

__all__ = ["PowerCut", "StubHal", "make"]


class StubHal:
    """The eight objects, as `firmware/hal.pyi` shapes them, each with handles for the test beside."""

    def __init__(self, seed: int) -> None:
        self.clock = Clock()
        self.net = Net(self.clock, Dice(seed))
        self.pcm = Pcm(self.clock)
        self.slic = Slic()
        self.store = Store()
        self.crypto = Crypto(Dice(seed + 1))
        self.serial = Serial()
        self.box = Box()


def make(seed: int) -> StubHal:
    """Return a fresh stub HAL; the same seed and the same orders give the same run."""
    return StubHal(seed)
