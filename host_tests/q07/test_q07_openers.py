"""Interop items 1 to 9 and 56 to 58: how a dialog begins, with tokens and without."""

import itertools

import bench as bench_module
import pytest
from bench import SERVER, CoreBench
from corekit import ByHand, call_up, carries_voice, heard, ringing, said, sent, speech, told

from peer import wire

TOKENS = {
    "one octet": b"7",
    "fifty-one octets": b"1795384286?" + b"0123456789abcdef" * 2 + b"fedcba98",
    "the longest": bytes(range(1, 256)),
    "not text": b"\x00\xff\x80\n\x36\x00",
}


def without_token(frame):
    return [pair for pair in frame["ies"] if pair[0] != 54]


def test_q01_a_token_from_number_1_starts_the_call_again_from_zero():
    """The reply with the token has no dialog behind it: nothing of it is kept but the token."""
    bench = CoreBench()
    bench.dial("600", 100)
    first, second = said(bench, "NEW")
    assert heard(bench, "CALLTOKEN")[0]["src"] == 1
    assert (second["dst"], second["oseq"], second["iseq"], second["src"]) == (0, 0, 0, first["src"])
    assert without_token(first) == without_token(second)
    assert first["ie"]["CALLTOKEN"] == b""
    assert second["ie"]["CALLTOKEN"] == heard(bench, "CALLTOKEN")[0]["ie"]["CALLTOKEN"]
    assert second["ies"][-1][0] == 54
    assert said(bench, "AUTHREP")[0]["dst"] == heard(bench, "AUTHREQ")[0]["src"] > 1


def test_q01_a_registration_starts_again_from_zero_too():
    """REGREQ and REGREL take a token as NEW does."""
    bench = CoreBench()
    bench.register()
    bench.registrar.release(bench.now)
    bench.run(500)
    for name in ("REGREQ", "REGREL"):
        first, second, third = said(bench, name)
        assert (second["dst"], second["oseq"], second["iseq"]) == (0, 0, 0)
        assert without_token(first) == without_token(second)
        assert third["dst"] > 1 and third["oseq"] == 1
    assert bench.saw("RELEASED")


def test_q02_a_server_without_tokens_is_answered_at_once():
    """An old server goes straight to its challenge."""
    bench = CoreBench(calltoken="no")
    bench.register()
    assert bench.saw("REGISTERED")
    bench.dial("600", 500)
    assert bench.saw("ANSWERED")
    assert len(said(bench, "NEW")) == 1 and len(said(bench, "REGREQ")) == 2


@pytest.mark.parametrize("name", TOKENS)
def test_q03_a_token_goes_back_octet_for_octet(name):
    """Whatever the octets, whatever the length."""
    bench = CoreBench()
    bench.peer.quirks.token = TOKENS[name]
    bench.register()
    bench.dial("600", 500)
    assert bench.saw("REGISTERED") and bench.saw("ANSWERED")
    assert said(bench, "NEW")[-1]["ie"]["CALLTOKEN"] == TOKENS[name]
    assert said(bench, "REGREQ")[1]["ie"]["CALLTOKEN"] == TOKENS[name]


def test_q03_an_empty_token_ends_the_attempt():
    """A reply without a token would otherwise be asked for again without end."""
    bench = CoreBench()
    bench.peer.quirks.token = b""
    bench.dial("600", 5000)
    assert len(sent(bench, "NEW")) == 1
    assert told(bench, "HANGUP") == [27]
    bench.register(1000)
    assert bench.saw("REG_FAILED") and len(sent(bench, "REGREQ")) == 1


def test_q04_a_doubled_token_is_used_once():
    """A network that doubles a datagram does not double the call."""
    bench = CoreBench()
    bench.peer.faults.duplicate("CALLTOKEN", copies=4)
    bench.register()
    bench.dial("600", 1000)
    assert len(said(bench, "NEW")) == 2 and len(said(bench, "REGREQ")) == 3
    assert bench.saw("REGISTERED") and bench.saw("ANSWERED")


def test_q04_late_copies_of_the_token_do_not_end_the_call():
    """A path of two seconds sees the NEW three times before its first reply is back."""
    bench = CoreBench()
    bench.peer.faults.delay(100, ms=1000, way="both")
    bench.dial("600", 15000)
    assert len(heard(bench, "CALLTOKEN")) >= 3
    assert bench.saw("ANSWERED") and not bench.saw("HANGUP")


def test_q04_a_server_that_answers_tokens_by_tokens_is_left():
    """Three tokens in a row lead nowhere."""
    bench = CoreBench()
    bench.peer.quirks.calltoken_rounds = -1
    bench.dial("600", 8000)
    assert told(bench, "HANGUP") == [27]
    assert len(heard(bench, "CALLTOKEN")) == 3
    count = len(sent(bench))
    bench.run(20000)
    assert len(sent(bench)) == count


