"""Reads encrypted calls from their beginning on, given the secrets of the accounts.

AES-128-CBC with a zero IV, the key MD5(challenge, secret) from AUTHREQ on, or what an RTKEY brought; 16 to 31
octets of padding come first, whose 16th tells how many (RFC 5456, section 8.1.4; RTKEY is Asterisk's).
"""

import hashlib
from collections.abc import Hashable

from . import frames

try:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
except ModuleNotFoundError:
    Cipher = algorithms = modes = None

CAN = Cipher is not None
_HEADER = 12
_BLOCK = 16
_LEAST = 4 + 2 * _BLOCK  # octets of an encrypted full frame
_CHALLENGE, _ENCRYPTION = 15, 43
_KEYS = 3  # of one sender and secret: the newest, and older ones for what is late
Sender = tuple[Hashable, int]


class Unsealer:
    """Follows the keys of every call, frame by frame. Without the package cryptography it opens none."""

    def __init__(self, *secrets: str) -> None:
        self._secrets = [secret.encode() for secret in dict.fromkeys(secrets)]
        self._keys: "dict[Sender, list[bytes]]" = {}

    def clear(self, src: Hashable, dst: Hashable, octets: bytes) -> "bytes | None":
        """Return the frame inside an encrypted datagram, None if it is clear, or sealed with another key.

        src, dst: whatever tells one end from the other.
        """
        if len(octets) < 4:
            return None
        sender = (src, int.from_bytes(octets[:2], "big") & 0x7FFF)
        for key in self._keys.get(sender, ()):
            plain = _decrypt(key, octets)
            if plain is not None:
                self._learn(plain, src, dst)
                return plain
        self._learn(octets, src, dst)
        return None

    def decode(self, src: Hashable, dst: Hashable, octets: bytes) -> dict:
        """Return what frames.decode does; what cannot be opened has the type ENCRYPTED and no subclass."""
        plain = self.clear(src, dst, octets) if octets[:1] >= b"\x80" else None  # no more of a mini frame
        seen = frames.decode(octets if plain is None else plain)
        number = int.from_bytes(octets[:2], "big") & 0x7FFF
        if plain is None and len(octets) >= _LEAST and (src, number) in self._keys and not _is_known(seen):
            seen = {"type": "ENCRYPTED", "src": number, "dst": seen["dst"], "retry": seen["retry"]}
        return {**seen, "n": len(octets)}

    def _learn(self, frame: bytes, src: Hashable, dst: Hashable) -> None:
        """Take the key that AUTHREQ or RTKEY brings."""
        head = frames.decode(frame)
        if head["type"] != "IAX" or head["subclass"] not in ("AUTHREQ", "RTKEY"):
            return
        elements = _elements(frame[_HEADER:])
        challenge = elements.get(_CHALLENGE, b"")
        if head["subclass"] == "RTKEY" and len(challenge) == _BLOCK:
            self._add((src, head["src"]), challenge)
        elif head["subclass"] == "AUTHREQ" and _ENCRYPTION in elements:
            ends = ((src, head["src"]), (dst, head["dst"]))
            for end in ends:
                self._keys.pop(end, None)
                for secret in self._secrets:
                    self._add(end, hashlib.md5(challenge + secret).digest())

    def _add(self, sender: Sender, key: bytes) -> None:
        known = self._keys.setdefault(sender, [])
        if key not in known:
            known.insert(0, key)
            del known[_KEYS * len(self._secrets) :]


def _is_known(seen: dict) -> bool:
    """True for a full frame whose type exists, and its subclass where that has a name."""
    known = isinstance(seen["type"], str) and seen["type"] not in ("", "RUNT")
    return known and (seen["type"] != "IAX" or isinstance(seen["subclass"], str))


def _decrypt(key: bytes, octets: bytes) -> "bytes | None":
    """Return the frame, None if these octets make none under this key."""
    head = 4 if octets[0] & 0x80 else 2
    body = octets[head:]
    if len(body) < 2 * _BLOCK or len(body) % _BLOCK:
        return None
    if Cipher is None or algorithms is None or modes is None:
        return None
    decryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(_BLOCK))).decryptor()
    plain = decryptor.update(body) + decryptor.finalize()
    frame = octets[:head] + plain[_BLOCK + (plain[15] & 15) :]
    return frame if head == 2 or _is_known(frames.decode(frame)) else None


def _elements(body: bytes) -> "dict[int, bytes]":
    found, at = {}, 0
    while at + 2 <= len(body):
        found[body[at]] = body[at + 2 : at + 2 + body[at + 1]]
        at += 2 + body[at + 1]
    return found
