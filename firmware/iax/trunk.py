"""Trunk frames: the voice of several calls in one datagram (RFC 5456, sections 7.1 and 8.1.3.2).

A part of the endpoint, loaded only if an account has `trunk` on; it hears trunks of that account's server
and never sends one. Both layouts are read, with a time-stamp for each entry and without. An entry for a call
that we do not know is stepped over by its length, whatever it holds; what is cut short ends the walk.

The datagram stays where it is: each entry becomes the endpoint's rx_* in turn, as voice of a mini frame does.
An encrypted call is heard in its own frames only, for a server trunks in clear (Asterisk does).
"""

from array import array

from micropython import const

from iax.frame import u16

_META_HDR = const(8)
_TRUNK = const(1)  # the one meta command there is (RFC 5457, section 2.1)
_STAMPED = const(1)  # bit of the command data
_BARE = const(4)  # octets before an entry: call number, length …
_FULL = const(6)  # … or length, call number, time-stamp
_LEGS = const(4)
_NO_MAP = const(-1)
_OCTETS_PER_MS = const(8)
_LUMP_MS = const(60)  # what comes so soon after the voice before it follows that at once
_APART_MS = const(
    1000
)  # a trunk clock so far from the call's was set anew (it rests after 5 s without voice)

_PART_META = const(4)  # codes.PART_META
_PART_AGAIN = const(5)  # codes.PART_AGAIN
_PART_FREE = const(12)  # codes.PART_FREE
_RX_BAD = const(2)  # codes.RX_BAD
_RX_UNKNOWN_CALL = const(4)  # codes.RX_UNKNOWN_CALL
_RX_META = const(32)  # codes.RX_META
_RX_FOREIGN = const(36)  # codes.RX_FOREIGN
_RX_CIPHER = const(37)  # codes.RX_CIPHER


class Trunk:
    """Walks through one trunk frame at a time."""

    def __init__(self, endpoint) -> None:
        self._ep = endpoint
        self._buf = b""  # the frame being walked through
        self._at = 0
        self._end = 0  # 0 = none
        self._stamped = False
        # for each leg: its clock less the trunk's, modulo 2**16, and where a second entry in a frame goes on
        self._map = array("i", [_NO_MAP] * _LEGS)
        self._next = array("i", [_NO_MAP] * _LEGS)

    def take(self, what: int, leg, buf: bytes, n: int, now: int) -> int:
        """Take a meta frame of `n` octets, or go on with it: 2 = voice, 1 = done, 0 = not ours or no more."""
        if what == _PART_AGAIN:
            return self._walk(now) if self._end else 0
        if what == _PART_FREE:
            self._map[leg.index] = _NO_MAP
            return 0
        if what != _PART_META or not self._wanted():
            return 0
        if buf[2] & 0x80:
            self._ep.stats.count(_RX_FOREIGN)  # video
            return 1
        if buf[2] != _TRUNK or n < _META_HDR:
            return 0
        self._ep.stats.count(_RX_META)
        self._buf = buf
        self._at = _META_HDR
        self._end = n
        self._stamped = buf[3] & _STAMPED != 0
        for i in range(_LEGS):
            self._next[i] = _NO_MAP
        return self._walk(now) or 1

    def _wanted(self) -> bool:
        """True if the frame came from the server of an account that may trunk; two may share one."""
        ep = self._ep
        for account in ep.accounts:
            if account.trunk and (ep.same[account.peer] or account.peer) == ep.rx_peer:
                return True
        return False

    def _walk(self, now: int) -> int:
        """Go on to the next entry that can be heard: 2, or 0 at the end."""
        buf = self._buf
        header = _FULL if self._stamped else _BARE
        while self._at < self._end:
            at = self._at
            n = u16(buf, at if self._stamped else at + 2) if at + header <= self._end else self._end
            self._at = at + header + n
            if self._at > self._end:
                self._ep.stats.count(_RX_BAD)
                break
            if n and self._entry(u16(buf, at + 2 if self._stamped else at) & 0x7FFF, at + header, n, now):
                return 2
        self._end = 0
        self._buf = b""
        return 0

    def _entry(self, number: int, at: int, n: int, now: int) -> int:
        ep = self._ep
        for leg in ep.legs:
            if leg.peer == ep.rx_peer and leg.dcallno == number and leg.linked() and leg.account.trunk:
                if leg.cipher is None:
                    return leg.hear(self._stamp(leg, at, n, now), self._buf, at, n, now)
                ep.stats.count(_RX_CIPHER)
                return 0
        ep.stats.count(_RX_UNKNOWN_CALL)
        return 0

    def _stamp(self, leg, at: int, n: int, now: int) -> int:
        """Return the 16-bit time-stamp of an entry by the clock of its call.

        Without one of its own it has that of the trunk, whose clock is another one: the two are laid side by
        side at the first entry, on the grid of the voice before it, and again when they drift apart.
        """
        if self._stamped:
            return u16(self._buf, at - 2)
        index = leg.index
        stamp = self._next[index]
        if stamp == _NO_MAP:
            trunk = u16(self._buf, 6)
            due = (now & 0xFFFF) - (leg.transit & 0xFFFF)  # what the call's clock shows over there
            stamp = trunk + self._map[index] & 0xFFFF
            apart = (stamp - due & 0xFFFF) ^ 0x8000
            if self._map[index] == _NO_MAP or not -_APART_MS <= apart - 0x8000 <= _APART_MS:
                last = leg.heard_ts & 0xFFFF
                silent = due - last & 0xFFFF
                next_one = silent < _LUMP_MS or silent > 0xFFFF - _APART_MS
                stamp = last + (20 if next_one else silent - silent % 20) & 0xFFFF
                self._map[index] = stamp - trunk & 0xFFFF
        self._next[index] = stamp + n // _OCTETS_PER_MS & 0xFFFF
        return stamp
