"""The server sends a talking telephone to another number: the user hears it, and may hang up at any time."""

import pytest
from ata_bench import AtaBench, sine_frames

import codes
from iax.refer import Refer
from peer import wire


def talking(number: str = "607") -> AtaBench:
    """Return a bench in a call, with the part hooked in."""
    bench = AtaBench()
    endpoint = bench.ata.endpoint
    part = Refer(endpoint)
    endpoint.parts.append(part)
    endpoint.dialogs.append(part)
    bench.lift()
    bench.dtmf(number + "#")
    assert bench.run_until(lambda: bench.state == codes.TALK)
    bench.run(500)
    return bench


def send_to(bench: AtaBench, number: str) -> None:
    """Send TRANSFER to the box."""
    bench.call.iax("TRANSFER", wire.ie("CALLED_NUMBER", number))


def test_user_who_is_sent_to_another_number_talks_on_there():
    bench = talking()
    send_to(bench, "600")
    assert bench.run_until(lambda: bench.call.number_dialled == "600" and bench.call.state == "up")
    bench.say(sine_frames((800,), 1500))
    bench.run(1500)
    assert max(bench.heard(500)) > 3000, "the echo of the new number"
    assert bench.state == codes.TALK and len(bench.peer.live_calls()) == 1
    bench.hang()
    assert bench.run_until(lambda: bench.at_rest)


def test_user_who_is_sent_to_no_number_hears_reorder():
    bench = talking()
    send_to(bench, "999")
    assert bench.run_until(lambda: bench.state == codes.REORDER_TONE)
    bench.hang()
    assert bench.run_until(lambda: bench.at_rest)


@pytest.mark.parametrize("after_ms", [0, 5, 10, 20, 40, 80, 200, 400])
def test_user_who_hangs_up_at_any_moment_of_it_leaves_no_call(after_ms):
    bench = talking()
    send_to(bench, "608")
    bench.run(after_ms)
    bench.hang(1300)
    assert bench.run_until(lambda: bench.at_rest, 12000)
    bench.run(5000)
    assert bench.at_rest and bench.count("CALLS_OUT") == 1


def test_user_who_is_sent_on_again_and_again_follows():
    bench = talking()
    for number in ("600", "601", "607"):
        send_to(bench, number)
        assert bench.run_until(lambda number=number: bench.call.number_dialled == number)
        assert bench.run_until(lambda: bench.call.state == "up")
        bench.run(200)
    assert len(bench.peer.live_calls()) == 1 and bench.state == codes.TALK


def test_transfer_on_a_bad_network_ends_in_one_call():
    bench = talking()
    bench.peer.faults.lose(25, way="both")
    send_to(bench, "600")
    bench.run(20000)
    bench.peer.faults.clear()
    bench.run(20000)
    assert len(bench.peer.live_calls()) <= 1
    bench.hang()
    assert bench.run_until(lambda: bench.at_rest, 40000)
