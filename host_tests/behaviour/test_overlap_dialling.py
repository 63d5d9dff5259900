"""dial.remote: the server's dial plan judges each digit, and the person hears what it says."""

import earpiece
import pytest
from ata_bench import AtaBench

import codes
import servers

REMOTE = {"dial.remote": "on"}


def remote(**options) -> AtaBench:
    """Return an adapter that asks its server."""
    return AtaBench(settings={**REMOTE, **options.pop("settings", {})}, **options)


def names(bench: AtaBench, name: str, way: str = "in") -> list[str]:
    """Return the CALLED NUMBER of each frame of that name, each once."""
    return list(dict.fromkeys(f["ie"]["CALLED_NUMBER"] for f in bench.peer.frames(name, way)))


def tone(bench: AtaBench, last_ms: int) -> str:
    """Name the last thing the ear heard."""
    told = earpiece.names(bench.hal.pcm.ear[-last_ms // 20 :])
    return told[-1] if told else "none"


@pytest.mark.parametrize("number", ["1", "22", "31234"])
def test_number_is_sent_with_its_last_digit_however_long_it_is(number):
    bench = remote()
    bench.lift()
    bench.dtmf(number)
    bench.run(200)
    assert bench.state == codes.TALK
    assert names(bench, "DPREQ") == [number[: i + 1] for i in range(len(number))]
    assert names(bench, "DIAL") == [number] and names(bench, "NEW") == ["TBD"]
    assert bench.call.rx_packets > 0
    bench.hang()
    assert bench.at_rest


def test_number_that_may_grow_is_sent_by_the_match_timer():
    bench = remote(settings={"dial.match_ms": "2000"})
    bench.lift()
    bench.dtmf("4")
    bench.run(1500)
    assert bench.state == codes.COLLECT
    bench.run(600)
    assert bench.state == codes.TALK and names(bench, "DIAL") == ["4"]


def test_hash_sends_at_once():
    bench = remote()
    bench.lift()
    bench.dtmf("4#")
    bench.run(200)
    assert bench.state == codes.TALK and names(bench, "DIAL") == ["4"]


def test_number_that_does_not_exist_is_reorder_with_its_first_wrong_digit():
    bench = remote()
    bench.lift()
    bench.dtmf("25")
    bench.run(2000)
    assert bench.state == codes.REORDER_TONE and tone(bench, 2000) == "reorder"
    assert not bench.peer.frames("DIAL", "in") and not bench.peer.live_calls()
    bench.hang()
    assert bench.at_rest


def test_dial_tone_goes_on_behind_a_digit_that_is_to_be_ignored():
    bench = remote()
    bench.lift(1000)
    bench.dtmf("9")
    heard_from = len(bench.hal.pcm.ear)
    bench.run(2000)
    assert bench.state == codes.DIAL_TONE
    assert earpiece.names(bench.hal.pcm.ear[heard_from:]) == ["dial"]
    bench.dtmf("1")
    bench.run(1000)
    assert bench.state == codes.COLLECT and tone(bench, 800) == "none"
    bench.dtmf("2")
    bench.run(200)
    assert bench.state == codes.TALK and names(bench, "DIAL") == ["912"]


def test_dial_tone_stops_at_a_digit_that_counts():
    bench = remote()
    bench.lift(1000)
    bench.dtmf("3")
    bench.run(1000)
    assert bench.state == codes.COLLECT and tone(bench, 800) == "none"


def test_digits_dialled_before_the_server_has_accepted_are_judged_then():
    bench = remote()
    bench.peer.quirks.reply_delay_ms = 500
    bench.lift(100)
    bench.dtmf("31234", on_ms=50, off_ms=50)
    bench.run(1500)
    assert bench.state == codes.TALK and names(bench, "DIAL") == ["31234"]


def test_hanging_up_while_dialling_leaves_no_leg():
    bench = remote()
    bench.lift()
    bench.dtmf("31")
    bench.hang()
    assert bench.at_rest
    bench.lift()
    bench.dtmf("22")
    bench.run(200)
    assert names(bench, "DIAL") == ["22"]


def test_lifted_and_hung_up_without_a_digit_leaves_no_leg():
    bench = remote()
    bench.lift(1000)
    assert bench.peer.live_calls()
    bench.hang()
    assert bench.at_rest


def test_no_digit_in_time_is_reorder_and_the_leg_goes():
    bench = remote(settings={"dial.first_ms": "3000"})
    bench.lift(4000)
    assert bench.state == codes.REORDER_TONE and not bench.peer.live_calls()
    bench.hang()
    assert bench.at_rest


def test_call_comes_in_and_is_answered_without_a_question():
    bench = remote()
    call = bench.peer.call_device("ata1")
    assert bench.run_until(lambda: bench.ringing)
    bench.lift(500)
    assert bench.state == codes.TALK and call.state == "up"
    assert not bench.peer.frames("NEW", "in")
    bench.hang()
    assert bench.at_rest


def test_call_that_comes_in_while_somebody_dials_is_refused_as_busy():
    bench = remote()
    bench.lift()
    bench.dtmf("3")
    call = bench.peer.call_device("ata1")
    bench.run(500)
    assert call.cause == 17 and bench.state == codes.COLLECT
    bench.dtmf("1234")
    bench.run(200)
    assert bench.state == codes.TALK


def test_server_without_such_a_plan_gets_an_ordinary_call():
    bench = remote(settings={"dial.map": "[2-9]xx|[x*]."})
    bench.peer.overlap.accepts = False
    bench.lift()
    bench.dtmf("600")
    bench.run(4000)
    assert bench.state == codes.TALK and names(bench, "NEW") == ["TBD", "600"]
    assert not bench.peer.frames("DPREQ", "in")
    bench.hang()
    assert bench.at_rest


def test_server_that_does_not_answer_gets_an_ordinary_call_three_seconds_later():
    bench = remote(settings={"dial.map": "600"})
    bench.peer.overlap.silent = True
    bench.lift()
    bench.dtmf("6")
    assert bench.state == codes.DIAL_TONE
    bench.run(3200)
    assert bench.state == codes.COLLECT, "the digit map has taken over"
    bench.dtmf("00")
    bench.run(300)
    assert bench.state == codes.TALK and names(bench, "NEW") == ["TBD", "600"]
    bench.run(1000)
    assert len(bench.peer.live_calls()) == 1
    bench.hang()
    assert bench.at_rest


def test_dead_server_is_reorder_in_the_end():
    bench = remote()
    bench.peer.vanish()
    bench.lift()
    bench.dtmf("600#")
    bench.run(33000)
    assert bench.state in (codes.REORDER_TONE, codes.HOWLER)
    bench.hang(11000)
    assert bench.ata.endpoint.legs[0].state == codes.CALL_FREE


def test_number_refused_at_dial_is_reorder():
    bench = remote()
    bench.peer.overlap.answers["888"] = 1
    bench.peer.overlap.answers["8"] = bench.peer.overlap.answers["88"] = 0x8002
    bench.lift()
    bench.dtmf("888")
    bench.run(2000)
    assert tone(bench, 1500) == "reorder" and bench.call.cause == 3
    bench.hang()
    assert bench.at_rest


@pytest.mark.parametrize(
    "number, state", [("600", codes.TALK), ("606", codes.EARLY), ("608", codes.RINGBACK)]
)
def test_immediate_server_is_heard_without_a_digit(number, state):
    bench = remote(accounts={"ata1": {"secret": "pw1", "immediate": True}})
    bench.peer.overlap.immediate = bench.peer.extensions[number]
    bench.lift(500)
    assert bench.state == state
    assert not bench.peer.frames("DIAL", "in")
    bench.hang()
    assert bench.at_rest


def test_immediate_call_that_ends_is_reorder_and_the_next_one_is_connected_again():
    bench = remote(accounts={"ata1": {"secret": "pw1", "immediate": True}})
    bench.lift(1000)
    assert bench.state == codes.TALK
    bench.call.hangup(16)
    bench.run(500)
    assert bench.state == codes.REORDER_TONE
    bench.hang()
    bench.lift(1000)
    assert bench.state == codes.TALK


def test_known_number_is_sent_without_a_question():
    bench = remote()
    for _ in range(2):
        bench.lift()
        bench.dtmf("22")
        bench.run(200)
        assert bench.state == codes.TALK
        bench.hang()
    assert len(bench.peer.frames("DPREQ", "in")) == 2 and len(bench.peer.frames("DIAL", "in")) == 2


def test_lossy_path_asks_again_and_the_call_is_made():
    bench = remote(settings={"dial.inter_ms": "20000"})
    bench.peer.faults.lose(20, way="both")
    bench.lift(3000)
    for digit in "31234":
        bench.dtmf(digit)
        bench.run(1500)
    bench.run(6000)
    assert bench.state == codes.TALK
    assert names(bench, "DIAL") == ["31234"] or names(bench, "NEW")[-1] == "31234"


def test_power_down_while_dialling_hangs_up_the_leg():
    bench = remote()
    bench.lift()
    bench.dtmf("3")
    servers.release(bench.ata, bench.hal.clock.ticks_ms())
    bench.run(1000)
    assert servers.gone(bench.ata) and not bench.peer.live_calls()


def test_second_leg_keeps_the_plan_apart_from_another_call():
    bench = remote(settings={"feature.legs": "2"})
    call = bench.peer.call_device("ata1")
    assert bench.run_until(lambda: bench.ringing)
    bench.lift(1000)
    assert call.state == "up" and not bench.peer.frames("NEW", "in"), "lifted to answer, not to dial"


def test_without_the_setting_nothing_is_asked():
    bench = AtaBench()
    bench.lift()
    bench.dtmf("600#")
    bench.run(300)
    assert names(bench, "NEW") == ["600"] and not bench.peer.frames("DPREQ", "in")
