"""What the peer says in a call: each frame becomes an event of the table, or of the line, or is refused.

iax/call.py holds the table, and iax/talk.py the voice. What is said here about an order of the frames is the
RFC's (RFC 5456, sections 6.3, 6.4 and 6.10).
"""
# The table (`step`, `drop`) belongs to the heir:
# pyright: reportAttributeAccessIssue=false

from micropython import const

from iax import ie
from iax.talk import Talk

_LINKED = const(3)  # codes.CALL_LINKED
_UP = const(4)  # codes.CALL_UP
_ALERTING = const(6)  # codes.CALL_ALERTING
_ANSWER = const(6)  # codes.LEG_ANSWER
_STAY = const(236)  # what `-` becomes below
_FT_DTMF_END = const(1)  # proto.FT_DTMF_END
_FT_VOICE = const(2)  # proto.FT_VOICE
_FT_CONTROL = const(4)  # proto.FT_CONTROL
_FT_IAX = const(6)  # proto.FT_IAX
_FT_HTML = const(9)  # proto.FT_HTML
_FT_DTMF_BEGIN = const(12)  # proto.FT_DTMF_BEGIN
_CONTROL_HANGUP = const(1)  # proto.CONTROL_HANGUP
_CONTROL_ANSWER = const(4)  # proto.CONTROL_ANSWER
_CONTROL_STOP_TONES = const(0xFF)  # proto.CONTROL_STOP_TONES
_HTML_NO_SUPPORT = const(17)  # proto.HTML_NO_SUPPORT
_NEW = const(1)  # proto.NEW
_PONG = const(3)  # proto.PONG
_ACK = const(4)  # proto.ACK
_LAGRP = const(12)  # proto.LAGRP
_TXREQ = const(22)  # proto.TXREQ
_TXREJ = const(27)  # proto.TXREJ
_QUELCH = const(28)  # proto.QUELCH
_UNQUELCH = const(29)  # proto.UNQUELCH
_UNSUPPORT = const(33)  # proto.UNSUPPORT
_IE_IAX_UNKNOWN = const(23)  # proto.IE_IAX_UNKNOWN
_CAUSE_NORMAL = const(16)  # proto.CAUSE_NORMAL
_RX_NOTHING = const(0)  # codes.RX_NOTHING
_RX_UNSUPPORTED = const(8)  # codes.RX_UNSUPPORTED
_EV_STOP_TONES = const(11)  # codes.EV_STOP_TONES
_EV_HANGUP = const(12)  # codes.EV_HANGUP
_EV_DTMF_BEGIN = const(13)  # codes.EV_DTMF_BEGIN
_EV_DTMF_END = const(14)  # codes.EV_DTMF_END
_EV_QUELCH = const(16)  # codes.EV_QUELCH
_PART_SIGNAL = const(1)  # codes.PART_SIGNAL
_PART_OTHER = const(2)  # codes.PART_OTHER

# Column for each IAX subclass 0 … 40, in letters as above (A is DIAL, `-` no move): HANGUP, REJECT, ACCEPT,
# AUTHREQ and AUTHREP stand from 5 on, INVAL at 10, CALLTOKEN at 40.
_COLUMNS = b"-----FEDCPM-----------------------------B"

# Event for each CONTROL subclass 0 … 15 that the line is to hear of, 0 for the others.
_PROGRESS = b"\x00\x00\x00\x06\x00\x09\x00\x00\x0a\x00\x00\x00\x00\x00\x07\x00"


class Leg(Talk):
    """A dialog that is a call and hears its peer. `index`: its number among the legs."""

    def __init__(self, ep, window, index: int) -> None:
        super().__init__(ep, window)
        self.index = index
        self._html_refused = False
        self._buf = b""  # the frame that moves the table, while it does
        self._n = 0

    def _step_with(self, event: int, buf: bytes, n: int, now: int) -> None:
        """Let a frame of `n` octets move the table."""
        self._buf = buf
        self._n = n
        self.step(event, now)
        self._buf = b""

    def _break_off(self, cause: int, now: int) -> None:
        """End the call for a reason of our own, and tell the line."""
        self.drop(cause, now)
        self.ep.post(_EV_HANGUP, self.index, cause)

    def linked(self) -> bool:
        """True if the call is accepted and not over: media may flow."""
        return self.state == _LINKED or self.state == _UP or self.state == _ALERTING

    def send_dtmf(self, digit: int, begin: bool, now: int) -> bool:
        """Tell the peer that ASCII `digit` begins or ends; False if there is no call or no room."""
        if not self.linked():
            return False
        return self.say(_FT_DTMF_BEGIN if begin else _FT_DTMF_END, digit, now)

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
                return self._hear_full(buf, n, now)
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

    def _quelch(self, on: bool, now: int) -> None:
        if self.linked():
            self.quelched = on
            self._speak_anew(now, 0)
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
