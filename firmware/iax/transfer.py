"""Native transfer, our end of it: a server that joins two calls may leave, and the ends talk directly.

TXREQ names the other end, TXCNT and TXACC prove that the two can hear each other, TXREADY tells the server,
and its TXREL moves the leg (RFC 5456, section 6.5). Until then all goes through the server, so whatever fails
on the way, the call stays as it was. A way that was not proven is never taken: TXREL before TXACC is nothing.
When the other end sends a frame again and again, it has had its TXREL and ours is lost: then we go as well.
TXMEDIA, which parts voice from signalling, is refused.
"""

from array import array

from micropython import const

import ticks
from iax import ie
from iax.frame import put_full, put_tail, put_u16, u16

_NONE = const(0)  # codes.XFER_NONE
_BEGIN = const(1)  # codes.XFER_BEGIN
_READY = const(2)  # codes.XFER_READY
_DIRECT = const(3)  # codes.XFER_DIRECT
_OVER = const(4)  # codes.XFER_OVER

_REQUEST = const(0)  # codes.XFEREV_REQUEST
_ACCEPT = const(1)  # codes.XFEREV_ACCEPT
_RELEASE = const(2)  # codes.XFEREV_RELEASE
_MEDIA = const(3)  # codes.XFEREV_MEDIA
_REJECT = const(4)  # codes.XFEREV_REJECT
_TIME = const(5)  # codes.XFEREV_TIME
_FREE = const(6)  # codes.XFEREV_FREE
_N_EV = const(7)
_STAY = const(236)  # what `-` becomes below

# Letters are the next states, `-` is no move. From left to right: REQUEST ACCEPT RELEASE MEDIA, REJECT TIME
# FREE.
NEXT = bytes(
    (letter - 65) & 0xFF
    for letter in (
        b"B------"  # A NONE
        b"BC-AAAE"  # B BEGIN
        b"B-DAAAE"  # C READY
        b"------E"  # D DIRECT
        b"B----A-"  # E OVER
    )
)

_FT_IAX = const(6)  # proto.FT_IAX
_HANGUP = const(5)  # proto.HANGUP
_TXREQ = const(22)  # proto.TXREQ
_TXCNT = const(23)  # proto.TXCNT
_TXACC = const(24)  # proto.TXACC
_TXREADY = const(25)  # proto.TXREADY
_TXREL = const(26)  # proto.TXREL
_TXREJ = const(27)  # proto.TXREJ
_TXMEDIA = const(38)  # proto.TXMEDIA
_IE_APPARENT_ADDR = const(18)  # proto.IE_APPARENT_ADDR
_IE_CALLNO = const(21)  # proto.IE_CALLNO
_IE_TRANSFERID = const(27)  # proto.IE_TRANSFERID
_IE_CAUSECODE = const(42)  # proto.IE_CAUSECODE
_FULL_HDR = const(12)  # proto.FULL_HDR
_GHOST_MS = const(35000)  # proto.GHOST_MS
_CLOSING_MS = const(10000)  # proto.CLOSING_MS

_CALL_UP = const(4)  # codes.CALL_UP
_CALL_CLOSING = const(7)  # codes.CALL_CLOSING
_PART_SIGNAL = const(1)  # codes.PART_SIGNAL
_PART_STRAY = const(3)  # codes.PART_STRAY
_PART_NEW = const(6)  # codes.PART_NEW
_PART_FREE = const(12)  # codes.PART_FREE
_EV_DIRECT = const(22)  # codes.EV_DIRECT
_LOG_DIRECT = const(17)  # codes.LOG_DIRECT

_GUEST = const(9)  # the first peer that is no server of ours
_ENDS = const(10)  # peer of leg 0's other end
_SENDS = const(4)  # of a TXCNT; the first often comes before the other end has its TXREQ
_SOON_MS = const(250)
_AGAIN_MS = const(1000)
_TXCNT_LEN = const(18)
_SOCKADDR_LEN = const(16)


