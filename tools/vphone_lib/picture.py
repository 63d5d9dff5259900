"""Draws a call: line voltage, sound both ways and the ladder of frames on one time axis.

`draw(report_dir)` reads events.jsonl, ear.wav and mouth.wav of a report directory and writes call.svg there.
Missing files leave their panel empty. Needs matplotlib; knows nothing of a running simulation.
"""

import json
from collections.abc import Callable
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from .ladder import draw_ladder
from .levels import RATE_HZ
from .loop import BATTERY_V, LOOP_MA, LOOP_OHM, RING_VRMS
from .speech import read_wav

INK = "#1f2933"
PAPER = "#fffdf8"
_LINE, _RING, _EAR, _MOUTH, _OFF_HOOK = "#b45309", "#e8a33d", "#1d6fa5", "#2f855a", "#f3ead7"
_TONES = {"voice": "#d6e9d8", "none": PAPER}
_TONE_TINT = "#cfe3f1"
_COLUMNS = 2400  # of a waveform: more cannot be seen
_STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.edgecolor": "#9aa5b1",
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.fonttype": "none",
    "svg.hashsalt": "call",
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
}


def read_events(path: "Path | str") -> "list[dict]":
    """The objects of a JSON-lines file in the order of their time; [] if there is no such file."""
    path = Path(path)
    if not path.exists():
        return []
    events = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return sorted((e for e in events if "t_ms" in e), key=lambda e: e["t_ms"])


def draw(report_dir: "Path | str", out: "Path | str | None" = None) -> str:
    """Write the picture (call.svg in `report_dir`, or `out` in the format of its name); returns its path."""
    report = Path(report_dir)
    events = read_events(report / "events.jsonl")
    ear, mouth = _sound(report / "ear.wav"), _sound(report / "mouth.wav")
    end_s = max([len(ear) / RATE_HZ, len(mouth) / RATE_HZ, *(e["t_ms"] / 1000 for e in events), 1.0])
    path = Path(out) if out else report / "call.svg"
    with plt.rc_context(_STYLE):  # pyright: ignore[reportArgumentType]
        width_in = float(np.clip(9 + 0.22 * end_s, 13, 30))
        figure, axes = plt.subplots(
            4, 1, figsize=(width_in, 9.2), sharex=True, height_ratios=(1.5, 1, 1, 3.6), layout="constrained"
        )
        _draw_line(axes[0], events, end_s)
        _draw_sound(axes[1], ear, end_s, "sound out\n(earpiece)", _EAR)
        _draw_sound(axes[2], mouth, end_s, "sound in\n(mouthpiece)", _MOUTH)
        _tint_heard(axes[1], events, end_s)
        _note_spoken(axes[2], events, end_s)
        draw_ladder(axes[3], events, end_s)
        for axis in axes:
            _shade_off_hook(axis, events, end_s, axis is axes[0])
            axis.set_xlim(-0.01 * end_s, end_s * 1.01)
            axis.spines[["top", "right"]].set_visible(False)
        axes[3].set_xlabel("time in s")
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None, dpi=90)
        plt.close(figure)
    return str(path)


def _sound(path: Path) -> np.ndarray:
    return read_wav(str(path)) if path.exists() else np.zeros(0, np.int16)


def _spans(
    events: "list[dict]", end_s: float, value: Callable[[dict], object]
) -> "list[tuple[float, float, object]]":
    """(from_s, to_s, value) of a quantity; `value(event)` gives its new value, None for no change."""
    spans, since, now = [], 0.0, None
    for event in events:
        new = value(event)
        if new is None or new == now:
            continue
        t = event["t_ms"] / 1000
        if now is not None and t > since:
            spans.append((since, t, now))
        since, now = t, new
    if now is not None:
        spans.append((since, end_s, now))
    return spans


def _is(event: dict, who: str, what: str) -> bool:
    return event.get("who") == who and event.get("what") == what


def _loop_of(event: dict) -> "bool | None":
    return bool(event.get("closed")) if _is(event, "line", "loop") else None


def _feed_of(event: dict) -> "str | None":
    return event.get("feed") if _is(event, "line", "feed") else None


def _shade_off_hook(axis: Axes, events: "list[dict]", end_s: float, named: bool) -> None:
    for start, stop, closed in _spans(events, end_s, _loop_of):
        if closed:
            axis.axvspan(start, stop, color=_OFF_HOOK, zorder=0, linewidth=0)
            if named:
                axis.text(start, -142, " off-hook", fontsize=8, color="#7b8794", va="bottom", clip_on=True)


def _volts(feed: str, closed: bool) -> float:
    sign = {"forward": 1.0, "reverse": -1.0, "ringing": 1.0}.get(feed, 0.0)
    return sign * (-LOOP_MA * LOOP_OHM / 1000 if closed else BATTERY_V)


