"""Callers prove the secret of their account: AUTHREQ with an MD5 challenge, and the judgement of AUTHREP.

RFC 5456, sections 6.2.5 and 8.6.13 to 8.6.15. Only MD5 is asked for: a server asked for plain text would tell
the secret to whoever stands in between. A guest has no secret and is let through: iax/gate.py judged it.
"""

from binascii import hexlify

from micropython import const

from iax import ie

_FT_IAX = const(6)  # proto.FT_IAX
_AUTHREQ = const(8)  # proto.AUTHREQ
_IE_USERNAME = const(6)  # proto.IE_USERNAME
_IE_AUTHMETHODS = const(14)  # proto.IE_AUTHMETHODS
_IE_CHALLENGE = const(15)  # proto.IE_CHALLENGE
_IE_MD5_RESULT = const(16)  # proto.IE_MD5_RESULT
_IE_ENCRYPTION = const(43)  # proto.IE_ENCRYPTION
_AUTH_MD5 = const(2)  # proto.AUTH_MD5
_CRYPT_AES128 = const(1)  # proto.CRYPT_AES128
_FULL_HDR = const(12)  # proto.FULL_HDR

_PART_KEY = const(8)  # codes.PART_KEY
_PART_CHALLENGE = const(9)  # codes.PART_CHALLENGE
_PART_VERIFY = const(10)  # codes.PART_VERIFY
_LEG_PROVEN = const(15)  # codes.LEG_PROVEN

_GUEST = const(9)  # the peer that a stranger is while it calls


class Demand:
    """The optional part for accounts with `demand`."""

    def __init__(self, endpoint) -> None:
        self._ep = endpoint
        self._challenges = {}  # by index of the leg, until they are met

    def take(self, what: int, leg, buf: bytes, n: int, now: int) -> int:
        """Challenge the caller of `leg`, and judge his answer: 1 = proven."""
        if what == _PART_CHALLENGE:
            if leg.peer == _GUEST:
                leg.step(_LEG_PROVEN, now)
            else:
                self._challenge(leg, buf, n, now)
            return 1
        if what == _PART_VERIFY:
            return 1 if leg.peer == _GUEST or self._proven(leg, buf, n) else 0
        return 0

    def _challenge(self, leg, new: bytes, n: int, now: int) -> None:
        """Queue AUTHREQ; nine digits as Asterisk's. From then on the call may be encrypted."""
        account = leg.account
        random = self._ep.crypto.random
        challenge = b"%09d" % (random(30) % 1000000000)
        self._challenges[leg.index] = challenge
        at = leg.open(_FT_IAX, _AUTHREQ, 21 + len(account.user), now)
        if at < 0:
            return
        start = at - _FULL_HDR
        out = leg.window.buf
        at = ie.put_uint(out, at, _IE_AUTHMETHODS, 2, _AUTH_MD5)
        at = ie.put(out, at, _IE_CHALLENGE, challenge)
        at = ie.put(out, at, _IE_USERNAME, account.user)
        offered = ie.uint(new, ie.find(new, _FULL_HDR, n, _IE_ENCRYPTION), 2)
        if account.crypt & 3 and offered > 0 and offered & _CRYPT_AES128:
            at = ie.put_uint(out, at, _IE_ENCRYPTION, 2, _CRYPT_AES128)
        request = bytes(out[start:at])
        leg.close(at, now)
        self._ep.ask(_PART_KEY, leg, request, len(request), now)

    def _proven(self, leg, buf: bytes, n: int) -> bool:
        """True if AUTHREP holds MD5 of challenge and secret; its time does not tell where it errs."""
        challenge = self._challenges.pop(leg.index, b"")
        secret = leg.account.secret
        at = ie.find(buf, _FULL_HDR, n, _IE_MD5_RESULT)
        if not challenge or not secret or at == 0 or buf[at - 1] != 32:
            return False
        wanted = hexlify(self._ep.crypto.md5(challenge, secret))
        given = bytes(buf[at : at + 32]).lower()
        wrong = 0
        for i in range(32):
            wrong |= given[i] ^ wanted[i]
        return wrong == 0
