"""A few shapes of SVG as text, the same on every machine: no font is measured, letters are counted."""

from xml.sax.saxutils import escape

CHAR_PX = 7.3  # one letter of 12 px monospace, a little generously


class Svg:
    """A white sheet. Coordinates are whole pixels from the top left."""

    def __init__(self) -> None:
        self._body: "list[str]" = []

    def text(
        self, x: int, y: int, words: str, *, size: int = 12, color: str = "#222", anchor: str = "start"
    ) -> None:
        """Write `words` with their base line at `y`."""
        style = f'font-size="{size}" fill="{color}" text-anchor="{anchor}"'
        self._body.append(f'<text x="{x}" y="{y}" {style}>{escape(words)}</text>')

    def box(self, x: int, y: int, width: int, height: int, fill: str, stroke: str = "#555") -> None:
        """Draw a box with round corners."""
        place = f'x="{x}" y="{y}" width="{width}" height="{height}" rx="5"'
        self._body.append(f'<rect {place} fill="{fill}" stroke="{stroke}"/>')

    def line(self, points: "list[tuple[int, int]]", color: str = "#888", arrow: bool = True) -> None:
        """Draw a broken line through `points`, with an arrow head at its end."""
        way = " ".join(f"{x},{y}" for x, y in points)
        head = ' marker-end="url(#head)"' if arrow else ""
        self._body.append(f'<polyline points="{way}" fill="none" stroke="{color}"{head}/>')

    def sheet(self, width: int, height: int, title: str) -> str:
        """Return the picture, `width` by `height` pixels."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace">'
        )
        marker = (
            '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
            'orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#666"/></marker></defs>'
        )
        ground = f'<rect width="{width}" height="{height}" fill="#fff"/>'
        parts = [head, f"<title>{escape(title)}</title>", marker, ground, *self._body, "</svg>"]
        return "\n".join(parts) + "\n"


def width_px(words: str) -> int:
    """Return the width of `words` at 12 px."""
    return round(len(words) * CHAR_PX)


def tint(index: int, count: int) -> str:
    """Return the pale colour of item `index` of `count`, as far from its neighbours as can be."""
    hue = index * 0.618 % 1 if count > 1 else 0.6
    channels = []
    for shift in (0, 1 / 3, 2 / 3):
        away = abs((hue + shift) % 1 * 6 - 3)
        level = min(max(away - 1, 0), 1)
        channels.append(round(255 * (0.72 + 0.24 * level)))
    return "#" + "".join(f"{channel:02x}" for channel in channels)
