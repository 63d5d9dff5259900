"""Texts and trunk frames in both real VMs, with the heap locked."""

from pathlib import Path

SCRIPT = Path(__file__).with_name("rare_smoke.py")


def test_texts_and_trunk_frames_allocate_nothing_on_64_bits(vm):
    done = vm(SCRIPT)
    assert done.stdout == "ok\n", done.stdout + done.stderr


def test_texts_and_trunk_frames_allocate_nothing_on_32_bits(vm32):
    done = vm32(SCRIPT)
    assert done.stdout == "ok\n", done.stdout + done.stderr
