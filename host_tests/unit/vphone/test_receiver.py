"""The telephone as a Caller ID display: what it shows of a line made by numpy, and what it finds wrong."""

import numpy as np
import pytest
from unit.vphone import exchange, sounds
from unit.vphone.exchange import V23

from tools.vphone_lib import mouth, receiver, speech
from tools.vphone_lib.loop import FEED_FORWARD, FEED_OPEN, FEED_REVERSE, FEED_RINGING
from tools.vphone_lib.telephone import Telephone

MDMF = exchange.mdmf(b"5551234", b"Ann Other")


def hears(phone, *line, feed=FEED_FORWARD):
    """Sound on the line, whole frames."""
    sound = exchange.pcm(*line, np.zeros(160))
    return [phone.step(frame if frame.any() else None, feed, 200) for frame in sounds.frames(sound)]


def passes(phone, ms, feed=FEED_FORWARD, ring_dhz=200):
    return [phone.step(None, feed, ring_dhz) for _ in range(ms // 20)]


def rung(phone, ms=2000):
    passes(phone, 100)
    passes(phone, ms, FEED_RINGING)
    return phone


def told(phone, what):
    return [e for e in phone.events if e["what"] == what]


def between_rings(sound, before_ms=560, after_ms=400):
    phone = rung(Telephone(1))
    hears(phone, exchange.quiet(before_ms), sound)
    passes(phone, after_ms)
    passes(phone, 200, FEED_RINGING)
    return phone


def test_a_message_between_the_first_rings_is_shown():
    phone = between_rings(exchange.fsk(MDMF))
    (event,) = told(phone, "callerid")
    assert (phone.shown.number, phone.shown.name, phone.fault) == ("5551234", "Ann Other", "")
    assert (event["modem"], event["form"], abs(event["after_ring_ms"] - 560) <= 2) == ("bell", "mdmf", True)
    assert abs(event["mark_bits"] - 181) < 2 and event["who"] == "phone"


@pytest.mark.parametrize(
    "sound, before_ms, after_ms, fault",
    [
        (exchange.fsk(MDMF), 300, 400, "after the ringing"),
        (exchange.fsk(MDMF), 560, 60, "after the message"),
        (exchange.fsk(MDMF)[:4000], 560, 400, "cut off"),
        (exchange.fsk(MDMF, dbm0=-40), 560, 400, "the level is"),
        (exchange.fsk(MDMF, twist_db=-9), 560, 400, "the twist is"),
        (exchange.fsk(MDMF, seizure=60), 560, 400, "channel seizure"),
        (exchange.fsk(MDMF, mark=30), 560, 400, "the mark is"),
        (exchange.fsk(MDMF[:-1] + b"\0"), 560, 400, "checksum"),
    ],
)
def test_a_message_outside_the_limits_is_told_with_its_fault_and_not_shown(sound, before_ms, after_ms, fault):
    phone = between_rings(sound, before_ms, after_ms)
    assert phone.shown is None and fault in phone.fault
    assert fault in told(phone, "callerid")[-1]["fault"]


def test_ringing_into_a_message_spoils_it():
    phone = rung(Telephone(1))
    hears(phone, exchange.quiet(560), exchange.fsk(MDMF)[:3200])
    passes(phone, 200, FEED_RINGING)
    assert phone.shown is None and "rings into" in phone.fault


def test_the_british_way_reversal_alerting_signal_message_then_ringing():
    phone = Telephone(1, country="uk")
    passes(phone, 200)
    passes(phone, 200, FEED_REVERSE)
    hears(phone, exchange.dtas(), exchange.quiet(60), exchange.fsk(MDMF, V23, mark=80), feed=FEED_REVERSE)
    passes(phone, 300, FEED_REVERSE)
    passes(phone, 400, FEED_RINGING)
    (event,) = told(phone, "callerid")
    assert phone.shown.number == "5551234" and event["modem"] == "v23"
    assert abs(event["after_dtas_ms"] - 60) < 3 and abs(told(phone, "dtas")[0]["ms"] - 100) < 3
    assert [e["polarity"] for e in told(phone, "polarity")] == ["reversed"]


def test_a_message_too_soon_after_the_alerting_signal_is_not_shown():
    phone = Telephone(1, country="uk")
    hears(phone, exchange.quiet(200), exchange.dtas(), exchange.quiet(36), exchange.fsk(MDMF, V23))
    passes(phone, 100)
    assert phone.shown is None and "after the alerting signal" in phone.fault


@pytest.mark.parametrize("digits", ["A0612345678C", "D0612345678C", "0612345678#"])
def test_digits_before_the_first_ring_are_shown(digits):
    phone = Telephone(1, country="dk")
    passes(phone, 200)
    hears(phone, exchange.quiet(220), exchange.dtmf(digits), feed=FEED_REVERSE)
    passes(phone, 300)
    passes(phone, 1000, FEED_RINGING)
    assert phone.shown.number == "0612345678"
    assert told(phone, "callerid")[0]["digits"] == digits


def test_digits_without_a_ring_after_them_are_shown_when_they_end():
    phone = Telephone(1)
    hears(phone, exchange.quiet(100), exchange.dtmf("A12345C"))
    passes(phone, 600)
    assert phone.shown.number == "12345"


@pytest.mark.parametrize("on_ms, off_ms, fault", [(35, 70, "a digit of"), (70, 38, "a pause of")])
def test_digits_too_quick_for_a_display_are_not_shown(on_ms, off_ms, fault):
    phone = Telephone(1)
    hears(phone, exchange.quiet(100), exchange.dtmf("A12345C", on_ms, off_ms))
    passes(phone, 600)
    assert phone.shown is None and fault in phone.fault


def test_the_lamp_for_waiting_messages_goes_on_and_off_and_shows_no_caller():
    phone = Telephone(1)
    for indicator, lamp in ((b"\xff", True), (b"\0", False)):
        hears(
            phone, exchange.quiet(500), exchange.fsk(exchange.message(0x82, exchange.param(0x0B, indicator)))
        )
        passes(phone, 300)
        assert phone.lamp is lamp and phone.shown is None and not phone.fault


def test_off_hook_nothing_is_shown_and_the_end_of_a_call_clears_the_display():
    phone = between_rings(exchange.fsk(MDMF))
    phone.lift()
    passes(phone, 200)
    assert phone.shown.number == "5551234"
    hears(phone, exchange.fsk(exchange.mdmf(b"666")))
    passes(phone, 200)
    assert phone.shown.number == "5551234"
    phone.hang()
    passes(phone, 200)
    assert phone.shown is None


def test_a_call_that_nobody_answered_leaves_the_display_when_the_next_one_rings():
    phone = between_rings(exchange.fsk(MDMF))
    passes(phone, 8000)
    assert phone.shown is not None
    passes(phone, 200, FEED_RINGING)
    assert phone.shown is None


def test_dial_tone_voice_and_ringing_are_no_caller_id(tmp_path):
    phone = rung(Telephone(1))
    hears(phone, sounds.sox_tone(tmp_path, "350+440", 3))
    hears(phone, sounds.espeak(tmp_path, "nobody calls", "en"))
    passes(phone, 600)
    assert not told(phone, "callerid")


@pytest.mark.parametrize("voice", ["en", "de", "fr", "en+f3"])
def test_speech_that_looks_like_a_modem_is_no_damaged_message(tmp_path, voice):
    """Without seizure and mark nobody begins to read; a real message that is cut off is told."""
    text = "Minus Monday glorious confirmation: dictate, record, and please enter the number again. " * 3
    assert not [shown for _, shown in receiver.receptions(sounds.espeak(tmp_path, text, voice)) if shown]
    cut = exchange.pcm(exchange.quiet(500), exchange.fsk(MDMF)[:4000])
    assert "cut off" in receiver.receptions(cut)[0][1].fault


def test_what_the_demo_says_is_no_caller_id(tmp_path):
    """A vowel in it wavers about the middle of the modem's band as often as a seizure, but less far."""
    text = "Hello. This is an old telephone, calling through a very small box. Do you hear me well?"
    sound = exchange.pcm(exchange.quiet(90), sounds.espeak(tmp_path, text, "en"))
    assert not [shown for _, shown in receiver.receptions(sound) if shown]


def test_the_babble_of_the_demo_is_no_caller_id():
    words = [f"one two three {n} four five six seven" for n in range(12)]
    sound = exchange.pcm(*(mouth.at_level(speech.babble(text), -15) for text in words))
    assert not [shown for _, shown in receiver.receptions(sound) if shown]


@pytest.mark.parametrize("snr_db", [12, 40])
@pytest.mark.parametrize("framing", [{"seizure": 0, "mark": 60}, {"mark": 20}, {"seizure": 60}])
def test_a_damaged_message_is_told_if_seizure_or_mark_announced_it(framing, snr_db):
    whole = bytearray(MDMF)
    whole[9] ^= 1
    noisy = exchange.noisy(exchange.fsk(bytes(whole), **framing), snr_db)
    (found,) = receiver.receptions(exchange.pcm(exchange.quiet(200), noisy, exchange.quiet(200)))
    assert found[1].fault and found[0].reception.announced


def test_the_time_without_feed_is_an_event_of_the_telephone():
    phone = Telephone(1)
    passes(phone, 100)
    phone.lift()
    passes(phone, 200)
    passes(phone, 260, FEED_OPEN)
    passes(phone, 100)
    assert [e["ms"] for e in told(phone, "open")] == [260] and phone.open_ms == 260


def test_a_recording_is_read_without_a_telephone():
    sound = exchange.pcm(exchange.quiet(500), exchange.dtas(), exchange.quiet(60), exchange.fsk(MDMF, V23))
    found = receiver.receptions(sound)
    assert [stretch.kind for stretch, _ in found] == ["dtas", "fsk"]
    assert found[1][1].number == "5551234"
