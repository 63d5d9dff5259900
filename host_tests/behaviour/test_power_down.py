"""The box is switched off in good order: the far end hears it, the server forgets it, the line is silent."""

import earpiece
import pytest
from ata_bench import AtaBench

import codes
import servers


def test_idle_box_unregisters():
    bench = AtaBench()
    servers.release(bench.ata, bench.hal.clock.ticks_ms())
    assert bench.run_until(lambda: servers.gone(bench.ata), 500)
    assert bench.peer.frames("REGREL", "in")
    account = bench.peer.accounts["ata1"]
    assert account.addr is None
    assert account.history[-1][1] == "released"


def test_box_in_a_call_hangs_up_and_unregisters():
    bench = AtaBench()
    bench.lift()
    bench.dtmf("600#")
    bench.run(500)
    servers.release(bench.ata, bench.hal.clock.ticks_ms())
    assert bench.run_until(lambda: servers.gone(bench.ata), 500)
    assert bench.call.ended_by == "them"
    assert bench.call.cause == 16
    assert bench.peer.accounts["ata1"].addr is None


def test_ringing_stops_and_the_caller_is_told():
    bench = AtaBench()
    call = bench.peer.call_device("ata1")
    bench.run(1000)
    assert bench.ringing
    servers.release(bench.ata, bench.hal.clock.ticks_ms())
    bench.run(20)
    assert not bench.ringing
    assert call.ended_by == "them"


@pytest.mark.parametrize("number", ["", "603#", "999#"])
def test_tones_stop(number):
    bench = AtaBench()
    bench.lift()
    bench.dtmf(number)
    bench.run(300)
    servers.release(bench.ata, bench.hal.clock.ticks_ms())
    bench.run(400)
    assert earpiece.level_dbm0(bench.hal.pcm.ear[-18:]) == -99


def test_no_call_rings_any_more():
    bench = AtaBench()
    addr = bench.peer.accounts["ata1"].addr
    servers.release(bench.ata, bench.hal.clock.ticks_ms())
    call = bench.peer.call_device("ata1", addr=addr)
    bench.run(1000)
    assert call.cause == 17
    assert not bench.ringing


def test_lifting_gives_no_dial_tone_any_more():
    bench = AtaBench()
    servers.release(bench.ata, bench.hal.clock.ticks_ms())
    bench.lift(300)
    assert bench.state == codes.REORDER_TONE
    bench.hang()
    assert bench.state == codes.ON_HOOK


def test_lost_hangup_is_waited_for_also_without_registration():
    bench = AtaBench(settings={"account.1.register": "off"}, register=False)
    bench.lift()
    bench.dtmf("600#")
    bench.run(500)
    bench.peer.faults.lose("HANGUP", way="in", times=1)
    servers.release(bench.ata, bench.hal.clock.ticks_ms())
    assert not servers.gone(bench.ata)
    assert bench.run_until(lambda: servers.gone(bench.ata), 1000)
    assert bench.call.ended_by == "them"


def test_server_that_does_not_answer_is_not_waited_for_longer_than_ten_seconds():
    bench = AtaBench()
    bench.lift()
    bench.dtmf("600#")
    bench.run(500)
    bench.peer.vanish()
    servers.release(bench.ata, bench.hal.clock.ticks_ms())
    assert bench.run_until(lambda: servers.gone(bench.ata), 11000)


def test_box_that_never_registered_is_gone_at_once():
    bench = AtaBench(settings={"account.1.secret": "wrong"}, register=False)
    bench.run(2000)
    servers.release(bench.ata, bench.hal.clock.ticks_ms())
    assert servers.gone(bench.ata)
