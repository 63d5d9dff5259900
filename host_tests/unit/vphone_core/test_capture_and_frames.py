"""The capture file and the decoder of headers, against independent readers."""

import json
import subprocess

import need
from interop import captures

from peer import secrecy, wire
from tools.vphone_lib import frames, pcap, unseal

US, THEM = ("192.0.2.2", 4570), ("192.0.2.1", 4569)


def test_both_checksums_are_right():
    packet = pcap.packet(US, THEM, b"odd")
    assert pcap._sum16(packet[:20]) == 0xFFFF
    pseudo = packet[12:20] + bytes((0, 17)) + packet[24:26]
    assert pcap._sum16(pseudo + packet[20:]) == 0xFFFF


def test_tshark_reads_addresses_times_and_frames(tmp_path):
    need.program("tshark")
    capture = pcap.Pcap(tmp_path / "x.pcap", 1_000_000_000.0)
    capture.put(20.0, US, THEM, wire.iax(2, 0, 0, 0, 0, "POKE"))
    capture.put(1234.567, THEM, US, wire.iax(1, 2, 0, 0, 1, "PONG"))
    capture.close()
    read = subprocess.run(
        ["tshark", "-r", str(tmp_path / "x.pcap"), "-T", "json"], capture_output=True, text=True, check=True
    )
    first, second = (packet["_source"]["layers"] for packet in json.loads(read.stdout))
    assert first["ip"]["ip.src"] == US[0]
    assert first["udp"]["udp.dstport"] == "4569"
    assert "iax2" in first
    assert "iax2" in second
    assert abs(float(second["frame"]["frame.time_relative"]) - 1.214567) < 1e-5


def test_a_server_of_another_test_is_judged_as_iax2_too(tmp_path):
    """It still knows a telephone that had the same port before."""
    need.program("tshark")
    capture = pcap.Pcap(tmp_path / "x.pcap", 1_000_000_000.0)
    capture.put(20.0, ("127.0.0.1", 20555), ("127.0.0.1", 53295), wire.iax(1, 0, 0, 0, 0, "POKE"))
    capture.put(30.0, ("127.0.0.1", 53295), ("127.0.0.1", 30656), wire.iax(1, 0, 0, 0, 0, "POKE"))
    capture.close()
    assert captures.strangers(tmp_path / "x.pcap", [30656]) == [20555]
    assert captures.judge([tmp_path / "x.pcap"], [30656], tmp_path / "all.pcap") == 2


def test_names_agree_with_the_peer_for_every_iax_subclass_and_control():
    for number in range(1, 41):
        decoded = frames.decode(wire.full(2, 3, 70000, 4, 5, 6, number, r=True))
        assert decoded["subclass"] == wire.frame_name(6, number)
    for number in (1, 3, 4, 5, 8, 14, 15):
        decoded = frames.decode(wire.full(2, 3, 70000, 4, 5, 4, number))
        assert "CONTROL " + decoded["subclass"] == wire.frame_name(4, number)


def test_full_frame_fields_come_out():
    decoded = frames.decode(wire.full(2, 3, 70000, 4, 5, 12, ord("#"), r=True))
    assert decoded == {
        "type": "DTMF_BEGIN", "subclass": "#", "src": 2, "dst": 3, "ts": 70000, "oseq": 4, "iseq": 5,
        "retry": True, "n": 12,
    }  # fmt: skip


def test_anything_at_all_decodes_to_something():
    for n in range(14):
        assert "type" in frames.decode(bytes(n))
        assert "type" in frames.decode(b"\xff" * n)
    assert frames.decode(wire.mini(9, 77, bytes(160)))["type"] == "MINI"
    assert frames.decode(bytes.fromhex("8005000000000000000006ff"))["subclass"] == 255
    assert frames.decode(bytes.fromhex("80050000000000000000ffff"))["type"] == 255


def test_encrypted_frame_may_look_like_a_digit_that_no_key_has():
    assert frames.decode(bytes.fromhex("80050000000000000000019f"))["subclass"] == 1 << 31


SECRET = "pw1"


def challenged() -> tuple[unseal.Unsealer, bytes]:
    """Return an unsealer that has seen an AUTHREQ which offers encryption, and the key of that call."""
    offer = wire.ie("AUTHMETHODS", 2) + wire.ie("CHALLENGE", "1234") + wire.ie("ENCRYPTION", 1)
    asked = wire.iax(7, 2, 0, 0, 1, "AUTHREQ", offer)
    reader = unseal.Unsealer("of another account", SECRET)
    assert reader.decode("the server", "the box", asked)["subclass"] == "AUTHREQ"
    return reader, secrecy.first_key(b"1234", SECRET)


def test_frames_of_an_encrypted_call_are_told_by_their_own_names():
    need.package("cryptography")
    reader, key = challenged()
    for src, dst, own, other, name in (
        ("the box", "the server", 2, 7, "AUTHREP"), ("the server", "the box", 7, 2, "ACCEPT"),
    ):  # fmt: skip
        clear = wire.iax(own, other, 5, 1, 1, name)
        sealed = secrecy.encrypt(key, clear, bytes(range(32)))
        assert reader.decode(src, dst, sealed) == {**frames.decode(clear), "n": len(sealed)}


def test_frames_that_no_key_opens_are_told_as_encrypted():
    reader, _ = challenged()
    sealed = bytes.fromhex("80078002") + bytes(range(0xE0, 0x100))
    read = reader.decode("the server", "the box", sealed)
    assert read == {"type": "ENCRYPTED", "src": 7, "dst": 2, "retry": True, "n": 36}
    assert reader.decode("the box", "the server", sealed)["type"] != "ENCRYPTED", "no call of that end"
