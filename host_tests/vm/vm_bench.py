"""A whole adapter on the stub HAL with a telephone that speaks and a far end that answers, inside the VM.

Everything here that lives during a call is made before the first measurement, and nothing allocates in a
turn but `net.receive()`.
"""

import math

from mini_peer import MiniPeer
from vm_net import VmNet

import stub_hal

FRAME_MS = 20
_PAIRS = {"5": (770, 1336), "9": (852, 1477), "#": (941, 1477)}


def tones(pair, peak, n_frames):
    """Return `n_frames` frames of 20 ms of two frequencies in Hz, each of amplitude `peak`."""
    made = []
    for k in range(n_frames):
        frame = bytearray(320)
        for i in range(160):
            t = (k * 160 + i) / 8000
            v = int(peak * (math.sin(2 * math.pi * pair[0] * t) + math.sin(2 * math.pi * pair[1] * t)))
            frame[2 * i] = v & 0xFF
            frame[2 * i + 1] = v >> 8 & 0xFF
        made.append(frame)
    return made


class VmPcm:
    """The converter: 20 ms of the chosen sound each 20 ms of the clock, by index, without allocating."""

    def __init__(self, clock):
        self.clock = clock
        self.sounds = {name: tones(pair, 5000, 4) for name, pair in _PAIRS.items()}
        self.sounds["voice"] = tones((211, 307), 3000, 4)
        self.sounds[""] = [bytearray(320)]
        self.now_playing = self.sounds[""]
        self.at = 0
        self.next_ms = 0
        self.n_read = 0
        self.n_written = 0

    def play(self, name):
        """Let the telephone make the sound `name` from its beginning, over and over."""
        self.now_playing = self.sounds[name]
        self.at = 0

    def read_into(self, frame):
        """Fill `frame` each 20 ms."""
        if self.clock.now < self.next_ms:
            return False
        self.next_ms += FRAME_MS
        frame[:] = self.now_playing[self.at % len(self.now_playing)]
        self.at += 1
        self.n_read += 1
        return True

    def write(self, frame):
        """Count it."""
        self.n_written += 1
        return True

    def lost(self):
        """Lose nothing."""
        return 0


class Bench:
    """The HAL, the far end, and the steps of a call. `begin` builds the adapter and returns it."""

    def __init__(self):
        hal = stub_hal.make(1)
        self.hal = hal
        self.clock = hal.clock
        self.slic = hal.slic
        self.far = MiniPeer()
        self.net = hal.net = VmNet(hal.clock, self.far)
        self.pcm = hal.pcm = VmPcm(hal.clock)
        hal.slic.record = False
        for name in ("settings", "profiles"):  # in memory, so that no path of this machine shows in a figure
            hal.store.tables[name] = list(hal.store.rows(name))
        self.ata = None
        self.speaking = False
        self.step_ms = 5
        self.since_voice_ms = 0

    def begin(self, *more):
        """Build the adapter with the account that the far end knows, as main.py does; more: settings."""
        import setup
        from config import Config
        from stats import Log, Stats

        config = Config(self.hal.store)
        settings = {"server": "far", "user": "telephone1", "secret": "correct horse battery"}
        settings.update({"number": "5551234", "name": "Front Desk"})
        for name, value in settings.items():
            wrong = config.set("account.1." + name, value)
            assert not wrong, wrong
        for name, value in more:
            wrong = config.set(name, value)
            assert not wrong, wrong
        self.ata = setup.build(self.hal, config, Stats(), Log())
        self.ata.start(self.clock.now)
        return self.ata

    def turn(self):
        """Let 5 ms pass and turn the adapter once; while `speaking` the far end sends voice each 20 ms."""
        now = self.clock.advance(self.step_ms)
        self.since_voice_ms += self.step_ms
        if self.since_voice_ms >= FRAME_MS:
            self.since_voice_ms = 0
            self.net.voice_due = self.speaking
        self.ata.turn(now)

    def run(self, ms):
        """Turn for `ms`."""
        for _ in range(ms // self.step_ms):
            self.turn()

    def dial(self, digits):
        """Lift the handset and dial by DTMF, 80 ms on, 80 ms off."""
        self.slic.lift()
        self.run(400)
        for digit in digits:
            self.pcm.play(digit)
            self.run(80)
            self.pcm.play("")
            self.run(80)

    def call(self):
        """Register, dial, and stay until voice runs both ways; return whether it does."""
        self.run(500)
        self.dial("559#")
        self.run(500)
        self.pcm.play("voice")
        self.speaking = True
        minis = self.far.minis
        self.run(1000)
        return self.ata.registered and self.ata.port.talking and self.far.minis - minis > 45
