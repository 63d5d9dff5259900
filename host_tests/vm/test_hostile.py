"""A hundred thousand datagrams that nobody should send, into the whole adapter on a real MicroPython."""

import json
import os
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent / "hostile.py"
N = int(os.environ.get("UIAXY_FUZZ_N", "100000"))
STRAY = 128  # bytes: four blocks that the collector may keep because they look like a pointer


@pytest.mark.parametrize("bits", [64, 32])
def test_hostile_datagrams_raise_nothing_take_nothing_and_end_no_call(bits, request):
    run = request.getfixturevalue("vm" if bits == 64 else "vm32")
    done = run(SCRIPT, str(N), timeout_s=60 + N // 500)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["call_up"]
    assert seen["still_talking"]
    assert seen["idle_growth"] <= STRAY
    assert seen["busy_growth"] <= STRAY
    received, bad, bad_elements, of_no_call, _ = seen["counted"]
    assert received > N
    assert bad > N // 50
    assert bad_elements > 0
    assert of_no_call > N // 4
