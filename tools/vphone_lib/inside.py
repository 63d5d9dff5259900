"""The bundled test peer as the relay's outside world: same process, any clock."""

import sys

from .box import ROOT

SERVER_IP, BOX_IP = "192.0.2.1", "192.0.2.2"  # of RFC 5737: they stand in captures only
PORT = 4569
_PORTS = {"main": PORT, "other": 4570}


def make_peer(seed: int, user: str, secret: str) -> object:
    """Return a test peer that knows `ata1` with `pw1`, and `user` if that is another."""
    tests = str(ROOT / "host_tests")
    if tests not in sys.path:
        sys.path.append(tests)
    from peer.server import Peer

    accounts = {"ata1": "pw1"}
    accounts.setdefault(user, secret)
    return Peer(seed, accounts, keep_voice=False, log_minis=False)


class Inside:
    """Feeds a sans-I/O peer (feed, poll, drain) and takes what it says."""

    def __init__(self, peer: object, port: int) -> None:
        self.peer = peer
        self.port = port or PORT
        self._box = (BOX_IP, self.port)

    def resolve(self, host: str) -> "str | None":
        """Know one name."""
        return SERVER_IP if host in ("peer", SERVER_IP) else None

    def local(self, remote: "tuple[str, int]") -> "tuple[str, int]":
        """Return the address of the box."""
        return self._box

    def send(self, remote: "tuple[str, int]", datagram: bytes, now_ms: float) -> None:
        """Hand a datagram to the peer, if it is for its port."""
        if remote == (SERVER_IP, PORT):
            self.peer.feed(datagram, self._box, now_ms)  # type: ignore[attr-defined]

    def receive(self, now_ms: float) -> "list[tuple[tuple[str, int], bytes]]":
        """Let the peer's time pass; return what it sent."""
        self.peer.poll(now_ms)  # type: ignore[attr-defined]
        return [((SERVER_IP, _PORTS[name]), raw) for name, addr, raw in self.peer.drain()]  # type: ignore[attr-defined]

    def wait(self, seconds: float) -> None:
        """Wait in real time: nothing comes by itself before its time."""
        import time

        time.sleep(seconds)

    def close(self) -> None:
        """Nothing to close."""
