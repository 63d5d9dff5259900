"""Octets of IAX2 by hand: build any frame, right or wrong, and decode any datagram into a dict.

`full()`, `mini()`, `ie()`, `ies()`, `trunk()` and `video_mini()` build; `decode()` reads and never raises.
RFC 5456, section 8.1.
"""

import struct

from . import numbers as n

Addr = tuple[str, int]


def pack_subclass(subclass: int) -> int:
    """Return the octet for a subclass: as it is below 128, else 0x80 | log2; -1 and 255 give 0xFF."""
    if subclass in (-1, 255):
        return 0xFF
    if subclass < 128:
        return subclass
    return 0x80 | (subclass.bit_length() - 1)


def unpack_subclass(octet: int) -> int:
    """Return the subclass an octet stands for; 0xFF stays 255. RFC 5456, section 8.1.1."""
    if octet == 0xFF or octet < 0x80:
        return octet
    return 1 << (octet & 0x3F)


def full(
    src: int, dst: int, ts: int, oseq: int, iseq: int, ftype: int, subclass: int,
    payload: bytes = b"", r: bool = False,
) -> bytes:  # fmt: skip
    """Return a full frame. `subclass` is compressed as the wire wants it; `r` is the retransmission bit."""
    return (
        struct.pack(
            ">HHIBBBB", 0x8000 | src, (0x8000 if r else 0) | dst, ts & 0xFFFFFFFF,
            oseq & 0xFF, iseq & 0xFF, ftype, pack_subclass(subclass),
        )
        + payload
    )  # fmt: skip


def iax(src: int, dst: int, ts: int, oseq: int, iseq: int, name: str, payload: bytes = b"") -> bytes:
    """Return a full frame of type IAX, its subclass by name: `iax(2, 0, 0, 0, 0, "POKE")`."""
    return full(src, dst, ts, oseq, iseq, n.T_IAX, n.IAX[name], payload)


def mini(src: int, ts16: int, payload: bytes) -> bytes:
    """Return a mini frame of voice. RFC 5456, section 8.1.2."""
    return struct.pack(">HH", src & 0x7FFF, ts16 & 0xFFFF) + payload


def video_mini(src: int, ts15: int, payload: bytes) -> bytes:
    """Return a meta video frame. RFC 5456, section 8.1.3.1."""
    return struct.pack(">HHH", 0, 0x8000 | src, ts15 & 0xFFFF) + payload


def trunk(ts: int, entries: list[tuple[int, int, bytes]], stamped: bool = True) -> bytes:
    """Return a trunk frame of (call number, 16-bit time-stamp, data) entries.

    The two layouts swap length and call number: stamped entries lead with the length.
    RFC 5456, section 8.1.3.2.
    """
    out = struct.pack(">HBBI", 0, 1, 1 if stamped else 0, ts & 0xFFFFFFFF)
    for number, ts16, data in entries:
        if stamped:
            out += struct.pack(">HHH", len(data), number, ts16 & 0xFFFF) + data
        else:
            out += struct.pack(">HH", number, len(data)) + data
    return out


def ie(which: int | str, value: bytes | str | int | None = b"") -> bytes:
    """Return one information element; an int gets the width its element has (one octet if unknown)."""
    number = n.IE[which] if isinstance(which, str) else which
    if isinstance(value, int):
        value = _pack_int(n.IE_KINDS.get(number, "1"), value)
    elif isinstance(value, str):
        value = value.encode()
    value = value or b""
    return bytes((number, len(value))) + value


def _pack_int(kind: str, value: int) -> bytes:
    if kind == "v":
        return b"\0" + value.to_bytes(8, "big")
    return value.to_bytes(int(kind), "big")


def ies(*pairs: tuple[int | str, bytes | str | int | None]) -> bytes:
    """Return a list of information elements in the order given."""
    return b"".join(ie(which, value) for which, value in pairs)


def split_ies(payload: bytes) -> list[tuple[int, bytes]] | None:
    """Return (number, value) pairs, or None when the list does not end where the payload ends."""
    found, at = [], 0
    while at + 2 <= len(payload):
        end = at + 2 + payload[at + 1]
        if end > len(payload):
            return None
        found.append((payload[at], payload[at + 2 : end]))
        at = end
    return found if at == len(payload) else None


