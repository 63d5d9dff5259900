"""Interop items 46 to 48: encrypted calls, new keys on the way, and the two policies of either side."""

import hashlib
import random

import pytest
from corekit import SPEECH, ByHand, carries_voice, heard, said, speech, told
from cryptkit import secret_bench, wire_sizes

import codes
from iax.demand import Demand
from peer import numbers as n
from peer import secrecy, wire


def call_up(bench=None, number: str = "600"):
    """Return a bench with an answered, encrypted call of its own with voice both ways."""
    bench = bench or secret_bench()
    bench.speak = speech
    bench.dial(number)
    assert bench.run_until("ANSWERED", 20000)
    bench.run(500)
    assert bench.leg.cipher is not None
    return bench


def clear_on_the_wire(bench) -> list[str]:
    """Return the names of the frames of the box that anyone could read, since its last NEW."""
    frames = [wire.decode(raw) for _, raw in bench.sent]
    opener = max(i for i, frame in enumerate(frames) if frame["name"] == "NEW")
    names = {*n.IAX, "VOICE", "TEXT", "DTMF_BEGIN", "DTMF_END"} - {"NEW", "POKE", "REGREQ"}
    return [f["name"] for f in frames[opener:] if f["name"] in names and f.get("ies") is not None]


# 46


def test_q46_everything_after_authreq_is_encrypted():
    """AUTHREP is the first; no ACK of AUTHREQ leaves in clear, and no voice."""
    bench = call_up()
    assert carries_voice(bench)
    bench.hang_up()
    bench.run(500)
    assert clear_on_the_wire(bench) == []
    assert bench.peer.secrecy.n_undecipherable == 0 and bench.count("RX_CIPHER") == 0
    assert bench.peer.calls[-1].cause == 16 and bench.leg.cipher is None


def test_q46_frames_have_the_sizes_seen_at_asterisk():
    """Mini frames 194 octets, ACKs 36, full VOICE frames 196."""
    bench = call_up()
    start = bench.t_ms
    bench.run(5000)
    assert {194, 36} <= wire_sizes(bench, start)
    assert 196 in wire_sizes(bench)
    assert not {164, 172} & wire_sizes(bench)


def test_q46_voice_is_heard_octet_for_octet():
    """Both ways, through the echo of the peer."""
    bench = call_up()
    bench.run(1000)
    assert {octets for _, _, octets in bench.audio[-40:]} == {SPEECH}
    call = bench.peer.current_call()
    assert {voice[3] for voice in call.rx_voice[-40:]} == {SPEECH}


def test_q46_answer_to_the_challenge_is_the_key_and_is_not_seen():
    """MD5 RESULT tells the key in hexadecimal digits: it must not leave in clear."""
    bench = call_up()
    challenge = heard(bench, "AUTHREQ")[-1]["ie"]["CHALLENGE"]
    result = hashlib.md5(challenge + b"pw1").hexdigest()
    assert said(bench, "AUTHREP")[-1]["ie"]["MD5_RESULT"] == result
    assert not any(result.encode() in raw for _, raw in bench.sent)


@pytest.mark.parametrize("name", ["AUTHREQ", "AUTHREP", "ACCEPT", "CONTROL ANSWER"])
@pytest.mark.parametrize("way", ["in", "out"])
def test_q46_call_is_encrypted_although_one_frame_or_its_ack_is_lost(name, way):
    """An AUTHREQ that comes again in clear is no frame of the call any more; the AUTHREP comes again too."""
    bench = secret_bench()
    bench.peer.faults.lose(name, way=way, times=2)
    call_up(bench)
    assert carries_voice(bench)
    assert clear_on_the_wire(bench) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_q46_calls_complete_when_a_fifth_is_lost_both_ways(seed):
    """And are ended on both sides."""
    bench = secret_bench(seed=seed)
    bench.peer.faults.lose(20, way="both")
    bench.speak = speech
    bench.dial("600")
    assert bench.run_until("ANSWERED", 40000)
    bench.run(20000)
    heard_before = len(bench.audio)
    bench.run(2000)
    assert len(bench.audio) - heard_before > 40
    bench.hang_up()
    bench.run(30000)
    assert bench.leg.state == 0 and not bench.peer.live_calls()


def test_q46_each_padding_from_16_to_31_octets_is_understood():
    """Texts of sixteen lengths, acknowledged all."""
    bench = call_up()
    call = bench.peer.current_call()
    for octets in range(1, 17):
        call.frame(7, 0, b"x" * octets)
        bench.run(300)
    assert not call.unacked and bench.count("RX_CIPHER") == 0


