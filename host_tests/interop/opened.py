"""Captures of encrypted calls, opened: the keys follow from the secret and from what the calls say.

A test looks at the clear frames, and the clear capture takes the place of the encrypted one, so that tshark
can judge it like any other.
"""

import struct
from pathlib import Path

from interop.captures import HEADER, packets

from peer import secrecy, wire
from tools.vphone_lib import pcap

YES, FORCE = "secretyes", "secretforce"
ACCOUNTS = {YES: {"encryption": "yes"}, FORCE: {"encryption": "aes128", "forceencryption": "yes"}}
_IP_UDP = 28  # octets before the datagram
_KEPT = "sealed.pcap"  # the capture as it was on the wire


class _Keys:
    """The keys of all calls in a capture, by who sends and its call number; the newest first."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.known: dict[tuple[int, int], list[bytes]] = {}

    def open(self, src: int, dst: int, datagram: bytes) -> tuple[dict, bool]:
        """Return (the clear frame, whether it was encrypted). src, dst: UDP ports."""
        number = int.from_bytes(datagram[:2], "big") & 0x7FFF
        for key in self.known.get((src, number), []):
            frame = wire.decode(secrecy.decrypt(key, datagram) or b"")
            if _makes_sense(frame):
                self._learn(frame, src, dst)
                return frame, True
        frame = wire.decode(datagram)
        self._learn(frame, src, dst)
        return frame, False

    def _learn(self, frame: dict, src: int, dst: int) -> None:
        challenge = frame.get("ie", {}).get("CHALLENGE", b"")
        if frame["name"] == "AUTHREQ" and frame["ie"].get("ENCRYPTION"):
            key = secrecy.first_key(challenge, self.secret)
            self.known[src, frame["src"]] = [key]
            self.known[dst, frame["dst"]] = [key]
        elif frame["name"] == "RTKEY" and len(challenge) == 16:
            keys = self.known.setdefault((src, frame["src"]), [])
            if challenge not in keys:
                keys.insert(0, challenge)


def _makes_sense(frame: dict) -> bool:
    if frame["kind"] == "mini":
        return len(frame["payload"]) == 160
    return frame["kind"] == "full" and 1 <= frame["type"] <= 12 and frame.get("ies", ()) is not None


def _legible(frame: dict) -> bytes:
    """Return a clear frame for tshark, which takes any CHALLENGE for text: a key may have an octet 0."""
    raw: bytes = frame["raw"]
    return raw[:14] + b"K" * (len(raw) - 14) if frame["name"] == "RTKEY" else raw


def open_capture(folder: Path, secret: str) -> list[dict]:
    """Return the frames of net.pcap in `folder` in order, clear, as wire.decode tells them.

    Beside: `port` (the sender's), `sealed` (was it encrypted), `size` (octets on the wire). The file then
    holds the clear frames.
    """
    path, kept = folder / "net.pcap", folder / _KEPT
    if not kept.exists():
        path.rename(kept)
    keys, frames, rows = _Keys(secret), [], []
    for row in packets(kept):
        src, dst = struct.unpack_from(">HH", row, 16 + 20)
        datagram = row[16 + _IP_UDP :]
        frame, sealed = keys.open(src, dst, datagram)
        frames.append({**frame, "port": src, "sealed": sealed, "size": len(datagram)})
        octets = pcap.packet(("127.0.0.1", src), ("127.0.0.1", dst), _legible(frame))
        rows.append(row[:8] + struct.pack("<II", len(octets), len(octets)) + octets)
    path.write_bytes(kept.read_bytes()[:HEADER] + b"".join(rows))
    return frames
