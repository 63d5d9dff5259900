"""Digits judged by the server while they are dialled: stands in for line/digits.py and for the dialler.

It asks iax/plan.py about each digit and answers the port as `Digits` would, so that the port needs no new
state. While the server says "ignore pattern" (the 9 for an outside line), or says nothing yet, the port hears
of no digit and dial tone goes on. If the server has no such plan, or does not answer, the digit map takes
over with what was dialled so far, and the call is an ordinary one.
"""

from micropython import const

from line.digits import Digits

_MORE = const(1)  # codes.DIGITS_MORE
_READY = const(2)  # codes.DIGITS_READY
_FULL = const(4)  # codes.DIGITS_FULL
_REFUSED = const(5)  # codes.DIGITS_REFUSED
_EV_RINGING = const(6)  # codes.EV_RINGING
_EV_ANSWERED = const(8)  # codes.EV_ANSWERED
_EV_CONGESTION = const(10)  # codes.EV_CONGESTION
_CALL_UP = const(4)  # codes.CALL_UP
_EXISTS = const(1)  # proto.DP_EXISTS
_NONEXISTENT = const(4)  # proto.DP_NONEXISTENT
_IGNORE_PATTERN = const(0x4000)  # proto.DP_IGNORE_PATTERN
_MATCH_MORE = const(0x8000)  # proto.DP_MATCH_MORE
_HASH = const(35)

_LOCAL = const(0)  # the digit map decides
_LIFTED = const(1)  # off-hook, but whether to answer or to dial is not known yet
_ASKING = const(2)  # the server has not said yet what the digits are
_KNOWN = const(3)


class Remote(Digits):
    """A `Digits` whose map stands at the server of `account`; `dial` takes the place of `Endpoint.dial`."""

    def __init__(self, plan, endpoint, account, digits) -> None:
        """digits: the local collector; its buffer, map and waits are used here, and nowhere else any more."""
        self.buf = digits.buf
        self.n = 0
        self._code = digits._code
        self._marks = digits._marks
        self._first_ms = digits._first_ms
        self._inter_ms = digits._inter_ms
        self._match_ms = digits._match_ms
        self._hash_sends = digits._hash_sends
        self._open = False
        self._since = 0
        self._wait_ms = 0
        self._plan = plan
        self._endpoint = endpoint
        self._account = account
        self._mode = _LOCAL
        self._told = False  # the port knows of a digit: no dial tone any more
        self._heard = 0  # event of a TBD leg that the server connects by itself
        plan.leased = True

    def reset(self, now: int) -> None:
        """Forget the number and wait for a first digit; the server hears of it if the port then asks here."""
        super().reset(now)
        self._mode = _LIFTED
        self._told = False
        self._heard = 0

    def feed_digit(self, ascii: int, now: int) -> int:
        """Take one digit as `Digits` does; 0 also while dial tone is to go on."""
        if self._mode == _LIFTED:
            self._begin(now)
        if self._mode == _LOCAL:
            return super().feed_digit(ascii, now)
        if not self._open:
            return 0
        if ascii == _HASH and self._hash_sends and self.n:
            self._open = False
            return _READY
        if self.n == len(self.buf):
            return _FULL
        self.buf[self.n] = ascii
        self.n += 1
        self._since = now
        self._wait_ms = self._inter_ms
        self._mode = _ASKING
        self._plan.ask(bytes(self.buf[: self.n]), now)
        return self._judge(now) or (_MORE if self._told else 0)

    def poll(self, now: int, held: bool = False) -> int:
        """Return what the server or a wait has brought: DIGITS_MORE, _READY, _TIMEOUT or _REFUSED, else 0.

        held: a digit is on its way.
        """
        if self._mode == _LIFTED:
            self._begin(now)
        if self._mode != _LOCAL and self._open:
            plan = self._plan
            plan.renewed_at = now
            if plan.leg < 0:
                return self._fall_back(now)
            if self._connected():
                self._open = False
                return _READY
            found = 0 if held else self._judge(now)
            if found:
                return found
        return Digits.poll(self, now, held)

    def _begin(self, now: int) -> None:
        self._mode = _KNOWN if self._plan.open(self._account, now) >= 0 else _LOCAL

    def _connected(self) -> bool:
        """True if the server, asked for nothing, has begun a call on the TBD leg."""
        leg = self._endpoint.legs[self._plan.leg]
        if leg.state == _CALL_UP:
            self._heard = _EV_ANSWERED
        return self._heard != 0 or leg.rx_law >= 0

    def _judge(self, now: int) -> int:
        """Look whether the server's answer is there, and do what it says."""
        status = self._plan.status
        if self._mode != _ASKING or status < 0:
            return 0
        self._mode = _KNOWN
        if status == 0:
            return self._fall_back(now)
        if status & _NONEXISTENT:
            self._open = False
            return _REFUSED
        if status & _EXISTS:
            self._wait_ms = self._match_ms
            if not status & (_IGNORE_PATTERN | _MATCH_MORE):
                self._open = False
                return _READY
        if not status & _IGNORE_PATTERN:
            self._told = True
        return _MORE if self._told else 0

    def _fall_back(self, now: int) -> int:
        """The server does not answer: from here on the map decides; return what it makes of the digits."""
        self._plan.close(now)
        self._mode = _LOCAL
        n = self.n
        if n == 0:
            return 0
        super().reset(now)
        found = 0
        for i in range(n):
            found = super().feed_digit(self.buf[i], now) or found
        self.n = n  # the map may have been content with fewer
        return found

    def on_event(self, event: int, leg: int, arg: int, now: int) -> None:
        """Hear what ata.py has no use for: progress of a TBD leg that nobody has dialled on."""
        if leg == self._plan.leg and _EV_RINGING <= event <= _EV_CONGESTION:
            self._heard = event

    def dial(self, account, number: bytes, now: int) -> int:
        """Call `number` (b"" if the server connects unasked); return the leg's index, -1: all are in use."""
        plan = self._plan
        index = -1
        if self._mode != _LOCAL and account is self._account and plan.leg >= 0:
            if not self._connected():
                index = plan.dial(number, now)
            else:
                index = plan.part()
                if self._heard:
                    self._endpoint.post(self._heard, index, 0)
        self._mode = _LOCAL
        plan.close(now)
        return index if index >= 0 else self._endpoint.dial(account, number, now)