def _draw_line(axis: Axes, events: "list[dict]", end_s: float) -> None:
    """DC voltage as a line, ringing as a band, and what the person did above it."""
    times, volts, feed, closed = [0.0], [0.0], "open", False
    for event in events:
        new_feed, new_closed = _feed_of(event), _loop_of(event)
        if new_feed is None and new_closed is None:
            continue
        feed = feed if new_feed is None else new_feed
        closed = closed if new_closed is None else new_closed
        times.append(event["t_ms"] / 1000)
        volts.append(_volts(feed, closed))
    axis.step([*times, end_s], [*volts, volts[-1]], where="post", color=_LINE, linewidth=1.4, zorder=4)
    peak = RING_VRMS * 2**0.5
    for start, stop, on in _spans(events, end_s, lambda e: e.get("on") if _is(e, "phone", "ring") else None):
        if on:
            _draw_ringing(axis, start, stop, peak)
    axis.axhline(0, color="#cbd2d9", linewidth=0.7, zorder=1)
    axis.set_ylim(-150, 150)
    axis.set_yticks([-48, 0, 48], ["−48 V", "0", "+48 V"])
    axis.set_ylabel("line\nvoltage", rotation=0, ha="right", va="center")
    _note_deeds(axis, events, end_s)


def _draw_ringing(axis: Axes, start: float, stop: float, peak: float) -> None:
    n = max(8, int((stop - start) * 80))  # 4 points a cycle of 20 Hz: a hatch, as on an old plotter
    t = np.linspace(start, stop, n)
    axis.plot(t, BATTERY_V + peak * np.sin(np.pi / 2 * np.arange(n)), color=_RING, linewidth=0.7, zorder=3)


def _note_deeds(axis: Axes, events: "list[dict]", end_s: float) -> None:
    """Lift, digits, hang, ring: small flags along the upper edge, each a little lower than the one before."""
    words = {"lift": "lifts", "hang": "hangs up", "flash": "flash"}
    last, row = -1e9, 0
    for event in events:
        what = event.get("what", "")
        if event.get("who") != "phone":
            continue
        text = words.get(what, "")
        if what in ("dtmf", "pulse"):
            text = f"dials {event.get('digits', '')}"
        elif what == "ring" and event.get("on"):
            text = "rings"
        elif what == "callerid" and not event.get("fault"):
            text = f"shows {event.get('number') or event.get('why') or event.get('waiting', '')}"
        if not text:
            continue
        t = event["t_ms"] / 1000
        row = (row + 1) % 3 if t - last < 0.07 * end_s else 0
        last = t
        axis.plot([t, t], [60, 136 - 30 * row], color="#7b8794", linewidth=0.7, zorder=5)
        axis.text(t + 0.002 * end_s, 138 - 30 * row, text, fontsize=8.5, va="top", zorder=6)


def _draw_sound(axis: Axes, sound: np.ndarray, end_s: float, name: str, colour: str) -> None:
    """A waveform as the band between its least and its greatest sample per column."""
    axis.set_ylabel(name, rotation=0, ha="right", va="center")
    axis.set_yticks([])
    if not len(sound):
        return
    step = max(1, len(sound) // _COLUMNS)
    whole = len(sound) // step * step
    columns = sound[:whole].reshape(-1, step).astype(np.float32) / 32768
    t = (np.arange(len(columns)) + 0.5) * step / RATE_HZ
    axis.fill_between(
        t, columns.min(1) - 0.002, columns.max(1) + 0.002, color=colour, linewidth=0.2, zorder=3
    )
    limit = max(0.15, float(np.abs(columns).max()) * 1.15)
    axis.set_ylim(-limit, limit)


def _heard(event: dict) -> "str | None":
    if _is(event, "phone", "tone"):
        return str(event.get("tone"))
    if _is(event, "phone", "voice"):
        return "voice" if event.get("on") else "none"
    return None


def _tint_heard(axis: Axes, events: "list[dict]", end_s: float) -> None:
    """A bar above the sound says what the telephone took it for."""
    for start, stop, name in _spans(events, end_s, _heard):
        if name == "none":
            continue
        colour = _TONES.get(str(name), _TONE_TINT)
        axis.axvspan(start, stop, ymin=0.84, ymax=1.0, color=colour, zorder=2, linewidth=0)
        axis.text(
            start, 0.92, f" {name}", transform=axis.get_xaxis_transform(), fontsize=8, va="center", zorder=5
        )


def _note_spoken(axis: Axes, events: "list[dict]", end_s: float) -> None:
    for event in events:
        what = event.get("what")
        if event.get("who") != "phone" or what not in ("play", "hum", "dtmf"):
            continue
        text = {"play": "speech", "hum": f"{event.get('hz', 0):g} Hz"}.get(what, str(event.get("digits")))
        axis.text(
            event["t_ms"] / 1000,
            0.92,
            f" {text}",
            transform=axis.get_xaxis_transform(),
            fontsize=8,
            va="center",
            zorder=5,
        )
