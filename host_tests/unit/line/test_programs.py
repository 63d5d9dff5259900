"""Every way to show a caller's number, held as a log of events to the limits of its standard.

Times are those the telephone sees, with the sound early or late through the converter.
"""

import copy

import pytest
from lineplay import Play, play, rings, styles

import codes
import stub_hal
from line import programs

US = "2000/-4000"
UK = "400/200,400/2000"
FORWARD, REVERSE, RINGING, OPEN = codes.FEED_FORWARD, codes.FEED_REVERSE, codes.FEED_RINGING, codes.FEED_OPEN
FSK, DTMF, DTAS = codes.SIGNAL_FSK, codes.SIGNAL_DTMF, codes.SIGNAL_DTAS
STYLES = styles()
LATE_MS = (0, 20, 40, 60)
FORMS = {"none", "sdmf", "mdmf", "etsi", "uk", "ntt", "dtmf1", "dtmf2", "dtmf3", "dtmf4"}
WANTED = (
    "off bell bell-sdmf etsi etsi-dtas etsi-reverse etsi-pulse uk uk-cable jp dtmf-se dtmf-dk dtmf-nl dtmf-tw"
)

DURING = [name for name, row in STYLES.items() if row[2].startswith("ring")]
BY_DTAS = [name for name, row in STYLES.items() if "dtas" in row[2]]
BY_REVERSAL = [name for name, row in STYLES.items() if "rev" in row[2] and name != "jp"]
BY_PULSE = [name for name, row in STYLES.items() if row[2][:1] == "p"]
BEFORE = [name for name in STYLES if name not in (*DURING, "off", "jp")]


def log_of(name, cadence=US, ms=14000, **options) -> Play:
    return play(STYLES[name][2], cadence, ms, **options)


def signal(log, which):
    """Return (begin, end) of the one signal of that kind."""
    [found] = [(begin, end) for begin, end, what in log.signals if what == which]
    return found


def message(name, log):
    return signal(log, DTMF if STYLES[name][0].startswith("dtmf") else FSK)


# -- the table ---------------------------------------------------------------------------------------------


def test_table_is_whole():
    assert set(WANTED.split()) <= set(STYLES)
    for name, (form, modem, words, text) in STYLES.items():
        assert form in FORMS, name
        assert modem == ("" if form in ("none",) or form.startswith("dtmf") else modem), name
        assert modem in ("", "bell", "v23"), name
        assert text.endswith("."), name
        assert programs.build(words, US)[-2] == codes.ORDER_JUMP, name
    assert sorted((*DURING, *BEFORE, "off", "jp")) == sorted(STYLES), "each is held to limits below"


def rows_of(table, key):
    """Return what the third column of profiles, or the second of cadences, says."""
    rows = [row.split("|") for row in stub_hal.make(1).store.rows(table) if row[:1] not in ("", "#")]
    return {row[2] for row in rows if row[1] == key} if key else {row[1] for row in rows}


def test_every_country_and_every_cadence_has_a_program():
    assert rows_of("profiles", "callerid") <= set(STYLES)
    for cadence in rows_of("profiles", "ring") | rows_of("cadences", ""):
        if "/" in cadence:
            for row in STYLES.values():
                log = play(row[2], cadence, 100)
                assert log.sequence.rings, cadence


def test_programs_are_small():
    for name, row in STYLES.items():
        for cadence in (US, UK, "300/200,1000/200,300/-4000"):
            assert 2 * len(programs.build(row[2], cadence)) <= 120, name


def test_without_caller_id_it_is_the_plain_cadence():
    log = log_of("off", UK, 6000)
    assert rings(log) == [(0, 400), (600, 1000), (3000, 3400), (3600, 4000)]
    assert log.signals == []


# -- limits ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("late_ms", LATE_MS)
@pytest.mark.parametrize("cadence", [US, UK, "1000/4000", "1650/-350", "300/200,1000/200,300/-4000"])
@pytest.mark.parametrize("name", DURING)
def test_after_a_whole_first_ring_the_message_keeps_off_both_rings(name, cadence, late_ms):
    """Data 500 ms or more after the ring, and over 200 ms before the next."""
    log = log_of(name, cadence, late_ms=late_ms)
    begin, end = message(name, log)
    before = [ring for ring in rings(log) if ring[0] < begin]
    after = [ring for ring in rings(log) if ring[0] > begin]
    whole = rings(log_of("off", cadence))
    assert before == whole[: len(before)], "the first ring is full"
    assert 500 <= begin - before[-1][1] <= 700
    assert after[0][0] - end >= 200
    if "-4000" in cadence:
        assert after[0][0] == whole[len(before)][0], "the cadence keeps its time"


