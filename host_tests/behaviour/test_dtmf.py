"""Keys in a call: IAX2 DTMF frames with the times of the keys, and next to nothing of the tone as sound."""

import earpiece
import pytest
from ata_bench import COLUMNS_HZ, KEYS, ROWS_HZ, AtaBench, sine_frames

import codes


def talking(**settings: str) -> AtaBench:
    bench = AtaBench(settings=settings)
    bench.peer.extensions["607"] = lambda call: (call.control("ANSWER"), iter((10**7,)))[1]
    bench.lift()
    bench.dtmf("607#")
    assert bench.run_until(lambda: bench.state == codes.TALK, 2000)
    bench.run(300)
    bench.call.rx_voice.clear()
    return bench


def edges(bench: AtaBench) -> list[tuple[str, str]]:
    return [(digit, edge) for _, digit, edge in bench.call.rx_dtmf]


def wire_frames(bench: AtaBench) -> list[bytes]:
    """Return what the server heard, in 20 ms frames."""
    pcm = bench.call.heard_pcm()
    return [pcm[at : at + 320] for at in range(0, len(pcm), 320)]


def test_every_key_arrives_as_begin_and_end():
    bench = talking()
    bench.dtmf(KEYS)
    bench.run(200)
    assert edges(bench) == [(key, edge) for key in KEYS for edge in ("begin", "end")]


@pytest.mark.parametrize(("on_ms", "off_ms"), [(60, 60), (100, 200), (1000, 500), (3000, 100)])
def test_length_of_a_key_and_the_gap_after_it_are_those_of_the_finger(on_ms, off_ms):
    bench = talking()
    bench.dtmf("52", on_ms=on_ms, off_ms=off_ms)
    bench.run(200)
    (began, _, _), (ended, _, _), (next_began, _, _), _ = bench.call.rx_dtmf
    assert abs(ended - began - on_ms) <= 40
    assert abs(next_began - began - on_ms - off_ms) <= 40


@pytest.mark.parametrize("key", KEYS)
def test_at_most_40_ms_of_a_key_leave_as_sound(key):
    bench = talking()
    at = KEYS.index(key)
    tone = sine_frames((ROWS_HZ[at // 4], COLUMNS_HZ[at % 4]), 400)
    for late in (0, 40, 80, 120):  # samples: the tone begins anywhere in a frame
        octets = bytes(2 * late) + b"".join(tone) + bytes(2 * (160 - late))
        bench.say([octets[i : i + 320] for i in range(0, len(octets), 320)] + [bytes(320)] * 5)
        bench.run(600)
        heard = wire_frames(bench)
        assert len(heard) > 25, "voice goes on, silent"
        assert earpiece.sounding_ms(heard, -45) <= 40
        bench.call.rx_voice.clear()


def test_voice_goes_through_again_right_after_a_key():
    bench = talking()
    bench.dtmf("5", 200, 100)
    bench.call.rx_voice.clear()
    bench.say(sine_frames((1000,), 500))
    bench.run(700)
    assert earpiece.sounding_ms(wire_frames(bench)) >= 495


def test_single_tones_of_a_key_pass_as_sound():
    bench = talking()
    bench.say(sine_frames((770,), 500))
    bench.run(700)
    assert earpiece.sounding_ms(wire_frames(bench)) >= 490
    assert edges(bench) == []


def test_keys_travel_as_sound_when_dtmf_frames_are_off():
    bench = talking(**{"feature.dtmf_frames": "off"})
    bench.dtmf("5", 400, 100)
    bench.run(200)
    assert edges(bench) == []
    assert earpiece.sounding_ms(wire_frames(bench)) >= 390
    assert not bench.peer.frames("DTMF_BEGIN", "in")


def test_keys_dial_the_next_call_after_one_with_dtmf_frames_off():
    bench = talking(**{"feature.dtmf_frames": "off"})
    bench.say(sine_frames((770, 1336), 1000))
    bench.run(300)
    bench.hang()
    bench.hal.pcm.mouth.clear()
    bench.lift()
    bench.dtmf("600#")
    assert bench.run_until(lambda: bench.state == codes.TALK, 1000)
    assert bench.call.number_dialled == "600"


def test_key_held_down_at_the_end_of_a_call_ends_nowhere():
    bench = talking()
    first = bench.call
    bench.say(sine_frames((770, 1336), 4000))
    bench.run(500)
    first.hangup(16)
    bench.run(500)
    bench.hang()
    bench.hal.pcm.mouth.clear()
    bench.lift()
    bench.dtmf("607#")
    bench.run(500)
    assert bench.state == codes.TALK
    assert first.rx_dtmf[0][1:] == ("5", "begin")
    assert len(first.rx_dtmf) == 1
    assert edges(bench) == []


def test_end_of_a_key_waits_for_room_rather_than_being_lost():
    """The window is full of frames that nobody acknowledges: the key must not sound for ever."""
    bench = talking()
    bench.peer.faults.lose(("DTMF_BEGIN", "DTMF_END"), way="in")
    bench.dtmf("123456789", 60, 60)
    assert bench.count("WINDOW_FULL") > 0
    bench.peer.faults.clear()
    bench.run(15000)
    got = edges(bench)
    assert len(got) >= 8
    assert got[::2] == [(digit, "begin") for digit, _ in got[1::2]], "each begin has its end"
    bench.dtmf("0")
    bench.run(500)
    assert edges(bench)[-2:] == [("0", "begin"), ("0", "end")]


def test_keys_before_the_answer_reach_the_server_too():
    bench = AtaBench()
    bench.lift()
    bench.dtmf("606#")
    bench.run(1000)
    assert bench.state == codes.EARLY
    bench.dtmf("42")
    bench.run(200)
    assert bench.call.digits() == "42"


def test_keys_are_heard_in_a_call_that_came_in():
    bench = AtaBench()
    call = bench.peer.call_device("ata1", on_up=lambda call: iter((10**6,)))
    bench.run(1000)
    bench.lift(500)
    bench.dtmf("159")
    bench.run(200)
    assert call.digits() == "159"


def test_far_keys_are_written_to_the_log():
    bench = talking()
    bench.call.dtmf("7#")
    bench.run(1000)
    seen = [(chr(a), b) for _, name, a, b in bench.log if name == "LOG_RX_DIGIT"]
    assert seen == [("7", 1), ("7", 0), ("#", 1), ("#", 0)]
    assert bench.state == codes.TALK
