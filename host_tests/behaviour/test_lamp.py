"""Messages waiting, told to a telephone with a lamp for them while its line is idle."""

import cidkit
import earpiece
import pytest
from ata_bench import AtaBench
from lineside import LineSide, loudest_dbm0

import codes

FORWARD, REVERSE, RINGING = codes.FEED_FORWARD, codes.FEED_REVERSE, codes.FEED_RINGING


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


@pytest.mark.parametrize("moment_ms", [10, 300, 700, 1100])
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