@pytest.mark.parametrize("late_ms", LATE_MS)
@pytest.mark.parametrize("name", BY_DTAS)
def test_dual_tone_is_followed_by_the_message_in_45_to_500_ms(name, late_ms):
    log = log_of(name, late_ms=late_ms)
    begin, end = signal(log, DTAS)
    assert end - begin == 100
    assert 45 <= message(name, log)[0] - end <= 500


@pytest.mark.parametrize("late_ms", LATE_MS)
@pytest.mark.parametrize("name", BY_REVERSAL)
def test_reversal_comes_first_and_is_over_when_it_rings(name, late_ms):
    log = log_of(name, late_ms=late_ms)
    assert log.feeds[0] == (0, REVERSE)
    first = log.signals[0][0]
    assert first >= (100 if name in BY_DTAS else 200)
    assert first <= 500
    assert {feed for at, feed in log.feeds[1:]} == {RINGING, FORWARD}, "and the polarity is back"


@pytest.mark.parametrize("late_ms", LATE_MS)
@pytest.mark.parametrize("name", BY_PULSE)
def test_ring_pulse_is_short_and_is_followed_by_the_message_in_time(name, late_ms):
    log = log_of(name, late_ms=late_ms)
    begin, end = rings(log)[0]
    assert (begin, 200 <= end <= (450 if name == "uk-cable" else 300)) == (0, True)
    assert 500 <= message(name, log)[0] - end <= 800


@pytest.mark.parametrize("late_ms", LATE_MS)
@pytest.mark.parametrize("name", BEFORE)
def test_message_before_the_ringing_is_over_200_ms_before_it(name, late_ms):
    log = log_of(name, late_ms=late_ms)
    end = message(name, log)[1]
    [first, second] = [ring for ring in rings(log) if ring[0] > end][:2]
    assert 200 <= first[0] - end <= 500
    assert (first[1] - first[0], second[0] - first[1]) == (2000, 4000), "then the cadence, from its begin"


@pytest.mark.parametrize("late_ms", LATE_MS)
def test_japan_sends_the_message_into_the_loop_that_the_telephone_closed(late_ms):
    tell = {850: codes.TOLD_CLOSED, 3000: codes.TOLD_OPEN}
    log = log_of("jp", "1000/2000", tell=tell, late_ms=late_ms)
    assert log.feeds[:3] == [(0, REVERSE), (300, RINGING), (800, REVERSE)]
    begin, end = signal(log, FSK)
    assert 850 + 100 <= begin <= 850 + 400
    assert end < 3000
    assert rings(log)[1] == (3300, 4300)
    assert FORWARD not in [feed for _, feed in log.feeds], "the polarity returns at the answer"


def test_message_too_long_for_its_gap_moves_the_second_ring():
    """255 octets last 3.05 s: with a gap of 4 s there is room, with one of 2 s there is none."""
    for cadence, second in ((US, 6000), (UK, None)):
        log = log_of("bell", cadence, lasts={FSK: 3050})
        end = message("bell", log)[1]
        ring = min(begin for begin, _ in rings(log) if begin > end)
        assert ring - end >= 200
        assert second in (ring, None)
    long = log_of("dtmf", lasts={DTMF: 5600})
    assert min(begin for begin, _ in rings(long) if begin > long.signals[0][1]) - long.signals[0][1] >= 200


# -- answering ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STYLES)
def test_lifting_at_any_moment_ends_ringing_and_signal_at_once(name):
    """Each 5 ms: either it is a primary answer, or the port stops the program; either way no ring current."""
    log = Play(STYLES[name][2], US)
    primary = []
    while log.t_ms < 14000:
        log.run(5)
        now = log.t_ms
        lifted = copy.copy(log.sequence)
        if lifted.told(codes.TOLD_CLOSED, now):
            primary.append(now)
            feeds = {lifted.poll(at) for at in range(now, now + 400, 5)}
            assert feeds == {REVERSE}
        else:
            lifted.stop()
            assert {lifted.poll(at) for at in range(now, now + 7000, 50)} == {FORWARD}
            assert lifted.signal == 0
            assert lifted.next_due(now) == -1
            assert not lifted.lifted
    assert (primary[0], primary[-1]) == (305, 6300) if name == "jp" else primary == []


@pytest.mark.parametrize("name", STYLES)
def test_unanswered_ringing_ends_after_its_longest_time_in_every_style(name):
    for max_ring_ms in range(1000, 20000, 1700):
        log = log_of(name, UK, 21000, max_ring_ms=max_ring_ms)
        assert log.sequence.expired
        assert log.feeds[-1][1] == FORWARD
        assert log.feeds[-1][0] <= max_ring_ms


# -- programs that do not ring -----------------------------------------------------------------------------


