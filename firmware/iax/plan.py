"""The server's dial plan, asked digit by digit: an optional part (RFC 5456, sections 6.8 and 9.7).

Off-hook opens a call to nowhere: a NEW whose CALLED NUMBER is "TBD", Asterisk's word, for the RFC names none.
On that leg DPREQ asks about the digits so far, DPREP answers, and DIAL makes it a call to a number: no second
ACCEPT comes, but progress, or REJECT. A server may also connect a TBD call by itself ("immediate").

One question at a time, for a server may halt while it looks one up; of those that come meanwhile the newest
waits. Answers are kept as long as the server allows, at most ten minutes.
"""

from array import array

from micropython import const

import ticks
from iax import ie

_FT_IAX = const(6)  # proto.FT_IAX
_DPREQ = const(19)  # proto.DPREQ
_DPREP = const(20)  # proto.DPREP
_DIAL = const(21)  # proto.DIAL
_IE_CALLED_NUMBER = const(1)  # proto.IE_CALLED_NUMBER
_IE_REFRESH = const(19)  # proto.IE_REFRESH
_IE_DPSTATUS = const(20)  # proto.IE_DPSTATUS
_FULL_HDR = const(12)  # proto.FULL_HDR
_CAUSE_NORMAL = const(16)  # proto.CAUSE_NORMAL
_ONE_OF = const(7)  # EXISTS, CAN_EXIST, NONEXISTENT: exactly one is set in a good DPSTATUS

_RX_UNSUPPORTED = const(8)  # codes.RX_UNSUPPORTED
_EV_PLAN = const(19)  # codes.EV_PLAN
_PART_SIGNAL = const(1)  # codes.PART_SIGNAL
_PART_FREE = const(12)  # codes.PART_FREE

_ANSWER_MS = const(3000)  # a question this old is not answered any more
_LEASE_MS = const(20)
_REFRESH_S = const(600)  # if DPREP names none, and the longest that counts (section 8.6.18)
_ROWS = const(8)  # answers kept
_ROW = const(16)  # octets of each: how many digits, the digits


