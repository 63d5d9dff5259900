"""The box: the firmware as a process under some VM, its power switch, and what it says about itself."""

import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from .codebook import counter_names
from .link import BODY, Link, LinkLost, Reply, message, text_of

ROOT = Path(__file__).resolve().parent.parent.parent
_END_S = 5
_LAST_WORDS = 40  # lines kept


class UsageError(Exception):
    """The user must do something; the text says what, in one line."""


class FirmwareDied(Exception):
    """The firmware ended by itself; the text holds its last words."""


def find_vm(name: str) -> "list[str]":
    """Return the command of a VM: "micropython", "cpython", or a path."""
    if name == "cpython":
        return [sys.executable]
    if name == "micropython":
        from tools import runvm

        path = runvm.find(64)
        if path:
            return [path]
        raise UsageError("no MicroPython here: " + runvm.hint(64) + ", or take --vm cpython")
    found = shutil.which(name)
    if not found:
        raise UsageError(f"no VM at {name}: give micropython, cpython or the path of a MicroPython")
    return [found]


class Box:
    """One box on one line. `serve_name(host, port)` returns the relay port of a remote, 0 if unknown;
    `whose(port)` returns the remote of a relay port, 6 octets, b"" if it has no name.
    """

    def __init__(
        self,
        vm: str,
        store: Path,
        seed: int,
        heap: int,
        serve_name: Callable[[str, int], int],
        on_log: Callable[[int, int, int, int], None],
        on_console: Callable[[bytes], None],
        firmware: "Path | None" = None,
        whose: Callable[[int], bytes] = lambda port: b"",
    ) -> None:
        self._command = find_vm(vm)
        self._cpython = vm == "cpython"
        self._store = store
        self._seed = seed
        self._heap = heap
        self._serve_name = serve_name
        self._whose = whose
        self._on_log = on_log
        self._on_console = on_console
        self._main = firmware or ROOT / "firmware" / "main.py"
        self._process: "subprocess.Popen[str] | None" = None
        self._link: "Link | None" = None
        self._reader: "threading.Thread | None" = None
        self._lines: "list[str]" = []
        self._boots = 0
        self._answers: "dict[str, bytes]" = {}
        self.vm = ""  # as it names itself
        self.udp_port = 0

    @property
    def on(self) -> bool:
        """True while the box has power."""
        return self._link is not None

    def power_on(self, now: int, route: Callable[[int], None]) -> Reply:
        """Start the firmware; `now` is its first tick; `route` is told its UDP port before it runs.

        Returns its first orders to the line.
        """
        self.udp_port = _free_udp_port()
        route(self.udp_port)
        self._link = Link()
        self._lines = []
        self._boots += 1
        self._process = subprocess.Popen(
            self._line(now),
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C is for us; the box sees its link close
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self._link.accept(lambda: self._process is not None and self._process.poll() is None)
            return self._link.until_reply(self._serve)
        except LinkLost as lost:
            raise self._death(str(lost)) from None

    def tick(self, now: int, loop: bytes, pcm: "bytes | None", lost: int = 0) -> Reply:
        """Let up to 20 ms of line time pass in the firmware."""
        assert self._link is not None
        try:
            return self._link.tick(now, loop, pcm, lost, self._serve)
        except LinkLost as lost_link:
            raise self._death(str(lost_link)) from None

    def heap(self) -> "dict[str, int | None]":
        """Return octets `live` after a collection, `used` before it, and the VM's own `peak`."""
        raw = self._ask("H")
        values = struct.unpack_from("<iii", raw, 4)
        return {k: None if v < 0 else v for k, v in zip(("live", "used", "peak"), values)}

    def counters(self) -> "list[int]":
        """Return all counters of the firmware, by index."""
        return list(struct.unpack_from(f"<{len(counter_names())}i", self._ask("S"), BODY))

    def lock_heap(self, ms: int) -> None:
        """From the next turn on, for `ms` of line time, any allocation outside net.receive() is death."""
        assert self._link is not None
        self._link.send("L", bytes(8) + struct.pack("<i", ms))

    def type(self, octets: bytes) -> None:
        """Type at the console."""
        assert self._link is not None
        for at in range(0, len(octets), 256):
            self._link.send("C", b"", octets[at : at + 256])

    def shut_down(self) -> None:
        """Ask for a power-down in good order; go on with `tick` until it raises FirmwareDied or `ended`."""
        assert self._link is not None
        self._link.send("Q")

    def ended(self) -> bool:
        """True if the process has ended with success."""
        if self._process is None:
            return True
        try:
            return self._process.wait(_END_S) == 0 and not self._traceback()
        except subprocess.TimeoutExpired:
            return False

    def power_off(self) -> None:
        """Cut the power."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._reader is not None:
            self._reader.join(_END_S)
        if self._link is not None:
            self._link.close()
        self._process = self._link = self._reader = None

    # Inside.

    def _line(self, now: int) -> "list[str]":
        command = list(self._command)
        if self._heap and not self._cpython:
            command += ["-X", f"heapsize={self._heap}"]
        assert self._link is not None
        return [
            *command,
            str(self._main),
            "sim",
            str(self._link.port),
            f"udp={self.udp_port}",
            f"seed={self._seed + 1000 * (self._boots - 1)}",
            f"tables={ROOT / 'firmware'}",
            f"store={self._store}",
            f"start={now}",
        ]

    def _environment(self) -> "dict[str, str]":
        environment = dict(os.environ)
        if self._cpython:
            environment["PYTHONPATH"] = str(ROOT / "host_tests" / "shim")
            environment["PYTHONDONTWRITEBYTECODE"] = "1"
            environment["PYTHONUNBUFFERED"] = "1"
        return environment

    def _read(self) -> None:
        """Keep the last lines of what the process prints."""
        process = self._process
        if process is None or process.stdout is None:
            return
        with process.stdout as out:
            for line in out:
                self._lines.append(line.rstrip("\n"))
                del self._lines[:-_LAST_WORDS]

    def _traceback(self) -> bool:
        return any(line.startswith("Traceback") for line in self._lines)

    def _death(self, why: str) -> FirmwareDied:
        """Wait a moment for the last words, and return them."""
        if self._process is not None:
            try:
                status = self._process.wait(1)
                why += f" (exit status {status})"
            except subprocess.TimeoutExpired:
                self._process.kill()
        if self._reader is not None:
            self._reader.join(_END_S)
        return FirmwareDied("\n".join([why, *self._lines]))

    def _ask(self, kind: str) -> bytes:
        assert self._link is not None
        try:
            self._link.send(kind)
            while True:
                got, raw = self._link.receive()
                if got == kind:
                    return raw
                self._serve(got, raw)
        except LinkLost as lost:
            raise self._death(str(lost)) from None

    def _serve(self, kind: str, raw: bytes) -> "bytes | None":
        """Do what the firmware asks while it is on turn; return the answer, if one is due."""
        if kind == "E":
            for at in range(raw[4]):
                self._on_log(*struct.unpack_from("<iiii", raw, BODY + 16 * at))
        elif kind == "C":
            self._on_console(text_of(raw))
        elif kind == "B":
            self.vm = text_of(raw).decode()
        elif kind == "A":
            port = self._serve_name(text_of(raw).decode(), int.from_bytes(raw[6:8], "little"))
            return message("A", b"\0\0" + struct.pack("<H", port))
        elif kind == "W":
            return message("W", self._whose(int.from_bytes(raw[6:8], "little")))
        return None


def _free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
