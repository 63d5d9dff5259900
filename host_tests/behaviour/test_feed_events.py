"""What the feed says without a sound: polarity, the open interval, lock-out; and messages on an idle line.

The far telephone of an outgoing call is number 600 of the test peer, which answers and echoes.
"""

import itertools

import cidkit
import earpiece
import numpy as np
import pytest
from ata_bench import AtaBench, sine_frames
from lineside import LineSide, loudest_dbm0

import codes
from ref import g711

FORWARD, REVERSE, RINGING, OPEN = codes.FEED_FORWARD, codes.FEED_REVERSE, codes.FEED_RINGING, codes.FEED_OPEN
BOTH = {"line.answer_reversal": "on", "line.hangup_reversal": "on", "line.open_ms": "0"}
SAS, CAS, FSK = codes.SIGNAL_SAS, codes.SIGNAL_CAS, codes.SIGNAL_FSK
ECHO = "600#"
OLD_SIGNAL = pytest.mark.xfail(reason="a new program does not break off the signal of the old one")


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


# -- messages waiting --------------------------------------------------------------------------------------


def with_messages(way, new=3, settings=None):
    """Return (bench, side): a box whose server says how many messages wait."""
    bench = AtaBench(settings={"feature.messages": way, **(settings or {})}, register=False)
    bench.peer.accounts["ata1"].mailbox = (new, 0)
    side = LineSide(bench)
    assert bench.run_until(lambda: bench.ata.registered, 2000)
    return bench, side


def lamps(side, modem="bell"):
    """Return what messages about messages were sent: True = they wait."""
    told = [message for message in cidkit.decode_minimodem(side.heard(0), modem) if message[0] == 0x82]
    return [cidkit.parameters(message)[0x0B] == b"\xff" for message in told]


@pytest.mark.parametrize("way", ["fsk", "splash", "pulse", "dtas", "reverse"])
def test_telephone_with_a_lamp_is_told_once_that_messages_wait(way):
    bench, side = with_messages(way)
    bench.run(20000)
    assert lamps(side) == [True]
    alerts = [mode for _, mode in side.feeds() if mode != FORWARD]
    assert alerts == {"splash": [RINGING], "pulse": [RINGING], "reverse": [REVERSE]}.get(way, [])
    assert bench.at_rest
    bench.peer.accounts["ata1"].mailbox = (0, 3)
    bench.run(70000)
    assert lamps(side) == [True, False], "and once that none do any more"
    bench.run(70000)
    assert lamps(side) == [True, False]


def test_lamp_is_not_touched_while_the_line_is_in_use():
    _, side = with_messages("fsk")
    side.lift(10000)
    assert side.signals() == []
    side.hang(8000)
    assert lamps(side) == [True]


@pytest.mark.parametrize("moment_ms", [10, 150, 300, 600, 900])
def test_lifting_while_the_lamp_is_told_brings_dial_tone_at_once(moment_ms):
    bench, side = with_messages("splash")
    assert bench.run_until(lambda: len(side.feeds()) > 1, 8000)
    bench.run(moment_ms)
    lifted_at = side.lift(500)
    assert bench.state == codes.DIAL_TONE
    assert side.feeds()[-1][1] == FORWARD
    assert side.feeds()[-1][0] <= lifted_at + 200
    assert loudest_dbm0(side.heard(lifted_at + 60)) < -5
    bench.run(1500)
    assert earpiece.names(bench.hal.pcm.ear[-75:])[-1] in ("dial", "stutter", "recall")


@pytest.mark.parametrize("moment_ms", [10, 300, 700, pytest.param(1100, marks=OLD_SIGNAL)])
def test_call_that_comes_while_the_lamp_is_told_rings_as_always(moment_ms):
    bench, side = with_messages("splash")
    assert bench.run_until(lambda: len(side.feeds()) > 1, 8000)
    bench.run(moment_ms)
    called_at = bench.t_ms + 5
    bench.peer.call_device("ata1", number="5551234")
    bench.run(6500)
    feeds = side.feeds(called_at - 10)
    ends = [t for t, mode in feeds if mode == FORWARD and t > called_at]
    assert ends[0] - called_at == 2000, "the first ring is whole"
    assert side.sounds(called_at + 40)[0][0] >= called_at + 2500, "and what was being said is broken off"
    assert b"5551234" in cidkit.decode_minimodem(side.heard(called_at + 2000), "bell")[0]


# -- Type II -----------------------------------------------------------------------------------------------

ROW, COLUMN = 941, 1633  # of the D


class CallWaitingSet:
    """A telephone that knows Type II: hears CAS end, sends D for 60 ms after `ack_ms`."""

    def __init__(self, bench, side, ack_ms=50, length_ms=60, key=(ROW, COLUMN)):
        self.bench, self.side = bench, side
        self.ack_ms, self.length_ms, self.key = ack_ms, length_ms, key

    def run(self, ms):
        """Let `ms` pass, and answer CAS when it was heard."""
        began, end = self.bench.t_ms, self.bench.t_ms + ms
        answered = not self.key
        while self.bench.t_ms < end:
            self.bench.run(5)
            done = [t for t, signal, begins in self.side.signals(began) if (signal, begins) == (CAS, 0)]
            if done and not answered and self.bench.t_ms >= done[0] + 20 + self.ack_ms:
                answered = True
                self.bench.say(sine_frames(self.key, self.length_ms))


