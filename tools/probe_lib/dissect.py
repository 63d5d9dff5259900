"""One datagram, taken apart: header, elements, media, trunk entries, and what is wrong with it.

Never raises: whatever it is, `dissect` gives a dict that says so. RFC 5456, section 8.1; the header is read
by vphone_lib/frames.py.
"""

from tools.vphone_lib import frames

from . import elements

_FULL_HDR, _MINI_HDR, _VIDEO_HDR, _META_HDR = 12, 4, 6, 8
_TRUNK = 1
_HTML = {
    1: "URL", 2: "DATA", 4: "BEGIN", 8: "END", 16: "LOAD_COMPLETE", 17: "NO_SUPPORT", 18: "LINK_URL",
    19: "UNLINK", 20: "LINK_REJECT",
}  # fmt: skip
_MODEM = {1: "T38", 2: "V150"}


def dissect(datagram: bytes) -> dict:
    """Return the fields of a datagram, always with `kind`, `type` and `n`; `wrong` says why it is malformed.

    Kinds: full mini video meta bad. Elements are (name, value, meaning) in their order.
    """
    head = frames.decode(datagram)
    if head["type"] == "RUNT":
        return {"kind": "bad", "type": "RUNT", "n": len(datagram), "wrong": _why_short(datagram)}
    if head["type"] == "MINI":
        return {"kind": "mini", **head, "payload": len(datagram) - _MINI_HDR}
    if head["type"] == "META":
        return _video(datagram) if datagram[2] & 0x80 else _meta(datagram)
    frame = {"kind": "full", **head}
    _READERS.get(head["type"], _payload)(frame, datagram[11], datagram[_FULL_HDR:])
    return frame


def veil(datagram: bytes) -> dict:
    """Return what an encrypted datagram shows: the call numbers (section 8.1.4)."""
    src = int.from_bytes(datagram[:2], "big")
    frame = {"kind": "full" if src & 0x8000 else "mini", "type": "ENCRYPTED", "n": len(datagram)}
    if src & 0x8000:
        frame["dst"] = int.from_bytes(datagram[2:4], "big") & 0x7FFF
        frame["retry"] = datagram[2] & 0x80 != 0
    return {**frame, "src": src & 0x7FFF, "payload": len(datagram) - (4 if src & 0x8000 else 2)}


def _why_short(datagram: bytes) -> str:
    if len(datagram) < _MINI_HDR:
        return f"{len(datagram)} octets, a header has at least 4"
    return f"{len(datagram)} octets, the header of a full frame has 12"


# -- full frames ---------------------------------------------------------------------------------------


def _payload(frame: dict, csub: int, body: bytes) -> None:
    """Take a frame whose payload says nothing to the eye."""
    if body:
        frame["payload"] = len(body)
    if isinstance(frame["type"], int):
        frame["wrong"] = f"no frame type {frame['type']}: encrypted, or no IAX2"


def _iax(frame: dict, csub: int, body: bytes) -> None:
    found, frame["wrong"] = _elements(body)
    if frame["subclass"] == "RTKEY":  # what it brings is the key itself
        found = [(name, "key", "not shown") for name, _, _ in found]
    frame["elements"] = found
    if isinstance(frame["subclass"], int):
        frame["wrong"] = frame["wrong"] or f"no IAX subclass {frame['subclass']}"
    if not frame["wrong"]:
        del frame["wrong"]


def _elements(body: bytes) -> "tuple[list[tuple[str, int | str, str]], str]":
    found, at = [], 0
    while at + 2 <= len(body):
        end = at + 2 + body[at + 1]
        name = elements.TABLE.get(body[at], (str(body[at]),))[0]
        if end > len(body):
            return found, f"element {name} wants {body[at + 1]} octets, {len(body) - at - 2} are left"
        found.append(elements.read(body[at], body[at + 2 : end]))
        at = end
    return found, "one stray octet after the elements" if at < len(body) else ""


def _media(frame: dict, csub: int, body: bytes) -> None:
    frame["payload"] = len(body)
    if frame["type"] == "VIDEO":
        frame["marker"] = csub & 0x40 != 0
        csub &= 0xBF
    bits = 1 << (csub & 0x3F) if csub & 0x80 else csub
    frame["subclass"] = elements.formats(bits)
    if bits == 0 or bits & (bits - 1):
        frame["wrong"] = f"format {csub:#04x} is not one bit"


def _words(frame: dict, csub: int, body: bytes) -> None:
    """Take TEXT and HTML; Asterisk ends a text with a NUL."""
    if frame["type"] == "HTML":
        frame["subclass"] = _HTML.get(csub, csub)
    frame["text"] = elements.text(body[:-1] if body.endswith(b"\0") else body)


def _control(frame: dict, csub: int, body: bytes) -> None:
    if body:
        frame["data"] = elements.text(body)


def _modem(frame: dict, csub: int, body: bytes) -> None:
    frame["subclass"] = _MODEM.get(csub, csub)
    _payload(frame, csub, body)


_READERS = {
    "IAX": _iax, "VOICE": _media, "VIDEO": _media, "IMAGE": _media, "TEXT": _words, "HTML": _words,
    "CONTROL": _control, "MODEM": _modem,
}  # fmt: skip


# -- meta frames ---------------------------------------------------------------------------------------


def _video(datagram: bytes) -> dict:
    """Read a video frame without sequence (section 8.1.3.1)."""
    frame = {"kind": "video", "type": "VIDEO_MINI", "n": len(datagram)}
    if len(datagram) < _VIDEO_HDR:
        return {**frame, "kind": "bad", "wrong": f"{len(datagram)} octets, the header of meta video has 6"}
    stamp = datagram[4] << 8 | datagram[5]
    frame["src"] = (datagram[2] & 0x7F) << 8 | datagram[3]
    return {**frame, "ts": stamp & 0x7FFF, "marker": stamp >> 15 == 1, "payload": len(datagram) - _VIDEO_HDR}


def _meta(datagram: bytes) -> dict:
    """Read a trunk frame of either layout (section 8.1.3.2): the order of length and number differs."""
    frame = {"kind": "meta", "type": "TRUNK", "n": len(datagram)}
    if datagram[2] != _TRUNK:
        return {
            **frame,
            "kind": "bad",
            "type": "META",
            "wrong": f"meta command {datagram[2]} is not 1, trunk",
        }
    if len(datagram) < _META_HDR:
        return {**frame, "kind": "bad", "wrong": f"{len(datagram)} octets, the header of a trunk frame has 8"}
    stamped = datagram[3] & 1 == 1
    frame["ts"] = int.from_bytes(datagram[4:8], "big")
    frame["entries"], wrong = _entries(datagram, stamped)
    return {**frame, "wrong": wrong} if wrong else frame


def _entries(datagram: bytes, stamped: bool) -> "tuple[list[dict], str]":
    found, at, head = [], _META_HDR, 6 if stamped else 4
    while at < len(datagram):
        if at + head > len(datagram):
            return found, f"{len(datagram) - at} stray octets after the entries"
        one, two = datagram[at] << 8 | datagram[at + 1], datagram[at + 2] << 8 | datagram[at + 3]
        size, number = (one, two) if stamped else (two, one)
        entry = {"src": number & 0x7FFF, "payload": size}
        if stamped:
            entry["ts"] = datagram[at + 4] << 8 | datagram[at + 5]
        at += head + size
        if at > len(datagram):
            return (
                found,
                f"entry of call {entry['src']} wants {size} octets, {len(datagram) - at + size} are left",
            )
        found.append(entry)
    return found, ""
