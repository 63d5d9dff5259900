"""Items 42 and 45: which proof is given for which offer, and RSA as servers judge it."""

import base64

import need
import pytest
from bench import CoreBench
from corekit import said, told

from iax.rsa import Signer

need.package("cryptography")
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from tools import rsakey

PLAIN, MD5, RSA = 1, 2, 4
KEY = rsakey.generate()
NUMBERS = KEY.public_key().public_numbers()


def allowing(methods: int, offered: int, key: bool = True) -> CoreBench:
    """Return a bench whose account may use these methods, at a server that offers those."""
    bench = CoreBench(accounts={"ata1": {"secret": "pw1", "rsa": (NUMBERS.n, NUMBERS.e)}})
    bench.account.methods = methods
    bench.peer.quirks.authmethods = offered
    signer = Signer(bench.endpoint, {0: rsakey.blob(KEY)} if key else {})
    bench.endpoint.parts.append(signer)
    bench.endpoint.dialogs.append(signer)
    return bench


@pytest.mark.parametrize("methods", [MD5, MD5 | PLAIN, MD5 | RSA])
def test_q42_of_all_methods_offered_md5_is_taken(methods):
    """Without a key, whatever else is allowed: never the secret in clear where MD5 is offered."""
    bench = allowing(methods, PLAIN | MD5 | RSA, key=False)
    bench.dial("600", 2000)
    assert list(said(bench, "AUTHREP")[0]["ie"]) == ["MD5_RESULT"] and bench.saw("ANSWERED")


@pytest.mark.parametrize(
    ("methods", "offered", "key"),
    [(MD5, PLAIN, True), (MD5, RSA, True), (MD5 | RSA, RSA, False), (RSA, MD5, True)],
)
def test_q42_what_is_not_allowed_or_has_no_key_is_refused(methods, offered, key):
    """HANGUP 50, and not one octet of proof."""
    bench = allowing(methods, offered, key)
    bench.dial("600", 5000)
    assert told(bench, "HANGUP") == [50] and not said(bench, "AUTHREP")
    assert said(bench, "HANGUP")[0]["ie"]["CAUSECODE"] == 50


@pytest.mark.parametrize("offered", [RSA, RSA | MD5 | PLAIN])
def test_q45_rsa_is_172_characters_that_the_public_key_opens(offered):
    """Base64 in one line, of 128 octets, PKCS #1 version 1.5 with SHA-1 over the challenge."""
    bench = allowing(RSA | MD5, offered)
    bench.dial("600", 8000)
    assert bench.saw("ANSWERED")
    result = said(bench, "AUTHREP")[0]["ie"]["RSA_RESULT"]
    assert len(result) == 172 and result.endswith("=")
    challenge = bench.peer.frames("AUTHREQ", "out")[0]["ie"]["CHALLENGE"]
    KEY.public_key().verify(base64.b64decode(result), challenge, padding.PKCS1v15(), hashes.SHA1())


def test_q45_a_registration_is_proven_by_rsa_too():
    """REGREQ with RSA_RESULT, and the server that checks it says REGACK."""
    bench = allowing(RSA, RSA)
    bench.register(8000)
    assert told(bench, "REGISTERED") == [60]
    assert len(said(bench, "REGREQ")[-1]["ie"]["RSA_RESULT"]) == 172