@pytest.mark.parametrize("late_ms", LATE_MS)
@pytest.mark.parametrize("ack_ms", [60, 100, 160, 220])
def test_call_waiting_is_sas_cas_ack_and_message_in_the_limits_of_type_two(ack_ms, late_ms):
    """SAS to CAS 0-50 ms; the message within 500 ms of the ACK, once that is over; the feed is let alone."""
    heard_at = 300 + 60 + 80 + ack_ms
    tell = {heard_at // 5 * 5: codes.TOLD_ACK}
    log = play(programs.CALL_WAITING, "", 4000, tell=tell, late_ms=late_ms)
    sas, cas = signal(log, codes.SIGNAL_SAS), signal(log, codes.SIGNAL_CAS)
    assert 0 <= cas[0] - sas[1] <= 50
    assert cas[1] - cas[0] == 80
    assert log.taken[0][1], "the ACK was waited for"
    begin = signal(log, FSK)[0]
    assert 50 <= begin - heard_at <= 200
    assert log.feeds == [(0, FORWARD)]
    assert not log.sequence.on
    assert not log.sequence.rings


def test_call_waiting_leaves_a_line_with_turned_polarity_as_it_is():
    log = Play(programs.CALL_WAITING, "", tell={500: codes.TOLD_ACK})
    log.sequence.rest = REVERSE
    log.run(4000)
    assert log.feeds == [(0, REVERSE)]


def test_telephone_without_type_two_gets_its_call_back_within_half_a_second_of_cas():
    log = Play(programs.CALL_WAITING, "")
    while log.sequence.on:
        log.run(5)
    assert log.t_ms - signal(log, codes.SIGNAL_CAS)[1] <= 500


@pytest.mark.parametrize("late_ms", LATE_MS)
@pytest.mark.parametrize("way", programs.WAITING)
def test_message_waiting_is_told_on_an_idle_line(way, late_ms):
    log = play(programs.WAITING[way], "", 5000, late_ms=late_ms)
    begin, end = signal(log, FSK)
    assert not log.sequence.on
    assert log.feeds[-1][1] == FORWARD
    alerts = [(at, log.feeds[i + 1][0]) for i, (at, feed) in enumerate(log.feeds[:-1]) if feed != FORWARD]
    if way == "splash":
        assert [300 <= stop - start <= 500 for start, stop in alerts] == [True]
        assert 500 <= begin - alerts[0][1] <= 800
    elif way == "pulse":
        assert [200 <= stop - start <= 300 for start, stop in alerts] == [True]
        assert 500 <= begin - alerts[0][1] <= 800
    elif way == "reverse":
        assert alerts[0][0] == 0
        assert 200 <= alerts[0][1] - end <= 500, "the polarity is held until the message is over"
    else:
        assert alerts == []
    if way in ("reverse", "dtas"):
        assert 45 <= begin - signal(log, DTAS)[1] <= 500


def test_splash_and_open_interval_last_as_long_as_asked():
    assert play(programs.SPLASH % 400, "", 1000).feeds == [(0, RINGING), (400, FORWARD)]
    assert play(programs.OPEN % 500, "", 1000).feeds == [(0, OPEN), (500, FORWARD)]


# -- grammar -----------------------------------------------------------------------------------------------


def test_cadence_is_read_with_its_kept_gap():
    assert list(programs.cadence("2000/4000")) == [2000, 4000]
    assert list(programs.cadence(" 400 / 200 , 400/-2000")) == [400, 200, 400, -2000]


def test_caller_id_goes_into_the_kept_gap_or_into_the_longest():
    for text, index in (("2000/4000", 1), ("400/200,400/2000", 3), ("400/-900,400/2000", 1), ("1000/0", 1)):
        assert programs.gap_of(programs.cadence(text)) == index


@pytest.mark.parametrize(
    "text",
    ["", "2000", "2000/", "/4000", "99/4000", "2000/40000", "2000/--4000", "-2000/4000", "a/b", "2000/4000,"],
)
def test_wrong_cadence_is_refused_in_one_line(text):
    with pytest.raises(ValueError, match=r"^ringing: .*ms, not .*$") as error:
        programs.cadence(text)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("words", ["s", "s40000", "fsk2", "bell", "gap", "ring5", "p-5", "ack", "5", "s5x"])
def test_wrong_word_is_refused_in_one_line(words):
    with pytest.raises(ValueError, match=r"ms, not|no word") as error:
        programs.build(words, US)
    assert "\n" not in str(error.value)


def test_ring_without_a_cadence_is_refused():
    with pytest.raises(ValueError, match="no word ring"):
        programs.build("ring s550 fsk gap", "")


def test_nothing_to_do_is_a_program_too():
    log = play("", "", 100)
    assert log.feeds == [(0, FORWARD)]
    assert not log.sequence.on
