"""A line without a telephone: `Remote` over the IAX2 core, the test peer, and a port that only collects.

line = Line().lift()
line.key("31234")
assert line.words[-1] == "ready" and line.dialled == ["31234"]
"""

from bench import CoreBench
from corekit import said

import codes
from iax.plan import Plan
from line.digitmap import compile_map
from line.digits import Digits
from remote import Remote

MORE, READY, TIMEOUT, FULL, REFUSED = 1, 2, 3, 4, 5
NAMES = {0: "", MORE: "more", READY: "ready", TIMEOUT: "timeout", FULL: "full", REFUSED: "refused"}


class Line:
    """A port that collects: digits and time go to `Remote`, what it answers goes to `told`."""

    def __init__(self, digit_map: str = "[x*].", hash_sends: bool = True, **options) -> None:
        bench = self.bench = CoreBench(**options)
        self.plan = Plan(bench.endpoint)
        bench.endpoint.parts.append(self.plan)
        bench.endpoint.dialogs.append(self.plan)
        local = Digits(bytearray(32), compile_map(digit_map), 16000, 8000, 3000, hash_sends)
        self.remote = Remote(self.plan, bench.endpoint, bench.account, local)
        self.told: list[tuple[int, str]] = []
        self.collecting = False
        self.index = -1  # of the leg that `dial` gave
        self.seen = 0

    def lift(self, run_ms: int = 200) -> "Line":
        """Off-hook."""
        self.remote.reset(self.bench.now)
        self.collecting = True
        self.run(run_ms)
        return self

    def note(self, what: int) -> None:
        """Do as ata.py does: dial when ready; then, refused or out of time the port collects no more."""
        if what:
            self.told.append((self.bench.t_ms, NAMES[what]))
            self.collecting = what in (MORE, FULL)
        if what == READY:
            number = bytes(self.remote.buf[: self.remote.n])
            self.index = self.remote.dial(self.bench.account, number, self.bench.now)
            self.bench.drain()

    def key(self, digits: str, run_ms: int = 100) -> None:
        """Dial."""
        for digit in digits:
            self.note(self.remote.feed_digit(ord(digit), self.bench.now))
            self.bench.drain()
            self.run(run_ms)

    def run(self, ms: int) -> None:
        """Let time pass: the port polls as long as it collects."""
        for _ in range(ms // 5):
            if self.collecting:
                self.note(self.remote.poll(self.bench.now))
            self.bench.run(5)
            for _, name, leg, arg in self.bench.events[self.seen :]:
                self.remote.on_event(getattr(codes, "EV_" + name), leg, arg, self.bench.now)
            self.seen = len(self.bench.events)

    @property
    def words(self) -> list[str]:
        """What the port heard, without the times."""
        return [word for _, word in self.told]

    @property
    def dialled(self) -> list[str]:
        """The numbers that DIAL named, each once: a frame may come again."""
        return list(dict.fromkeys(f["ie"]["CALLED_NUMBER"] for f in said(self.bench, "DIAL")))

    @property
    def called(self) -> str:
        """The number that the last NEW named."""
        return said(self.bench, "NEW")[-1]["ie"]["CALLED_NUMBER"]

    @property
    def asked(self) -> list[str]:
        """The numbers that DPREQ named."""
        return [f["ie"]["CALLED_NUMBER"] for f in said(self.bench, "DPREQ")]