def value_of(number: int, raw: bytes) -> str | int | bytes:
    """Return an element's value: text, int, or the octets themselves when the width is not the proper one."""
    kind = n.IE_KINDS.get(number, "b")
    if kind == "s":
        return raw.decode("utf-8", "replace")
    if kind == "v":
        return int.from_bytes(raw[1:], "big") if len(raw) == 9 else raw
    if kind in "124":
        return int.from_bytes(raw, "big") if len(raw) == int(kind) else raw
    return raw


def decode(datagram: bytes) -> dict:
    """Return the fields of a datagram, always with `kind` and `name`.

    Kinds: full, mini, video, meta, runt (too short for what it claims to be).
    A full frame has src dst r ts oseq iseq type subclass csub payload; of type IAX also `ies` (None when
    the list is broken) and `ie` (values by name, the last of a name wins).
    """
    frame = {"kind": "runt", "name": "RUNT", "src": 0, "dst": 0, "raw": datagram}
    if len(datagram) < 4:
        return frame
    first, second = struct.unpack_from(">HH", datagram)
    if first & 0x8000:
        return _decode_full(frame, datagram) if len(datagram) >= 12 else frame
    if first:
        frame.update(kind="mini", name="MINI", src=first, ts16=second, payload=datagram[4:])
    elif second & 0x8000:
        frame.update(kind="video", name="VIDEO_MINI", src=second & 0x7FFF, payload=datagram[6:])
    else:
        frame.update(kind="meta", name="META", payload=datagram[4:])
    return frame


def _decode_full(frame: dict, datagram: bytes) -> dict:
    src, dst, ts, oseq, iseq, ftype, csub = struct.unpack_from(">HHIBBBB", datagram)
    subclass = unpack_subclass(csub)
    frame.update(
        kind="full", src=src & 0x7FFF, dst=dst & 0x7FFF, r=bool(dst & 0x8000), ts=ts, oseq=oseq, iseq=iseq,
        type=ftype, subclass=subclass, csub=csub, payload=datagram[12:], name=frame_name(ftype, subclass),
    )  # fmt: skip
    if ftype == n.T_IAX:
        frame["ies"] = split_ies(frame["payload"])
        frame["ie"] = {
            n.IE_NAMES.get(number, str(number)): value_of(number, raw) for number, raw in frame["ies"] or ()
        }
    return frame


def frame_name(ftype: int, subclass: int) -> str:
    """Return a short name: `NEW`, `CONTROL RINGING`, `VOICE`, `DTMF_END`, `TYPE 13`."""
    if ftype == n.T_IAX:
        return n.IAX_NAMES.get(subclass, "IAX %d" % subclass)
    if ftype == n.T_CONTROL:
        return "CONTROL " + n.CONTROL_NAMES.get(subclass, str(subclass))
    return n.TYPE_NAMES.get(ftype, "TYPE %d" % ftype)


def apparent_addr(addr: Addr, form: str = "le") -> bytes:
    """Return a socket address as APPARENT_ADDR carries it (RFC 5456, section 8.6.17).

    Forms: le (family 02 00), be (00 02), v6 (an IPv6 of ours), mapped (::ffff:a.b.c.d), garbage (5 octets).
    """
    try:
        host = bytes(int(part) & 255 for part in addr[0].split("."))
        port = struct.pack(">H", addr[1])
    except (ValueError, AttributeError, TypeError, IndexError):
        host, port = bytes((192, 0, 2, 1)), b"\x11\xd9"
    host = host if len(host) == 4 else bytes((192, 0, 2, 1))
    if form == "garbage":
        return b"\x02\x00\x11\xd9\x7f"
    if form == "v6":
        return b"\x0a\x00" + port + bytes(4) + b"\x20\x01\x0d\xb8" + bytes(11) + b"\x01" + bytes(4)
    if form == "mapped":
        return b"\x0a\x00" + port + bytes(4) + bytes(10) + b"\xff\xff" + host + bytes(4)
    return (b"\x00\x02" if form == "be" else b"\x02\x00") + port + host + bytes(8)


def unwrap16(last_ts: int, ts16: int) -> int:
    """Return the full time-stamp of a mini frame: the 16-bit value nearest to the last one, within 50 s."""
    ts = (last_ts & ~0xFFFF) | ts16
    if last_ts - ts > 50000:
        return ts + 0x10000
    if ts - last_ts > 50000 and ts >= 0x10000:
        return ts - 0x10000
    return ts
