"""The IAX2 core between several test peers on one clock: each peer index is a server of its own.

bench = ServersBench(servers=(1, 2))
bench.register()
bench.servers[1].vanish()
"""

from bench import BOX_ADDR, EVENTS, CoreBench

import codes
from peer import Peer


class ServersBench(CoreBench):
    """A CoreBench whose box knows several servers by their peer index; `peer` is the first of them.

    `asked` holds (t_ms, peer) of each POKE of the box. Services hear the events, as at the adapter.
    """

    def __init__(self, seed: int = 1, servers: tuple[int, ...] = (1, 2), **options) -> None:
        super().__init__(seed, **options)
        accounts = {"ata1": "pw1", "ata2": "pw2", "ata3": "pw3"}
        self.servers = {index: Peer(seed=seed + index, accounts=accounts) for index in servers}
        self.servers[servers[0]] = self.peer
        self.services: list = []
        self.asked: list[tuple[int, int]] = []

    def run(self, ms: int) -> None:
        """Let `ms` pass for all."""
        end = self.t_ms + ms
        while self.t_ms < end:
            for server in self.servers.values():
                if server is not self.peer:
                    server.poll(self.t_ms)
            super().run(5)

    def exchange(self) -> None:
        """Deliver what every server sent; a datagram from another port is a stranger's."""
        moved = True
        while moved:
            moved = False
            for index, server in self.servers.items():
                for port, _, octets in server.drain():
                    moved = True
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
            self.servers[index].feed(octets, BOX_ADDR, self.t_ms)

    def _tell(self, event: int, leg: int, arg: int) -> None:
        self.events.append((self.t_ms, EVENTS[event], leg, arg))
        for service in self.services:
            service.on_event(event, leg, arg, self.now)
        if event == codes.EV_INCOMING and self.take_calls:
            self.endpoint.legs[leg].take(self.now)
