"""Keeping one account registered: REGREQ to REGACK, refresh, back-off, REGREL (RFC 5456, section 6.1).

A table as in iax/call.py. Each attempt is a dialog of its own; between two of them there is only a timer.
"""

from micropython import const

import ticks
from iax import ie, opener
from iax.dialog import Dialog

_IDLE = const(0)  # codes.REG_IDLE
_SENT = const(1)  # codes.REG_SENT
_PROVING = const(2)  # codes.REG_PROVING
_REGISTERED = const(3)  # codes.REG_DONE
_WAITING = const(4)  # codes.REG_WAITING
_RELEASING = const(5)  # codes.REG_RELEASING
_RELEASED = const(6)  # codes.REG_RELEASED
_PARTING = const(7)  # codes.REG_PARTING

_START = const(0)  # codes.REGEV_START
_TOKEN = const(1)  # codes.REGEV_TOKEN
_AUTH = const(2)  # codes.REGEV_AUTH
_ACK = const(3)  # codes.REGEV_ACK
_REJECTED = const(4)  # codes.REGEV_REJECT
_DEAD = const(5)  # codes.REGEV_DEAD
_RELEASE = const(6)  # codes.REGEV_RELEASE
_N_EV = const(7)
_STAY = const(236)  # what `-` becomes below

# Letters are the next states, `-` is no move. From left to right: START TOKEN AUTH ACK, REJECT DEAD RELEASE.
NEXT = bytes(
    (letter - 65) & 0xFF
    for letter in (
        b"B-----G"  # A IDLE
        b"-BCDEEF"  # B SENT
        b"---DEEF"  # C PROVING
        b"B-----F"  # D DONE
        b"B-----G"  # E WAITING
        b"-FHGGG-"  # F RELEASING
        b"-------"  # G RELEASED
        b"---GGG-"  # H PARTING
    )
)

_FT_IAX = const(6)  # proto.FT_IAX
_REGREQ = const(13)  # proto.REGREQ
_REGREL = const(17)  # proto.REGREL
_INVAL = const(10)  # proto.INVAL
_REGAUTH = const(14)  # proto.REGAUTH
_REGACK = const(15)  # proto.REGACK
_REGREJ = const(16)  # proto.REGREJ
_CALLTOKEN = const(40)  # proto.CALLTOKEN
_IE_USERNAME = const(6)  # proto.IE_USERNAME
_IE_REFRESH = const(19)  # proto.IE_REFRESH
_IE_MSGCOUNT = const(24)  # proto.IE_MSGCOUNT
_IE_CALLTOKEN = const(54)  # proto.IE_CALLTOKEN
_FULL_HDR = const(12)  # proto.FULL_HDR
_REGISTER_MS = const(35000)  # proto.REGISTER_MS
_RELEASE_MS = const(5000)  # proto.RELEASE_MS
_CAUSE_NO_AUTHORITY = const(50)  # proto.CAUSE_NO_AUTHORITY

_RX_NOTHING = const(0)  # codes.RX_NOTHING
_REG_FAILED = const(29)  # codes.REG_FAILED
_EV_REGISTERED = const(1)  # codes.EV_REGISTERED
_EV_REG_FAILED = const(2)  # codes.EV_REG_FAILED
_EV_RELEASED = const(3)  # codes.EV_RELEASED
_EV_MESSAGES = const(15)  # codes.EV_MESSAGES
_EV_CLOCK = const(17)  # codes.EV_CLOCK

_REFRESH_S = const(60)  # if REGACK names none (section 6.1.4)
_SHORTEST_S = const(5)  # a smaller grant is not obeyed to the letter
_LONGEST_S = const(3600)
_RETRY_MS = const(2000)  # after the first failure, doubling five times
_REFUSED_MS = const(30000)  # after a wrong secret: servers ban who hammers


