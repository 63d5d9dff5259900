"""What a run leaves behind: events, sound, capture and figures in one directory."""

import json
import platform
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np

from .box import UsageError

RATE_HZ = 8000


class Wav:
    """An 8 kHz 16-bit mono file that grows by 20 ms."""

    def __init__(self, path: "Path | str") -> None:
        self._out = open(path, "wb")  # noqa: SIM115  closed by close()
        self._file = wave.open(self._out, "wb")  # noqa: SIM115  closed by close()
        self._file.setnchannels(1)
        self._file.setsampwidth(2)
        self._file.setframerate(RATE_HZ)

    def put(self, pcm: bytes) -> None:
        """Append samples, 16-bit little-endian."""
        self._file.writeframesraw(pcm)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()
        self._out.close()


class Journal:
    """All events of the run: to the report's file, and to whoever listens."""

    def __init__(self, path: "Path | None") -> None:
        self._file = open(path, "w", encoding="utf-8") if path else None  # noqa: SIM115
        self.listeners: "list[Callable[[dict], None]]" = []

    @property
    def wanted(self) -> bool:
        """True if anybody reads it."""
        return self._file is not None or bool(self.listeners)

    def put(self, event: dict) -> None:
        """Take one event: t_ms, who, what, values."""
        if self._file:
            self._file.write(json.dumps(event, default=_plain) + "\n")
        for listen in self.listeners:
            listen(event)

    def close(self) -> None:
        """Finish the file."""
        if self._file:
            self._file.close()
            self._file = None


def _plain(value: object) -> object:
    """Return a number of numpy as one of Python."""
    return value.item() if isinstance(value, np.generic) else str(value)


class Cost:
    """What the turns of the firmware took, as the firmware itself measured it."""

    def __init__(self) -> None:
        self.turns = 0
        self.sum_us = 0
        self.worst_us = 0
        self.worst_t_ms = 0
        self.allocated = 0

    def add(self, turns: int, sum_us: int, worst_us: int, allocated: int, t_ms: int) -> None:
        """Add the figures of one tick."""
        self.turns += turns
        self.sum_us += sum_us
        self.allocated += allocated
        if worst_us > self.worst_us:
            self.worst_us = worst_us
            self.worst_t_ms = t_ms

    def figures(self) -> dict:
        """Return the figures for the report."""
        mean = self.sum_us / self.turns if self.turns else 0
        return {
            "turns": self.turns,
            "mean_us": round(mean, 1),
            "worst_us": self.worst_us,
            "worst_at_ms": self.worst_t_ms,
            "allocated_octets": self.allocated,
        }


class Report:
    """The report directory. Without one, it takes everything and keeps nothing."""

    def __init__(self, folder: "Path | None") -> None:
        self.folder = folder
        self._wavs: "list[Wav]" = []
        if folder:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                self._wavs = [Wav(folder / f"{name}.wav") for name in ("ear", "mouth", "line")]
                self.journal = Journal(folder / "events.jsonl")
            except OSError as error:
                raise UsageError(f"no report in {folder}: {error.strerror}") from None
        else:
            self.journal = Journal(None)

    def path(self, name: str) -> "Path | None":
        """Return where a file of the report goes, None without a directory."""
        return self.folder / name if self.folder else None

    def sound(self, ear: "np.ndarray", mouth: bytes, line: "np.ndarray") -> None:
        """Take 20 ms of earpiece and mouthpiece, and of what came down the line, heard or not."""
        for wav, octets in zip(self._wavs, (ear.tobytes(), mouth, line.tobytes())):
            wav.put(octets)

    def close(self, figures: dict) -> None:
        """Finish all files; draw the picture if that can be done here."""
        self.journal.close()
        if not self.folder:
            return
        for wav in self._wavs:
            wav.close()
        figures = {"python": platform.python_version(), "system": platform.platform(), **figures}
        text = json.dumps(figures, indent=2, default=_plain)
        (self.folder / "report.json").write_text(text + "\n", encoding="utf-8")


def draw_picture(folder: Path) -> str:
    """Draw call.svg; return "" or why it was not drawn, in one line."""
    try:
        from . import picture
    except ImportError as missing:
        return f"no call.svg: {missing.name} is missing here: pip install {missing.name}"
    picture.draw(folder)
    return ""
