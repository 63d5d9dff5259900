"""What an exchange puts on the line: Caller ID messages and their sounds, made with numpy."""

import numpy as np

from tools.vphone_lib import callerid, levels, mouth

BELL, V23 = (1200, 2200), (1300, 2100)
_UP = 200  # samples of 240 kHz in a bit


def param(kind, data):
    return bytes((kind, len(data))) + data


def message(kind, body):
    whole = bytes((kind, len(body))) + body
    return whole + bytes((-sum(whole) & 0xFF,))


def mdmf(number=b"", name=b"", date=b"11231159", *more):
    body = param(1, date) + (param(2, number) if number else b"") + (param(7, name) if name else b"")
    return message(0x80, body + b"".join(more))


def sdmf(number=b"5551234"):
    return message(0x04, b"11231159" + number)


def even(octets):
    return bytes(o | (bin(o).count("1") & 1) << 7 for o in octets)


def ntt(number=b"0312345678", *more):
    body = param(2, number) + b"".join(more)
    inner = bytes((0x40, len(body))) + body
    head = even(b"\x07\x10\x02" + inner.replace(b"\x10", b"\x10\x10") + b"\x10\x03")
    return even(b"\x10\x01") + head + callerid.crc(head).to_bytes(2, "little")


def bits(octets, seizure=300, mark=180, tail=5, stop=1):
    out = [0, 1] * (seizure // 2) + [1] * mark
    for octet in octets:
        out += [0, *(octet >> i & 1 for i in range(8)), *[1] * stop]
    return out + [1] * tail


def fsk(octets, modem=BELL, dbm0=-13.5, twist_db=0.0, rate=1.0, **framing):
    """Samples at 8 kHz; bits and phase are exact, made at 240 kHz."""
    is_mark = np.repeat(np.array(bits(octets, **framing)) == 1, round(_UP / rate))
    phase = 2 * np.pi * np.cumsum(np.where(is_mark, *modem)) / 240000
    gain = 10 ** (np.where(is_mark, -twist_db / 2, twist_db / 2) / 20)
    return (levels.rms_of_dbm0(dbm0) * np.sqrt(2) * gain * np.sin(phase))[::30]


def noisy(sound, snr_db, seed=1):
    power = np.mean(sound[sound != 0] ** 2)
    return sound + np.random.default_rng(seed).standard_normal(len(sound)) * np.sqrt(power) * 10 ** (
        -snr_db / 20
    )


def dtas(ms=100, dbm0=-15.0):
    n = round(ms * 8)
    return mouth.sine(2130, dbm0, n) + mouth.sine(2750, dbm0, n)


def quiet(ms):
    return np.zeros(round(ms * 8))


def dtmf(digits, on_ms=70, off_ms=70):
    return mouth.dtmf(digits, on_ms, off_ms, -12, 0)


def pcm(*parts):
    return levels.to_int16(np.concatenate(parts))


def tone(cadence, seconds, dbm0=-13.0):
    """A tone in the grammar of tonejudge, each frequency at `dbm0`, for so long."""
    steps = [part.lstrip("!").partition("/") for part in cadence.split(",")]
    parts, n = [], 0
    while n < seconds * 8000:
        for tones, _, ms in steps:
            t = np.arange(int(ms or seconds * 1000) * 8) / 8000
            parts.append(sum((_sine(text, t) for text in tones.split("+")), np.zeros(len(t))))
            n += len(t)
        if cadence[0] == "!":
            parts.append(np.zeros(max(0, int(seconds * 8000) - n)))
            break
    return np.concatenate(parts)[: int(seconds * 8000)] * levels.rms_of_dbm0(dbm0) * np.sqrt(2)


def _sine(text, t):
    carrier, _, beat = text.partition("*")
    depth = 1 + 0.9 * np.sin(2 * np.pi * int(beat) * t) if beat else 1
    return depth * np.sin(2 * np.pi * int(carrier) * t) * bool(int(carrier))
