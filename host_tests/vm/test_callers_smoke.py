"""The gate and the challenge of callers work in the VMs as they do here."""

import json
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("callers_smoke.py")
CALLTOKEN, AUTHREQ, REJECT, ACK, INCOMING = 40, 8, 6, 4, 4


@pytest.mark.parametrize("bits", [64, 32])
def test_callers_are_asked_for_token_and_secret(bits, request):
    done = request.getfixturevalue("vm" if bits == 64 else "vm32")(SCRIPT)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    answers = [answer for answer, _ in told["seen"]]
    assert answers[:3] == [CALLTOKEN, AUTHREQ, REJECT]
    assert answers[4:7] == [CALLTOKEN, AUTHREQ, ACK]
    assert answers[8:] == [REJECT, CALLTOKEN, ACK]
    rang = [at for at, (_, events) in enumerate(told["seen"]) if INCOMING in events]
    assert rang == [6, 10], "the one with the right secret, and the guest"
    assert (told["guest"], told["placed"]) == (9, "c633640711d9")
