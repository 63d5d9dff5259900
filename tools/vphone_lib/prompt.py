"""The virtual phone at a prompt: verbs as they are typed, the story above, a live status line below."""

import os
import queue
import signal
import sys
import threading
import time

from . import scenario
from .box import UsageError
from .scenario import ExpectationFailed, ScenarioError
from .session import Session
from .story import line_of
from .verbs import VERBS

_CLEAR = "\r\033[K"
_STATUS_MS = 200
_HELP = (
    "verbs: " + " ".join(VERBS) + "; help, quit. In waits the last word may be seconds; Ctrl-C ends the wait."
)


class Prompt:
    """Runs typed verbs while time passes. On a terminal it edits one line itself, under a status line."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._typed: "queue.Queue[str | None]" = queue.Queue()
        self._draft = ""
        self._terminal = sys.stdin.isatty() and sys.stdout.isatty()
        self._drawn_s = 0.0
        self._saved: "list | None" = None

    def tell(self, event: dict) -> None:
        """Print an event's line of the story above the status line."""
        line = line_of(event)
        if line:
            self._print(line)

    def run(self) -> None:
        """Serve the user until `quit` or the end of the input."""
        self._begin()
        try:
            self._print(_HELP)
            while True:
                typed = self._next()
                if typed is None or typed.split()[:1] in (["quit"], ["exit"]):
                    return
                self._do(typed)
        finally:
            self._end()

    def _next(self) -> "str | None":
        """Let time pass until a line is typed."""
        while self._typed.empty():
            self._session.frame()
        return self._typed.get()

    def _do(self, typed: str) -> None:
        """Run one line; what goes wrong is told, and nothing ends."""
        words = typed.split()
        if words[:1] in (["help"], ["?"]):
            self._print(_HELP)
        if not words or words[0] in ("help", "?"):
            return
        try:
            scenario.run_line(self._session, scenario.parse_line(typed, 1, "typed"))
        except (ScenarioError, ExpectationFailed) as wrong:
            self._print(str(wrong).partition(": ")[2])
        except UsageError as wrong:
            self._print(str(wrong))
        except KeyboardInterrupt:
            self._print("stopped")

    # The terminal.

    def _begin(self) -> None:
        self._session.on_frame = self._draw
        signal.signal(signal.SIGINT, self._interrupt)
        if self._terminal:
            import termios
            import tty

            self._saved = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin)
            reader = self._read_keys
        else:
            reader = self._read_lines
        threading.Thread(target=reader, daemon=True).start()

    def _interrupt(self, *_: object) -> None:
        """Ctrl-C: end the verb under way, or the program, between two frames."""
        self._session.stop_asked = True

    def _end(self) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if self._saved is not None:
            import termios

            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._saved)
            print(_CLEAR, end="", flush=True)

    def _read_lines(self) -> None:
        for line in sys.stdin:
            self._typed.put(line)
        self._typed.put(None)

    def _read_keys(self) -> None:
        while True:
            octets = os.read(sys.stdin.fileno(), 64)
            if not octets or octets == b"\x04":
                self._typed.put(None)
                return
            for key in octets.decode("utf-8", "ignore"):
                self._key(key)
            self._drawn_s = 0.0

    def _key(self, key: str) -> None:
        if key in "\r\n":
            self._typed.put(self._draft)
            self._draft = ""
        elif key in "\x7f\b":
            self._draft = self._draft[:-1]
        elif key.isprintable():
            self._draft += key

    def _print(self, text: str) -> None:
        print((_CLEAR if self._terminal else "") + text, flush=True)
        self._drawn_s = 0.0

    def _draw(self) -> None:
        """Draw the status line anew, five times a second."""
        now_s = time.monotonic()
        if not self._terminal or now_s - self._drawn_s < _STATUS_MS / 1000:
            return
        self._drawn_s = now_s
        status = f"{self._session.t_ms / 1000:8.1f} s  {self._session.perceived()}"
        print(f"{_CLEAR}[{status}] > {self._draft}", end="", flush=True)
