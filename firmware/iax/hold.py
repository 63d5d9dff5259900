"""Holding a call and being held: QUELCH and UNQUELCH, CONTROL HOLD, UNHOLD and FLASH, both ways.

QUELCH asks the peer to stop its voice, with music for who is behind it if wanted; HOLD only tells it (RFC
5456, sections 6.4.1 to 6.4.5). The core itself obeys a QUELCH; here the event for whoever shows it is made.
"""

from micropython import const

from iax import ie

_FT_CONTROL = const(4)  # proto.FT_CONTROL
_FT_IAX = const(6)  # proto.FT_IAX
_CONTROL_FLASH = const(9)  # proto.CONTROL_FLASH
_CONTROL_HOLD = const(16)  # proto.CONTROL_HOLD
_CONTROL_UNHOLD = const(17)  # proto.CONTROL_UNHOLD
_QUELCH = const(28)  # proto.QUELCH
_UNQUELCH = const(29)  # proto.UNQUELCH
_IE_MUSICONHOLD = const(26)  # proto.IE_MUSICONHOLD
_CALL_UP = const(4)  # codes.CALL_UP
_PART_SIGNAL = const(1)  # codes.PART_SIGNAL
_PART_OTHER = const(2)  # codes.PART_OTHER
_EV_HOLD = const(23)  # codes.EV_HOLD
_EV_FLASH = const(25)  # codes.EV_FLASH


class Hold:
    """Keeps nothing: orders become frames, frames become events."""

    def __init__(self, endpoint) -> None:
        self.ep = endpoint

    def quelch(self, leg, on: bool, music: "bytes | None", now: int) -> bool:
        """Ask the peer of an answered call to stop its voice, or to go on; False if it cannot be asked now.

        music: None for silence at the far end; b"" for the server's music, or the name of its class (at most
        40 octets). It stops with UNQUELCH.
        """
        if not on:
            music = None
        room = 0 if music is None else 2 + len(music)
        at = leg.open(_FT_IAX, _QUELCH if on else _UNQUELCH, room, now) if leg.state == _CALL_UP else -1
        if at >= 0:
            leg.close(at if music is None else ie.put(leg.window.buf, at, _IE_MUSICONHOLD, music), now)
        return at >= 0

    def hold(self, leg, on: bool, now: int) -> bool:
        """Tell the peer of an answered call that it is held, or no longer; False if it cannot be told now."""
        return leg.state == _CALL_UP and leg.say(_FT_CONTROL, _CONTROL_HOLD if on else _CONTROL_UNHOLD, now)

    def flash(self, leg, now: int) -> bool:
        """Pass a hook flash on to the peer of an answered call; False if that cannot be done now."""
        return leg.state == _CALL_UP and leg.say(_FT_CONTROL, _CONTROL_FLASH, now)

    def take(self, what: int, leg, buf: bytes, n: int, now: int) -> int:
        """Tell what the peer does with the call (codes.PART_*). QUELCH stays for the core to obey."""
        sub = buf[11] if what == _PART_SIGNAL or what == _PART_OTHER else 0  # others may be shorter
        if what == _PART_SIGNAL and (sub == _QUELCH or sub == _UNQUELCH):
            if leg.linked():
                self.ep.post(_EV_HOLD, leg.index, 1 if sub == _QUELCH else 0)
        elif what == _PART_OTHER and buf[10] == _FT_CONTROL:
            if sub == _CONTROL_HOLD or sub == _CONTROL_UNHOLD:
                self.ep.post(_EV_HOLD, leg.index, 1 if sub == _CONTROL_HOLD else 0)
                return 1
            if sub == _CONTROL_FLASH:
                self.ep.post(_EV_FLASH, leg.index, 0)
                return 1
        return 0
