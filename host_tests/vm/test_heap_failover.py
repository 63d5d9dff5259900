"""What a second server costs in a call: no octet per turn, and little per account."""

import json
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parent


@pytest.mark.parametrize("bits", [64, 32])
def test_servers_are_asked_in_a_call_without_taking_any_room(bits, request):
    run = request.getfixturevalue("vm" if bits == 64 else "vm32")
    done = run(SCRIPTS / "heap_failover.py")
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["call_up"]
    assert seen["minis_heard"] >= 1450
    assert seen["asked_in_call"] >= 2 and seen["asked_in_silence"] >= 8
    assert seen["peer"] == 1, "nothing is switched in a call"
    assert seen["kept_bytes"] <= 448 * bits // 32
