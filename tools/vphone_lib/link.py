"""The host's end of the link to the firmware: one loopback TCP stream, every message 340 octets both ways.

`board/sim/link.py` holds the table of messages. The host never speaks out of turn: it sends orders and ticks
while the firmware waits in `clock.wait`, and answers what the firmware asks until its reply comes.
"""

import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass

SIZE = 340
BODY = 20
TICKS_MASK = 0x3FFFFFFF
_NEVER = 0xFFFF
_FIELDS = struct.Struct(
    "<BxHBBHHHii"
)  # kind, octets, feed, has ear, ring, due, worst us, us, octets allocated
_Serve = Callable[[str, bytes], "bytes | None"]


class LinkLost(Exception):
    """The firmware is gone, or says nothing."""


@dataclass
class Reply:
    """What a tick of 5 to 20 ms brought: orders to the line, and the cost of its turns."""

    feed: int
    ring_dhz: int
    due_ms: int  # -1: not before an input
    worst_us: int
    sum_us: int
    allocated: int  # octets, without those of net.receive()
    ear: "bytes | None"


def message(kind: str, fields: bytes = b"", text: bytes = b"") -> bytes:
    """Return one message: kind, its fields from octet 4 on, its text."""
    return (kind.encode() + b"\0" + struct.pack("<H", len(text)) + fields).ljust(BODY, b"\0") + text.ljust(
        SIZE - BODY, b"\0"
    )


class Link:
    """Listens on a free loopback port until the firmware connects."""

    def __init__(self, timeout_s: float = 20.0) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1)
        self._listener.settimeout(0.1)
        self.port: int = self._listener.getsockname()[1]
        self._timeout_s = timeout_s
        self._sock: "socket.socket | None" = None
        self._buf = bytearray(SIZE)

    def accept(self, alive: Callable[[], bool]) -> None:
        """Wait for the firmware; LinkLost if it dies or says nothing."""
        for _ in range(int(self._timeout_s * 10)):
            try:
                self._sock, _addr = self._listener.accept()
                break
            except TimeoutError:
                if not alive():
                    break
        self._listener.close()
        if self._sock is None:
            raise LinkLost("the firmware did not start")
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock.settimeout(None)
        limit = struct.pack("ll", int(self._timeout_s), 0)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)

    def send(self, kind: str, fields: bytes = b"", text: bytes = b"") -> None:
        """Send one message."""
        self._send(message(kind, fields, text))

    def tick(self, now: int, loop: bytes, pcm: "bytes | None", lost: int, serve: _Serve) -> Reply:
        """Let `len(loop)` steps of 5 ms pass, the last of which ends at `now`; return what they brought.

        pcm: 320 octets from the mouthpiece, at the end.  lost: frames skipped before it.
        """
        fields = struct.pack("<BB4sBxi", len(loop), pcm is not None, loop, min(lost, 255), now & TICKS_MASK)
        self._send(message("T", fields, b"")[:BODY] + (pcm or bytes(SIZE - BODY)))
        return self.until_reply(serve)

    def until_reply(self, serve: _Serve) -> Reply:
        """Serve the firmware until it says that its turns are done."""
        while True:
            kind, raw = self.receive()
            if kind == "R":
                _, _, feed, has_ear, ring_dhz, due, worst, us, allocated = _FIELDS.unpack_from(raw)
                ear = bytes(raw[BODY:]) if has_ear else None
                return Reply(feed, ring_dhz, -1 if due == _NEVER else due, worst, us, allocated, ear)
            answer = serve(kind, raw)
            if answer is not None:
                self._send(answer)

    def receive(self) -> "tuple[str, bytes]":
        """Return the kind and the octets of the next message."""
        assert self._sock is not None
        view, got = memoryview(self._buf), 0
        while got < SIZE:
            try:
                n = self._sock.recv_into(view[got:], SIZE - got, socket.MSG_WAITALL)
            except BlockingIOError:
                raise LinkLost("the firmware hangs: no sign of life for %g s" % self._timeout_s) from None
            except OSError:
                n = 0
            if not n:
                raise LinkLost("the firmware ended")
            got += n
        return chr(self._buf[0]), bytes(self._buf)

    def close(self) -> None:
        """Close the stream: the firmware takes that as the end."""
        self._listener.close()
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def _send(self, octets: bytes) -> None:
        assert self._sock is not None
        try:
            self._sock.sendall(octets)
        except OSError:
            raise LinkLost("the firmware ended") from None


def text_of(raw: bytes) -> bytes:
    """Return the text of a message from the firmware."""
    return raw[BODY : BODY + int.from_bytes(raw[2:4], "little")]
