"""Meeting a challenge with an RSA signature, or with the secret in clear where the user allows that.

RSASSA-PKCS1-v1_5 with SHA-1 over the challenge, keys of 1024 bits, in base64 without line breaks (RFC 5456,
section 8.6.16; RFC 8017, sections 5.1.2 and 8.2.1). A signature is about 1,300 multiplications, half a second
of an ESP32: a few are done each turn, so that voice goes on. They allocate; SIGN_SLICES counts the turns.

A key is 448 octets, big-endian, as tools/rsakey.py writes it: p q dp dq qinv, 64 each, then n, 128. The
public exponent is 65,537.
"""

from binascii import b2a_base64

from micropython import const

from iax import ie

_IE_PASSWORD = const(7)  # proto.IE_PASSWORD
_IE_AUTHMETHODS = const(14)  # proto.IE_AUTHMETHODS
_IE_CHALLENGE = const(15)  # proto.IE_CHALLENGE
_IE_RSA_RESULT = const(17)  # proto.IE_RSA_RESULT
_FULL_HDR = const(12)  # proto.FULL_HDR
_AUTH_PLAIN = const(1)  # proto.AUTH_PLAIN
_AUTH_MD5 = const(2)  # proto.AUTH_MD5
_AUTH_RSA = const(4)  # proto.AUTH_RSA

_AUTH_REFUSED = const(18)  # codes.AUTH_REFUSED
_SIGN_SLICES = const(38)  # codes.SIGN_SLICES
_PART_PROVE = const(7)  # codes.PART_PROVE

_KEY = const(448)
_PRIME = const(64)
_SHA1_INFO = b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14"

# A slice is three multiplications modulo 512 bits, or one modulo 1,024, or as much of other things: about
# 270,000 instructions of an ESP32, 1.3 to 1.8 ms (host_tests/vm/rsa_cost.py).
_SLICE = const(3)


def _power(base: int, exponent: bytes, modulus: int):
    """Rest before each multiplication; return base ** exponent % modulus.

    Windows of four bits, the same steps whatever the exponent is.
    """
    powers = [1, base]
    while len(powers) < 16:
        yield 1
        powers.append(powers[-1] * base % modulus)
    result = 1
    for octet in exponent:
        for window in (octet >> 4, octet & 15):
            for _ in range(4):
                yield 1
                result = result * result % modulus
            yield 1
            result = result * powers[window] % modulus
    return result


def sign(key: bytes, digest: bytes, out: bytearray):
    """Put the signature of a SHA-1 `digest` into the 128 octets `out`, a multiplication at a time.

    Yields what the next step costs, 0 at the end. `out` stays as it is if the result does not fit the public
    key: a wrong signature, by a fault or a broken blob, would tell the key (Boneh, DeMillo and Lipton, 1997).
    """
    p, q, _, _, inverse = [int.from_bytes(key[i : i + _PRIME], "big") for i in range(0, 5 * _PRIME, _PRIME)]
    yield _SLICE
    n = int.from_bytes(key[5 * _PRIME :], "big")
    message = int.from_bytes(b"\0\1" + b"\xff" * 90 + b"\0" + _SHA1_INFO + digest, "big")
    in_p = yield from _power(message % p, key[2 * _PRIME : 3 * _PRIME], p)
    in_q = yield from _power(message % q, key[3 * _PRIME : 4 * _PRIME], q)
    yield _SLICE
    signature = in_q + (in_p - in_q) * inverse % p * q
    check = signature
    for _ in range(16):
        yield _SLICE
        check = check * check % n
    yield _SLICE
    right = check * signature % n == message
    yield _SLICE
    if right:
        out[:] = signature.to_bytes(128, "big")
    yield 0


class Signer:
    """The optional part for accounts that allow RSA or plain text. keys: private keys by index of account."""

    def __init__(self, endpoint, keys: dict) -> None:
        self.state = 0
        self.peer = 0
        self.scallno = 0
        self.cipher = None
        self._ep = endpoint
        self._keys = keys
        self._jobs = []  # dialog, its number, key, challenge
        self._work = None
        self._cost = 0
        self._out = bytearray(128)

    def take(self, what: int, leg, buf: bytes, n: int, now: int) -> int:
        """Meet the challenge `buf`: RSA before MD5 (which is the core's) before plain text."""
        offered = ie.uint(buf, ie.find(buf, _FULL_HDR, n, _IE_AUTHMETHODS), 2) if what == _PART_PROVE else -1
        if offered < 0:
            return 0
        account = leg.account
        allowed = offered & account.methods
        at = ie.find(buf, _FULL_HDR, n, _IE_CHALLENGE)
        key = self._keys.get(account.index, b"")
        if allowed & _AUTH_RSA and len(key) == _KEY and at and buf[at - 1]:
            self._jobs.append((leg, leg.scallno, key, bytes(buf[at : at + buf[at - 1]])))
            return 1
        if allowed & _AUTH_PLAIN and not offered & _AUTH_MD5 and account.secret:
            leg.send_proof(_IE_PASSWORD, account.secret, now)
            return 1
        return 0

    def poll(self, now: int) -> None:
        """Compute for at most 2 ms; a dialog that is over needs no signature any more."""
        if not self._jobs:
            return
        leg, number, key, challenge = self._jobs[0]
        if leg.scallno != number or leg.state == 0:
            self._next_job()
            return
        self._ep.stats.count(_SIGN_SLICES)
        work = self._work
        if work is None:
            self._out[:] = bytes(128)
            self._work = sign(key, self._ep.crypto.sha1(challenge), self._out)
            self._cost = _SLICE
        elif self._cost == 0:
            self._next_job()
            self._prove(leg, now)
        else:
            left = _SLICE
            while 0 < self._cost <= left:
                left -= self._cost
                self._cost = next(work)

    def _next_job(self) -> None:
        self._jobs.pop(0)
        self._work = None

    def _prove(self, leg, now: int) -> None:
        if any(self._out):
            leg.send_proof(_IE_RSA_RESULT, b2a_base64(self._out).strip(), now)
        else:
            self._ep.stats.count(_AUTH_REFUSED)
            leg.give_up(now)

    def poll_tx(self, now: int) -> int:
        """Nothing is sent but by the dialog that was challenged."""
        return 0

    def next_due(self, now: int) -> int:
        """0 while there is something to compute, else never."""
        return 0 if self._jobs else -1

    def give_up(self, now: int) -> None:
        """Never asked: nothing is sent."""
