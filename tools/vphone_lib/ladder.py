"""The frame ladder of the picture: ATA above, server below, an arrow a full frame, bands for mini frames.

Time runs to the right. Names of frames stand outside the two life lines: what we send above, what we get
below; where many come at once the names are spread out and joined to their arrows by thin lines. A frame sent
again is dashed; one with `lost` set ends half-way in a cross.
"""

import numpy as np
from matplotlib.axes import Axes

from .story import frame_name

_GROUPS = (  # colour, names
    ("#2f855a", "REGREQ REGAUTH REGACK REGREL REGREJ"),
    ("#1d4ed8", "NEW AUTHREQ AUTHREP ACCEPT CALLTOKEN RINGING PROCEEDING PROGRESS ANSWER STOP_SOUNDS"),
    ("#b91c1c", "HANGUP REJECT BUSY CONGESTION INVAL VNAK UNSUPPORT"),
    ("#7c3aed", "DTMF DTMF_BEGIN DTMF_END"),
    ("#b45309", "VOICE"),
    ("#9aa5b1", "ACK PING PONG LAGRQ LAGRP POKE"),
)
COLOURS = {name: colour for colour, names in _GROUPS for name in names.split()}
_NAMELESS = {"ACK"}
_DEFAULT = "#52606d"
_TOP, _BOTTOM = 1.0, 0.0
_NAME_IN = 0.135  # inches along the time axis that a turned name needs
_BAND_GAP_MS = 300  # a longer pause between mini frames ends a band
_MAX_NAMES = 170


def spread(wanted: "list[float]", gap: float, low: float, high: float) -> "list[float]":
    """Places as near as possible to `wanted` (rising), at least `gap` apart, inside low … high."""
    groups: "list[list[float]]" = []  # [sum of wanted - offset, count]
    for at in wanted:
        groups.append([at, 1.0])
        while len(groups) > 1 and _right(groups[-2], gap) > _left(groups[-1], gap):
            last = groups.pop()
            groups[-1][0] += last[0] - last[1] * groups[-1][1] * gap
            groups[-1][1] += last[1]
    places = []
    for group in groups:
        first = group[0] / group[1]
        places += [first + i * gap for i in range(int(group[1]))]
    return _inside(places, gap, low, high)


def _left(group: "list[float]", gap: float) -> float:
    return group[0] / group[1]


def _right(group: "list[float]", gap: float) -> float:
    return group[0] / group[1] + group[1] * gap


def _inside(places: "list[float]", gap: float, low: float, high: float) -> "list[float]":
    """Push what stands out at an end back in; what does not fit at all stands out on the right."""
    for i in range(len(places) - 1, -1, -1):
        limit = high - (len(places) - 1 - i) * gap
        places[i] = min(places[i], limit)
    for i in range(len(places)):
        places[i] = max(places[i], low + i * gap)
    return places


def draw_ladder(axis: Axes, events: "list[dict]", end_s: float) -> None:
    """Draw all events with who "net" and what "frame"."""
    frames = [e for e in events if e.get("who") == "net" and e.get("what") == "frame"]
    minis = [e for e in frames if frame_name(e) == "MINI" and not e.get("lost")]
    full = [e for e in frames if frame_name(e) != "MINI"]
    slant_s = 0.004 * end_s
    for side in ("out", "in"):
        _draw_bands(axis, [e for e in minis if e.get("dir") == side], side)
        mine = [e for e in full if e.get("dir") == side]
        for event in mine:
            _draw_arrow(axis, event, slant_s)
        _draw_names(axis, [e for e in mine if frame_name(e) not in _NAMELESS], side, slant_s, end_s)
    for y, name in ((_TOP, "ATA"), (_BOTTOM, "server")):
        axis.plot([0, end_s], [y, y], color="#1f2933", linewidth=1.6, zorder=5)
        axis.text(-0.012 * end_s, y, name, ha="right", va="center", fontweight="bold")
    axis.set_ylim(-0.95, 1.95)
    axis.set_yticks([])
    axis.spines["left"].set_visible(False)


def colour_of(event: dict) -> str:
    """The colour of a frame's group."""
    return COLOURS.get(frame_name(event).split()[0], _DEFAULT)


def _ends(event: dict, slant_s: float) -> "tuple[tuple[float, float], tuple[float, float]]":
    """Tail and head of an arrow; `t_ms` is the time at the ATA."""
    t = event["t_ms"] / 1000
    if event.get("dir") == "out":
        return (t, _TOP), (t + slant_s, _BOTTOM)
    return (t - slant_s, _BOTTOM), (t, _TOP)


def _draw_arrow(axis: Axes, event: dict, slant_s: float) -> None:
    tail, head = _ends(event, slant_s)
    faint = frame_name(event) in _NAMELESS
    style = {
        "arrowstyle": "-|>,head_width=0.12,head_length=0.3",
        "color": colour_of(event),
        "linewidth": 0.5 if faint else 1.0,
        "linestyle": "--" if event.get("retry") else "-",
        "shrinkA": 0,
        "shrinkB": 0,
        "alpha": 0.6 if faint else 1.0,
    }
    if event.get("lost"):  # it gets half the way
        head = ((tail[0] + head[0]) / 2, (tail[1] + head[1]) / 2)
        axis.plot(*head, "x", color=colour_of(event), markersize=5, zorder=5)
    axis.annotate("", xy=head, xytext=tail, arrowprops=style, zorder=4)


def _draw_names(axis: Axes, events: "list[dict]", side: str, slant_s: float, end_s: float) -> None:
    events = events[:_MAX_NAMES]
    if not events:
        return
    wide_in = axis.figure.get_figwidth()  # pyright: ignore[reportAttributeAccessIssue]  never a SubFigure
    gap = _NAME_IN * end_s / (wide_in * 0.9)
    tails = [_ends(e, slant_s)[0][0] for e in events]
    order = np.argsort(tails, kind="stable")
    places = spread([tails[i] for i in order], gap, 0.0, end_s)
    line, elbow, foot = (_TOP, 1.16, 1.2) if side == "out" else (_BOTTOM, -0.16, -0.2)
    for i, x in zip(order, places):
        event, colour = events[i], colour_of(events[i])
        axis.plot([tails[i], x], [line, elbow], color=colour, linewidth=0.5, alpha=0.7, zorder=3)
        text = frame_name(event) + (" (again)" if event.get("retry") else "")
        va = "bottom" if side == "out" else "top"
        axis.text(x, foot, text, rotation=90, ha="center", va=va, color=colour, fontsize=7.5, zorder=6)


def _draw_bands(axis: Axes, minis: "list[dict]", side: str) -> None:
    """Mini frames that follow one another as one band with their number."""
    low, colour = (0.53, "#cfe3f1") if side == "out" else (0.27, "#d6e9d8")
    bands: "list[list[dict]]" = []
    for event in minis:
        if bands and event["t_ms"] - bands[-1][-1]["t_ms"] <= _BAND_GAP_MS:
            bands[-1].append(event)
        else:
            bands.append([event])
    for band in bands:
        start, stop = band[0]["t_ms"] / 1000, band[-1]["t_ms"] / 1000 + 0.02
        axis.fill_between([start, stop], low, low + 0.2, color=colour, zorder=2, linewidth=0)
        arrow = "↓" if side == "out" else "↑"
        if len(band) > 20:
            text = f"{arrow} {len(band)} mini frames"
            axis.text((start + stop) / 2, low + 0.1, text, ha="center", va="center", fontsize=8, zorder=6)
