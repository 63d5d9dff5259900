"""Ringing and Caller ID on the line, and a handset that moves at any moment of them.

Limits: ringing current is gone 200 ms after off-hook, 100 ms if that was between two rings, and whoever
lifts hears no click above -20 dBm0.
"""

import itertools

import cidkit
import pytest
from ata_bench import AtaBench, sine_frames
from lineplay import styles
from lineside import LineSide, loudest_dbm0

import codes

FORWARD, REVERSE, RINGING = codes.FEED_FORWARD, codes.FEED_REVERSE, codes.FEED_RINGING
FSK = codes.SIGNAL_FSK
CLICK_DBM0 = -20
MUTED_MS = 30  # the second closed sample counts, and the frame that plays then is heard to its end
RING_OFF_MS = 200
SILENT_PHASE_MS = 100
LOOK_MS = 30  # the loop must be closed for so long before it counts, and is seen each 5 ms
STYLES = styles()
SENT = {"dtas": 100, "fsk": None, "dtmf": None}
VARIABLE = 52


def called(run_ms=0, settings=None, trip_ms=100, **invitation):
    """Return (bench, side, the call, when it came), run_ms after a call came in."""
    bench = AtaBench(settings=settings)
    side = LineSide(bench, trip_ms)
    began = bench.t_ms + 5
    call = bench.peer.call_device("ata1", **{"number": "5551234", "name": "ALICE", **invitation})
    bench.run(5 + run_ms)
    return bench, side, call, began


def rings(side, since_ms=0):
    """Return (begin, end) of each ring."""
    feeds = [*side.feeds(since_ms), (side.bench.t_ms, FORWARD)]
    return [(begin, end) for (begin, mode), (end, _) in itertools.pairwise(feeds) if mode == RINGING]


def rings_on(side, lifted_at):
    """Return how long ringing current still flowed after `lifted_at`, in ms."""
    return max([0, *(end - lifted_at for _, end in rings(side) if end > lifted_at)])


def tone_passes(bench, side):
    """True if what is said comes back: the caller echoes."""
    bench.say(sine_frames((1000,), 300))
    bench.run(400)
    return loudest_dbm0(side.heard(bench.t_ms - 200)) > -20


# -- the order of things -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in STYLES if name not in ("off", "jp")])
def test_each_style_alerts_sends_and_rings_and_the_number_is_on_the_line(name):
    _, modem, words, _ = STYLES[name]
    _, side, _, began = called(11000, {"line.callerid": name})
    sent = [word for word in words.split() if word in SENT]
    assert len([None for _, _, begins in side.signals(began) if begins]) == len(sent)
    assert (REVERSE in [mode for _, mode in side.feeds(began)]) == ("rev" in words)
    assert len(rings(side, began)) >= 2
    message = side.sounds(began)
    message = message[-1:] if modem else message[sent.index("dtmf") :]
    begin, end = message[0][0], message[-1][1]
    gap = min(start - end for start, _ in rings(side, began) if start > end)
    assert 200 <= gap <= (500 if words[:4] != "ring" else 4000)
    before = [begin - stop for _, stop in rings(side, began) if stop < begin]
    assert [500 <= ms <= 800 for ms in before] == [True] * (words[:1] == "p" or words[:4] == "ring")
    heard = side.heard(began)
    if modem:
        assert b"5551234" in b"".join(cidkit.decode_minimodem(heard, modem))
    else:
        assert "5551234" in cidkit.digits_multimon(heard)


def test_first_ring_is_whole_and_the_message_lies_in_the_first_gap():
    bench, side, _, began = called(9000)
    assert [(a - began, b - began) for a, b in rings(side, began)] == [(0, 2000), (6000, 8000)]
    [(begin, end)] = side.sounds(began)
    assert 500 <= begin - began - 2000 <= 600
    assert 6000 - (end - began) >= 200
    assert loudest_dbm0(side.heard(began)) < -12, "13.5 dBm0, and no click over it"
    bench.run(12000)
    assert len(side.sounds(began)) == 1, "once"


def test_first_ring_is_whole_however_the_last_call_ended():
    for rang_ms in (100, 1900, 2600, 5990, 6100):
        bench, side, call, _ = called(rang_ms)
        call.hangup(16)
        bench.run(30)
        again = bench.t_ms + 5
        bench.peer.call_device("ata1", number="5559876")
        bench.run(2700)
        assert rings(side, again)[0] == (again, again + 2000)
        bench.run(4000)
        assert b"5559876" in cidkit.decode_minimodem(side.heard(again), "bell")[0]


def test_no_caller_id_where_none_is_wanted():
    _, side, _, began = called(6500, {"line.callerid": "off"})
    assert side.sounds(began) == []
    assert rings(side, began)[0] == (began, began + 2000)


def test_caller_who_gives_up_ends_the_message_too():
    bench, side, call, began = called(2800)
    assert side.signals(began)[-1][1:] == (FSK, 1)
    call.hangup(16)
    bench.run(40)
    ended = bench.t_ms
    bench.run(8000)
    assert loudest_dbm0(side.heard(ended)) == -99
    assert rings_on(side, ended) == 0
    assert bench.at_rest


