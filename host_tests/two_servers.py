"""The IAX2 core between several test peers on one clock: each peer index is a server of its own.

bench = ServersBench(servers=(1, 2))
bench.register()
bench.servers[1].vanish()
"""

from ata_bench import STEP_MS, AtaBench
from bench import BOX_ADDR, EVENTS, CoreBench

import codes
import servers
import setup
from config import Config
from peer import Peer

ACCOUNTS = {"ata1": "pw1", "ata2": "pw2", "ata3": "pw3"}


class ServersBench(CoreBench):
    """A CoreBench whose box knows several servers by their peer index; `peer` is the first of them.

    `asked` holds (t_ms, peer) of each POKE of the box. `seen_as` is the box's address as each server sees it:
    what goes to another is lost, as behind a NAT. Services hear the events, as at the adapter.
    """

    def __init__(self, seed: int = 1, servers: tuple[int, ...] = (1, 2), **options) -> None:
        super().__init__(seed, **options)
        self.servers = {index: Peer(seed=seed + index, accounts=ACCOUNTS) for index in servers}
        self.servers[servers[0]] = self.peer
        self.seen_as = dict.fromkeys(servers, BOX_ADDR)
        self.services: list = []
        self.asked: list[tuple[int, int]] = []

    def run(self, ms: int) -> None:
        """Let `ms` pass for all."""
        end = self.t_ms + ms
        while self.t_ms < end:
            for server in self.servers.values():
                if server is not self.peer:
                    server.poll(self.t_ms)
            super().run(STEP_MS)

    def exchange(self) -> None:
        """Deliver what every server sent; a datagram from another port is a stranger's."""
        moved = True
        while moved:
            moved = False
            for index, server in self.servers.items():
                for port, addr, octets in server.drain():
                    moved = True
                    if addr == self.seen_as[index]:
                        self.feed(octets, index if port == "main" else 0)

    def drain(self) -> None:
        """Send what is due, each datagram to its own server, and tell the services."""
        endpoint = self.endpoint
        while True:
            while endpoint.poll_tx(self.now):
                octets = bytes(endpoint.tx_buf[endpoint.tx_at : endpoint.tx_at + endpoint.tx_n])
                self._send(endpoint.tx_peer, octets)
            event = endpoint.take_event()
            if not event:
                return
            self._tell(event, endpoint.ev_leg, endpoint.ev_arg)

    def _send(self, index: int, octets: bytes) -> None:
        self.sent.append((self.t_ms, octets))
        if octets[0] & 0x80 and octets[10:12] == b"\x06\x1e":
            self.asked.append((self.t_ms, index))
        if index in self.servers:
            self.servers[index].feed(octets, self.seen_as[index], self.t_ms)

    def _tell(self, event: int, leg: int, arg: int) -> None:
        self.events.append((self.t_ms, EVENTS[event], leg, arg))
        for service in self.services:
            service.on_event(event, leg, arg, self.now)
        if event == codes.EV_INCOMING and self.take_calls:
            self.endpoint.legs[leg].take(self.now)


class AtaServersBench(AtaBench):
    """An adapter that knows servers by name; `servers` holds the test peer of each, `peer` is the first.

    The box finds them as main.py does. Unless told otherwise account 1 is `ata1` at the first one.
    """

    def __init__(
        self, names: tuple[str, ...] = ("pbx",), seed: int = 1, settings: dict | None = None, **options
    ) -> None:
        self.servers = {
            name: Peer(seed=seed + at, accounts=options.get("accounts", ACCOUNTS))
            for at, name in enumerate(names)
        }
        wanted = options.pop("register", True)
        super().__init__(seed, {"account.1.server": names[0], **(settings or {})}, False, **options)
        self.peer = self.servers[names[0]]
        if wanted:
            assert self.run_until(lambda: len(self.registered) == len(self.ata.registrars), 3000)

    def begin(self, settings: dict) -> None:
        """Let main.py find what setup.py says, then start."""
        config = Config(self.hal.store)
        for name, value in settings.items():
            assert not config.set(name, value)
        for entry in setup.server(config)[2]:
            assert servers.find(self.hal, self.ata, entry)
        self.ata.start(self.hal.clock.ticks_ms())

    @property
    def registered(self) -> set[int]:
        """Numbers of the accounts that are registered."""
        return {number for number in range(1, 5) if self.ata.registered >> number - 1 & 1}

    def run(self, ms: int, step_ms: int = STEP_MS) -> None:
        """Let `ms` pass for all."""
        end = self.t_ms + ms
        net = self.hal.net
        while self.t_ms < end:
            self.t_ms += step_ms
            self.hal.clock.advance(step_ms)
            for index, (name, _) in net.peers.items():
                self.servers[name].poll(self.t_ms)
                for port, _, octets in self.servers[name].drain():
                    net.deliver(index if port == "main" else 0, octets)
            self.ata.turn(self.hal.clock.ticks_ms())
            for index, octets in net.take_sent():
                self.servers[net.peers[index][0]].feed(octets, BOX_ADDR, self.t_ms)
            self._read_log()
