"""Line programs played out: the feed of each 5 ms and the sound, as a telephone sees a call come in.

The telephone here only does what a program waits for: NTT's primary answer, and the acknowledgement of a
call-waiting set. Who wants more of a telephone takes the virtual phone.
"""

import numpy as np

import codes
from line import programs
from line.sequence import Sequence

from .line import FRAME_MS, Line, Recording, Style, UsageError

CALL_WAITING = programs.CALL_WAITING
_CELL_MS = 5
_PICKS_UP_MS = 700  # after NTT's call receiving signal began
_ACKS_MS = 100  # after CAS
_SIGNALS = {value: name[7:] for name, value in vars(codes).items() if name.startswith("SIGNAL_")}


class Exchange:
    """Plays one program on a line. `message` is what SIGNAL_FSK or SIGNAL_DTMF sends."""

    def __init__(
        self, line: Line, style: Style, message: "tuple[bytearray, int] | str", answers: bool
    ) -> None:
        self._line = line
        self._style = style
        self._message = message
        self._answers = answers
        self._sequence = Sequence(0)
        self._signal = 0
        self._began_ms = self._ended_ms = 0
        self._last = 0  # the signal that ended last
        self._feeds: "list[int]" = []
        self._marks: "list[tuple[float, float, str]]" = []
        self._frames: "list[np.ndarray]" = []

    def play(self, title: str, words: str, cadence: str, seconds: float) -> Recording:
        """Return `seconds` of the program of `words` and then of ringing with `cadence`."""
        try:
            program = programs.build(words, cadence)
        except ValueError as wrong:
            raise UsageError(str(wrong)) from None
        if len(program):
            self._sequence.start(program, 0)
        for now in range(0, round(seconds * 1000), FRAME_MS):
            for cell in range(0, FRAME_MS, _CELL_MS):
                self._step(now + cell)
            self._frames.append(self._line.frame())
            if self._signal and not self._line.sounding:
                self._end(now + FRAME_MS)
        samples = np.concatenate(self._frames)
        return Recording(title, samples, self._feeds, self._marks, self._line.ring_hz)

    def _step(self, now: int) -> None:
        self._feeds.append(self._sequence.poll(now))
        if self._sequence.signal:
            self._begin(self._sequence.signal, now)
            self._sequence.signal = 0
        if self._answers:
            self._telephone(now)

    def _begin(self, signal: int, now: int) -> None:
        self._signal, self._began_ms = signal, now
        if signal == codes.SIGNAL_FSK and not isinstance(self._message, str):
            self._line.begin_fsk(*self._message, self._style)
        else:
            digits = self._message if isinstance(self._message, str) else ""
            self._line.downlink.play(*self._line.signal(signal, digits))

    def _end(self, now: int) -> None:
        self._marks.append((self._began_ms, now, _SIGNALS[self._signal]))
        self._last, self._signal, self._ended_ms = self._signal, 0, now
        self._sequence.done(now)

    def _telephone(self, now: int) -> None:
        """Close the loop for NTT's message and open it again; acknowledge CAS. Nothing else listens."""
        if now == _PICKS_UP_MS:
            self._sequence.told(codes.TOLD_CLOSED, now)
        elif now == self._ended_ms + _ACKS_MS and self._last:
            self._sequence.told(codes.TOLD_ACK if self._last == codes.SIGNAL_CAS else codes.TOLD_OPEN, now)