def test_q46_forged_frames_do_not_end_an_encrypted_call():
    """Who knows the numbers of the call but not its key can only guess: few make any sense."""
    bench = call_up()
    call = bench.peer.current_call()
    names, noise = ("HANGUP", "INVAL", "REJECT", "RTKEY"), random.Random(1)
    for name in names * 5:
        frame = wire.full(call.number, bench.leg.scallno, 5000, bench.leg.iseq, 0, n.T_IAX, n.IAX[name])
        bench.feed(frame)
        bench.feed(frame + noise.randbytes(24))
        bench.feed(wire.mini(call.number, 1000, SPEECH))
    assert bench.count("RX_CIPHER") > 55
    assert bench.leg.state == codes.CALL_UP and carries_voice(bench)


def test_q46_hang_up_of_the_server_is_acknowledged_under_the_key():
    """The call is over by then, its key not yet."""
    bench = call_up()
    call = bench.peer.current_call()
    call.hangup(17)
    bench.run(100)
    assert told(bench, "HANGUP") == [17] and not call.alive
    assert clear_on_the_wire(bench) == []


def test_q46_call_from_a_server_is_encrypted_where_callers_are_challenged():
    """NEW offers it, our AUTHREQ takes it; AUTHREP is the first encrypted frame, ours follow."""
    bench = secret_bench()
    bench.account.demand = True
    bench.endpoint.parts.append(Demand(bench.endpoint))
    bench.peer.faults.lose("AUTHREQ", way="in", times=1)
    call = _answered(bench)
    assert call.keys is not None and bench.leg.cipher is not None
    assert carries_voice(bench)
    assert bench.peer.secrecy.n_undecipherable == 0


def _answered(bench):
    call = bench.peer.call_device("ata1")
    assert bench.run_until("INCOMING")
    bench.run(200)
    bench.speak = speech
    bench.leg.pickup(bench.now)
    bench.drain()
    bench.run(1000)
    return call


# 47


def test_q47_key_that_comes_before_the_first_voice_is_used():
    """RTKEY under the key before it, everything after it under the new one."""
    bench = call_up()
    names = [frame["name"] for frame in heard(bench)]
    assert names.index("RTKEY") + 1 == names.index("VOICE")
    assert carries_voice(bench) and bench.count("RX_CIPHER") == 0


def test_q47_keys_may_change_often():
    """Each way has its own; ours stays."""
    bench = call_up()
    call = bench.peer.current_call()
    for _ in range(5):
        secrecy.rotate(call)
        assert carries_voice(bench)
    assert bench.count("RX_CIPHER") == 0 and not call.unacked


def test_q47_second_copy_of_rtkey_under_the_old_key_is_acknowledged():
    """Its ACK was lost: the key before is kept for it, and the new one is not changed again."""
    bench = call_up()
    call = bench.peer.current_call()
    bench.run(2000)
    bench.peer.faults.lose("ACK", way="in", times=1)
    secrecy.rotate(call)
    bench.run(6000)
    copies = heard(bench, "RTKEY")
    assert copies[-1]["r"] and copies[-1]["oseq"] == copies[-2]["oseq"]
    assert not call.unacked and carries_voice(bench) and bench.count("RX_CIPHER") == 0


def test_q47_voice_is_not_noise_while_rtkey_is_lost():
    """Packets under a key that nobody told are dropped until it is told."""
    bench = call_up()
    bench.run(2000)
    call = bench.peer.current_call()
    bench.peer.faults.lose("RTKEY", times=1)
    before = len(bench.audio)
    secrecy.rotate(call)
    bench.run(400)
    noise = [octets for _, _, octets in bench.audio[before:] if octets != SPEECH]
    assert len(noise) <= 2 and bench.count("RX_CIPHER") > 10
    bench.run(8000)
    assert carries_voice(bench) and {octets for _, _, octets in bench.audio[-40:]} == {SPEECH}


def test_q47_late_voice_under_the_key_before_is_heard():
    """It was on its way when the key changed."""
    bench = call_up()
    call = bench.peer.current_call()
    bench.run(1000)
    bench.peer.faults.delay("MINI", ms=30, times=2)
    bench.run(20)
    secrecy.rotate(call)
    bench.run(1000)
    assert bench.count("RX_CIPHER") == 0
    assert {octets for _, _, octets in bench.audio[-40:]} == {SPEECH}


