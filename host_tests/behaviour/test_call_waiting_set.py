"""Caller ID in a call at a telephone that hears CAS by itself, acknowledges, and reads the message."""

import numpy as np
import pytest
from ata_bench import AtaBench

import codes
from tools.vphone_lib.telephone import Telephone


class Wire:
    """The virtual telephone on the line of the bench, 20 ms at a time."""

    def __init__(self, bench, kind, seed=1):
        self.bench = bench
        self.phone = Telephone(seed, kind=kind)
        self._taken = len(bench.hal.pcm.ear)

    def run(self, ms):
        """Let so much time pass on both sides."""
        pcm, slic = self.bench.hal.pcm, self.bench.hal.slic
        for _ in range(ms // 20):
            new = pcm.ear[self._taken :]
            self._taken += len(new)
            ear = np.frombuffer(new[-1], np.int16) if new and any(new[-1]) else None
            mouth, states = self.phone.step(ear, slic.feed, 200)
            pcm.mouth.append(mouth.tobytes())
            for state in states:
                slic.state = state
                self.bench.run(5)

    def told(self, what):
        """The happenings of that name at the telephone."""
        return [e for e in self.phone.events if e["what"] == what]


def talking(kind, seed=1):
    """A call that came in is up, and a second one is announced to its telephone."""
    bench = AtaBench(seed=seed)
    wire = Wire(bench, kind, seed)
    bench.peer.call_device("ata1", number="5559876", name="Bob")
    wire.run(1000)
    wire.phone.lift()
    wire.run(1000)
    assert bench.state == codes.TALK
    bench.ata.announcer.announce(codes.ANNOUNCE_WAITING_CALL, bench.ata._leg, bench.hal.clock.ticks_ms())
    return bench, wire


@pytest.mark.parametrize("seed", range(1, 5))
def test_a_call_waiting_set_shows_who_calls_in_the_call(seed):
    _, wire = talking("callwaiting", seed)
    wire.run(3000)
    assert wire.phone.shown.number == "5559876" and not wire.phone.fault
    assert wire.told("unmute")[0]["received"] is True
    (shown,) = wire.told("callerid")
    assert shown["seizure_bits"] == 0 and 55 <= shown["mark_bits"] <= 105


def test_its_user_hears_nothing_of_modem_and_acknowledgement():
    _, wire = talking("callwaiting")
    loud = []
    for _ in range(150):
        wire.run(20)
        if wire.told("cas") and not wire.told("unmute"):
            loud.append(bool(wire.phone.heard.any()))
    assert 20 < len(loud) < 100 and not any(loud)


def test_the_acknowledgement_does_not_reach_the_far_end_as_a_key():
    bench, wire = talking("callwaiting")
    wire.run(3000)
    assert not [f for f in bench.peer.log if f["way"] == "in" and f["name"].startswith("DTMF")]


def test_a_plain_set_gets_no_message_and_its_user_talks_on():
    bench, wire = talking("plain")
    wire.run(3000)
    assert not wire.told("callerid") and bench.state == codes.TALK
    signals = [a for _, name, a, begins in bench.log if name == "LOG_SIGNAL" and begins]
    assert codes.SIGNAL_FSK not in signals
