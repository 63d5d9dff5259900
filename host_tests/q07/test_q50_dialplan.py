"""Interop item 50: what each DPSTATUS of the server does to the person who dials."""

import pytest
from ata_bench import AtaBench

import codes

CAN_GROW, EXISTS, EXISTS_AND_MAY_GROW, NONEXISTENT = 0x8002, 0x0001, 0x8001, 0x0004
MATCH_MS = 3000  # dial.match_ms as it is by default


def answered(status: int, **options) -> AtaBench:
    """Return an adapter whose telephone dialled a 5, of which the server said `status`."""
    bench = AtaBench(settings={"dial.remote": "on"}, **options)
    bench.peer.overlap.answers["5"] = status
    bench.peer.overlap.numbers["5"] = bench.peer.extensions["600"]
    bench.lift()
    bench.dtmf("5")
    bench.run(200)
    assert [f["ie"]["CALLED_NUMBER"] for f in bench.peer.frames("DPREQ", "in")] == ["5"]
    return bench


def dialled(bench: AtaBench) -> bool:
    """Return whether DIAL went out."""
    return bool(bench.peer.frames("DIAL", "in"))


def test_q50_can_exist_keeps_the_digits_and_waits_for_more():
    bench = answered(CAN_GROW)
    bench.run(MATCH_MS + 1000)
    assert bench.state == codes.COLLECT and not dialled(bench)
    assert bytes(bench.ata.digits.buf[: bench.ata.digits.n]) == b"5"


def test_q50_exists_dials_at_once():
    bench = answered(EXISTS)
    assert bench.state == codes.TALK and dialled(bench)


def test_q50_exists_and_may_grow_dials_after_the_inter_digit_time_out():
    bench = answered(EXISTS_AND_MAY_GROW)
    bench.run(MATCH_MS - 600)
    assert bench.state == codes.COLLECT and not dialled(bench)
    bench.run(600)
    assert bench.state == codes.TALK and dialled(bench)


def test_q50_nonexistent_is_reorder_tone_and_no_call():
    bench = answered(NONEXISTENT)
    assert bench.state == codes.REORDER_TONE and not dialled(bench)
    bench.run(500)
    assert not bench.peer.live_calls()


@pytest.mark.parametrize("status", [0x4001, 0x4002, 0xC002, 0xC001])
def test_q50_ignored_pattern_keeps_dial_tone(status):
    bench = answered(status)
    bench.run(MATCH_MS - 600)
    assert bench.state == codes.DIAL_TONE and bench.ata.port.tone == codes.TONE_DIAL and not dialled(bench)
    bench.run(600)
    exists = bool(status & 1)
    assert dialled(bench) == exists, "what exists is called when no digit follows"
    assert bench.state == (codes.TALK if exists else codes.DIAL_TONE)


def test_q50_immediate_server_connects_without_a_digit():
    bench = AtaBench(settings={"dial.remote": "on"}, accounts={"ata1": {"secret": "pw1", "immediate": True}})
    bench.lift(500)
    assert bench.state == codes.TALK and not dialled(bench)
    assert bench.peer.frames("NEW", "in")[-1]["ie"]["CALLED_NUMBER"] == "TBD"
