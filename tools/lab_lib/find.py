"""What of the outside world is already here: the cache folder, Asterisk, the Debian tree, programs.

Looks only, changes nothing. Order for Asterisk: UIAXY_ASTERISK, the system's own, the tree of the lab.
"""

import functools
import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_MODULE_FOLDERS = ("/usr/lib/*/asterisk/modules", "/usr/lib/asterisk/modules", "/usr/lib64/asterisk/modules")
_SBIN = "/usr/local/sbin:/usr/sbin:/sbin"

# machine → Debian's name, folder of its libraries, its loader, the same three for 32 bits
_DEBIAN = {
    "x86_64": (
        ("amd64", "x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"),
        ("i386", "i386-linux-gnu", "usr/lib/i386-linux-gnu/ld-linux.so.2"),
    ),
    "aarch64": (
        ("arm64", "aarch64-linux-gnu", "usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1"),
        ("armhf", "arm-linux-gnueabihf", "usr/lib/arm-linux-gnueabihf/ld-linux-armhf.so.3"),
    ),
}


class LabError(Exception):
    """The lab cannot do it; the text is one line that says what to do."""


@dataclass(frozen=True)
class Architecture:
    """Debian's name of an architecture, and where a tree of it keeps its libraries and its loader."""

    debian: str
    libraries: str
    loader: str


@dataclass(frozen=True)
class Asterisk:
    """An Asterisk that can be started. argv: how to call it; modules, data: its own folders."""

    argv: "tuple[str, ...]"
    modules: str
    data: str
    origin: str
    version: str


def cache_folder() -> Path:
    """Return the user's cache folder of this project; it may not exist yet."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "uiaxy"


def tree_folder() -> Path:
    """Return where the Debian tree stands when it is complete."""
    return cache_folder() / "sid"


def architectures() -> "tuple[Architecture, Architecture] | None":
    """Return this machine's 64- and 32-bit architectures, or None where the lab knows no tree for it."""
    rows = _DEBIAN.get({"arm64": "aarch64", "amd64": "x86_64"}.get(platform.machine(), platform.machine()))
    if rows is None or platform.system() != "Linux":
        return None
    return Architecture(*rows[0]), Architecture(*rows[1])


def program(name: str) -> str:
    """Return the path of a program, also from the sbin folders, or ""."""
    path = os.environ.get("PATH", os.defpath) + os.pathsep + _SBIN
    return shutil.which(name, path=path) or ""


def says(*command: str, timeout_s: float = 20) -> str:
    """Return what a command prints, "" if it cannot run or ends badly."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def tree_command(tree: Path, architecture: Architecture, binary: str) -> "tuple[str, ...]":
    """Return how to run a program of the tree without chroot: its own loader, its own libraries."""
    libraries = tree / "usr/lib" / architecture.libraries
    return (str(tree / architecture.loader), "--library-path", str(libraries), str(tree / binary))


@functools.lru_cache(maxsize=1)
def asterisk() -> "Asterisk | None":
    """Return the Asterisk to use, or None."""
    named = os.environ.get("UIAXY_ASTERISK", "")
    own = str(tree_folder() / "usr/sbin/asterisk")
    if named and Path(named).name != "none" and named != wrapper("asterisk"):
        return _system_asterisk(named, "UIAXY_ASTERISK")
    if named == "none":
        return None
    found = program("asterisk")
    return (_system_asterisk(found, "system") if found and found != own else None) or _tree_asterisk()


def wrapper(name: str) -> str:
    """Return the path under which a program of the tree can be called, whether it is there or not."""
    return str(cache_folder() / "bin" / name)


def _system_asterisk(binary: str, origin: str) -> "Asterisk | None":
    version = says(binary, "-V")
    for pattern in _MODULE_FOLDERS:
        for folder in sorted(Path("/").glob(pattern.lstrip("/"))):
            if version and (folder / "chan_iax2.so").exists():
                return Asterisk((binary,), str(folder), _system_data(), origin, version)
    return None


def _system_data() -> str:
    """Return the folder with Asterisk's documentation; it does not start without."""
    share = "/usr/share/asterisk"
    return share if Path(share, "documentation").exists() else "/var/lib/asterisk"


def _tree_asterisk() -> "Asterisk | None":
    pair = architectures()
    tree = tree_folder()
    if pair is None:
        return None
    modules = tree / "usr/lib" / pair[0].libraries / "asterisk/modules"
    if not (modules / "chan_iax2.so").exists():
        return None
    command = tree_command(tree, pair[0], "usr/sbin/asterisk")
    version = says(*command, "-V")
    data = str(tree / "usr/share/asterisk")
    return Asterisk(command, str(modules), data, f"Debian tree {tree}", version) if version else None


def tree_is_complete(tree: Path) -> bool:
    """Return True if the tree's programs run: the 32-bit MicroPython, and Asterisk unless sid had none."""
    pair = architectures()
    if pair is None or not (tree / "usr/bin/micropython").exists():
        return False
    if not says(*tree_command(tree, pair[1], "usr/bin/micropython"), "-c", "print(1)"):
        return False
    if (tree / "etc/uiaxy-no-asterisk").exists():
        return True
    return bool(says(*tree_command(tree, pair[0], "usr/sbin/asterisk"), "-V"))


def in_ci() -> bool:
    """Return True where a missing tool is a failure and no reason to skip: CI=true."""
    return os.environ.get("CI", "").lower() in ("true", "1")
