"""The hook switch in a call: flash by the country's window, off-hook, on-hook, and what lies between."""

import random

import pytest
from ata_bench import AtaBench
from dialkit import Contact, play

import codes

WINDOWS_MS = {"us": (300, 1000), "uk": (50, 130), "de": (80, 310), "fr": (210, 350), "nz": (500, 800)}
SENT = {"feature.flash": "send"}


def talking(settings=None):
    bench = AtaBench(settings=settings)
    bench.lift(300)
    bench.dtmf("600#")
    assert bench.run_until(lambda: bench.state == codes.TALK)
    bench.run(300)
    return bench


def flash(bench, open_ms, bounce_ms=0.0, stamps=False):
    play(bench, Contact(random.Random(open_ms)).open(open_ms, bounce_ms, 400), stamps)


def flashes(bench):
    """What the log has of flashes: 1 = the far end was told."""
    return [a for _, name, a, _ in bench.log if name == "LOG_FLASH"]


def sent(bench):
    return len(bench.peer.frames("CONTROL FLASH", "in"))


@pytest.mark.parametrize("stamps", [False, True], ids=["sampled", "stamped"])
@pytest.mark.parametrize("edge", ["shortest", "middle", "longest"])
@pytest.mark.parametrize("profile", WINDOWS_MS)
def test_flash_inside_the_window_is_told_and_the_call_stays(profile, edge, stamps):
    low_ms, high_ms = WINDOWS_MS[profile]
    open_ms = {"shortest": low_ms + 10, "middle": (low_ms + high_ms) // 2, "longest": high_ms - 10}[edge]
    bench = talking({**SENT, "line.profile": profile})
    flash(bench, open_ms, 5, stamps)
    bench.run(100)
    assert flashes(bench) == [1] and sent(bench) == 1
    assert bench.state == codes.TALK and bench.call.digits() == ""


@pytest.mark.parametrize("stamps", [False, True], ids=["sampled", "stamped"])
@pytest.mark.parametrize("profile", WINDOWS_MS)
def test_opening_outside_the_window_is_no_flash(profile, stamps):
    low_ms, high_ms = WINDOWS_MS[profile]
    for open_ms in (low_ms - 10, high_ms + 10):
        bench = talking({**SENT, "line.profile": profile})
        flash(bench, open_ms, 5, stamps)
        bench.run(300)
        assert flashes(bench) == [] and sent(bench) == 0
        assert (bench.state == codes.TALK) == (open_ms < max(400, high_ms))


def test_flash_is_kept_in_the_house_unless_it_is_to_be_sent():
    bench = talking()
    flash(bench, 500)
    bench.run(100)
    assert flashes(bench) == [0] and sent(bench) == 0 and bench.state == codes.TALK


def test_without_flash_the_on_hook_time_alone_counts():
    bench = talking({"feature.flash": "off"})
    flash(bench, 380)
    assert flashes(bench) == [] and bench.state == codes.TALK
    flash(bench, 420)
    assert bench.state == codes.DIAL_TONE, "hung up, and off-hook again"
    assert flashes(bench) == []


def test_owner_may_set_the_window():
    bench = talking({**SENT, "line.flash": "150/250"})
    for open_ms, told in ((140, 0), (165, 1), (235, 2), (270, 2), (390, 2)):
        flash(bench, open_ms)
        bench.run(100)
        assert sent(bench) == told, open_ms
    assert bench.state == codes.TALK


def test_short_flash_and_dialled_1_are_told_apart_by_the_call():
    """The window of the United Kingdom and a pulse of 67 ms are the same thing to the loop."""
    bench = AtaBench(settings={**SENT, "line.profile": "uk"})
    bench.lift(400)
    pulse = Contact(random.Random(1)).dial("1", pps=10, break_pct=67, gap_ms=600)
    play(bench, pulse)
    assert bench.state == codes.COLLECT and bytes(bench.ata.digits.buf[:1]) == b"1"
    bench.hang()
    bench.lift(400)
    bench.dtmf("600#")
    assert bench.run_until(lambda: bench.state == codes.TALK)
    play(bench, pulse)
    assert sent(bench) == 1 and bench.call.digits() == ""
    play(bench, Contact(random.Random(1)).dial("2", pps=10, break_pct=67, gap_ms=600))
    bench.run(200)
    assert sent(bench) == 1 and bench.call.digits() == "2"


def test_flash_before_the_call_is_up_is_none():
    bench = AtaBench(settings=SENT)
    bench.lift(300)
    flash(bench, 350)
    assert bench.state in (codes.DIAL_TONE, codes.COLLECT)
    bench.dtmf("608#")
    assert bench.run_until(lambda: bench.state == codes.RINGBACK)
    flash(bench, 350)
    assert flashes(bench) == [] and sent(bench) == 0 and bench.state == codes.RINGBACK


def test_hanging_up_takes_longer_than_the_longest_flash():
    bench = talking(SENT)
    bench.hal.slic.hang_up()
    bench.run(990)
    assert bench.state == codes.TALK
    bench.run(30)
    assert bench.state == codes.ON_HOOK
    bench.run(500)
    assert bench.at_rest and flashes(bench) == []


def test_each_of_many_flashes_is_told():
    bench = talking(SENT)
    for open_ms in (320, 500, 640, 800, 980):
        flash(bench, open_ms, 3)
    bench.run(100)
    assert sent(bench) == 5 and bench.state == codes.TALK


def test_hanging_up_during_a_flash_of_the_far_end_s_farewell_is_on_hook_once():
    """The far end hangs up while the hook is down: what began as a flash ends as a hang-up or dial tone."""
    bench = talking(SENT)
    bench.hal.slic.hang_up()
    bench.run(300)
    bench.call.hangup(16)
    bench.run(2500)
    assert bench.state == codes.ON_HOOK and flashes(bench) == []
    bench.run(500)
    assert bench.at_rest


@pytest.mark.parametrize("ring_ms", range(2500, 4500, 250))
def test_answered_call_can_be_flashed_and_hung_up(ring_ms):
    bench = AtaBench(settings=SENT)
    bench.peer.call_device("ata1", number="1234")
    bench.run(ring_ms)
    bench.lift(600)
    assert bench.state == codes.TALK
    flash(bench, 500)
    bench.run(100)
    assert sent(bench) == 1 and bench.state == codes.TALK
    bench.hang()
    assert bench.state == codes.ON_HOOK
