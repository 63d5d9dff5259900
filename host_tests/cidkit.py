"""Caller ID in tests: rendering what the firmware sends, spoiling it as a line does, third-party receivers.

    samples = spoil(rendered(bits, n_bits, "v23"), level_dbm0=-24, snr_db=20, twist_db=6, seed=1)
    assert decode_spandsp(samples, "clip") == [octets]
    assert octets in decode_minimodem(samples, "v23")
    assert decode_multimon(samples)["CID"] == "5551234"
    assert fskmeter.read(samples).mark_bits == 180

Samples are numpy arrays in the scale of 16 bits, 8 kHz. A missing tool skips the test (need.py).
"""

import ctypes
import re
import subprocess
import tempfile
import wave
from pathlib import Path
from typing import ClassVar

import need
import numpy as np
from scipy.signal import firwin, firwin2, resample_poly

from dsp.fsk import Fsk
from ref import signals

RATE_HZ = 8000
MODEMS = {"bell": (1200, 2200), "v23": (1300, 2100)}  # mark, space in Hz
FORM_MODEM = {"sdmf": "bell", "mdmf": "bell", "etsi": "v23", "uk": "v23", "ntt": "v23"}
FORM_STANDARD = {"sdmf": "class", "mdmf": "class", "etsi": "clip", "uk": "clip", "ntt": "jclip"}
STANDARDS = {"class": 1, "clip": 2, "aclip": 3, "jclip": 4, "dtmf": 5}  # of spandsp
LEVEL_DDBM0 = -135
_TABLE = Path(__file__).resolve().parent.parent / "firmware" / "letters.txt"
_QUIET = np.zeros(RATE_HZ // 5)
_TAPS = 255


def letters():
    """Yield the rows of letters.txt, as the store of a board does."""
    with _TABLE.open(encoding="utf-8") as rows:
        for row in rows:
            yield row.rstrip("\n")


def rendered(
    bits: bytes, n_bits: int, modem: str = "bell", level_ddbm0: int = LEVEL_DDBM0, fsk: "Fsk | None" = None
) -> np.ndarray:
    """Return the burst that dsp/fsk.py makes, with 200 ms of silence before it and behind."""
    fsk = fsk or Fsk()
    fsk.start(bits, n_bits, *MODEMS[modem], level_ddbm0)
    parts, more = [_QUIET], True
    while more:
        frame = bytearray(320)
        more = fsk.fill(frame)
        parts.append(signals.samples_of(frame))
    return np.concatenate([*parts, _QUIET])


def dialled(digits: str, on_ms: int = 70, off_ms: int = 70, level_dbm0: float = -10) -> np.ndarray:
    """Return DTMF of `level_dbm0` a tone, with silence around it."""
    parts = [_QUIET]
    for key in digits:
        parts += [
            signals.dtmf(key, on_ms, level_dbm0, level_dbm0),
            signals.silence(off_ms),
        ]
    return np.concatenate([*parts, _QUIET])


def active(samples: np.ndarray) -> slice:
    """Return the part of `samples` from its first sound to its last: 20 ms above a twentieth of the peak."""
    loud = np.flatnonzero(np.abs(samples) > 0.05 * np.abs(samples).max())
    return slice(int(loud[0]), int(loud[-1]) + 1)


def level_of(samples: np.ndarray) -> float:
    """Return the level in dBm0 of what sounds, silences inside it left out."""
    sound = samples[active(samples)]
    power = np.convolve(np.square(sound), np.ones(80) / 80, mode="same")
    return signals.dbm0_of(sound[power > power.max() / 10])


def spoil(
    samples: np.ndarray,
    level_dbm0: "float | None" = None,
    snr_db: "float | None" = None,
    twist_db: float = 0.0,
    around_hz: "tuple[float, float]" = (1300, 2100),
    seed: int = 1,
) -> np.ndarray:
    """Return `samples` as a line leaves them: twist, then level, then noise of 300 to 3,400 Hz.

    twist_db: by how much more the upper of the frequencies `around_hz` is weakened than the lower. The level
    is that of the whole signal, and so is the S/N.
    """
    low, high = around_hz
    made = np.asarray(samples, dtype=float)
    before = level_of(made)
    if twist_db:
        gains = 10 ** (np.array([1, 1, -1, -1]) * twist_db / 40)
        filtered = np.convolve(made, firwin2(_TAPS, (0, low, high, 4000), gains, fs=RATE_HZ))
        made = filtered[_TAPS // 2 :][: len(made)]
    made = made * 10 ** (((before if level_dbm0 is None else level_dbm0) - level_of(made)) / 20)
    if snr_db is not None:
        rng = np.random.default_rng(seed)
        band = firwin(_TAPS, (300, 3400), pass_zero=False, fs=RATE_HZ)
        noise = np.convolve(rng.normal(0, 1, len(made) + _TAPS - 1), band, mode="valid")
        made = made + noise * 10 ** ((level_of(made) - snr_db - signals.dbm0_of(noise)) / 20)
    return made


def checked(octets: bytes) -> "list[bytes]":
    """Return the messages with a good checksum or CRC in `octets`, without it; all else is skipped.

    Of NTT's frames the parity is checked too, and taken off.
    """
    found = []
    for at in range(len(octets) - 3):
        if octets[at] in (0x04, 0x06, 0x80, 0x82):
            end = at + 2 + octets[at + 1]
            if end < len(octets) and sum(octets[at : end + 1]) & 255 == 0:
                found.append(octets[at:end])
        elif octets[at : at + 2] == b"\x90\x81" and b"\x90\x03" in octets[at:]:
            end = octets.index(b"\x90\x03", at) + 2
            even = all(octet.bit_count() % 2 == 0 for octet in octets[at:end])
            if even and octets[end : end + 2] == _crc(octets[at + 2 : end]).to_bytes(2, "little"):
                found.append(bytes(octet & 127 for octet in octets[at:end]))
    return found


def _crc(octets: bytes) -> int:
    """Return the CRC-16 of ITU-T V.41, reflected, from 0, by polynomial division of the whole at once."""
    rest = int.from_bytes(octets, "little")
    for place in range(8 * len(octets)):
        if rest >> place & 1:
            rest ^= 0x10811 << place
    return rest >> 8 * len(octets)


def parameters(message: bytes) -> "dict[int, bytes]":
    """Return {parameter: its octets} of an MDMF message without checksum."""
    assert len(message) == 2 + message[1]
    found, at = {}, 2
    while at < len(message):
        end = at + 2 + message[at + 1]
        assert end <= len(message), "a parameter longer than its message"
        found[message[at]] = message[at + 2 : end]
        at = end
    return found


def decode_minimodem(samples: np.ndarray, modem: str) -> "list[bytes]":
    """Return the messages whose octets minimodem hears at the frequencies of `modem`."""
    mark, space = MODEMS[modem]
    more = ["-M", str(mark), "-S", str(space), "--startbits", "1", "--stopbits", "1", "1200"]
    return checked(_minimodem(samples, more))


def show_minimodem(samples: np.ndarray) -> "dict[str, str]":
    """Return what minimodem's own Caller ID display says: Time, Phone, Name (Bell only)."""
    shown = _minimodem(samples, ["callerid"]).decode("ascii", "replace")
    return dict(re.findall(r"(Time|Phone|Name): *(.*)", shown))


def _minimodem(samples: np.ndarray, more: "list[str]") -> bytes:
    program = need.program("minimodem")
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "line.wav")
        write_wav(path, samples)
        return subprocess.run(
            [program, "--rx", "-q", "-f", path, *more], capture_output=True, check=False
        ).stdout


def write_wav(path: str, samples: np.ndarray) -> None:
    """Write 8 kHz, 16 bits."""
    with wave.open(path, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE_HZ)
        wav.writeframes(signals.pcm(samples))


def _multimon(samples: np.ndarray, kind: str) -> str:
    program = need.program("multimon-ng")
    with tempfile.NamedTemporaryFile(suffix=".raw") as raw:
        raw.write(signals.pcm(resample_poly(samples, 441, 160)))
        raw.flush()
        command = [program, "-q", "-a", kind, "-t", "raw", raw.name]
        return subprocess.run(command, capture_output=True, check=True).stdout.decode("ascii", "replace")


def decode_multimon(samples: np.ndarray) -> "dict[str, str]":
    """Return the fields that multimon-ng shows of an MDMF message with a good checksum: DATE, CID, CNT …"""
    shown: "dict[str, str]" = {}
    field = r"(DATE|CID|CNT|RACLI|RACNT)=(.*?)(?= (?:DATE|CID|CNT|RACLI|RACNT)=| unknown| CT=|$)"
    for name, value in re.findall(field, _multimon(samples, "CLIPFSK"), re.M):
        shown.setdefault(name, value[:1] if name.startswith("RA") else value.strip())
    return shown


def digits_multimon(samples: np.ndarray) -> str:
    """Return the DTMF digits that multimon-ng hears."""
    return "".join(re.findall(r"DTMF: (.)", _multimon(samples, "DTMF"))).replace("E", "*").replace("F", "#")


def decode_spandsp(samples: np.ndarray, standard: str) -> "list[bytes]":
    """Return the messages that spandsp's receiver for `standard` (a key of STANDARDS) takes, checksum off."""
    library = need.spandsp()
    got: "list[bytes]" = []
    taker = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(ctypes.c_uint8), ctypes.c_int)
    take = taker(lambda _, message, n: got.append(bytes(message[:n])))
    library.adsi_rx_init.restype = ctypes.c_void_p
    receiver = ctypes.c_void_p(library.adsi_rx_init(None, STANDARDS[standard], take, None))
    _feed(library.adsi_rx, receiver, samples)
    library.adsi_rx_free(receiver)
    return got


