"""The heap after many registrations and calls is what it was after a few: nothing is kept of any of them."""

import json
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent / "long_life.py"
BLOCK = 16  # octets: a number grown past a small one, once
N_REGISTRATIONS, N_CALLS = 50, 50


@pytest.mark.parametrize("bits", [32, 64])
def test_fifty_registrations_and_fifty_calls_keep_nothing(bits, request):
    run = request.getfixturevalue("vm" if bits == 64 else "vm32")
    done = run(SCRIPT, str(N_REGISTRATIONS), str(N_CALLS))
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    for what in ("registrations", "calls"):
        well, start, end = seen[what]
        assert well, what
        assert end - start <= 4 * BLOCK, f"{what}: the heap went from {start} to {end}"
    assert seen["dead"] == 0
