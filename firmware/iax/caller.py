"""What a call tells about its caller: the elements of NEW that are the same in each call of an account.

They are made once, when the box starts, from what the user has set; then this file leaves RAM again.
Caller*ID (number, name, ANI …) is one thing, the account that authenticates (USERNAME) another: neither is
made from the other. RFC 5456, sections 6.2.2 and 8.6; ANI2, VARIABLE and the wide masks are Asterisk's.
"""

from micropython import const

_IE_CALLING_NUMBER = const(2)  # proto.IE_CALLING_NUMBER
_IE_CALLING_ANI = const(3)  # proto.IE_CALLING_ANI
_IE_CALLING_NAME = const(4)  # proto.IE_CALLING_NAME
_IE_CALLED_CONTEXT = const(5)  # proto.IE_CALLED_CONTEXT
_IE_USERNAME = const(6)  # proto.IE_USERNAME
_IE_CAPABILITY = const(8)  # proto.IE_CAPABILITY
_IE_FORMAT = const(9)  # proto.IE_FORMAT
_IE_LANGUAGE = const(10)  # proto.IE_LANGUAGE
_IE_ADSICPE = const(12)  # proto.IE_ADSICPE
_IE_DNID = const(13)  # proto.IE_DNID
_IE_RDNIS = const(28)  # proto.IE_RDNIS
_IE_CALLINGPRES = const(38)  # proto.IE_CALLINGPRES
_IE_CALLINGTON = const(39)  # proto.IE_CALLINGTON
_IE_CALLINGTNS = const(40)  # proto.IE_CALLINGTNS
_IE_ENCRYPTION = const(43)  # proto.IE_ENCRYPTION
_IE_CODEC_PREFS = const(45)  # proto.IE_CODEC_PREFS
_IE_VARIABLE = const(52)  # proto.IE_VARIABLE
_IE_CAPABILITY2 = const(55)  # proto.IE_CAPABILITY2
_IE_FORMAT2 = const(56)  # proto.IE_FORMAT2
_IE_CALLINGANI2 = const(57)  # proto.IE_CALLINGANI2
_CRYPT_AES128 = const(1)  # proto.CRYPT_AES128
_CRYPT_ROTATION = const(0x8000)  # proto.CRYPT_ROTATION

_PREFS_BASE = const(66)  # Asterisk writes format bits 1 … 6 as letters from 'C' on
_MOST = const(300)  # octets; a NEW with these, a number and the longest token fits the window of a call
# CALLINGPRES by the user's words (section 8.6.29): not screened; the last is "number not available".
_PRESENTATIONS = "allowed restricted unavailable".split()
_PRES = b"\0\x20\x43"


def elements(get, prefix: str, laws: bytes) -> bytes:
    """Return the elements of NEW that follow VERSION and CALLED NUMBER.

    get: name of a setting → its value.  prefix: of the account's settings, "account.1.".  laws: format bit
    numbers, best first.  ValueError with one clear line if a NEW cannot hold them, or a variable has no name.
    """

    def mine(name: str):
        """Return a setting of this account, by its whole name: short texts stay in RAM for ever."""
        return get(name.replace("account.N.", prefix))

    made = bytearray()
    letters = bytes([law + _PREFS_BASE for law in laws if 0 < law < 7])
    _put(made, _IE_CODEC_PREFS, letters)
    _caller(made, mine)
    _put(made, _IE_USERNAME, mine("account.N.user").encode())
    if mine("account.N.encryption") != "off":
        _put_uint(made, _IE_ENCRYPTION, 2, _CRYPT_AES128 | _CRYPT_ROTATION)  # a new key is always taken
    _formats(made, laws)
    _variables(made, mine("account.N.variables"), prefix)
    if len(made) > _MOST:
        raise ValueError(
            "%svariables: %d octets with number, name and all, more than %d" % (prefix, len(made), _MOST)
        )
    return bytes(made)


def _caller(made: bytearray, mine) -> None:
    """Who calls. What section 6.2.2 calls mandatory always, the rest if the user has set it."""
    _put(made, _IE_CALLING_NUMBER, mine("account.N.number").encode())
    _put_uint(made, _IE_CALLINGPRES, 1, _PRES[_PRESENTATIONS.index(mine("account.N.presentation"))])
    _put_uint(made, _IE_CALLINGTON, 1, mine("account.N.ton"))
    _put_uint(made, _IE_CALLINGTNS, 2, mine("account.N.tns"))
    _put(made, _IE_CALLING_NAME, mine("account.N.name").encode())
    if mine("account.N.ani"):
        _put(made, _IE_CALLING_ANI, mine("account.N.ani").encode())
    if mine("account.N.ani2"):
        _put_uint(made, _IE_CALLINGANI2, 4, mine("account.N.ani2"))
    for name, number in (
        ("account.N.rdnis", _IE_RDNIS),
        ("account.N.dnid", _IE_DNID),
        ("account.N.context", _IE_CALLED_CONTEXT),
        ("account.N.language", _IE_LANGUAGE),
    ):
        if mine(name):
            _put(made, number, mine(name).encode())
    if mine("account.N.adsi"):
        _put_uint(made, _IE_ADSICPE, 2, mine("account.N.adsi"))


def _formats(made: bytearray, laws: bytes) -> None:
    """Our wish and all that we can, in 32 bits; in 64 too only if 32 do not hold it."""
    able = 0
    for law in laws:
        able |= 1 << law
    wish = 1 << laws[0]
    _put_uint(made, _IE_FORMAT, 4, wish & 0xFFFFFFFF)
    _put_uint(made, _IE_CAPABILITY, 4, able & 0xFFFFFFFF)
    if able >> 32:
        _put_uint(made, _IE_FORMAT2, 9, wish)
        _put_uint(made, _IE_CAPABILITY2, 9, able)


def _variables(made: bytearray, text: str, prefix: str) -> None:
    """Each NAME=VALUE of `text`, parted by `;`, as an element of its own."""
    for part in text.split(";"):
        octets = part.strip().encode()
        if octets.find(b"=") > 0 and len(octets) < 256:
            _put(made, _IE_VARIABLE, octets)
        elif octets:
            raise ValueError(prefix + "variables: no short NAME=VALUE: " + part.strip())


def _put(made: bytearray, number: int, value: bytes) -> None:
    made.append(number)
    made.append(len(value))
    made.extend(value)


def _put_uint(made: bytearray, number: int, size: int, value: int) -> None:
    _put(made, number, bytes([value >> 8 * (size - 1 - i) & 0xFF for i in range(size)]))
