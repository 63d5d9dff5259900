"""The three small parts of the stub: digests and dice, the console, the box."""

import hashlib

from stub_hal.dice import Dice


class Crypto:
    """Digests and AES as they are; random numbers from a seed, or those of `next_random` first."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.next_random: "list[int]" = []

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
        from stub_hal.aes import cbc

        return cbc(key)

    def random(self, bits: int) -> int:
        """Return a random integer of 1 … 30 bits."""
        if self.next_random:
            return self.next_random.pop(0) & ((1 << bits) - 1)
        return self.dice.bits(bits)


class Serial:
    """The console: `type` puts octets in, `said` keeps what came out."""

    def __init__(self) -> None:
        self.typed: "list[bytes]" = []
        self.said = bytearray()

    def read(self) -> "bytes | None":
        """Return octets typed since the last call, or None."""
        return self.typed.pop(0) if self.typed else None

    def write(self, data: bytes) -> None:
        """Keep what the box says."""
        self.said.extend(data)

    def type(self, text: str) -> None:
        """Type one line; the end of the line is added."""
        self.typed.append(text.encode() + b"\r\n")


class Box:
    """Counts the calls of the watchdog and of the collector; `link` is the network below UDP."""

    def __init__(self) -> None:
        self.n_fed = 0
        self.n_collected = 0
        self.link = True
        self.log: object = None
        self.stats: object = None

    def feed_watchdog(self) -> None:
        """Count it."""
        self.n_fed += 1

    def link_up(self) -> bool:
        """Return `link`."""
        return self.link

    def watch(self, log: object, stats: object) -> None:
        """Keep the log ring and the counters for the test."""
        self.log = log
        self.stats = stats

    def collect(self) -> None:
        """Count it."""
        self.n_collected += 1
