"""iax/hold.py: orders become frames, frames become events."""

import pytest
from bench import CoreBench
from corekit import call_up, said, told

from iax.hold import Hold
from peer import numbers as n
from peer import wire


@pytest.fixture
def held():
    """(bench with an answered call, the part)."""
    bench = call_up("601")
    part = Hold(bench.endpoint)
    bench.endpoint.parts.append(part)
    return bench, part


@pytest.mark.parametrize(
    "music, ies", [(None, {}), (b"", {"MUSICONHOLD": ""}), (b"jazz", {"MUSICONHOLD": "jazz"})]
)
def test_quelch_goes_out_with_and_without_music(held, music, ies):
    bench, part = held
    assert part.quelch(bench.leg, True, music, bench.now)
    bench.run(100)
    assert said(bench, "QUELCH")[0]["ie"] == ies
    before = len(bench.audio)
    bench.run(500)
    assert len(bench.audio) == before
    assert part.quelch(bench.leg, False, music, bench.now)
    bench.run(500)
    assert said(bench, "UNQUELCH")[0]["payload"] == b"" and len(bench.audio) >= before + 20


def test_hold_unhold_and_flash_go_out_as_controls(held):
    bench, part = held
    for order in (
        lambda: part.hold(bench.leg, True, bench.now),
        lambda: part.hold(bench.leg, False, bench.now),
    ):
        assert order()
    assert part.flash(bench.leg, bench.now)
    bench.run(50)
    assert [f["name"] for f in said(bench) if f.get("type") == n.T_CONTROL] == [
        "CONTROL HOLD", "CONTROL UNHOLD", "CONTROL FLASH",
    ]  # fmt: skip


def test_nothing_goes_out_without_an_answered_call():
    bench = CoreBench()
    part = Hold(bench.endpoint)
    assert not part.quelch(bench.leg, True, b"", bench.now)
    assert not part.hold(bench.leg, True, bench.now) and not part.flash(bench.leg, bench.now)


def test_nothing_goes_out_when_the_window_is_full(held):
    bench, part = held
    while bench.leg.say(7, 0, bench.now):
        pass
    assert not part.quelch(bench.leg, True, b"", bench.now) and not part.flash(bench.leg, bench.now)


@pytest.mark.parametrize("payload", [b"", b"default", bytes(range(40))])
def test_hold_of_the_far_end_is_told_with_and_without_payload(held, payload):
    bench, _ = held
    call = bench.peer.current_call()
    call.control("HOLD", payload)
    call.control("UNHOLD")
    bench.run(100)
    assert told(bench, "HOLD") == [1, 0] and not said(bench, "UNSUPPORT")


def test_quelch_of_the_far_end_is_told_and_obeyed(held):
    bench, _ = held
    call = bench.peer.current_call()
    call.iax("QUELCH", wire.ie("MUSICONHOLD", ""))
    bench.run(100)
    packets = call.rx_packets
    bench.run(400)
    assert told(bench, "HOLD") == [1] and told(bench, "QUELCH") == [1] and call.rx_packets == packets
    call.iax("UNQUELCH")
    bench.run(400)
    assert told(bench, "HOLD") == [1, 0] and call.rx_packets > packets


def test_flash_of_the_far_end_is_told(held):
    bench, _ = held
    bench.peer.current_call().control("FLASH")
    bench.run(50)
    assert told(bench, "FLASH") == [0]
