"""A frame as one line for people, or as one JSON object a line for programs."""

import json
import re
from collections.abc import Sequence

Address = tuple[str, int]
_MOST = 60  # characters of a value shown
_BARE = re.compile(rf"[\w.:+@/*#?,=\[\]-]{{1,{_MOST}}}")  # what needs no quotes


def place(address: Address) -> str:
    """Return HOST:PORT, an IPv6 host in brackets."""
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    return f"{host}:{address[1]}"


def as_json(frame: dict, **fields: object) -> str:
    """Return a frame as one JSON object; elements become [name, value, meaning]."""
    return json.dumps({**{name: value for name, value in fields.items() if value is not None}, **frame})


def as_line(frame: dict, where: str) -> str:
    """Return a frame as one line: `where` (when, from whom, to whom), then all that is in it."""
    return f"{where}{name_of(frame):<15} {_inside(frame)}".rstrip()


def where(t_s: float, src: "Address | None", dst: "Address | None") -> str:
    """Return `   0.020000  a:1 > b:2  `, or "" for a datagram from nowhere."""
    return f"{t_s:11.6f}  {place(src)} > {place(dst)}  " if src and dst else ""


def name_of(frame: dict) -> str:
    """Return how one speaks of a frame: NEW, CONTROL RINGING, VOICE ulaw, MINI."""
    kind, sub = str(frame["type"]), frame.get("subclass")
    if kind == "IAX":
        return str(sub) if isinstance(sub, str) else f"IAX {sub}"
    if frame["kind"] != "full" or kind in ("NULL", "TEXT", "ENCRYPTED"):
        return kind
    return f"TYPE {kind} {sub}" if kind.isdigit() else f"{kind} {sub}"


def _inside(frame: dict) -> str:
    words = [_header(frame)]
    words += [_element(*element) for element in frame.get("elements", ())]
    words += [_entry(entry) for entry in frame.get("entries", ())]
    for name in ("text", "data"):
        if name in frame:
            words.append(f"{name}={_quoted(frame[name])}")
    if frame.get("marker"):
        words.append("marker")
    if "payload" in frame:
        words.append(f"{frame['payload']} octets")
    if frame.get("encrypted"):
        words.append("encrypted")
    if "wrong" in frame:
        words.append(f"MALFORMED: {frame['wrong']}")
    return " ".join(word for word in words if word)


def _header(frame: dict) -> str:
    if frame["kind"] == "full":
        again = " R" if frame["retry"] else ""
        call = f"{frame['src']}>{frame['dst']}"
        if "ts" not in frame:  # encrypted
            return f"{call:<11}{again}"
        return f"{call:<11} o{frame['oseq']:<3} i{frame['iseq']:<3} ts {frame['ts']}{again}"
    words = f"{frame['src']}" if "src" in frame else ""
    return f"{words:<11} ts {frame['ts']}" if "ts" in frame else words


def _element(name: str, value: "int | str", meaning: str) -> str:
    shown = str(value) if isinstance(value, int) or _BARE.fullmatch(value) else _quoted(value)
    return f"{name}={shown}({meaning})" if meaning else f"{name}={shown}"


def _entry(entry: dict) -> str:
    stamp = f" ts {entry['ts']}" if "ts" in entry else ""
    return f"[{entry['src']}{stamp} {entry['payload']} octets]"


def _quoted(value: str) -> str:
    return json.dumps(value if len(value) <= _MOST else value[:_MOST] + "…", ensure_ascii=False)


def table(rows: "Sequence[Sequence[str]]") -> str:
    """Return rows as columns of even width."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths)).rstrip() for row in rows)
