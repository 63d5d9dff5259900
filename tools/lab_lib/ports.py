"""A UDP port on loopback that is ours alone.

Asterisk binds with SO_REUSEADDR, and so does the next one: both start, and one steals the other's
datagrams without a word. So a port is taken three ways: bound once without that option, reserved by a
lock file against another lab in the same moment, and counted in the kernel's table when the server is up.
"""

import errno
import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

from tools.lab_lib import find

LOOPBACK = "127.0.0.1"
_FIRST, _LAST = 20_000, 32_000  # below the ports that the kernel hands out itself


class PortError(find.LabError):
    """A port cannot be had; the text says which and what to do."""


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Return True if nobody has this UDP port on host, nor on all addresses."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, port))
        except OSError as problem:
            if problem.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


class Reservation:
    """One port, held by a lock file until `release()`."""

    def __init__(self, port: int, lock: int) -> None:
        self.port = port
        self._lock = lock

    def release(self) -> None:
        """Give the port back."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def reserve(port: int = 0, seed: "int | None" = None) -> Reservation:
    """Reserve `port`, or with 0 any free one. Raises PortError if it is taken."""
    if port:
        taken = _try(port)
        if taken is None:
            raise PortError(f"UDP port {port} is in use; stop its owner or choose another")
        return taken
    dice = random.Random(seed)
    for _ in range(400):
        taken = _try(dice.randrange(_FIRST, _LAST))
        if taken is not None:
            return taken
    raise PortError(f"no free UDP port between {_FIRST} and {_LAST}")


def _try(port: int) -> "Reservation | None":
    folder = Path(tempfile.gettempdir()) / f"uiaxy-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(folder / str(port), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    if not is_free(port):
        os.close(lock)
        return None
    return Reservation(port, lock)


def owners(port: int, table: "str | None" = None) -> int:
    """Return how many UDP sockets have this local port, or -1 where the kernel does not tell.

    table: text of /proc/net/udp, read when not given.
    """
    if table is None:
        try:
            table = Path("/proc/net/udp").read_text()
        except OSError:
            return -1
    wanted = f":{port:04X}"
    rows = (line.split() for line in table.splitlines()[1:])
    return sum(1 for row in rows if len(row) > 1 and row[1].endswith(wanted))
