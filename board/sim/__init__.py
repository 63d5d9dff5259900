"""The virtual board: a telephone line, a network and a clock that `tools/vphone.py` runs on the host.

`make(argv)` finds the link's TCP port (the first item of digits only) and options `key=value` in `argv`:
`udp` the local UDP port, `seed` of the random numbers, `tables` the folder of the read-only tables,
`store` the folder of the saved blobs (without it they live in memory), `start` the first tick in ms.
"""

from board.sim.clock import Clock
from board.sim.link import Link
from board.sim.net import Net
from board.sim.parts import Box, Crypto, Pcm, Serial, Slic
from board.sim.store import Store


class Sim:
    """The eight objects of `firmware/hal.pyi` on one link."""

    def __init__(self, port: int, options: dict) -> None:
        link = Link(port)
        self.net = Net(link, int(options.get("udp", "0")))
        self.pcm = Pcm(link)
        self.slic = Slic(link)
        self.store = Store(options.get("tables", ""), options.get("store", ""))
        self.crypto = Crypto(int(options.get("seed", "1")))
        self.serial = Serial(link)
        self.box = Box(link)
        self.clock = Clock(link, self, int(options.get("start", "0")))


def make(argv: "list[str]") -> Sim:
    """Connect to the virtual phone named in `argv`; raise OSError if it is not there."""
    port = 0
    options = {}
    for word in argv:
        if "=" in word:
            key, value = word.split("=", 1)
            options[key] = value
        elif word.isdigit() and not port:
            port = int(word)
    assert port, "no link port in the arguments"
    return Sim(port, options)
