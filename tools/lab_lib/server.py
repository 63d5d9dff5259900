"""One Asterisk of our own: private folder, private port, private control socket.

`Lab().asterisk(…)` is the door for tests:

    with Lab().asterisk() as ast:
        ast.port, ast.host, ast.secret      where and how a phone registers
        ast.cli("iax2 show peers")          what Asterisk's console answers
        ast.call("phone", to="600")         ring a phone, connect it to a number
        ast.kill(); ast.restart()           power cut, and back on the same port

It stops only the process that it started.
"""

import contextlib
import ctypes
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from tools.lab_lib import asterisk_conf, find, ports, sound
from tools.lab_lib.find import LabError

START_S = 30.0
T = TypeVar("T")
_PR_SET_PDEATHSIG = 1
_SOCKET_PATH_MAX = 100  # octets that a UNIX socket's path may have, less a little


class Server:
    """An Asterisk in its private folder. Made by `Lab.asterisk`, or by hand with start() and stop()."""

    host = ports.LOOPBACK
    secret = asterisk_conf.SECRET

    def __init__(
        self,
        program: find.Asterisk,
        options: "asterisk_conf.Options | None" = None,
        port: int = 0,
        folder: "Path | None" = None,
        detached: bool = False,
    ) -> None:
        """port: 0 for any free one.  detached: the server outlives this process."""
        self.program = program
        self.options = options or asterisk_conf.Options()
        self._reservation = ports.reserve(port)
        self.folder = folder or _private_folder()
        self.port = self._reservation.port
        self.process: "subprocess.Popen[bytes] | None" = None
        self._detached = detached

    # ---- life

    def start(self) -> None:
        """Write the configuration, start, and wait until it answers and owns its port alone."""
        for name in ("etc", asterisk_conf.KEYS, "spool", "run", "log"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        sentence = sound.record_sentence(self.folder / "var")
        sound.record_music(self.folder / asterisk_conf.MUSIC)
        data = sound.data_folder(self.folder / "data", Path(self.program.data))
        texts = asterisk_conf.files(
            self.folder, self.program.modules, data, self.port, sentence, self.options
        )
        for name, text in texts.items():
            (self.folder / "etc" / name).write_text(text)
        for name, text in self.options.files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self._launch()

    def _launch(self) -> None:
        with (self.folder / "log" / "console").open("ab") as console:
            self.process = subprocess.Popen(
                [*self.program.argv, "-f", "-C", str(self.folder / "etc/asterisk.conf")],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=None if self._detached else _die_with_parent,  # noqa: PLW1509  one thread forks
            )
        try:
            self._wait_booted()
        except LabError:
            self.kill()
            raise
        if self.options.debug_iax:
            self.cli("iax2 set debug on")

    def _wait_booted(self) -> None:
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if self.process is None or self.process.poll() is not None:
                raise LabError(f"Asterisk ended at once: {self._last_words()}")
            if "fully booted" in self.cli("core waitfullybooted"):
                self._check_alone()
                return
            time.sleep(0.05)
        raise LabError(f"Asterisk did not answer in {START_S:.0f} s: {self._last_words()}")

    def _check_alone(self) -> None:
        count = ports.owners(self.port)
        if count == 0:
            raise LabError(f"Asterisk has no IAX2 socket on port {self.port}: {self._last_words()}")
        if count > 1:
            raise LabError(f"{count} servers share UDP port {self.port}; stop the other one")

    def stop(self) -> None:
        """End it in order; by force after 5 s. The folder stays until `close()`."""
        self._end(signal.SIGTERM, wait_s=5)

    def kill(self) -> None:
        """End it without a word to anyone, as a power cut does."""
        self._end(signal.SIGKILL, wait_s=5)

    def _end(self, how: signal.Signals, wait_s: float) -> None:
        process = self.process
        self.process = None
        if process is None or process.poll() is not None:
            return
        process.send_signal(how)
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(wait_s)

    def restart(self, forget: bool = False) -> None:
        """Stop if it runs, start again on the same port. forget: it has lost who was registered."""
        self.stop()
        (self.folder / "run/asterisk.ctl").unlink(missing_ok=True)
        if forget:
            for path in (self.folder / "var").glob("astdb*"):
                path.unlink()
        self._launch()

    def close(self) -> None:
        """Stop, give the port back, remove the folder."""
        self.stop()
        self._reservation.release()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- talk

    @property
    def address(self) -> str:
        """HOST:PORT, as tools/vphone.py takes it."""
        return f"{self.host}:{self.port}"

    @property
    def log(self) -> str:
        """Everything that Asterisk has logged since its first start."""
        path = self.folder / "log/full"
        return path.read_text(errors="replace") if path.exists() else ""

    def cli(self, command: str, timeout_s: float = 15) -> str:
        """Run one command of Asterisk's console and return what it answers, "" if it cannot be reached."""
        return cli(self.program, self.folder, command, timeout_s)

    def call(
        self, account: str, to: str = "600", name: str = "Echo Test", number: str = "600",
        pres: str = "allowed", ring: str = "",
    ) -> str:  # fmt: skip
        """Ring a phone; who answers is connected to the extension `to`. Returns at once.

        pres: Asterisk's word for the number's presentation, `prohib` or `unavailable` for one that is not
        shown.  ring: name of a distinctive ring, sent as the channel variable `ring`.
        """
        values = {"CALLER_NAME": name, "CALLER_NUMBER": number, "CALLER_PRES": pres, "RING": ring}
        for variable, value in values.items():
            self.cli(f"dialplan set global LAB_{variable} {_quoted(value)}")
        return self.cli(f"channel originate Local/{account}@ring/n extension {to}@lab")

    def peer(self, account: str) -> str:
        """Return an account's line of `iax2 show peers`: address, port, status as "OK (1 ms)"."""
        for line in self.cli("iax2 show peers").splitlines():
            if line.split("/")[0].split(" ")[0] == account:
                return line
        return ""

    def wait_peer(self, account: str, status: str = " OK (", wait_s: float = 10) -> str:
        """Return the account's line when it holds `status`, "" if that does not come in time."""
        return self.wait(lambda: self.peer(account) if status in self.peer(account) else "", wait_s)

    def calls(self) -> int:
        """Return how many IAX2 channels exist."""
        lines = self.cli("core show channels concise").splitlines()
        return sum(line.startswith("IAX2/") for line in lines)

    def digits(self, account: str, since: int = 0) -> str:
        """Return the DTMF digits that this account's calls have sent. since: an earlier len(ast.log)."""
        pattern = rf"DTMF end '(.)' received on IAX2/{re.escape(account)}-"
        return "".join(re.findall(pattern, self.log[since:]))

    def leave_messages(self, account: str, new: int, old: int = 0) -> None:
        """Let this many messages lie in a phone's mailbox; return when Asterisk has surely noticed."""
        for name, count in (("INBOX", new), ("Old", old)):
            box = self.folder / asterisk_conf.MAILBOXES / asterisk_conf.mailbox(account) / name
            shutil.rmtree(box, ignore_errors=True)
            box.mkdir(parents=True)
            for number in range(count):
                (box / f"msg{number:04}.txt").write_text("[message]\ncallerid = the lab\nduration = 3\n")
        time.sleep(asterisk_conf.POLL_S + 0.3)

    def wait(self, question: "Callable[[], T]", wait_s: float = 10) -> "T":
        """Ask until the answer is true or the time is over; return the last answer."""
        end = time.monotonic() + wait_s
        while True:
            answer = question()
            if answer or time.monotonic() > end:
                return answer
            time.sleep(0.1)

    def _last_words(self) -> str:
        for name in ("log/full", "log/console"):
            path = self.folder / name
            lines = path.read_text(errors="replace").split("\n") if path.exists() else []
            told = [line for line in lines if "ERROR" in line] or [line for line in lines if line.strip()]
            if told:
                return told[-1].strip()
        return "it said nothing"


class Lab:
    """The outside world as tests see it. `asterisk_program` is None where there is none; `why` says so."""

    def __init__(self) -> None:
        self.asterisk_program = find.asterisk()
        self.why = "" if self.asterisk_program else "no Asterisk with chan_iax2: run tools/lab.py install"

    @contextlib.contextmanager
    def asterisk(self, options: "asterisk_conf.Options | None" = None, port: int = 0) -> "Iterator[Server]":
        """Start a server of our own for as long as the `with` lasts."""
        if self.asterisk_program is None:
            raise LabError(self.why)
        server = Server(self.asterisk_program, options, port)
        try:
            server.start()
            yield server
        finally:
            server.close()


def cli(program: find.Asterisk, folder: Path, command: str, timeout_s: float = 15) -> str:
    """Run one console command at the server of this folder."""
    argv = [*program.argv, "-C", str(folder / "etc/asterisk.conf"), "-rx", command]
    try:
        done = subprocess.run(argv, capture_output=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.decode(errors="replace") if done.returncode == 0 else ""


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _private_folder() -> Path:
    """Make a folder that only we can read, with a path short enough for a control socket."""
    folder = tempfile.mkdtemp(prefix="uiaxy-")
    if len(folder) + len("/run/asterisk.ctl") > _SOCKET_PATH_MAX:
        Path(folder).rmdir()
        folder = tempfile.mkdtemp(prefix="uiaxy-", dir="/tmp")
    return Path(folder)


def _die_with_parent() -> None:
    """Linux: the server ends when its test run does, however that ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
