"""Three DTMF receivers with one verb: this firmware's in a real MicroPython, spandsp's, and multimon-ng.

`hear(cases)` takes sound at 8 kHz, int16, and returns the digits that each case began, as text. Each case is
heard by a receiver fresh from reset, and followed by 100 ms of silence.
"""

import ctypes
import subprocess
import tempfile
from collections.abc import Sequence
from ctypes.util import find_library
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from tools import runvm
from tools.lab_lib import find

SCRIPT = runvm.ROOT / "host_tests" / "vm" / "dtmf_cases.py"
TAIL = 800  # samples of silence
_FRAME = 160


class Missing(Exception):
    """This receiver is not on this machine; the text says what to install."""


def framed(sound: np.ndarray) -> np.ndarray:
    """Return `sound` with its silence after it, filled up to whole frames."""
    n = len(sound) + TAIL
    whole = np.zeros(n + -n % _FRAME, "<i2")
    whole[: len(sound)] = sound
    return whole


class Firmware:
    """firmware/dsp/dtmf.py, its kernels as machine code in the MicroPython of `bits`."""

    name = "uiaxy"

    def __init__(self, bits: int = 64) -> None:
        self._bits = bits
        if runvm.find(bits) is None:
            raise Missing(f"no {bits}-bit MicroPython: {runvm.hint(bits)}")

    def events(self, cases: "Sequence[np.ndarray]") -> "list[list[tuple[int, str, str]]]":
        """Return for each case (frame, "+" or "-", digit): it begins or ends in that frame of 20 ms."""
        with tempfile.TemporaryDirectory(prefix="uiaxy-") as folder:
            sound = Path(folder, "cases.raw")
            frames = Path(folder, "frames.txt")
            with sound.open("wb") as out, frames.open("w") as counts:
                for case in cases:
                    whole = framed(case)
                    out.write(whole.tobytes())
                    print(len(whole) // _FRAME, file=counts)
            done = runvm.run(self._bits, SCRIPT, str(sound), str(frames), timeout_s=1800)
        if done.returncode or done.stderr:
            raise RuntimeError(f"dtmf_cases.py in the VM: {done.stderr.strip()}")
        rows = [line.split() for line in done.stdout.splitlines()]
        return [[(int(word[:-2]), word[-2], word[-1]) for word in row[1:]] for row in rows]

    def hear(self, cases: "Sequence[np.ndarray]") -> "list[str]":
        """Return the digits that begin in each case."""
        return ["".join(digit for _frame, what, digit in row if what == "+") for row in self.events(cases)]


class Spandsp:
    """spandsp's receiver by ctypes, in its own setting; `dial_tone` puts its dial tone filter in."""

    name = "spandsp"

    def __init__(self, dial_tone: bool = False) -> None:
        self._dial_tone = dial_tone
        try:
            self._library = ctypes.CDLL(find_library("spandsp") or "libspandsp.so.2")
        except OSError:
            raise Missing("libspandsp is not installed: tools/lab.py install") from None
        self._library.dtmf_rx_init.restype = ctypes.c_void_p

    def hear(self, cases: "Sequence[np.ndarray]") -> "list[str]":
        """Return the digits of each case."""
        return [self._one(framed(case)) for case in cases]

    def _one(self, sound: np.ndarray) -> str:
        library = self._library
        receiver = ctypes.c_void_p(library.dtmf_rx_init(None, None, None))
        if self._dial_tone:
            library.dtmf_rx_parms(receiver, 1, -1, -1, -99)  # -1 and -99: leave as it is
        digits = ctypes.create_string_buffer(128)
        heard = ""
        address = sound.ctypes.data
        for at in range(0, len(sound), 8000):  # it holds 128 digits until they are fetched
            library.dtmf_rx(receiver, ctypes.c_void_p(address + 2 * at), min(8000, len(sound) - at))
            library.dtmf_rx_get(receiver, digits, 127)
            heard += digits.value.decode()
        library.dtmf_rx_free(receiver)
        return heard


class Multimon:
    """multimon-ng, one run of the program for each case; it wants 22,050 Hz."""

    name = "multimon-ng"

    def __init__(self) -> None:
        self._program = find.program("multimon-ng")
        if not self._program:
            raise Missing("multimon-ng is not installed: tools/lab.py install")

    def hear(self, cases: "Sequence[np.ndarray]") -> "list[str]":
        """Return the digits of each case."""
        return [self._one(framed(case)) for case in cases]

    def _one(self, sound: np.ndarray) -> str:
        fine = np.clip(np.round(resample_poly(sound.astype(float), 441, 160)), -32768, 32767).astype("<i2")
        with tempfile.NamedTemporaryFile(suffix=".raw") as raw:
            fine.tofile(raw)
            raw.flush()
            command = [self._program, "-q", "-a", "DTMF", "-t", "raw", raw.name]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        digits = "".join(line.split()[1] for line in said.splitlines() if line.startswith("DTMF:"))
        return digits.replace("E", "*").replace("F", "#")
