"""UDP on the loopback: one socket connected to each peer's relay and one for strangers, on one port.

Real sockets, so that sizes, order and errors are those of a network. The virtual phone translates between
its relay sockets and the world, as a router with NAT does. A connected socket lets the kernel tell the peers
apart, and sending from it needs no address object. Who a stranger is, the host tells: the socket knows only
the relay's port.
"""

import select
import socket

import micropython

from board.sim.link import Link

_MTU = 1500


class Net:
    """`allocated` counts the octets that `receive` took from the heap: they are allowed."""

    def __init__(self, link: Link, port: int) -> None:
        self.peer = 0
        self.src = b""
        self.allocated = 0
        self._link = link
        self._port = port
        self._socks = []  # index: peer; 0: strangers
        self._ways = []  # the relay's port for each of them
        self._door = b""  # the last stranger's, as the socket writes addresses
        self._streams = not hasattr(socket.socket, "recv_into")
        if self._streams:
            self._poller = select.poll()
        else:
            from board.sim.cpython import Poller

            self._poller = Poller()
        self._ipoll = getattr(self._poller, "ipoll")  # noqa: B009  a name CPython's poll lacks
        self._total = getattr(micropython, "mem_current", None)

    def open(self, port: int) -> bool:
        """Bind the local port: the host has chosen it, and shows `port` to the world."""
        self._port = self._port or port
        try:
            self._connect(0, 0)
        except OSError:
            return False
        return True

    def resolve(self, peer: int, host: str, port: int) -> int:
        """Ask the host for a way to `host`; connect peer `peer` to it, unless another is already."""
        from board.sim.orders import way_to

        way = way_to(self._link, peer, host, port)
        if not way:
            return 0
        self._close(peer)
        if way in self._ways:
            return self._ways.index(way)
        self._connect(peer, way)
        return peer

    def _connect(self, peer: int, way: int) -> None:
        while len(self._socks) <= peer:
            self._socks.append(None)
            self._ways.append(0)
        sock = self._bound(self._port)
        if way:
            sock.connect(socket.getaddrinfo("127.0.0.1", way)[0][-1])
        self._socks[peer] = sock
        self._ways[peer] = way

    def place(self, peer: int, address: bytes) -> bool:
        """Connect peer `peer` to the 6-octet `address`, unless another is already; or forget it: b""."""
        if self._link.locked:
            micropython.heap_unlock()
        way = 0
        self._close(peer)
        if address:
            from board.sim.orders import way_to

            a, b, c, d = address[0], address[1], address[2], address[3]
            way = way_to(self._link, peer, "%d.%d.%d.%d" % (a, b, c, d), address[4] << 8 | address[5])
            if way in self._ways:
                way = 0  # two sockets with one far end would take each other's datagrams
            if way:
                self._connect(peer, way)
        if self._link.locked:
            micropython.heap_lock()
        return way > 0 or not address

    def receive(self) -> "bytes | None":
        """Return the next datagram, or None; `peer` says whose it is. Strangers wait until no peer does."""
        stranger = None
        for ready in self._ipoll(0):
            if ready[0] is not self._socks[0]:
                return self._take(ready[0])
            stranger = ready[0]
        return self._take(stranger) if stranger else None

    def send(self, peer: int, buf: "bytearray | memoryview", at: int, n: int) -> bool:
        """Send `n` octets of `buf` from `at` on. False = lost."""
        sock = self._socks[peer] if peer < len(self._socks) else None
        if not sock:
            return False
        try:
            if peer == 0:
                self._answer(sock, buf, at, n)
            elif self._streams:
                sock.write(buf, at, n)
            else:
                sock.send(memoryview(buf)[at : at + n])
        except OSError:
            return False
        return True

    def _answer(self, sock: socket.socket, buf: "bytearray | memoryview", at: int, n: int) -> None:
        """Send to the last stranger: rare, and the one sending that allocates."""
        if not self.src:
            return
        if self._link.locked:
            micropython.heap_unlock()
        try:
            sock.sendto(memoryview(buf)[at : at + n], self._door)
        finally:
            if self._link.locked:
                micropython.heap_lock()

    def _close(self, peer: int) -> None:
        if peer < len(self._socks) and self._socks[peer]:
            self._poller.unregister(self._socks[peer])
            self._socks[peer].close()
            self._socks[peer] = None
            self._ways[peer] = 0

    def _bound(self, port: int) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(socket.getaddrinfo("127.0.0.1", port)[0][-1])
        sock.setblocking(False)
        self._poller.register(sock, select.POLLIN)
        return sock

    def _take(self, sock: socket.socket) -> "bytes | None":
        """Read one datagram; the heap is open only around this."""
        self.peer = self._socks.index(sock)
        if self._link.locked:
            micropython.heap_unlock()
        before = self._total() if self._total else 0
        datagram = self._read(sock)
        if self._total:
            self.allocated += self._total() - before
        if self._link.locked:
            micropython.heap_lock()
        return datagram

    def _read(self, sock: socket.socket) -> "bytes | None":
        """Read it; of no octets, the socket is made anew: lwIP takes it for closed then, so a board must."""
        datagram = None
        try:
            if self.peer:
                self.src = b""
                datagram = sock.recv(_MTU)
            else:
                datagram, door = sock.recvfrom(_MTU)
                self._meet(door)
            if datagram == b"":
                way = self._ways[self.peer]
                self._close(self.peer)
                self._connect(self.peer, way)
        except OSError:
            pass
        return datagram

    def _meet(self, door) -> None:
        """A stranger's datagram came through the relay's `door`: ask the host who that is."""
        if door == self._door and self.src:
            return
        from board.sim.orders import who

        self._door = door
        self.src = who(self._link, door[2] << 8 | door[3] if isinstance(door, bytes) else door[1])
