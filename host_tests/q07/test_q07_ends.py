"""Interop items 26 to 28 and 36 to 38: how a call ends, or should never begin."""

import pytest
from bench import CoreBench
from corekit import SPEECH, ByHand, call_up, heard, ringing, said, sent, told

from peer import wire


def test_q26_busy_and_the_hangup_three_seconds_later():
    """First the news for the ear, then the end of the call."""
    bench = CoreBench()
    bench.dial("603", 5000)
    busy, end = (e for e in bench.events if e[1] in ("BUSY", "HANGUP"))
    assert (busy[1], end[1], end[3]) == ("BUSY", "HANGUP", 17)
    assert 2900 <= end[0] - busy[0] <= 3100
    assert bench.peer.live_calls() == [] and said(bench, "ACK", ts=heard(bench, "HANGUP")[0]["ts"])


def test_q26_the_user_hangs_up_while_it_is_busy():
    """Our HANGUP is acknowledged, and the server's own one never has to come."""
    bench = CoreBench()
    bench.dial("603", 1000)
    bench.hang_up()
    bench.run(5000)
    assert len(said(bench, "HANGUP")) == 1 and not heard(bench, "HANGUP")
    assert bench.peer.live_calls() == []
    bench.dial("600", 500)
    assert bench.saw("ANSWERED")


def test_q26_congestion_is_told_apart_from_busy():
    """The other tone, the other cause."""
    bench = CoreBench()
    bench.dial("604", 5000)
    assert bench.saw("CONGESTION") and not bench.saw("BUSY") and told(bench, "HANGUP") == [34]


def test_q27_a_hangup_to_number_0_stops_the_ringing():
    """The caller gives up before it knows our number."""
    bench = CoreBench()
    bench.register()
    bench.take_calls = False
    bench.peer.faults.lose("ACK", way="in")
    call = bench.peer.call_device("ata1")
    bench.run(200)
    assert bench.saw("INCOMING")
    bench.peer.faults.clear()
    call.cancel()
    bench.run(50)
    assert heard(bench, "HANGUP")[0]["dst"] == 0
    assert told(bench, "HANGUP") == [0]
    assert said(bench, "ACK", ts=heard(bench, "HANGUP")[0]["ts"])


def test_q28_a_new_that_comes_again_after_its_hangup_does_not_ring():
    """The server's timers resend the old NEW although the caller is gone."""
    bench = CoreBench()
    bench.register()
    bench.peer.faults.lose(100, way="in")
    bench.peer.call_device("ata1")
    bench.run(30_000)
    assert len(told(bench, "INCOMING")) == 1 and told(bench, "HANGUP") == [0]
    again = [f["t"] for f in heard(bench, "NEW") if f["r"]]
    assert max(again) > heard(bench, "HANGUP")[0]["t"] + 5000
    assert bench.count("GHOST_NEW") >= 1


def test_q28_a_hangup_that_overtakes_its_new_stops_it_too():
    """The NEW was lost, its HANGUP arrives first, then the NEW is sent again."""
    bench = CoreBench()
    bench.register()
    bench.peer.faults.lose(lambda f: f["name"] == "NEW" and bench.t_ms < 6000)
    bench.peer.faults.lose(100, way="in")
    bench.peer.call_device("ata1")
    bench.run(30_000)
    assert heard(bench, "HANGUP")[0]["t"] < heard(bench, "NEW")[0]["t"]
    assert not bench.saw("INCOMING")


def test_q28_a_copy_of_a_new_that_we_have_ended_does_not_ring():
    """We refused, the refusal is acknowledged, and only then the network lets go of an old copy."""
    bench = CoreBench()
    bench.register()
    hand = ByHand(bench)
    hand.offer()
    bench.hang_up()
    hand.iax("ACK")
    bench.run(20)
    hand.iax("NEW", wire.ies(("VERSION", 2), ("FORMAT", 4)), dst=0, oseq=0, iseq=0, r=True)
    assert len(told(bench, "INCOMING")) == 1 and bench.count("GHOST_NEW") == 1


def test_q28_a_new_call_under_the_old_number_does_ring():
    """Not resent, so meant: a server with few numbers may use one again at once."""
    bench = CoreBench()
    bench.register()
    hand = ByHand(bench)
    hand.offer()
    hand.iax("HANGUP", wire.ie("CAUSECODE", 0), dst=0)
    hand.oseq = 0
    hand.offer()
    assert len(told(bench, "INCOMING")) == 2


