"""The probe's decoder against tshark, on the same octets, and against what nobody should send."""

import json
import subprocess

import need
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peer import numbers as n
from peer import wire
from tools.probe_lib import capture, decode, elements, lines
from tools.probe_lib.dissect import dissect
from tools.probe_lib.told import FAILED, OK, UsageError
from tools.vphone_lib.pcap import Pcap

BOX, SERVER = ("192.0.2.2", 40000), ("192.0.2.1", 4569)
TEXTS = {
    "CALLED_NUMBER": "called_number", "CALLING_NUMBER": "calling_number", "CALLING_ANI": "calling_ani",
    "CALLING_NAME": "calling_name", "CALLED_CONTEXT": "called_context", "USERNAME": "username",
    "LANGUAGE": "language", "DNID": "dnid", "CHALLENGE": "auth.challenge", "MD5_RESULT": "auth.md5",
    "RSA_RESULT": "auth.rsa", "CAUSE": "cause", "RDNIS": "rdnis",
    "DEVICETYPE": "devicetype", "SERVICEIDENT": "serviceident", "CODEC_PREFS": "codecprefs",
}  # fmt: skip
NUMBERS = {
    "CAPABILITY": ("capability", 0x600E), "FORMAT": ("format", 4), "VERSION": ("version", 2),
    "ADSICPE": ("cpe_adsi", 2), "AUTHMETHODS": ("auth.methods", 6), "REFRESH": ("refresh", 3600),
    "DPSTATUS": ("dialplan_status", 0x8002), "CALLNO": ("call_no", 32767),
    "MSGCOUNT": ("msg_count", 0x102), "TRANSFERID": ("transferid", 3000000000),
    "DATETIME": ("datetime.raw", 0x3576AE6D), "FIRMWAREVER": ("firmwarever", 24),
    "FWBLOCKDESC": ("fwblockdesc", 0x1FA), "PROVVER": ("provver", 77), "CALLINGPRES": ("callingpres", 0x43),
    "CALLINGTON": ("callington", 0x21), "CALLINGTNS": ("callingtns", 0x1234), "CAUSECODE": ("causecode", 17),
    "SAMPLINGRATE": ("samplingrate", 1), "RR_JITTER": ("rrjitter", 12), "RR_LOSS": ("rrloss", 0x0300000A),
    "RR_PKTS": ("rrpkts", 1500), "RR_DELAY": ("rrdelay", 60), "RR_DROPPED": ("rrdropped", 3),
    "RR_OOO": ("rrooo", 1),
}  # fmt: skip


def corpus() -> list[bytes]:
    """Return frames of every kind and subclass, each element once, none of them wrong."""
    frames = [wire.iax(700 + i, 5, 3 * i, i, 255 - i, name) for i, name in enumerate(n.IAX)]
    frames += [wire.full(2, 3, 70000, 4, 5, n.T_CONTROL, number, r=True) for number in n.CONTROL_NAMES]
    frames += [wire.full(2, 3, 9, 4, 5, ftype, ord(key)) for ftype in (1, 12) for key in "0*#D"]
    frames += [wire.full(2, 3, 2**32 - 1, 255, 0, n.T_VOICE, 1 << bit, bytes(20)) for bit in range(16)]
    frames += [wire.full(2, 3, 9, 4, 5, n.T_TEXT, 0, "grüß dich".encode() + b"\0")]
    frames += [wire.full(2, 3, 9, 4, 5, n.T_HTML, 1, b"http://a.example/")]
    frames += [wire.mini(77, 65535, bytes(160)), wire.video_mini(78, 0x9234, bytes(50))]
    frames += [wire.trunk(5, [(77, 1, bytes(160)), (78, 2, bytes(20))])]
    return frames + [new_with(wire.ies(*((name, f"{name} x") for name in TEXTS)))] + [
        new_with(wire.ies(*((name, value) for name, (_, value) in NUMBERS.items())))
    ]  # fmt: skip


def new_with(payload: bytes) -> bytes:
    return wire.iax(9, 0, 0, 0, 0, "NEW", payload)


def tshark(path, fields: list[str]) -> list[dict[str, str]]:
    command = [
        "tshark",
        "-n",
        "-r",
        str(path),
        "-d",
        "udp.port==4569,iax2",
        "-T",
        "fields",
        "-E",
        "separator=\t",
    ]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=True)
    return [dict(zip(fields, line.split("\t"), strict=True)) for line in done.stdout.splitlines()]


def written(path, frames: list[bytes]):
    """Write a capture of these frames, 20 ms apart, and return its path."""
    pcap = Pcap(path, 1_700_000_000)
    for at, raw in enumerate(frames):
        pcap.put(20 * at, BOX, SERVER, raw)
    pcap.close()
    return path


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """The corpus: our reading and tshark's, frame by frame."""
    need.program("tshark")
    path = written(tmp_path_factory.mktemp("decode") / "all.pcap", corpus())
    ours = [dissect(datagram.octets) for datagram in capture.read(path.read_bytes())]
    fields = ["src_call", "dst_call", "retransmission", "timestamp", "oseqno", "iseqno", "type"]
    fields += ["iax.subclass", "control.subclass", "voice.subclass", "dtmf.subclass", "text.text", "html.url"]
    fields += ["trunk.call.scallno", "trunk.call.len", "trunk.call.ts", "video.mini_marker"]
    fields += [*(f"iax.{name}" for name in TEXTS.values()), *(f"iax.{name}" for name, _ in NUMBERS.values())]
    return list(zip(ours, tshark(path, [f"iax2.{field}" for field in fields]), strict=True))


