"""The firmware's own line, without a box around it: its tones, its modem, its Caller ID, its line programs.

With program.py and reading.py the one place of this tool that runs the firmware: what is heard here is what
the box plays.
"""

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import micropython  # noqa: F401  the shim: puts ptr8, ptr16 and ptr32 into builtins
import numpy as np
import typed

import calling
import codes
import setup
from board.sim.store import Store
from config import Config
from dsp.fsk import Fsk
from dsp.tone import Tone
from iax import date
from line import callerid, tones
from media.downlink import Downlink

FRAME_MS = 20
_EPOCH = datetime(2020, 1, 1)
MODEMS = {name: pair for name, pair in setup._MODEMS.items() if name}  # mark and space in Hz
KEYS = "0123456789ABCD*#"
TONES = {
    name[5:].lower(): value
    for name, value in vars(codes).items()
    if name.startswith("TONE_") and 0 < value <= codes.TONE_HOLD
}


class UsageError(Exception):
    """It was asked for what cannot be; the text is one line that says what is wrong."""


@dataclass
class Style:
    """A row of callerid.txt: form of the message, modem, words of the line program, help."""

    name: str
    form: str
    modem: str
    words: str
    help: str


@dataclass
class Recording:
    """Sound of the line at 8 kHz; feed (FEED_*) of each 5 ms, or none; marks: (from, to, what) in ms.

    bell: the sound is the ringing itself, too low for anything but a bell.
    """

    title: str
    samples: np.ndarray
    feeds: "list[int]" = field(default_factory=list)
    marks: "list[tuple[float, float, str]]" = field(default_factory=list)
    ring_hz: float = 20.0
    bell: bool = False

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / 8000


def date30(when: datetime) -> int:
    """Return the firmware's date of a time of the years 2020 to 2051."""
    return date.of(int((when.replace(tzinfo=None) - _EPOCH).total_seconds()))


