"""What the firmware says about itself: its log, its console, and the state that follows from them."""

from .codebook import log_entry
from .link import TICKS_MASK
from .report import Journal

_REFUSALS = ("config:", "net:", "account:")  # how main.py begins the line that says what is wrong


class Told:
    """Follows one box; every entry goes into the journal too. `first_tick` is the tick at the run's start."""

    def __init__(self, journal: Journal, first_tick: int) -> None:
        self._journal = journal
        self._first_tick = first_tick
        self._rest = b""
        self.t_ms = 0  # kept by the session
        self.accounts: "set[int]" = set()  # those that are registered
        self.calls_up: "set[int]" = set()
        self.last_cause = 0
        self.lines: "list[str]" = []
        self.refusal = ""
        self.starting = False  # what is refused now keeps the box from running

    def power(self, on: bool = False) -> None:
        """The box has just lost or got its power: nothing of before holds."""
        self.starting = on
        self._rest = b""
        self.accounts.clear()
        self.calls_up.clear()
        self.refusal = ""

    @property
    def registered(self) -> bool:
        """True if any account is registered."""
        return bool(self.accounts)

    def on_console(self, octets: bytes) -> None:
        """Take what came out of the serial console."""
        *lines, self._rest = (self._rest + octets).split(b"\n")
        for line in lines:
            text = line.decode("utf-8", "replace").rstrip("\r")
            self.lines.append(text)
            refuses = text.startswith(_REFUSALS)
            event = {"t_ms": self.t_ms, "who": "firmware", "what": "console", "text": text}
            self._journal.put({**event, "refusal": True} if refuses and self.starting else event)
            if refuses and not self.refusal:
                self.refusal = text.partition(": ")[2].partition(" (line ")[0]

    def on_log(self, tick: int, code: int, a: int, b: int) -> None:
        """Take one entry of the log."""
        name, values = log_entry(code, a, b)
        if name == "registered":
            self.accounts.add(a)
        elif name == "unregistered":
            self.accounts.discard(a)
        elif name == "call_up":
            self.calls_up.add(a)
        elif name == "call_down":
            self.calls_up.discard(a)
            self.last_cause = b
        t_ms = (tick - self._first_tick) & TICKS_MASK
        self._journal.put({"t_ms": t_ms, "who": "firmware", "what": name, **values})
