"""The contract between the firmware and a board: eight small objects, duck-typed, never shipped.

`board/<name>/` and `host_tests/stub_hal/` provide them; pyright holds both to these shapes. A part that a
board lacks is an object whose methods do nothing. Only making a board may raise OSError; every method tells a
failure by what it returns.
"""

from typing import Iterator, Protocol

class Clock(Protocol):
    def ticks_ms(self) -> int:
        """Milliseconds, 0 … 2**30 - 1, wrapping to 0 (see firmware/ticks.py)."""
    def wait(self, due_ms: int) -> bool:
        """Sleep until a PCM frame, a datagram or a line edge may be there, or `due_ms` ms (-1: no limit)
        passed; at most 5 ms while the line is in use. False once the box is to stop."""

class Net(Protocol):
    peer: int
    """Index of the sender of the last datagram received; 0 = a stranger."""
    src: bytes
    """Address of that stranger, 6 octets: IPv4 and port, big-endian; b"" if the sender is a peer."""
    def open(self, port: int) -> bool:
        """Bind the one local UDP port (0 = any). False if it is taken."""
    def resolve(self, peer: int, host: str, port: int) -> int:
        """Look `host` up (slow, never in a call) and make it peer `peer` (1 …). Return who has that address:
        `peer`, or another peer that had it before, from whom its datagrams come; 0 if nobody knows `host`."""
    def place(self, peer: int, address: bytes) -> bool:
        """Make the 6-octet `address` peer `peer` (1 …), or forget the peer: b"". False if it cannot be, or
        is another peer's already. Quick, but it may allocate."""
    def receive(self) -> "bytes | None":
        """The next datagram, those of peers before those of strangers, or None. The one allocation allowed in
        a call. One of no octets is b"" and must not stop the next: lwIP's socket is to be made anew then."""
    def send(self, peer: int, buf: "bytearray | memoryview", at: int, n: int) -> bool:
        """Send `n` octets of `buf` from `at` on to `peer`, 0 = the stranger of `src`. False = lost, as on
        any network."""

class Pcm(Protocol):
    """8 kHz, 16-bit signed little-endian, mono, in frames of 160 samples (320 octets, 20 ms)."""
    def read_into(self, frame: bytearray) -> bool:
        """Fill `frame` with the next 20 ms from the telephone. False if no frame is ready yet."""
    def write(self, frame: bytearray) -> bool:
        """Queue 20 ms for the telephone. False if there was no room."""
    def lost(self) -> int:
        """Frames lost or made up by the converter since the last call."""

class Slic(Protocol):
    def line_state(self) -> int:
        """Bits LOOP_CLOSED = 1, RING_TRIP = 2, FAULT = 4; not debounced."""
    def edge(self) -> int:
        """Take the oldest change of the loop that an interrupt stamped and return its tick; until the next
        call line_state() is what that change led to. -1 = none is left: line_state() is the present. A board
        without interrupts always returns -1."""
    def set_feed(self, mode: int) -> None:
        """FEED_OPEN = 0 (off, power-up), FEED_FORWARD = 1, FEED_REVERSE = 2, FEED_RINGING = 3."""
    def set_ring(self, ring_dhz: int) -> bool:
        """Ringing frequency in tenths of a hertz. False if the part cannot make it."""
    def set_line(self, impedance: str, tx_db: int, rx_db: int) -> bool:
        """Impedance by its code (settings.txt), gain from the telephone and to it in dB, once before the line
        is fed. The gain is that of the whole path, voice, tones and Caller ID: levels in profiles.txt are
        those before it. False if the part must do with another: it took the nearest it has."""

class Store(Protocol):
    def rows(self, table: str) -> "Iterator[str]":
        """The lines of a read-only table on flash (those of firmware/*.txt), one in RAM at a time."""
    def load(self, name: str) -> "bytes | None":
        """A saved blob, whole, or None."""
    def save(self, name: str, data: bytes) -> bool:
        """Replace a blob atomically: a power cut leaves the old or the new one. Never in a call."""

class Cbc(Protocol):
    """AES-128 in CBC, from a zero IV on; each call goes on where the last one ended. `src` and `dst` have the
    same length, a multiple of 16 octets, and may be the same. One object, one direction; no allocation."""
    def encrypt(self, src: memoryview, dst: memoryview) -> None: ...
    def decrypt(self, src: memoryview, dst: memoryview) -> None: ...

class Crypto(Protocol):
    def md5(self, challenge: bytes, secret: bytes) -> bytes:
        """The 16 octets MD5(challenge || secret)."""
    def sha1(self, data: bytes) -> bytes:
        """The 20 octets SHA-1(data), for RSA signatures."""
    def aes(self, key: bytes) -> Cbc:
        """A cipher for encrypted calls under the 16 octets `key`; not in every tick."""
    def random(self, bits: int) -> int:
        """A random integer of 1 … 30 bits."""

class Serial(Protocol):
    def read(self) -> "bytes | None":
        """Octets typed at the console since the last call, or None."""
    def write(self, data: bytes) -> None:
        """Octets to the console; never blocks."""

class Box(Protocol):
    def feed_watchdog(self) -> None:
        """Tell the watchdog that the loop is alive; called from the loop only."""
    def link_up(self) -> bool:
        """Is there a network below UDP?"""
    def watch(self, log: object, stats: object) -> None:
        """Lend the board the log ring and the counters, for those that can show them."""
    def collect(self) -> None:
        """A good moment to collect garbage: the line is idle."""

class Hal(Protocol):
    clock: Clock
    net: Net
    pcm: Pcm
    slic: Slic
    store: Store
    crypto: Crypto
    serial: Serial
    box: Box
