"""Fetch what is missing of the outside world: the Debian tree, and programs of this machine's distribution.

The tree (Asterisk, MicroPython for 64 and 32 bits) is made in a folder beside its place and renamed when
its programs run, so it is there whole or not at all. Each step tells in one line what it did.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tools.lab_lib import apt, find, vms

MIRROR = "http://deb.debian.org/debian"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_NEED_BYTES = 1_500_000_000

# program to look for, Debian's package
TOOLS = (
    ("tshark", "tshark"),
    ("minimodem", "minimodem"),
    ("multimon-ng", "multimon-ng"),
    ("sox", "sox"),
    ("espeak-ng", "espeak-ng"),
    ("xtensa-lx106-elf-objdump", "binutils-xtensa-lx106"),
)
SPANDSP_PACKAGES = ("libspandsp2t64", "libspandsp2")  # its name from Debian 13 on, and before

# speech and music in which nobody may hear a digit: each package, and what it brings
SOUNDS = (
    ("asterisk-core-sounds-en-wav", "sounds/en_US_f_Allison"),
    ("asterisk-core-sounds-es-wav", "sounds/es_MX_f_Allison"),
    ("asterisk-core-sounds-fr-wav", "sounds/fr_CA_f_June"),
    ("asterisk-core-sounds-it-wav", "sounds/it_IT_m_Carlo"),
    ("asterisk-core-sounds-ru-wav", "sounds/ru_RU_f_IvrvoiceRU"),
    ("asterisk-moh-opsound-wav", "moh/macroform-cold_day.wav"),
)
_SOUNDS_FOLDER = Path("/usr/share/asterisk")

Say = Callable[[str], None]


class InstallError(find.LabError):
    """It cannot be installed; the text is one line that says why."""


def everything(say: Say, fresh: bool = False) -> "list[str]":
    """Install what is missing; return what is missing still, one line each. fresh: make the tree anew."""
    missing = tools(say)
    try:
        if fresh or _needs_tree():
            tree(say, fresh)
    except InstallError as problem:
        missing.append(str(problem))
    vms.write_wrappers()
    found = find.asterisk()
    if found is None:
        missing.append("no Asterisk: the bundled test peer serves instead")
    if not vms.micropython(32):
        missing.append("no 32-bit MicroPython: its tests are left out")
    return missing


def _needs_tree() -> bool:
    has_vm32 = bool(os.environ.get("UIAXY_MICROPYTHON32") or vms.micropython(32))
    return not (has_vm32 and (find.asterisk() or find.tree_is_complete(find.tree_folder())))


# ---- programs of this machine's distribution


def missing_packages() -> "list[tuple[str, tuple[str, ...]]]":
    """Return what is missing here: its name, and the packages any of which would do."""
    rows: list[tuple[str, tuple[str, ...]]] = []
    rows += [(name, (package,)) for name, package in TOOLS if not find.program(name)]
    if not spandsp():
        rows.append(("libspandsp2", SPANDSP_PACKAGES))
    rows += [(name, (name,)) for name, brings in SOUNDS if not (_SOUNDS_FOLDER / brings).exists()]
    return rows


def spandsp() -> str:
    """Return the path of libspandsp, the independent judge of modems and DTMF, or ""."""
    folders = ("/usr/lib", "/usr/lib/*-linux-gnu*", "/usr/local/lib", "/usr/lib64", "/opt/homebrew/lib")
    for folder in folders:
        for path in sorted(Path("/").glob(f"{folder.lstrip('/')}/libspandsp.*")):
            return str(path)
    return ""


def tools(say: Say) -> "list[str]":
    """Install missing programs where we may; return a line for each that stays missing."""
    wanted = missing_packages()
    if not wanted:
        return []
    if not apt.usable():
        names = " ".join(package[0] for _name, package in wanted)
        return [
            f"{names}: not installed, and only root on a Debian-like machine may (apt-get install {names})"
        ]
    here = apt.Apt()
    if not all(any(here.knows(name) for name in packages) for _name, packages in wanted):
        here.update()
    chosen = [next((name for name in row[1] if here.knows(name)), row[1][-1]) for row in wanted]
    say(f"installing {' '.join(chosen)}")
    if not here.install(*chosen):
        return []
    return [f"{package}: {why}" for package in chosen if (why := here.install(package))]


# ---- the tree


def tree(say: Say, fresh: bool = False) -> None:
    """Make the Debian sid tree in the cache folder. Raises InstallError."""
    place = find.tree_folder()
    _check_possible()
    place.parent.mkdir(parents=True, exist_ok=True)
    with _lock(place.parent / "sid.lock", say):
        if not fresh and find.tree_is_complete(place):
            return
        start = time.monotonic()
        part = place.with_name("sid.part")
        _remove(part)
        say(f"making a minimal Debian sid tree, once, about 700 MB of disk and a minute: {place}")
        _bootstrap(part)
        _fill(part, say)
        if not find.tree_is_complete(part):
            raise InstallError("the programs of the Debian tree do not run on this machine")
        old = place.with_name("sid.old")
        _remove(old)
        if place.exists():
            place.rename(old)
        part.rename(place)
        _remove(old)
        find.asterisk.cache_clear()
        say(f"tree made in {time.monotonic() - start:.0f} s")


def _check_possible() -> None:
    if find.architectures() is None:
        raise InstallError("no Debian tree for this kind of machine: install asterisk yourself")
    if not apt.usable():
        raise InstallError("no Debian tree: making it needs root on a Debian-like machine")
    base = find.cache_folder()
    while not base.exists():
        base = base.parent
    if shutil.disk_usage(base).free < _NEED_BYTES:
        raise InstallError(f"no Debian tree: {base} has less than 1.5 GB free")
    if not find.program("debootstrap"):
        why = apt.Apt().install("debootstrap", "debian-archive-keyring")
        if not find.program("debootstrap"):
            raise InstallError(f"no Debian tree: debootstrap cannot be installed ({why})")


def _bootstrap(part: Path) -> None:
    mirror = os.environ.get("UIAXY_DEBIAN_MIRROR", MIRROR)
    keyring = [f"--keyring={_KEYRING}"] if _KEYRING.exists() else []
    command = [find.program("debootstrap"), "--variant=minbase", *keyring, "sid", str(part), mirror]
    environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stderr + done.stdout).strip().splitlines() or ["it said nothing"]
        told = [line for line in lines if line.startswith(("E:", "W:"))] or lines
        raise InstallError(f"debootstrap from {mirror} failed: {told[-1]}")


def _fill(part: Path, say: Say) -> None:
    """Put the packages into a fresh tree; nothing of it may start a service here."""
    pair = find.architectures()
    assert pair is not None
    policy = part / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    there = apt.Apt(("chroot", str(part)))
    there.run("--add-architecture", pair[1].debian, program="dpkg")
    why = there.update()
    if why:
        raise InstallError(f"the Debian tree cannot read its package lists: {why}")
    if not there.install("micropython"):
        shutil.copy2(part / "usr/bin/micropython", part / "usr/bin/micropython64")
    vm32 = f"micropython:{pair[1].debian}"
    if there.knows("asterisk"):
        why = there.install("asterisk", vm32)
    else:
        say("Debian sid has no asterisk at present: the bundled test peer serves instead")
        (part / "etc/uiaxy-no-asterisk").touch()
        why = there.install(vm32)
    if why:
        raise InstallError(f"the Debian tree lacks a package: {why}")
    there.run("clean")
    shutil.rmtree(part / "var/lib/apt/lists", ignore_errors=True)


def _remove(folder: Path) -> None:
    """Remove a tree, first whatever a broken run left mounted in it."""
    mounts = Path("/proc/mounts")
    rows = mounts.read_text().splitlines() if mounts.exists() else []
    inside = [row.split()[1] for row in rows if row.split()[1].startswith(f"{folder}/")]
    for point in sorted(inside, reverse=True):
        subprocess.run(["umount", "--lazy", point], check=True, capture_output=True)
    if folder.exists():
        shutil.rmtree(folder)


@contextlib.contextmanager
def _lock(path: Path, say: Say) -> "Iterator[None]":
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another run makes the tree; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
