"""The telephone's side in both real VMs, with the heap locked."""

from pathlib import Path

SCRIPT = Path(__file__).with_name("line_smoke.py")


def test_line_runs_without_a_single_allocation_on_64_bits(vm):
    done = vm(SCRIPT)
    assert done.stdout == "ok\n", done.stdout + done.stderr


def test_line_runs_without_a_single_allocation_on_32_bits(vm32):
    done = vm32(SCRIPT)
    assert done.stdout == "ok\n", done.stdout + done.stderr
