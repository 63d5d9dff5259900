"""The small parts of the virtual board: converter, line interface, digests, console, box."""

import gc
import hashlib

from board.sim.link import Link


class Pcm:
    """A frame in and a frame out per 20 ms of line time. `ready`, `written` and `n_lost` are the clock's."""

    def __init__(self, link: Link) -> None:
        self._mouth = link.mouth
        self._ear = link.ear
        self.ready = False
        self.written = False
        self.n_lost = 0

    def read_into(self, frame: bytearray) -> bool:
        """Fill `frame` with the 20 ms that just ended at the telephone; False if that is done."""
        if not self.ready:
            return False
        self.ready = False
        frame[:] = self._mouth
        return True

    def write(self, frame: bytearray) -> bool:
        """Hand over the next 20 ms for the telephone; False if it has them already."""
        if self.written:
            return False
        self.written = True
        self._ear[:] = frame
        return True

    def lost(self) -> int:
        """Return the frames lost since the last call: the host was too slow for real time."""
        lost = self.n_lost
        self.n_lost = 0
        return lost


class Slic:
    """The line interface: the state comes with the tick, the orders leave with the reply."""

    def __init__(self, link: Link) -> None:
        self.state = 0
        self.feed = 0
        self.ring_dhz = 0

    def line_state(self) -> int:
        """Return the bits LOOP_CLOSED, RING_TRIP, FAULT; not debounced."""
        return self.state

    def edge(self) -> int:
        """Return -1: the loop is sampled, no change has a stamp."""
        return -1

    def set_feed(self, mode: int) -> None:
        """Order a feed mode."""
        self.feed = mode

    def set_ring(self, ring_dhz: int) -> bool:
        """Order the ringing frequency, 16 to 60 Hz in tenths of a hertz."""
        if ring_dhz < 160 or ring_dhz > 600:
            return False
        self.ring_dhz = ring_dhz
        return True

    def set_line(self, impedance: str, tx_db: int, rx_db: int) -> bool:
        """Take it: the simulated line has no impedance, and its levels are those of the exchange."""
        return True


class Crypto:
    """Digests and AES as they are; random numbers repeat with their seed, as the run must."""

    def __init__(self, seed: int) -> None:
        self._state = (seed * 7919 + 104729) & 0x3FFFFFFF or 1
        for _ in range(8):
            self.random(1)

    def md5(self, challenge: bytes, secret: bytes) -> bytes:
        """Return the 16 octets MD5(challenge || secret)."""
        digest = hashlib.md5(challenge)
        digest.update(secret)
        return digest.digest()

    def sha1(self, data: bytes) -> bytes:
        """Return the 20 octets SHA-1(data)."""
        return hashlib.sha1(data).digest()

    def aes(self, key: bytes):
        """Return AES-128 in CBC under `key`, zero IV at first."""
        from board.sim.aes import cbc

        return cbc(key)

    def random(self, bits: int) -> int:
        """Return an integer of `bits` bits, 1 … 30, from a xorshift register of 30."""
        x = self._state
        x ^= (x & 0x1FFFF) << 13
        x ^= x >> 17
        x ^= (x & 0x1FFFFFF) << 5
        self._state = x
        return x >> (30 - bits)


class Serial:
    """The console, over the link."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def read(self) -> "bytes | None":
        """Return octets typed since the last call, or None."""
        link = self._link
        if not link.console:
            return None
        typed = link.console
        link.console = b""
        return typed

    def write(self, data: bytes) -> None:
        """Say something."""
        self._link.send_text(0x43, data)  # C


class Box:
    """The rest of the box. The network below UDP is always there."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.log = None
        self.stats = None
        self.n_fed = 0

    def feed_watchdog(self) -> None:
        """Nothing bites here; the host notices a box that hangs."""

    def link_up(self) -> bool:
        """Return True."""
        return True

    def watch(self, log: object, stats: object) -> None:
        """Keep the log ring and the counters: the clock shows them to the host."""
        self.log = log
        self.stats = stats

    def collect(self) -> None:
        """Collect garbage."""
        gc.collect()
