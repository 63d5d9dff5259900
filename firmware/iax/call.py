"""One call leg: the table of its states, what is done on entering each, and its voice.

Orders come from above (dial, take, pickup, drop), facts from the wire; both are columns of one table, and
only `step` moves the state. RFC 5456, sections 6.2 to 6.4. iax/dialog.py does what all dialogs do, and
iax/talk.py the voice.
"""

from micropython import const

import ticks
from iax import auth, ie, opener
from iax.talk import Talk

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
_ANSWER = const(6)  # codes.LEG_ANSWER
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

_FT_DTMF_END = const(1)  # proto.FT_DTMF_END
_FT_VOICE = const(2)  # proto.FT_VOICE
_FT_CONTROL = const(4)  # proto.FT_CONTROL
_FT_IAX = const(6)  # proto.FT_IAX
_FT_HTML = const(9)  # proto.FT_HTML
_FT_DTMF_BEGIN = const(12)  # proto.FT_DTMF_BEGIN
_CONTROL_HANGUP = const(1)  # proto.CONTROL_HANGUP
_CONTROL_RINGING = const(3)  # proto.CONTROL_RINGING
_CONTROL_ANSWER = const(4)  # proto.CONTROL_ANSWER
_CONTROL_STOP_TONES = const(0xFF)  # proto.CONTROL_STOP_TONES
_HTML_NO_SUPPORT = const(17)  # proto.HTML_NO_SUPPORT
_NEW = const(1)  # proto.NEW
_PONG = const(3)  # proto.PONG
_ACK = const(4)  # proto.ACK
_HANGUP = const(5)  # proto.HANGUP
_REJECT = const(6)  # proto.REJECT
_ACCEPT_SUB = const(7)  # proto.ACCEPT
_AUTHREP = const(9)  # proto.AUTHREP
_LAGRP = const(12)  # proto.LAGRP
_TXREQ = const(22)  # proto.TXREQ
_TXREJ = const(27)  # proto.TXREJ
_QUELCH = const(28)  # proto.QUELCH
_UNQUELCH = const(29)  # proto.UNQUELCH
_UNSUPPORT = const(33)  # proto.UNSUPPORT
_IE_CALLING_NUMBER = const(2)  # proto.IE_CALLING_NUMBER
_IE_CALLING_NAME = const(4)  # proto.IE_CALLING_NAME
_IE_FORMAT = const(9)  # proto.IE_FORMAT
_IE_IAX_UNKNOWN = const(23)  # proto.IE_IAX_UNKNOWN
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

_RX_NOTHING = const(0)  # codes.RX_NOTHING
_RX_UNSUPPORTED = const(8)  # codes.RX_UNSUPPORTED
_PEER_DEAD = const(17)  # codes.PEER_DEAD
_AUTH_REFUSED = const(18)  # codes.AUTH_REFUSED
_EV_INCOMING = const(4)  # codes.EV_INCOMING
_EV_ACCEPTED = const(5)  # codes.EV_ACCEPTED
_EV_ANSWERED = const(8)  # codes.EV_ANSWERED
_EV_STOP_TONES = const(11)  # codes.EV_STOP_TONES
_EV_HANGUP = const(12)  # codes.EV_HANGUP
_EV_DTMF_BEGIN = const(13)  # codes.EV_DTMF_BEGIN
_EV_DTMF_END = const(14)  # codes.EV_DTMF_END
_EV_QUELCH = const(16)  # codes.EV_QUELCH
_CALLER_REFUSED = const(35)  # codes.CALLER_REFUSED
_PART_SIGNAL = const(1)  # codes.PART_SIGNAL
_PART_OTHER = const(2)  # codes.PART_OTHER
_PART_KEY = const(8)  # codes.PART_KEY
_PART_CHALLENGE = const(9)  # codes.PART_CHALLENGE
_PART_VERIFY = const(10)  # codes.PART_VERIFY
_PART_LINK = const(11)  # codes.PART_LINK
_PART_FREE = const(12)  # codes.PART_FREE

_TEXT_MOST = const(32)  # octets kept of a caller's number and of a name

# Column for each IAX subclass 0 … 40, in letters as above (A is DIAL, `-` no move): HANGUP, REJECT, ACCEPT,
# AUTHREQ and AUTHREP stand from 5 on, INVAL at 10, CALLTOKEN at 40.
_COLUMNS = b"-----FEDCPM-----------------------------B"

# Event for each CONTROL subclass 0 … 15 that the line is to hear of, 0 for the others.
_PROGRESS = b"\x00\x00\x00\x06\x00\x09\x00\x00\x0a\x00\x00\x00\x00\x00\x07\x00"


