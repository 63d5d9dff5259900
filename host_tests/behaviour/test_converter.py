"""The converter loses frames, or has none: it is counted, and the call goes on."""

import itertools

import earpiece
from ata_bench import AtaBench

import codes


def test_frames_that_the_converter_lost_are_counted():
    bench = AtaBench()
    assert bench.count("PCM_LOST") == 0
    bench.hal.pcm.lose(7)
    bench.run(1000)
    assert bench.count("PCM_LOST") in (7, 8), "and perhaps the one that the earpiece missed meanwhile"


def test_call_goes_on_after_the_converter_stood_still():
    bench = AtaBench()
    bench.lift()
    bench.dtmf("601#")
    bench.run(1000)
    bench.hal.pcm.lose(25)
    bench.run(3000)
    assert bench.count("PCM_LOST") >= 25
    assert bench.state == codes.TALK
    assert abs(earpiece.loudest_hz(bench.hal.pcm.ear[-50:]) - 1004) < 5
    bench.hang(1300)
    assert bench.at_rest


def test_voice_on_the_wire_is_stamped_anew_after_the_converter_stood_still():
    bench = AtaBench()
    bench.lift()
    bench.dtmf("607#")
    bench.run(1000)
    bench.hal.pcm.lose(50)
    bench.run(3000)
    stamps = [ts for _, ts, _, _ in bench.call.rx_voice]
    jumps = [b - a for a, b in itertools.pairwise(stamps) if b - a > 100]
    assert len(jumps) == 1
    assert abs(jumps[0] - 1000) <= 180, "a second was lost, and the far end can see it"


def test_line_goes_on_without_any_sound():
    """A dead converter: the hook, the ringing and the server are served all the same."""
    bench = AtaBench()
    bench.hal.pcm.lose(10**6)
    call = bench.peer.call_device("ata1")
    bench.run(1000)
    assert bench.ringing
    bench.lift(500)
    assert call.state == "up"
    bench.hang(1300)
    assert bench.at_rest