def test_q05_a_stateless_refusal_of_a_call_ends_it_without_ack():
    """Number 1 has no place to take an ACK; there is no cause to tell either."""
    bench = CoreBench()
    bench.peer.quirks.stateless_reject = {"NEW"}
    bench.dial("600", 3000)
    assert heard(bench, "REJECT")[0]["src"] == 1
    assert told(bench, "HANGUP") == [0]
    assert [f["name"] for f in sent(bench)] == ["NEW"]


def test_q05_a_stateless_refusal_of_a_registration_is_tried_again_later():
    """Each attempt waits longer than the one before, and success ends the waiting."""
    bench = CoreBench()
    bench.peer.quirks.stateless_reject = {"REGREQ"}
    bench.register(100_000)
    starts = [f["t"] for f in sent(bench, "REGREQ")]
    waits = [b - a for a, b in itertools.pairwise(starts)]
    assert len(waits) >= 4
    assert 2000 <= waits[0] <= 2600
    assert all(1.5 * a < b for a, b in itertools.pairwise(waits))
    assert not sent(bench, "ACK")
    bench.peer.quirks.stateless_reject = set()
    assert bench.run_until("REGISTERED", 80_000)


def test_q06_two_servers_legs_answer_and_the_first_wins():
    """A resent NEW can make two legs at the server; the second must not take the call over."""
    bench = CoreBench()
    bench.peer.quirks.twin_answer = True
    bench.dial("600", 1000)
    first, second = heard(bench, "AUTHREQ", r=False)
    assert bench.saw("ANSWERED")
    assert [f["dst"] for f in said(bench, "AUTHREP")] == [first["src"]]
    assert {f["dst"] for f in said(bench) if f["dst"]} - {1} <= {first["src"], second["src"]}
    assert {f["name"] for f in said(bench, dst=second["src"])} <= {"INVAL"}
    bench.run(40_000)
    assert bench.count("PEER_DEAD") == 0 and not bench.saw("HANGUP")


def test_q07_an_old_token_is_not_used_again():
    """A token lives ten seconds; after eight without an answer the handshake begins anew."""
    bench = CoreBench()
    lost = bench.peer.faults.lose(lambda f: f["name"] == "NEW" and f["ie"]["CALLTOKEN"], way="in")
    bench.dial("600", 9000)
    assert lost.hits >= 4
    bench.peer.faults.clear()
    assert bench.run_until("ANSWERED", 15_000)
    openers = sent(bench, "NEW")
    old = openers[1]["ie"]["CALLTOKEN"]
    used = [f["t"] for f in openers if f["ie"]["CALLTOKEN"] == old]
    assert max(used) - min(used) <= 8000
    empty = [f for f in openers if not f["ie"]["CALLTOKEN"]]
    assert len(empty) >= 2 and empty[0]["src"] != empty[-1]["src"]


def test_q08_regack_alone_acknowledges_the_second_regreq():
    """No ACK comes for the REGREQ with the result: the answer's ISeqno does it."""
    bench = CoreBench()
    bench.register(30_000)
    assert heard(bench, "REGACK")[0]["iseq"] == 2
    assert len(said(bench, "REGREQ")) == 3 and not heard(bench, "ACK", dst=said(bench, "REGREQ")[0]["src"])
    assert bench.count("TX_RETRANSMIT") == 0


def test_q09_a_poke_inside_the_registration_disturbs_nothing():
    """Asterisk asks whether the device is there before it says that it is registered."""
    bench = CoreBench()
    bench.register()
    order = [f["name"] for f in bench.peer.log if f["way"] == "out"]
    assert order.index("REGAUTH") < order.index("POKE") < order.index("REGACK")
    assert bench.saw("REGISTERED")
    assert said(bench, "PONG")[0]["dst"] == heard(bench, "POKE")[0]["src"]
    assert bench.peer.accounts["ata1"].reachable == "OK"


def test_q56_accept_is_acknowledged_at_once_so_that_a_guest_call_starts():
    """A server without a challenge starts nothing before a frame shows that its number was heard."""
    bench = CoreBench(accounts={"ata1": ""})
    bench.speak = speech
    bench.dial("600", 20)
    accept = heard(bench, "ACCEPT")[0]
    ack = said(bench, "ACK")[0]
    assert (ack["dst"], ack["ts"], ack["iseq"]) == (accept["src"], accept["ts"], 1)
    assert ack["t"] - accept["t"] <= 5
    bench.run(500)
    assert bench.saw("ANSWERED")


def test_q56_without_that_ack_the_server_waits():
    """The other half: no ACK and no voice arrives, so the call does not start."""
    bench = CoreBench(accounts={"ata1": ""})
    bench.peer.faults.lose(lambda f: f["dst"] > 1 or f["kind"] == "mini", way="in")
    bench.dial("600", 3000)
    assert heard(bench, "ACCEPT") and not bench.saw("ANSWERED")


def test_q57_a_second_caller_hears_busy_and_the_first_call_goes_on():
    """With one leg a second NEW is refused without keeping anything of it."""
    bench = call_up("600")
    second = bench.peer.call_device("ata1", number="701")
    bench.run(200)
    assert second.cause == 17 and not second.alive
    assert said(bench, "REJECT")[0]["dst"] == heard(bench, "NEW")[0]["src"]
    assert carries_voice(bench)
    assert not bench.saw("INCOMING")


