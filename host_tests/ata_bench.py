"""The whole adapter on the stub HAL against the test peer, on one clock: lift, dial, listen, hang up.

    bench = AtaBench(seed=1)
    bench.lift()
    bench.dtmf("600")
    assert bench.run_until(lambda: bench.state == codes.TALK)

The telephone here is a loop switch, a list of PCM frames to say and a list of those heard; the telephone
that judges sound by itself belongs to tools/vphone.py. Time moves in 5 ms steps, only when told.
"""

import math
from array import array
from collections.abc import Callable

import codes
import setup
import stub_hal
from config import Config
from peer import Peer
from stats import Log, Stats
from stub_hal.pcm import Pcm

SERVER = 1
BOX_ADDR = ("127.0.0.1", 40000)
STEP_MS = 5
ROWS_HZ = (697, 770, 852, 941)
COLUMNS_HZ = (1209, 1336, 1477, 1633)
KEYS = "123A456B789C*0#D"
LOG_NAMES = {value: name for name, value in vars(codes).items() if name.startswith("LOG_")}


def sine_frames(tones_hz: tuple, ms: int, level_dbm0: float = -10.0) -> list[bytes]:
    """Return 20 ms frames of a sum of sines, each at `level_dbm0`."""
    peak = 32767 * 10 ** ((level_dbm0 - 3.17) / 20)
    n = ms * 8
    samples = array("h", bytes(2 * ((n + 159) // 160 * 160)))
    for i in range(n):
        samples[i] = int(sum(peak * math.sin(2 * math.pi * f * i / 8000) for f in tones_hz))
    octets = samples.tobytes()
    return [octets[at : at + 320] for at in range(0, len(octets), 320)]


class AtaBench:
    """One adapter, one line, one server. `log` holds (t_ms, name, a, b) of the firmware's log ring."""

    def __init__(
        self,
        seed: int = 1,
        settings: dict | None = None,
        register: bool = True,
        start: int = 0,
        **peer_options,
    ) -> None:
        """start: the first tick of the box.  register: wait until the server knows it.  The rest: Peer's."""
        self.t_ms = 0
        self.peer = Peer(seed=seed, accounts=peer_options.pop("accounts", {"ata1": "pw1"}), **peer_options)
        self.hal = stub_hal.make(seed)
        self.hal.clock.set(start)
        self.hal.pcm = Pcm(self.hal.clock)
        self.stats = Stats()
        self._ring = Log()
        self._read = 0
        self.log: list[tuple[int, str, int, int]] = []
        config = Config(self.hal.store)
        wanted = {
            "account.1.server": "pbx",
            "account.1.user": "ata1",
            "account.1.secret": "pw1",
            **(settings or {}),
        }
        for name, value in wanted.items():
            error = config.set(name, value)
            assert not error, error
        self.ata = setup.build(self.hal, config, self.stats, self._ring)
        self.begin(wanted)
        if register:
            assert self.run_until(lambda: self.ata.registered, 2000)

    def begin(self, settings: dict) -> None:
        """The network is there: start the box."""
        self.ata.start(self.hal.clock.ticks_ms())

    # -- the telephone ---------------------------------------------------------------------------------

    def lift(self, run_ms: int = 200) -> None:
        """Lift the handset."""
        self.hal.slic.lift()
        self.run(run_ms)

    def hang(self, run_ms: int = 1300) -> None:
        """Put the handset back and wait until that counts: in a call that is longer than any flash."""
        self.hal.slic.hang_up()
        self.run(run_ms)

    def dtmf(self, digits: str, on_ms: int = 80, off_ms: int = 80) -> None:
        """Press keys; returns when the last has been heard."""
        for key in digits:
            at = KEYS.index(key)
            self.say(sine_frames((ROWS_HZ[at // 4], COLUMNS_HZ[at % 4]), on_ms))
            self.say([bytes(320)] * (off_ms // 20))
        self.run((on_ms + off_ms) * len(digits) + 40)

    def say(self, frames: list[bytes]) -> None:
        """Queue PCM frames at the mouthpiece."""
        self.hal.pcm.mouth += frames

    def heard(self, last_ms: int) -> array:
        """The samples of the last `last_ms` in the earpiece."""
        return array("h", b"".join(self.hal.pcm.ear[-(last_ms // 20) :]))

    @property
    def ringing(self) -> bool:
        """True while ringing current is on the line."""
        return self.hal.slic.feed == codes.FEED_RINGING

    @property
    def state(self) -> int:
        """State of the port (codes.ON_HOOK ...)."""
        return self.ata.port.state

    @property
    def call(self):
        """The server's side of the call that is up, or of the last one."""
        return self.peer.current_call() or self.peer.calls[-1]

    @property
    def at_rest(self) -> bool:
        """True if the line is idle and fed, and neither side holds a call."""
        here = self.ata.endpoint.legs[0].state == codes.CALL_FREE and self.ata._leg is None
        idle = self.state == codes.ON_HOOK and self.hal.slic.feed == codes.FEED_FORWARD
        return here and idle and not self.peer.live_calls()

    # -- time ------------------------------------------------------------------------------------------

    def run(self, ms: int, step_ms: int = STEP_MS) -> None:
        """Let `ms` pass; steps of 20 ms are enough for an idle line."""
        end = self.t_ms + ms
        net = self.hal.net
        while self.t_ms < end:
            self.t_ms += step_ms
            self.hal.clock.advance(step_ms)
            self.peer.poll(self.t_ms)
            for port, _, octets in self.peer.drain():
                net.deliver(SERVER if port == "main" else 0, octets)
            self.ata.turn(self.hal.clock.ticks_ms())
            while net.inbound.ready():  # as the clock of a board: no sleep while a datagram waits
                self.ata.turn(self.hal.clock.ticks_ms())
            for _, octets in net.take_sent():
                self.peer.feed(octets, BOX_ADDR, self.t_ms)
            self._read_log()

    def run_until(self, happened: Callable[[], bool], most_ms: int = 10000) -> bool:
        """Run until `happened()`; False if that is not within `most_ms`."""
        end = self.t_ms + most_ms
        while not happened():
            if self.t_ms >= end:
                return False
            self.run(STEP_MS)
        return True

    def _read_log(self) -> None:
        ring = self._ring
        while self._read < ring.written:
            at = self._read % 32 * 4
            self.log.append((self.t_ms, LOG_NAMES[ring.ring[at + 1]], ring.ring[at + 2], ring.ring[at + 3]))
            self._read += 1

    def count(self, name: str) -> int:
        """A counter of the box by its name in codes.py."""
        return self.stats.counts[getattr(codes, name)]
