"""A call that cannot be made: which tone the person hears, and that no leg is left on either side."""

import earpiece
import pytest
from ata_bench import AtaBench

import codes


def dial(bench: AtaBench, number: str, run_ms: int = 0) -> None:
    bench.lift()
    bench.dtmf(number)
    bench.run(run_ms)


def last_tone(bench: AtaBench, ms: int = 3000) -> str:
    """Listen for `ms` more and name what sounds then."""
    bench.run(ms)
    told = earpiece.names(bench.hal.pcm.ear[-ms // 20 :])
    return told[-1] if told else "none"


def assert_cleared(bench: AtaBench) -> None:
    assert not bench.peer.live_calls(), "the server still holds the call"
    assert bench.ata.endpoint.legs[0].state == codes.CALL_FREE
    bench.hang()
    assert bench.at_rest
    bench.lift(1000)
    assert earpiece.names(bench.hal.pcm.ear[-40:]) == ["dial"]


def test_control_busy_gives_busy_tone_and_the_leg_is_hung_up_at_once():
    bench = AtaBench()
    dial(bench, "603#")
    assert last_tone(bench) == "busy"
    assert len(bench.peer.frames("HANGUP", "in")) == 1
    assert bench.call.cause == 16, "our normal clearing, before the server's own three seconds"
    assert_cleared(bench)


def test_congestion_gives_reorder_tone():
    bench = AtaBench()
    dial(bench, "604#")
    assert last_tone(bench) == "reorder"
    assert_cleared(bench)


def test_unknown_number_gives_reorder_tone():
    bench = AtaBench()
    dial(bench, "999#")
    assert last_tone(bench) == "reorder"
    (reject,) = bench.peer.frames("REJECT", "out")
    assert reject["ie"]["CAUSECODE"] == 3
    assert_cleared(bench)


@pytest.mark.parametrize(("cause", "tone"), [(17, "busy"), (34, "reorder"), (16, "reorder"), (0, "reorder")])
def test_reject_gives_the_tone_of_its_cause(cause, tone):
    bench = AtaBench()
    bench.peer.faults.corrupt("REJECT", how=lambda raw: raw[:-1] + bytes((cause,)))
    dial(bench, "999#")
    assert last_tone(bench) == tone
    assert_cleared(bench)


@pytest.mark.parametrize(("cause", "tone"), [(17, "busy"), (19, "reorder"), (16, "reorder")])
def test_hangup_while_it_rings_gives_the_tone_of_its_cause(cause, tone):
    def rings_then_clears(call):
        call.control("RINGING")
        yield 2000
        call.hangup(cause)

    bench = AtaBench()
    bench.peer.extensions["702"] = rings_then_clears
    dial(bench, "702#", 2500)
    assert last_tone(bench) == tone
    assert_cleared(bench)


def test_reject_without_any_cause_gives_reorder_tone():
    bench = AtaBench()
    bench.peer.quirks.stateless_reject = {"NEW"}
    dial(bench, "600#")
    assert last_tone(bench) == "reorder"
    assert_cleared(bench)


def test_wrong_secret_gives_reorder_tone_and_no_leg_is_left():
    bench = AtaBench(settings={"account.1.secret": "wrong", "account.1.register": "off"}, register=False)
    dial(bench, "600#")
    assert last_tone(bench) == "reorder"
    assert_cleared(bench)


def test_server_that_offers_only_plain_text_never_gets_the_secret():
    bench = AtaBench()
    bench.peer.quirks.authmethods = 1
    dial(bench, "600#")
    assert last_tone(bench) == "reorder"
    assert not any(b"pw1" in frame["raw"] for frame in bench.peer.log)
    assert_cleared(bench)


def test_codec_that_was_never_offered_gives_reorder_tone():
    bench = AtaBench()
    bench.peer.quirks.codec = 2  # GSM
    dial(bench, "600#")
    assert last_tone(bench) == "reorder"
    assert_cleared(bench)


def test_server_that_only_acknowledges_gives_reorder_tone_in_the_end():
    bench = AtaBench(settings={"line.calling_ms": "20000"})
    bench.peer.quirks.early_ack = True
    bench.peer.quirks.reply_delay_ms = 10**7
    dial(bench, "600#", 15000)
    assert bench.state == codes.CALLING
    assert earpiece.level_dbm0(bench.hal.pcm.ear[-500:]) == -99, "silence while the call is made"
    bench.run(5000)
    assert last_tone(bench) == "reorder"
    assert bench.peer.frames("HANGUP", "in")
    bench.run(12000)
    assert bench.ata.endpoint.legs[0].state == codes.CALL_FREE


def test_silent_server_gives_reorder_tone_within_35_seconds():
    bench = AtaBench()
    bench.peer.vanish()
    dial(bench, "600#", 34500)
    assert last_tone(bench) == "reorder"
    assert bench.ata.endpoint.legs[0].state == codes.CALL_FREE


def test_receiver_left_off_hears_busy_then_howler_then_nothing():
    settings = {"line.busy_ms": "10000", "line.howler_ms": "20000"}
    bench = AtaBench(settings=settings)
    dial(bench, "603#", 45000)
    told = earpiece.story(bench.hal.pcm.ear)
    heard = [(t_ms, name) for t_ms, name in told if name != "none"]
    assert [name for _, name in heard] == ["busy", "howler", "howler", "howler"], "it grows louder twice"
    assert told[-1][1] == "none"
    busy_at, howler_at = heard[0][0], heard[1][0]
    silent_at = told[-1][0]
    ear = bench.hal.pcm.ear
    loudness = [earpiece.level_dbm0(ear[t_ms // 20 + 10 : t_ms // 20 + 110]) for t_ms, _ in heard]
    assert abs(loudness[2] - loudness[1] - 6) < 1 and abs(loudness[3] - loudness[2] - 6) < 1
    assert abs(howler_at - busy_at - 10000) < 1500
    assert abs(silent_at - howler_at - 20000) < 1500
    assert bench.state == codes.LOCKOUT
    assert_cleared(bench)


def test_default_times_are_thirty_seconds_of_tone_and_a_minute_of_howler():
    bench = AtaBench()
    dial(bench, "999#", 95000)
    moves = [(t_ms, state) for t_ms, name, state, _ in bench.log if name == "LOG_PORT"]
    by_state = {state: t_ms for t_ms, state in moves}
    assert by_state[codes.HOWLER] - by_state[codes.REORDER_TONE] == 30000
    assert by_state[codes.LOCKOUT] - by_state[codes.HOWLER] == 60000
    bench.run(60000)
    assert earpiece.level_dbm0(bench.hal.pcm.ear[-2000:]) == -99
    bench.hang()
    assert bench.at_rest


def test_no_howler_when_its_time_is_nought():
    bench = AtaBench(settings={"line.howler_ms": "0", "line.reorder_ms": "2000"})
    dial(bench, "999#", 8000)
    assert "howler" not in earpiece.names(bench.hal.pcm.ear)
    assert bench.state == codes.LOCKOUT


def test_hanging_up_during_howler_gives_dial_tone_again():
    bench = AtaBench(settings={"line.reorder_ms": "1000"})
    dial(bench, "999#", 5000)
    assert bench.state == codes.HOWLER
    assert_cleared(bench)
