"""The player of line programs: orders one by one, the primary answer, expiry, the clock's wrap."""

from array import array

import pytest
from lineplay import play, rings

import codes
from line.sequence import Sequence

US = "2000/4000"
FORWARD, REVERSE, RINGING, OPEN = codes.FEED_FORWARD, codes.FEED_REVERSE, codes.FEED_RINGING, codes.FEED_OPEN
JP = "rev s300 car s200 fsk hang2000 s300"


def program(*orders):
    return array("h", [number for order in orders for number in order])


def test_line_rests_before_the_first_program():
    sequence = Sequence(60000)
    assert sequence.poll(0) == FORWARD
    assert sequence.next_due(0) == -1
    assert not (sequence.on or sequence.rings or sequence.expired or sequence.lifted or sequence.signal)
    sequence.rest = REVERSE
    assert sequence.poll(5) == REVERSE


def test_cadence_goes_round_two_seconds_on_four_off():
    log = play("", US)
    assert log.feeds == [(0, RINGING), (2000, FORWARD), (6000, RINGING), (8000, FORWARD), (12000, RINGING)]
    assert log.sequence.rings


def test_double_ring_has_four_steps():
    log = play("", "400/200,400/2000", 4000)
    assert [at for at, _ in log.feeds] == [0, 400, 600, 1000, 3000, 3400, 3600]


def test_cadence_without_a_pause_rings_on():
    assert play("", "1000/0").feeds == [(0, RINGING)]


def test_program_without_a_jump_is_over_at_its_end():
    log = play("p400", "", 1000)
    assert log.feeds == [(0, RINGING), (400, FORWARD)]
    assert not log.sequence.on
    assert log.sequence.next_due(0) == -1


def test_end_may_stand_last():
    log = play(program((OPEN, 500), (codes.ORDER_END, 0)), "", 1000)
    assert log.feeds == [(0, OPEN), (500, FORWARD)]
    assert not log.sequence.on


def test_splash_does_not_expire():
    log = play("p3000", "", 4000, max_ring_ms=1000)
    assert log.feeds == [(0, RINGING), (3000, FORWARD)]
    assert not log.sequence.expired


def test_ringing_expires_and_goes_silent():
    log = play("", US, 9000, max_ring_ms=7000)
    assert log.feeds == [(0, RINGING), (2000, FORWARD), (6000, RINGING), (7000, FORWARD)]
    assert log.sequence.expired
    assert not log.sequence.on
    log.sequence.start(log.program, 9000)
    assert not log.sequence.expired


def test_ringing_that_expires_in_the_pause_is_over_there():
    log = play("", US, 9000, max_ring_ms=3000)
    assert rings(log) == [(0, 2000)]
    assert log.sequence.expired


def test_ringing_without_a_limit_goes_on():
    sequence = Sequence(0)
    sequence.start(program((RINGING, 2000), (FORWARD, 4000), (codes.ORDER_JUMP, 0)), 0)
    assert sequence.poll(6_000_000 + 1999) == RINGING
    assert sequence.poll(6_000_000 + 2000) == FORWARD


def test_stop_ends_ringing_and_a_new_start_has_a_whole_first_ring():
    sequence = Sequence(60000)
    ring = program((RINGING, 2000), (FORWARD, 4000), (codes.ORDER_JUMP, 0))
    sequence.start(ring, 0)
    sequence.poll(1500)
    sequence.stop()
    assert sequence.poll(1505) == FORWARD
    assert not sequence.on
    assert not sequence.rings
    sequence.start(ring, 3000)
    assert sequence.poll(4999) == RINGING
    assert sequence.poll(5000) == FORWARD


def test_next_due_names_the_sooner_of_step_and_end():
    sequence = Sequence(2500)
    sequence.start(program((RINGING, 2000), (FORWARD, 4000), (codes.ORDER_JUMP, 0)), 0)
    assert sequence.next_due(0) == 2000
    sequence.poll(2000)
    assert sequence.next_due(2000) == 500
    assert sequence.next_due(9999) == 0


def test_late_turns_do_not_shift_the_cadence():
    sequence = Sequence(0)
    sequence.start(program((RINGING, 2000), (FORWARD, 4000), (codes.ORDER_JUMP, 0)), 0)
    feeds = [(at, sequence.poll(at)) for at in range(0, 13000, 7)]
    edges = [at for (at, feed), (_, before) in zip(feeds[1:], feeds, strict=False) if feed != before]
    assert edges[-1] == 12005, "the first multiple of 7 after 12,000"