class _Spec(ctypes.Structure):
    """What spandsp wants to know of a modem: baud rate in hundredths."""

    _fields_: ClassVar = [
        ("name", ctypes.c_char_p),
        ("zero_hz", ctypes.c_int),
        ("one_hz", ctypes.c_int),
        ("send_dbm0", ctypes.c_int),
        ("floor_dbm0", ctypes.c_int),
        ("rate", ctypes.c_int),
    ]


def modem_spandsp(samples: np.ndarray, modem: str, floor_dbm0: int = -38) -> "list[bytes]":
    """Return the messages that spandsp's modem hears, with the floor of a telephone (SIN 227: -37.8 dBm).

    Its receivers for Caller ID have theirs at about -30 dBm0, the one of NTT at -28.5, and cannot be told.
    """
    library = need.spandsp()
    bits: "list[int]" = []
    taker = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int)
    take = taker(lambda _, bit: bits.append(bit) if bit >= 0 else None)
    mark, space = MODEMS[modem]
    spec = _Spec(b"test", space, mark, -14, floor_dbm0, 120000)
    library.fsk_rx_init.restype = ctypes.c_void_p
    receiver = ctypes.c_void_p(library.fsk_rx_init(None, ctypes.byref(spec), 0, take, None))
    _feed(library.fsk_rx, receiver, samples)
    library.fsk_rx_free(receiver)
    octets, at = bytearray(), 0
    while at + 10 <= len(bits):
        if bits[at] == 0 and bits[at + 9] == 1:
            octets.append(sum(bit << place for place, bit in enumerate(bits[at + 1 : at + 9])))
            at += 10
        else:
            at += 1
    return checked(bytes(octets))


def digits_spandsp(samples: np.ndarray, twist_db: int = 8, reverse_twist_db: int = 8) -> str:
    """Return the DTMF digits that spandsp hears, with the twist that Danish telephones must take."""
    library = need.spandsp()
    library.dtmf_rx_init.restype = ctypes.c_void_p
    receiver = ctypes.c_void_p(library.dtmf_rx_init(None, None, None))
    library.dtmf_rx_parms(receiver, 0, twist_db, reverse_twist_db, -42)
    _feed(library.dtmf_rx, receiver, samples)
    digits = ctypes.create_string_buffer(128)
    library.dtmf_rx_get(receiver, digits, 127)
    library.dtmf_rx_free(receiver)
    return digits.value.decode()


def _feed(receive, receiver: ctypes.c_void_p, samples: np.ndarray) -> None:
    line = np.frombuffer(signals.pcm(samples), "<i2").copy()
    for at in range(0, len(line), 160):
        part = np.ascontiguousarray(line[at : at + 160])
        receive(receiver, part.ctypes.data_as(ctypes.c_void_p), len(part))