@pytest.mark.parametrize("octets", [0, 15, 17])
def test_q47_key_of_a_wrong_length_is_acknowledged_and_ignored(octets):
    """The old key stays."""
    bench = call_up()
    call = bench.peer.current_call()
    secrecy.rotate(call, octets)
    assert carries_voice(bench) and not call.unacked and bench.count("RX_CIPHER") == 0


def test_q47_no_key_comes_if_none_was_asked_for():
    """Who offers AES without rotation gets none from Asterisk."""
    bench = secret_bench()
    bench.account.elements = bench.account.elements.replace(b"\x2b\x02\x80\x01", b"\x2b\x02\x00\x01")
    call_up(bench)
    assert carries_voice(bench) and not heard(bench, "RTKEY")


def test_q47_rtkey_in_a_clear_call_is_a_strange_subclass():
    """There is no key to change."""
    bench = secret_bench(peer_encryption="no")
    bench.speak = speech
    bench.dial("600", 1000)
    call = bench.peer.current_call()
    call.iax("RTKEY", wire.ie("CHALLENGE", bytes(16)))
    bench.run(200)
    assert said(bench, "UNSUPPORT")[-1]["ie"]["IAX_UNKNOWN"] == n.IAX["RTKEY"]
    assert carries_voice(bench)


@pytest.mark.parametrize(("name", "way"), [(None, "in"), ("RTKEY", "in"), ("ACK", "out")])
def test_q47_own_keys_are_sent_in_time_and_survive_loss(name, way):
    """Every ten seconds here; the peer forgets the old key at once, as Asterisk does."""
    bench = secret_bench(rotate_s=10)
    call_up(bench)
    call = bench.peer.current_call()
    bench.run(7000)
    if name:
        bench.peer.faults.lose(name, way=way, times=1)
    bench.run(30000)
    assert call.keys.n_rtkeys >= 3
    assert not bench.leg.window.count and carries_voice(bench)


def test_q47_own_keys_are_not_sent_unless_wanted():
    """One key for the whole call is what the RFC knows."""
    bench = call_up()
    bench.run(60000)
    assert not said(bench, "RTKEY")


# 48


def test_q48_clear_call_to_a_server_that_could_encrypt():
    """It takes what we do not offer for granted."""
    bench = secret_bench("off", "yes")
    bench.speak = speech
    bench.dial("600", 1000)
    assert bench.leg.cipher is None and carries_voice(bench)


def test_q48_clear_call_to_a_server_that_demands_encryption_is_refused():
    """REJECT 50 ends it like any other refusal."""
    bench = secret_bench("off", "force")
    bench.dial("600", 1000)
    assert told(bench, "HANGUP") == [50] and bench.leg.state == 0


@pytest.mark.parametrize("peer_encryption", ["yes", "force"])
@pytest.mark.parametrize("encryption", ["allow", "require"])
def test_q48_call_is_encrypted_wherever_both_can(encryption, peer_encryption):
    """All four combinations of policies."""
    bench = call_up(secret_bench(encryption, peer_encryption))
    assert carries_voice(bench) and clear_on_the_wire(bench) == []


def test_q48_allowed_encryption_falls_back_to_a_clear_call():
    """The server does not know of it."""
    bench = secret_bench("allow", "no")
    bench.speak = speech
    bench.dial("600", 1000)
    assert bench.leg.cipher is None and carries_voice(bench)


def test_q48_required_encryption_refuses_a_clear_call():
    """Ended with cause 50 at ACCEPT; not a packet of voice leaves."""
    bench = secret_bench("require", "no")
    bench.speak = speech
    bench.dial("600", 3000)
    assert told(bench, "HANGUP") == [50] and not bench.saw("ACCEPTED")
    assert bench.peer.calls[-1].rx_packets == 0 and not bench.peer.live_calls()


def test_q48_required_encryption_refuses_a_call_without_a_challenge():
    """ACCEPT at once is a clear call too."""
    bench = secret_bench("require")
    bench.run(500)
    ByHand(bench).accept()
    bench.run(100)
    assert told(bench, "HANGUP") == [50] and not bench.saw("ACCEPTED")


def test_q48_required_encryption_refuses_clear_callers():
    """Unchallenged, or challenged and unable."""
    bench = secret_bench("require", "no")
    call = bench.peer.call_device("ata1")
    bench.run(1000)
    assert call.cause == 50 and not bench.saw("INCOMING")
    bench.account.demand = True
    bench.endpoint.parts.append(Demand(bench.endpoint))
    call = bench.peer.call_device("ata1")
    bench.run(1000)
    assert call.cause == 50 and not bench.saw("INCOMING") and bench.count("CALLER_REFUSED") == 2
