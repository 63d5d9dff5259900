"""atheris, if this Python can have it: an optional requirement, put into the cache folder by `make fuzz`.

It is not among tools/requirements.txt because it has no wheel for every Python and machine that those serve.
"""

import importlib
import platform
import subprocess
import sys
from collections.abc import Callable
from types import ModuleType

from tools.lab_lib.find import cache_folder

PIN = "atheris==3.0.0"


def find_module() -> "ModuleType | None":
    """Return atheris, if it is there already."""
    try:
        return importlib.import_module("atheris")
    except ImportError:
        return None


def find(must: bool, tell: "Callable[[str], None]") -> "ModuleType | None":
    """Return atheris, installed first where it is missing; None if it has no wheel for this Python."""
    version = ".".join(str(part) for part in sys.version_info[:2])
    place = cache_folder() / f"{PIN.replace('==', '-')}-{version}-{platform.machine()}"
    if place.exists():
        sys.path.append(str(place))
    module = find_module()
    if module is not None:
        return module
    tell(f"getting {PIN}, once, into {place}")
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--no-deps"]
    done = subprocess.run(
        [*pip, "--only-binary=:all:", "--target", str(place), PIN],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        sys.path.append(str(place))
        module = find_module()
    if module is None:
        tell(
            f"no {PIN} for CPython {version} on {platform.machine()}"
            + ("" if must else ": our own loop serves")
        )
    return module
