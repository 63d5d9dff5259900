"""Call waiting with Caller ID (Type II): alerting tones, acknowledgement, message, and the voice again.

Who starts the sequence in the course of a call is a matter of call features; here the test does.
"""

import cidkit
import numpy as np
import pytest
from ata_bench import AtaBench, sine_frames
from lineside import LineSide, loudest_dbm0

import codes
from ref import g711

SAS, CAS, FSK = codes.SIGNAL_SAS, codes.SIGNAL_CAS, codes.SIGNAL_FSK

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


@pytest.mark.parametrize("moment_ms", [100, 350, 450, 700, 1000])
def test_far_end_that_hangs_up_in_the_middle_of_it_leaves_no_message_behind(moment_ms):
    bench, side, phone = in_a_call()
    announce(bench)
    phone.run(moment_ms)
    cleared_at = bench.t_ms + 30
    bench.call.hangup(16)
    bench.run(30)
    bench.run(1500)
    assert bench.state == codes.REORDER_TONE
    assert side.signals(cleared_at + 20) == []
    heard = side.heard(cleared_at + 20)[:1200]
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    split = len(heard) * 900 // 8000
    assert spectrum[split:].max() < spectrum[:split].max() / 30, "reorder tone lies below 900 Hz"


@pytest.mark.parametrize("profile", ["us-1950", "jp", "dk"])
def test_line_without_caller_id_in_a_call_still_hears_that_one_waits(profile):
    bench = AtaBench(settings={"line.profile": profile})
    bench.lift()
    bench.dtmf("600#")
    assert bench.run_until(lambda: bench.state == codes.TALK)
    now = bench.hal.clock.ticks_ms()
    bench.ata.announcer.announce(codes.ANNOUNCE_WAITING_CALL, bench.ata.endpoint.legs[0], now)
    bench.run(1500)
    signals = [a for _, name, a, begins in bench.log if name == "LOG_SIGNAL" and begins]
    assert signals == [codes.SIGNAL_SAS]
    assert not bench.ata.announcer.sequence.on and bench.state == codes.TALK