class Transfer:
    """The transfers of all legs; to the endpoint a part, and a dialog without number that has a clock."""

    def __init__(self, endpoint, net) -> None:
        """endpoint: with all its legs.  net: the HAL's; other ends become its peers 10, 11, …"""
        self.ep = endpoint
        self.net = net
        self.state = self.scallno = self.peer = 0
        self.cipher = None
        legs = len(endpoint.legs)
        self.states = bytearray(legs)
        self._sends = bytearray(legs)
        self._due = array("i", bytes(4 * legs))
        self._frames = [bytearray(_TXCNT_LEN) for _ in range(legs)]  # TXCNT: it also keeps who and which
        self._ids = [memoryview(frame)[_FULL_HDR:] for frame in self._frames]  # its TRANSFERID

    # -- facts from the wire ---------------------------------------------------------------------------

    def take(self, what: int, leg, buf: bytes, n: int, now: int) -> int:
        """Take what concerns a transfer (codes.PART_*); 0 leaves it to the core, which refuses a TXREQ."""
        if what == _PART_SIGNAL:
            return self._signal(leg, buf, n, now)
        if what == _PART_STRAY:
            return self._stray(buf, now)
        if what == _PART_NEW:
            return 1 if self.ep.rx_peer >= _ENDS else 0  # the end of one call may not begin another
        if what == _PART_FREE:
            self._step(leg.index, _FREE, buf, now)
        return 0

    def _signal(self, leg, buf: bytes, n: int, now: int) -> int:
        sub = buf[11]
        if sub == _TXREQ:
            return self._request(leg, buf, n, now)
        event = _RELEASE if sub == _TXREL else _MEDIA if sub == _TXMEDIA else _REJECT if sub == _TXREJ else -1
        if event < 0:
            return 0
        self._step(leg.index, event, buf, now)
        return 1

    def _request(self, leg, buf: bytes, n: int, now: int) -> int:
        """TXREQ: from the server of an answered clear call, to an IPv4 address that can be one of a host.

        The one step that takes octets from the heap.
        """
        number = ie.uint(buf, ie.find(buf, _FULL_HDR, n, _IE_CALLNO), 2)
        at = ie.find(buf, _FULL_HDR, n, _IE_APPARENT_ADDR)
        allowed = leg.account.transfer and leg.state == _CALL_UP and leg.peer < _GUEST and not leg.cipher
        if not allowed or not 0 < number < 0x8000 or at == 0 or buf[at - 1] != _SOCKADDR_LEN:
            return 0
        address = bytes(buf[at + 4 : at + 8]) + bytes(buf[at + 2 : at + 4])
        hosts = 0 < address[0] < 224 and u16(address, 4)
        if not hosts or not self.net.place(_ENDS + leg.index, address):
            self._step(leg.index, _REJECT, buf, now)  # of an earlier TXREQ nothing is left either
            return 0
        frame = self._frames[leg.index]
        put_full(frame, 0, leg.scallno, number, 0, 0)
        put_tail(frame, 0, 0, 0, _FT_IAX, _TXCNT)
        at = ie.find(buf, _FULL_HDR, n, _IE_TRANSFERID)
        ie.put(frame, _FULL_HDR, _IE_TRANSFERID, buf[at : at + 4] if at and buf[at - 1] == 4 else bytes(4))
        self._step(leg.index, _REQUEST, buf, now)
        return 1

    def _stray(self, buf: bytes, now: int) -> int:
        """A full frame of no dialog: TXCNT, TXACC, what the other end sends too early, a TXREL again."""
        ep = self.ep
        sub = buf[11] if buf[10] == _FT_IAX else 0
        number = u16(buf, 2) & 0x7FFF
        index = ep.rx_peer - _ENDS
        if index < 0:
            return self._again(buf, number) if sub == _TXREL else 0
        state = self.states[index]
        if state != _BEGIN and state != _READY:
            return 0
        if number == ep.legs[index].scallno:
            if sub == _TXCNT:
                ep.answer(buf, _TXACC, 0, 0, number)
                ep.small[_FULL_HDR:_TXCNT_LEN] = self._ids[index]
                ep.small_n = _TXCNT_LEN
            elif sub == _TXACC:
                self._step(index, _ACCEPT, buf, now)
            elif state == _READY and buf[2] & 0x80:  # it waits for our ACK: our own TXREL is lost
                self._step(index, _RELEASE, buf, now)
        return 1  # all else comes again, and may find the leg moved

    def _again(self, buf: bytes, number: int) -> int:
        """TXREL of the server that we have left: our ACK was lost."""
        for leg in self.ep.legs:
            if leg.scallno == number and self.states[leg.index] == _DIRECT:
                self.ep.acknowledge(buf)
                return 1
        return 0

    # -- the table -------------------------------------------------------------------------------------

    def _step(self, index: int, event: int, buf: bytes, now: int) -> None:
        before = self.states[index]
        nxt = NEXT[before * _N_EV + event]
        if nxt == _STAY:
            return
        self.states[index] = nxt
        leg = self.ep.legs[index]
        if nxt == _BEGIN:
            self._sends[index] = 0
            self._due[index] = now
        elif nxt == _READY:
            self._enter_ready(leg, now)
        elif nxt == _DIRECT:
            self._enter_direct(leg, buf, now)
        elif nxt == _OVER:
            self._due[index] = ticks.add(now, _GHOST_MS)
        else:
            self.net.place(_ENDS + index, b"")
            if event != _REJECT and before != _OVER:
                leg.say(_FT_IAX, _TXREJ, now)
        if nxt == _DIRECT or (nxt == _NONE and before != _OVER):
            direct = 1 if nxt == _DIRECT else 0
            self.ep.post(_EV_DIRECT, index, direct)
            self.ep.log.put(now, _LOG_DIRECT, index, direct)

    def _enter_ready(self, leg, now: int) -> None:
        at = leg.open(_FT_IAX, _TXREADY, 10, now)
        if at < 0:
            self._step(leg.index, _TIME, b"", now)
            return
        buf = leg.window.buf
        at = ie.put_uint(buf, at, _IE_CALLNO, 2, leg.scallno)
        buf[at : at + 6] = self._ids[leg.index]
        leg.close(at + 6, now)

    def _enter_direct(self, leg, buf: bytes, now: int) -> None:
        """The leg is the other end's: numbers, order, clock and codec begin again, as Asterisk has it.

        Who hung up in this moment tells the other end, for the server is out of it.
        """
        if self.ep.rx_peer < _ENDS:
            self.ep.acknowledge(buf)
        law = leg.law
        leg.begin(_ENDS + leg.index, leg.scallno, now)
        leg.dcallno = u16(self._frames[leg.index], 2)
        leg.proven = True
        leg.hush(law)
        if leg.state != _CALL_CLOSING:
            leg.set_deadline(now, 0)
            return
        leg.set_deadline(now, _CLOSING_MS)
        at = leg.open(_FT_IAX, _HANGUP, 3, now)
        leg.close(ie.put_uint(leg.window.buf, at, _IE_CAUSECODE, 1, leg.cause & 0x7F), now)

    # -- time ------------------------------------------------------------------------------------------

    def _wait_ms(self, index: int, now: int) -> int:
        """Milliseconds until this leg's timer, -1 = it has none."""
        state = self.states[index]
        if state != _BEGIN and state != _OVER:
            return -1
        wait_ms = ticks.diff(self._due[index], now)
        return wait_ms if wait_ms > 0 else 0

    def poll(self, now: int) -> None:
        """Let time pass: the last TXCNT is not answered, the other end of an old call is to be forgotten."""
        for index in range(len(self.states)):
            done = self.states[index] == _OVER or self._sends[index] == _SENDS
            if done and self._wait_ms(index, now) == 0:
                self._step(index, _TIME, b"", now)

    def poll_tx(self, now: int) -> int:
        """Return the length of a TXCNT that is due, in `ep.tx_buf`; 0 = none."""
        for index in range(len(self.states)):
            due = self.states[index] == _BEGIN and self._wait_ms(index, now) == 0
            if due and self._sends[index] < _SENDS:
                self._due[index] = ticks.add(now, _AGAIN_MS if self._sends[index] else _SOON_MS)
                self._sends[index] += 1
                frame = self._frames[index]
                stamp = self.ep.legs[index].clock(now)
                put_u16(frame, 4, stamp >> 16)
                put_u16(frame, 6, stamp)
                self.peer = _ENDS + index
                self.ep.tx_buf = frame
                self.ep.tx_at = 0
                return _TXCNT_LEN
        return 0

    def next_due(self, now: int) -> int:
        """Milliseconds until `poll` or `poll_tx` has something to do, -1 = never."""
        due = -1
        for index in range(len(self.states)):
            due = ticks.sooner(due, self._wait_ms(index, now))
        return due

    def give_up(self, now: int) -> None:
        """Never asked for: nothing here waits in a window."""
