"""Voice frames out and in, and the report of a PONG."""

import itertools

import pytest
from bench import CoreBench
from corekit import SPEECH, ByHand, sent

from peer import numbers as n


def linked(law=n.ULAW):
    hand = ByHand(CoreBench())
    hand.accept()
    hand.law = law
    return hand


def speak(hand, ms=20):
    """Say 20 ms and let `ms` pass."""
    hand.bench.endpoint.slot.payload[:] = SPEECH
    said = hand.bench.leg.send_voice(hand.bench.now)
    hand.bench.drain()
    hand.bench.run(ms)
    return said


def voices(hand):
    return [f for f in sent(hand.bench) if f["name"] in ("VOICE", "MINI") and not f.get("r")]


def test_the_first_voice_frame_is_full_and_the_rest_are_mini():
    hand = linked()
    for _ in range(3):
        assert speak(hand)
    first, second, third = voices(hand)
    assert (first["kind"], first["csub"], first["payload"]) == ("full", 4, SPEECH)
    assert (second["kind"], second["payload"], third["ts16"] - second["ts16"]) == ("mini", SPEECH, 20)
    assert second["ts16"] - first["ts"] == 20 and second["src"] == first["src"]


def test_no_voice_before_accept_and_none_after_the_end():
    hand = ByHand(CoreBench())
    hand.bench.dial("600")
    assert not speak(hand)
    hand.iax("ACCEPT")
    assert speak(hand)
    hand.bench.hang_up()
    assert not speak(hand)
    hand.iax("HANGUP")
    assert not speak(hand)


def test_no_voice_to_a_caller_that_has_not_shown_that_it_heard_us():
    hand = ByHand(CoreBench())
    hand.offer()
    hand.bench.leg.pickup(hand.bench.now)
    hand.bench.drain()
    assert not speak(hand)
    hand.iax("ACK", iseq=1)
    assert speak(hand)


def test_a_pause_is_followed_by_a_full_frame_at_the_right_time():
    hand = linked()
    speak(hand)
    speak(hand)
    hand.bench.run(1000)
    speak(hand)
    assert [f["kind"] for f in voices(hand)] == ["full", "mini", "full"]
    assert voices(hand)[-1]["ts"] == voices(hand)[0]["ts"] + 1040


def test_small_stumbles_do_not_show_in_the_time_stamps():
    hand = linked()
    for ms in (20, 35, 5, 20, 60, 0, 0, 20):
        speak(hand, ms)
    stamps = [f.get("ts16", f["ts"] if f["kind"] == "full" else 0) for f in voices(hand)]
    assert [b - a for a, b in itertools.pairwise(stamps)] == [20] * 7


def test_a_burst_waits_rather_than_run_ahead_of_the_clock():
    hand = linked()
    said = [speak(hand, 0) for _ in range(20)]
    assert said == [True] * 9 + [False] * 11
    hand.bench.run(100)
    assert speak(hand)
    stamps = [f["ts16"] for f in voices(hand)[1:]]
    assert stamps == sorted(stamps)


def test_a_full_window_stops_full_voice_but_not_for_ever():
    hand = linked()
    while hand.bench.leg.send_dtmf(ord("1"), True, hand.bench.now):
        pass
    hand.bench.drain()
    assert not speak(hand)
    hand.iax("ACK", oseq=1)
    assert speak(hand) and voices(hand)[-1]["kind"] == "full"


@pytest.mark.parametrize("size", [1, 80, 160, 240, 1000])
def test_voice_of_any_length_is_passed_on(size):
    hand = linked()
    hand.full(n.T_VOICE, n.ALAW, bytes(size), ts=100)
    hand.mini(100 + size // 8, bytes(size))
    assert [(law, len(octets)) for _, law, octets in hand.bench.audio] == [(3, size)] * 2


@pytest.mark.parametrize("size", [0, 1001])
def test_voice_without_octets_or_with_too_many_is_dropped(size):
    hand = linked()
    hand.full(n.T_VOICE, n.ULAW, bytes(size))
    hand.mini(20, bytes(size))
    assert hand.bench.audio == [] and hand.bench.count("RX_UNSUPPORTED") == 2


def test_the_codec_follows_the_last_full_frame():
    hand = linked()
    for codec in (n.ULAW, n.ALAW, n.ULAW):
        hand.full(n.T_VOICE, codec, SPEECH)
        hand.mini(20)
    assert [law for _, law, _ in hand.bench.audio] == [2, 2, 3, 3, 2, 2]


def test_pong_reports_what_was_received():
    hand = linked()
    hand.full(n.T_VOICE, n.ULAW, SPEECH, ts=0)
    for i in range(1, 50):
        hand.bench.run(20 if i % 2 else 30)
        hand.mini(i * 25)
    hand.bench.leg.report[1] = 5
    hand.bench.leg.report[3] = 60
    hand.iax("PING")
    report = hand.last("PONG")["ie"]
    assert report["RR_PKTS"] == 50 and report["RR_DELAY"] == 60
    assert report["RR_LOSS"] == (500 // 55) << 24 | 5
    assert 2 <= report["RR_JITTER"] <= 6
    assert (report["RR_DROPPED"], report["RR_OOO"]) == (0, 0)


def test_pong_reports_voice_out_of_order_and_no_frame_of_signalling_makes_any():
    hand = linked()
    hand.full(n.T_VOICE, n.ULAW, SPEECH, ts=0)
    for ts16 in (20, 60, 40, 80):
        hand.mini(ts16)
    hand.iax("LAGRQ", ts=110)
    hand.mini(100)
    hand.iax("PING")
    assert hand.last("PONG")["ie"]["RR_OOO"] == 1


def test_a_new_call_reports_nothing_of_the_old_one():
    hand = linked()
    hand.full(n.T_VOICE, n.ULAW, SPEECH)
    hand.bench.hang_up()
    hand.iax("HANGUP")
    hand.src, hand.oseq = 5002, 0
    hand.accept()
    hand.iax("PING")
    assert hand.last("PONG")["ie"]["RR_PKTS"] == 0
