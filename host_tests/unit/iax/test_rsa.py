"""Signatures against the library that everybody trusts, in slices; plain text only where it is allowed."""

import base64
import hashlib
import itertools

import need
import pytest
from bench import CoreBench
from corekit import said, told

from iax import rsa
from peer import proofs, wire

need.package("cryptography")
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from tools import rsakey

PRIVATE = rsakey.generate()
BLOB = rsakey.blob(PRIVATE)
PUBLIC = (PRIVATE.public_key().public_numbers().n, 65537)
PLAIN, MD5, RSA = 1, 2, 4


def signature(key: bytes, challenge: bytes) -> bytes:
    """Run the machine to its end."""
    out = bytearray(128)
    for cost in rsa.sign(key, hashlib.sha1(challenge).digest(), out):
        if not cost:
            return bytes(out)
    raise AssertionError


def signing(methods: int = RSA | MD5, offered: int = RSA | MD5, key: bytes = BLOB, **options) -> CoreBench:
    """Return a bench whose account may use these methods, at a server that offers those."""
    account = {"ata1": {"secret": "pw1", "rsa": PUBLIC}}
    bench = CoreBench(accounts=account, **options)
    bench.account.methods = methods
    bench.peer.quirks.authmethods = offered
    signer = rsa.Signer(bench.endpoint, {0: key} if key else {})
    bench.endpoint.parts.append(signer)
    bench.endpoint.dialogs.append(signer)
    return bench


def proof(bench: CoreBench, name: str) -> dict:
    """Return the elements of the last frame of that name."""
    return said(bench, name)[-1]["ie"]


@pytest.mark.parametrize("challenge", [b"1", b"123456789", b"\0\xff" * 16, b"x" * 255])
def test_a_signature_is_that_of_the_library(challenge):
    wanted = PRIVATE.sign(challenge, padding.PKCS1v15(), hashes.SHA1())
    assert signature(BLOB, challenge) == wanted


@pytest.mark.parametrize("seed", range(3))
def test_any_key_will_do(seed):
    key = rsakey.generate()
    wanted = key.sign(b"987654321", padding.PKCS1v15(), hashes.SHA1())
    assert signature(rsakey.blob(key), b"987654321") == wanted


@pytest.mark.parametrize("at", [63, 64, 127, 128, 191, 192, 255, 256, 319, 447])
def test_a_faulty_signature_never_leaves(at):
    """One bit wrong in any part of the key, as a fault of the computation would be."""
    broken = bytearray(BLOB)
    broken[at] ^= 2
    assert signature(bytes(broken), b"987654321") == bytes(128)


def test_the_steps_are_the_same_whatever_the_exponent():
    other = rsakey.blob(rsakey.generate())
    digest, out = bytes(20), bytearray(128)
    assert list(rsa.sign(BLOB, digest, out)) == list(rsa.sign(other, bytes(range(20)), out))


VM_SCRIPT = """
import sys
from hashlib import sha1
from binascii import hexlify, unhexlify
from iax import rsa
out = bytearray(128)
steps = [cost for cost in rsa.sign(unhexlify("%s"), sha1(b"987654321").digest(), out)]
print(hexlify(out).decode(), len(steps), sum(steps))
"""


@pytest.mark.parametrize("bits", [64, 32])
def test_both_vms_sign_alike(bits, request):
    run = request.getfixturevalue("vm" if bits == 64 else "vm32")
    done = run(VM_SCRIPT % BLOB.hex())
    assert done.returncode == 0, done.stderr
    wanted = PRIVATE.sign(b"987654321", padding.PKCS1v15(), hashes.SHA1())
    assert done.stdout.split()[0] == wanted.hex()


def test_a_registration_is_proven_by_rsa():
    bench = signing()
    bench.register(5000)
    assert told(bench, "REGISTERED") == [60]
    ie = proof(bench, "REGREQ")
    assert len(ie["RSA_RESULT"]) == 172 and "MD5_RESULT" not in ie and "PASSWORD" not in ie