def test_q36_a_hangup_that_comes_again_is_acknowledged_again():
    """The ACK of the server's HANGUP was lost; by then the call is long forgotten here."""
    bench = call_up("600")
    bench.peer.faults.lose("ACK", way="in", times=1)
    bench.peer.current_call().hangup(16)
    bench.run(9000)
    assert told(bench, "HANGUP") == [16]
    assert len(heard(bench, "HANGUP")) >= 2
    assert bench.peer.live_calls() == [] and not bench.saw("INCOMING")
    assert said(bench, "ACK")[-1]["dst"] == bench.peer.calls[0].number


def test_q36_a_frame_of_a_call_that_is_over_draws_inval():
    """Not more than ten in a second, and none for what itself wants no answer."""
    bench = call_up("600")
    call = bench.peer.current_call()
    number, ours = call.number, call.their
    bench.hang_up()
    bench.run(500)
    before = bench.count("TX_INVAL")
    for i in range(200):
        bench.feed(wire.iax(number, ours, i, 9, 9, "LAGRQ"))
        bench.run(5)
    assert 5 <= bench.count("TX_INVAL") - before <= 11
    before = bench.count("TX_INVAL")
    for name in ("ACK", "INVAL", "VNAK", "TXCNT", "TXACC"):
        bench.run(500)
        bench.feed(wire.iax(number, ours, 0, 9, 9, name))
    bench.feed(wire.mini(number, 7, SPEECH))
    assert bench.count("TX_INVAL") == before


def test_q37_a_server_that_vanishes_is_noticed():
    """Nothing is heard any more, nothing comes back."""
    bench = call_up("600")
    bench.peer.vanish()
    began = bench.t_ms
    assert bench.run_until("HANGUP", 60_000)
    assert bench.t_ms - began <= 35_000 and told(bench, "HANGUP") == [27]
    assert not sent(bench, "HANGUP")


@pytest.mark.parametrize("second", [0, 7, 15, 19, 21])
def test_q37_signalling_that_dies_while_voice_flows_is_noticed(second):
    """Voice alone does not prove that the call is still controlled, whatever our own next PING is about."""
    bench = call_up("600")
    bench.run(second * 1000)
    bench.peer.current_call().go_silent(full=True, voice=False)
    began = bench.t_ms
    assert bench.run_until("HANGUP", 60_000)
    assert bench.t_ms - began <= 35_000 and told(bench, "HANGUP") == [27]
    assert bench.audio and bench.t_ms - began > 20_000


def test_q37_a_silent_listener_with_living_signalling_is_kept():
    """The other way round nothing is wrong: nobody speaks, PING and LAGRQ go on."""
    bench = call_up("607")
    bench.speak = None
    bench.run(120_000)
    assert not bench.saw("HANGUP") and bench.audio == []


def test_q38_inval_ends_the_call_without_a_word():
    """The server has forgotten us; there is nobody to acknowledge to."""
    bench = call_up("600")
    bench.run(1000)
    bench.peer.restart()
    bench.peer.inval = "yate"
    bench.run(25_000)
    inval = heard(bench, "INVAL")[0]
    assert told(bench, "HANGUP") == [27]
    own = [f for f in sent(bench, since_ms=inval["t"]) if f["src"] == inval["dst"]]
    assert all(f["t"] == inval["t"] for f in own)
    assert not [f for f in own if f["name"] in ("ACK", "HANGUP")]


def test_q26_hangups_that_cross_end_the_call_once():
    """Both sides hang up in the same moment."""
    bench = call_up("600")
    call = bench.peer.current_call()
    bench.peer.faults.delay(100, ms=40, way="both")
    bench.hang_up()
    call.hangup(16)
    bench.run(3000)
    assert not bench.saw("HANGUP") and not call.alive
    assert len(sent(bench, "HANGUP")) == 1
    bench.peer.faults.clear()
    bench.dial("600", 500)
    assert len(told(bench, "ANSWERED")) == 2


def test_q27_the_user_gives_up_before_the_server_has_said_anything():
    """Nothing of the abandoned call comes back, even if the server starts late."""
    bench = CoreBench()
    bench.peer.faults.delay(100, ms=300)
    bench.dial("600", 350)
    bench.hang_up()
    bench.run(30_000)
    assert not bench.saw("ACCEPTED") and not bench.saw("ANSWERED") and not bench.saw("HANGUP")
    assert bench.peer.live_calls() == []


def test_q27_a_call_that_nobody_takes_or_refuses_is_refused_in_the_end():
    """Whoever calls a box whose line sleeps is not kept waiting for ever."""
    bench = CoreBench()
    bench.take_calls = False
    bench, call = ringing(bench)
    bench.run(125_000)
    assert told(bench, "HANGUP") == [19] and call.cause == 19
    assert 119_000 <= said(bench, "REJECT")[0]["t"] - heard(bench, "NEW")[0]["t"] <= 121_000
