"""One run: the telephone, the box, the network between them and the clock, 20 ms at a time.

`frame` is the heart: the telephone makes 20 ms of sound and line state from what the firmware last played and
fed; these go to the firmware in ticks; datagrams pass before and after. In real time four ticks of 5 ms are
paced by this machine's clock; in virtual time one tick of four steps goes as fast as it can.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from . import frames
from .box import Box, FirmwareDied, UsageError
from .codebook import counter_names, log_entry
from .faults import Faults
from .inside import Inside, make_peer
from .link import TICKS_MASK, Reply
from .pcap import Pcap
from .relay import Relay, Udp
from .report import Cost, Report, Wav
from .telephone import Telephone

FRAME_MS = 20
STEP_MS = 5
_LATE_S = 0.2  # later than this, time is given up rather than caught up
_FAREWELL_MS = 3000
_OFF = Reply(0, 0, -1, 0, 0, 0, None)


@dataclass
class Options:
    """What the command line says; see tools/vphone.py --help."""

    server: str = "peer"  # HOST[:PORT] or peer
    user: str = "ata1"
    secret: str = "pw1"
    port: int = 0  # local UDP port toward the world
    virtual: bool = False
    report: "Path | None" = None
    vm: str = "micropython"
    settings: "dict[str, str]" = field(default_factory=dict)
    seed: int = 1
    heap: int = 0  # octets, 0 = the VM's own
    first_tick: int = 0
    firmware: "Path | None" = None  # another main.py
    register: bool = True


class Session:
    """A box, a telephone and a network. Use it as a context manager: it ends what it started."""

    def __init__(self, options: Options, peer: object = None) -> None:
        """peer: a test peer made by the caller, for `server="peer"`."""
        self.options = options
        self.t_ms = 0
        self.registered = False
        self.calls_up: "set[int]" = set()
        self.last_cause = 0
        self.counters: "dict[str, int]" = {}
        self.heap: "dict[str, int | None]" = {}
        self.cost, self.call_cost = Cost(), Cost()
        self.peer = peer
        self._store = tempfile.TemporaryDirectory(prefix="vphone-")
        self._orders = _OFF
        self._skipped = 0  # frames of real time that nobody lived through
        self.skipped_total = 0
        self._ear: "np.ndarray | None" = None
        self._wav: "Wav | None" = None
        self._began_s = 0.0
        self._console = b""
        self.console_text: "list[str]" = []
        self._refused = ""
        outside, host, port = self._world()
        self._configure(host, port)
        self.telephone = Telephone(seed=options.seed)
        self.faults = Faults(options.seed)
        self.report = Report(options.report)
        began_s = 1_000_000_000.0 if options.virtual else time.time()
        self._pcap = Pcap(self.report.path("net.pcap"), began_s)
        self.relay = Relay(outside, self.faults, self._pcap, self._on_datagram)
        self.box = Box(
            options.vm,
            Path(self._store.name),
            options.seed,
            options.heap,
            self.relay.resolve,
            self._on_log,
            self._on_console,
            options.firmware,
        )

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Power.

    def power_on(self) -> None:
        """Give the box power; raises UsageError if the firmware refuses its configuration."""
        if self.box.on:
            return
        self._refused = ""
        self.event("firmware", "power_on")
        self._orders = self.box_on()
        if self._refused:
            raise UsageError(self._refused)
        if not self._began_s:
            self._began_s = time.monotonic()
        else:
            self._forgive()

    def box_on(self) -> Reply:
        """Start the firmware and route to it."""
        box = self.box
        orders = box.power_on((self.options.first_tick + self.t_ms) & TICKS_MASK, self.relay.attach)
        self.relay.pump_out(self.t_ms)
        return orders

    def power_off(self) -> None:
        """Cut the power: no farewell to anybody."""
        self.box.power_off()
        self.relay.attach(0)
        self._orders = _OFF
        self._ear = None
        self.registered = False
        self.calls_up.clear()
        self.event("firmware", "power_off")

    # Time.

    def frame(self) -> None:
        """Let 20 ms pass."""
        mouth, loop = self.telephone.step(self._ear, self._orders.feed, self._orders.ring_dhz)
        pcm = mouth.tobytes()
        self._ear = None
        self._tell_phone()
        self.report.sound(self.telephone.heard, pcm)
        if self._wav:
            self._wav.put(self.telephone.heard.tobytes())
        if self.options.virtual:
            self._tick(FRAME_MS, loop, pcm)
        else:
            for step in range(4):
                self._pace(self.t_ms + STEP_MS)
                self._tick(STEP_MS, loop[step : step + 1], pcm if step == 3 else None)

    def run(self, seconds: float) -> None:
        """Let that much time pass."""
        end_ms = self.t_ms + round(seconds * 1000)
        while self.t_ms < end_ms:
            self.frame()

    def until(self, true: Callable[[], bool], seconds: float) -> bool:
        """Let time pass until `true()`, at most so long; return whether it came true."""
        end_ms = self.t_ms + round(seconds * 1000)
        while not true():
            if self.t_ms >= end_ms:
                return False
            self.frame()
        return True

    def settle(self) -> None:
        """Let the telephone finish what it is doing."""
        while self.telephone.busy:
            self.frame()

    # What others ask.

    def do(self, line: str) -> None:
        """Run one line of a scenario; raises ScenarioError or ExpectationFailed."""
        from . import scenario

        scenario.run_line(self, scenario.parse_line(line, 1, "line"))

    def event(self, who: str, what: str, **values: object) -> None:
        """Write an event of now into the journal."""
        self.report.journal.put({"t_ms": self.t_ms, "who": who, "what": what, **values})

    def record(self, path: "str | None") -> None:
        """Write the earpiece into a file from now on; None ends that."""
        if self._wav:
            self._wav.close()
        self._wav = Wav(path) if path else None

    def read_counters(self) -> "dict[str, int]":
        """Fetch the counters of the firmware, by name."""
        self.counters = dict(zip(counter_names(), self.box.counters()))
        return self.counters

    def perceived(self) -> str:
        """Return what can be perceived now, in a few words."""
        phone = self.telephone
        heard = "voice" if phone.voice else f"tone {phone.tone}"
        bell = "ringing" if phone.ring_current else "bell quiet"
        call = "call up" if self.calls_up else "no call"
        state = "registered" if self.registered else "unregistered"
        hook = "off-hook" if phone.off_hook else "on-hook"
        return ", ".join((hook, heard, bell, state, call))

    # The end.

    def finish(self) -> None:
        """Read the last figures and power down in good order."""
        if not self.box.on:
            return
        self.heap = self.box.heap()
        counters = self.read_counters()
        self.event("firmware", "counters", **counters)
        self.box.shut_down()
        end_ms = self.t_ms + _FAREWELL_MS
        try:
            while self.t_ms < end_ms:
                self.frame()
        except FirmwareDied:
            if not self.box.ended():
                raise
        self.relay.pump_out(self.t_ms)
        self.power_off()

    def close(self) -> None:
        """End the process, close files and sockets. Safe to call twice."""
        self.box.power_off()
        self.record(None)
        self.relay.close()
        self._pcap.close()
        self.report.close(self.figures())
        self._store.cleanup()

    def figures(self) -> dict:
        """Return what report.json says."""
        counters = self.counters
        return {
            "vm": self.box.vm,
            "server": self.options.server,
            "virtual": self.options.virtual,
            "seed": self.options.seed,
            "duration_ms": self.t_ms,
            "heap": self.heap,
            "turn": self.cost.figures(),
            "turn_in_call": self.call_cost.figures(),
            "packets": {
                "out": self.relay.n_out,
                "in": self.relay.n_in,
                "lost_out": self.faults.out.lost,
                "lost_in": self.faults.back.lost,
            },
            "jitter": {k.lower(): v for k, v in counters.items() if k.startswith("JITTER_")},
            "concealed_frames": counters.get("JITTER_LOST", 0),
            "frames_skipped": self.skipped_total,
            "counters": counters,
        }

    # Inside.

    def _world(self) -> "tuple[Inside | Udp, str, int]":
        """Return the outside of the relay, and the server's name and port."""
        options = self.options
        if options.server == "peer":
            if self.peer is None:
                self.peer = make_peer(options.seed, options.user, options.secret)
            return Inside(self.peer, options.port), "peer", 4569
        if options.virtual:
            raise UsageError(
                "--virtual needs --server peer: only the bundled peer can run faster than real time"
            )
        host, _, port = options.server.partition(":")
        if not host or (port and not (port.isdigit() and 0 < int(port) < 65536)):
            raise UsageError(f"--server {options.server}: give HOST, HOST:PORT (1 to 65535) or peer")
        outside = Udp(options.port)
        if outside.resolve(host) is None:
            outside.close()
            raise UsageError(f"nobody knows the server {host}: check its name, or this machine's network")
        return outside, host, int(port or 4569)

    def _configure(self, host: str, port: int) -> None:
        """Write the settings where the firmware looks for saved ones."""
        options = self.options
        settings = {
            "account.1.server": host,
            "account.1.port": str(port),
            "account.1.user": options.user,
            "account.1.secret": options.secret,
            **options.settings,
        }
        text = "".join(f"{name}={value}\n" for name, value in settings.items())
        (Path(self._store.name) / "config").write_text(text, encoding="utf-8")

    def _tick(self, ms: int, loop: bytes, pcm: "bytes | None") -> None:
        """Let `ms` pass in the firmware, and the datagrams before and after."""
        self.relay.pump_in(self.t_ms)
        self.t_ms += ms
        if not self.box.on:
            return
        now = (self.options.first_tick + self.t_ms) & TICKS_MASK
        reply = self.box.tick(now, loop, pcm, self._skipped if pcm else 0)
        if pcm:
            self._skipped = 0
        self._orders = reply
        if reply.ear is not None:
            self._ear = np.frombuffer(reply.ear, np.int16)
        self.relay.pump_out(self.t_ms)
        self.cost.add(len(loop), reply.sum_us, reply.worst_us, reply.allocated, self.t_ms)
        if self.calls_up:
            self.call_cost.add(len(loop), reply.sum_us, reply.worst_us, reply.allocated, self.t_ms)

    def _pace(self, t_ms: int) -> None:
        """Wait until `t_ms` of the run; meanwhile datagrams pass."""
        due_s = self._began_s + t_ms / 1000
        left_s = due_s - time.monotonic()
        if left_s < -_LATE_S:
            self._forgive()
        while left_s > 0:
            self.relay.outside.wait(left_s)
            now_s = time.monotonic()
            left_s = due_s - now_s
            if left_s > 0:
                self.relay.pump_in((now_s - self._began_s) * 1000)

    def _forgive(self) -> None:
        """The machine was too slow: go on from here, and say how much was skipped."""
        late_s = time.monotonic() - self._began_s - self.t_ms / 1000
        self._began_s += late_s
        if not self.options.virtual:
            self._skipped += round(late_s * 1000 / FRAME_MS)
            self.skipped_total += round(late_s * 1000 / FRAME_MS)

    def _tell_phone(self) -> None:
        for event in self.telephone.events:
            self.report.journal.put(event)
        self.telephone.events.clear()

    def _on_datagram(self, way: str, datagram: bytes, lost: bool) -> None:
        if self.report.journal.wanted:
            values = {"lost": True} if lost else {}
            self.event("net", "frame", dir=way, **frames.decode(datagram), **values)

    def _on_console(self, octets: bytes) -> None:
        *lines, self._console = (self._console + octets).split(b"\n")
        for line in lines:
            text = line.decode("utf-8", "replace").rstrip("\r")
            self.console_text.append(text)
            self.event("firmware", "console", text=text)
            if text.startswith(("config:", "net:", "account:")):
                self._refused = self._refused or text.partition(": ")[2]

    def _on_log(self, tick: int, code: int, a: int, b: int) -> None:
        """Translate one entry of the firmware's log, and follow its state."""
        name, values = log_entry(code, a, b)
        if name in ("registered", "unregistered"):
            self.registered = name == "registered"
        elif name == "call_up":
            self.calls_up.add(a)
        elif name == "call_down":
            self.calls_up.discard(a)
            self.last_cause = b
        t_ms = (tick - self.options.first_tick) & TICKS_MASK
        self.report.journal.put({"t_ms": t_ms, "who": "firmware", "what": name, **values})
