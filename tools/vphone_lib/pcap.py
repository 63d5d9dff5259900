"""Writes a capture file that tshark reads: raw IPv4 with UDP, the real addresses and ports of both ends."""

import socket
import struct
from pathlib import Path

_MAGIC = 0xA1B2C3D4
_LINKTYPE_RAW = 101
_SNAPLEN = 65535
_UDP = 17
_TTL = 64


def _sum16(data: bytes) -> int:
    """Return the ones' complement sum of RFC 1071, not inverted."""
    if len(data) & 1:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def packet(src: "tuple[str, int]", dst: "tuple[str, int]", payload: bytes, ident: int = 0) -> bytes:
    """Return one IPv4 packet with both checksums right (RFC 791, RFC 768)."""
    src_ip, dst_ip = socket.inet_aton(src[0]), socket.inet_aton(dst[0])
    n = 8 + len(payload)
    udp = struct.pack(">HHHH", src[1], dst[1], n, 0)
    check = ~_sum16(src_ip + dst_ip + struct.pack(">HH", _UDP, n) + udp + payload) & 0xFFFF
    udp = struct.pack(">HHHH", src[1], dst[1], n, check or 0xFFFF)
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + n, ident & 0xFFFF, 0, _TTL, _UDP, 0) + src_ip + dst_ip
    head = head[:10] + struct.pack(">H", ~_sum16(head) & 0xFFFF) + head[12:]
    return head + udp + payload


class Pcap:
    """A capture under way. Without a path it writes nothing."""

    def __init__(self, path: "Path | None", began_s: float) -> None:
        self._began_s = began_s
        self._file = open(path, "wb") if path else None  # noqa: SIM115  closed by close()
        self._ident = 0
        if self._file:
            self._file.write(struct.pack("<IHHiIII", _MAGIC, 2, 4, 0, 0, _SNAPLEN, _LINKTYPE_RAW))

    def put(self, t_ms: float, src: "tuple[str, int]", dst: "tuple[str, int]", payload: bytes) -> None:
        """Write one datagram that passed at `t_ms` of the run."""
        if not self._file:
            return
        self._ident += 1
        octets = packet(src, dst, payload, self._ident)
        us = round((self._began_s + t_ms / 1000) * 1_000_000)
        self._file.write(struct.pack("<IIII", us // 1_000_000, us % 1_000_000, len(octets), len(octets)))
        self._file.write(octets)

    def close(self) -> None:
        """Finish the file."""
        if self._file:
            self._file.close()
            self._file = None
