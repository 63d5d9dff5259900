"""Reads encrypted calls of a capture that holds their beginning, given the account's secret.

AES-128-CBC with a zero IV, the key MD5(challenge, secret) from AUTHREQ on, or what an RTKEY brought; 16 to 31
octets of padding come first, whose 16th tells how many (RFC 5456, section 8.1.4; RTKEY is Asterisk's).
"""

import hashlib

from tools.vphone_lib import frames

from .capture import Datagram
from .lines import Address
from .told import UsageError

try:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
except ModuleNotFoundError:
    raise UsageError("--secret needs the package cryptography: sh tools/env.sh tools/iaxprobe.py …") from None

_HEADER = 12
_BLOCK = 16
_CHALLENGE, _ENCRYPTION = 15, 43
_KEYS = 3  # of one sender: the newest, and older ones for what is late
Sender = tuple["Address | None", int]


class Unsealer:
    """Follows the keys of every call, frame by frame."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._keys: "dict[Sender, list[bytes]]" = {}

    def clear(self, datagram: Datagram) -> "bytes | None":
        """Return the frame inside an encrypted datagram, None if it is clear, or sealed with another key."""
        octets = datagram.octets
        if len(octets) < 4:
            return None
        sender = (datagram.src, int.from_bytes(octets[:2], "big") & 0x7FFF)
        for key in self._keys.get(sender, ()):
            plain = _decrypt(key, octets)
            if plain is not None:
                self._learn(plain, datagram)
                return plain
        self._learn(octets, datagram)
        return None

    def _learn(self, frame: bytes, datagram: Datagram) -> None:
        """Take the key that AUTHREQ or RTKEY brings."""
        head = frames.decode(frame)
        if head["type"] != "IAX" or head["subclass"] not in ("AUTHREQ", "RTKEY"):
            return
        elements = _elements(frame[_HEADER:])
        challenge = elements.get(_CHALLENGE, b"")
        if head["subclass"] == "RTKEY" and len(challenge) == _BLOCK:
            self._add((datagram.src, head["src"]), challenge)
        elif head["subclass"] == "AUTHREQ" and _ENCRYPTION in elements:
            key = hashlib.md5(challenge + self._secret).digest()
            self._keys.pop((datagram.src, head["src"]), None)
            self._keys.pop((datagram.dst, head["dst"]), None)
            self._add((datagram.src, head["src"]), key)
            self._add((datagram.dst, head["dst"]), key)

    def _add(self, sender: Sender, key: bytes) -> None:
        known = self._keys.setdefault(sender, [])
        if key not in known:
            known.insert(0, key)
            del known[_KEYS:]


def _decrypt(key: bytes, octets: bytes) -> "bytes | None":
    """Return the frame, None if these octets make none under this key."""
    head = 4 if octets[0] & 0x80 else 2
    body = octets[head:]
    if len(body) < 2 * _BLOCK or len(body) % _BLOCK:
        return None
    decryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(_BLOCK))).decryptor()
    plain = decryptor.update(body) + decryptor.finalize()
    frame = octets[:head] + plain[_BLOCK + (plain[15] & 15) :]
    if head == 2:
        return frame
    seen = frames.decode(frame)
    known = isinstance(seen["type"], str) and seen["type"] not in ("", "RUNT")
    return frame if known and (seen["type"] != "IAX" or isinstance(seen["subclass"], str)) else None


def _elements(body: bytes) -> "dict[int, bytes]":
    found, at = {}, 0
    while at + 2 <= len(body):
        found[body[at]] = body[at + 2 : at + 2 + body[at + 1]]
        at += 2 + body[at + 1]
    return found
