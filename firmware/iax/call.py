"""One call leg: the table of its states, and what is done on entering each.

Orders come from above (dial, take, pickup, drop), facts from the wire (iax/leg.py); both are columns of one
table, and only `step` moves the state. RFC 5456, sections 6.2 to 6.4.
"""

from micropython import const

import ticks
from iax import ie, opener
from iax.leg import Leg

_FREE = const(0)  # codes.CALL_FREE
_WAITING = const(1)  # codes.CALL_WAITING
_AUTH = const(2)  # codes.CALL_AUTH
_LINKED = const(3)  # codes.CALL_LINKED
_UP = const(4)  # codes.CALL_UP
_OFFERED = const(5)  # codes.CALL_OFFERED
_ALERTING = const(6)  # codes.CALL_ALERTING
_CLOSING = const(7)  # codes.CALL_CLOSING
_CHALLENGED = const(8)  # codes.CALL_CHALLENGED

_DIAL = const(0)  # codes.LEG_DIAL
_REFUSE = const(4)  # codes.LEG_REFUSE
_CLEAR = const(5)  # codes.LEG_CLEAR
_OFFER = const(7)  # codes.LEG_OFFER
_TAKE = const(8)  # codes.LEG_TAKE
_PICKUP = const(9)  # codes.LEG_PICKUP
_DROP = const(10)  # codes.LEG_DROP
_DEAD = const(11)  # codes.LEG_DEAD
_INVALID = const(12)  # codes.LEG_INVAL
_DONE = const(13)  # codes.LEG_DONE
_CHALLENGE = const(14)  # codes.LEG_CHALLENGE
_N_EV = const(16)
_STAY = const(236)  # what `-` becomes below

# Letters are the next states, `-` is no move. From left to right: DIAL TOKEN AUTHREQ ACCEPT, REFUSE CLEAR ANSWER,
# OFFER TAKE PICKUP, DROP DEAD INVAL DONE, CHALLENGE PROVEN.
NEXT = bytes(
    (letter - 65) & 0xFF
    for letter in (
        b"B------F------I-"  # A FREE
        b"-BCDAA----HAA---"  # B WAITING
        b"---DAA----HAA---"  # C AUTH
        b"----AAE---HAA---"  # D LINKED
        b"----AA----HAA---"  # E UP
        b"----AA--G-HAA---"  # F OFFERED
        b"----AA---EHAA---"  # G ALERTING
        b"----AA-----AAA--"  # H CLOSING
        b"----AA----HAA--F"  # I CHALLENGED
    )
)

_FT_CONTROL = const(4)  # proto.FT_CONTROL
_FT_IAX = const(6)  # proto.FT_IAX
_CONTROL_RINGING = const(3)  # proto.CONTROL_RINGING
_CONTROL_ANSWER = const(4)  # proto.CONTROL_ANSWER
_NEW = const(1)  # proto.NEW
_HANGUP = const(5)  # proto.HANGUP
_REJECT = const(6)  # proto.REJECT
_ACCEPT_SUB = const(7)  # proto.ACCEPT
_AUTHREP = const(9)  # proto.AUTHREP
_IE_FORMAT = const(9)  # proto.IE_FORMAT
_IE_CAUSECODE = const(42)  # proto.IE_CAUSECODE
_IE_CALLTOKEN = const(54)  # proto.IE_CALLTOKEN
_CAUSE_NORMAL = const(16)  # proto.CAUSE_NORMAL
_CAUSE_NO_ANSWER = const(19)  # proto.CAUSE_NO_ANSWER
_CAUSE_OUT_OF_ORDER = const(27)  # proto.CAUSE_OUT_OF_ORDER
_CAUSE_NO_AUTHORITY = const(50)  # proto.CAUSE_NO_AUTHORITY
_CAUSE_NO_CODEC = const(58)  # proto.CAUSE_NO_CODEC
_PING_MS = const(20000)  # proto.PING_MS
_FIRST_PING_MS = const(2000)  # proto.FIRST_PING_MS
_DEAD_PEER_MS = const(32000)  # proto.DEAD_PEER_MS
_OPENER_MS = const(30000)  # proto.OPENER_MS
_RING_MS = const(120000)  # proto.RING_MS
_CLOSING_MS = const(10000)  # proto.CLOSING_MS
_CHALLENGE_MS = const(10000)  # proto.CHALLENGE_MS

_PEER_DEAD = const(17)  # codes.PEER_DEAD
_EV_INCOMING = const(4)  # codes.EV_INCOMING
_EV_ACCEPTED = const(5)  # codes.EV_ACCEPTED
_EV_ANSWERED = const(8)  # codes.EV_ANSWERED
_EV_HANGUP = const(12)  # codes.EV_HANGUP
_CALLER_REFUSED = const(35)  # codes.CALLER_REFUSED
_PART_KEY = const(8)  # codes.PART_KEY
_PART_CHALLENGE = const(9)  # codes.PART_CHALLENGE
_PART_VERIFY = const(10)  # codes.PART_VERIFY
_PART_LINK = const(11)  # codes.PART_LINK
_PART_FREE = const(12)  # codes.PART_FREE