def test_a_call_is_proven_by_rsa():
    bench = signing(offered=RSA)
    bench.dial("600", 5000)
    assert bench.saw("ANSWERED")
    assert list(proof(bench, "AUTHREP")) == ["RSA_RESULT"]
    assert len(said(bench, "AUTHREP")) == 1, "one answer a dialog"


def test_a_slice_is_three_multiplications_or_one_of_twice_the_length(monkeypatch):
    spent: "dict[int, list[int]]" = {}
    real = rsa.sign

    def counted(*given):
        for cost in real(*given):
            spent.setdefault(bench.now, []).append(cost)
            yield cost

    monkeypatch.setattr(rsa, "sign", counted)
    bench = signing()
    bench.register(5000)
    assert told(bench, "REGISTERED") == [60]
    assert max(len(costs) for costs in spent.values()) <= 4  # the last of them is for the next slice
    assert {costs.count(3) for costs in spent.values()} <= {0, 1}
    assert bench.count("SIGN_SLICES") == len(spent) + 2 == 459  # one to begin, one to answer


def test_a_refresh_in_a_call_leaves_no_gap_in_the_voice():
    bench = signing()
    bench.register(5000)
    bench.speak = lambda t_ms: bytes(160)
    bench.dial("600", 5000)
    assert bench.saw("ANSWERED")
    slices = bench.count("SIGN_SLICES")
    minis, heard = bench.count("TX_MINI"), len(bench.audio)
    bench.registrar.start(bench.account, bench.now)
    bench.run(4000)
    assert told(bench, "REGISTERED") == [60, 60]
    assert bench.count("SIGN_SLICES") - slices > 300
    assert bench.count("TX_MINI") - minis >= 198 and len(bench.audio) - heard >= 198
    stamps = [ts for ts, _, _ in bench.audio[heard:]]
    assert {b - a for a, b in itertools.pairwise(stamps)} == {20}


@pytest.mark.parametrize(
    ("allowed", "offered", "used"),
    [
        (RSA | MD5 | PLAIN, RSA | MD5 | PLAIN, "RSA_RESULT"),
        (MD5 | PLAIN, RSA | MD5 | PLAIN, "MD5_RESULT"),
        (RSA | MD5, MD5 | PLAIN, "MD5_RESULT"),
        (MD5 | PLAIN, PLAIN, "PASSWORD"),
        (RSA | PLAIN, PLAIN, "PASSWORD"),
        (RSA | PLAIN, RSA | PLAIN, "RSA_RESULT"),
    ],
)
def test_the_best_of_what_is_allowed_and_offered_is_used(allowed, offered, used):
    bench = signing(allowed, offered)
    bench.register(5000)
    assert told(bench, "REGISTERED") == [60]
    assert [name for name in proof(bench, "REGREQ") if name not in ("USERNAME", "REFRESH")] == [used]


@pytest.mark.parametrize(
    ("allowed", "offered"),
    [(RSA | MD5, PLAIN), (MD5 | PLAIN, RSA), (RSA, MD5 | PLAIN), (PLAIN, MD5 | PLAIN), (4, 8)],
)
def test_what_is_not_allowed_is_refused(allowed, offered):
    bench = signing(allowed, offered)
    bench.register(2000)
    assert bench.saw("REG_FAILED") and bench.count("AUTH_REFUSED") == 1
    assert len(said(bench, "REGREQ")) == 2, "nothing but the opener, twice"


def test_without_a_key_md5_is_used_instead():
    bench = signing(key=b"")
    bench.register(1000)
    assert told(bench, "REGISTERED") == [60] and "MD5_RESULT" in proof(bench, "REGREQ")
    bench = signing(key=BLOB[:-1])
    bench.register(1000)
    assert told(bench, "REGISTERED") == [60] and "MD5_RESULT" in proof(bench, "REGREQ")


