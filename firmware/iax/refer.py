"""Blind transfer by TRANSFER, both ways (RFC 5456, section 6.4.6).

Out: we name a number, the server takes the far end there and hangs us up. Asterisk says nothing when it will
not, so silence is refusal: then the call goes on. In: the server sends us to another number; we say HANGUP,
and in the same moment the leg dials that number through the same account, so that the user talks on. Should
that one HANGUP be lost, the server's next frame for the old call draws an INVAL.
"""

from micropython import const

import ticks
from iax import ie, opener
from iax.frame import put_tail

_FT_IAX = const(6)  # proto.FT_IAX
_HANGUP = const(5)  # proto.HANGUP
_TRANSFER = const(34)  # proto.TRANSFER
_IE_CALLED_NUMBER = const(1)  # proto.IE_CALLED_NUMBER
_IE_CAUSECODE = const(42)  # proto.IE_CAUSECODE
_FULL_HDR = const(12)  # proto.FULL_HDR
_CAUSE_NORMAL = const(16)  # proto.CAUSE_NORMAL
_CALL_UP = const(4)  # codes.CALL_UP
_CALL_CLOSING = const(7)  # codes.CALL_CLOSING
_LEG_DONE = const(13)  # codes.LEG_DONE
_PART_SIGNAL = const(1)  # codes.PART_SIGNAL
_PART_FREE = const(12)  # codes.PART_FREE
_EV_TRANSFERRED = const(20)  # codes.EV_TRANSFERRED
_EV_TRANSFER_FAILED = const(21)  # codes.EV_TRANSFER_FAILED

_ANSWER_MS = const(4000)  # a server that says nothing for so long has refused
_NUMBER_MOST = const(32)
_GUEST = const(9)  # the first peer that is no server of ours


class Refer:
    """One question out at a time; to the endpoint a part, and a dialog without number that has a clock."""

    def __init__(self, endpoint) -> None:
        self.ep = endpoint
        self.state = self.scallno = self.peer = 0
        self.cipher = None
        self._leg = None  # on which we have asked
        self._until = 0

    def transfer(self, leg, number: bytes, now: int) -> bool:
        """Ask the server to connect the far end of `leg` to `number`; False if that cannot be asked now.

        EV_TRANSFERRED or EV_TRANSFER_FAILED follows within 4 s, unless the user hangs up.
        """
        if leg.state != _CALL_UP or self._leg or not 0 < len(number) <= _NUMBER_MOST:
            return False
        at = leg.open(_FT_IAX, _TRANSFER, 2 + len(number), now)
        if at < 0:
            return False
        leg.close(ie.put(leg.window.buf, at, _IE_CALLED_NUMBER, number), now)
        self._leg = leg
        self._until = ticks.add(now, _ANSWER_MS)
        return True

    def take(self, what: int, leg, buf: bytes, n: int, now: int) -> int:
        """Take TRANSFER, and the end of a call that was to be transferred (codes.PART_*)."""
        if what == _PART_FREE and leg is self._leg:
            self._done(leg, _EV_TRANSFERRED if leg.cause == _CAUSE_NORMAL else _EV_TRANSFER_FAILED)
        elif what == _PART_SIGNAL and buf[11] == _TRANSFER:
            return self._go(leg, buf, n, now)
        return 0

    def _done(self, leg, event: int) -> None:
        self.ep.post(event, leg.index, 0)
        self._leg = None

    def _go(self, leg, buf: bytes, n: int, now: int) -> int:
        """Leave the call and dial: only from an answered call of a server that the user chose."""
        number = opener.copy_text(buf, n, _IE_CALLED_NUMBER, _NUMBER_MOST + 1)
        if leg.state != _CALL_UP or leg.peer >= _GUEST or not 0 < len(number) <= _NUMBER_MOST:
            return 0
        ep = self.ep
        if leg is self._leg:  # what we asked for is not what comes
            self._done(leg, _EV_TRANSFER_FAILED)
        ep.acknowledge(buf, leg.cipher)  # … and what goes out in its place acknowledges as well
        put_tail(ep.small, 0, leg.window.oseq, leg.iseq, _FT_IAX, _HANGUP)
        ep.small_n = ie.put_uint(ep.small, _FULL_HDR, _IE_CAUSECODE, 1, _CAUSE_NORMAL)
        leg.drop(_CAUSE_NORMAL, now)
        leg.step(_LEG_DONE, now)
        leg.dial(leg.account, number, now)
        return 1

    def poll(self, now: int) -> None:
        """Let time pass: a silent server has refused."""
        if self._leg and ticks.diff(now, self._until) >= 0:
            self._done(self._leg, _EV_TRANSFER_FAILED)

    def poll_tx(self, now: int) -> int:
        """Nothing is sent from here; but when the user has hung up, there is nothing to tell any more."""
        if self._leg and self._leg.state == _CALL_CLOSING:
            self._leg = None
        return 0

    def next_due(self, now: int) -> int:
        """Milliseconds until `poll` has something to do, -1 = never."""
        if self._leg is None:
            return -1
        wait_ms = ticks.diff(self._until, now)
        return wait_ms if wait_ms > 0 else 0

    def give_up(self, now: int) -> None:
        """Never asked for: nothing here waits in a window."""
