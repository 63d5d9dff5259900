"""The peer on real sockets and in real time: one socket for its port, one for the wrong port."""

import contextlib
import select
import socket
import threading
import time

from .server import Peer

MAX_WAIT_S = 0.05


class PeerServer:
    """Runs a `Peer` in a thread: `with PeerServer(peer) as server: ... server.port`.

    Touch the peer from another thread only with `server.lock` held.
    """

    def __init__(self, peer: Peer, host: str = "127.0.0.1", port: int = 0) -> None:
        self.peer = peer
        self.lock = threading.RLock()
        self._began = time.monotonic() - peer.now / 1000
        self._sockets = {"main": _bound(host, port), "other": _bound(host, 0)}
        self.port: int = self._sockets["main"].getsockname()[1]
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def now(self) -> float:
        """Return ms on the peer's clock."""
        return (time.monotonic() - self._began) * 1000

    def turn(self) -> None:
        """Wait for a datagram or a due time, at most 50 ms; serve both."""
        due = self.peer.next_due()
        wait = MAX_WAIT_S if due is None else min(MAX_WAIT_S, max(0.0, (due - self.now()) / 1000))
        ready, _, _ = select.select([self._sockets["main"]], [], [], wait)
        with self.lock:
            if ready:
                self._read()
            self.peer.poll(self.now())
            self._write()

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionError):
            for _ in range(50):
                datagram, addr = self._sockets["main"].recvfrom(4096)
                self.peer.feed(datagram, addr, self.now())

    def _write(self) -> None:
        for port, addr, raw in self.peer.drain():
            with contextlib.suppress(OSError):
                self._sockets[port].sendto(raw, addr)

    def run(self) -> None:
        """Serve until `close`."""
        while not self._stop.is_set():
            self.turn()

    def close(self) -> None:
        """Stop the thread, if there is one, and close the sockets."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        for sock in self._sockets.values():
            sock.close()

    def __enter__(self) -> "PeerServer":
        self._thread = threading.Thread(target=self.run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _bound(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((host, port))
    sock.setblocking(False)
    return sock
