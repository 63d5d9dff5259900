"""The sound of a call: WAV file → 20 ms of G.711, and G.711 → the firmware's jitter buffer → WAV file."""

import wave
from pathlib import Path

import codes
from dsp import g711
from media.jitter import Jitter
from stats import Stats

from .told import UsageError

_RATE_HZ = 8000
_SAMPLES = 160
_STORE = 1280  # octets of the jitter buffer (media/jitter.py)
_DEPTH_MS = 60
SILENCE = {codes.LAW_ULAW: b"\xff" * _SAMPLES, codes.LAW_ALAW: b"\xd5" * _SAMPLES}
_ENCODE = {codes.LAW_ULAW: g711.encode_ulaw, codes.LAW_ALAW: g711.encode_alaw}
_DECODE = {codes.LAW_ULAW: g711.decode_ulaw, codes.LAW_ALAW: g711.decode_alaw}


def read_wav(name: str) -> bytes:
    """Return the samples of an 8 kHz mono 16-bit WAV file. UsageError says how to make one."""
    try:
        with wave.open(name, "rb") as file:
            kind = (file.getframerate(), file.getnchannels(), file.getsampwidth())
            samples = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise UsageError(f"{name}: {getattr(error, 'strerror', None) or error or 'no WAV file'}") from None
    if kind != (_RATE_HZ, 1, 2):
        raise UsageError(f"{name}: not 8 kHz mono 16 bit: convert it with `sox IN -r 8000 -c 1 -b 16 {name}`")
    return samples


def check_writable(path: Path) -> None:
    """See that a recording can be written; an old one of that name is emptied. UsageError says why not."""
    try:
        path.write_bytes(b"")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None


class Mouth:
    """Says the samples of a file once, then nothing."""

    def __init__(self, samples: bytes = b"") -> None:
        self._samples = samples
        self._at = 0

    @property
    def left_s(self) -> float:
        """Seconds of sound not yet said."""
        return (len(self._samples) - self._at) / 2 / _RATE_HZ

    def next(self, law: int) -> bytes:
        """Return the next 20 ms in `law`."""
        frame = self._samples[self._at : self._at + 2 * _SAMPLES]
        if not frame:
            return SILENCE[law]
        self._at += len(frame)
        octets = bytearray(_SAMPLES)
        _ENCODE[law](octets, bytearray(frame.ljust(2 * _SAMPLES, b"\0")), _SAMPLES)
        return bytes(octets)


class Ear:
    """Writes what a call hears into a WAV file, frame by frame as a telephone would play it."""

    def __init__(self, path: "Path | None") -> None:
        self._jitter = Jitter(bytearray(_STORE), _DEPTH_MS, Stats())
        self._law = -1
        self._file: "wave.Wave_write | None" = None
        if path is not None:
            self._open(path)

    def _open(self, path: Path) -> None:
        check_writable(path)
        self._file = wave.open(str(path), "wb")  # noqa: SIM115  closed by close()
        self._file.setnchannels(1)
        self._file.setsampwidth(2)
        self._file.setframerate(_RATE_HZ)

    def hear(self, law: int, ts30: int, octets: bytes, now: int) -> None:
        """Take voice that came."""
        self._law = law
        self._jitter.put(ts30, octets, 0, len(octets), now)

    def tick(self) -> None:
        """Let 20 ms pass."""
        if self._file is None:
            return
        at = self._jitter.get()
        frame = bytearray(2 * _SAMPLES)
        if at >= 0:
            _DECODE[self._law](frame, self._jitter.store, at, _SAMPLES)
        self._file.writeframes(frame)

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
