"""One UDP socket, and the addresses behind the peer indexes that the core knows."""

import contextlib
import select
import socket
import sys

from .lines import Address, place
from .told import UsageError

IAX_PORT = 4569
_LONGEST = 65535
_BURST = 100  # datagrams between two looks at the clock


def split(text: str) -> "tuple[str, int]":
    """Return host and port of HOST, HOST:PORT, [IPV6]:PORT or an IPv6 address. UsageError if it is none."""
    host, port = text, ""
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        port = port.removeprefix(":")
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    if not host or (port and not (port.isdigit() and 0 < int(port) < 65536)):
        raise UsageError(f"{text!r} is no HOST[:PORT]: write pbx.example:4569 or [2001:db8::1]:4569")
    return host, int(port or IAX_PORT)


def resolve(text: str) -> "tuple[int, Address]":
    """Return (address family, address) of HOST[:PORT]; IPv4 is preferred."""
    host, port = split(text)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "no such name"
        raise UsageError(f"{host}: {why}: check the name, or give the address") from None
    found.sort(key=lambda row: row[0] != socket.AF_INET)
    family, _, _, _, address = found[0]
    return family, (str(address[0]), int(address[1]))


class Net:
    """The socket. `peers[i]` is the address of peer `i`; index 0 stands for everybody else."""

    def __init__(self, hosts: "dict[int, str]", port: int = 0) -> None:
        """hosts: peer index → HOST[:PORT]; the first one decides between IPv4 and IPv6."""
        found = {index: resolve(text) for index, text in hosts.items()}
        family = next(iter(found.values()))[0]
        if any(row[0] != family for row in found.values()):
            raise UsageError("IPv4 and IPv6 do not go through one socket: ask them one after the other")
        self.peers = {index: address for index, (_, address) in found.items()}
        self.refused: "set[int]" = set()  # peers whose host says that nothing listens there
        self._index = {address: index for index, address in self.peers.items()}
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.bind(("", port))
        except OSError as error:
            self._socket.close()
            raise UsageError(f"UDP port {port}: {error.strerror}; --port 0 takes any") from None
        self._socket.setblocking(False)
        if sys.platform == "linux":
            self._ask_for_errors(family)
        self.port: int = self._socket.getsockname()[1]

    def name(self, index: int) -> str:
        """Return HOST:PORT of a peer."""
        return place(self.peers[index]) if index in self.peers else "a stranger"

    def local(self, index: int) -> Address:
        """Return our address as that peer's host sees it without NAT."""
        with socket.socket(self._socket.family, socket.SOCK_DGRAM) as asked:
            try:
                asked.connect(self.peers[index])
                return str(asked.getsockname()[0]), self.port
            except OSError:
                return "0.0.0.0", self.port

    def wait(self, seconds: float) -> None:
        """Sleep until a datagram is there, at most so long."""
        select.select([self._socket], [], [], max(0.0, seconds))

    def receive(self) -> "list[tuple[int, Address, bytes]]":
        """Return what has come: (peer, address, octets), a bounded number of them."""
        out: "list[tuple[int, Address, bytes]]" = []
        for _ in range(_BURST):
            try:
                octets, sender = self._socket.recvfrom(_LONGEST)
            except BlockingIOError:
                break
            except OSError:
                self._read_errors()
                continue
            address = (str(sender[0]), int(sender[1]))
            out.append((self._index.get(address, 0), address, octets))
        return out

    def send(self, index: int, octets: bytes) -> None:
        """Send; an unreachable network is a lost datagram, and a closed port is remembered."""
        if index in self.peers:
            for _ in range(2):  # the first may only report an error of before
                try:
                    self._socket.sendto(octets, self.peers[index])
                    return
                except OSError:
                    self._read_errors()

    def _ask_for_errors(self, family: int) -> None:
        """Let the kernel keep what ICMP says, and for whom (ip(7), IP_RECVERR)."""
        level, option = (socket.IPPROTO_IPV6, 25) if family == socket.AF_INET6 else (socket.IPPROTO_IP, 11)
        with contextlib.suppress(OSError):
            self._socket.setsockopt(level, option, 1)

    def _read_errors(self) -> None:
        """Note each peer whose host refused a datagram."""
        with contextlib.suppress(OSError, AttributeError):
            while True:
                *_, address = self._socket.recvmsg(64, 512, socket.MSG_ERRQUEUE)
                self.refused.add(self._index.get((str(address[0]), int(address[1])), 0))

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
