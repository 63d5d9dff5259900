"""Challenge and response: MD5 only; a server that offers nothing better than plaintext is refused.

RFC 5456, sections 8.6.13 to 8.6.15; the text form of the result (lower hex) is Asterisk's.
"""

from micropython import const

from iax import ie

_IE_AUTHMETHODS = const(14)  # proto.IE_AUTHMETHODS
_IE_CHALLENGE = const(15)  # proto.IE_CHALLENGE
_IE_MD5_RESULT = const(16)  # proto.IE_MD5_RESULT
_FULL_HDR = const(12)  # proto.FULL_HDR
_AUTH_MD5 = const(2)  # proto.AUTH_MD5

_HEX = b"0123456789abcdef"


def challenge(buf: bytes, n: int) -> bytes:
    """Return the challenge of an AUTHREQ or REGAUTH of `n` octets, b"" if it cannot be met with MD5."""
    methods = ie.uint(buf, ie.find(buf, _FULL_HDR, n, _IE_AUTHMETHODS), 2)
    at = ie.find(buf, _FULL_HDR, n, _IE_CHALLENGE)
    if methods < 0 or not methods & _AUTH_MD5 or at == 0:
        return b""
    return bytes(buf[at : at + buf[at - 1]])


def put_result(buf: bytearray, at: int, digest: bytes) -> int:
    """Write MD5 RESULT, 32 hexadecimal digits of the 16 octets `digest`; return the end."""
    buf[at] = _IE_MD5_RESULT
    buf[at + 1] = 32
    at += 2
    for octet in digest:
        buf[at] = _HEX[octet >> 4]
        buf[at + 1] = _HEX[octet & 15]
        at += 2
    return at
