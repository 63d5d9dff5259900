"""tshark's opinion of every datagram that the tests have sent and received."""

import shutil
import struct
import subprocess
from pathlib import Path

HEADER = 24  # octets of a capture file before its first packet
NOTE = 0x400000  # tshark's severities: chat 0x200000, note, warning 0x600000, error 0x800000


def packets(path: Path) -> "list[bytes]":
    """Return the packets of a capture, each with its record header; one cut short at the end is left out."""
    octets = path.read_bytes()
    found, at = [], HEADER
    while at + 16 <= len(octets):
        size = struct.unpack_from("<I", octets, at + 8)[0]
        if at + 16 + size > len(octets):
            break
        found.append(octets[at : at + 16 + size])
        at += 16 + size
    return found


def join(captures: "list[Path]", into: Path) -> int:
    """Write all packets of these captures into one; return how many there are."""
    rows = [packet for path in captures for packet in packets(path)]
    into.write_bytes(captures[0].read_bytes()[:HEADER] + b"".join(rows))
    return len(rows)


def strangers(capture: Path, ports: "list[int]") -> "list[int]":
    """Return the ports of others who sent: a server may still ask after a telephone that had our port."""
    ends = [struct.unpack_from(">HH", packet, 16 + 20) for packet in packets(capture)]
    return sorted({src for src, dst in ends if src not in ports and dst not in ports})


def dissect(capture: Path, ports: "list[int]") -> "list[tuple[int, str, str]]":
    """Return (number, protocols, complaint) of each packet as tshark reads it; "" is no complaint."""
    tool = shutil.which("tshark")
    assert tool, "no tshark: run tools/lab.py install"
    fields = ("frame.number", "frame.protocols", "_ws.malformed", "_ws.expert.message", "_ws.expert.severity")
    order = [
        tool,
        "-n",
        "-r",
        str(capture),
        "-T",
        "fields",
        "-E",
        "separator=|",
    ]
    for port in ports:
        order += ["-d", f"udp.port=={port},iax2"]
    for field in fields:
        order += ["-e", field]
    done = subprocess.run(order, capture_output=True, text=True, check=True)
    rows = [line.split("|") for line in done.stdout.splitlines()]
    return [(int(number), names, _complaint(*told)) for number, names, *told in rows]


def _complaint(malformed: str, message: str, severity: str) -> str:
    """What tshark minds of a packet: a malformed field, or an expert's note or worse.

    Below a note is chat, such as its guess that a UDP port from 33434 on belongs to a traceroute.
    """
    grave = any(int(level) >= NOTE for level in severity.split(",") if level)
    return "; ".join(filter(None, (malformed, message if grave else "")))


def judge(captures: "list[Path]", ports: "list[int]", joined: Path) -> int:
    """Assert that each packet is IAX2 without a malformed field; return how many were judged."""
    count = join(captures, joined)
    rows = dissect(joined, [*ports, *strangers(joined, ports)])
    assert count > 0, "no datagram at all"
    assert len(rows) == count, f"tshark read {len(rows)} of {count} packets of {joined}"
    strange = [row for row in rows if "iax2" not in row[1]]
    assert not strange, f"{joined}: no IAX2: {strange[:10]}"
    wrong = [row for row in rows if row[2]]
    assert not wrong, f"{joined}: {len(wrong)} packets with complaints: {wrong[:10]}"
    return count
