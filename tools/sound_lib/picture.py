"""A recording as a picture: voltage of the line, sound, and the frequencies in it, on one axis of time."""

from pathlib import Path

import matplotlib

import codes

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from tools.vphone_lib.levels import RATE_HZ, rms_of_dbm0
from tools.vphone_lib.loop import BATTERY_V, RING_VRMS

from .line import Recording

_CELL_S = 0.005
_SOUND, _LINE, _RING, _MARK = "#1d6fa5", "#b45309", "#e8a33d", "#7b8794"
_FULL = 32768
_MOST_COLUMNS = 4000
_DC = {codes.FEED_OPEN: 0.0, codes.FEED_FORWARD: BATTERY_V, codes.FEED_REVERSE: -BATTERY_V}
_SHORT_S = 0.15  # so much of a recording shows its waves one by one
_STYLE = {"font.size": 9, "svg.fonttype": "none", "svg.hashsalt": "linesound", "axes.spines.top": False}


def draw(recording: Recording, path: Path) -> None:
    """Write the picture of a recording in the format of the file's name."""
    has_sound = bool(np.any(recording.samples))
    wanted = {"line": recording.feeds, "sound": has_sound, "hz": has_sound and not recording.bell}
    rows = [name for name in wanted if wanted[name]]
    with plt.rc_context(_STYLE):  # pyright: ignore[reportArgumentType]
        figure, axes = plt.subplots(
            max(1, len(rows)), 1, figsize=(12, 1 + 2.2 * max(1, len(rows))), sharex=True, squeeze=False,
            layout="constrained",
        )  # fmt: skip
        for name, axis in zip(rows, axes[:, 0]):
            {"line": _line, "sound": _sound, "hz": _frequencies}[name](axis, recording)
            axis.set_xlim(0, recording.seconds)
        axes[0, 0].set_title(recording.title, loc="left")
        axes[-1, 0].set_xlabel("time in s")
        figure.savefig(path, dpi=100, metadata={"Date": None} if path.suffix == ".svg" else None)
        plt.close(figure)


def _line(axis: Axes, recording: Recording) -> None:
    """Voltage between the wires; ringing is drawn as its envelope."""
    feeds = np.array(recording.feeds)
    t = np.append(np.arange(len(feeds)), len(feeds)) * _CELL_S
    dc = np.array([_DC.get(feed, BATTERY_V) for feed in feeds])
    peak = np.where(feeds == codes.FEED_RINGING, RING_VRMS * np.sqrt(2), 0.0)
    axis.step(t, np.append(dc, dc[-1]), where="post", color=_LINE, linewidth=1.2)
    low, high = np.append(dc - peak, 0), np.append(dc + peak, 0)
    ringing = np.append(peak, 0) > 0
    band = f"ringing, {RING_VRMS:g} V rms, {recording.ring_hz:g} Hz: its peaks, both ways"
    axis.fill_between(
        t, low, high, where=ringing.tolist(), step="post", color=_RING, alpha=0.8, linewidth=0, label=band
    )
    if ringing.any():
        axis.legend(loc="lower right", frameon=False, fontsize=8, borderpad=0)
    axis.set_ylim(-170, 100)
    axis.set_yticks(sorted({*_DC.values(), -100.0}))
    axis.set_ylabel("line in V\n(ring wire to tip)")
    for feed, volts in zip(("open", "forward", "reversed"), _DC.values(), strict=True):
        axis.text(1.003, volts, feed, transform=axis.get_yaxis_transform(), va="center", color=_MARK)
    for k, (begin_ms, end_ms, what) in enumerate(recording.marks):
        axis.axvspan(begin_ms / 1000, end_ms / 1000, color=_SOUND, alpha=0.15, linewidth=0)
        axis.text(begin_ms / 1000, 78 - 20 * (k % 2), f" {what}", color=_MARK)


def _sound(axis: Axes, recording: Recording) -> None:
    """The wave, or where it is long the least and the greatest sample of each column."""
    share = recording.samples / _FULL
    step = len(share) // _MOST_COLUMNS + 1
    t = np.arange(0, len(share), step) / RATE_HZ
    if recording.seconds <= _SHORT_S or step == 1:
        axis.plot(np.arange(len(share)) / RATE_HZ, share, color=_SOUND, linewidth=0.8)
    else:
        whole = np.pad(share, (0, len(t) * step - len(share))).reshape(-1, step)
        axis.fill_between(t, whole.min(1), whole.max(1), color=_SOUND, linewidth=0.3)
    limit = max(0.01, 1.15 * float(np.abs(share).max()))
    axis.set_ylim(-limit, limit)
    axis.set_ylabel(f"{'ringing' if recording.bell else 'sound'}\n(1 = full scale)")


def _frequencies(axis: Axes, recording: Recording) -> None:
    """Level in dBm0 over time and frequency."""
    size = 256 if recording.seconds > _SHORT_S else 128
    wave = np.pad(recording.samples.astype(np.float64), (size // 2, size))
    step = max(size // 8, len(wave) // 1500)
    window = np.hanning(size)
    columns = [wave[at : at + size] * window for at in range(0, len(wave) - size, step)]
    amplitude = 2 * np.abs(np.fft.rfft(np.array(columns), axis=1)) / window.sum()
    level = 20 * np.log10(np.maximum(amplitude / np.sqrt(2), 1e-3) / rms_of_dbm0(0))
    end_s = len(columns) * step / RATE_HZ
    axis.imshow(
        level.T,
        origin="lower",
        aspect="auto",
        extent=(0, end_s, 0, RATE_HZ / 2000),
        vmin=-60,
        vmax=0,
        cmap="magma",
    )
    axis.set_ylabel("frequency in kHz\n(dark -60, light 0 dBm0)")
