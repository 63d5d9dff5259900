"""Settings on their way to the firmware: from a file and from the command line, each with its place.

They are checked by the firmware's own code, in a process of its own, so that a wrong one is told with its
line before anything starts. What only the whole firmware can judge it refuses itself, when it starts.
"""

import os
import subprocess
import sys
from pathlib import Path

from .box import ROOT, UsageError

_JUDGE = """
import sys
from board.sim.store import Store
from config import Config
config = Config(Store(sys.argv[1], ""))
for line in sys.stdin.buffer:
    name, _, value = line.decode().rstrip("\\n").partition("=")
    wrong = config.set(name, value)
    if wrong:
        sys.stdout.buffer.write((name + "=" + wrong).encode())
        break
"""


def read(path: str, more: "list[str]") -> "tuple[dict[str, str], dict[str, str]]":
    """Return settings by name, and the place of each: those of the file, then KEY=VALUE of `more`."""
    lines = _of_file(path) if path else []
    lines += [("--set", text) for text in more]
    settings, places = {}, {}
    for place, line in lines:
        if not line or line.startswith("#"):
            continue
        name, found, value = line.partition("=")
        name = name.strip()
        if not found or not name:
            raise UsageError(f"{place}: {line!r}: write KEY=VALUE")
        settings[name], places[name] = value.strip(), place
    _check(settings, places)
    return settings, places


def _of_file(path: str) -> "list[tuple[str, str]]":
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "no text"
        raise UsageError(f"--config {path}: {why}") from None
    return [(f"{path}:{at}", line.strip()) for at, line in enumerate(text.splitlines(), 1)]


def _check(settings: "dict[str, str]", places: "dict[str, str]") -> None:
    """Complain of the first setting that the firmware would not take."""
    if not settings:
        return
    folders = (ROOT, ROOT / "firmware", ROOT / "host_tests" / "shim")
    done = subprocess.run(
        [sys.executable, "-B", "-c", _JUDGE, str(ROOT / "firmware")],
        input="".join(f"{name}={value}\n" for name, value in settings.items()).encode(),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))},
        capture_output=True,
        check=False,
    )
    name, found, wrong = done.stdout.decode("utf-8", "replace").partition("=")
    if found:  # what goes wrong otherwise, the firmware will tell
        raise UsageError(f"{places[name]}: {wrong.strip()}")


def placed(refusal: str, places: "dict[str, str]") -> str:
    """Return what the firmware refuses, with the place of the setting that it names."""
    name = refusal.partition(":")[0].partition(" ")[0]
    return f"{places[name]}: {refusal}" if name in places else refusal