class Call(Talk):
    """One call leg. `index` is its number; `number` is whom we call, or who calls us; `name` is the caller's.

    `told` holds what the NEW of an incoming call said: its elements, for iax/told.py.
    """

    def __init__(self, ep, window, index: int) -> None:
        super().__init__(ep, window)
        self.index = index
        self.cause = 0
        self.number = b""
        self.name = b""
        self.told = b""
        self._buf = b""  # the frame that moves the table, while it does
        self._n = 0
        self._probed_at = 0
        self._html_refused = False

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
        self.number = opener.copy_text(buf, n, _IE_CALLING_NUMBER, _TEXT_MOST)
        self.name = opener.copy_text(buf, n, _IE_CALLING_NAME, _TEXT_MOST)
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

    def _break_off(self, cause: int, now: int) -> None:
        """End the call for a reason of our own, and tell the line."""
        self.drop(cause, now)
        self.ep.post(_EV_HANGUP, self.index, cause)

    def send_dtmf(self, digit: int, begin: bool, now: int) -> bool:
        """Tell the peer that ASCII `digit` begins or ends; False if there is no call or no room."""
        if not self.linked():
            return False
        return self.say(_FT_DTMF_BEGIN if begin else _FT_DTMF_END, digit, now)

    def linked(self) -> bool:
        """True if the call is accepted and not over: media may flow."""
        return self.state == _LINKED or self.state == _UP or self.state == _ALERTING

    def _start(self, account, peer: int, now: int) -> None:
        self.account = account
        self.begin(peer, self.ep.new_number(), now)
        self.hush(-1)
        self.cause = 0
        self.name = self.told = b""
        self._html_refused = False

    # -- facts from the wire ---------------------------------------------------------------------------

    def feed(self, buf: bytes, n: int, now: int) -> int:
        """Take the meaning of full frame `buf`, which came in its turn. Returns RX_AUDIO or RX_NOTHING."""
        ftype = buf[10]
        sub = buf[11]
        if ftype != _FT_IAX or (sub != _PONG and sub != _LAGRP and sub != _ACK):
            self.anchor(buf)
        if ftype == _FT_IAX:
            if not self.housekeeping(sub, buf, now):
                self._signal(sub, buf, n, now)
        elif self.linked():  # acknowledged before ACCEPT too, but nothing counts (section 6.3.1)
            if ftype == _FT_VOICE:
                return self.hear_full(buf, n, now)
            self._hear_other(ftype, buf, n, now)
        return _RX_NOTHING

    def _hear_other(self, ftype: int, buf: bytes, n: int, now: int) -> None:
        sub = buf[11]
        if ftype == _FT_CONTROL and self._control(sub, now):
            pass
        elif ftype == _FT_DTMF_BEGIN or ftype == _FT_DTMF_END:
            self.ep.post(_EV_DTMF_BEGIN if ftype == _FT_DTMF_BEGIN else _EV_DTMF_END, self.index, sub)
        elif self.ep.ask(_PART_OTHER, self, buf, n, now):
            pass
        elif ftype == _FT_HTML and not self._html_refused:  # we show no pages (section 6.10.6)
            self._html_refused = self.say(_FT_HTML, _HTML_NO_SUPPORT, now)

    def _signal(self, sub: int, buf: bytes, n: int, now: int) -> None:
        column = _COLUMNS[sub] - 65 & 0xFF if sub < 41 else _STAY
        if column != _STAY:
            self._step_with(column, buf, n, now)
        elif self.ep.ask(_PART_SIGNAL, self, buf, n, now):
            pass
        elif sub == _TXREQ:
            self.say(_FT_IAX, _TXREJ, now)
        elif sub == _QUELCH or sub == _UNQUELCH:
            self._quelch(sub == _QUELCH, now)
        elif sub != _TXREJ and sub != _UNSUPPORT and sub != _NEW:
            self._refuse_subclass(sub, now)

    def _step_with(self, event: int, buf: bytes, n: int, now: int) -> None:
        self._buf = buf
        self._n = n
        self.step(event, now)
        self._buf = b""

    def _quelch(self, on: bool, now: int) -> None:
        if self.linked():
            self.quelched = on
            self.speak_anew(now, 0)
            self.ep.post(_EV_QUELCH, self.index, 1 if on else 0)

    def _refuse_subclass(self, sub: int, now: int) -> None:
        self.ep.stats.count(_RX_UNSUPPORTED)
        at = self.open(_FT_IAX, _UNSUPPORT, 3, now)
        if at >= 0:
            self.close(ie.put_uint(self.window.buf, at, _IE_IAX_UNKNOWN, 1, sub), now)

    def _control(self, sub: int, now: int) -> bool:
        """Obey a CONTROL frame; False if it says nothing to us."""
        if sub == _CONTROL_ANSWER:
            self.step(_ANSWER, now)
        elif sub == _CONTROL_HANGUP:
            self._break_off(_CAUSE_NORMAL, now)
        elif sub == _CONTROL_STOP_TONES:
            self.ep.post(_EV_STOP_TONES, self.index, 0)
        elif sub < 16 and _PROGRESS[sub]:
            self.ep.post(_PROGRESS[sub], self.index, 0)
        else:
            return False
        return True

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
            self.put_opener(now, b"")
        elif not self.take_token(self._buf, self._n, now):
            self.step(_DEAD, now)

    def put_opener(self, now: int, token: bytes) -> None:
        """Queue the NEW as the first frame of the dialog."""
        at = self.open_first(_NEW, now)
        at = opener.put_new(self.window.buf, at, self.account, self.number)
        self.close(ie.put(self.window.buf, at, _IE_CALLTOKEN, token), now)

    def _enter_auth(self, now: int) -> None:
        self.ep.ask(_PART_KEY, self, self._buf, self._n, now)
        if not auth.meet(self, self._buf, self._n, now):
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
        elif self.state == _WAITING and self.stale_token(now):
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