def test_reverse_is_the_other_polarity_than_that_of_rest():
    sequence = Sequence(0)
    sequence.rest = REVERSE
    sequence.start(program((REVERSE, 100), (FORWARD, 100), (OPEN, 100)), 0)
    assert [sequence.poll(at) for at in (0, 100, 200, 300)] == [FORWARD, REVERSE, OPEN, REVERSE]


def test_signal_is_asked_for_once_and_its_end_goes_on():
    sequence = Sequence(0)
    sequence.start(program((FORWARD, 100), (codes.ORDER_SIGNAL + codes.SIGNAL_FSK, 0), (RINGING, 100)), 0)
    assert sequence.signal == 0
    sequence.poll(100)
    assert sequence.signal == codes.SIGNAL_FSK
    sequence.signal = 0
    assert sequence.poll(2000) == FORWARD
    assert sequence.signal == 0
    sequence.done(2000)
    assert sequence.poll(2005) == RINGING


def test_signal_whose_end_nobody_tells_does_not_hold_the_line():
    sequence = Sequence(0)
    sequence.start(program((codes.ORDER_SIGNAL + codes.SIGNAL_FSK, 0), (RINGING, 100)), 0)
    assert sequence.poll(3999) == FORWARD
    assert sequence.next_due(3999) == 1
    assert sequence.poll(4000) == RINGING


def test_end_of_a_signal_that_nobody_waits_for_changes_nothing():
    sequence = Sequence(0)
    sequence.done(0)
    sequence.start(program((RINGING, 100), (FORWARD, 100)), 0)
    sequence.done(50)
    assert sequence.poll(99) == RINGING
    sequence.done(250)


def test_signal_not_taken_is_forgotten_by_stop():
    sequence = Sequence(0)
    sequence.start(
        program(
            (codes.ORDER_SIGNAL + codes.SIGNAL_FSK, 0),
        ),
        0,
    )
    sequence.stop()
    assert sequence.signal == 0


def test_gap_waits_for_the_cadence_or_for_the_message_whichever_is_later():
    short = play("ring s550 fsk gap", US, lasts={codes.SIGNAL_FSK: 700}, late_ms=0)
    assert rings(short)[:2] == [(0, 2000), (6000, 8000)]
    long = play("ring s550 fsk gap", US, lasts={codes.SIGNAL_FSK: 3800}, late_ms=0)
    told_at = 2560 + 3800 - 20  # when its last frame was made
    assert rings(long)[1][0] == told_at + 300


def test_nothing_is_waited_for_by_an_idle_line_or_by_plain_ringing():
    sequence = Sequence(0)
    for _ in range(2):
        for what in (codes.TOLD_CLOSED, codes.TOLD_OPEN, codes.TOLD_ACK):
            assert sequence.told(what, 0) is False
        sequence.start(program((RINGING, 2000), (FORWARD, 4000), (codes.ORDER_JUMP, 0)), 0)


def test_ack_in_time_brings_the_message():
    words = "cas ack300 s60 fsk"
    log = play(words, "", 3000, tell={240: codes.TOLD_ACK}, late_ms=0)
    assert log.taken == [(240, True)]
    assert log.signals == [(20, 100, codes.SIGNAL_CAS), (320, 1037, codes.SIGNAL_FSK)]
    assert not log.sequence.on


@pytest.mark.parametrize("tell", [{}, {80: codes.TOLD_ACK}, {480: codes.TOLD_ACK}])
def test_without_an_ack_in_its_window_there_is_no_message(tell):
    log = play("cas ack300 s60 fsk", "", 3000, tell=tell)
    assert [taken for _, taken in log.taken] == [False] * len(tell)
    assert [signal for _, _, signal in log.signals] == [codes.SIGNAL_CAS]
    assert not log.sequence.on


# -- the primary answer ------------------------------------------------------------------------------------