class Call(Leg):
    """One call leg. `number` is whom we call; `told` holds the elements of a caller's NEW, for iax/told.py."""

    def __init__(self, ep, window, index: int) -> None:
        super().__init__(ep, window, index)
        self.cause = 0
        self.number = b""
        self.told = b""
        self._probed_at = 0

    # -- orders ----------------------------------------------------------------------------------------

    def dial(self, account, number: bytes, now: int) -> None:
        """Call `number` (1 … 32 octets) through `account`."""
        self._start(account, account.peer, now)
        self.number = number
        self.step(_DIAL, now)

    def offer(self, account, buf: bytes, n: int, now: int) -> None:
        """Take a NEW: remember the caller, challenge him if the account wants it, and let the line be asked."""
        self._start(account, self.ep.rx_peer, now)
        self.receive(buf, (buf[0] & 0x7F) << 8 | buf[1], now)
        self.anchor(buf)
        self.told = opener.copy_elements(buf, n)
        self.hush(opener.offered_law(buf, n, account.laws))
        self._step_with(_CHALLENGE if account.demand else _OFFER, buf, n, now)

    def take(self, now: int) -> None:
        """Accept the offered call and tell the caller that the telephone rings."""
        self.step(_TAKE, now)

    def pickup(self, now: int) -> None:
        """The telephone was lifted: answer."""
        self.step(_PICKUP, now)

    def drop(self, cause: int, now: int) -> None:
        """End the call with Q.850 `cause`."""
        self.cause = cause
        self.step(_DROP, now)

    def _start(self, account, peer: int, now: int) -> None:
        self.account = account
        self.begin(peer, self.ep.new_number(), now)
        self.hush(-1)
        self.cause = 0
        self.told = b""
        self._html_refused = False

    # -- the table -------------------------------------------------------------------------------------

    def step(self, event: int, now: int) -> None:
        """Take one event; on a change of state do what its entry asks for."""
        nxt = NEXT[self.state * _N_EV + event]
        if nxt == _STAY:
            return
        before = self.state
        self.state = nxt
        self.ep.moved(self.index, nxt, event, now)
        if nxt == _FREE:
            self._enter_free(before, event, now)
        elif nxt == _WAITING:
            self._enter_waiting(event, now)
        elif nxt == _AUTH:
            self._enter_auth(now)
        elif nxt == _LINKED:
            self._enter_linked(now)
        elif nxt == _UP:
            self._enter_up(before, now)
        else:
            self._enter_inbound_or_closing(nxt, before, now)

    def _enter_free(self, before: int, event: int, now: int) -> None:
        if event == _CLEAR or event == _REFUSE:
            self.cause = opener.cause(self._buf, self._n, _CAUSE_NORMAL if event == _CLEAR else 0)
            self.ep.acknowledge(self._buf, self.cipher)
        elif event == _DEAD or event == _INVALID:
            self.cause = _CAUSE_OUT_OF_ORDER
            if before != _CLOSING:  # an unanswered HANGUP is no loss
                self.ep.stats.count(_PEER_DEAD)
        self.law = -1
        self._ack = 0
        self.cipher = None
        self.window.clear()
        self.ep.ask(_PART_FREE, self, b"", 0, now)
        self.ep.remember(self.peer, self.dcallno, now)
        if before != _CLOSING:
            self.ep.post(_EV_HANGUP, self.index, self.cause)

    def _enter_waiting(self, event: int, now: int) -> None:
        if event == _DIAL:
            self.set_deadline(now, _OPENER_MS)
            self._put_opener(now, b"")
        elif not self._take_token(self._buf, self._n, now):
            self.step(_DEAD, now)

    def _put_opener(self, now: int, token: bytes) -> None:
        """Queue the NEW as the first frame of the dialog."""
        at = self._open_first(_NEW, now)
        at = opener.put_new(self.window.buf, at, self.account, self.number)
        self.close(ie.put(self.window.buf, at, _IE_CALLTOKEN, token), now)

    def _enter_auth(self, now: int) -> None:
        self.ep.ask(_PART_KEY, self, self._buf, self._n, now)
        if not opener.meet(self, self._buf, self._n, now):
            self._break_off(_CAUSE_NO_AUTHORITY, now)

    def send_proof(self, number: int, value: bytes, now: int) -> None:
        """Answer AUTHREQ: AUTHREP with `value` as element `number`."""
        if self.state == _AUTH:
            at = self.open(_FT_IAX, _AUTHREP, 2 + len(value), now)
            if at >= 0:
                self.close(ie.put(self.window.buf, at, number, value), now)

    def _enter_linked(self, now: int) -> None:
        law = opener.accepted_law(self._buf, self._n, self.account.laws)
        if self.ep.ask(_PART_LINK, self, self._buf, self._n, now):
            self._break_off(_CAUSE_NO_AUTHORITY, now)
            return
        if law < 0:
            self._break_off(_CAUSE_NO_CODEC, now)
            return
        self.hush(law)
        self.set_deadline(now, 0)
        self._probe_in(now, _FIRST_PING_MS)
        self.ep.post(_EV_ACCEPTED, self.index, law)

    def _enter_up(self, before: int, now: int) -> None:
        if before == _ALERTING:
            self.set_deadline(now, 0)
            self.say(_FT_CONTROL, _CONTROL_ANSWER, now)
        else:
            self.ep.post(_EV_ANSWERED, self.index, 0)

    def _enter_inbound_or_closing(self, state: int, before: int, now: int) -> None:
        if state == _OFFERED:
            self._enter_offered(before, now)
        elif state == _CHALLENGED:
            self.set_deadline(now, _CHALLENGE_MS)
            self.ep.ask(_PART_CHALLENGE, self, self._buf, self._n, now)
        elif state == _ALERTING:
            self.set_deadline(now, 0)  # how long it rings is the line's affair
            at = self.open(_FT_IAX, _ACCEPT_SUB, 6, now)
            if at >= 0:
                self.close(ie.put_uint(self.window.buf, at, _IE_FORMAT, 4, 1 << self.law), now)
            self.say(_FT_CONTROL, _CONTROL_RINGING, now)
            self._probe_in(now, _FIRST_PING_MS)
        else:
            self._enter_closing(before, now)

    def _enter_offered(self, before: int, now: int) -> None:
        self.set_deadline(now, _RING_MS)
        ep = self.ep
        refused = before == _CHALLENGED and not ep.ask(_PART_VERIFY, self, self._buf, self._n, now)
        if refused or ep.ask(_PART_LINK, self, self._buf, self._n, now):
            ep.stats.count(_CALLER_REFUSED)
            self.drop(_CAUSE_NO_AUTHORITY, now)
        elif self.law < 0:
            self.drop(_CAUSE_NO_CODEC, now)
        else:
            ep.post(_EV_INCOMING, self.index, self.law)

    def _enter_closing(self, before: int, now: int) -> None:
        self.set_deadline(now, _CLOSING_MS)
        self.law = -1
        at = self.open(_FT_IAX, _REJECT if before == _OFFERED else _HANGUP, 3, now)
        if at >= 0:
            self.close(ie.put_uint(self.window.buf, at, _IE_CAUSECODE, 1, self.cause), now)
        else:
            self.step(_DEAD, now)  # nothing gets through; whatever the peer says next draws an INVAL

    # -- time ------------------------------------------------------------------------------------------

    def poll(self, now: int) -> None:
        """Let time pass: deadlines, a peer gone silent, a token too old, the next PING."""
        if self.state == _FREE:
            return
        self.clock(now)
        if self.state == _CLOSING and self.window.count == 0:
            self.step(_DONE, now)
        elif self.overdue(now):
            self._time_out(now)
        elif self.linked() and self.silent_ms(now) >= _DEAD_PEER_MS:
            self.step(_DEAD, now)
        elif self.state == _WAITING and self._stale_token(now):
            self.restart(now)
        elif self.linked() and ticks.diff(now, self._probed_at) >= 0:
            self.ping(now)
            self._probe_in(now, _PING_MS)

    def _time_out(self, now: int) -> None:
        """It took too long: say so to a peer that has shown itself, forget one that has not.

        The only limit of an accepted call is that of iax/talk.py on a codec that we do not have.
        """
        if self.state == _CLOSING or self.dcallno == 0:
            self.step(_DEAD, now)
        else:
            self._break_off(_CAUSE_NO_CODEC if self.linked() else _CAUSE_NO_ANSWER, now)

    def _probe_in(self, now: int, wait_ms: int) -> None:
        self._probed_at = ticks.add(now, wait_ms)

    def give_up(self, now: int) -> None:
        """A full frame stayed unacknowledged for 30 s: the leg is over, nothing more is sent (section 6.6)."""
        self.step(_DEAD, now)

    def next_due(self, now: int) -> int:
        """Milliseconds until `poll` or `poll_tx` has something to do, -1 = never."""
        if self.state == _FREE:
            return -1
        due = ticks.sooner(self.window.next_due(now), self.due_ms(now))
        if self.linked():
            wait_ms = ticks.diff(self._probed_at, now)
            due = ticks.sooner(due, wait_ms if wait_ms > 0 else 0)
        return due
