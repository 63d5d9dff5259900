"""What the feed says without a sound: polarity, the open interval, lock-out, and silence at power-up.

The far telephone of an outgoing call is number 600 of the test peer, which answers and echoes.
"""

import itertools

import earpiece
import pytest
from ata_bench import AtaBench, sine_frames
from lineside import LineSide, loudest_dbm0

import codes

FORWARD, REVERSE, RINGING, OPEN = codes.FEED_FORWARD, codes.FEED_REVERSE, codes.FEED_RINGING, codes.FEED_OPEN
BOTH = {"line.answer_reversal": "on", "line.hangup_reversal": "on", "line.open_ms": "0"}
ECHO = "600#"


def talking(settings=None):
    """Return (bench, side) with a call to the echo up."""
    bench = AtaBench(settings=settings)
    side = LineSide(bench)
    side.lift(300)
    bench.dtmf(ECHO)
    assert bench.run_until(lambda: bench.state == codes.TALK)
    return bench, side


def cut_off(bench):
    """The far end hangs up; return when."""
    bench.call.hangup(16)
    bench.run(30)
    return bench.t_ms


# -- power-up ----------------------------------------------------------------------------------------------


def test_power_up_is_silent_on_the_bell_and_in_the_ear():
    bench = AtaBench(settings={"feature.messages": "fsk"})
    side = LineSide(bench)
    bench.run(10000, 20)
    assert [order for order in bench.hal.slic.orders if order[0] == "feed"] == [("feed", FORWARD)]
    assert side.sounds(0) == []
    assert side.signals() == []


def test_power_up_with_the_receiver_off_gives_dial_tone_and_nothing_else():
    bench = AtaBench(register=False)
    side = LineSide(bench)
    side.lift(2000)
    assert bench.state == codes.DIAL_TONE
    assert [mode for _, mode in side.feeds()] == [FORWARD]


# -- polarity ----------------------------------------------------------------------------------------------


def test_polarity_never_turns_unless_it_is_asked_for():
    bench, side = talking()
    cut_off(bench)
    bench.run(8000)
    side.hang(1400)
    assert REVERSE not in [mode for _, mode in side.feeds()]


def test_polarity_turns_when_the_far_end_answers_and_back_when_it_hangs_up():
    bench, side = talking({**BOTH, "line.hangup_reversal": "off"})
    assert [mode for _, mode in side.feeds()] == [FORWARD, REVERSE]
    answered_at = next(t for t, name, a, _ in bench.log if (name, a) == ("LOG_PORT", codes.TALK))
    assert 0 <= side.feeds()[-1][0] - answered_at <= 20
    bench.run(3000)
    assert side.feeds()[-1][1] == REVERSE, "all the call long"
    cleared_at = cut_off(bench)
    assert side.feeds()[-1][1] == FORWARD
    assert side.feeds()[-1][0] <= cleared_at
    side.hang(1400)
    assert bench.at_rest


def test_polarity_is_forward_until_the_answer_itself():
    bench = AtaBench(settings=BOTH)
    side = LineSide(bench)
    bench.peer.quirks.reply_delay_ms = 1500
    side.lift(300)
    bench.dtmf(ECHO)
    assert bench.state == codes.CALLING
    assert [mode for _, mode in side.feeds()] == [FORWARD]
    assert bench.run_until(lambda: bench.state == codes.TALK, 20000)
    bench.run(20)
    assert side.feeds()[-1][1] == REVERSE


def test_polarity_turns_on_hang_up_alone_too():
    bench, side = talking({**BOTH, "line.answer_reversal": "off"})
    assert [mode for _, mode in side.feeds()] == [FORWARD]
    cut_off(bench)
    assert [mode for _, mode in side.feeds()] == [FORWARD, REVERSE]
    side.hang(1400)
    assert side.feeds()[-1][1] == FORWARD
    assert bench.at_rest


def test_reversal_does_not_disturb_the_call():
    bench, side = talking(BOTH)
    bench.say(sine_frames((1000,), 600))
    bench.run(500)
    assert bench.state == codes.TALK
    assert loudest_dbm0(side.heard(bench.t_ms - 200)) > -20
    assert [name for _, name, _, _ in bench.log if name in ("LOG_FLASH", "LOG_PULSE", "LOG_STRAY")] == []


def test_own_hang_up_puts_the_polarity_back():
    bench, side = talking(BOTH)
    side.hang(1400)
    assert side.feeds()[-1][1] == FORWARD
    assert bench.at_rest


def test_call_that_came_in_is_not_answered_by_polarity():
    bench = AtaBench(settings=BOTH)
    side = LineSide(bench)
    bench.peer.call_device("ata1")
    bench.run(1000)
    side.lift(1000)
    assert REVERSE not in [mode for _, mode in side.feeds()]


