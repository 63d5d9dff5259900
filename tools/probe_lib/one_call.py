"""One call of the probe: what it does while it is up, and what it tells."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from . import elements
from .core import Call, Core
from .identity import LAWS
from .show import Show
from .sound import Ear, Mouth

if TYPE_CHECKING:
    from .calls import Wish

_DIGIT_MS, _PAUSE_MS, _WAIT_MS = 100, 100, 500
_DEFAULT_S = 5.0  # a call that has nothing to play
_TAIL_S = 0.5  # after the last of a played file
_LAW_NAMES = {law: name for name, law in LAWS.items()}
_SAID = {
    "RINGING": "ringing", "PROGRESS": "progress", "BUSY": "busy", "CONGESTION": "congestion",
    "STOP_TONES": "stop tones",
}  # fmt: skip
_ENDS = {"BUSY": 17, "CONGESTION": 34}  # the far end will say no more than this


def recording(name: str, index: int) -> Path:
    """Return the file of a call: FILE.wav for the first, then FILE-2.wav …"""
    path = Path(name)
    return path if index == 0 else path.with_name(f"{path.stem}-{index + 1}{path.suffix}")


class OneCall:
    """A call leg and what is wanted of it."""

    def __init__(
        self,
        core: Core,
        show: Show,
        wish: "Wish",
        number: str,
        leg: Call,
        way: str,
        sound: bytes,
        index: int,
    ) -> None:
        self.number, self.leg, self.way, self.index = number, leg, way, index
        self.label = f"call {index + 1} {number}"
        self.answered = self.over = False
        self._core, self._show, self._wish = core, show, wish
        self._mouth, self._ear = Mouth(sound), Ear(self._recording())
        self._played = bool(sound)
        self._began_s = self._up_s = self._end_s = time.monotonic()
        self.cause = 0
        self._sent = 0
        self._keys: "list[tuple[float, str, bool]]" = []  # when, which, begins
        self._echo: "list[bytes]" = []
        self._figures = (0, 0, 0, 0)

    def _recording(self) -> "Path | None":
        if not self._wish.record:
            return None
        return recording(self._wish.record, self.index)

    # -- what is heard ---------------------------------------------------------------------------------

    def heard(self, name: str, arg: int) -> None:
        """Take an event of this call."""
        if name == "ACCEPTED":
            self._tell(
                "accepted", f"accepted, {_LAW_NAMES.get(arg, arg)}", codec=_LAW_NAMES.get(arg, str(arg))
            )
        elif name == "ANSWERED":
            self._answer()
        elif name == "HANGUP":
            self._finish(arg, "ended by the far end" if self.answered else "not put through")
        elif name == "DTMF_BEGIN" or name == "DTMF_END":
            self._tell(name.lower(), f"{name} {chr(arg)}", digit=chr(arg))
        elif name == "NOTE":
            notes = self._core.notes
            words = elements.text(bytes(notes.buf[: notes.n]))
            self._tell(
                "url" if notes.url else "text", f"{'URL' if notes.url else 'text'} {words!r}", text=words
            )
        elif name in _SAID:
            self._tell(_SAID[name].replace(" ", "_"), _SAID[name])
        if name in _ENDS:
            self.drop(_ENDS[name], _SAID[name])

    def _tell(self, what: str, words: str, **fields: object) -> None:
        self._show.event(what, f"{self.label}: {words}", call=self.index, number=self.number, **fields)

    def _answer(self) -> None:
        self.answered = True
        self._up_s = time.monotonic()
        wish = self._wish
        at_s = self._up_s + _WAIT_MS / 1000
        for key in wish.dtmf:
            if key == "w":
                at_s += _WAIT_MS / 1000
                continue
            self._keys.append((at_s, key, True))
            self._keys.append((at_s + _DIGIT_MS / 1000, key, False))
            at_s += (_DIGIT_MS + _PAUSE_MS) / 1000
        self._end_s = self._up_s + self._length_s(at_s - self._up_s)
        took = self._up_s - self._began_s
        self._tell("answered", f"answered after {took:.3f} s", after_s=round(took, 3))
        if wish.text:
            sent = self._core.notes.say(self.leg, wish.text.encode(), self._core.now)
            self._tell("text_sent" if sent else "text_refused", f"text {'sent' if sent else 'not sent'}")

    def _length_s(self, keys_s: float) -> float:
        if self._wish.seconds is not None:
            return self._wish.seconds
        if self.way == "in":
            return 1e9  # who called hangs up
        return max(self._mouth.left_s + _TAIL_S if self._played else _DEFAULT_S, keys_s + _TAIL_S)

    def hear(self, law: int, ts30: int, octets: bytes) -> None:
        """Take voice."""
        self._ear.hear(law, ts30, octets, self._core.now)
        if self._wish.echo and law == self.leg.law and len(octets) == 160:
            self._echo.append(octets)

    # -- time ------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Let 20 ms pass: voice out, voice into the file, keys, the end."""
        if self.over:
            return
        now_s = time.monotonic()
        if self.leg.linked():
            self._ear.tick()
            self._sent += self._core.speak(self.leg, self._next())
            self._figures = (self.leg.report[2], self.leg.report[0] >> 4, self.leg.report[5], self.leg.rtt_ms)
            self._press(now_s)
        if self.answered and now_s >= self._end_s:
            self.hang_up(16)
        elif not self.answered and now_s - self._began_s >= self._wish.wait_s:
            self.drop(19, "no answer, given up")

    def _next(self) -> bytes:
        if self._echo:
            return self._echo.pop(0)
        law = self.leg.law
        return self._mouth.next(law) if self.answered else Mouth().next(law)

    def _press(self, now_s: float) -> None:
        while self._keys and now_s >= self._keys[0][0]:
            _, key, begins = self._keys.pop(0)
            self.leg.send_dtmf(ord(key), begins, self._core.now)

    # -- the end ---------------------------------------------------------------------------------------

    def hang_up(self, cause: int) -> None:
        """End the call for a reason of our own."""
        self.drop(cause, "ended by us")

    def drop(self, cause: int, why: str) -> None:
        """End the call, unless it is over."""
        if not self.over:
            self.leg.drop(cause, self._core.now)
            self._finish(cause, why)

    def _finish(self, cause: int, why: str) -> None:
        if self.over:
            return
        self.over = True
        self.cause = cause
        words = f"{why}, cause {cause} {elements.cause(cause)}".rstrip()
        self._tell("ended", words, cause=cause, why=why)
        self._end_s = time.monotonic()

    def tell(self) -> None:
        """Print the figures of the call."""
        packets, jitter_ms, unordered, rtt_ms = self._figures
        fields: "dict[str, object]" = {
            "call": self.index, "number": self.number, "way": self.way, "answered": self.answered,
            "cause": self.cause, "packets_in": packets, "packets_out": self._sent, "jitter_ms": jitter_ms,
            "out_of_order": unordered, "rtt_ms": rtt_ms,
        }  # fmt: skip
        if not self.answered:
            self._show.summary(
                f"{self.label}: not answered, cause {self.cause} {elements.cause(self.cause)}", **fields
            )
            return
        fields["seconds"] = round(self._end_s - self._up_s, 3)
        words = f"{self.label}: {fields['seconds']:.1f} s, {packets} packets in, {self._sent} out"
        self._show.summary(
            f"{words}, jitter {jitter_ms} ms, {unordered} out of order, rtt {rtt_ms} ms", **fields
        )

    def close(self) -> None:
        """Finish the recording."""
        self._ear.close()
