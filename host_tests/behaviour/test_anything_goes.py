"""Hundreds of things in any order, from a seed: whatever happened, the line comes to rest and works again."""

import os
import random

import pytest
from ata_bench import KEYS, AtaBench

import codes

NUMBERS = ("600#", "603#", "604#", "606#", "608#", "999#", "5", "60")
CONTROLS = ("BUSY", "RINGING", "ANSWER", "STOP", "PROGRESS", "CONGESTION")
MONKEYS = int(os.environ.get("UIAXY_MONKEYS", "8"))


class Monkey:
    """Lifts, hangs up, dials, calls, vanishes: one random act after the other."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.bench = AtaBench(seed=seed, settings={"line.reorder_ms": "3000", "line.howler_ms": "3000"})
        self.bench.hal.pcm.record = False
        self.bench.peer.keep_voice = self.bench.peer.log_minis = False

    def act(self) -> None:
        bench, dice = self.bench, self.dice
        acts = (self.lift, self.hang, self.dial, self.key, self.call_in, self.far_end, self.network)
        dice.choice(acts)()
        bench.run(dice.choice((5, 10, 35, 100, 400, 1500, 4000)))
        ringing = bench.hal.slic.feed == codes.FEED_RINGING
        assert not ringing or bench.state == codes.RINGING
        assert bench.state != codes.TALK or bench.ata._leg is not None

    def lift(self) -> None:
        self.bench.hal.slic.lift()

    def hang(self) -> None:
        self.bench.hal.slic.hang_up()

    def dial(self) -> None:
        self.bench.dtmf(self.dice.choice(NUMBERS), 60, 60)

    def key(self) -> None:
        self.bench.dtmf(self.dice.choice(KEYS), self.dice.choice((40, 300, 1000)), 40)

    def call_in(self) -> None:
        self.bench.peer.call_device("ata1", addr=("127.0.0.1", 40000))

    def far_end(self) -> None:
        call = self.bench.peer.current_call()
        if call is not None:
            order = self.dice.choice(("", "HANGUP", *CONTROLS))
            call.control(order) if order else call.hangup(self.dice.choice((0, 16, 17, 34)))

    def network(self) -> None:
        peer = self.bench.peer
        trouble = self.dice.randrange(6)
        if trouble == 0:
            peer.faults.lose(self.dice.choice((10, 50)), way="both", times=20)
        elif trouble == 1:
            peer.faults.reorder(30, way="both", times=20)
        elif trouble == 2:
            peer.faults.duplicate(50, times=20)
        elif trouble == 3:
            peer.vanish()
            self.bench.run(self.dice.choice((100, 2000)))
            peer.come_back()
        elif trouble == 4:
            peer.restart(keep_registrations=True)
        else:
            peer.faults.clear()


@pytest.mark.parametrize("seed", range(1, MONKEYS + 1))
def test_line_comes_to_rest_and_works_again_whatever_happened(seed):
    monkey = Monkey(seed)
    for _ in range(80):
        monkey.act()
    bench = monkey.bench
    bench.peer.faults.clear()
    bench.hal.pcm.mouth.clear()
    for call in bench.peer.live_calls():
        call.hangup(16)
    bench.hang()
    assert bench.state in (codes.ON_HOOK, codes.RINGING)
    assert bench.run_until(lambda: bench.at_rest, 70000)
    bench.lift()
    bench.dtmf("600#")
    assert bench.run_until(lambda: bench.state == codes.TALK, 3000)
    bench.run(200)
    bench.dtmf("5")
    bench.run(100)
    assert [digit for _, digit, _ in bench.call.rx_dtmf] == ["5", "5"]
    bench.hang(1300)
    assert bench.at_rest