# -- distinctive ringing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "on_off_ms"),
    [
        ("bellcore-r1", [2000, 4000]),
        ("bellcore-r2", [800, 400, 800, 4000]),
        ("bellcore-r4", [300, 200, 1000, 200, 300, 4000]),
        ("phreak-9", [800, 200, 300, 200, 400, 4000]),
    ],
)
def test_variable_of_the_call_names_its_cadence(name, on_off_ms):
    bench, side, _, began = called(16000, extra=[(VARIABLE, "ring=" + name)])
    edges = [t for t, _ in side.feeds(began)]
    steps = [b - a for a, b in itertools.pairwise(edges)]
    assert steps[: 2 * len(on_off_ms)] == (on_off_ms * 2)[: len(steps)][: 2 * len(on_off_ms)]
    [(begin, end)] = side.sounds(began)
    kept = began + sum(on_off_ms[:-1])
    assert kept + 500 <= begin
    assert end <= kept + on_off_ms[-1] - 200, "Caller ID lies in the long gap"
    bench.run(100)


def test_gap_too_short_for_the_message_waits_for_it():
    _, side, _, began = called(9000, extra=[(VARIABLE, "ring=phreak-8")])
    [(begin, end)] = side.sounds(began)
    [first, second, third] = rings(side, began)[:3]
    assert first == (began, began + 1650)
    assert begin - first[1] >= 500
    assert 200 <= second[0] - end <= 400
    assert third[0] - second[1] == 350


@pytest.mark.parametrize("value", ["", "nobody-knows", "9/9", "2000", "\0", "x" * 60])
def test_cadence_that_is_none_rings_as_usual(value):
    _, side, _, began = called(3000, extra=[(VARIABLE, b"ring=" + value.encode())])
    assert rings(side, began) == [(began, began + 2000)]


# -- lifting at any moment ---------------------------------------------------------------------------------

EDGES = (0, 2000, 2550, 3200, 6000, 8000)
MOMENTS = sorted({*range(150, 8600, 900), *(t + d for t in EDGES for d in (-30, 0, 30) if t + d >= 0)})


def clicks_dbm0(side, lifted_at):
    """Return the loudest 5 ms once a message had to be silent, with the click of what broke off there."""
    before_ms = min(200, lifted_at)
    return loudest_dbm0(side.heard(lifted_at - before_ms), 8 * (before_ms + MUTED_MS))


@pytest.mark.parametrize("lift_ms", MOMENTS)
def test_lifting_at_any_moment_stops_everything_and_answers(lift_ms):
    bench, side, call, _ = called(lift_ms, on_up=lambda call: iter((60000,)))
    in_ring = bench.hal.slic.feed == RINGING
    lifted_at = side.lift(1500)
    assert bench.state == codes.TALK
    assert call.state == "up"
    assert rings_on(side, lifted_at) <= RING_OFF_MS
    if not in_ring:
        begins = [begin for begin, _ in rings(side) if begin > lifted_at]
        assert rings_on(side, lifted_at) <= SILENT_PHASE_MS + (side.trip_ms if begins else 0)
        assert [begin for begin in begins if begin > lifted_at + LOOK_MS + 5] == []
    assert clicks_dbm0(side, lifted_at) < CLICK_DBM0
    assert [signal for _, signal, begin in side.signals(lifted_at + LOOK_MS + 5) if begin] == []
    side.hang(1300)
    assert bench.at_rest


@pytest.mark.parametrize("lift_ms", [1000, 2300, 2900, 4000, 7000])
def test_after_the_answer_nothing_rings_and_no_message_goes_on(lift_ms):
    bench, side, _, _ = called(lift_ms)
    lifted_at = side.lift(14000)
    assert rings_on(side, lifted_at + RING_OFF_MS) == 0
    assert loudest_dbm0(side.heard(lifted_at + 20)) == -99
    assert tone_passes(bench, side)


@pytest.mark.parametrize("name", [name for name in STYLES if name not in ("off", "bell", "jp")])
def test_lifting_stops_every_style_of_message(name):
    for lift_ms in (50, 350, 500, 900, 1500, 2200, 2900):
        bench, side, _, _ = called(lift_ms, {"line.callerid": name}, on_up=lambda call: iter((60000,)))
        lifted_at = side.lift(800)
        assert bench.state == codes.TALK
        assert rings_on(side, lifted_at) <= RING_OFF_MS
        assert clicks_dbm0(side, lifted_at) < CLICK_DBM0
        assert bench.hal.slic.feed == FORWARD, "and the polarity is that of rest"


def test_slow_ring_trip_still_keeps_the_limit():
    for trip_ms in (0, 50, 150, 190):
        _, side, _, _ = called(700, trip_ms=trip_ms)
        assert trip_ms <= rings_on(side, side.lift(400)) <= RING_OFF_MS


def test_glitches_of_the_loop_do_not_answer():
    bench, side, call, _ = called(0)
    for _ in range(160):
        bench.run(45)
        side.lift(5)
        side.hang()
    assert bench.state == codes.RINGING
    assert call.state == "ringing"