class Plan:
    """Part and, for its timers, dialog of `ep`. `leg` is the index of the TBD leg, -1 if there is none.

    status: DPSTATUS of the newest question; 0 = no answer in time, to it or to the one before it; -1 = not
    yet known.  leased: the leg goes if `renewed_at` is not kept up to date, so nobody need tell whoever asks
    for a telephone that it was hung up.
    """

    def __init__(self, ep) -> None:
        self.ep = ep
        self.state = self.peer = self.scallno = 0  # as a dialog: no datagram is ours, the leg sends them
        self.cipher = None
        self.leg = -1
        self.status = -1
        self.leased = False
        self.renewed_at = 0
        self._account = None
        self._asked = b""  # the question that is out
        self._next = b""  # the one that waits
        self._since = 0
        self._kept = bytearray(_ROWS * _ROW)
        self._facts = array("i", bytes(8 * _ROWS))  # of each row: DPSTATUS, tick until it holds
        self._row = 0
        self._stale_at = -1  # when even the newest answer is too old, -1: nothing is kept

    # -- orders ----------------------------------------------------------------------------------------

    def open(self, account, now: int) -> int:
        """Open a TBD leg toward the server of `account`; return its index, -1 if every leg is in use."""
        self.close(now)
        if account is not self._account:
            self._account = account
            self._forget()
        self.leg = self.ep.dial(account, b"TBD", now)
        self.renewed_at = now
        return self.leg

    def ask(self, digits: bytes, now: int) -> None:
        """Ask what `digits` (1 … 32) are; `status` and EV_PLAN tell, at once if the answer is kept."""
        self.status = -1
        self._next = b""
        row = self._find(digits, now)
        if row >= 0:
            self._tell(self._facts[2 * row])
        elif self.leg >= 0:
            if not self._asked:
                self._since = now
            self._next = digits
            self._push(now)
        else:
            self._tell(0)

    def dial(self, number: bytes, now: int) -> int:
        """Let the TBD leg call `number`; return its index, now the caller's, or -1 if no leg can do it."""
        leg = self._linked()
        if not leg:
            return -1
        at = leg.open(_FT_IAX, _DIAL, 2 + len(number), now)
        if at < 0:
            return -1
        leg.close(ie.put(leg.window.buf, at, _IE_CALLED_NUMBER, number), now)
        leg.number = number
        return self.part()

    def part(self) -> int:
        """Let go of the TBD leg, which lives on; return its index."""
        leg = self.leg
        self.leg = -1
        self._asked = self._next = b""
        return leg

    def close(self, now: int) -> None:
        """End the TBD leg, if there is one."""
        if self.leg >= 0:
            self.ep.legs[self.part()].drop(_CAUSE_NORMAL, now)

    # -- what the endpoint asks of a part --------------------------------------------------------------

    def take(self, what: int, leg, buf: bytes, n: int, now: int) -> int:
        """Take DPREP, and the end of our leg."""
        if what == _PART_SIGNAL and buf[11] == _DPREP:
            if leg.index != self.leg or not self._asked or not self._hear(buf, n, now):
                self.ep.stats.count(_RX_UNSUPPORTED)
            return 1
        if what == _PART_FREE and leg.index == self.leg:
            asked = self._asked or self._next
            self.part()
            if asked:
                self._tell(0)
        return 0

    def _hear(self, buf: bytes, n: int, now: int) -> bool:
        """Take the answer; False if it is to another question."""
        at = ie.find(buf, _FULL_HDR, n, _IE_CALLED_NUMBER)
        asked = self._asked
        if at == 0 or bytes(buf[at : at + buf[at - 1]]) != asked:
            return False
        status = ie.uint(buf, ie.find(buf, _FULL_HDR, n, _IE_DPSTATUS), 2)
        if status < 0 or not status & _ONE_OF:
            status = 0
        else:
            refresh_s = ie.uint(buf, ie.find(buf, _FULL_HDR, n, _IE_REFRESH), 2)
            self._keep(asked, status, refresh_s if 0 <= refresh_s < _REFRESH_S else _REFRESH_S, now)
        self._settle(status, now)
        return True

    def _settle(self, status: int, now: int) -> None:
        """The question that is out is done with: tell, unless a newer one waits; that is asked now."""
        self._asked = b""
        self._since = now
        if not self._next or status == 0:
            self._tell(status)
        self._push(now)

    def _tell(self, status: int) -> None:
        self.status = status
        self.ep.post(_EV_PLAN, self.leg if self.leg >= 0 else 0, status)

    def _linked(self):
        """The TBD leg if it is accepted, else None."""
        leg = self.ep.legs[self.leg] if self.leg >= 0 else None
        return leg if leg and leg.linked() else None

    def _push(self, now: int) -> None:
        leg = self._linked()
        if not leg or self._asked or not self._next:
            return
        at = leg.open(_FT_IAX, _DPREQ, 2 + len(self._next), now)
        if at >= 0:
            leg.close(ie.put(leg.window.buf, at, _IE_CALLED_NUMBER, self._next), now)
            self._asked = self._next
            self._next = b""

    # -- answers kept ----------------------------------------------------------------------------------

    def _keep(self, digits: bytes, status: int, for_s: int, now: int) -> None:
        if len(digits) >= _ROW:
            return
        row = self._row
        self._row = (row + 1) % _ROWS
        self._kept[row * _ROW] = len(digits)
        self._kept[row * _ROW + 1 : row * _ROW + 1 + len(digits)] = digits
        self._facts[2 * row] = status
        self._facts[2 * row + 1] = ticks.add(now, for_s * 1000)
        self._stale_at = ticks.add(now, _REFRESH_S * 1000)

    def _find(self, digits: bytes, now: int) -> int:
        """The row of an answer that still holds, -1 if there is none."""
        for row in range(_ROWS):
            at = row * _ROW
            n = self._kept[at]
            if n == len(digits) and bytes(self._kept[at + 1 : at + 1 + n]) == digits:
                if ticks.diff(self._facts[2 * row + 1], now) > 0:
                    return row
                self._kept[at] = 0
        return -1

    def _forget(self) -> None:
        self._stale_at = -1
        for row in range(_ROWS):
            self._kept[row * _ROW] = 0

    # -- as a dialog: time -----------------------------------------------------------------------------

    def poll(self, now: int) -> None:
        """Let time pass: a question unanswered, a leg that nobody wants any more, answers gone stale."""
        if self._stale_at >= 0 and ticks.diff(now, self._stale_at) >= 0:
            self._forget()
        if self.leg < 0:
            return
        if self.leased and ticks.diff(now, self.renewed_at) >= _LEASE_MS:
            self.close(now)
        elif (self._asked or self._next) and ticks.diff(now, self._since) >= _ANSWER_MS:
            if not self._asked:
                self._next = b""  # it could not even be asked
            self._settle(0, now)
        else:
            self._push(now)

    def next_due(self, now: int) -> int:
        """Milliseconds until `poll` has something to do, -1 = never."""
        if self.leg < 0:
            return -1
        due = -1
        if self._asked or self._next:
            due = _ANSWER_MS - ticks.diff(now, self._since)
        if self.leased:
            due = ticks.sooner(due, _LEASE_MS - ticks.diff(now, self.renewed_at))
        return due if due > 0 or due == -1 else 0

    def poll_tx(self, now: int) -> int:
        """Send nothing: what we say goes through the leg."""
        return 0

    def give_up(self, now: int) -> None:
        """Nothing of ours can stay unacknowledged."""