def test_headers_are_those_tshark_reads(judged):
    for ours, theirs in judged:
        if ours["kind"] != "full":
            continue
        keys = ("src_call", "dst_call", "timestamp", "oseqno", "iseqno")
        read = [int(theirs[f"iax2.{key}"], 0) for key in keys]
        assert read == [ours[key] for key in ("src", "dst", "ts", "oseq", "iseq")]
        assert (theirs["iax2.retransmission"] in ("1", "True")) == ours["retry"]


def test_elements_hold_what_tshark_reads(judged):
    compared = 0
    for ours, theirs in judged:
        for name, value, _ in ours.get("elements", ()):
            if name in TEXTS:
                assert theirs[f"iax2.iax.{TEXTS[name]}"] == value
                compared += 1
            elif name in NUMBERS:
                assert int(theirs[f"iax2.iax.{NUMBERS[name][0]}"], 0) == value
                compared += 1
    assert compared == len(TEXTS) + len(NUMBERS)


def test_trunk_entries_and_video_are_those_tshark_reads(judged):
    ((ours, theirs),) = [pair for pair in judged if pair[0]["kind"] == "meta"]
    for ours_key, key in (("src", "scallno"), ("payload", "len"), ("ts", "ts")):
        listed = [int(text, 0) for text in theirs[f"iax2.trunk.call.{key}"].split(",")]
        assert listed == [entry[ours_key] for entry in ours["entries"]]
    video = next(ours for ours, _ in judged if ours["kind"] == "video")
    assert (video["src"], video["ts"], video["marker"], video["payload"]) == (78, 0x1234, True, 50)


def test_trunk_entries_without_time_stamps_are_all_found():
    """The layout that tshark 4.0 cannot read."""
    frame = dissect(wire.trunk(5, [(77, 0, bytes(160)), (78, 0, bytes(20))], stamped=False))
    assert frame["entries"] == [{"src": 77, "payload": 160}, {"src": 78, "payload": 20}]


def test_nothing_of_the_corpus_is_called_malformed(judged):
    assert [ours for ours, _ in judged if "wrong" in ours] == []


def test_names_are_those_of_the_test_peer():
    for name, number in n.IE.items():
        assert elements.TABLE[number][0] == name
    for raw in corpus():
        frame, theirs = dissect(raw), wire.decode(raw)
        if frame["type"] == "IAX":
            assert lines.name_of(frame) == theirs["name"]


def test_values_mean_something():
    pairs = {
        "CAUSECODE": "user busy", "FORMAT": "ulaw", "AUTHMETHODS": "md5+rsa", "MSGCOUNT": "2 new, 1 old",
        "DATETIME": "2026-11-22 21:51:26", "RR_LOSS": "10 lost, 3 %", "DPSTATUS": "can exist+more",
        "CALLINGPRES": "unavailable, by the network",
    }  # fmt: skip
    found = {name: meaning for name, _, meaning in dissect(corpus()[-1])["elements"]}
    assert {name: found[name] for name in pairs} == pairs
    prefs = dissect(new_with(wire.ies(("CODEC_PREFS", "DECFGH"))))["elements"]
    assert prefs == [("CODEC_PREFS", "DECFGH", "ulaw+alaw+gsm+g726+adpcm+slin")]
    for form, shown in (
        ("le", "192.0.2.7:4569"),
        ("mapped", "[::ffff:192.0.2.7]:4569"),
        ("garbage", "020011d97f"),
    ):
        payload = wire.ie("APPARENT_ADDR", wire.apparent_addr(("192.0.2.7", 4569), form))
        assert dissect(new_with(payload))["elements"][0][1].replace("c000:207", "192.0.2.7") == shown


def test_no_password_is_shown():
    payload = wire.ies(("USERNAME", "u"), ("PASSWORD", "geheim"), ("PROVISIONING", b"\x06geheim"))
    line = lines.as_line(dissect(wire.iax(9, 8, 0, 0, 0, "AUTHREP", payload)), "")
    assert "PASSWORD=6(octets, not shown)" in line and "geheim" not in line


