"""The verb `poke`: ask servers whether they are there, and how long it takes."""

import time

from .core import Core, Question
from .identity import make_account
from .show import Show, complain
from .socket_io import Net
from .told import OK, SILENT


class Asked:
    """One server and its answers."""

    def __init__(self, host: str, peer: int, question: Question) -> None:
        self.host = host
        self.peer = peer
        self.question = question
        self.sent = 0
        self.rtts_ms: "list[float]" = []
        self._open = False

    def ask(self, core: Core) -> None:
        """Send one more POKE."""
        self.sent += 1
        self._open = True
        self.question.ask(self.peer, core.now)
        core.drain()

    def settle(self, show: Show, late: bool, refused: bool) -> None:
        """Note the answer once, or that none came."""
        if not self._open or not (self.question.done or late or refused):
            return
        self._open = self.question.asking = False
        rtt_s = self.question.rtt_s
        if rtt_s is None:
            why = "refused, nothing listens there" if refused else "no answer"
            show.event(
                "refused" if refused else "silence", f"{self.host}: {why}", host=self.host, number=self.sent
            )
            return
        self.rtts_ms.append(rtt_s * 1000)
        words = f"{self.host}: PONG {self.sent} after {rtt_s * 1000:.3f} ms"
        show.event("pong", words, host=self.host, number=self.sent, rtt_ms=round(rtt_s * 1000, 3))

    @property
    def waits(self) -> bool:
        """True while an answer may still come."""
        return self._open

    def tell(self, show: Show) -> None:
        """Print the statistics."""
        got = len(self.rtts_ms)
        words = (
            f"{self.host}: {self.sent} sent, {got} answered, {100 * (self.sent - got) // self.sent} % lost"
        )
        fields = {"host": self.host, "sent": self.sent, "answered": got}
        if got:
            least, most, mean = min(self.rtts_ms), max(self.rtts_ms), sum(self.rtts_ms) / got
            spread = (sum((rtt - mean) ** 2 for rtt in self.rtts_ms) / got) ** 0.5
            words += f", rtt least {least:.3f} mean {mean:.3f} most {most:.3f} deviation {spread:.3f} ms"
            fields |= {
                f"{name}_ms": round(value, 3)
                for name, value in (("least", least), ("mean", mean), ("most", most), ("deviation", spread))
            }
        show.summary(words, **fields)


def poke(show: Show, hosts: "list[str]", count: int, interval_s: float, timeout_s: float, port: int) -> int:
    """Ask every host `count` times; SILENT if one never answered."""
    core = Core(Net(dict(enumerate(hosts, 1)), port), make_account())
    show.follow(core)
    asked = [Asked(host, index, core.question()) for index, host in enumerate(hosts, 1)]
    try:
        for _ in range(count):
            _round(show, core, asked, timeout_s)
            if asked[0].sent < count:
                core.run_until(lambda: False, interval_s)
    finally:
        for one in asked:
            if one.sent:
                one.tell(show)
        core.close()
    silent = [one.host for one in asked if not one.rtts_ms]
    for host in silent:
        complain(f"{host} does not answer: is it on, is its UDP port open, does a firewall drop it?")
    return SILENT if silent else OK


def _round(show: Show, core: Core, asked: "list[Asked]", timeout_s: float) -> None:
    began_s = time.monotonic()
    for one in asked:
        one.ask(core)
    while any(one.waits for one in asked):
        core.turn(0.05)
        late = time.monotonic() - began_s >= timeout_s
        for one in asked:
            one.settle(show, late, one.peer in core.net.refused)
