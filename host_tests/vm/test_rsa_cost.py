"""What a signature in the middle of a call costs: no gap in the voice, two milliseconds a slice."""

import json
import textwrap
from pathlib import Path

import need
import pytest

need.package("cryptography")
from tools import rsakey

SCRIPT = Path(__file__).with_name("rsa_cost.py")
POW = 46e6  # instructions of an ESP32 for pow() with 512-bit numbers, counted on an emulated one
HZ = 240e6
CPI = 1.2, 1.6  # cycles an instruction takes there: at best, at worst


@pytest.mark.parametrize("bits", [64, 32])
def test_a_refresh_by_rsa_in_a_call_leaves_no_gap_and_stays_within_two_milliseconds(bits, request):
    run = request.getfixturevalue("vm" if bits == 64 else "vm32")
    done = run(SCRIPT, *textwrap.wrap(rsakey.blob(rsakey.generate()).hex(), 200))
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    print(seen)
    assert seen["call_up"] and seen["signatures"] == 5
    assert seen["longest_gap_ms"] == 20 and seen["voice_frames"] == 625
    assert seen["counted"] == 5 * seen["slices"]
    mean_s, longest_s = (
        seen[name] / seen["pow_us"] * POW / HZ for name in ("mean_slice_us", "longest_slice_us")
    )
    assert mean_s * CPI[1] < 0.0022 and longest_s * CPI[0] < 0.0022  # a tenth for the noise of this machine
    assert seen["octets_most"] <= 2048
