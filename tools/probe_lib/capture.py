"""Reads UDP datagrams out of a classic pcap file, of any link type that tcpdump and Wireshark commonly write.

The format is that of the libpcap manual (pcap-savefile): either byte order, micro- or nanoseconds.
"""

import ipaddress
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from .lines import Address

_MAGICS = {b"\xa1\xb2\xc3\xd4": (">", 1e-6), b"\xd4\xc3\xb2\xa1": ("<", 1e-6)}
_MAGICS |= {b"\xa1\xb2\x3c\x4d": (">", 1e-9), b"\x4d\x3c\xb2\xa1": ("<", 1e-9)}
_PCAPNG = b"\x0a\x0d\x0d\x0a"
_UDP = 17
_IP4, _IP6 = 0x0800, 0x86DD
_TAGS = (0x8100, 0x88A8, 0x9100)  # VLANs
_IP6_SKIP = (0, 43, 60, 135)  # extension headers with a length of their own
_FRAGMENT = 44


class CaptureError(Exception):
    """The capture cannot be read; the text says what to do."""


@dataclass
class Datagram:
    """What passed at `t_s`, from whom to whom; `note` says why the octets are not all there."""

    t_s: float
    src: "Address | None"
    dst: "Address | None"
    octets: bytes
    note: str = ""


def is_capture(octets: bytes) -> bool:
    """True for what begins as a capture, pcapng included."""
    return octets[:4] in _MAGICS or octets[:4] == _PCAPNG


def read(octets: bytes) -> "Iterator[Datagram]":
    """Yield each UDP datagram of a capture file, oldest first. CaptureError if there is no reading it."""
    if octets[:4] == _PCAPNG:
        raise CaptureError("this is pcapng: convert it with `editcap -F pcap IN OUT`")
    if len(octets) < 24:
        raise CaptureError("the file ends within the header of the capture")
    order, unit = _MAGICS[octets[:4]]
    link = struct.unpack_from(order + "I", octets, 20)[0] & 0xFFFF
    if link not in _LINKS:
        raise CaptureError(f"link type {link} is not known here: capture again, or export with Wireshark")
    at = 24
    while at + 16 <= len(octets):
        seconds, fraction, kept, whole = struct.unpack_from(order + "IIII", octets, at)
        found = _datagram(octets[at + 16 : at + 16 + kept], link)
        at += 16 + kept
        if found is not None:
            found.t_s = seconds + fraction * unit
            if kept < whole and not found.note:
                found.note = "cut short when it was captured"
            yield found


# -- link layers: each returns (offset of the IP packet, protocol number of Ethernet) ------------------


def _ethernet(packet: bytes, at: int = 12) -> "tuple[int, int]":
    kind = int.from_bytes(packet[at : at + 2], "big")
    while kind in _TAGS:
        at += 4
        kind = int.from_bytes(packet[at : at + 2], "big")
    return at + 2, kind


def _loopback(packet: bytes) -> "tuple[int, int]":
    """Read the 4 octets of BSD: an address family in anyone's byte order; the packet itself knows better."""
    return 4, _version(packet[4:])


def _raw(packet: bytes) -> "tuple[int, int]":
    return 0, _version(packet)


def _ppp(packet: bytes) -> "tuple[int, int]":
    at = 2 if packet[:2] == b"\xff\x03" else 0
    return at + 2, {0x0021: _IP4, 0x0057: _IP6}.get(int.from_bytes(packet[at : at + 2], "big"), 0)


def _cooked(packet: bytes) -> "tuple[int, int]":
    return _ethernet(packet, 14)


def _cooked2(packet: bytes) -> "tuple[int, int]":
    return 20, int.from_bytes(packet[:2], "big")


def _version(packet: bytes) -> int:
    return {4: _IP4, 6: _IP6}.get(packet[0] >> 4, 0) if packet else 0


_LINKS = {
    0: _loopback, 1: _ethernet, 9: _ppp, 12: _raw, 14: _raw, 101: _raw, 108: _loopback, 113: _cooked,
    228: _raw, 229: _raw, 276: _cooked2,
}  # fmt: skip


# -- IP and UDP ----------------------------------------------------------------------------------------


def _datagram(packet: bytes, link: int) -> "Datagram | None":
    """Return the UDP datagram in a packet, None if there is none."""
    at, kind = _LINKS[link](packet)
    if kind == _IP4 and len(packet) >= at + 20:
        return _ip4(packet, at)
    if kind == _IP6 and len(packet) >= at + 40:
        return _ip6(packet, at)
    return None


def _ip4(packet: bytes, at: int) -> "Datagram | None":
    fragment = int.from_bytes(packet[at + 6 : at + 8], "big")
    if packet[at + 9] != _UDP or fragment & 0x1FFF:
        return None
    src, dst = (str(ipaddress.IPv4Address(packet[at + n : at + n + 4])) for n in (12, 16))
    return _udp(packet, at + (packet[at] & 15) * 4, src, dst, fragment & 0x2000 != 0)


def _ip6(packet: bytes, at: int) -> "Datagram | None":
    src, dst = (str(ipaddress.IPv6Address(packet[at + n : at + n + 16])) for n in (8, 24))
    kind, more = packet[at + 6], False
    at += 40
    while len(packet) >= at + 8 and (kind in _IP6_SKIP or kind == _FRAGMENT):
        size = 8 if kind == _FRAGMENT else 8 + packet[at + 1] * 8
        if kind == _FRAGMENT:
            place = int.from_bytes(packet[at + 2 : at + 4], "big")
            if place >> 3:
                return None
            more = place & 1 == 1
        kind, at = packet[at], at + size
    return _udp(packet, at, src, dst, more) if kind == _UDP else None


def _udp(packet: bytes, at: int, src: str, dst: str, fragment: bool) -> "Datagram | None":
    if len(packet) < at + 8:
        return None
    ports = struct.unpack_from(">HH", packet, at)
    size = int.from_bytes(packet[at + 4 : at + 6], "big") - 8
    octets = packet[at + 8 : at + 8 + max(0, size)]
    note = "first piece of an IP packet in fragments" if fragment else ""
    if len(octets) < size and not note:
        note = "cut short when it was captured"
    return Datagram(0.0, (src, ports[0]), (dst, ports[1]), octets, note)
