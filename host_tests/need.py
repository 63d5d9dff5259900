"""What a test needs of this machine. Where CI=true all of it must be there; elsewhere the test is skipped."""

import ctypes
import importlib.util
import shutil
from ctypes.util import find_library
from pathlib import Path
from typing import NoReturn

import pytest

from tools import runvm
from tools.lab_lib import find


def refuse(why: str) -> NoReturn:
    """End the test: failed where everything must be there, skipped elsewhere."""
    if find.in_ci():
        pytest.fail(why, pytrace=False)
    pytest.skip(why, allow_module_level=True)


def program(name: str) -> str:
    """Return the path of a program."""
    return shutil.which(name) or refuse(f"{name} is not installed: tools/lab.py install")


def package(name: str) -> None:
    """Go on only if a Python package is there; may stand above the imports of a test file."""
    if importlib.util.find_spec(name) is None:
        refuse(f"no Python package {name}: run by tools/env.sh")


def spandsp() -> ctypes.CDLL:
    """Return libspandsp, loaded."""
    try:
        return ctypes.CDLL(find_library("spandsp") or "libspandsp.so.2")
    except OSError:
        refuse("libspandsp is not installed: tools/lab.py install")


def sounds(files: "list[Path]") -> None:
    """Go on only if the recordings of speech and music are there, all of them."""
    if len(files) < 2800:
        refuse("Debian's recordings for Asterisk are not installed: tools/lab.py install")


def micropython(bits: int) -> str:
    """Return the path of the 64- or 32-bit MicroPython."""
    return runvm.find(bits) or refuse(f"no {bits}-bit MicroPython: {runvm.hint(bits)}")
