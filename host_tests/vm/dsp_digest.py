"""Run every kernel of dsp/ and media/ with the heap locked; print digests that all machines must share."""

from array import array

import micropython

import ticks
from dsp import dtmf, g711, tone
from media import downlink, jitter, uplink
from stats import Stats


def mix(digest, buf):
    """Return `digest` carried on over the octets of `buf`, within 24 bits."""
    for octet in buf:
        digest = (digest * 31 + octet) & 0xFFFFFF
    return digest


def laws():
    """Digest both laws over all inputs."""
    every = bytearray(131072)
    for i in range(65536):
        every[2 * i] = i & 255
        every[2 * i + 1] = i >> 8
    codes = bytes(range(256))
    out = bytearray(65536)
    pcm = bytearray(512)
    for name, encode, decode in (
        ("ulaw", g711.encode_ulaw, g711.decode_ulaw),
        ("alaw", g711.encode_alaw, g711.decode_alaw),
    ):
        micropython.heap_lock()
        encode(out, every, 65536)
        decode(pcm, codes, 0, 256)
        micropython.heap_unlock()
        print(name, mix(mix(1, out), pcm))


class Call:
    """Digits up, a cadence and lossy voice down, across the wrap of 2**30."""

    def __init__(self):
        self.stats = Stats()
        self.buffer = jitter.Jitter(bytearray(1280), 40, self.stats)
        self.down = downlink.Downlink(bytearray(320), self.buffer, tone.Tone())
        self.line = bytearray(320)
        self.up = uplink.Uplink(self.line, dtmf.Dtmf())
        self.up.listen = True
        self.keypad = tone.Tone()
        self.key = array("h", (2, 697, 1209, 0, 0))
        self.payload = memoryview(bytearray(172))[12:]
        self.ts30 = 0x3FFFFFFF - 332
        self.events = array("i", bytes(64))
        self.n_events = 0

    def tick(self, at):
        """Do the work of 20 ms, both ways, by turns in both laws."""
        for i in range(320):
            self.line[i] = 0
        if at % 25 == 10:
            self.key[1] = 697 + at // 50
            self.key[2] = 1209 + at // 50
            self.keypad.set(self.key, 0, -at // 20)
        if 10 <= at % 25 < 15:
            self.keypad.add_into(self.line, 0, 160)
        event = self.up.encode(self.payload, 2 + (at & 1))
        if event and self.n_events < 16:
            self.events[self.n_events] = event
            self.n_events += 1
        self.receive(at)
        self.down.decode(2 + (at & 1))

    def receive(self, at):
        """Let the far end send our own voice back: some lost, a pause, some far too late, a jump."""
        if at % 7 and not 80 < at < 120:
            self.buffer.put(self.ts30, self.payload, 0, 160, 0)
        if at % 11 == 0:
            self.buffer.put(ticks.add(self.ts30, -300), self.payload, 0, 160, 0)
        self.ts30 = ticks.add(self.ts30, 20 if at != 200 else 9000)


def call():
    """Digest 8 s of a call."""
    line = Call()
    digest_up = digest_down = 1
    sounds = array(
        "h",
        (10, 2, 350, 440, -13, 37, 0, 21, 19, 600, 720, 480, -9, 300, 4, 480, 620, 1400, 2060, -20, 9, -1),
    )
    line.down.play(array("h", (0, 0)) + sounds, 2)
    for at in range(400):
        if at == 300:
            line.down.play()
        micropython.heap_lock()
        line.tick(at)
        digest_up = mix(digest_up, line.payload)
        digest_down = mix(digest_down, line.down.frame)
        micropython.heap_unlock()
    print("up", digest_up, list(line.events))
    print("down", digest_down, list(line.stats.counts[21:25]))


laws()
call()
print("ok")
