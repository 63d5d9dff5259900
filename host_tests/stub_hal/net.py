"""A network of one box, with every fault a network has, by per cent from a seed or one by one on order."""

import ticks
from stub_hal.clock import Clock
from stub_hal.dice import Dice


class Faults:
    """What happens to the datagrams of one direction.

    `orders` is used up first, one word a datagram: "pass", "drop", "duplicate", "reorder", "corrupt". Then
    the dice decide by `drop_pct`, `duplicate_pct`, `reorder_pct` and `corrupt_pct`. Every datagram takes
    `delay_ms` and up to `jitter_ms` more; a reordered one takes `reorder_ms` more and is overtaken.
    """

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.orders: "list[str]" = []
        self.drop_pct = 0
        self.duplicate_pct = 0
        self.reorder_pct = 0
        self.corrupt_pct = 0
        self.delay_ms = 0
        self.jitter_ms = 0
        self.reorder_ms = 30
        self.dropped = 0

    def verdict(self) -> str:
        """Return the fate of the next datagram."""
        if self.orders:
            return self.orders.pop(0)
        dice = self.dice
        if dice.falls(self.drop_pct):
            return "drop"
        if dice.falls(self.duplicate_pct):
            return "duplicate"
        if dice.falls(self.reorder_pct):
            return "reorder"
        return "corrupt" if dice.falls(self.corrupt_pct) else "pass"

    def delay(self, fate: str) -> int:
        """Return how many ms a datagram of this fate takes."""
        late_ms = self.delay_ms + (self.reorder_ms if fate == "reorder" else 0)
        return late_ms + (self.dice.below(self.jitter_ms + 1) if self.jitter_ms else 0)

    def spoil(self, datagram: bytes) -> bytes:
        """Return `datagram` with one bit turned."""
        if not datagram:
            return datagram
        spoilt = bytearray(datagram)
        spoilt[self.dice.below(len(spoilt))] ^= 1 << self.dice.below(8)
        return bytes(spoilt)


SOMEWHERE = b"\xc6\x33\x64\x07\x11\xd9"  # 198.51.100.7, port 4569: a stranger's address, of RFC 5737


class Wire:
    """Datagrams under way in one direction, sorted by the time they arrive."""

    def __init__(self, clock: Clock, faults: Faults) -> None:
        self.clock = clock
        self.faults = faults
        self.waiting: "list[tuple[int, int, bytes, bytes]]" = []  # due, peer, datagram, stranger's address

    def put(self, peer: int, datagram: bytes, stranger: bytes = b"") -> None:
        """Send one datagram through the faults."""
        fate = self.faults.verdict()
        if fate == "drop":
            self.faults.dropped += 1
            return
        if fate == "corrupt":
            datagram = self.faults.spoil(datagram)
        for _ in range(2 if fate == "duplicate" else 1):
            due = ticks.add(self.clock.now, self.faults.delay(fate))
            at = len(self.waiting)
            while at and ticks.diff(self.waiting[at - 1][0], due) > 0:
                at -= 1
            self.waiting.insert(at, (due, peer, datagram, stranger))

    def ready(self) -> bool:
        """True if a datagram has arrived that nobody has taken."""
        return bool(self.waiting) and ticks.diff(self.clock.now, self.waiting[0][0]) >= 0

    def take(self) -> "tuple[int, bytes, bytes] | None":
        """Return (peer, datagram, stranger's address) of the first that has arrived, or None."""
        if not self.waiting or ticks.diff(self.clock.now, self.waiting[0][0]) < 0:
            return None
        _, peer, datagram, stranger = self.waiting.pop(0)
        return peer, datagram, stranger


class Net:
    """The net of the HAL. The test puts datagrams in with `deliver` and reads what the box sent.

    `rx` and `tx` are the faults toward and from the box. `take_sent()` is the far end's receive; with
    `record` off nothing is kept and `n_sent` only counts. `placed` holds the addresses of peers that the box
    placed by itself: what they send from there comes from that peer.
    """

    def __init__(self, clock: Clock, dice: Dice) -> None:
        self.peer = 0
        self.src = b""
        self.port = -1
        self.rx = Faults(dice)
        self.tx = Faults(dice)
        self.inbound = Wire(clock, self.rx)
        self.outbound = Wire(clock, self.tx)
        self.record = True
        self.n_sent = 0
        self.refuse = False
        self.port_taken = False
        self.unknown_hosts: "set[str]" = set()
        self.peers: "dict[int, tuple[str, int]]" = {}
        self.placed: "dict[int, bytes]" = {}
        self.answered: "list[bytes]" = []  # addresses of strangers that got an answer, one each

    def open(self, port: int) -> bool:
        """Take the port; False if the test says that it is taken."""
        self.port = port
        return not self.port_taken

    def resolve(self, peer: int, host: str, port: int) -> int:
        """Note the address of `peer` and return who had it first; 0 for a host in `unknown_hosts`."""
        if host in self.unknown_hosts:
            return 0
        self.peers.pop(peer, None)
        for other, address in self.peers.items():
            if address == (host, port):
                return other
        self.peers[peer] = (host, port)
        return peer

    def place(self, peer: int, address: bytes) -> bool:
        """Note the 6-octet address of `peer`, or forget it: b"". False if another peer has it."""
        self.placed.pop(peer, None)
        if address in self.placed.values():
            return False
        if address:
            self.placed[peer] = address
        return True

    def receive(self) -> "bytes | None":
        """Return the next datagram that has arrived, or None; `peer` and `src` say from whom."""
        arrived = self.inbound.take()
        if arrived is None:
            return None
        self.peer, datagram, self.src = arrived
        for peer, address in self.placed.items():
            if address == self.src:
                self.peer, self.src = peer, b""
                break
        return datagram

    def send(self, peer: int, buf: "bytearray | memoryview", at: int, n: int) -> bool:
        """Take one datagram from the box; False while `refuse` is set."""
        self.n_sent += 1
        if self.refuse or (peer == 0 and not self.src):
            return False
        if self.record:
            if peer == 0:
                self.answered.append(self.src)
            self.outbound.put(peer, bytes(buf[at : at + n]))
        return True

    def deliver(self, peer: int, datagram: bytes, stranger: bytes = SOMEWHERE) -> None:
        """Send `datagram` toward the box as `peer`; 0 = from the 6-octet address `stranger`."""
        self.inbound.put(peer, datagram, b"" if peer else stranger)

    def take_sent(self) -> "list[tuple[int, bytes]]":
        """Return what the box sent and what has arrived by now, as (peer, datagram)."""
        arrived = []
        one = self.outbound.take()
        while one is not None:
            arrived.append(one[:2])
            one = self.outbound.take()
        return arrived
