"""Digits from the telephone become a number: a digit map says when it is complete, time says the rest.

The map, compiled by line/digitmap.py, is one integer per element: the digits it takes as bits 0-15, bit 16 if
it repeats, and 0 at the end of an alternative. One octet per element says whether the digits so far may stand
before it; a digit moves these marks, last element first, so that none moves twice. The map never forbids a
number: one that fits no alternative is sent after inter_ms, and the PBX judges it.
"""

from array import array

from micropython import const

import ticks

_MORE = const(1)  # codes.DIGITS_MORE
_READY = const(2)  # codes.DIGITS_READY
_TIMEOUT = const(3)  # codes.DIGITS_TIMEOUT
_FULL = const(4)  # codes.DIGITS_FULL
_HASH = const(35)
_REPEAT = const(0x10000)
_GROW = const(1)  # what `_step` found: some alternative takes more digits
_COMPLETE = const(2)  # some alternative ends here


def bit(ascii: int) -> int:
    """Return the bit of one digit, ASCII 0-9 A-D * #, in an element of the map; 0 = no digit."""
    if 48 <= ascii <= 57:
        return 1 << ascii - 48
    if 65 <= ascii <= 68:
        return 1 << ascii - 53
    return 1 << 10 if ascii == 42 else 1 << 11 if ascii == _HASH else 0


class Digits:
    """Collects one number: `n` ASCII octets at the start of the caller's `buf`."""

    def __init__(
        self,
        buf: bytearray,
        code: array,
        first_ms: int,
        inter_ms: int,
        match_ms: int,
        hash_sends: bool = True,
    ) -> None:
        """code: what digitmap.compile_map made of the map.  first_ms: wait for the first digit.  inter_ms:
        for more of a number that is not complete, or fits nothing.  match_ms: for more of a number that is
        complete and may grow.  hash_sends: # dials at once.
        """
        self.buf = buf
        self.n = 0
        self._code = code
        self._marks = bytearray(len(self._code))
        self._first_ms = first_ms
        self._inter_ms = inter_ms
        self._match_ms = match_ms
        self._hash_sends = hash_sends
        self._open = False
        self._since = 0
        self._wait_ms = 0

    def reset(self, now: int) -> None:
        """Forget the number and wait for a first digit."""
        self.n = 0
        self._open = True
        self._since = now
        self._wait_ms = self._first_ms
        for i in range(len(self._code)):
            self._marks[i] = 0
        for i in range(len(self._code)):
            if i == 0 or not self._code[i - 1]:  # an alternative begins
                self._mark(i)

    def feed_digit(self, ascii: int, now: int) -> int:
        """Take one digit (ASCII 0-9 * # A-D); return DIGITS_MORE, DIGITS_READY or DIGITS_FULL.

        # after at least one digit dials at once and is not part of the number, unless the map takes it.
        0 = no digit, or the number was already complete.
        """
        its = bit(ascii)
        if not self._open or not its:
            return 0
        self._since = now
        if self.n == len(self.buf) and ascii != _HASH:
            return _FULL
        found = self._step(its)
        if ascii == _HASH and not found and self._hash_sends and self.n:
            self._open = False
            return _READY
        if self.n == len(self.buf):
            return _FULL
        self.buf[self.n] = ascii
        self.n += 1
        self._wait_ms = self._match_ms if found & _COMPLETE else self._inter_ms
        if found == _COMPLETE:
            self._open = False
            return _READY
        return _MORE

    def poll(self, now: int, held: bool = False) -> int:
        """Return DIGITS_READY or DIGITS_TIMEOUT (no digit at all) when a wait ends, else 0.

        held: a digit is on its way, the wait begins anew.
        """
        if held:
            self._since = now
        if self.next_due(now) != 0:
            return 0
        self._open = False
        return _READY if self.n else _TIMEOUT

    def next_due(self, now: int) -> int:
        """Return the ms until the wait under way ends, or -1 if there is none."""
        if not self._open:
            return -1
        left_ms = self._wait_ms - ticks.diff(now, self._since)
        return left_ms if left_ms > 0 else 0

    def _mark(self, i: int) -> None:
        self._marks[i] = 1
        while self._code[i] & _REPEAT:  # it may stand there no times at all
            i += 1
            self._marks[i] = 1

    def _step(self, its: int) -> int:
        """Move all marks by the digit of bit `its`; return _GROW and _COMPLETE as they then hold."""
        code = self._code
        marks = self._marks
        for i in range(len(code) - 1, -1, -1):
            if marks[i]:
                marks[i] = 0
                if code[i] & its:
                    self._mark(i if code[i] & _REPEAT else i + 1)
        found = 0
        for i in range(len(code)):
            if marks[i]:
                found |= _GROW if code[i] else _COMPLETE
        return found
