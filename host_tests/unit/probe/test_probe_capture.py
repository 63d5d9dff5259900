"""Captures of every link type that the probe claims to read, also in tshark's eyes."""

import ipaddress
import struct
import subprocess

import need
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peer import wire
from tools.probe_lib import capture
from tools.vphone_lib import pcap as writer

SRC, DST = ("192.0.2.2", 40000), ("192.0.2.1", 4569)
POKE = wire.iax(2, 0, 3, 0, 0, "POKE")
IP4 = writer.packet(SRC, DST, POKE)
SRC6, DST6 = ("2001:db8::2", 40000), ("2001:db8::1", 4569)


def ip6(payload: bytes, extension: bytes = b"", kind: int = 17) -> bytes:
    """Return an IPv6 packet with UDP, with extension headers before it if given."""
    hosts = b"".join(ipaddress.IPv6Address(end[0]).packed for end in (SRC6, DST6))
    n = 8 + len(payload)
    udp = struct.pack(">HHHH", SRC6[1], DST6[1], n, 0) + payload
    total = sum(struct.unpack(f">{len(hosts + udp) // 2}H", hosts + udp)) + n + 17
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    udp = udp[:6] + struct.pack(">H", ~total & 0xFFFF or 0xFFFF) + udp[8:]
    return struct.pack(">IHBB", 6 << 28, len(extension) + n, kind, 64) + hosts + extension + udp


ETHER = bytes(12)
LINKS = {
    "null": (0, b"\x02\0\0\0" + IP4), "null-big": (0, b"\0\0\0\x02" + IP4),
    "null-6": (0, b"\x1e\0\0\0" + ip6(POKE)),
    "ethernet": (1, ETHER + b"\x08\0" + IP4), "ethernet-6": (1, ETHER + b"\x86\xdd" + ip6(POKE)),
    "vlan": (1, ETHER + b"\x81\0\0\x05\x08\0" + IP4),
    "two-vlans": (1, ETHER + b"\x88\xa8\0\x05\x81\0\0\x06\x08\0" + IP4),
    "ppp": (9, b"\xff\x03\0\x21" + IP4), "ppp-short": (9, b"\0\x21" + IP4), "raw": (101, IP4),
    "raw-6": (101, ip6(POKE)), "loop": (108, b"\0\0\0\x02" + IP4),
    "cooked": (113, b"\0\0\x03\x04\0\0" + bytes(8) + b"\x08\0" + IP4),
    "cooked2": (276, b"\x08\0\0\0" + bytes(4) + b"\x03\x04\0\0" + bytes(8) + IP4), "ipv4": (228, IP4),
    "ipv6": (229, ip6(POKE)), "hop-by-hop": (229, ip6(POKE, b"\x11\0\x01\x04\0\0\0\0", 0)),
}  # fmt: skip


def file_of(link: int, packet: bytes, order: str = "<", nano: bool = False, whole: int = 0) -> bytes:
    """Return a capture of one packet at 1000.5 s."""
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    head = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    fraction = 500_000_000 if nano else 500_000
    return head + struct.pack(order + "IIII", 1000, fraction, len(packet), whole or len(packet)) + packet


@pytest.mark.parametrize("name", LINKS)
def test_link_type_is_read(name):
    (found,) = capture.read(file_of(*LINKS[name]))
    assert found.octets == POKE and not found.note
    six = "6" in name or name == "hop-by-hop"
    assert (found.src, found.dst) == ((SRC6, DST6) if six else (SRC, DST))


@pytest.mark.parametrize("name", LINKS)
def test_tshark_reads_the_same_in_it(name, tmp_path):
    need.program("tshark")
    (tmp_path / "x.pcap").write_bytes(file_of(*LINKS[name]))
    command = ["tshark", "-n", "-r", str(tmp_path / "x.pcap"), "-T", "fields", "-e", "iax2.src_call", "-e"]
    done = subprocess.run([*command, "udp.srcport"], capture_output=True, text=True, timeout=50, check=True)
    assert done.stdout.split() == ["2", "40000"]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nano", [False, True])
def test_both_byte_orders_and_both_clocks(order, nano):
    (found,) = capture.read(file_of(101, IP4, order, nano))
    assert found.t_s == pytest.approx(1000.5) and found.octets == POKE


def test_ip_options_are_passed_over():
    packet = bytes((0x46,)) + IP4[1:20] + b"\x01\x01\x01\x01" + IP4[20:]
    (found,) = capture.read(file_of(101, packet))
    assert found.octets == POKE


def test_what_was_cut_short_says_so():
    (found,) = capture.read(file_of(101, IP4[:-4], whole=len(IP4)))
    assert found.octets == POKE[:-4] and found.note == "cut short when it was captured"


def test_the_first_piece_of_a_fragmented_packet_says_so_and_the_others_are_no_datagrams():
    first = IP4[:6] + b"\x20\0" + IP4[8:]
    (found,) = capture.read(file_of(101, first))
    assert found.note == "first piece of an IP packet in fragments"
    assert list(capture.read(file_of(101, IP4[:6] + b"\x20\x02" + IP4[8:]))) == []
    six = ip6(POKE, b"\x11\0\0\x01\0\0\0\x09", 44)
    (found,) = capture.read(file_of(229, six))
    assert found.note == "first piece of an IP packet in fragments"


def test_other_protocols_are_passed_over():
    assert list(capture.read(file_of(101, IP4[:9] + b"\x06" + IP4[10:]))) == []
    assert list(capture.read(file_of(1, ETHER + b"\x08\x06" + bytes(28)))) == []


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"\x0a\x0d\x0d\x0a" + bytes(40), "editcap -F pcap"), (file_of(147, IP4), "link type 147"),
        (b"\xd4\xc3\xb2\xa1" + bytes(5), "ends within the header"),
    ],
)  # fmt: skip
def test_captures_beyond_us_say_what_to_do(octets, words):
    assert capture.is_capture(octets)
    with pytest.raises(capture.CaptureError, match=words):
        list(capture.read(octets))


@given(st.sampled_from([link for link, _ in LINKS.values()]), st.binary(max_size=90), st.integers(0, 60))
def test_any_packet_at_all_is_survived(link, octets, keep):
    for packet in (octets, IP4[:keep] + octets, ip6(POKE)[:keep] + octets):
        list(capture.read(file_of(link, packet)))
