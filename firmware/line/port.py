"""The FXS port: what the telephone's user and the far end do, turned into tones, ringing and intents.

Everything that moves the port stands in NEXT: a row is the state, a column the event, a letter the next
state and `-` no move. Only `feed` and the timers in `poll` move it. It knows no call number and no frame:
ata.py tells it what the call did, and does what it intends.
"""

from array import array

from micropython import const

import ticks

_EVENTS = const(13)
_STAY = const(236)  # what `-` becomes below
_ON_HOOK = const(0)  # codes.ON_HOOK
_DIAL_TONE = const(1)  # codes.DIAL_TONE
_COLLECT = const(2)  # codes.COLLECT
_CALLING = const(3)  # codes.CALLING
_EARLY = const(5)  # codes.EARLY
_TALK = const(6)  # codes.TALK
_RINGING = const(11)  # codes.RINGING
_IN_CALL = const(0x878)  # bits: CALLING, RINGBACK, EARLY, TALK, RINGING
_EV_TIMEOUT = const(4)  # codes.PORT_TIMEOUT
_EV_RING = const(5)  # codes.PORT_RING
_EV_RING_END = const(6)  # codes.PORT_RING_END
_EV_CLEAR = const(12)  # codes.PORT_CLEAR
_DIAL = const(1)  # codes.INTENT_DIAL
_ANSWER = const(2)  # codes.INTENT_ANSWER
_HANGUP = const(3)  # codes.INTENT_HANGUP
_REJECT = const(4)  # codes.INTENT_REJECT

# A table of letters takes half the RAM of a tuple of names. From left to right: OFF_HOOK ON_HOOK DIGIT
# NUMBER TIMEOUT, RING RING_END, ALERTING EARLY ANSWER, BUSY FAIL CLEAR.
NEXT = bytes(
    (letter - 65) & 0xFF
    for letter in (
        b"B----L-------"  # A ON_HOOK
        b"-ACDI------I-"  # B DIAL_TONE
        b"-A-DI------I-"  # C COLLECT
        b"-A--I--EFGHII"  # D CALLING
        b"-A------FGHII"  # E RINGBACK
        b"-A-------GHII"  # F EARLY: no local ringback any more, whatever else comes
        b"-A--------HII"  # G TALK
        b"-A--J--------"  # H BUSY_TONE
        b"-A--J--------"  # I REORDER_TONE
        b"-A--M--------"  # J HOWLER, not loud yet
        b"-A-----------"  # K LOCKOUT: silent until the receiver is back on its hook
        b"G---A-A----AA"  # L RINGING
        b"-A--N--------"  # M HOWLER_LOUD
        b"-A--K--------"  # N HOWLER_LOUDEST
    )
)
_TONES = b"\0\1\0\0\2\0\0\3\4\5\0\0\x0d\x0e"  # codes.TONE_* of each state


class Port:
    """One telephone line; read `state`, `tone`, `ringing`, `collecting` and `talking` after each verb."""

    def __init__(self, busy_ms: int, reorder_ms: int, howler_ms: int, calling_ms: int) -> None:
        """busy_ms, reorder_ms: that tone before the howler.  howler_ms: howler, in three steps of
        loudness, before silence, 0 = none.
        calling_ms: silence after dialling before the call counts as failed.
        """
        step_ms = (howler_ms + 2) // 3
        self.state = _ON_HOOK
        self.tones = bytearray(_TONES)  # TONE_* of each state; stutter may stand for dial tone
        self.tone = 0  # TONE_*
        self.ringing = False
        self.collecting = False  # digits dial
        self.talking = False  # the voice path is open
        self._limits_ms = array(
            "i", (-1, -1, -1, calling_ms, -1, -1, -1, busy_ms, reorder_ms, step_ms, -1, -1, step_ms, step_ms)
        )
        self._since = 0

    def reset(self, now: int) -> None:
        """Go back to on-hook, whatever was going on."""
        self._enter(_ON_HOOK, now)

    def feed(self, event: int, now: int) -> int:
        """Take one PORT_* event; return the INTENT_* it asks for, 0 = nothing.

        INTENT_HANGUP comes whenever a call is left by anything but the far end's clearing, so also after busy
        or failure: it means "see that no leg is left", and does nothing if none is.
        """
        state = self.state
        to = NEXT[state * _EVENTS + event]
        if to == _STAY:
            return _REJECT if event == _EV_RING else 0
        self._enter(to, now)
        if to == _CALLING:
            return _DIAL
        if to == _TALK:
            return _ANSWER if state == _RINGING else 0
        if not _IN_CALL >> state & 1 or _IN_CALL >> to & 1:
            return 0
        return 0 if event in (_EV_CLEAR, _EV_RING_END) else _HANGUP

    def poll(self, now: int) -> int:
        """Run the timer of the state; return an intent as `feed` does."""
        intent = 0
        while self.next_due(now) == 0:
            intent = self.feed(_EV_TIMEOUT, now) or intent
        return intent

    def next_due(self, now: int) -> int:
        """Return the ms until the state's own timer runs out, or -1 if it has none."""
        limit_ms = self._limits_ms[self.state]
        if limit_ms < 0:
            return -1
        left_ms = limit_ms - ticks.diff(now, self._since)
        return left_ms if left_ms > 0 else 0

    def _enter(self, state: int, now: int) -> None:
        self.state = state
        self.tone = self.tones[state]
        self.ringing = state == _RINGING
        self.collecting = _DIAL_TONE <= state <= _COLLECT
        self.talking = _EARLY <= state <= _TALK
        self._since = now
