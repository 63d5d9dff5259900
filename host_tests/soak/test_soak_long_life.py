"""The full length of behaviour/test_long_life.py: 1,000 registrations, 1,000 calls, a call of 50 days."""

import json

import need
import pytest
from ata_bench import AtaBench
from longlife import LongLife

import codes
from tools import runvm
from tools.layers import ROOT

pytestmark = pytest.mark.soak
N = 1000
DAY_MS = 86_400_000


def test_a_thousand_registrations():
    life = LongLife()
    life.registrations(N)
    assert life.count("REG_FAILED") == 0 and life.reused == []


def test_a_thousand_calls_while_registered():
    life = LongLife()
    life.registrations(1)
    life.calls(N)
    life.leap(15_000)
    assert life.leg.state == codes.CALL_FREE and not life.peer.live_calls()
    assert life.count("PEER_DEAD") == life.count("WINDOW_FULL") == 0 and life.reused == []


def test_a_thousand_calls_of_one_telephone():
    bench = AtaBench(seed=1)
    for at in range(N):
        bench.lift()
        bench.dtmf("600#")
        assert bench.run_until(lambda: bench.state == codes.TALK, 3000), at
        bench.hang(700)
        assert bench.at_rest, at
        del bench.hal.pcm.ear[:], bench.peer.log[:], bench.peer.calls[:-2], bench.log[:]


@pytest.mark.parametrize("bits", [32, 64])
def test_the_heap_after_a_thousand_of_each_is_that_after_a_few(bits):
    need.micropython(bits)
    done = runvm.run(bits, ROOT / "host_tests/vm/long_life.py", str(N), str(N), timeout_s=3600)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    for what in ("registrations", "calls"):
        well, start, end = seen[what]
        assert well and end - start <= 64, f"{what}: the heap went from {start} to {end}"


def test_a_call_of_fifty_days_passes_the_wrap_of_every_clock():
    """Signalling alone, in leaps: PING, LAGRQ and the registration's refresh; voice before and after."""
    life = LongLife()
    life.registrations(1)
    life.dial("600")
    assert life.leap_until("ANSWERED", 3000)
    for _ in range(50 * 24):
        life.leap(DAY_MS // 24)
        life.forget()
    assert not life.saw("HANGUP") and life.leg.state == codes.CALL_UP
    assert life.count("PEER_DEAD") == life.count("TX_RETRANSMIT") == life.count("REG_FAILED") == 0
    life._talk()
