"""The clock of the stub: it stands still until a test moves it."""

import ticks


class Clock:
    """Millisecond ticks modulo 2**30, moved by `advance`, or by `wait` for as long as `run_for` allows."""

    def __init__(self) -> None:
        self.now = 0
        self.left_ms = 0
        self.step_ms = 5
        self.last_due_ms = -1
        self.stopped = False

    def ticks_ms(self) -> int:
        """Return the time in ms, 0 … 2**30 - 1."""
        return self.now

    def wait(self, due_ms: int) -> bool:
        """Move on by `due_ms`, at most `step_ms`, and by what `run_for` left; False when that is nothing."""
        self.last_due_ms = due_ms
        if self.stopped or self.left_ms <= 0:
            return False
        step_ms = self.step_ms
        if 0 <= due_ms < step_ms:
            step_ms = due_ms or 1
        if step_ms > self.left_ms:
            step_ms = self.left_ms
        self.left_ms -= step_ms
        self.now = ticks.add(self.now, step_ms)
        return True

    def advance(self, ms: int) -> int:
        """Move the clock by `ms` and return the new time."""
        self.now = ticks.add(self.now, ms)
        return self.now

    def set(self, now: int) -> None:
        """Put the clock at `now`, for instance just before the wrap."""
        self.now = now

    def run_for(self, ms: int) -> None:
        """Let `wait` move the clock by itself, `ms` in all; then it returns False."""
        self.left_ms = ms

    def stop(self) -> None:
        """Make every later `wait` return False, as if the box was told to stop."""
        self.stopped = True
