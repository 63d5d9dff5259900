"""The wire to the virtual phone: one loopback TCP stream, every message 340 octets, both ways.

    0  kind, one ASCII letter       4 … 19  fields by kind, little-endian
    2  octets of text, if any       20      320 octets: a PCM frame, or text

    from the host   T tick   A, W answers   L lock the heap   H heap?   S counters?
                    C console octets   Q power goes down in good order
    to the host     B hello   R ready, and the reply to each T   A look this name up   E log entries
                    W who is behind this door?   H heap   S counters   C console octets

Buffers are made once; views are cut once; nothing here allocates per tick.
"""

import socket

SIZE = 340
BODY = 20
_IPPROTO_TCP = 6
_TCP_NODELAY = 1


class Link:
    """`rx` is the last message from the host, `tx` the reply under construction, `aux` all others."""

    def __init__(self, port: int) -> None:
        self.rx = bytearray(SIZE)
        self.tx = bytearray(SIZE)
        self.aux = bytearray(SIZE)
        self.mouth = memoryview(self.rx)[BODY:]
        self.ear = memoryview(self.tx)[BODY:]
        self.locked = False  # the heap, around this turn
        self.console = b""  # octets typed, not yet read
        self.stopping = False
        sock = socket.socket()
        sock.connect(socket.getaddrinfo("127.0.0.1", port)[0][-1])
        sock.setsockopt(_IPPROTO_TCP, _TCP_NODELAY, 1)
        self._sock = sock
        if hasattr(sock, "recv_into"):  # CPython: its sockets are no streams
            self._read = sock.makefile("rb").readinto
            self._write = sock.sendall
        else:
            self._read = getattr(sock, "readinto")  # noqa: B009  a name CPython's sockets lack
            self._write = getattr(sock, "write")  # noqa: B009

    def receive(self, buf: bytearray) -> int:
        """Wait for one message and put it in `buf`; return its kind, or 0 if the host is gone."""
        try:
            n = self._read(buf)
        except OSError:
            n = 0
        return buf[0] if n == SIZE else 0

    def send(self, buf: bytearray, kind: int) -> bool:
        """Send `buf` as a message of this kind. False if the host is gone."""
        buf[0] = kind
        try:
            self._write(buf)
        except OSError:
            return False
        return True

    def send_text(self, kind: int, text: bytes) -> None:
        """Send any number of octets in messages of up to 320 (allocates: never in a tick)."""
        aux = self.aux
        for at in range(0, len(text), SIZE - BODY):
            piece = text[at : at + SIZE - BODY]
            aux[2] = len(piece) & 0xFF
            aux[3] = len(piece) >> 8
            aux[BODY : BODY + len(piece)] = piece
            self.send(aux, kind)

    def text(self) -> bytes:
        """Return the text of the last message from the host."""
        return bytes(self.rx[BODY : BODY + self.rx[2] + (self.rx[3] << 8)])


def put32(buf: bytearray, at: int, value: int) -> None:
    """Write a signed integer of up to 31 bits in four octets."""
    buf[at] = value & 0xFF
    buf[at + 1] = (value >> 8) & 0xFF
    buf[at + 2] = (value >> 16) & 0xFF
    buf[at + 3] = (value >> 24) & 0xFF
