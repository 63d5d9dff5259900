"""The whole adapter in every country and period: the dial tone that is heard, the ringing that is ordered."""

import itertools

import numpy as np
import pytest
import tonekit
from ata_bench import AtaBench

import codes

PROFILES = [name for name in tonekit.rows() if name != "eu"]


@pytest.mark.parametrize("name", PROFILES)
def test_dial_tone_is_the_country_s(name):
    bench = AtaBench(settings={"line.profile": name})
    bench.lift(2000)
    samples = np.array(bench.heard(2000), dtype=float)
    steps = tonekit.promise(*tonekit.whole(name)["dial"])
    begin = np.flatnonzero(samples)[0]
    n = 8 * min(1500, steps[0].ms or 1500)
    found = tonekit.lines_of(samples[begin : begin + n], steps[0].lines)
    assert [hz for hz, _ in found] == pytest.approx([hz for hz, _ in steps[0].lines], rel=0.005)
    assert [level for _, level in found] == pytest.approx([level for _, level in steps[0].lines], abs=0.5)


@pytest.mark.parametrize("name", PROFILES)
def test_bell_rings_in_the_country_s_rhythm_at_its_frequency(name):
    rows = tonekit.whole(name)
    bench = AtaBench(settings={"line.profile": name, "line.callerid": "off"})
    bench.peer.call_device("ata1", number="5551234", name="ALICE")
    feeds = [bench.hal.slic.feed]
    for _ in range(13000 // 5):
        bench.run(5)
        feeds.append(bench.hal.slic.feed)
    assert ("ring", round(10 * float(rows["ring_hz"][0]))) in bench.hal.slic.orders
    turns = [5 * len(list(group)) for _, group in itertools.groupby(f == codes.FEED_RINGING for f in feeds)]
    pairs = [pair.split("/") for pair in rows["ring"][0].split(",")]
    wanted = [abs(int(ms)) for pair in pairs for ms in pair]
    assert turns[1 : 1 + len(wanted)] == pytest.approx(wanted, abs=10)


def test_howler_grows_louder_twice_before_the_line_falls_silent():
    bench = AtaBench(settings={"dial.first_ms": "1000", "line.reorder_ms": "1000", "line.howler_ms": "9000"})
    bench.lift(13000)
    tones = [(t_ms, tone) for t_ms, name, tone, _ in bench.log if name == "LOG_TONE"]
    howlers = (codes.TONE_HOWLER, codes.TONE_HOWLER_LOUD, codes.TONE_HOWLER_LOUDEST)
    assert [tone for _, tone in tones] == [codes.TONE_DIAL, codes.TONE_REORDER, *howlers, codes.TONE_NONE]
    wanted = tonekit.promise(*tonekit.whole("us")["howler"])[0].lines
    for gain_db, (t_ms, _) in zip((-12, -6, 0), tones[2:]):
        ear = np.array(bench.heard(bench.t_ms - t_ms), dtype=float)
        begin = np.flatnonzero(ear[800:1600] == 0)[-1] + 801  # the second burst
        found = tonekit.lines_of(ear[begin : begin + 760], wanted)
        assert [hz for hz, _ in found] == pytest.approx([hz for hz, _ in wanted], rel=0.005)
        assert [level for _, level in found] == pytest.approx(
            [level + gain_db for _, level in wanted], abs=0.5
        )
    assert not np.any(bench.heard(500))
