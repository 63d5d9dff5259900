"""A small decoder of IAX2 headers: enough for the event log and its ladder; tools/probe_lib reads the rest.

RFC 5456, sections 8.1 to 8.4; names above subclass 37 and controls above 17 are Asterisk's.
"""

_TYPES = (
    "", "DTMF_END", "VOICE", "VIDEO", "CONTROL", "NULL", "IAX", "TEXT", "IMAGE", "HTML", "CNG", "MODEM",
    "DTMF_BEGIN",
)  # fmt: skip
_IAX = (
    "", "NEW", "PING", "PONG", "ACK", "HANGUP", "REJECT", "ACCEPT", "AUTHREQ", "AUTHREP", "INVAL", "LAGRQ",
    "LAGRP", "REGREQ", "REGAUTH", "REGACK", "REGREJ", "REGREL", "VNAK", "DPREQ", "DPREP", "DIAL", "TXREQ",
    "TXCNT", "TXACC", "TXREADY", "TXREL", "TXREJ", "QUELCH", "UNQUELCH", "POKE", "PAGE", "MWI", "UNSUPPORT",
    "TRANSFER", "PROVISION", "FWDOWNL", "FWDATA", "TXMEDIA", "RTKEY", "CALLTOKEN",
)  # fmt: skip
_CONTROL = {
    1: "HANGUP", 2: "RING", 3: "RINGING", 4: "ANSWER", 5: "BUSY", 6: "TAKEOFFHOOK", 7: "OFFHOOK",
    8: "CONGESTION", 9: "FLASH", 10: "WINK", 11: "OPTION", 12: "KEY", 13: "UNKEY", 14: "PROGRESS",
    15: "PROCEEDING", 16: "HOLD", 17: "UNHOLD", 18: "VIDUPDATE", 20: "SRCUPDATE", 22: "CONNECTED_LINE",
    23: "REDIRECTING", 24: "T38", 28: "AOC", 30: "INCOMPLETE", 31: "MCID", 255: "STOP_SOUNDS",
}  # fmt: skip


def _name(table: "tuple[str, ...]", number: int) -> "str | int":
    return table[number] if 0 < number < len(table) else number


def _subclass(ftype: int, octet: int) -> "str | int":
    number = octet if octet == 0xFF or octet < 0x80 else 1 << (octet & 0x3F)
    kind = _name(_TYPES, ftype)
    if kind == "IAX":
        return _name(_IAX, number)
    if kind == "CONTROL":
        return _CONTROL.get(number, number)
    if kind in ("DTMF_BEGIN", "DTMF_END"):
        return chr(number) if number < 0x80 else number
    return number


def decode(datagram: bytes) -> dict:
    """Return type, subclass, call numbers, sequence numbers and time-stamp of a datagram, by name."""
    n = len(datagram)
    if n < 4:
        return {"type": "RUNT", "n": n}
    src = datagram[0] << 8 | datagram[1]
    if not src & 0x8000:
        kind = "MINI" if src else "META"
        return {"type": kind, "src": src, "ts": datagram[2] << 8 | datagram[3], "n": n}
    if n < 12:
        return {"type": "RUNT", "n": n}
    dst = datagram[2] << 8 | datagram[3]
    return {
        "type": _name(_TYPES, datagram[10]),
        "subclass": _subclass(datagram[10], datagram[11]),
        "src": src & 0x7FFF,
        "dst": dst & 0x7FFF,
        "ts": int.from_bytes(datagram[4:8], "big"),
        "oseq": datagram[8],
        "iseq": datagram[9],
        "retry": bool(dst & 0x8000),
        "n": n,
    }
