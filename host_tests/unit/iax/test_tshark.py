"""What a third party makes of our octets: every datagram of a busy session, dissected by tshark."""

import subprocess

import need
import pytest
from bench import CoreBench, box_account
from corekit import answered, call_up, speech

from peer import wire
from tools.vphone_lib.pcap import Pcap

BOX, SERVER = ("127.0.0.1", 40000), ("127.0.0.1", 4569)
FIELDS = ["iax2.packet_type", "iax2.src_call", "iax2.dst_call", "iax2.retransmission", "iax2.timestamp"] + [
    "iax2.oseqno", "iax2.iseqno", "iax2.type", "_ws.malformed", "_ws.expert.message",
]  # fmt: skip


def busy_session() -> list[tuple[int, bytes]]:
    """Return what a box sends that registers, calls, is called, and is treated badly."""
    bench = call_up("600")
    call = bench.peer.current_call()
    for name in ("TXREQ", "MWI", "PING", "LAGRQ", "QUELCH", "UNQUELCH"):
        call.iax(name)
    bench.leg.send_dtmf(ord("#"), True, bench.now)
    call.vnak_storm(20, 300)
    bench.peer.faults.lose(30, way="both")
    bench.run(35_000)
    bench.peer.faults.clear()
    bench.run(11_000)
    bench.hang_up()
    bench.run(500)
    bench.feed(wire.iax(600, 700, 55, 3, 4, "LAGRQ"))
    bench, _ = answered(bench)
    bench.peer.call_device("ata1")
    bench.run(300)
    bench.hang_up()
    bench.registrar.release(bench.now)
    bench.run(500)
    return bench.sent


def dissected(path, sent):
    """Return tshark's fields of each datagram."""
    pcap = Pcap(path, 1_700_000_000)
    for t_ms, raw in sent:
        pcap.put(t_ms, BOX, SERVER, raw)
    pcap.close()
    command = ["tshark", "-r", str(path), "-d", "udp.port==4569,iax2", "-T", "fields", "-E", "separator=|"]
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=True)
    return [dict(zip(FIELDS, line.split("|"), strict=True)) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    need.program("tshark")
    sent = busy_session()
    return sent, dissected(tmp_path_factory.mktemp("pcap") / "box.pcap", sent)


def test_tshark_finds_nothing_malformed(session):
    sent, rows = session
    assert len(rows) == len(sent) > 1000
    assert [row for row in rows if row["_ws.malformed"]] == []


def test_tshark_reads_each_header_as_the_test_peer_does(session):
    for (_, raw), row in zip(*session, strict=True):
        frame = wire.decode(raw)
        assert int(row["iax2.src_call"]) == frame["src"]
        if frame["kind"] == "full":
            assert int(row["iax2.dst_call"]) == frame["dst"]
            assert int(row["iax2.timestamp"]) == frame["ts"]
            assert (int(row["iax2.oseqno"]), int(row["iax2.iseqno"])) == (frame["oseq"], frame["iseq"])
            assert int(row["iax2.type"]) == frame["type"]


def test_the_session_had_every_frame_that_the_firmware_can_say(session):
    said = {wire.decode(raw)["name"] for _, raw in session[0]}
    assert said >= {
        "REGREQ", "REGREL", "NEW", "AUTHREP", "ACK", "VNAK", "PING", "PONG", "LAGRP", "HANGUP", "ACCEPT",
        "REJECT", "INVAL", "TXREJ", "UNSUPPORT", "CONTROL RINGING", "CONTROL ANSWER", "VOICE", "MINI",
        "DTMF_BEGIN",
    }  # fmt: skip


def test_the_elements_of_new_are_read_by_name(tmp_path):
    need.program("tshark")
    bench = CoreBench()
    bench.account.elements = box_account(number="100", name="Kitchen").elements
    bench.speak = speech
    bench.dial("600", 100)
    pcap = Pcap(tmp_path / "new.pcap", 1_700_000_000)
    pcap.put(0, BOX, SERVER, bench.sent[1][1])
    pcap.close()
    command = ["tshark", "-r", str(tmp_path / "new.pcap"), "-d", "udp.port==4569,iax2", "-V"]
    text = subprocess.run(command, capture_output=True, text=True, timeout=50, check=True).stdout
    wanted = ["Number/extension being called: 600", "Calling number: 100", "Name of caller: Kitchen"]
    wanted += ["Username (peer or user) for authentication: ata1", "Protocol version: 0x0002"]
    assert [line for line in wanted if line not in text] == []
