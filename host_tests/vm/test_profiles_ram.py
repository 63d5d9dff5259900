"""The countries lie on flash; the chosen one is all that takes RAM, 1 KiB at most."""

import json
from pathlib import Path

import tonekit

SCRIPT = Path(__file__).with_name("profiles_ram.py")


def test_a_profile_takes_1_kib_at_most_on_32_bits(vm32):
    names = list(tonekit.rows())
    done = vm32(SCRIPT, *names)
    assert done.returncode == 0, done.stderr
    kept = json.loads(done.stdout)
    assert set(kept) == set(names)
    assert 200 < min(kept.values()) <= max(kept.values()) <= 1024, kept
