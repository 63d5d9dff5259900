"""One run: the telephone, the box, the network between them and the clock, 20 ms at a time.

`frame` is the heart: the telephone makes 20 ms of sound and line state from what the firmware last played and
fed; these go to the firmware in ticks; datagrams pass before and after. In real time four ticks of 5 ms are
paced by this machine's clock; in virtual time one tick of four steps goes as fast as it can.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from .box import Box, FirmwareDied, UsageError
from .codebook import counter_names
from .faults import Faults
from .link import TICKS_MASK, Reply
from .pcap import Pcap
from .relay import Addr, Relay
from .report import Cost, Report, Wav
from .settings import placed
from .telephone import Telephone
from .told import Told
from .unseal import Unsealer
from .world import Options, country_of, dial_of, fill_store, flash_ms_of, open_world

FRAME_MS = 20
STEP_MS = 5
_LATE_S = 0.2  # later than this, time is given up rather than caught up
_FAREWELL_MS = 3000
_OFF = Reply(0, 0, -1, 0, 0, 0, None)
_VIRTUAL_EPOCH_S = 1_000_000_000.0  # captures of virtual time begin here, so that a run repeats to the octet


class Session:
    """A box, a telephone and a network. Use it as a context manager: it ends what it started."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.t_ms = 0
        world = open_world(options)
        self.peer = world.peer
        self.store = tempfile.TemporaryDirectory(prefix="vphone-")
        fill_store(Path(self.store.name), options, world)
        self.report = Report(options.report)
        self.told = Told(self.report.journal, options.first_tick)
        more = (text for name, text in options.settings.items() if name.endswith(".secret"))
        self._unsealer = Unsealer(options.secret, *more)
        self.telephone = _telephone(options)
        self.faults = Faults(options.seed)
        self._pcap = Pcap(self.report.path("net.pcap"), _VIRTUAL_EPOCH_S if options.virtual else time.time())
        self.relay = Relay(world.outside, self.faults, self._pcap, self._on_datagram)
        self.box = Box(
            options.vm,
            Path(self.store.name),
            options.seed,
            options.heap,
            self.relay.resolve,
            self.told.on_log,
            self.told.on_console,
            options.firmware,
            self.relay.whose,
        )
        self.orders = _OFF  # what the firmware wants of the line
        self.counters: "dict[str, int]" = {}
        self.heap: "dict[str, int | None]" = {}
        self.cost, self.call_cost = Cost(), Cost()
        self.skipped = 0  # frames of real time that nobody lived through
        self.on_frame: Callable[[], None] = _nothing
        self.stop_asked = False
        self._skip = 0
        self._ear: "np.ndarray | None" = None
        self._wav: "Wav | None" = None
        self._began_s = 0.0

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Power.

    def power_on(self) -> None:
        """Give the box power; raises UsageError if the firmware refuses its configuration."""
        if self.box.on:
            return
        self.told.power(on=True)
        self.event("firmware", "power_on")
        try:
            self.orders = self.box.power_on(self._tick_now(), self.relay.attach)
        except FirmwareDied:
            if self.told.refusal:
                raise UsageError(placed(self.told.refusal, self.options.places)) from None
            raise
        self.relay.pump_out(self.t_ms)
        if self.told.refusal:
            raise UsageError(placed(self.told.refusal, self.options.places))
        self.told.starting = False
        self._began_s = time.monotonic() - self.t_ms / 1000  # starting took no line time

    def power_off(self) -> None:
        """Cut the power: no farewell to anybody."""
        self.box.power_off()
        self.relay.attach(0)
        self.orders = _OFF
        self._ear = None
        self.told.power()
        self.event("firmware", "power_off")

    # Time.

    def frame(self) -> None:
        """Let 20 ms pass. `stop_asked` ends the verb under way here, where nothing is half done."""
        if self.stop_asked:
            self.stop_asked = False
            raise KeyboardInterrupt
        mouth, loop = self.telephone.step(self._ear, self.orders.feed, self.orders.ring_dhz)
        pcm = mouth.tobytes()
        self._ear = None
        self._keep(pcm)
        if self.options.virtual:
            self._tick(FRAME_MS, loop, pcm)
        else:
            for step in range(FRAME_MS // STEP_MS):
                self._pace(self.t_ms + STEP_MS)
                self._tick(STEP_MS, loop[step : step + 1], pcm if step == 3 else None)
        self.on_frame()

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

    @property
    def registered(self) -> bool:
        """True if the firmware says so."""
        return self.told.registered

    @property
    def calls_up(self) -> "set[int]":
        """Return the call legs that are up."""
        return self.told.calls_up

    @property
    def last_cause(self) -> int:
        """Return the Q.850 cause of the last call that ended."""
        return self.told.last_cause

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
        who = f", display {phone.shown.number or phone.shown.why}" if phone.shown else ""
        return ", ".join((hook, heard, bell, state, call)) + who

    # The end.

    def finish(self) -> None:
        """Read the last figures and power down in good order."""
        if not self.box.on:
            return
        self.heap = self.box.heap()
        self.event("firmware", "counters", **self.read_counters())
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
        self.store.cleanup()

    def figures(self) -> dict:
        """Return what report.json says."""
        counters, faults = self.counters, self.faults
        return {
            "vm": self.box.vm,
            "server": self.options.server,
            "virtual": self.options.virtual,
            "seed": self.options.seed,
            "duration_ms": self.t_ms,
            "heap": self.heap,
            "turn": self.cost.figures(),
            "turn_in_call": self.call_cost.figures(),
            "packets": {"out": self.relay.n_out, "in": self.relay.n_in},
            "packets_lost_on_order": {"out": faults.out.lost, "in": faults.back.lost},
            "jitter": {k.lower(): v for k, v in counters.items() if k.startswith("JITTER_")},
            "concealed_frames": counters.get("JITTER_LOST", 0),
            "frames_skipped": self.skipped,
            "counters": counters,
        }

    # Inside.

    def _tick_now(self) -> int:
        return (self.options.first_tick + self.t_ms) & TICKS_MASK

    def _keep(self, pcm: bytes) -> None:
        """Put what the telephone perceived and said into the report."""
        events = self.telephone.events
        for event in events:
            self.report.journal.put(event)
        events.clear()
        self.report.sound(self.telephone.heard, pcm, self.telephone.line)
        if self._wav:
            self._wav.put(self.telephone.heard.tobytes())

    def _tick(self, ms: int, loop: bytes, pcm: "bytes | None") -> None:
        """Let `ms` pass in the firmware, and the datagrams before and after."""
        self.relay.pump_in(self.t_ms)
        self.t_ms += ms
        self.told.t_ms = self.t_ms
        if not self.box.on:
            return
        reply = self.box.tick(self._tick_now(), loop, pcm, self._skip if pcm else 0)
        if pcm:
            self._skip = 0
        self.orders = reply
        if reply.ear is not None:
            self._ear = np.frombuffer(reply.ear, np.int16)
        self.relay.pump_out(self.t_ms)
        self.cost.add(len(loop), reply.sum_us, reply.worst_us, reply.allocated, self.t_ms)
        if self.calls_up:
            self.call_cost.add(len(loop), reply.sum_us, reply.worst_us, reply.allocated, self.t_ms)

    def _pace(self, t_ms: int) -> None:
        """Wait until `t_ms` of the run; meanwhile datagrams pass. Too late: give time up, and count it."""
        left_s = self._began_s + t_ms / 1000 - time.monotonic()
        if left_s < -_LATE_S:
            frames_late = int(-left_s * 1000) // FRAME_MS
            self._began_s += frames_late * FRAME_MS / 1000
            self._skip += frames_late
            self.skipped += frames_late
        while left_s > 0:
            self.relay.outside.wait(left_s)
            now_s = time.monotonic() - self._began_s
            left_s = t_ms / 1000 - now_s
            if left_s > 0:
                self.relay.pump_in(now_s * 1000)

    def _on_datagram(self, way: str, datagram: bytes, lost: bool, remote: Addr) -> None:
        if self.report.journal.wanted:
            values = {"lost": True} if lost else {}
            who = f"{remote[0]}:{remote[1]}"
            ends = (who, "box") if way == "in" else ("box", who)
            frame = self._unsealer.decode(*ends, datagram)
            self.event("net", "frame", dir=way, remote=who, **frame, **values)


def _telephone(options: Options) -> Telephone:
    """Return the set on the line, with a user who knows the country."""
    return Telephone(
        options.seed,
        country=country_of(options),
        kind=options.telephone,
        flash_ms=flash_ms_of(options),
        dial=dial_of(options),
    )


def _nothing() -> None:
    """Do nothing."""
