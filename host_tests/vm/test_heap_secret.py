"""The heap of an encrypted call, measured from inside the VM."""

import json
from pathlib import Path

import pytest

from tools import build, runvm

SCRIPT = Path(__file__).resolve().parent / "heap_secret.py"
KEPT = {32: 2048, 64: 2688}  # bytes: the buffer, two ciphers, views of the lengths seen
NEW_KEY = {32: 640, 64: 832}


@pytest.mark.parametrize("mpy", [False, True], ids=["source", "mpy"])
@pytest.mark.parametrize("bits", [64, 32])
def test_ten_seconds_of_an_encrypted_call_allocate_nothing_either(bits, mpy, request):
    run = request.getfixturevalue("vm" if bits == 64 else "vm32")
    if mpy:
        build.build(runvm.ARCH[bits])
    done = run(SCRIPT, mpy=mpy)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["call_up"]
    assert seen["minis_heard"] > 400
    assert seen["voice_heard"] > 400
    assert seen["frames_played"] == 500
    assert seen["digits_heard"] == "95"
    assert seen["frames_resent"] > 0
    assert seen["hung_up"]
    assert seen["undecipherable"] == seen["wrong"] == 0
    assert seen["voice_heard_after_new_key"] > 40
    assert seen["new_key_bytes"] <= NEW_KEY[bits]
    assert seen["kept_bytes"] <= KEPT[bits]