# -- hanging up and flashing at any moment -----------------------------------------------------------------


@pytest.mark.parametrize("lift_ms", [40, 1000, 1990, 2300, 2600, 2900, 3300, 5980, 6500])
@pytest.mark.parametrize("off_ms", [10, 150, 700])
def test_hanging_up_at_any_moment_leaves_nothing_behind(lift_ms, off_ms):
    """Lifted for a moment only it rings on; else the call was answered, and is over."""
    bench, side, call, _ = called(lift_ms)
    side.lift(off_ms)
    answered = bench.state == codes.TALK
    side.hang(1400)
    if answered:
        assert bench.at_rest
        assert call.ended_by == "them"
        hung_at = bench.t_ms
        bench.run(9000)
        assert rings_on(side, hung_at) == 0
        assert side.sounds(hung_at) == []
    else:
        assert off_ms < side.trip_ms
        assert bench.state == codes.RINGING
        lifted_at = side.lift(400)
        assert call.state == "up"
        assert rings_on(side, lifted_at) <= RING_OFF_MS


@pytest.mark.parametrize("lift_ms", [1000, 2300, 2900, 4500, 6500])
@pytest.mark.parametrize("after_ms", [0, 250])
def test_flashing_at_any_moment_after_lifting_keeps_the_call_and_rings_no_more(lift_ms, after_ms):
    bench, side, call, _ = called(lift_ms)
    side.lift(200 + after_ms)
    flashed_at = bench.t_ms
    side.flash(500, 400)
    assert bench.state == codes.TALK
    assert call.state == "up"
    assert [name for t, name, _, _ in bench.log if t > flashed_at and name == "LOG_FLASH"] == ["LOG_FLASH"]
    assert rings_on(side, flashed_at) == 0
    assert tone_passes(bench, side)


def test_flash_on_a_line_that_rings_is_no_flash():
    """A loop closed for a moment while it rings answers; opened again for good, it hangs up."""
    for lift_ms in (500, 2900, 4000):
        bench, side, _, _ = called(lift_ms)
        side.lift(300)
        side.hang(1400)
        assert "LOG_FLASH" not in [name for _, name, _, _ in bench.log]
        assert bench.at_rest


# -- Japan -------------------------------------------------------------------------------------------------


def japan(close_ms=700, open_after_ms=100, **invitation):
    """A telephone that answers the first short rings, takes the message and hangs up again; it rings."""
    bench, side, call, began = called(close_ms, {"line.profile": "jp"}, **invitation)
    closed_at = side.lift(100)
    bench.run_until(lambda: side.signals(closed_at)[-1:] and not side.signals(closed_at)[-1][2], 4000)
    bench.run(open_after_ms)
    side.hang(0)
    return bench, side, call, began


def test_telephone_of_japan_answers_by_itself_and_rings_afterwards():
    bench, side, call, began = japan()
    hung_at = bench.t_ms
    assert bench.state == codes.RINGING
    assert call.state == "ringing", "a primary answer is no answer"
    bench.run(3000)
    assert b"5551234" in cidkit.decode_spandsp(side.heard(began), "jclip")[0]
    assert 400 <= rings(side, hung_at)[0][0] - hung_at <= 900
    assert FORWARD not in [mode for _, mode in side.feeds(began)]
    lifted_at = side.lift(500)
    assert call.state == "up"
    assert rings_on(side, lifted_at) <= RING_OFF_MS
    assert bench.hal.slic.feed == FORWARD, "the polarity returns at the answer"
    side.hang(1400)
    assert bench.at_rest


@pytest.mark.parametrize("close_ms", range(320, 6300, 430))
def test_primary_answer_ends_the_short_rings_whenever_it_comes(close_ms):
    _, side, call, _ = called(close_ms, {"line.profile": "jp"})
    closed_at = side.lift(450)
    assert rings_on(side, closed_at) <= RING_OFF_MS
    assert call.state == "ringing"
    assert side.signals(closed_at)[0][1:] == (FSK, 1)


def test_person_who_lifts_in_the_short_rings_gets_the_call_after_the_message():
    bench, side, call, _ = called(700, {"line.profile": "jp"})
    lifted_at = side.lift(5000)
    assert call.state == "up"
    assert bench.state == codes.TALK
    assert rings_on(side, lifted_at) <= RING_OFF_MS
    assert tone_passes(bench, side)
    side.hang(1400)
    assert bench.at_rest


def test_caller_who_gives_up_in_the_primary_answer_leaves_a_line_that_can_be_used():
    bench, side, call, _ = called(700, {"line.profile": "jp"})
    side.lift(400)
    call.hangup(16)
    bench.run(100)
    assert bench.state == codes.DIAL_TONE
    assert bench.hal.slic.feed == FORWARD
    side.hang(1000)
    assert bench.at_rest


def test_plain_telephone_in_japan_rings_after_six_seconds_of_short_rings():
    _, side, call, began = called(9500, {"line.profile": "jp"})
    lengths = [end - begin for begin, end in rings(side, began)]
    assert lengths[:7] == [500] * 6 + [1000]
    side.lift(400)
    assert call.state == "up"
