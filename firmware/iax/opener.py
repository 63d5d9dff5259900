"""An account, the content of its NEW, its answer to a challenge, and the choice of a codec.

RFC 5456, sections 6.2.2, 8.6.7, 8.6.8 and 8.6.13 to 8.6.15; the hexadecimal of the result is Asterisk's.

Formats are known by their bit number; every format an ATA can play lies in the low 16 bits of the masks.
"""

from binascii import hexlify

from micropython import const

from iax import ie

_IE_CALLED_NUMBER = const(1)  # proto.IE_CALLED_NUMBER
_IE_CAPABILITY = const(8)  # proto.IE_CAPABILITY
_IE_FORMAT = const(9)  # proto.IE_FORMAT
_IE_VERSION = const(11)  # proto.IE_VERSION
_IE_DATETIME = const(31)  # proto.IE_DATETIME
_IE_CAUSECODE = const(42)  # proto.IE_CAUSECODE
_IE_CAPABILITY2 = const(55)  # proto.IE_CAPABILITY2
_IE_FORMAT2 = const(56)  # proto.IE_FORMAT2
_VERSION = const(2)  # proto.VERSION
_FULL_HDR = const(12)  # proto.FULL_HDR
_TOLD_MOST = const(400)
_IE_AUTHMETHODS = const(14)  # proto.IE_AUTHMETHODS
_IE_CHALLENGE = const(15)  # proto.IE_CHALLENGE
_IE_MD5_RESULT = const(16)  # proto.IE_MD5_RESULT
_AUTH_MD5 = const(2)  # proto.AUTH_MD5
_NOT_PLAIN = const(0xFE)
_AUTH_REFUSED = const(18)  # codes.AUTH_REFUSED
_PART_PROVE = const(7)  # codes.PART_PROVE


class Account:
    """One account: who serves it, name and secret there, how we call and what we allow.

    index: number of the account less 1.  peer: index of the server in use.  user, secret: at most 64 octets.
    elements: what each of its NEWs says after CALLED NUMBER, made by iax/caller.py.  laws: format bit numbers
    in the user's order, bytes((2, 3)) for µ-law before A-law.  refresh_s: registration asked for, seconds.
    """

    def __init__(self, index: int, peer: int, user: bytes, secret: bytes) -> None:
        self.index = index
        self.peer = peer
        self.user = user
        self.secret = secret
        self.elements = b""
        self.laws = b"\x02\x03"
        self.refresh_s = 60
        self.methods = 2  # AUTHMETHODS that we may answer with: 1 plain text, 2 MD5, 4 RSA
        self.crypt = 0  # 0 clear, 1 encrypted if the server can, 2 encrypted or not at all
        self.demand = False  # callers must prove the secret
        self.transfer = False  # native transfers
        self.trunk = False  # trunk frames


def put_new(buf: bytearray, at: int, account, number: bytes) -> int:
    """Write the elements of a NEW that calls `number`, without the token; return the end.

    VERSION first, as section 6.2.2 wants; what is the same in each call of the account lies ready.
    """
    at = ie.put_uint(buf, at, _IE_VERSION, 2, _VERSION)
    at = ie.put(buf, at, _IE_CALLED_NUMBER, number)
    end = at + len(account.elements)
    buf[at:end] = account.elements
    return end


def _formats(buf: bytes, n: int, wide: int, narrow: int) -> int:
    """The low 16 bits of a 64-bit mask, or of its 32-bit elder if that is absent or zero; -1: neither."""
    bits = ie.uint(buf, ie.find(buf, _FULL_HDR, n, wide), 9)
    if bits > 0:
        return bits
    old = ie.uint(buf, ie.find(buf, _FULL_HDR, n, narrow), 4)
    return bits if old < 0 else old


def accepted_law(buf: bytes, n: int, laws: bytes) -> int:
    """Return the format bit an ACCEPT chose; our first wish if it names none; -1 if it is none of `laws`."""
    bits = _formats(buf, n, _IE_FORMAT2, _IE_FORMAT)
    return laws[0] if bits < 0 else _first(bits, laws)


def offered_law(buf: bytes, n: int, laws: bytes) -> int:
    """Return the first of `laws` that a NEW offers as its wish or among its capabilities, -1 if none."""
    wish = _formats(buf, n, _IE_FORMAT2, _IE_FORMAT)
    able = _formats(buf, n, _IE_CAPABILITY2, _IE_CAPABILITY)
    return _first((wish if wish > 0 else 0) | (able if able > 0 else 0), laws)


def _first(bits: int, laws: bytes) -> int:
    for law in laws:
        if bits >> law & 1:
            return law
    return -1


def cause(buf: bytes, n: int, otherwise: int) -> int:
    """Return the Q.850 cause of a HANGUP, REJECT or REGREJ of `n` octets, `otherwise` if it has none."""
    code = ie.uint(buf, ie.find(buf, _FULL_HDR, n, _IE_CAUSECODE), 1)
    return otherwise if code < 0 else code


def copy_text(buf: bytes, n: int, number: int, most: int) -> bytes:
    """Return a copy of text element `number`, cut to `most` octets; b"" if absent."""
    at = ie.find(buf, _FULL_HDR, n, number)
    size = buf[at - 1] if at else 0
    return bytes(buf[at : at + (size if size < most else most)])


def copy_elements(buf: bytes, n: int) -> bytes:
    """Return a copy of the elements of a frame of `n` octets: as many whole ones as fit into 400 octets."""
    end = _FULL_HDR
    while end < n and end + 2 + buf[end + 1] <= _FULL_HDR + _TOLD_MOST:
        end += 2 + buf[end + 1]
    return bytes(buf[_FULL_HDR:end])


def date30(buf: bytes, n: int) -> int:
    """Return DATETIME with its year counted from 2020 in 5 bits, below 2**30; -1 if absent or out of that.

    year month day hour minute, second / 2: 5 4 5 5 6 5 bits (RFC 5456, section 8.6.28).
    """
    at = ie.find(buf, _FULL_HDR, n, _IE_DATETIME)
    if at == 0 or buf[at - 1] != 4 or not 40 <= buf[at] < 104:
        return -1
    return buf[at] - 40 << 24 | buf[at + 1] << 16 | buf[at + 2] << 8 | buf[at + 3]


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
