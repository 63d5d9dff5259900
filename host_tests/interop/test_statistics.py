"""What Asterisk's console shows of our reception is what we counted, on a path that loses and wavers."""

import re

import pytest
from interop import captures

from peer import wire

# columns of `iax2 show netstats`: … what Asterisk counted, then what the other side's PONG reported
REMOTE = ("jitter", "delay", "lost", "percent", "drop", "ooo", "kpkts")
HEADERS = 16 + 20 + 8  # before the payload of a packet in the capture: record, IPv4, UDP
DEPTH_MS = 60


def row(text, account):
    """Return (round trip in ms, {what the far end reports}) from the account's line."""
    line = next(line for line in text.splitlines() if line.startswith(f"IAX2/{account}"))
    figures = [int(figure) for figure in re.findall(r"-?\d+", line.partition(" ")[2])]
    return figures[0], dict(zip(REMOTE, figures[8:15]))


def last_report(phone):
    """Return what the last PONG of a call that left the phone said."""
    frames = [wire.decode(packet[HEADERS:]) for packet in captures.packets(phone.folder / "net.pcap")]
    return [f["ie"] for f in frames if f["name"] == "PONG" and f["ie"].get("RR_DELAY") == DEPTH_MS][-1]


@pytest.mark.takes(75)
def test_netstats_agrees_with_our_counters_after_60_s_of_3_per_cent_loss(make_phone):
    phone = make_phone(audio__jitter_ms=DEPTH_MS).register()
    phone.dial("601")
    phone.do("wait call up 5", "net loss 3", "net delay 30 12", "net reorder 1")
    leg = phone.frames("ACCEPT", "in")[-1]["dst"]

    def told():
        return [event for event in phone.frames("PONG") if event["src"] == leg and not event["retry"]]

    assert phone.until(lambda: len(told()) >= 3, 70), "Asterisk asks each 21 s"
    counters = phone.counters
    phone.run(2.5)  # the PONG may be lost, and comes again
    trip_ms, shown = row(phone.cli("iax2 show netstats"), phone.account)
    phone.do("net restore", "hang", "wait call down 5")
    phone.assert_clear()
    phone.finish()
    own = last_report(phone)
    lost = counters["JITTER_LOST"] - counters["JITTER_LATE"]
    ours = {
        "jitter": own["RR_JITTER"],
        "delay": DEPTH_MS,
        "lost": lost,
        "percent": 100 * lost // (lost + counters["RX_VOICE"]),
        "drop": counters["JITTER_LATE"],
        "ooo": own["RR_OOO"],
        "kpkts": counters["RX_VOICE"] // 1000,
    }
    print(f"shown {shown}, ours {ours}, round trip {trip_ms} ms")
    assert {name for name in ours if abs(ours[name] - shown[name]) > 1} == set()
    assert counters["RX_VOICE"] > 2800 and shown["lost"] > 40 and shown["jitter"] >= 1
    assert 55 <= trip_ms <= 200


@pytest.mark.takes(20)
def test_lag_is_that_of_the_path_to_asterisk_and_back(make_core):
    """Ours alone: no delay on the loopback; what is measured is how quickly both sides answer."""
    core = make_core()
    core.register()
    leg = core.call("607")
    assert core.until(lambda: core.frames("LAGRP", "in"), 8)
    core.run(0.2)
    sent, answered = core.frames("LAGRQ")[0], core.frames("LAGRP", "in")[0]
    assert answered["ts"] == sent["ts"]
    assert abs(leg.lag_ms - 1000 * (answered["t"] - sent["t"])) <= 10 and leg.rtt_ms <= 50
    core.hang_up()
