"""Who may call: a caller shows by a CALLTOKEN that it is where it says, before anything is kept of its NEW.

The token is ours: 4 digits of time and 12 of MD5 over a secret of this boot, the time, the sender's address
and its call number. CALLTOKEN is Asterisk's, of 2009, and not in RFC 5456. No answer is longer than what it
answers.
"""

from binascii import hexlify

from micropython import const

from iax import ie
from iax.frame import classify, u16

_FT_IAX = const(6)  # proto.FT_IAX
_NEW = const(1)  # proto.NEW
_REJECT = const(6)  # proto.REJECT
_CALLTOKEN = const(40)  # proto.CALLTOKEN
_IE_CAUSECODE = const(42)  # proto.IE_CAUSECODE
_IE_CALLTOKEN = const(54)  # proto.IE_CALLTOKEN
_CAUSE_BUSY = const(17)  # proto.CAUSE_BUSY
_FULL_HDR = const(12)  # proto.FULL_HDR

_RX_STRANGER = const(1)  # codes.RX_STRANGER
_TOKEN_ASKED = const(33)  # codes.TOKEN_ASKED
_TOKEN_WRONG = const(34)  # codes.TOKEN_WRONG
_PART_NEW = const(6)  # codes.PART_NEW
_PART_STRANGER = const(13)  # codes.PART_STRANGER

_FULL = const(1)  # what classify returns
_LONGEST = const(1500)
_TOKEN = const(16)
_TIME = const(4)
_STEP = const(8)  # token time counts steps of 256 ms …
_STEPS = const(0x3FFFFF)  # … as long as the ticks do
_LIFE = const(39)  # steps: just under 10 s
_GUEST = const(9)  # the peer that a stranger becomes while it calls


class Gate:
    """The optional part that judges callers. guests: may strangers call at all? Then one at a time."""

    def __init__(self, endpoint, net, guests: bool) -> None:
        self._ep = endpoint
        self._net = net
        self._guests = guests
        self._guest = b""  # address of peer 9
        self._able = 0  # a bit for each peer that has shown a right token
        random = endpoint.crypto.random
        self._secret = bytes([random(8) for _ in range(16)])

    def take(self, what: int, leg, buf: bytes, n: int, now: int) -> int:
        """Answer or drop what may not pass: 1; 0 lets a NEW in."""
        if what == _PART_NEW:
            peer = self._ep.rx_peer
            return 0 if self._passes(buf, n, bytes((peer,)) if peer != _GUEST else self._guest, now) else 1
        if what == _PART_STRANGER and self._guests:
            return self._meet(buf, n, now)
        return 0

    def _meet(self, buf: bytes, n: int, now: int) -> int:
        """Let a stranger in who calls with a right token: it becomes peer 9."""
        src = self._net.src
        if not src or n > _LONGEST or classify(buf, n) != _FULL or not ie.check(buf, _FULL_HDR, n):
            return 0
        if (
            buf[10] != _FT_IAX
            or buf[11] != _NEW
            or buf[8]
            or u16(buf, 0) & 0x7FFF < 2
            or u16(buf, 2) & 0x7FFF
        ):
            return 0
        if not self._passes(buf, n, src, now):
            return 1
        for dialog in self._ep.dialogs:
            if dialog.peer == _GUEST and dialog.state and self._guest != src:
                self._ep.answer(buf, _REJECT, 0, 1, 1)
                self._ep.small_n = ie.put_uint(self._ep.small, _FULL_HDR, _IE_CAUSECODE, 1, _CAUSE_BUSY)
                return 1
        if self._net.place(_GUEST, src):
            self._guest = src
            self._ep.feed_datagram(buf, _GUEST, now)
        return 1

    def _passes(self, buf: bytes, n: int, who: bytes, now: int) -> bool:
        """True if the NEW `buf` has a right token, or comes from an old server that knows of none.

        Who once had a right token needs one from then on: a spoofed NEW could as well leave it out. What does
        not pass is answered, if that is due: by a token, or by REJECT.
        """
        ep = self._ep
        at = ie.find(buf, _FULL_HDR, n, _IE_CALLTOKEN)
        known = 1 << who[0] if len(who) == 1 else 0
        if at == 0 and not known & self._able:
            if not known:
                ep.stats.count(_RX_STRANGER)
            return known > 0
        size = buf[at - 1] if at else -1
        if size == 0:
            self._challenge(buf, n, who, now)
            return False
        if size == _TOKEN and self._right(bytes(buf[at : at + size]), who, buf, now):
            self._able |= known
            return True
        ep.stats.count(_TOKEN_WRONG)
        ep.answer(buf, _REJECT, 0, 1, 1)
        return False

    def _challenge(self, buf: bytes, n: int, who: bytes, now: int) -> None:
        self._ep.stats.count(_TOKEN_ASKED)
        if n < _FULL_HDR + 2 + _TOKEN:
            return
        token = self._token(now >> _STEP, who, buf)
        self._ep.answer(buf, _CALLTOKEN, 0, 1, 1)
        self._ep.small_n = ie.put(self._ep.small, _FULL_HDR, _IE_CALLTOKEN, token)

    def _token(self, made: int, who: bytes, buf: bytes) -> bytes:
        """Return the token of the caller `who` and its number for the moment `made`, in steps.

        It shows 16 bits of that, which come again after 4.7 h, and proves 22, which do after 12 days.
        """
        digest = self._ep.crypto.md5(self._secret, b"%06x" % made + who + bytes((buf[0] & 0x7F, buf[1])))
        return b"%04x" % (made & 0xFFFF) + hexlify(digest)[: _TOKEN - _TIME]

    def _right(self, token: bytes, who: bytes, buf: bytes, now: int) -> bool:
        try:
            age = (now >> _STEP) - int(token[:_TIME], 16) & 0xFFFF
        except ValueError:
            return False
        return age < _LIFE and token == self._token((now >> _STEP) - age & _STEPS, who, buf)
