"""What the kernels are counted at: jobs that drive the firmware as a call does, one `yield` for each 20 ms.

A job gets the function that loads a module of the device. The frame in which a kernel costs most counts, so
a job goes through its dear cases: full scale, both laws, a lost packet, a digit.
"""

import math
import random
from array import array
from collections.abc import Callable, Iterator
from types import ModuleType

Load = Callable[[str], ModuleType]
Job = Callable[[Load], Iterator[None]]

_ULAW, _ALAW = 2, 3  # codes.LAW_ULAW, codes.LAW_ALAW
_ROWS, _COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)


class _Stats:
    """Counters that nobody reads."""

    def count(self, name: int, n: int = 1) -> None:
        """Count nothing."""


class _NoTone:
    """The generator of a line without tones."""

    on = False


def _put(frame: bytearray, samples: "list[int]") -> None:
    frame[:] = array("h", (max(-32768, min(32767, v)) for v in samples)).tobytes()


def _noise(frame: bytearray, seed: int, rms: int = 6000) -> None:
    source = random.Random(seed)
    _put(frame, [round(source.gauss(0, rms)) for _ in range(160)])


def _digit(frame: bytearray, at: int, k: int) -> None:
    f1, f2 = _ROWS[k // 4], _COLUMNS[k % 4]
    turn = 2 * math.pi / 8000
    _put(
        frame,
        [round(5000 * (math.sin(turn * f1 * (at + i)) + math.sin(turn * f2 * (at + i)))) for i in range(160)],
    )


def _voice(law: int) -> Job:
    """Both ways in one law, the third packet lost, the sixth only half there."""

    def job(load: Load) -> "Iterator[None]":
        frame, payload = bytearray(320), bytearray(160)
        jitter = load("media.jitter").Jitter(bytearray(1280), 20, _Stats())
        uplink = load("media.uplink").Uplink(frame, None)
        downlink = load("media.downlink").Downlink(bytearray(320), jitter, _NoTone())
        for k in range(10):
            _noise(frame, k)
            uplink.encode(payload, law)
            if k not in (3, 4):
                jitter.put(20 * k, payload, 0, 80 if k == 6 else 160, 20 * k)
            downlink.decode(law)
            yield
        downlink.decode(-1)
        yield

    return job


def dtmf(load: Load) -> "Iterator[None]":
    """A listening uplink: silence, speech-like noise at full scale, all sixteen digits."""
    frame = bytearray(320)
    uplink = load("media.uplink").Uplink(frame, load("dsp.dtmf").Dtmf())
    uplink.listen = True
    for k in range(2):
        _noise(frame, k, 20000 * k)
        uplink.encode(bytearray(160), -1)
        yield
    for k in range(16):
        _digit(frame, 160 * k, k)
        uplink.encode(bytearray(160), -1)
        yield


def tones(load: Load) -> "Iterator[None]":
    """The howler: four sines, so loud that they meet full scale."""
    tone = load("dsp.tone").Tone()
    tone.set(array("h", (4, 1400, 2060, 2450, 2600, 0, 0)), 0, 0)
    frame = bytearray(320)
    for k in range(5):
        _noise(frame, k)
        tone.add_into(frame, 0, 160)
        yield


def fsk(load: Load) -> "Iterator[None]":
    """The modem of Caller ID at full level, over voice: V.23, alternating bits."""
    modem = load("dsp.fsk").Fsk()
    modem.start(bytearray(b"\x55" * 40), 320, 1300, 2100, 0)
    frame = bytearray(320)
    more = True
    while more:
        _noise(frame, 1)
        more = modem.fill(frame)
        yield


def encrypted(load: Load) -> "Iterator[None]":
    """What a sealed mini frame costs in copies: 164 octets out with 28 of padding, and the same in."""
    copy = load("iax.cipher")._copy
    work, datagram = bytearray(676), bytearray(range(196))
    copy(work, 0, datagram, 0, 4)
    copy(work, 32, datagram, 4, 160)
    copy(work, 4, datagram, 4, 192)
    copy(work, 0, datagram, 0, 4)
    copy(work, 4, work, 32, 160)
    yield


JOBS: "dict[str, Job]" = {
    "voice, µ-law": _voice(_ULAW),
    "voice, A-law": _voice(_ALAW),
    "DTMF heard": dtmf,
    "four tones": tones,
    "Caller ID, FSK": fsk,
    "encrypted voice": encrypted,
}