def test_plain_text_never_leaves_once_the_server_offered_md5():
    """Who asks for the secret in clear after that is somebody else, or the server was taken over."""
    bench = signing(MD5 | PLAIN, MD5 | PLAIN)
    bench.register(1000)
    assert told(bench, "REGISTERED") == [60]
    bench.peer.quirks.authmethods = PLAIN
    bench.dial("600", 1000)
    assert told(bench, "HANGUP") == [50] and not said(bench, "AUTHREP")
    assert b"pw1" not in b"".join(octets for _, octets in bench.sent)


def test_a_challenge_is_not_answered_by_the_secret_of_an_empty_account():
    bench = signing(PLAIN, PLAIN)
    bench.account.secret = b""
    bench.dial("600", 1000)
    assert told(bench, "HANGUP") == [50] and not said(bench, "AUTHREP")


def test_a_broken_key_ends_the_dialog_and_tells_nothing():
    broken = bytearray(BLOB)
    broken[300] ^= 1
    bench = signing(RSA, RSA, bytes(broken))
    bench.dial("600", 5000)
    assert bench.saw("HANGUP") and not said(bench, "AUTHREP") and bench.count("AUTH_REFUSED") == 1


def test_a_fault_after_a_good_signature_does_not_send_the_old_one():
    bench = signing(RSA, RSA)
    bench.register(5000)
    proofs_sent = len([f for f in said(bench, "REGREQ") if "RSA_RESULT" in f["ie"]])
    broken = bytearray(BLOB)
    broken[300] ^= 1
    bench.endpoint.dialogs[-1]._keys[0] = bytes(broken)
    bench.dial("600", 5000)
    assert proofs_sent == 1 and not said(bench, "AUTHREP") and bench.count("AUTH_REFUSED") == 1


def test_two_dialogs_wait_for_each_other():
    bench = signing(RSA, RSA)
    bench.register(0)
    bench.dial("600", 10000)
    assert told(bench, "REGISTERED") == [60] and bench.saw("ANSWERED")


def test_a_dialog_that_ends_meanwhile_costs_nothing_more():
    bench = signing(RSA, RSA)
    bench.dial("600", 200)
    signer = bench.endpoint.dialogs[-1]
    assert signer.next_due(bench.now) == 0
    bench.hang_up()
    bench.run(200)
    slices = bench.count("SIGN_SLICES")
    bench.run(500)
    assert signer.next_due(bench.now) == -1 and bench.count("SIGN_SLICES") <= slices + 40
    assert not said(bench, "AUTHREP")


def test_the_next_call_on_the_leg_is_not_proven_by_the_last_ones_challenge():
    """The user hangs up while the signature is computed, and dials again at once."""
    bench = signing(RSA, RSA)
    bench.dial("600", 200)
    bench.hang_up()
    bench.dial("600", 10000)
    assert bench.saw("ANSWERED") and len(said(bench, "AUTHREP")) == 1


def test_a_challenge_without_digits_is_refused():
    bench = signing(RSA, RSA)
    bench.peer.quirks.challenge = None
    bench.dial("600", 1000)
    assert told(bench, "HANGUP") == [50]


def test_the_judge_of_the_test_peer_is_strict():
    challenge = b"987654321"
    right = wire.ie("RSA_RESULT", _base64(signature(BLOB, challenge)))[2:].decode()
    assert proofs.right_signature(right, challenge, PUBLIC)
    assert not proofs.right_signature(right, b"987654322", PUBLIC)
    assert not proofs.right_signature(right + "\n", challenge, PUBLIC)
    assert not proofs.right_signature(right[:-4], challenge, PUBLIC)
    assert not proofs.right_signature(
        right, challenge, (rsakey.generate().public_key().public_numbers().n, 65537)
    )
    assert not proofs.right_signature(right, challenge, None)


def _base64(octets: bytes) -> bytes:
    return base64.b64encode(octets)
