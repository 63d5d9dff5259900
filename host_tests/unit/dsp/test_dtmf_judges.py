"""Third parties: do other people's receivers hear our tones, and does speech stay free of digits?"""

import ctypes
import subprocess
from math import gcd

import need
import numpy as np
import pytest
from scipy.signal import resample_poly

from dsp.dtmf import Dtmf
from dsp.tone import Tone
from ref import signals

VOICES = (
    "en+m1",
    "en-us+f1",
    "en+f4",
    "de+m2",
    "fr+f2",
    "es+m4",
    "it+f3",
    "pt+m6",
    "ru+f1",
    "en+m7",
    "nl+f5",
)
TEXT = (
    "The quick brown fox jumps over the lazy dog, while seven busy engineers discuss the telephone exchange. "
    "Please hold the line, your call is important to us. Nobody answered, so I left a message. "
    "She sells sea shells by the sea shore. Hello, hello, who is there? Oh, really? Aaah, ooooh, eeee! "
    "One two three four five six seven eight nine zero. We are going to meet on Monday at eleven. "
)


def every_digit(make, on_ms, off_ms):
    """Return all 16 digits made by `make(key, ms)`, with pauses."""
    parts = [signals.silence(100)]
    for key in signals.KEYS:
        parts += [make(key, on_ms), signals.silence(off_ms)]
    return np.concatenate([*parts, signals.silence(100)])


def by_our_generator(key, ms):
    """Return the tone of a key as dsp/tone.py makes it."""
    tone = Tone()
    at = signals.KEYS.index(key)
    tone.set((2, signals.ROWS_HZ[at // 4], signals.COLUMNS_HZ[at % 4], -10, 0), 0, 0)
    frame = bytearray(2 * ms * 8)
    tone.add_into(frame, 0, ms * 8)
    return signals.samples_of(frame)


SOURCES = pytest.mark.parametrize("make", [signals.dtmf, by_our_generator])


@SOURCES
def test_multimon_ng_hears_the_tones_of_our_tests_and_of_our_generator(make, tmp_path):
    program = need.program("multimon-ng")
    samples = resample_poly(every_digit(make, 60, 60), 441, 160)
    raw = tmp_path / "digits.raw"
    raw.write_bytes(np.clip(np.round(samples), -32768, 32767).astype("<i2").tobytes())
    said = subprocess.run(
        [program, "-q", "-a", "DTMF", "-t", "raw", str(raw)], capture_output=True, text=True, check=True
    )
    digits = "".join(line.split()[1] for line in said.stdout.splitlines() if line.startswith("DTMF:"))
    assert digits.replace("E", "*").replace("F", "#") == signals.KEYS


@SOURCES
def test_spandsp_hears_the_tones_of_our_tests_and_of_our_generator(make):
    library = need.spandsp()
    library.dtmf_rx_init.restype = ctypes.c_void_p
    receiver = ctypes.c_void_p(library.dtmf_rx_init(None, None, None))
    samples = np.round(every_digit(make, 40, 50)).astype(np.int16)
    for at in range(0, len(samples), 160):
        part = np.ascontiguousarray(samples[at : at + 160])
        library.dtmf_rx(receiver, part.ctypes.data_as(ctypes.c_void_p), len(part))
    digits = ctypes.create_string_buffer(128)
    library.dtmf_rx_get(receiver, digits, 100)
    library.dtmf_rx_free(receiver)
    assert digits.value.decode() == signals.KEYS


def spoken(voice, speed):
    """Return TEXT as espeak-ng says it, at 8 kHz, its peaks at full scale."""
    wav = subprocess.run(
        [need.program("espeak-ng"), "-v", voice, "-s", str(speed), "--stdout", TEXT],
        capture_output=True,
        check=True,
    ).stdout
    rate_hz = int.from_bytes(wav[24:28], "little")
    samples = np.frombuffer(wav[44 : 44 + (len(wav) - 44) // 2 * 2], "<i2").astype(float)
    common = gcd(8000, rate_hz)
    narrow = resample_poly(samples, 8000 // common, rate_hz // common)
    return narrow * (30000 / np.abs(narrow).max())


def test_five_minutes_of_speech_hold_no_digit_and_are_hardly_ever_muted():
    detector = Dtmf()
    frames = muted = 0
    for at, voice in enumerate(VOICES):
        for frame in signals.frames(spoken(voice, 125 + 7 * at)):
            assert detector.feed(frame) == 0
            muted += detector.tone_now
            frames += 1
    assert frames * 20 > 300_000
    assert muted * 1000 < frames
