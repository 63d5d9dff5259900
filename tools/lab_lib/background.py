"""The server of `tools/lab.py start`: it outlives the command, and `stop` ends that process and no other.

A small file in the cache folder holds its process id with the moment the kernel says it was started, so a
number that was given to another process meanwhile is never mistaken for ours.
"""

import importlib.util
import json
import os
import shutil
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.lab_lib import asterisk_conf, find, ports, server


@dataclass(frozen=True)
class Running:
    """A server in the background. born: ticks since boot from /proc, "" where the kernel does not tell."""

    pid: int
    born: str
    port: int
    folder: str

    def describe(self) -> str:
        """Return one line with all that a phone needs."""
        return (
            f"server at {ports.LOOPBACK}:{self.port}, users {asterisk_conf.PHONES[0]}, "
            f"{asterisk_conf.PHONES[1]} … {asterisk_conf.PHONES[-1]}, {', '.join(asterisk_conf.SPECIAL)}, "
            f"secret {asterisk_conf.SECRET}, {self._key()}log {self.folder}/log/full"
        )

    def _key(self) -> str:
        path = _key_of(self.folder)
        return f"key of {asterisk_conf.RSA_KEY} {path}, " if path.exists() else ""


def running() -> "Running | None":
    """Return the server that runs, or None."""
    try:
        found = Running(**json.loads(_note().read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return found if _born(found.pid) == found.born and _is_alive(found.pid) else None


def start(port: int) -> Running:
    """Start one. Raises find.LabError."""
    program = find.asterisk()
    if program is None:
        raise find.LabError("no Asterisk with chan_iax2: run tools/lab.py install")
    made = server.Server(program, port=port, detached=True)
    try:
        _make_key(made.folder)
        made.start()
    except find.LabError:
        made.close()
        raise
    assert made.process is not None
    found = Running(made.process.pid, _born(made.process.pid), made.port, str(made.folder))
    _note().parent.mkdir(parents=True, exist_ok=True)
    _note().write_text(json.dumps(asdict(found)))
    return found


def stop() -> bool:
    """End the server and remove its folder. False if none of ours runs."""
    found = running()
    if found is None:
        return False
    os.kill(found.pid, signal.SIGTERM)
    end = time.monotonic() + 5
    while _is_alive(found.pid) and time.monotonic() < end:
        time.sleep(0.05)
    if _is_alive(found.pid) and _born(found.pid) == found.born:
        os.kill(found.pid, signal.SIGKILL)
    _note().unlink(missing_ok=True)
    shutil.rmtree(found.folder, ignore_errors=True)
    return True


def cli(command: str) -> str:
    """Return what the server's console answers. Raises find.LabError."""
    found, program = running(), find.asterisk()
    if found is None or program is None:
        raise find.LabError("no server runs: tools/lab.py start")
    return server.cli(program, Path(found.folder), command)


def _key_of(folder: "str | Path") -> Path:
    """Return where the private half of the RSA key lies."""
    return Path(folder, asterisk_conf.KEYS, f"{asterisk_conf.RSA_KEY}.rsa")


def _make_key(folder: Path) -> None:
    """Make the key of the account that proves itself by RSA, if this Python can."""
    if importlib.util.find_spec("cryptography") is None:
        return
    from tools import rsakey  # it needs the package

    path = _key_of(folder)
    rsakey.write(path.parent, path.stem, rsakey.generate())


def _note() -> Path:
    return find.cache_folder() / "server.json"


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return _state(pid) != "Z"


def _state(pid: int) -> str:
    fields = _stat(pid)
    return fields[0] if fields else ""


def _born(pid: int) -> str:
    fields = _stat(pid)
    return fields[19] if fields else ""


def _stat(pid: int) -> "list[str]":
    """Return the fields of /proc/PID/stat after the name, or nothing."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
