"""Reading what a caller told comes out the same on CPython and in both real VMs."""

from pathlib import Path

import pytest
from vm import told_digest

SCRIPT = Path(__file__).with_name("told_digest.py")


@pytest.fixture(scope="module")
def expected():
    """What CPython makes of it."""
    return f"{told_digest.main()}\n"


def test_what_a_caller_told_reads_the_same_on_64_bits(vm, expected):
    done = vm(SCRIPT)
    assert done.stdout == expected, done.stdout + done.stderr


def test_what_a_caller_told_reads_the_same_on_32_bits(vm32, expected):
    done = vm32(SCRIPT)
    assert done.stdout == expected, done.stdout + done.stderr
