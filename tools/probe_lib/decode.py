"""The verb `decode`: a capture or hex in, a line for each frame out."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tools.vphone_lib import unseal

from . import capture, lines
from .capture import CaptureError, Datagram
from .dissect import dissect
from .told import FAILED, OK, UsageError

IAX_PORT = 4569
_OPENERS = ("NEW", "REGREQ", "REGREL", "POKE", "PROVISION", "FWDOWNL")
_HEX = frozenset("0123456789abcdefABCDEF")


def decode(source: str, ports: "list[int]", as_json: bool, secret: str = "") -> int:
    """Print the frames of `source`: a file, hex, or `-` for standard input. FAILED if one is malformed.

    ports: of IAX2 besides 4569; without any, and nothing on 4569, who begins a dialog of IAX2 is believed.
    secret: of the account, to read its encrypted calls.
    """
    read = _reader(secret)
    try:
        datagrams = list(_datagrams(source))
    except CaptureError as error:
        raise UsageError(f"{source}: {error}") from None
    chosen = [d for d in datagrams if _is_ours(d, {IAX_PORT, *ports})] or ([] if ports else _guess(datagrams))
    if not chosen:
        raise UsageError(f"{source}: {_nothing(datagrams)}")
    malformed = 0
    began_s = chosen[0].t_s
    for datagram in chosen:
        frame = read(datagram)
        if datagram.note:
            frame["wrong"] = datagram.note
        malformed += "wrong" in frame
        print(_told(datagram, frame, began_s, as_json))
    if malformed:
        print(f"iaxprobe: {malformed} of {len(chosen)} frames malformed", file=sys.stderr)
    return FAILED if malformed else OK


def _reader(secret: str) -> "Callable[[Datagram], dict]":
    """Return what takes a datagram apart."""
    if not secret:
        return lambda datagram: dissect(datagram.octets)
    if not unseal.CAN:
        raise UsageError("--secret needs the package cryptography: sh tools/env.sh tools/iaxprobe.py …")
    unsealer = unseal.Unsealer(secret)

    def read(datagram: Datagram) -> dict:
        plain = unsealer.clear(datagram.src, datagram.dst, datagram.octets)
        if plain is None:
            return dissect(datagram.octets)
        frame = {**dissect(plain), "encrypted": True}
        if "elements" in frame:  # the right answer to the challenge is the call's key
            frame["elements"] = [_veiled(*element) for element in frame["elements"]]
        return frame

    return read


def _veiled(name: str, value: "int | str", meaning: str) -> "tuple[str, int | str, str]":
    return (name, "key", "not shown") if name == "MD5_RESULT" else (name, value, meaning)


def _told(datagram: Datagram, frame: dict, began_s: float, as_json: bool) -> str:
    if as_json:
        return lines.as_json(frame, t_s=round(datagram.t_s, 6), **{"from": datagram.src, "to": datagram.dst})
    return lines.as_line(frame, lines.where(datagram.t_s - began_s, datagram.src, datagram.dst))


def _is_ours(datagram: Datagram, ports: "set[int]") -> bool:
    if datagram.src is None or datagram.dst is None:
        return True
    return datagram.src[1] in ports or datagram.dst[1] in ports


def _guess(datagrams: "list[Datagram]") -> "list[Datagram]":
    """Return what passed between two ends of which one began a dialog of IAX2, on whatever port."""
    ends = {frozenset((d.src, d.dst)) for d in datagrams if _opens(dissect(d.octets))}
    return [d for d in datagrams if frozenset((d.src, d.dst)) in ends]


def _opens(frame: dict) -> bool:
    return frame.get("subclass") in _OPENERS and frame["dst"] == frame["oseq"] == 0 and "wrong" not in frame


def _nothing(datagrams: "list[Datagram]") -> str:
    """Say which --port would find something."""
    if not datagrams:
        return "no UDP datagram in it"
    seen = Counter(end[1] for d in datagrams for end in (d.src, d.dst) if end)
    common = ", ".join(f"{port} ({count})" for port, count in seen.most_common(4))
    return f"nothing on UDP port {IAX_PORT}; there is {common}: name the server's with --port"


# -- where it comes from -------------------------------------------------------------------------------


def _datagrams(source: str) -> "Iterable[Datagram]":
    if source == "-":
        return _octets(sys.stdin.buffer.read())
    packed = "".join(source.split()).replace(":", "")
    path = Path(source)
    if packed and set(packed) <= _HEX and not path.is_file():
        return _hex(source)
    try:
        octets = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{source}: {error.strerror}, and no hex either") from None
    return _octets(octets)


def _octets(octets: bytes) -> "Iterable[Datagram]":
    if capture.is_capture(octets):
        return capture.read(octets)
    try:
        return _hex(octets.decode("ascii"))
    except UnicodeDecodeError:
        raise CaptureError("neither a pcap file nor hex") from None


def _hex(text: str) -> "Iterator[Datagram]":
    """Yield a datagram for each line of hex; blanks and colons between octets and # comments are welcome."""
    for number, line in enumerate(text.splitlines(), 1):
        packed = "".join(line.partition("#")[0].split()).replace(":", "")
        if not packed:
            continue
        if len(packed) % 2 or not set(packed) <= _HEX:
            raise CaptureError(f"line {number} is neither a pcap file nor whole octets in hex")
        yield Datagram(0.0, None, None, bytes.fromhex(packed))
