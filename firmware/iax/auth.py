"""Meeting a challenge with MD5; whatever else an account allows is left to an optional part.

RFC 5456, sections 8.6.13 to 8.6.15; the text form of the result (lower hex) is Asterisk's.
"""

from binascii import hexlify

from micropython import const

from iax import ie

_IE_AUTHMETHODS = const(14)  # proto.IE_AUTHMETHODS
_IE_CHALLENGE = const(15)  # proto.IE_CHALLENGE
_IE_MD5_RESULT = const(16)  # proto.IE_MD5_RESULT
_FULL_HDR = const(12)  # proto.FULL_HDR
_AUTH_MD5 = const(2)  # proto.AUTH_MD5
_NOT_PLAIN = const(0xFE)

_AUTH_REFUSED = const(18)  # codes.AUTH_REFUSED
_PART_PROVE = const(7)  # codes.PART_PROVE


def meet(dialog, buf: bytes, n: int, now: int) -> bool:
    """Answer the AUTHREQ or REGAUTH `buf` of `n` octets by `dialog.send_proof`, now or when it is computed.

    False if none of the methods offered is allowed and possible. A server that once offered MD5 never gets
    the secret in clear: who asks for it later is somebody else.
    """
    account = dialog.account
    methods = ie.uint(buf, ie.find(buf, _FULL_HDR, n, _IE_AUTHMETHODS), 2)
    offers_md5 = methods > 0 and methods & _AUTH_MD5 != 0
    if offers_md5:
        account.methods &= _NOT_PLAIN
    if account.methods != _AUTH_MD5 and dialog.ep.ask(_PART_PROVE, dialog, buf, n, now):
        return True
    at = ie.find(buf, _FULL_HDR, n, _IE_CHALLENGE)
    size = buf[at - 1] if at else 0
    if not (offers_md5 and account.methods & _AUTH_MD5 and size and account.secret):
        dialog.ep.stats.count(_AUTH_REFUSED)
        return False
    digest = dialog.ep.crypto.md5(bytes(buf[at : at + size]), account.secret)
    dialog.send_proof(_IE_MD5_RESULT, hexlify(digest), now)
    return True