def test_failed_call_turns_nothing():
    for number, state in (("603#", codes.BUSY_TONE), ("999#", codes.REORDER_TONE)):
        bench = AtaBench(settings=BOTH)
        side = LineSide(bench)
        side.lift(300)
        bench.dtmf(number)
        bench.run(1000)
        assert bench.state == state
        assert [mode for _, mode in side.feeds()] == [FORWARD]


# -- open interval -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wait_ms", "open_ms"), [(2000, 500), (0, 250), (5000, 2000), (300, 900)])
def test_open_interval_comes_when_the_far_end_is_gone_and_lasts_as_set(wait_ms, open_ms):
    bench, side = talking({"line.open_wait_ms": str(wait_ms), "line.open_ms": str(open_ms)})
    cleared_at = cut_off(bench)
    bench.run(wait_ms + open_ms + 3000)
    [(opened, _), (closed, mode)] = side.feeds(cleared_at - 30)
    assert abs(opened - cleared_at - wait_ms) <= 30
    assert (closed - opened, mode) == (open_ms, FORWARD)
    assert bench.state == codes.REORDER_TONE, "the open loop was no hang-up of the telephone"
    assert [name for _, name, _, _ in bench.log if name in ("LOG_FLASH", "LOG_PULSE", "LOG_STRAY")] == []
    side.hang(1400)
    assert bench.at_rest


def test_no_open_interval_where_none_is_wanted():
    bench, side = talking({"line.open_ms": "0"})
    cut_off(bench)
    bench.run(10000)
    assert [mode for _, mode in side.feeds()] == [FORWARD]


def test_answering_machine_that_hangs_up_in_the_open_interval_leaves_the_line_at_rest():
    for into_ms in (0, 50, 250, 495, 520):
        bench, side = talking()
        cleared_at = cut_off(bench)
        bench.run_until(lambda side=side, at=cleared_at: OPEN in [mode for _, mode in side.feeds(at)], 4000)
        bench.run(into_ms)
        side.hang(2500)
        assert bench.at_rest, into_ms
        assert side.feeds()[-1][1] == FORWARD


def test_who_hangs_up_before_the_open_interval_gets_none_at_the_next_call():
    bench, side = talking()
    cut_off(bench)
    side.hang(500)
    lifted_at = side.lift(6000)
    assert OPEN not in [mode for _, mode in side.feeds(lifted_at - 500)]
    assert bench.state == codes.DIAL_TONE


def test_flash_around_the_open_interval_never_rings_nor_hangs_a_tone_up_for_good():
    """Where flash and open interval touch they may look like a hang-up: then there is dial tone again."""
    for wait_ms in (100, 1700, 2100, 2600):
        bench, side = talking()
        cleared_at = cut_off(bench)
        bench.run(wait_ms)
        side.flash(300, 4000)
        assert bench.state in (codes.REORDER_TONE, codes.DIAL_TONE), wait_ms
        assert bench.state == codes.REORDER_TONE or wait_ms == 1700
        assert RINGING not in [mode for _, mode in side.feeds(cleared_at)]
        side.hang(1400)
        assert bench.at_rest


# -- lock-out ----------------------------------------------------------------------------------------------


def test_receiver_left_off_ends_in_a_silent_line_that_takes_no_call():
    bench = AtaBench()
    side = LineSide(bench)
    bench.hal.pcm.record = False
    side.lift(300)
    assert bench.run_until(lambda: bench.state == codes.LOCKOUT, 300000)
    bench.hal.pcm.record = True
    locked_at = bench.t_ms + 40
    bench.run(5000)
    assert loudest_dbm0(side.heard(locked_at)) == -99
    assert bench.peer.call_device("ata1") is not None
    bench.run(3000)
    assert RINGING not in [mode for _, mode in side.feeds()]
    side.flash(300, 500)
    assert bench.state == codes.LOCKOUT
    side.hang(1400)
    assert bench.at_rest
    side.lift(400)
    assert bench.state == codes.DIAL_TONE


def test_howler_gets_louder_in_three_steps_before_it_gives_up():
    bench = AtaBench(settings={"line.howler_ms": "6000", "line.busy_ms": "0"})
    side = LineSide(bench)
    side.lift(300)
    bench.dtmf("603#")
    assert bench.run_until(lambda: bench.state == codes.HOWLER, 5000)
    began = next(t for t, name, state, _ in bench.log if (name, state) == ("LOG_PORT", codes.HOWLER))
    assert bench.run_until(lambda: bench.state == codes.LOCKOUT, 8000)
    assert abs(bench.t_ms - began - 6000) <= 20
    levels = [
        earpiece.level_dbm0(bench.hal.pcm.ear[(began + ms) // 20 : (began + ms + 1000) // 20])
        for ms in (500, 2500, 4500)
    ]
    assert [round(b - a) for a, b in itertools.pairwise(levels)] == [6, 6]