def test_no_key_of_an_encrypted_call_is_shown():
    """RTKEY is read in calls that the probe can open, and its trace is pasted somewhere."""
    for key in (b"sixteen octets!!", bytes(range(0xF0, 0x100))):
        frame = dissect(wire.iax(9, 8, 0, 3, 3, "RTKEY", wire.ie("CHALLENGE", key)))
        line = lines.as_line(frame, "")
        assert "CHALLENGE" in line and "sixteen" not in line and "f0f1" not in line
        assert "sixteen" not in str(frame) and key.hex() not in str(frame)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"\x80\x01", "2 octets, a header has at least 4"),
        (b"\x80\x01\0\0\0\0", "6 octets, the header of a full frame has 12"),
        (new_with(b"\x06\x09abc"), "element USERNAME wants 9 octets, 3 are left"),
        (new_with(b"\x06\x01ab"), "one stray octet after the elements"),
        (wire.full(2, 3, 0, 0, 0, 99, 1), "no frame type 99: encrypted, or no IAX2"),
        (wire.full(2, 3, 0, 0, 0, 6, 77), "no IAX subclass 77"),
        (wire.full(2, 3, 0, 0, 0, 2, 5), "format 0x05 is not one bit"),
        (b"\0\0\x01\x01" + bytes(4) + b"\0\x09\0\x4d\0\0abc", "entry of call 77 wants 9 octets, 3 are left"),
        (b"\0\0\x01\x01" + bytes(5), "1 stray octets after the entries"),
        (b"\0\0\x02\0", "meta command 2 is not 1, trunk"),
        (b"\0\0\x80\x07\0", "5 octets, the header of meta video has 6"),
    ],
)
def test_malformed_frames_say_why(raw, why):
    assert dissect(raw)["wrong"] == why
    assert lines.as_line(dissect(raw), "").endswith(f"MALFORMED: {why}")


def test_element_of_a_wrong_width_says_so():
    assert dissect(new_with(b"\x13\x03abc"))["elements"] == [("REFRESH", "616263", "3 octets, not 2")]


@given(
    st.binary(max_size=80),
    st.sampled_from((b"", b"\x80\x02\0\3" + bytes(6), b"\0\0\1\1\0\0\0\0", b"\0\0\x80\1")),
)
def test_any_octets_at_all_become_one_line(tail, head):
    frame = dissect(head + tail)
    assert "\n" not in lines.as_line(frame, "") and lines.as_line(frame, "").isprintable()
    assert json.loads(lines.as_json(frame))["n"] == len(head + tail)


def test_a_capture_is_printed_one_frame_a_line(tmp_path, capsys):
    path = written(tmp_path / "x.pcap", [wire.iax(2, 0, 3, 0, 0, "POKE"), wire.iax(1, 2, 3, 0, 1, "PONG")])
    assert decode.decode(str(path), [], False) == OK
    first, second = capsys.readouterr().out.splitlines()
    assert (
        first == "   0.000000  192.0.2.2:40000 > 192.0.2.1:4569  POKE            2>0         o0   i0   ts 3"
    )
    assert second.split()[0] == "0.020000" and "PONG" in second


def test_json_is_one_object_a_frame(tmp_path, capsys):
    path = written(tmp_path / "x.pcap", [new_with(wire.ies(("USERNAME", "u")))])
    assert decode.decode(str(path), [], True) == OK
    told = json.loads(capsys.readouterr().out)
    assert (told["subclass"], told["from"], told["t_s"]) == ("NEW", list(BOX), 1_700_000_000.0)
    assert told["elements"] == [["USERNAME", "u", ""]]


def test_hex_is_read_from_the_command_line_and_from_a_file(tmp_path, capsys):
    assert decode.decode("80:02:00:00 00000003 0000 06 1e", [], False) == OK
    assert capsys.readouterr().out.startswith("POKE ")
    path = tmp_path / "frames.txt"
    path.write_text("# two frames\n800200000000000300000 61e\n\n8001 0002 00000003 0001 0603 # answer\n")
    assert decode.decode(str(path), [], False) == OK
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["POKE", "PONG"]


def test_malformed_frames_set_the_exit_status(capsys):
    assert decode.decode("8001", [], False) == FAILED
    assert "1 of 1 frames malformed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("source", "words"),
    [("no-such-file", "no hex either"), ("800", "whole octets"), ("8001zz", "No such file")],
)
def test_wrong_sources_say_what_is_wanted(source, words):
    with pytest.raises(UsageError, match=words):
        decode.decode(source, [], False)


def test_a_capture_without_iax2_names_the_ports_it_has(tmp_path):
    pcap = Pcap(tmp_path / "x.pcap", 0)
    pcap.put(0, BOX, ("192.0.2.1", 5036), b"abcd")
    pcap.close()
    with pytest.raises(UsageError, match=r"nothing on UDP port 4569; there is .*5036 \(1\)"):
        decode.decode(str(tmp_path / "x.pcap"), [], False)
    assert decode.decode(str(tmp_path / "x.pcap"), [5036], False) == OK


def test_another_port_is_found_by_who_begins_a_dialog(tmp_path, capsys):
    pcap, server = Pcap(tmp_path / "x.pcap", 0), ("192.0.2.1", 24342)
    pcap.put(0, BOX, server, wire.iax(2, 0, 3, 0, 0, "POKE"))
    pcap.put(1, server, BOX, wire.iax(1, 2, 3, 0, 1, "PONG"))
    pcap.put(2, BOX, ("192.0.2.53", 53), b"no IAX2 at all")
    pcap.close()
    assert decode.decode(str(tmp_path / "x.pcap"), [], False) == OK
    assert [line.split()[4] for line in capsys.readouterr().out.splitlines()] == ["POKE", "PONG"]