class Registrar(Dialog):
    """The registration of `account`; events tell each outcome."""

    def __init__(self, ep, window) -> None:
        super().__init__(ep, window)
        self._failures = 0
        self._wake_at = 0
        self._cause = 0
        self._buf = b""
        self._n = 0

    def start(self, account, now: int) -> None:
        """Register `account` now and keep it so."""
        self.account = account
        self.step(_START, now)

    def release(self, now: int) -> None:
        """Unregister: the box is about to go down."""
        self.step(_RELEASE, now)

    # -- facts from the wire ---------------------------------------------------------------------------

    def feed(self, buf: bytes, n: int, now: int) -> int:
        """Take the meaning of full frame `buf`, which came in its turn. Always RX_NOTHING."""
        sub = buf[11]
        if buf[10] != _FT_IAX or self.housekeeping(sub, buf, now):
            return _RX_NOTHING
        event = self._event(sub)
        if event >= 0:
            self._buf = buf
            self._n = n
            self.step(event, now)
            self._buf = b""
        return _RX_NOTHING

    def _event(self, sub: int) -> int:
        if sub == _REGACK:
            return _ACK
        if sub == _REGAUTH:
            return _AUTH
        if sub == _REGREJ:
            return _REJECTED
        if sub == _CALLTOKEN:
            return _TOKEN
        return _DEAD if sub == _INVAL else -1

    # -- the table -------------------------------------------------------------------------------------

    def step(self, event: int, now: int) -> None:
        """Take one event; on a change of state do what its entry asks for."""
        nxt = NEXT[self.state * _N_EV + event]
        if nxt == _STAY:
            return
        self.state = nxt
        if nxt == _SENT or nxt == _RELEASING:
            self._enter_asking(event, now)
        elif nxt == _PROVING or nxt == _PARTING:
            self._prove(now)
        else:
            self._enter_over(nxt, event, now)

    def _enter_asking(self, event: int, now: int) -> None:
        if event == _TOKEN:
            if not self._take_token(self._buf, self._n, now):
                self.step(_DEAD, now)
        else:
            self.begin(self.account.peer, self.ep.new_number(), now)
            self.set_deadline(now, _REGISTER_MS if event == _START else _RELEASE_MS)
            self._put_opener(now, b"")

    def _put_opener(self, now: int, token: bytes) -> None:
        """Queue REGREQ or REGREL as the first frame of the dialog."""
        at = self._put_who(self._open_first(_REGREQ if self.state == _SENT else _REGREL, now))
        self.close(ie.put(self.window.buf, at, _IE_CALLTOKEN, token), now)

    def _put_who(self, at: int) -> int:
        buf = self.window.buf
        at = ie.put(buf, at, _IE_USERNAME, self.account.user)
        return ie.put_uint(buf, at, _IE_REFRESH, 2, self.account.refresh_s)

    def _prove(self, now: int) -> None:
        if not opener.meet(self, self._buf, self._n, now):
            self.ep.acknowledge(self._buf)
            self._buf = b""
            self.step(_REJECTED, now)

    def send_proof(self, number: int, value: bytes, now: int) -> None:
        """Answer the challenge: the same request again, with `value` as element `number`."""
        state = self.state
        if state == _PROVING or state == _PARTING:
            sub = _REGREQ if state == _PROVING else _REGREL
            at = self.open(_FT_IAX, sub, 8 + len(self.account.user) + len(value), now)
            if at >= 0:
                self.close(ie.put(self.window.buf, self._put_who(at), number, value), now)

    def _enter_over(self, state: int, event: int, now: int) -> None:
        """REGACK, REGREJ, silence, or nothing left to release: the dialog is over, its timer may run."""
        if self._buf and event != _DEAD:
            self.ep.acknowledge(self._buf)
        self._ack = 0
        self.window.clear()
        self.set_deadline(now, 0)
        if state == _REGISTERED:
            self._enter_registered(now)
        elif state == _WAITING:
            self._enter_failed(event, now)
        else:
            self.ep.post(_EV_RELEASED, self.account.index if self.account else 0, 0)
        self.scallno = 0

    def _enter_registered(self, now: int) -> None:
        self._failures = 0
        granted_s = ie.uint(self._buf, ie.find(self._buf, _FULL_HDR, self._n, _IE_REFRESH), 2)
        if granted_s < 0:
            granted_s = _REFRESH_S
        refresh_s = min(max(granted_s, _SHORTEST_S), _LONGEST_S)
        # 5/6 of what was granted, less up to a tenth at random (section 7.2.2)
        wait_ms = refresh_s * 833
        self._wake_at = ticks.add(now, wait_ms - wait_ms // 1280 * self.ep.crypto.random(7))
        index = self.account.index
        date = opener.date30(self._buf, self._n)
        if date >= 0:
            self.ep.post(_EV_CLOCK, index, date)
        self.ep.post(_EV_REGISTERED, index, granted_s)
        count = ie.uint(self._buf, ie.find(self._buf, _FULL_HDR, self._n, _IE_MSGCOUNT), 2)
        if count >= 0:
            self.ep.post(_EV_MESSAGES, index, count)

    def _enter_failed(self, event: int, now: int) -> None:
        self.ep.stats.count(_REG_FAILED)
        cause = 0
        wait_ms = _RETRY_MS << min(self._failures, 5)
        if event == _REJECTED:
            cause = opener.cause(self._buf, self._n, 0) if self._buf else _CAUSE_NO_AUTHORITY
        if cause:
            wait_ms = _REFUSED_MS << min(self._failures, 3)
        self._failures += 1
        self._wake_at = ticks.add(now, wait_ms + wait_ms // 512 * self.ep.crypto.random(7))
        self.ep.post(_EV_REG_FAILED, self.account.index, cause)

    # -- time ------------------------------------------------------------------------------------------

    def poll(self, now: int) -> None:
        """Let time pass: the refresh, the next attempt, deadlines, a token too old."""
        state = self.state
        if state == _REGISTERED or state == _WAITING:
            if ticks.diff(now, self._wake_at) >= 0:
                self.step(_START, now)
        elif state != _IDLE and state != _RELEASED:
            if self.overdue(now):
                self.step(_DEAD, now)
            elif self._stale_token(now):
                self.restart(now)

    def give_up(self, now: int) -> None:
        """A frame stayed unacknowledged for 30 s."""
        self.step(_DEAD, now)

    def next_due(self, now: int) -> int:
        """Milliseconds until `poll` or `poll_tx` has something to do, -1 = never."""
        if self.state == _REGISTERED or self.state == _WAITING:
            wait_ms = ticks.diff(self._wake_at, now)
            return wait_ms if wait_ms > 0 else 0
        return ticks.sooner(self.window.next_due(now), self.due_ms(now))
