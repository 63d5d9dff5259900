"""Two boxes and a server on one virtual network with addresses, for what needs more than one of us.

    town = Town(CoreBox)                       # or AtaBox: the whole adapter with its telephone
    one, two = town.boxes
    middle = town.join()                       # a call from one to two through the server, voice both ways
    town.cut = lambda way: way.direct          # the path between the boxes is dead
    town.run(1000)

Time moves in steps of 5 ms, only when told.
"""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass

from ata_bench import AtaBench
from bench import CoreBench
from corekit import speech

import codes
import ticks
from iax.hold import Hold
from iax.refer import Refer
from iax.transfer import Transfer
from peer import Peer, wire
from peer.middle import Middle, to_account

SERVER_ADDR = ("10.0.0.1", 4569)
STEP_MS = 5
Addr = tuple[str, int]


def octets_of(addr: Addr) -> bytes:
    """Return an address as the HAL writes it."""
    return bytes(int(part) for part in addr[0].split(".")) + addr[1].to_bytes(2, "big")


def addr_of(octets: bytes) -> Addr:
    """Return an address from the HAL's 6 octets."""
    return ".".join(str(octet) for octet in octets[:4]), int.from_bytes(octets[4:], "big")


@dataclass
class Way:
    """A datagram on the network."""

    src: Addr
    dst: Addr
    raw: bytes
    t_ms: int

    @property
    def direct(self) -> bool:
        """True between the two boxes."""
        return SERVER_ADDR not in (self.src, self.dst)

    @property
    def frame(self) -> dict:
        """What it says."""
        return wire.decode(self.raw)


class TownNet:
    """The net of the HAL for a core: who is who, and where to."""

    def __init__(self) -> None:
        self.peers: dict[int, Addr] = {1: SERVER_ADDR}

    def place(self, peer: int, address: bytes) -> bool:
        """Make the 6-octet address peer `peer`, or forget it: b"". False if another peer has it."""
        self.peers.pop(peer, None)
        if address and addr_of(address) in self.peers.values():
            return False
        if address:
            self.peers[peer] = addr_of(address)
        return True

    def whose(self, addr: Addr) -> int:
        """Return the peer at this address, 0 if it is a stranger's."""
        return next((peer for peer, known in self.peers.items() if known == addr), 0)


class CoreBox(CoreBench):
    """The core of a box, with transfers, blind transfer and hold."""

    def __init__(self, town: "Town", name: str, addr: Addr, seed: int, allow: bool) -> None:
        super().__init__(seed=seed)
        self.town, self.addr, self.peer = town, addr, town.peer
        self.account.user = name.encode()
        self.account.elements = self.account.elements.replace(b"\x06\x04ata1", b"\x06\x04" + name.encode())
        self.account.transfer = allow
        self.net = TownNet()
        self.transfer = Transfer(self.endpoint, self.net)
        self.refer = Refer(self.endpoint)
        self.hold = Hold(self.endpoint)
        self.endpoint.parts += [self.transfer, self.refer, self.hold]
        self.endpoint.dialogs += [self.transfer, self.refer]
        self.take_calls = True

    def run(self, ms: int) -> None:
        """Let time pass for the whole town."""
        self.town.run(ms)

    def step(self) -> None:
        """One step of this box."""
        self.t_ms += STEP_MS
        self.now = ticks.add(self.now, STEP_MS)
        self.endpoint.poll(self.now)
        self._voice()
        self.drain()
        if self.leg.state == codes.CALL_ALERTING:
            self.leg.pickup(self.now)
            self.drain()

    def drain(self) -> None:
        """Send all that is due and note all that is told."""
        endpoint = self.endpoint
        while True:
            while endpoint.poll_tx(self.now):
                octets = bytes(endpoint.tx_buf[endpoint.tx_at : endpoint.tx_at + endpoint.tx_n])
                self.sent.append((self.t_ms, octets))
                to = self.net.peers.get(endpoint.tx_peer)
                if to is not None:
                    self.town.send(self.addr, to, octets)
            if not self.tell():
                return

    def tell(self) -> bool:
        """Note one event; False if there is none."""
        event = self.endpoint.take_event()
        if event:
            name = next(n for n, v in vars(codes).items() if n.startswith("EV_") and v == event)[3:]
            self.events.append((self.t_ms, name, self.endpoint.ev_leg, self.endpoint.ev_arg))
            if event == codes.EV_INCOMING:
                self.leg.take(self.now)
        return event != 0

    def arrive(self, src: Addr, raw: bytes) -> None:
        """A datagram came from `src`."""
        self.feed(raw, self.net.whose(src))

    @property
    def packets(self) -> int:
        """Voice packets heard so far."""
        return len(self.audio)

    def register_now(self) -> None:
        """Begin the registration."""
        self.registrar.start(self.account, self.now)
        self.drain()

    def call(self, number: str) -> None:
        """Dial, and speak as soon as that is possible."""
        self.speak = speech
        self.endpoint.dial(self.account, number.encode(), self.now)
        self.drain()


