"""The same kernels on CPython and on both MicroPythons: same digests, and no allocation per tick."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from ref import signals

SCRIPTS = Path(__file__).resolve().parents[2] / "vm"
BOTH = pytest.mark.parametrize(
    "machine", [pytest.param("vm", marks=pytest.mark.vm), pytest.param("vm32", marks=pytest.mark.vm32)]
)


def on_cpython(script, capsys):
    """Return what `script` prints on this Python."""
    runpy.run_path(str(SCRIPTS / script))
    return capsys.readouterr().out


@BOTH
def test_every_kernel_gives_the_same_octets_with_the_heap_locked(machine, request, capsys):
    run = request.getfixturevalue(machine)
    done = run(SCRIPTS / "dsp_digest.py")
    assert done.stderr == "" and done.stdout.endswith("ok\n")
    assert done.stdout == on_cpython("dsp_digest.py", capsys)


@BOTH
def test_a_thousand_noisy_digits_of_40_ms_are_all_heard_with_the_heap_locked(machine, request, tmp_path):
    run = request.getfixturevalue(machine)
    rng = np.random.default_rng(3)
    keys = [signals.KEYS[k] for k in rng.integers(0, 16, 1000)]
    parts = []
    for key in keys:
        parts += [signals.dtmf(key, 40, rng=rng), np.zeros(320 + rng.integers(0, 80))]
    samples = np.concatenate(parts)
    pcm = tmp_path / "digits.raw"
    pcm.write_bytes(signals.pcm(samples + signals.noise(rng, -25, len(samples))))
    done = run(SCRIPTS / "dsp_feed.py", pcm)
    events = [line.split() for line in done.stdout.splitlines()[:-1]]
    assert done.stderr == ""
    assert [event[2] for event in events if event[1] == "+"] == keys
    assert [event[2] for event in events if event[1] == "-"] == keys


@BOTH
def test_caller_id_is_made_and_sent_alike_on_every_machine(machine, request, capsys):
    run = request.getfixturevalue(machine)
    done = run(SCRIPTS / "fsk_digest.py")
    assert done.stderr == "" and done.stdout.endswith("ok\n")
    assert done.stdout == on_cpython("fsk_digest.py", capsys)
