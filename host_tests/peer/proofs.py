"""What a device sends to prove itself, and whether it is right: MD5, RSA, the secret itself.

RFC 5456, sections 8.6.13 to 8.6.16. An RSA key is the pair (n, e); the signature is RSASSA-PKCS1-v1_5 with
SHA-1 (RFC 8017, section 8.2.2), checked here with whole numbers and nothing else.
"""

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .account import Account

PLAIN, MD5, RSA = 1, 2, 4
_SHA1_HEAD = bytes.fromhex("3021300906052b0e03021a05000414")

PublicKey = tuple[int, int]


def proven(account: "Account", ie: dict, challenge: bytes, offered: int) -> bool:
    """Return whether the elements of AUTHREP or REGREQ prove `account`, by a method that was offered."""
    if "RSA_RESULT" in ie:
        return bool(offered & RSA) and right_signature(ie["RSA_RESULT"], challenge, account.rsa)
    if "MD5_RESULT" in ie:
        return bool(offered & MD5) and right_digest(ie["MD5_RESULT"], challenge, account.secret)
    return bool(offered & PLAIN) and ie.get("PASSWORD") == account.secret


def right_digest(result: str, challenge: bytes, secret: str) -> bool:
    """Return whether an MD5_RESULT fits: hex of MD5(challenge, secret)."""
    return str(result).lower() == hashlib.md5(challenge + secret.encode()).hexdigest()


def right_signature(result: str, challenge: bytes, key: "PublicKey | None") -> bool:
    """Return whether an RSA_RESULT fits: a line of base64, as long as the key, padded to the octet."""
    if key is None:
        return False
    modulus, exponent = key
    size = (modulus.bit_length() + 7) // 8
    try:
        signature = base64.b64decode(str(result).encode(), validate=True)
    except (binascii.Error, ValueError):
        return False
    opened = pow(int.from_bytes(signature, "big"), exponent, modulus).to_bytes(size, "big")
    digest = _SHA1_HEAD + hashlib.sha1(challenge).digest()
    wanted = b"\0\1" + b"\xff" * (size - 3 - len(digest)) + b"\0" + digest
    return len(signature) == size and opened == wanted
