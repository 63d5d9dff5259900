"""What a PONG reports is what was received: reckoned here from the datagrams, by the definitions alone.

Jitter as RFC 3550, section 6.4.1, has it; the rest as RFC 5456, sections 8.6.37 to 8.6.41, says.
"""

import random

import pytest
from ata_bench import STEP_MS, AtaBench
from bench import CoreBench
from corekit import SPEECH

import codes
from peer import numbers as n
from peer import wire


class Path:
    """The way of the voice toward the box: one datagram each 20 ms, each with a fate of its own."""

    def __init__(self, bench, seed, lose_pct=0, jitter_ms=0, swap_pct=0):
        self.bench = bench
        self.dice = random.Random(seed)
        self.lose_pct, self.jitter_ms, self.swap_pct = lose_pct, jitter_ms, swap_pct
        self.call = bench.call
        self.start_ts = -(-self.call.elapsed() // 20) * 20
        self.arrived: "list[tuple[int, int]]" = []  # (ms, time-stamp), in the order of arrival
        self.lost = 0
        self._waiting: "list[tuple[int, int]]" = []

    def talk(self, packets):
        """Send so many, let them arrive, and give the last ones time."""
        began = self.bench.t_ms
        for i in range(packets):
            ts = self.start_ts + 20 * i
            if self.dice.random() * 100 < self.lose_pct:
                self.lost += 1
            else:
                late = self.dice.randrange(self.jitter_ms // STEP_MS + 1) * STEP_MS if self.jitter_ms else 0
                swap = 25 if self.dice.random() * 100 < self.swap_pct else 0
                self._waiting.append((began + 20 * (i + 1) + late + swap, ts))
        self._waiting.sort()
        while self._waiting:
            self.bench.run(STEP_MS)
            while self._waiting and self._waiting[0][0] <= self.bench.t_ms + STEP_MS:
                _, ts = self._waiting.pop(0)
                self.arrived.append((self.bench.t_ms + STEP_MS, ts))  # the step in which the box reads it
                self.bench.hal.net.deliver(1, self.packet(ts))
        self.bench.run(100)

    def packet(self, ts):
        if len(self.arrived) == 1:
            return wire.full(
                self.call.number,
                self.call.their,
                ts,
                self.take_oseq(),
                self.call.iseq,
                n.T_VOICE,
                n.ULAW,
                SPEECH,
            )
        return wire.mini(self.call.number, ts, SPEECH)

    def take_oseq(self):
        oseq = self.call.oseq
        self.call.oseq = oseq + 1 & 255
        return oseq

    def jitter(self):
        """Return RFC 3550's estimate, ms."""
        found = 0.0
        for (sooner, sent), (later, sent_later) in zip(self.arrived, self.arrived[1:]):
            found += (abs((later - sooner) - (sent_later - sent)) - found) / 16
        return found

    def out_of_order(self):
        """Return how many came after one that was sent later."""
        newest, count = -1, 0
        for _, ts in self.arrived:
            count += ts < newest
            newest = max(newest, ts)
        return count


def talked(packets=1500, depth_ms=100, **fate):
    """Return (path, what the box's PONG says) after a call of so many packets."""
    bench = AtaBench(settings={"audio.jitter_ms": str(depth_ms)})
    bench.lift()
    bench.dtmf("607#")
    assert bench.run_until(lambda: bench.state == codes.TALK, 3000)
    path = Path(bench, 7, **fate)
    path.talk(packets)
    path.call.iax("PING")
    bench.run(50)
    pong = [f for f in bench.peer.frames("PONG", "in") if f["src"] == path.call.their][-1]
    return path, pong["ie"]


def test_a_clean_path_reports_nothing_but_packets():
    path, report = talked()
    assert report == {
        "RR_JITTER": 0, "RR_LOSS": 0, "RR_PKTS": 1500, "RR_DELAY": 100, "RR_DROPPED": 0, "RR_OOO": 0,
    }  # fmt: skip
    assert path.lost == 0


@pytest.mark.parametrize("pct", [1, 3, 10])
def test_lost_is_what_did_not_arrive(pct):
    path, report = talked(lose_pct=pct)
    assert path.lost > 0 and report["RR_PKTS"] == 1500 - path.lost
    assert abs((report["RR_LOSS"] & 0xFFFFFF) - path.lost) <= 1
    assert abs((report["RR_LOSS"] >> 24) - 100 * path.lost / 1500) <= 1
    assert (report["RR_DROPPED"], report["RR_OOO"]) == (0, 0)


@pytest.mark.parametrize("jitter_ms", [10, 40, 80])
def test_jitter_is_the_estimate_of_rfc_3550(jitter_ms):
    path, report = talked(jitter_ms=jitter_ms)
    assert path.jitter() > jitter_ms / 8
    assert abs(report["RR_JITTER"] - path.jitter()) <= 1
    assert report["RR_PKTS"] == 1500


def test_what_was_overtaken_is_out_of_order_and_not_lost():
    path, report = talked(swap_pct=5)
    assert path.out_of_order() > 30
    assert report["RR_OOO"] == path.out_of_order()
    assert (report["RR_LOSS"], report["RR_DROPPED"]) == (0, 0)


def test_what_came_too_late_is_dropped_and_not_lost_as_well():
    """A buffer of 20 ms on a path that wavers by 60."""
    path, report = talked(depth_ms=20, jitter_ms=60)
    late = path.bench.count("JITTER_LATE")
    assert late > 100 and report["RR_DROPPED"] == late
    assert report["RR_LOSS"] & 0xFFFFFF <= 20, "it did arrive"


def test_loss_jitter_and_disorder_at_once():
    path, report = talked(lose_pct=3, jitter_ms=40, swap_pct=2)
    assert abs((report["RR_LOSS"] & 0xFFFFFF) - path.lost) <= 2
    assert abs(report["RR_JITTER"] - path.jitter()) <= 1
    assert report["RR_OOO"] == path.out_of_order()
    assert report["RR_PKTS"] == len(path.arrived)


@pytest.mark.parametrize("one_way_ms", [0, 20, 45, 150])
def test_lag_and_round_trip_are_those_of_the_path(one_way_ms):
    """LAGRQ goes end to end and back; so does PING."""
    bench = CoreBench()
    bench.register()
    bench.peer.faults.delay(100, ms=one_way_ms, way="both")
    bench.dial("607")
    assert bench.run_until("ANSWERED", 8000)
    bench.run(40_000)
    assert abs(bench.leg.rtt_ms - 2 * one_way_ms) <= 5
    assert abs(bench.leg.lag_ms - 2 * one_way_ms) <= 5
