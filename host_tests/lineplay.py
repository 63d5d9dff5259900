"""Plays a line program as the adapter does, and writes down what a telephone would see and hear, in ms.

    log = play("ring s550 fsk gap", "2000/4000", lasts={codes.SIGNAL_FSK: 717})
    log.feeds       [(0, FEED_RINGING), (2000, FEED_FORWARD), …]
    log.signals     [(begin, end, SIGNAL_FSK)]

Turns are 5 ms apart, sound is made in frames of 20 ms and heard `late_ms` after it was made, and the end of a
signal is known when its last frame is made: all as in ata.py.
"""

from array import array

import codes
import ticks
from line import programs
from line.sequence import Sequence

TURN_MS = 5
FRAME_MS = 20
LASTS = {  # ms: an MDMF message of 37 octets, ten DTMF digits, the alerting tones of the standards
    codes.SIGNAL_FSK: 717,
    codes.SIGNAL_DTMF: 1330,
    codes.SIGNAL_DTAS: 100,
    codes.SIGNAL_SAS: 300,
    codes.SIGNAL_CAS: 80,
}


def styles() -> dict:
    """Return {name: (form, modem, words, help)} of the firmware's callerid.txt."""
    import stub_hal

    found = {}
    for row in stub_hal.make(1).store.rows("callerid"):
        if row[:1] not in ("", "#"):
            name, *rest = row.split("|")
            found[name] = tuple(rest)
    return found


class Play:
    """One program on its way. `tell` {ms: TOLD_*} is said at that time; `taken` [(ms, bool)] is answered."""

    def __init__(self, words, cadence: str, lasts=None, tell=None, late_ms=40, start=0, max_ring_ms=0):
        self.program = words if isinstance(words, array) else programs.build(words, cadence)
        self.sequence = Sequence(max_ring_ms)
        self.lasts = {**LASTS, **(lasts or {})}
        self.tell = tell or {}
        self.late_ms = late_ms
        self.start = start
        self.t_ms = 0
        self.feeds: "list[tuple[int, int]]" = []
        self.signals: "list[tuple[int, int, int]]" = []
        self.taken: "list[tuple[int, bool]]" = []
        self._waiting = 0  # SIGNAL_* that begins with the next frame
        self._frames = 0  # of the signal under way, still to be made
        self.sequence.start(self.program, start)

    def run(self, ms: int) -> "Play":
        """Let `ms` pass."""
        end = self.t_ms + ms
        while self.t_ms < end:
            self.turn()
            self.t_ms += TURN_MS
        return self

    def turn(self) -> None:
        """One turn, as ata.py has them: what was told, the frame, the time."""
        now = ticks.add(self.start, self.t_ms)
        if self.t_ms in self.tell:
            self.taken.append((self.t_ms, self.sequence.told(self.tell[self.t_ms], now)))
        if self.t_ms % FRAME_MS == 0:
            self._frame(now)
        feed = self.sequence.poll(now)
        if not self.feeds or feed != self.feeds[-1][1]:
            self.feeds.append((self.t_ms, feed))
        if self.sequence.signal:
            self._waiting, self.sequence.signal = self.sequence.signal, 0
            self._frames = 0

    def _frame(self, now: int) -> None:
        if self._waiting:
            length_ms = self.lasts[self._waiting]
            begin = self.t_ms + self.late_ms
            self.signals.append((begin, begin + length_ms, self._waiting))
            self._frames = -(-length_ms // FRAME_MS)
            self._waiting = 0
        if self._frames:
            self._frames -= 1
            if not self._frames:
                self.sequence.done(now)


def play(words, cadence: str, ms: int = 14000, **options) -> Play:
    """Return the log of the first `ms` of `words` with that cadence; options as of `Play`."""
    return Play(words, cadence, **options).run(ms)


def rings(log: Play) -> "list[tuple[int, int]]":
    """Return (begin, end) of each ring that is over."""
    edges = log.feeds
    return [(at, edges[i + 1][0]) for i, (at, feed) in enumerate(edges[:-1]) if feed == codes.FEED_RINGING]
