"""What only a call of a minute shows: time-stamps that wrap at 16 bits, probes, and the reports in them."""

import re

import pytest

SENTENCE = "This sentence is spoken while the time stamp passes its mark, and nobody may hear it"
PONG_KINDS = ("jitter", "delay", "lost", "percent", "drop", "ooo", "kpkts")


def remote(text, account):
    """Return what the far end reports in its PONGs, from the account's line of `iax2 show netstats`."""
    row = next(line for line in text.splitlines() if line.startswith(f"IAX2/{account}"))
    figures = re.findall(r"-?\d+", row.partition(" ")[2])
    return dict(zip(PONG_KINDS, (int(figure) for figure in figures[8:15])))


@pytest.mark.item(29, 30)
@pytest.mark.takes(85)
@pytest.mark.parametrize("way", ["out", "in"])
def test_voice_passes_the_marks_of_the_16_bit_clock_unharmed(phone, way):
    """At 32.768 s a full VOICE frame is due, at 65.536 s the clock of the mini frames begins again."""
    if way == "out":
        phone.dial("600")
    else:
        phone.cli(f"channel originate IAX2/{phone.account}/s extension 600@lab")
        phone.do("wait ringing 5", "lift")
    phone.do("wait call up 5")
    began = (phone.frames("NEW", way)[0])["t_ms"]
    spans = []
    for mark_ms in (10_000, 32_768, 65_536):
        phone.run((began + mark_ms - 2500 - phone.session.t_ms) / 1000)
        spans.append(phone.say(SENTENCE))
    phone.run(1)
    report = remote(phone.cli("iax2 show netstats"), phone.account)
    counters = phone.counters
    phone.do("hang")
    phone.assert_clear()
    full = [frame["ts"] for frame in phone.seen("frame", dir="out", type="VOICE") if not frame["retry"]]
    assert [stamp // 32768 for stamp in full] == [0, 1, 2], full
    skipped = phone.session.skipped  # 20 ms frames that this machine was too slow for
    assert counters["JITTER_RESYNC"] == 0 or skipped, "the time-stamps jumped"
    assert counters["RX_VOICE"] > 3000
    assert report["kpkts"] == 3, "the last PONG left in the 63rd second: 3,100 packets"
    assert report["jitter"] <= 20 and report["delay"] == 40
    assert report["lost"] <= counters["JITTER_LOST"] and report["percent"] == 0 and report["ooo"] == 0
    phone.assert_echo(*spans)
