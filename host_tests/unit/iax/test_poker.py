"""POKE out and PONG in: how often it is asked, which answer counts, and what a server sees of it."""

import pytest
from corekit import sent
from two_servers import ServersBench

from iax.poker import Poker
from peer import wire


def asking(server: int = 1, **options) -> tuple[ServersBench, Poker]:
    """Return a bench and its poker, which has just asked `server`."""
    bench = ServersBench(**options)
    poker = Poker(bench.endpoint)
    bench.endpoint.parts.append(poker)
    bench.endpoint.dialogs.append(poker)
    poker.ask(server, bench.now)
    return bench, poker


def pong(bench: ServersBench, poker: Poker, src: int = 1, dst: int | None = None, server: int = 1) -> int:
    """Give the box a PONG as a server would send it, with the changes a test wants."""
    raw = wire.iax(src, poker.scallno if dst is None else dst, 3, 0, 1, "PONG")
    return bench.feed(raw, server)


def test_a_server_that_is_there_answers_the_first_poke():
    bench, poker = asking()
    bench.run(10)
    assert not poker.asking and 0 <= poker.rtt_ms <= 10
    bench.run(10_000)
    assert len(sent(bench, "POKE")) == 1


def test_a_poke_has_number_nought_as_its_destination_and_twelve_octets():
    bench, poker = asking()
    bench.run(5)
    frame = sent(bench, "POKE")[0]
    assert (frame["src"], frame["dst"], frame["oseq"], frame["iseq"]) == (poker.scallno, 0, 0, 0)
    assert len(bench.sent[0][1]) == 12


def test_silence_is_told_after_four_copies_and_four_seconds():
    bench, poker = asking()
    bench.peer.vanish()
    bench.run(3900)
    assert poker.asking
    bench.run(200)
    assert not poker.asking and poker.rtt_ms == -1
    copies = sent(bench, "POKE")
    assert [round((frame["t"] - copies[0]["t"]) / 100) for frame in copies] == [0, 5, 15, 25]
    assert [frame["r"] for frame in copies] == [False, True, True, True]
    assert len({frame["ts"] for frame in copies}) == 1


def test_an_answer_after_a_second_is_measured_from_the_first_copy():
    bench, poker = asking()
    bench.peer.vanish()
    bench.run(1000)
    pong(bench, poker)
    assert poker.rtt_ms == pytest.approx(1000, abs=10)


@pytest.mark.parametrize(
    "forged", [{"dst": 2}, {"server": 2}, {"server": 0}], ids=["number", "server", "stranger"]
)
def test_a_pong_that_does_not_fit_changes_nothing(forged):
    bench, poker = asking()
    bench.peer.vanish()
    bench.run(10)
    pong(bench, poker, **forged)
    assert poker.asking


def test_a_server_with_a_dialog_for_it_gets_an_ack_each_time_and_no_inval():
    bench, poker = asking()
    bench.peer.vanish()
    bench.run(10)
    for _ in range(3):
        pong(bench, poker, src=900)
    acks = sent(bench, "ACK")
    assert [(frame["src"], frame["dst"], frame["iseq"]) for frame in acks] == [(poker.scallno, 900, 1)] * 3
    assert bench.count("TX_INVAL") == 0


def test_each_question_has_a_number_of_its_own():
    bench, poker = asking()
    numbers = set()
    for _ in range(50):
        bench.run(10)
        assert poker.rtt_ms >= 0
        numbers.add(poker.scallno)
        poker.ask(1, bench.now)
    assert len(numbers) == 50


def test_a_pong_to_the_question_before_answers_nothing():
    bench, poker = asking()
    bench.run(10)
    old = poker.scallno
    bench.peer.vanish()
    poker.ask(1, bench.now)
    pong(bench, poker, dst=old)
    assert poker.asking


def test_two_servers_are_asked_by_two_pokers_at_once():
    bench, one = asking(1)
    two = Poker(bench.endpoint)
    bench.endpoint.parts.append(two)
    bench.endpoint.dialogs.append(two)
    two.ask(2, bench.now)
    bench.servers[2].vanish()
    bench.run(5000)
    assert one.rtt_ms >= 0 and two.rtt_ms == -1
    assert {peer for _, peer in bench.asked} == {1, 2}


def test_while_nothing_is_asked_no_time_is_due():
    bench, poker = asking()
    assert poker.next_due(bench.now) == 0
    bench.run(5)
    assert poker.next_due(bench.now) == -1
