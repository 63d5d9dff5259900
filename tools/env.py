#!/usr/bin/env python3
"""The host environment: a venv in the user's cache folder with what tools/requirements.txt pins.

`tools/env.py` makes it where it is missing and prints its Python; `tools/env.py COMMAND …` runs a command
in it, with the VMs and Asterisk named in the environment (see tools/lab_lib/vms.py). The folder's name holds
a hash of the pins and of the Python, so a changed pin makes a new one; nothing is written to the checkout.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT))

from tools.lab_lib import apt, find, vms  # noqa: E402  after the path

REQUIREMENTS = ROOT / "tools/requirements.txt"
FIRST, LAST = (3, 11), (3, 14)


class EnvError(Exception):
    """The environment cannot be made; the text says what to do."""


def folder() -> Path:
    """Return where the environment of these pins and this Python stands."""
    version = ".".join(str(part) for part in sys.version_info[:2])
    key = f"{REQUIREMENTS.read_text()}\n{version} {platform.machine()} {sys.base_prefix}"
    return find.cache_folder() / f"venv-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def ensure() -> Path:
    """Return the folder of the environment, made first where it is missing or half made."""
    place = folder()
    if _is_whole(place):
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    with (place.parent / "venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_whole(place):
            _make(place)
    return place


def _is_whole(place: Path) -> bool:
    return (place / "complete").exists() and (place / "bin/python").exists()


def _make(place: Path) -> None:
    if not FIRST <= sys.version_info[:2] <= LAST:
        raise EnvError(f"needs CPython 3.11 to 3.14, this is {platform.python_version()}; see UIAXY_PYTHON")
    _say(f"making the host environment, once: {place}")
    start = time.monotonic()
    shutil.rmtree(place, ignore_errors=True)
    _make_venv(place)
    pip = [str(place / "bin/python"), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    done = _run([*pip, "--only-binary=:all:", "--requirement", str(REQUIREMENTS)])
    if done.returncode:
        raise EnvError(f"pip could not install {REQUIREMENTS.name}: {_last_line(done.stderr)}")
    (place / "complete").write_text("")
    _say(f"made in {time.monotonic() - start:.0f} s")


def _make_venv(place: Path) -> None:
    command = [sys.executable, "-m", "venv", str(place)]
    if _run(command).returncode == 0:
        return
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if not apt.usable():
        raise EnvError(f"Python's venv module is missing: install {package} (apt-get install {package})")
    _say(f"installing {package}")
    why = apt.Apt().install(package)
    shutil.rmtree(place, ignore_errors=True)
    done = _run(command)
    if done.returncode:
        raise EnvError(f"no venv: {why or _last_line(done.stdout + done.stderr)}")


def _run(command: "list[str]") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")] or [
        line for line in lines if "rror" in line
    ]
    return (errors or lines or ["it said nothing"])[-1]


def _say(text: str) -> None:
    print(f"env: {text}", file=sys.stderr, flush=True)


def variables(place: Path) -> "dict[str, str]":
    """Return the whole environment of a command that runs in `place`."""
    return {
        **os.environ,
        "PATH": f"{place / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "VIRTUAL_ENV": str(place),
        "PYTHONPYCACHEPREFIX": str(find.cache_folder() / "pycache"),
        **vms.environment(str(place)),
    }


def main(argv: "list[str]") -> int:
    """Make the environment; print its Python, or become the command."""
    try:
        place = ensure()
    except EnvError as problem:
        _say(str(problem))
        return 2
    if not argv:
        print(place / "bin/python")
        return 0
    environment = variables(place)
    if argv[0].endswith(".py"):
        argv = [str(place / "bin/python"), *argv]
    try:
        os.execvpe(argv[0], argv, environment)
    except OSError as problem:
        _say(f"cannot run {argv[0]}: {problem.strerror}")
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
