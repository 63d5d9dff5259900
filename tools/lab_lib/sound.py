"""What the lab's server plays: a spoken sentence, music on hold made of three notes, a beep."""

import array
import math
import sys
from pathlib import Path

from tools.lab_lib.find import LabError

SENTENCE = "This is the test server. The number that you have dialled plays a sentence, and then hangs up."
MUSIC_HZ = (523, 659, 784)  # C, E, G, one after the other
NOTE_S = 0.5
BEEP_HZ, BEEP_S = 1000, 0.3  # before a message is recorded
_RATE_HZ = 8000
_PEAK = 7300  # about -10 dBm0


def record_sentence(folder: Path) -> str:
    """Write what the dialplan plays; return its path without the suffix, as Asterisk wants it."""
    try:
        from tools.vphone_lib import speech  # numpy: only where a server is started
    except ImportError as problem:
        raise LabError(f"{problem}: run it through sh tools/env.sh") from None

    speech.write_wav(str(folder / "sentence.wav"), speech.say(SENTENCE))
    return str(folder / "sentence")


def record_music(folder: Path) -> None:
    """Write music.sln into `folder`: raw 16-bit samples at 8 kHz, as little-endian as Asterisk reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "music.sln").write_bytes(b"".join(_note(hz, NOTE_S) for hz in MUSIC_HZ))


def data_folder(folder: Path, given: Path) -> str:
    """Make a data folder like Asterisk's own, `given`, whose one sound is a beep; return its path."""
    for path in given.glob("*"):
        link = folder / path.name
        if path.name != "sounds" and not link.is_symlink():
            folder.mkdir(exist_ok=True)
            link.symlink_to(path)
    sounds = folder / "sounds/en"
    sounds.mkdir(parents=True, exist_ok=True)
    (sounds / "beep.sln").write_bytes(_note(BEEP_HZ, BEEP_S))
    return str(folder)


def _note(hz: int, seconds: float) -> bytes:
    samples = array.array("h")
    for at in range(round(seconds * _RATE_HZ)):
        samples.append(round(_PEAK * math.sin(2 * math.pi * hz * at / _RATE_HZ)))
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()
