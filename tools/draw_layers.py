#!/usr/bin/env python3
"""Draw who imports whom, from the imports as they are, into firmware/pictures/layers.svg.

The places of the rooms are fixed here, the arrows and the names of the modules are found. A room without a
place is an error, so that nobody grows a new layer unseen.
"""

import sys
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import layers, svg

PICTURE = layers.ROOT / "firmware" / "pictures" / "layers.svg"

# Room → left, top, width, height in px.
_PLACES = {
    "main": (60, 50, 150, 34),
    "board": (640, 50, 280, 76),
    "ata": (60, 160, 150, 34),
    "setup": (250, 160, 100, 34),
    "arena": (390, 160, 90, 34),
    "config": (520, 160, 90, 34),
    "typed": (650, 160, 90, 34),
    "stats": (830, 160, 90, 34),
    "extras": (250, 222, 100, 34),
    "remote": (390, 222, 90, 34),
    "printer": (520, 222, 90, 34),
    "failover": (650, 222, 90, 34),
    "wary": (780, 222, 70, 34),
    "handset": (60, 222, 150, 34),
    "announcer": (60, 284, 110, 34),
    "calling": (250, 284, 100, 34),
    "lamp": (390, 284, 90, 34),
    "dialreport": (510, 284, 110, 34),
    "servers": (650, 284, 90, 34),
    "line": (60, 392, 240, 76),
    "iax": (350, 392, 290, 88),
    "media": (690, 392, 230, 60),
    "dsp": (690, 542, 230, 60),
    "ticks": (60, 630, 860, 34),
}
_AROUND = {
    ("setup", "dsp"): [(664, 384), (664, 518)],  # between iax and media
    ("setup", "config"): [(340, 146), (560, 146)],
    ("calling", "dsp"): [(655, 370), (655, 500)],  # over arena
}
_BOOKS = ("codes",)
_WIDTH, _HEIGHT = 980, 730


def names_of(room: str) -> "list[str]":
    """Return the modules of a room, without its name, books left out."""
    found = [name for name in layers.device_modules() if layers.room(name) == room]
    return sorted(name.split(".", 1)[1] for name in found if "." in name and name not in layers.BOOKS)


def put_room(sheet: svg.Svg, room: str) -> None:
    """Draw one room with the names of its modules, broken to its width."""
    x, y, width, height = _PLACES[room]
    at = list(_PLACES).index(room)
    sheet.box(x, y, width, height, svg.tint(at, len(_PLACES)))
    alone = not names_of(room)
    sheet.text(x + width // 2, y + (height // 2 + 5 if alone else 18), room, size=14, anchor="middle")
    line, down = "", 34
    for name in [*names_of(room), ""]:
        if line and (not name or svg.width_px(f"{line} {name}") * 10 // 12 > width - 16):
            sheet.text(x + 8, y + down, line, size=10, color="#444")
            line, down = "", down + 14
        line = f"{line} {name}".strip()


def put_arrow(sheet: svg.Svg, above: str, below: str) -> None:
    """Draw one import: down from the lower edge of `above`, or along the row between neighbours."""
    x, y, width, height = _PLACES[above]
    to_x, to_y, to_width, to_height = _PLACES[below]
    if y == to_y and (above, below) in _AROUND:
        way = _AROUND[above, below]
        sheet.line([(x + width - 20, y), *way, (to_x + to_width // 2, to_y)])
        return
    if y == to_y:
        start = (x + width, y + height // 2) if to_x > x else (x, y + height // 2)
        end = (to_x, to_y + to_height // 2) if to_x > x else (to_x + to_width, to_y + to_height // 2)
        sheet.line([start, end])
        return
    slot = list(_PLACES).index(below) * 7 % max(width - 40, 1)
    start_x = min(max(to_x + to_width // 2, x + 20 + slot), x + width - 20)
    around = _AROUND.get((above, below), [])
    end_x = to_x + 30 if around else to_x + to_width // 2
    sheet.line([(start_x, y + height), *around, (end_x, to_y)])


def draw() -> str:
    """Return the picture of the imports as they are now."""
    sheet = svg.Svg()
    sheet.text(60, 28, "Who imports whom: down only, sisters never", size=15)
    found = layers.rooms_graph()
    known = [room for room in found if room not in _BOOKS]
    missing = [room for room in known if room not in _PLACES]
    if missing:
        raise SystemExit(f"no place in tools/draw_layers.py for: {', '.join(missing)}")
    for room in sorted(known):
        for used in sorted(found[room] - {"ticks"}):
            put_arrow(sheet, room, used)
    if "main" in found:
        y = _PLACES["main"][1] + 17
        sheet.line([(_PLACES["main"][0] + _PLACES["main"][2], y), (_PLACES["board"][0], y)])
        sheet.text(330, y - 8, "names one board when it starts", size=10, color="#666")
    for room in _PLACES:
        if room in known:
            put_room(sheet, room)
    floor = ", ".join(sorted(room for room in known if "ticks" in found[room]))
    sheet.text(60, 156, "is handed its parts", size=10, color="#666")
    sheet.text(60, 684, f"ticks, the floor: used by {floor}", size=10, color="#666")
    sheet.text(
        60,
        702,
        "codes and iax/proto, the books of numbers: imported by nobody on the device",
        size=10,
        color="#666",
    )
    return sheet.sheet(_WIDTH, _HEIGHT, "Layers of the firmware")


def main() -> int:
    """Write the picture; return 0."""
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(draw(), encoding="utf-8")
    print(PICTURE.relative_to(layers.ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
