"""The heap in a call, measured from inside the VM: the core, the whole adapter, and nothing per tick."""

import json
from pathlib import Path

import pytest

from tools import budget, build, runvm

SCRIPTS = Path(__file__).resolve().parent
LIMITS = budget.plan()["limits"]


def printed(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("mpy", [False, True], ids=["source", "mpy"])
@pytest.mark.parametrize("bits", [64, 32])
def test_ten_seconds_of_a_call_allocate_nothing_outside_the_socket_read(bits, mpy, request):
    run = request.getfixturevalue("vm" if bits == 64 else "vm32")
    if mpy:
        build.build(runvm.ARCH[bits])
    seen = printed(run(SCRIPTS / "heap_lock.py", mpy=mpy))
    assert seen["call_up"]
    assert seen["locked_ms"] == 10000
    assert seen["minis_heard"] > 400
    assert seen["frames_played"] == 500
    assert seen["digits_heard"] == "95"
    assert seen["frames_resent"] > 0
    assert seen["hung_up"]


@pytest.mark.parametrize("mpy", [False, True], ids=["source", "mpy"])
@pytest.mark.parametrize("bits", [64, 32])
def test_ringing_with_caller_id_allocates_nothing_and_leaves_nothing(bits, mpy, request):
    run = request.getfixturevalue("vm" if bits == 64 else "vm32")
    if mpy:
        build.build(runvm.ARCH[bits])
    seen = printed(run(SCRIPTS / "heap_ring.py", mpy=mpy))
    assert seen["rang"] and seen["talking"]
    assert seen["n_bits"] / 1200 * 1000 == pytest.approx(seen["message_ms"], abs=60)
    assert seen["left_in_ram"] == []
    assert seen["while_it_rings_bytes"] < 3072 * bits // 32
    assert abs(seen["grown_bytes"]) <= 64 * bits // 32


@pytest.mark.parametrize("bits", [64, 32])
def test_call_over_the_servers_dial_plan_allocates_nothing_either(bits, request):
    run = request.getfixturevalue("vm" if bits == 64 else "vm32")
    seen = printed(run(SCRIPTS / "heap_plan.py"))
    assert seen["call_up"]
    assert seen["asked"] == ["5", "55", "559"]
    assert seen["dialled"] == "559"
    assert seen["minis_heard"] > 400
    assert seen["plan_open"]
    assert seen["dial_tone_allocations"] == 0
    assert seen["kept_bytes"] <= 640 * bits // 32


@pytest.mark.parametrize("bits", [64, 32])
def test_native_transfer_allocates_nothing_after_its_request(bits, request):
    run = request.getfixturevalue("vm" if bits == 64 else "vm32")
    seen = printed(run(SCRIPTS / "heap_transfer.py"))
    assert seen["call_up"]
    assert (seen["begun"], seen["states"], seen["peer"]) == ([1], [3], 10)
    assert seen["asked"] >= 3
    assert seen["direct_minis"] > 350
    assert seen["kept_bytes"] <= 512 * bits // 32


def test_core_with_one_call_up_fits_its_heap(vm32):
    seen = printed(vm32(SCRIPTS / "heap_core.py"))
    assert seen["registered"]
    assert seen["call_up"]
    assert seen["minis_sent"] > 90
    assert seen["voice_heard"] > 90
    assert seen["core_call_heap_bytes"] <= LIMITS["core_call_heap_bytes"]


def test_whole_adapter_in_a_call_fits_its_heap(vm32):
    seen = printed(vm32(SCRIPTS / "heap_ata.py"))
    assert seen["call_up"]
    assert seen["datagrams"] >= 500
    assert seen["tick_allocations"] == 0
    assert seen["ata_call_heap_bytes"] <= LIMITS["ata_call_heap_bytes"]


def test_lock_is_real(vm):
    """A turn that allocates would not go unseen: the VM raises under the lock."""
    source = "import micropython\nmicropython.heap_lock()\ntry:\n    x = bytearray(9)\nexcept MemoryError:\n"
    assert vm(source + "    print('raised')\n").stdout == "raised\n"
