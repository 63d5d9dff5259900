"""What CPython lacks of MicroPython's ways, for the simulated board on it. No MicroPython loads this."""

import select
import socket
import time


class Poller:
    """`ipoll` for CPython, which has none."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self._socks = {}

    def register(self, sock: socket.socket, events: int) -> None:
        """Watch `sock`."""
        self._socks[sock.fileno()] = sock
        self._poll.register(sock, events)

    def unregister(self, sock: socket.socket) -> None:
        """Watch it no longer."""
        del self._socks[sock.fileno()]
        self._poll.unregister(sock)

    def ipoll(self, timeout_ms: int) -> list:
        """Return (socket, events) of those that are ready."""
        return [(self._socks[fd], events) for fd, events in self._poll.poll(timeout_ms)]


def us() -> int:
    """Return microseconds since some moment."""
    return time.perf_counter_ns() // 1000


def us_diff(later: int, earlier: int) -> int:
    """Return the microseconds between two of `us`."""
    return later - earlier
