"""Between the firmware's loopback UDP and the world: a little router with NAT, faults and a capture.

Each remote has a socket of its own on the loopback, so the firmware tells its peers apart by address; a
remote it never asked for gets one too, and is a stranger there. Toward the world all share one socket
(`Udp`), or talk to the test peer inside this process (`Inside`).
"""

import contextlib
import select
import socket
from collections.abc import Callable

from .box import UsageError
from .faults import Faults
from .inside import Inside
from .pcap import Pcap

Addr = tuple[str, int]
_DATAGRAM = 65535
_MAX_REMOTES = 64  # beyond that, strangers share a socket, and have no name
OnDatagram = Callable[[str, bytes, bool, Addr], None]  # "out" or "in", octets, lost, remote


class Udp:
    """The real network: one socket on `port` (0 = any)."""

    def __init__(self, port: int) -> None:
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._sock.bind(("", port))
        except OSError:
            self._sock.close()
            raise UsageError(f"UDP port {port} is taken: choose another with --port, or 0 for any") from None
        self._sock.setblocking(False)
        self.port: int = self._sock.getsockname()[1]
        self._locals: "dict[str, str]" = {}

    def resolve(self, host: str) -> "str | None":
        """Ask the system's resolver."""
        try:
            found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_DGRAM)
        except (OSError, UnicodeError):
            return None
        return str(found[0][4][0])

    def local(self, remote: Addr) -> Addr:
        """Return the address the routing table picks, and our port."""
        if remote[0] not in self._locals:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                try:
                    probe.connect(remote)
                    self._locals[remote[0]] = probe.getsockname()[0]
                except OSError:
                    self._locals[remote[0]] = "0.0.0.0"
        return self._locals[remote[0]], self.port

    def send(self, remote: Addr, datagram: bytes, now_ms: float) -> None:
        """Send; an unreachable network is a lost datagram."""
        with contextlib.suppress(OSError):
            self._sock.sendto(datagram, remote)

    def receive(self, now_ms: float) -> list[tuple[Addr, bytes]]:
        """Return all that has come, with its sender."""
        out = []
        with contextlib.suppress(OSError):
            while len(out) < 1000:
                datagram, addr = self._sock.recvfrom(_DATAGRAM)
                out.append((addr, datagram))
        return out

    def wait(self, seconds: float) -> None:
        """Wait for a datagram, at most so long."""
        select.select([self._sock], [], [], seconds)

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()


class Relay:
    """`out` and `in` are counted as the world sees them; `on_datagram` hears of each one once."""

    def __init__(self, outside: Udp | Inside, faults: Faults, pcap: Pcap, on_datagram: OnDatagram) -> None:
        self.outside = outside
        self.faults = faults
        self._pcap = pcap
        self._on_datagram = on_datagram
        self._box_port = 0
        self._socks: "dict[tuple[str, int], socket.socket]" = {}
        self.n_out = self.n_in = 0

    def attach(self, box_port: int) -> None:
        """Serve a box that has just got power, on this loopback port; the old one's sockets go."""
        for sock in self._socks.values():
            sock.close()
        self._socks.clear()
        self._box_port = box_port

    def resolve(self, host: str, port: int) -> int:
        """Return the loopback port that stands for `host`:`port`, or 0 if nobody knows the name."""
        ip = self.outside.resolve(host)
        if ip is None:
            return 0
        return int(self._sock((ip, port)).getsockname()[1])

    def whose(self, door: int) -> bytes:
        """Return the remote behind loopback port `door`, IPv4 and port in 6 octets; b"" if it has no name."""
        for remote, sock in self._socks.items():
            if remote[0] and int(sock.getsockname()[1]) == door:
                return socket.inet_aton(remote[0]) + remote[1].to_bytes(2, "big")
        return b""

    def pump_out(self, now_ms: float) -> None:
        """Take what the firmware has sent; send what is due."""
        out = self.faults.out
        for remote, sock in list(self._socks.items()):
            with contextlib.suppress(OSError):
                while True:
                    datagram = sock.recv(_DATAGRAM)
                    kept = out.put((remote, datagram), now_ms)
                    self._on_datagram("out", datagram, not kept, remote)
        self._send_due(now_ms)

    def pump_in(self, now_ms: float) -> None:
        """Take what the world has sent; hand what is due to the firmware."""
        self._send_due(now_ms)
        back = self.faults.back
        for remote, datagram in self.outside.receive(now_ms):
            self._pcap.put(now_ms, remote, self.outside.local(remote), datagram)
            if not back.put((remote, datagram), now_ms):
                self._on_datagram("in", datagram, True, remote)
        for remote, datagram in back.due(now_ms):  # type: ignore[misc]
            self.n_in += 1
            self._on_datagram("in", datagram, False, remote)
            if self._box_port:
                with contextlib.suppress(OSError):
                    self._sock(remote).sendto(datagram, ("127.0.0.1", self._box_port))

    def close(self) -> None:
        """Close every socket."""
        self.attach(0)
        self.outside.close()

    def _send_due(self, now_ms: float) -> None:
        for remote, datagram in self.faults.out.due(now_ms):  # type: ignore[misc]
            self.n_out += 1
            self._pcap.put(now_ms, self.outside.local(remote), remote, datagram)
            self.outside.send(remote, datagram, now_ms)

    def _sock(self, remote: Addr) -> socket.socket:
        """Return the socket that stands for `remote`."""
        sock = self._socks.get(remote)
        if sock is None and len(self._socks) >= _MAX_REMOTES:
            remote = ("", 0)
            sock = self._socks.get(remote)
        if sock is None:
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.bind(("127.0.0.1", 0))
            sock.setblocking(False)
            self._socks[remote] = sock
        return sock
