"""The converter of the stub: one frame each 20 ms of the test clock, and frames that get lost on order."""

import ticks
from stub_hal.clock import Clock

FRAME_MS = 20
ROOM = 3  # frames that wait to be played


class Pcm:
    """Frames of 160 samples. `mouth` holds what the telephone says next; then it is silent.

    `ear` keeps what was played while `record` is on. `lose(n)` makes the next `n` frames vanish.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.mouth: "list[bytes]" = []
        self.ear: "list[bytes]" = []
        self.record = True
        self.n_read = 0
        self.n_written = 0
        self.losing = 0
        self._read_at = clock.now  # when the frame before the next one ended
        self._played_at = clock.now
        self._queued = 0
        self._lost = 0
        self._silence = bytes(320)

    def read_into(self, frame: bytearray) -> bool:
        """Fill `frame` if 20 ms have passed since the last; else False."""
        while ticks.diff(self.clock.now, self._read_at) >= FRAME_MS:
            self._read_at = ticks.add(self._read_at, FRAME_MS)
            said = self.mouth.pop(0) if self.mouth else self._silence
            if self.losing > 0:
                self.losing -= 1
                self._lost += 1
                continue
            frame[:] = said
            self.n_read += 1
            return True
        return False

    def write(self, frame: bytearray) -> bool:
        """Queue a frame; False if three wait already."""
        self._play()
        if self._queued == ROOM:
            return False
        if not self._queued:
            self._played_at = self.clock.now
        self._queued += 1
        self.n_written += 1
        if self.record:
            self.ear.append(bytes(frame))
        return True

    def lost(self) -> int:
        """Return the frames lost since the last call."""
        self._play()
        lost = self._lost
        self._lost = 0
        return lost

    def lose(self, n: int) -> None:
        """Make the next `n` frames from the telephone vanish."""
        self.losing += n

    def _play(self) -> None:
        """Play what is queued; a queue that ran dry is one frame made up by the converter."""
        while self._queued and ticks.diff(self.clock.now, self._played_at) >= FRAME_MS:
            self._played_at = ticks.add(self._played_at, FRAME_MS)
            self._queued -= 1
            if not self._queued and ticks.diff(self.clock.now, self._played_at) >= FRAME_MS:
                self._lost += 1