class Line:
    """The line of one profile. `wishes` are settings as KEY=VALUE, which go before the profile's.

    profile: "" = as the wishes say, else us.
    """

    def __init__(self, profile: str, wishes: "list[str]") -> None:
        self.store = Store("", "")
        self.config = Config(self.store)
        self.profile = self._chosen(profile, [self._wish(wish) for wish in wishes])
        try:
            sounds, ring, ring_dhz, caller_id, level_ddbm0, *rest = tones.load(
                self.store, self.profile, self.config.get
            )
        except ValueError as wrong:
            raise UsageError(str(wrong)) from None
        self.sounds: array = sounds
        self.cadence: str = ring
        self.ring_hz: float = ring_dhz / 10
        self.style_name: str = caller_id
        self.level_ddbm0: int = level_ddbm0
        self.flash_ms: "tuple[int, int]" = rest[0], rest[1]
        self.pulses: int = rest[2]
        self.downlink: Any = Downlink(bytearray(320), None, Tone())
        self.fsk = Fsk()

    def _wish(self, wish: str) -> str:
        """Set one setting; return its name."""
        name, found, value = wish.partition("=")
        wrong = self.config.set(name.strip(), value) if found else f"--set {wish}: write KEY=VALUE"
        if wrong:
            raise UsageError(wrong)
        return name.strip()

    def _chosen(self, profile: str, wished: "list[str]") -> str:
        """Return the profile that --profile, in any case, or the setting line.profile names."""
        setting = str(self.config.get("line.profile"))
        if not profile:
            return setting
        known = self.known("profiles")
        if profile.lower() not in known:
            near = self._near(profile.lower(), known)
            hint = f"; did you mean {near}" if near else ""
            raise UsageError(f"no profile {profile}{hint}; there is: {' '.join(known)}")
        if "line.profile" in wished and profile.lower() != setting:
            raise UsageError(f"--profile {profile} and line.profile={setting}: choose one of them")
        return profile.lower()

    def _near(self, wrong: str, known: "list[str]") -> str:
        """Return the profile that may be meant, by its name or its country's."""
        if len(wrong) < 3:
            return ""
        close = [name for name, country in self.countries().items() if country.lower().startswith(wrong)]
        close += [name for name in known if typed.distance(wrong, name) <= 1 + len(wrong) // 5]
        return f"{close[0]}?" if close else ""

    def countries(self) -> "dict[str, str]":
        """Return the country or period of each profile: how the remark above its rows begins."""
        found: "dict[str, str]" = {}
        remark = ""
        for row in self.store.rows("profiles"):
            name = row.split("|", 1)[0]
            if row.startswith("#"):
                remark = f"{remark} {row[1:].strip()}".strip() if row[1:].strip() else ""
            elif name:
                found.setdefault(name, re.split("[:.,;]", remark)[0])
                remark = ""
        return found

    def style(self, name: str = "") -> Style:
        """Return the Caller ID style of that name, or the profile's."""
        name = name or self.style_name
        for row in self.store.rows("callerid"):
            if row.startswith(name + "|"):
                return Style(*row.split("|", 4))
        raise UsageError(f"no Caller ID style {name}; there is: {' '.join(self.known('callerid'))}")

    def known(self, table: str) -> "list[str]":
        """Return the names in a table of the firmware: profiles, cadences, callerid."""
        return tones.known(self.store, table)

    def named_cadence(self, text: str) -> str:
        """Return the cadence of that name, or the text itself if it is one."""
        try:
            return tones.cadence(self.store, text)
        except ValueError as wrong:
            raise UsageError(str(wrong)) from None

    def tone(self, text: str, level_dbm0: int) -> "tuple[array, int]":
        """Return (sounds, where) of a tone by name, or of one in the grammar of indications.conf."""
        if text in TONES:
            at = self.sounds[TONES[text]]
            if not at:
                raise UsageError(f"profile {self.profile} has no {text} tone")
            return self.sounds, at
        if not any(char.isdigit() for char in text):
            raise UsageError(f"no tone {text}; there is: {' '.join(TONES)}")
        sounds = array("h", [0])
        try:
            return sounds, tones.parse(text, level_dbm0, sounds)
        except ValueError as wrong:
            raise UsageError(str(wrong)) from None

    def signal(self, signal: int, digits: str = "") -> "tuple[array, int]":
        """Return (sounds, where) of SIGNAL_DTMF (of `digits`), SIGNAL_DTAS, SIGNAL_SAS or SIGNAL_CAS."""
        for digit in digits:
            if digit not in KEYS:
                raise UsageError(f"{digit} is no key of DTMF: 0-9 A-D * #")
        sounds = calling.signals(digits, self.sounds)
        if not sounds[signal]:
            raise UsageError(f"profile {self.profile} has no call-waiting tone")
        return sounds, sounds[signal]

    def message(self, form: str, call: dict, date30: int, on_hook: bool) -> "tuple[bytearray, int] | str":
        """Return the bits of a Caller ID message and how many, or its digits."""
        return callerid.make(form, call, date30, self.store.rows("letters"), on_hook)

    def lamp(self, form: str, messages: int, on_hook: bool) -> "tuple[bytearray, int]":
        """Return the bits of a message that so many messages wait, and how many; 0 if the form has none."""
        return callerid.vmwi(form, messages, on_hook)

    def modem(self, style: Style) -> "tuple[int, int]":
        """Return mark and space of a style, in Hz."""
        if style.modem not in MODEMS:
            raise UsageError(f"style {style.name} has no modem")
        return MODEMS[style.modem]

    def begin_fsk(self, bits: bytearray, n_bits: int, style: Style, level_ddbm0: "int | None" = None) -> None:
        """Start the modem into the downlink; level in tenths of a dBm0, None = the profile's."""
        mark_hz, space_hz = self.modem(style)
        level = self.level_ddbm0 if level_ddbm0 is None else level_ddbm0
        self.fsk.start(bytes(bits), n_bits, mark_hz, space_hz, level)
        self.downlink.signal = self.fsk

    @property
    def sounding(self) -> bool:
        """True while a tone or a message is under way."""
        return self.downlink.playing or self.downlink.signal is not None

    def frame(self) -> np.ndarray:
        """Return the next 20 ms of line sound."""
        self.downlink.decode(-1)
        return np.frombuffer(bytes(self.downlink.frame), np.int16)

    def frames(self, seconds: float) -> "Iterator[np.ndarray]":
        """Yield line sound until nothing sounds any more, or for `seconds`."""
        for _ in range(max(1, round(seconds * 1000 / FRAME_MS))):
            if not self.sounding:
                return
            yield self.frame()

    def sound_of_tone(self, sounds: array, at: int, seconds: float, gain_db: int = 0) -> np.ndarray:
        """Return the tone at sounds[at], `seconds` of it at most."""
        self.downlink.play(sounds, at, gain_db)
        return np.concatenate(list(self.frames(seconds)))

    def sound_of_message(
        self, bits: bytearray, n_bits: int, style: Style, level_ddbm0: "int | None"
    ) -> np.ndarray:
        """Return an FSK message with 100 ms of silence before and after it."""
        quiet = np.zeros(800, np.int16)
        self.begin_fsk(bits, n_bits, style, level_ddbm0)
        return np.concatenate([quiet, *self.frames(60), quiet])