def in_a_call(**options):
    """Return (bench, side, set): a call that came in is up, and its caller echoes."""
    bench = AtaBench()
    side = LineSide(bench)
    bench.peer.call_device("ata1", number="5559876", name="BOB")
    bench.run(1000)
    side.lift(500)
    assert bench.state == codes.TALK
    return bench, side, CallWaitingSet(bench, side, **options)


def announce(bench):
    """Have the waiting call told; here it is the one that is up, by lack of another."""
    bench.ata.announcer.announce(codes.ANNOUNCE_WAITING_CALL, bench.ata._leg, bench.hal.clock.ticks_ms())
    return bench.t_ms


@pytest.mark.parametrize("ack_ms", [0, 50, 100])
def test_call_waiting_tells_the_number_to_a_telephone_that_acknowledges(ack_ms):
    bench, side, phone = in_a_call(ack_ms=ack_ms)
    began = announce(bench)
    phone.run(2500)
    assert [signal for _, signal, begins in side.signals(began) if begins] == [SAS, CAS, FSK]
    heard = side.sounds(began)
    sas, cas, fsk = heard[0], heard[1], heard[2]
    assert abs(sas[1] - sas[0] - 300) <= 5
    assert 0 <= cas[0] - sas[1] <= 50
    assert 75 <= cas[1] - cas[0] <= 85
    acked = cas[1] + ack_ms + 60
    assert 0 <= fsk[0] - acked <= 500
    message = cidkit.decode_minimodem(side.heard(began), "bell")[0]
    assert cidkit.parameters(message)[0x02] == b"5559876"
    assert bench.state == codes.TALK
    assert [mode for _, mode in side.feeds(began)] == []


def test_far_end_hears_nothing_of_it_and_gets_no_digit():
    bench, _, phone = in_a_call()
    bench.run(500)
    call = bench.call
    before = len(call.rx_voice)
    announce(bench)
    phone.run(2500)
    law = [payload for _, _, _, payload in call.rx_voice[before:]]
    assert len(law) > 100, "voice frames go on"
    assert bench.peer.frames("DTMF BEGIN", "in") == []
    assert loudest_of(law) < -50


def loudest_of(payloads):
    """Level of the loudest of these mu-law frames."""
    octets = np.frombuffer(b"".join(payloads), np.uint8)
    table = np.array([g711.decode_ulaw(code) for code in range(256)], float)
    return loudest_dbm0(table[octets])


def test_voice_is_back_after_the_message_and_soon_if_nobody_acknowledges():
    for key, back_ms in (((ROW, COLUMN), 1600), (None, 900)):
        bench, side, phone = in_a_call(key=key)
        began = announce(bench)
        phone.run(back_ms)
        assert not bench.ata.announcer.sequence.on, key
        assert len([signal for _, signal, begins in side.signals(began) if begins]) == (3 if key else 2)
        bench.say(sine_frames((1000,), 300))
        bench.run(400)
        assert loudest_dbm0(side.heard(bench.t_ms - 200)) > -20


@pytest.mark.xfail(reason="any digit acknowledges")
def test_other_digit_than_the_acknowledgement_brings_no_message():
    bench, side, phone = in_a_call(key=(697, 1209))
    began = announce(bench)
    phone.run(2000)
    assert [signal for _, signal, begins in side.signals(began) if begins] == [SAS, CAS]


@pytest.mark.parametrize("moment_ms", [50, 310, 350, 450, 600, 900])
def test_hanging_up_or_flashing_in_the_middle_of_it_is_heard(moment_ms):
    bench, side, phone = in_a_call()
    announce(bench)
    phone.run(moment_ms)
    side.flash(500, 400)
    assert bench.state == codes.TALK
    assert "LOG_FLASH" in [name for _, name, _, _ in bench.log]
    bench.run(1500)
    announce(bench)
    phone.run(moment_ms)
    hung_at = side.hang(1400)
    assert bench.at_rest
    bench.run(1000)
    assert side.sounds(hung_at + 1300) == []


@pytest.mark.parametrize("moment_ms", [100, 350, 450, pytest.param(700, marks=OLD_SIGNAL), 1000])
def test_far_end_that_hangs_up_in_the_middle_of_it_leaves_no_message_behind(moment_ms):
    bench, side, phone = in_a_call()
    announce(bench)
    phone.run(moment_ms)
    cleared_at = cut_off(bench)
    bench.run(1500)
    assert bench.state == codes.REORDER_TONE
    assert side.signals(cleared_at + 20) == []
    heard = side.heard(cleared_at + 20)[:1200]
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    split = len(heard) * 900 // 8000
    assert spectrum[split:].max() < spectrum[:split].max() / 30, "reorder tone lies below 900 Hz"