def test_primary_answer_stops_the_car_signal_at_once_and_brings_the_message():
    log = play(JP, "1000/2000", tell={1900: codes.TOLD_CLOSED, 3900: codes.TOLD_OPEN})
    assert log.taken == [(1900, True), (3900, True)]
    assert log.feeds[:6] == [
        (0, REVERSE),
        (300, RINGING),
        (800, REVERSE),
        (1300, RINGING),
        (1800, REVERSE),
        (4200, RINGING),
    ]
    assert [signal for _, _, signal in log.signals] == [codes.SIGNAL_FSK]
    begin, end, _ = log.signals[0]
    assert begin > 1900 + 200
    assert end < 3900
    assert rings(log)[2:4] == [(4200, 5200), (7200, 8200)], "then the ordinary ringing"


def test_primary_answer_during_the_car_ring_ends_that_ring():
    log = play(JP, "1000/2000", 2000, tell={500: codes.TOLD_CLOSED})
    assert log.feeds == [(0, REVERSE), (300, RINGING), (500, REVERSE)]


def test_without_a_primary_answer_the_ordinary_ringing_follows_six_seconds_of_car():
    log = play(JP, "1000/2000", 14000)
    assert rings(log)[:6] == [(300 + 1000 * i, 800 + 1000 * i) for i in range(6)]
    assert rings(log)[6:8] == [(6300, 7300), (9300, 10300)]
    assert log.signals == []
    assert {feed for _, feed in log.feeds} == {REVERSE, RINGING}, "the polarity returns at the answer"


def test_second_closure_after_a_primary_answer_is_the_real_one():
    tell = {1900: codes.TOLD_CLOSED, 3900: codes.TOLD_OPEN, 5000: codes.TOLD_CLOSED}
    assert play(JP, "1000/2000", tell=tell).taken[2] == (5000, False)


def test_closure_before_the_car_signal_and_after_it_is_the_real_answer():
    assert play(JP, "1000/2000", tell={100: codes.TOLD_CLOSED}).taken == [(100, False)]
    assert play(JP, "1000/2000", tell={6400: codes.TOLD_CLOSED}).taken == [(6400, False)]


def test_telephone_that_hangs_up_before_the_message_was_over_rings_after_it():
    log = play(JP, "1000/2000", tell={1900: codes.TOLD_CLOSED, 2500: codes.TOLD_OPEN})
    assert log.taken == [(1900, True), (2500, True)]
    assert rings(log)[2][0] - log.signals[0][1] >= 200
    assert rings(log)[2][0] - log.signals[0][1] < 500, "without the two seconds of hang2000"
    assert not log.sequence.lifted


def test_person_who_lifted_in_the_car_signal_is_told_to_the_port_in_the_end():
    log = play(JP, "1000/2000", tell={1900: codes.TOLD_CLOSED})
    assert log.sequence.lifted
    assert not log.sequence.on
    assert log.feeds[-1] == (log.feeds[-1][0], FORWARD), "answered: the polarity is back"
    assert log.sequence.told(codes.TOLD_OPEN, 20000) is False, "that hang-up is a real one"


def test_caller_who_gives_up_in_a_primary_answer_leaves_the_closed_loop_to_the_port():
    log = play(JP, "1000/2000", 2500, tell={1900: codes.TOLD_CLOSED})
    assert not log.sequence.lifted
    log.sequence.stop()
    assert log.sequence.lifted
    assert log.sequence.told(codes.TOLD_OPEN, 3000) is False
    log.sequence.start(log.program, 5000)
    assert not log.sequence.lifted


def test_ringing_does_not_expire_in_the_middle_of_a_primary_answer():
    tell = {1900: codes.TOLD_CLOSED, 3900: codes.TOLD_OPEN}
    log = play(JP, "1000/2000", 3900, tell=tell, max_ring_ms=2000)
    assert log.sequence.on
    log.run(1000)
    assert log.sequence.expired


def test_clock_may_wrap_anywhere_in_a_program():
    for words in (JP, "ring s550 fsk gap"):
        for tell in ({}, {1900: codes.TOLD_CLOSED, 3900: codes.TOLD_OPEN}):
            usual = play(words, US, tell=tell, max_ring_ms=13000)
            for before_ms in (0, 1, 700, 2551, 3299, 6000, 12999):
                log = play(words, US, tell=tell, max_ring_ms=13000, start=0x40000000 - before_ms & 0x3FFFFFFF)
                assert (log.feeds, log.signals, log.taken) == (usual.feeds, usual.signals, usual.taken)
                assert log.sequence.expired
