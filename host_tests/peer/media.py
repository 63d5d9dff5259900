"""Sound for the test peer: G.711 both ways, tones, and a PCM buffer cut into 20 ms.

PCM is signed 16-bit little-endian at 8 kHz; 20 ms are 320 octets. A sound is an iterator of such pieces;
a piece of None is 20 ms without a packet. 0 dBm0: a full-scale sine stands at +3.17 dBm0 (ITU-T G.711).
"""

import array
import math
import random
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache

from . import numbers as n

SAMPLES = 160
SILENCE = bytes(2 * SAMPLES)


def ulaw_octet(sample: int) -> int:
    """Return the mu-law octet of a 16-bit sample (ITU-T G.711, table 2, by segment search)."""
    sign = 0x80 if sample < 0 else 0
    size = min(~sample if sample < 0 else sample, 32635) + 132
    segment = size.bit_length() - 8
    return (sign | (segment << 4) | ((size >> (segment + 3)) & 15)) ^ 0xFF


def alaw_octet(sample: int) -> int:
    """Return the A-law octet of a 16-bit sample (ITU-T G.711, table 1)."""
    sign = 0 if sample < 0 else 0x80
    size = (~sample if sample < 0 else sample) >> 4
    segment = max(0, size.bit_length() - 4)
    step = size & 15 if segment == 0 else (size >> (segment - 1)) & 15
    return (sign | (segment << 4) | step) ^ 0x55


def ulaw_sample(octet: int) -> int:
    """Return the 16-bit sample of a mu-law octet."""
    octet ^= 0xFF
    size = ((((octet & 15) << 3) + 132) << ((octet >> 4) & 7)) - 132
    return -size if octet & 0x80 else size


def alaw_sample(octet: int) -> int:
    """Return the 16-bit sample of an A-law octet."""
    octet ^= 0x55
    segment, size = (octet >> 4) & 7, ((octet & 15) << 4) + 8
    if segment:
        size = (size + 256) << (segment - 1)
    return size if octet & 0x80 else -size


@lru_cache(maxsize=None)
def _encoder(codec: int) -> bytes:
    octet = ulaw_octet if codec == n.ULAW else alaw_octet
    return bytes(octet(v - 65536 if v > 32767 else v) for v in range(65536))


@lru_cache(maxsize=None)
def _decoder(codec: int) -> tuple[int, ...]:
    sample = ulaw_sample if codec == n.ULAW else alaw_sample
    return tuple(sample(v) for v in range(256))


def _words(pcm: bytes, code: str) -> "array.array[int]":
    words = array.array(code, pcm)
    if sys.byteorder == "big":
        words.byteswap()
    return words


def encode(codec: int, pcm: bytes) -> bytes:
    """Return the payload for a codec bit: mu-law, A-law, 16-bit big-endian; else filler octets."""
    if codec in (n.ULAW, n.ALAW):
        return bytes(map(_encoder(codec).__getitem__, _words(pcm, "H")))
    if codec == n.SLIN:
        words = array.array("H", pcm)
        words.byteswap()
        return words.tobytes()
    return bytes(33)


def decode(codec: int, payload: bytes) -> bytes:
    """Return PCM for a payload; nothing for a codec this peer has no decoder for."""
    if codec in (n.ULAW, n.ALAW):
        words = array.array("h", map(_decoder(codec).__getitem__, payload))
    elif codec == n.SLIN:
        words = array.array("h", payload[: len(payload) & ~1])
        words.byteswap()
        return words.tobytes()
    else:
        return b""
    if sys.byteorder == "big":
        words.byteswap()
    return words.tobytes()


def samples_in(codec: int, payload: bytes) -> int:
    """Return how many 8 kHz samples a payload stands for."""
    if codec in (n.ULAW, n.ALAW):
        return len(payload)
    if codec == n.SLIN:
        return len(payload) // 2
    return SAMPLES


def tone(*freqs_hz: float, level_dbm0: float = 0.0, seconds: float | None = None) -> Iterator[bytes]:
    """Yield 20 ms pieces of a sum of sines, each at `level_dbm0`; for ever when `seconds` is None."""
    peak = 32767 * 10 ** ((level_dbm0 - 3.17) / 20)
    at, left = 0, None if seconds is None else round(seconds * 50)
    while left is None or left > 0:
        words = array.array("h", bytes(2 * SAMPLES))
        for i in range(SAMPLES):
            total = sum(math.sin(2 * math.pi * f * (at + i) / 8000) for f in freqs_hz)
            words[i] = max(-32768, min(32767, round(peak * total)))
        at += SAMPLES
        yield words.tobytes()
        left = None if left is None else left - 1


def looped(sound: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a finite sound again and again; worked out once."""
    pieces = list(sound)
    while pieces:
        yield from pieces


def pieces(pcm: bytes) -> Iterator[bytes]:
    """Yield a PCM buffer in 20 ms pieces, the last one filled up with silence."""
    for at in range(0, len(pcm), 2 * SAMPLES):
        yield pcm[at : at + 2 * SAMPLES].ljust(2 * SAMPLES, b"\0")


def _buzz(phase: float, pitch_hz: float, formants_hz: list[float]) -> float:
    def weight(k: int) -> float:
        return 1 / (1 + abs(k * pitch_hz - formants_hz[k % 2]) / 200)

    return sum(math.sin(k * phase) * weight(k) for k in range(1, 12))


def babble(seed: int, seconds: float = 2.0) -> bytes:
    """Return speech-like PCM, the same for the same seed: syllables of a gliding buzz, gaps between them."""
    rng = random.Random(seed)
    words = array.array("h")
    phase = 0.0
    while len(words) < seconds * 8000:
        pitch, length = rng.uniform(90, 240), rng.randrange(800, 2000)
        formants = [rng.uniform(300, 900), rng.uniform(1000, 2400)]
        for i in range(length):
            phase += 2 * math.pi * pitch * (1 + 0.2 * i / length) / 8000
            gain = 2000 * math.sin(math.pi * i / length)
            words.append(int(gain * _buzz(phase, pitch, formants)))
        words.extend([0] * rng.randrange(200, 900))
    del words[round(seconds * 8000) :]
    return words.tobytes()
