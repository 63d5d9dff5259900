"""The peer's own encoder and decoder: against octets a real Asterisk sent, against tshark, against itself."""

import json
import random
import struct
import subprocess

import need
import pytest

from host_tests.peer import media, wire
from host_tests.peer import numbers as n

# Seen from Asterisk 22.10 on loopback.
REGACK = (
    "a4410066 00000003 01 02 06 0f 0604 61746131 1f04 3576ae6d 1302 003c"
    "1210 0200eaed7f0000010000000000000000 1802 0000 0203 313030 0407 415441204f6e65 2202 0018"
)
ACCEPT = "836f00c8 00000012 01 02 06 07 0904 00000004 3809 00 0000000000000004"
PONG = "80010069 00000000 00 01 06 03"
POKE = "b5f48000 00000003 00 00 06 1e 3600"
NEW = (
    "a0c90000 00000006 00 00 06 01 0b020002 0103 373030 2d06 444543464748 0200 260143 270100 28020000"
    "390400000000 0400 0a02 656e 2b028001 090400000004 3809000000000000000004 08040000086e"
    "370900000000000000086e 0c020002 1f043576aecc 3600"
)


def test_a_regack_of_asterisk_is_read_field_by_field():
    frame = wire.decode(bytes.fromhex(REGACK))
    assert len(frame["raw"]) == 68
    assert (frame["src"], frame["dst"], frame["oseq"], frame["iseq"]) == (0x2441, 0x66, 1, 2)
    assert frame["name"] == "REGACK"
    assert frame["ie"]["USERNAME"] == "ata1"
    assert frame["ie"]["REFRESH"] == 60
    assert frame["ie"]["APPARENT_ADDR"] == wire.apparent_addr(("127.0.0.1", 0xEAED))
    assert frame["ie"]["CALLING_NAME"] == "ATA One"


@pytest.mark.parametrize("text", [REGACK, ACCEPT, PONG, POKE, NEW])
def test_what_asterisk_sent_is_built_again_octet_by_octet(text):
    raw = bytes.fromhex(text)
    f = wire.decode(raw)
    payload = b"".join(wire.ie(number, value) for number, value in f["ies"])
    built = wire.full(
        f["src"], f["dst"], f["ts"], f["oseq"], f["iseq"], f["type"], f["subclass"], payload, f["r"]
    )
    assert built == raw
    again = b"".join(wire.ie(name, f["ie"][name]) for name in (n.IE_NAMES[k] for k, _ in f["ies"]))
    assert again == payload


def test_the_trunk_frame_seen_is_built_octet_by_octet():
    seen = bytes.fromhex("0000 01 01 00000000 00a0 1cf1 0019") + b"\xff" * 160
    assert wire.trunk(0, [(0x1CF1, 25, b"\xff" * 160)]) == seen


@pytest.mark.parametrize(
    ("subclass", "octet"), [(4, 4), (8, 8), (64, 64), (1 << 11, 0x8B), (1 << 34, 0xA2), (-1, 255), (255, 255)]
)
def test_subclasses_are_compressed_as_powers_of_two(subclass, octet):
    assert wire.pack_subclass(subclass) == octet
    assert wire.unpack_subclass(octet) == (255 if subclass == -1 else subclass)


def test_mini_time_stamps_unwrap_both_ways_across_65536():
    assert wire.unwrap16(65535, 19) == 65555
    assert wire.unwrap16(65555, 65530) == 65530
    assert wire.unwrap16(5, 65530) == 65530


def test_any_octets_at_all_are_decoded_without_an_exception():
    rng = random.Random(3)
    for _ in range(5000):
        frame = wire.decode(rng.randbytes(rng.randrange(0, 60)))
        assert frame["kind"] in ("full", "mini", "video", "meta", "runt")


@pytest.mark.parametrize("payload", ["0b0200", "0b", "0b02000200"])
def test_a_broken_element_list_is_told_from_a_good_one(payload):
    assert wire.split_ies(bytes.fromhex(payload)) is None


@pytest.mark.parametrize("codec", [n.ULAW, n.ALAW])
def test_g711_octets_survive_decoding_and_encoding(codec):
    octets = bytes(range(256))
    again = media.encode(codec, media.decode(codec, octets).ljust(512, b"\0"))
    different = [i for i in range(256) if again[i] != octets[i]]
    assert different in ([], [0x7F])  # mu-law has two zeros
    assert media.encode(n.ULAW, media.SILENCE) == b"\xff" * 160
    assert media.encode(n.ALAW, media.SILENCE) == b"\xd5" * 160


def test_the_milliwatt_has_the_level_of_0_dbm0():
    pcm = struct.unpack("<4000h", b"".join(media.tone(1004, seconds=0.5)))
    rms = (sum(v * v for v in pcm) / 4000) ** 0.5
    assert abs(rms - 32767 / 2**0.5 * 10 ** (-3.17 / 20)) < 5


def _pcap(path, datagrams):
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        for ms, to_peer, raw in datagrams:
            ports = (40000, 4569) if to_peer else (4569, 40000)
            udp = struct.pack(">HHHH", *ports, 8 + len(raw), 0) + raw
            ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + b"\x7f\0\0\x01" * 2
            size = len(ip + udp)
            file.write(struct.pack("<IIII", int(ms) // 1000, int(ms * 1000) % 1000000, size, size) + ip + udp)


def test_tshark_reads_a_registration_and_two_calls_without_a_fault(phone, peer, tmp_path):
    need.program("tshark")
    peer.accounts["ata1"].qualify_ms = 2000
    peer.accounts["ata1"].mailbox = (2, 1)
    phone.register()
    for number in ("602", "603", "999"):
        phone.call(number, src=int(number))
        phone.run(3500)
    peer.call_device("ata1", name="Anna", autoanswer=True)
    phone.run(13000)
    _pcap(tmp_path / "net.pcap", phone.wire)
    command = ["tshark", "-r", str(tmp_path / "net.pcap"), "-d", "udp.port==4569,iax2", "-T", "json"]
    packets = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert len(packets) == len(phone.wire)
    for packet, (_, _, raw) in zip(packets, phone.wire, strict=True):
        layers = packet["_source"]["layers"]
        assert "iax2" in layers
        assert "_ws.malformed" not in layers
        frame, seen = wire.decode(raw), layers["iax2"]["iax2.packet_type_tree"]
        assert int(seen["iax2.src_call"]) == frame["src"]
        if frame["kind"] == "full":
            assert int(seen["iax2.oseqno"]) == frame["oseq"]
            assert int(seen["iax2.timestamp"]) == frame["ts"]
            assert int(seen["iax2.type"]) == frame["type"]