def test_q57_two_calls_share_the_port_frame_by_frame():
    """A box with two legs keeps two calls apart on one port."""
    bench = call_up("600")
    second = bench_module.Call(bench.endpoint, bench_module.Window(bytearray(640), 12), 1)
    bench.endpoint.add_leg(second)
    bench.take_calls = False
    call = bench.peer.call_device("ata1", number="701")
    bench.run(20)
    assert told(bench, "INCOMING") == [2]
    second.take(bench.now)
    bench.run(50)
    second.pickup(bench.now)
    first = bench.peer.calls[0]
    went = first.rx_packets
    for _ in range(100):
        bench.run(20)
        bench.endpoint.slot.payload[:] = bytes(160)
        assert second.send_voice(bench.now)
        bench.drain()
    assert call.state == "up" and first.state == "up"
    assert {voice[3] for voice in call.rx_voice} == {bytes(160)}
    assert bytes(160) not in {voice[3] for voice in first.rx_voice}
    assert first.rx_packets - went >= 95
    assert len({f["src"] for f in said(bench) if f["src"] > 1}) == 3
    second.drop(16, bench.now)
    bench.run(100)
    assert call.cause == 16 and first.alive


class NatBench(CoreBench):
    """A bench behind a NAT: what goes to an old address of the box is lost."""

    addr = bench_module.BOX_ADDR

    def rebind(self, monkeypatch) -> None:
        """Let the NAT give the box another port."""
        self.addr = (self.addr[0], self.addr[1] + 1)
        monkeypatch.setattr(bench_module, "BOX_ADDR", self.addr)

    def exchange(self):
        """Deliver what the peer sent to where the box is now."""
        waiting = self.peer.drain()
        while waiting:
            for _, addr, octets in waiting:
                if addr == self.addr:
                    self.feed(octets, SERVER)
            waiting = self.peer.drain()


def test_q58_a_port_that_changes_within_a_registration_costs_one_attempt(monkeypatch):
    """The token belongs to the old address: the server refuses without a word why, and we begin afresh."""
    bench = NatBench()
    lost = bench.peer.faults.lose("CALLTOKEN", times=1)
    bench.register(20)
    assert lost.hits == 1
    bench.peer.faults.clear()
    bench.peer.faults.delay("CALLTOKEN", ms=100, times=1)
    bench.run(530)
    bench.rebind(monkeypatch)
    bench.feed(heard_late(bench))
    bench.run(10_000)
    assert heard(bench, "REGREJ")[0]["src"] == 1
    assert [name for _, name, _, _ in bench.events if name != "CLOCK"] == ["REG_FAILED", "REGISTERED"]
    assert bench.peer.accounts["ata1"].addr == bench.addr


def heard_late(bench):
    """Return the CALLTOKEN that the peer made for the old address, as if it had just come through."""
    bench.peer.poll(bench.t_ms + 200)
    octets = [raw for _, _, raw in bench.peer.drain() if wire.decode(raw)["name"] == "CALLTOKEN"]
    return octets[0]


def test_q58_a_port_that_changes_within_a_call_ends_it_cleanly(monkeypatch):
    """Neither side hears the other any more: the call ends by our own timer and a new one works."""
    bench = NatBench()
    bench.register()
    bench.speak = speech
    bench.dial("600", 2500)
    assert bench.saw("ANSWERED")
    bench.rebind(monkeypatch)
    began = bench.t_ms
    assert bench.run_until("HANGUP", 40_000)
    assert bench.t_ms - began <= 35_000
    bench.dial("607", 2000)
    assert bench.events[-2][1] == "ANSWERED" or bench.saw("ANSWERED")
    assert len([e for e in bench.events if e[1] == "ANSWERED"]) == 2


def test_q57_a_free_leg_takes_the_number_of_no_live_call():
    """Call numbers are not given out while a call or a registration uses them."""
    bench, _ = ringing()
    numbers = {bench.endpoint.new_number() for _ in range(40_000)}
    assert bench.leg.scallno not in numbers and bench.registrar.scallno not in numbers
    assert min(numbers) >= 2 and max(numbers) <= 32767


def test_q05_a_rejected_token_in_the_middle_is_no_loop():
    """A refusal by hand, after the token was sent: the call ends once and nothing more is said."""
    bench = CoreBench()
    hand = ByHand(bench)
    bench.dial("600")
    hand.iax("CALLTOKEN", wire.ie("CALLTOKEN", b"abc"), src=1, ts=0, oseq=0, iseq=1)
    hand.iax("REJECT", src=1, ts=hand.last("NEW")["ts"], oseq=0, iseq=1)
    bench.run(15_000)
    assert told(bench, "HANGUP") == [0]
    assert [f["name"] for f in sent(bench)] == ["NEW", "NEW"]
