"""What the exchange does to an idle or waiting line, step by step: rings, pauses, reversals, and the moments
at which Caller ID or an alerting tone is sent. Which feed the line should have now, and which signal begins.

A program is an array('h') of pairs (order, ms), made by line/programs.py:

  0-3         that feed for ms. FEED_FORWARD is the feed of rest and FEED_REVERSE the other polarity, so a
              program means the same on a line whose polarity was turned when the call was answered.
  8 + signal  begin SIGNAL_x and go on when it is over (`done`), or after ms; 0 = 4000
  16 CATCH    from here to JUMP a closed loop is the telephone's primary answer (NTT): go on at index ms
  18 WAIT_OPEN  until the loop of a primary answer opens again; after ms it was a person: over, and `lifted`
  19 WAIT_ACK   until the telephone acknowledges (DTMF D or A); over after ms
  20 GAP      until ms after the last feed was ordered, but at least 300 ms from now, for sound that is still
              on its way through the converter must end 200 ms before the next ring
  21 JUMP     go on at index ms; as last order it makes a program that rings until answered

Over is over at the end of the array too; then the feed is that of rest.
"""

from array import array

from micropython import const

import ticks

_FORWARD = const(1)  # codes.FEED_FORWARD
_REVERSE = const(2)  # codes.FEED_REVERSE
_SIGNAL = const(8)  # codes.ORDER_SIGNAL
_CATCH = const(16)  # codes.ORDER_CATCH
_WAIT_OPEN = const(18)  # codes.ORDER_WAIT_OPEN
_WAIT_ACK = const(19)  # codes.ORDER_WAIT_ACK
_GAP = const(20)  # codes.ORDER_GAP
_JUMP = const(21)  # codes.ORDER_JUMP
_CLOSED = const(1)  # codes.TOLD_CLOSED
_OPEN = const(2)  # codes.TOLD_OPEN
_ACK = const(3)  # codes.TOLD_ACK
_LEAST_GAP_MS = const(300)
_SIGNAL_MS = const(4000)
_FOR_EVER_MS = const(0x1FFFFFFF)  # six days


class Sequence:
    """Plays one program at a time. Who tells it of the hook stops it when `told` does not want to know."""

    def __init__(self, max_ring_ms: int) -> None:
        """max_ring_ms: how long a program that rings may run, 0 = for ever."""
        self.rest = _FORWARD  # the feed of an idle line, FEED_FORWARD or FEED_REVERSE
        self.expired = False  # it rang for max_ring_ms
        self._max_ring_ms = max_ring_ms or _FOR_EVER_MS
        self._program = b""
        self._awaited = 0  # TOLD_* that belongs to the program; OPEN: a primary answer goes on
        self._at = self._due = 0  # index of the order that is being done, and the tick at which it ends
        self._started_at = self._fed_at = 0  # the program; its last order of a feed
        self._land_at = 0  # index to go on from after a primary answer
        self.stop()

    def start(self, program: array, now: int) -> None:
        """Begin `program` (see above) from its first order, whatever ran before."""
        self.stop()
        self.on = True  # a program runs
        self.rings = program[-2] == _JUMP  # … until somebody answers
        self.expired = self.lifted = False
        self._program = program
        self._started_at = now
        self._enter(0, now)

    def stop(self) -> None:
        """End the program; the next `poll` says `rest`."""
        self.on = self.rings = False
        self.signal = 0  # SIGNAL_* to begin now; whoever takes it makes it 0
        self.lifted = self._awaited == _OPEN  # the loop is closed for no primary answer: tell the port
        self._awaited = 0
        self._feed = _FORWARD

    def poll(self, now: int) -> int:
        """Return the FEED_* that the line should have now; sets `signal`, `expired` and `lifted`."""
        while self.next_due(now) == 0:
            order = self._program[self._at]
            if ticks.diff(self._due, now) > 0:
                self.stop()
                self.expired = True
            elif order == _WAIT_ACK or (order == _WAIT_OPEN and self._awaited):
                self.stop()
            elif order == _JUMP:
                self._awaited = 0
                self._enter(self._program[self._at + 1], self._due)
            else:
                self._enter(self._at + 2, self._due)
        feed = self._feed
        if feed == _FORWARD:
            return self.rest
        return _FORWARD + _REVERSE - self.rest if feed == _REVERSE else feed

    def done(self, now: int) -> None:
        """Take it that the signal begun last is over."""
        if self.on and _SIGNAL < self._program[self._at] < _CATCH:
            self._enter(self._at + 2, now)

    def told(self, what: int, now: int) -> bool:
        """Take TOLD_CLOSED, TOLD_OPEN or TOLD_ACK; return True if it was waited for: not for the port."""
        if what != self._awaited:
            return False
        self._awaited = 0
        if what == _CLOSED:
            self._awaited = _OPEN
            self._enter(self._land_at, now)
        elif self._program[self._at] >= _WAIT_OPEN:  # else it opened before we had said all
            self._enter(self._at + 2, now)
        return True

    def next_due(self, now: int) -> int:
        """Return the ms until the program goes on by itself or expires, or -1 when none runs."""
        if not self.on:
            return -1
        left_ms = ticks.diff(self._due, now)
        if self.rings and self._awaited != _OPEN:
            left_ms = min(left_ms, self._max_ring_ms - ticks.diff(now, self._started_at))
        return max(left_ms, 0)

    def _enter(self, at: int, since: int) -> None:
        """Begin the order at index `at`; since: when the one before it ended."""
        program = self._program
        if at >= len(program):
            self.stop()
            return
        order = program[at]
        ms = program[at + 1]
        if order < _SIGNAL:
            self._feed = order
            self._fed_at = since
        elif order < _CATCH:
            self.signal = order - _SIGNAL
            ms = ms or _SIGNAL_MS
        elif order == _CATCH:
            self._awaited = _CLOSED
            self._land_at = ms
            ms = 0
        elif order == _GAP:
            ms = max(ms - ticks.diff(since, self._fed_at), _LEAST_GAP_MS)
        elif order == _WAIT_ACK:
            self._awaited = _ACK
        elif order != _WAIT_OPEN or not self._awaited:
            ms = 0  # done as soon as begun: JUMP, END, and a loop that is open already
        self._at = at
        self._due = ticks.add(since, ms)