class AtaBox(AtaBench):
    """A whole adapter with its telephone; the one that is called lifts after a second of ringing."""

    def __init__(self, town: "Town", name: str, addr: Addr, seed: int, allow: bool) -> None:
        self.town, self.addr = town, addr
        settings = {"account.1.user": name, "account.1.transfer": "yes" if allow else "no"}
        super().__init__(seed=seed, settings=settings, register=False)
        self.peer = town.peer
        self.leg = self.ata.endpoint.legs[0]
        self._rang_ms = 0

    def run(self, ms: int, step_ms: int = STEP_MS) -> None:
        """Let time pass for the whole town."""
        self.town.run(ms)

    def step(self) -> None:
        """One step of this box."""
        self.t_ms += STEP_MS
        self.hal.clock.advance(STEP_MS)
        self.ata.turn(self.hal.clock.ticks_ms())
        net = self.hal.net
        for peer, octets in net.take_sent():
            to = addr_of(net.placed[peer]) if peer in net.placed else SERVER_ADDR if peer == 1 else None
            if to is not None:
                self.town.send(self.addr, to, octets)
        self._read_log()
        self._rang_ms = self._rang_ms + STEP_MS if self.ringing else 0
        if self._rang_ms == 1000:
            self.hal.slic.lift()

    def arrive(self, src: Addr, raw: bytes) -> None:
        """A datagram came from `src`."""
        net = self.hal.net
        if src == SERVER_ADDR:
            net.deliver(1, raw)
        else:
            net.deliver(0, raw, octets_of(src))

    @property
    def packets(self) -> int:
        """Voice packets heard so far."""
        return self.count("RX_VOICE")

    def register_now(self) -> None:
        """It began by itself."""

    def call(self, number: str) -> None:
        """Lift and dial."""
        self.lift()
        self.dtmf(number + "#")


class Town:
    """The network. What passed is in `passed`; what `cut` names or chance takes is not delivered."""

    def __init__(
        self, kind: Callable = CoreBox, seed: int = 1, allow: tuple = (True, True), delay_ms: int = 5
    ):
        self.t_ms = 0
        self.delay_ms = delay_ms
        self.loss_pct = 0
        self.cut: Callable[[Way], bool] = lambda way: False
        self.passed: list[Way] = []
        self._rng = random.Random(seed)
        self._under_way: list = []
        self._serial = 0
        self.peer = Peer(seed=seed, accounts={"ata1": "pw1", "ata2": "pw1"})
        for at in (1, 2):
            self.peer.extensions["70%d" % at] = to_account("ata%d" % at)
        self.boxes = []
        for at in (1, 2):
            addr = ("10.0.0.%d" % (at + 1), 4569)
            self.boxes.append(kind(self, "ata%d" % at, addr, seed * 10 + at, allow[at - 1]))
        for box in self.boxes:
            box.register_now()
        assert self.until(lambda: all(who.addr for who in self.peer.accounts.values()), 3000)

    def send(self, src: Addr, dst: Addr, raw: bytes) -> None:
        """Put a datagram on the network."""
        way = Way(src, dst, raw, self.t_ms)
        lost = self.cut(way) or (self.loss_pct and self._rng.randrange(100) < self.loss_pct)
        if not lost:
            self.passed.append(way)
            self._serial += 1
            heapq.heappush(self._under_way, (self.t_ms + self.delay_ms, self._serial, way))

    def run(self, ms: int) -> None:
        """Let `ms` pass."""
        end = self.t_ms + ms
        while self.t_ms < end:
            self.t_ms += STEP_MS
            self.peer.poll(self.t_ms)
            self._deliver()
            for box in self.boxes:
                box.step()
            for _, addr, octets in self.peer.drain():
                self.send(SERVER_ADDR, addr, octets)

    def _deliver(self) -> None:
        while self._under_way and self._under_way[0][0] <= self.t_ms:
            way = heapq.heappop(self._under_way)[2]
            if way.dst == SERVER_ADDR:
                self.peer.feed(way.raw, way.src, self.t_ms)
            for box in self.boxes:
                if box.addr == way.dst:
                    box.arrive(way.src, way.raw)

    def until(self, true: Callable[[], object], most_ms: int = 10000) -> bool:
        """Run until it is so; False if not within `most_ms`."""
        end = self.t_ms + most_ms
        while not true():
            if self.t_ms >= end:
                return False
            self.run(STEP_MS)
        return True

    def join(self) -> Middle:
        """Let box one call box two through the server; return the server's middle once both speak."""
        self.boxes[0].call("702")
        assert self.until(lambda: any(call.middle for call in self.peer.calls), 15000)
        if isinstance(self.boxes[1], CoreBox):
            self.boxes[1].speak = speech
        self.run(1000)
        middle = next(call.middle for call in self.peer.calls if call.middle)
        assert self.talking(), "no voice through the server"
        return middle

    def talking(self, ms: int = 600) -> bool:
        """Run, and say whether each box heard voice all the while (nine packets of ten)."""
        before = [box.packets for box in self.boxes]
        self.run(ms)
        wanted = ms // 20 * 9 // 10
        return all(box.packets - had >= wanted for box, had in zip(self.boxes, before))

    def between(self, direct: bool, name: str | None = None, since_ms: int = 0) -> list[dict]:
        """Return the decoded datagrams that passed between the boxes, or between a box and the server."""
        ways = [way for way in self.passed if way.direct == direct and way.t_ms >= since_ms]
        return [way.frame for way in ways if name in (None, way.frame["name"])]
