"""A person lifts, dials and talks: what the earpiece gives, and what the server saw."""

import earpiece
import pytest
from ata_bench import AtaBench, sine_frames

import codes

ULAW, ALAW = 4, 8
ECHO, EARLY_MEDIA, LATE_ANSWER = "600#", "606#", "608#"


def dial(bench: AtaBench, number: str) -> None:
    bench.lift()
    bench.dtmf(number)


@pytest.mark.parametrize(("codecs", "bit"), [("ulaw,alaw", ULAW), ("alaw", ALAW)])
def test_echo_comes_back_in_the_codec_that_was_agreed(codecs, bit):
    bench = AtaBench(settings={"account.1.codecs": codecs})
    dial(bench, ECHO)
    assert bench.run_until(lambda: bench.state == codes.TALK, 1000)
    bench.run(500)
    bench.say(sine_frames((1000,), 1000, -10))
    bench.run(800)
    heard = bench.hal.pcm.ear[-20:]
    assert abs(earpiece.loudest_hz(heard) - 1000) < 5
    assert abs(earpiece.level_of(heard, 1000) - -10) < 0.3
    assert {codec for _, _, codec, _ in bench.call.rx_voice} == {bit}
    bench.hang()
    assert bench.at_rest


def test_codec_is_the_one_the_server_likes_when_both_can_do_both():
    alaw_first = {"ata1": {"secret": "pw1", "codecs": (ALAW, ULAW)}}
    bench = AtaBench(accounts=alaw_first)
    dial(bench, ECHO)
    bench.run(1000)
    assert {codec for _, _, codec, _ in bench.call.rx_voice} == {ALAW}


def test_echo_comes_back_soon():
    bench = AtaBench()
    dial(bench, ECHO)
    bench.run(1000)
    bench.say(sine_frames((1000,), 200))
    said_at = len(bench.hal.pcm.ear)
    bench.run(600)
    first = next(i for i, f in enumerate(bench.hal.pcm.ear[said_at:]) if earpiece.level_dbm0([f]) > -30)
    assert first * 20 <= 100


def test_dial_tone_sounds_until_the_first_digit():
    bench = AtaBench()
    bench.lift(2000)
    assert earpiece.names(bench.hal.pcm.ear) == ["dial"]
    assert abs(earpiece.level_of(bench.hal.pcm.ear[-50:], 350) - -13) < 0.5
    bench.dtmf("6")
    assert earpiece.level_dbm0(bench.hal.pcm.ear[-4:]) == -99
    bench.hang()
    assert bench.at_rest
    assert bench.peer.calls == []


def test_early_media_is_heard_before_anybody_answers():
    bench = AtaBench()
    dial(bench, EARLY_MEDIA)
    bench.run(3000)
    assert bench.state == codes.EARLY
    assert earpiece.names(bench.hal.pcm.ear[-140:]) == ["voice"]
    assert not bench.peer.frames("CONTROL ANSWER", "out")
    bench.hang()
    assert bench.at_rest


def test_ringback_sounds_while_the_far_telephone_rings_and_stops_at_the_answer():
    bench = AtaBench()
    dial(bench, LATE_ANSWER)
    assert bench.run_until(lambda: bench.state == codes.TALK, 8000)
    bench.run(5000)
    ear = bench.hal.pcm.ear
    began, answered = ((t_ms + 10) // 20 for t_ms, name, tone, _ in bench.log[-9:] if name == "LOG_TONE")
    assert earpiece.names(ear[began:answered]) == ["ringback"]
    assert earpiece.sounding_ms(ear[began:answered]) in range(1960, 2021)  # the beat has quiet moments
    assert earpiece.level_dbm0(ear[answered + 1 :]) == -99


def rings_then_speaks(call):
    call.control("RINGING")
    yield 1000
    call.play(iter(sine_frames((700,), 3000)))
    yield 60000


def test_ringback_stops_as_soon_as_voice_comes_without_an_answer():
    bench = AtaBench()
    bench.peer.extensions["700"] = rings_then_speaks
    dial(bench, "700#")
    assert bench.run_until(lambda: bench.state == codes.EARLY, 3000)
    bench.run(200)
    heard = bench.hal.pcm.ear[-5:]
    assert earpiece.level_of(heard, 700) > -12
    assert earpiece.level_of(heard, 440) < -30
    bench.run(1000)
    assert not bench.peer.frames("CONTROL ANSWER", "out")


def stops_tones_then_is_silent(call):
    call.control("RINGING")
    yield 500
    call.control("STOP")
    yield 60000


def test_ringback_stops_when_the_server_stops_all_tones():
    bench = AtaBench()
    bench.peer.extensions["701"] = stops_tones_then_is_silent
    dial(bench, "701#")
    bench.run(1500)
    assert earpiece.level_dbm0(bench.hal.pcm.ear[-25:]) == -99
    bench.hang()
    assert bench.at_rest


def test_two_calls_one_after_the_other_are_both_good():
    bench = AtaBench()
    for _ in range(2):
        dial(bench, ECHO)
        assert bench.run_until(lambda: bench.state == codes.TALK, 1000)
        bench.run(1000)
        bench.say(sine_frames((1000,), 500))
        bench.run(400)
        assert abs(earpiece.loudest_hz(bench.hal.pcm.ear[-10:]) - 1000) < 10
        bench.hang(1300)
        assert bench.at_rest


def test_hanging_up_and_dialling_again_at_once_does_not_wait_for_the_old_call():
    bench = AtaBench()
    dial(bench, ECHO)
    bench.run(500)
    bench.peer.faults.lose("ACK", times=3)
    bench.peer.faults.lose("HANGUP", way="in", times=2)
    bench.hang(1300)
    dial(bench, ECHO)
    assert bench.run_until(lambda: bench.state == codes.TALK, 3000)
    bench.hang(12000)
    bench.run(40000)  # the server never heard the first HANGUP: it finds out by itself
    assert bench.at_rest
