"""Transfers, QUELCH, HOLD and FLASH against Asterisk: orders that no telephone can give yet."""

import contextlib

import need
import pytest
from interop.core_rig import SILENCE, CoreRig
from interop.rig import Phone, together

import codes
from iax.hold import Hold
from iax.refer import Refer
from iax.transfer import Transfer
from peer import Invitation, Peer, PeerServer
from peer.account import Account
from peer.middle import Middle, to_account
from peer.outgoing import Outgoing

WORD = bytes(range(0x50, 0x50 + 160))  # 20 ms of µ-law that nobody takes for silence or for music
PACKETS_S = 50
OCTETS = 160  # in one packet


class Pair:
    """Two cores in a call through Asterisk; each has the parts of this file."""

    def __init__(self, make_core, second: str = "", number: str = ""):
        self.one = make_core().register()
        self.two = make_core(second).register()
        self.one.beside.append(self.two)
        self.refer = self.one.add(Refer(self.one.endpoint))
        self.hold = self.one.add(Hold(self.one.endpoint))
        self.two.add(Hold(self.two.endpoint))
        assert self.one.until(lambda: self.two.frames("POKE", "in"), 3)  # without PONG it is not called
        self.one.run(0.2)
        self.leg = self.one.call(number or str(700 + int(self.two.account.user[5:])))
        self.one.run(0.5)

    def packets(self, seconds: float) -> "tuple[int, int]":
        """Return how many packets of voice each of the two hears in that time."""
        before = len(self.one.heard[0]), len(self.two.heard[0])
        self.one.run(seconds)
        return (len(self.one.heard[0]) - before[0]) // OCTETS, (len(self.two.heard[0]) - before[1]) // OCTETS


@pytest.fixture
def pair(make_core):
    """Two cores in a call."""
    return Pair(make_core)


def test_q51_blind_transfer_of_a_bridged_call_takes_the_other_side_to_the_number(pair):
    pair.two.speak = lambda: WORD
    assert pair.refer.transfer(pair.leg, b"600", pair.one.now)
    assert pair.one.until(lambda: pair.one.told("TRANSFERRED"), 4), pair.one.events
    assert pair.one.told("HANGUP") == [16] and pair.leg.state == codes.CALL_FREE
    pair.one.run(0.5)
    assert pair.two.legs[0].state == codes.CALL_UP
    heard = len(pair.two.heard[0])
    pair.one.run(1)
    assert WORD[:80] in bytes(pair.two.heard[0][heard:]), "no echo at the new number"


def test_q51_blind_transfer_of_a_call_that_is_no_bridge_is_silence_and_the_call_goes_on(make_core):
    core = make_core().register()
    refer = core.add(Refer(core.endpoint))
    leg = core.call("601")
    assert refer.transfer(leg, b"600", core.now)
    core.run(3.5)
    assert not core.told("TRANSFER_FAILED") and not core.told("TRANSFERRED")
    assert core.until(lambda: core.told("TRANSFER_FAILED"), 2)
    heard = len(core.heard[0])
    core.run(1)
    assert leg.state == codes.CALL_UP and len(core.heard[0]) - heard >= 45 * OCTETS


def test_q51_asterisk_drops_the_far_end_if_the_number_is_not_there(pair):
    """It looks at the number after it has let us go: on our side that is success."""
    assert pair.refer.transfer(pair.leg, b"99999", pair.one.now)
    assert pair.one.until(lambda: pair.one.told("TRANSFERRED"), 4)
    assert pair.one.until(lambda: pair.two.told("HANGUP"), 4)


def test_q51_asterisk_sends_us_to_another_number(make_core, server):
    core = make_core().register()
    core.add(Refer(core.endpoint))
    core.speak = lambda: WORD
    leg = core.call("680")
    old = leg.scallno
    assert core.until(lambda: len(core.told("ANSWERED")) == 2, 6), core.events
    core.run(1)
    assert core.frames("TRANSFER", "in")[0]["ie"]["CALLED_NUMBER"] == "600"
    assert [f["ie"]["CAUSECODE"] for f in core.frames("HANGUP")] == [16]
    assert leg.scallno != old and core.told("HANGUP") == []
    assert WORD[:80] in bytes(core.heard[0][-PACKETS_S * OCTETS :])
    lines = core.meanwhile(lambda: server.cli("iax2 show channels"))
    assert lines.count("IAX2/") == 1, lines


def test_q53_quelch_stops_asterisks_voice_and_unquelch_brings_it_back(make_core):
    core = make_core().register()
    hold = core.add(Hold(core.endpoint))
    leg = core.call("601")
    core.run(0.5)
    assert hold.quelch(leg, True, None, core.now)
    core.run(0.3)
    before = len(core.heard[0])
    core.run(0.6)
    assert len(core.heard[0]) == before
    assert hold.quelch(leg, False, None, core.now)
    core.run(0.6)
    assert len(core.heard[0]) >= before + 20 * OCTETS


def test_q53_quelch_with_music_lets_the_far_end_hear_music(pair):
    pair.one.speak = lambda: WORD
    assert min(pair.packets(0.5)) >= 20
    assert pair.hold.quelch(pair.leg, True, b"", pair.one.now)
    pair.one.run(0.5)
    mark = len(pair.two.heard[0])
    to_us, to_them = pair.packets(1)
    assert to_us == 0 and to_them >= PACKETS_S * 8 // 10
    music = bytes(pair.two.heard[0][mark:])
    assert WORD not in music and len(set(music)) > 10, "that is no music"
    assert pair.hold.quelch(pair.leg, False, None, pair.one.now)
    pair.one.run(0.5)
    mark = len(pair.two.heard[0])
    assert min(pair.packets(1)) >= PACKETS_S * 9 // 10
    assert WORD[:80] in bytes(pair.two.heard[0][mark:]), "the music did not stop"


def test_q54_hold_brings_music_to_the_far_end_and_unhold_ends_it(pair):
    pair.one.speak = lambda: SILENCE
    assert pair.hold.hold(pair.leg, True, pair.one.now)
    pair.one.run(0.5)
    mark = len(pair.two.heard[0])
    pair.one.run(1)
    assert len(set(pair.two.heard[0][mark:])) > 10, "no music"
    assert pair.hold.hold(pair.leg, False, pair.one.now)
    pair.one.run(0.5)
    mark = len(pair.two.heard[0])
    pair.one.run(0.5)
    assert len(set(pair.two.heard[0][mark:])) <= 10, "the music did not stop"


def test_q54_hold_passes_through_asterisk_if_it_is_told_to(make_core):
    pair = Pair(make_core, "phonehold", "681")
    assert pair.hold.hold(pair.leg, True, pair.one.now)
    assert pair.one.until(lambda: pair.two.told("HOLD") == [1], 3), pair.two.events
    assert pair.hold.hold(pair.leg, False, pair.one.now)
    assert pair.one.until(lambda: pair.two.told("HOLD") == [1, 0], 3), pair.two.events


def test_q54_flash_passes_through_asterisk(pair):
    assert pair.hold.flash(pair.leg, pair.one.now)
    assert pair.one.until(lambda: pair.two.told("FLASH") == [0], 3), pair.two.events


def joined(core: CoreRig, middle: PeerServer, server, number: str) -> Middle:
    """Let the core call the test peer, and the peer call Asterisk; return the peer as the middle of both."""
    peer = middle.peer
    core.dial("607")
    assert core.until(lambda: core.told("ANSWERED"), 5)
    with middle.lock:
        account = Account("phonenative", server.secret)
        wish = Invitation(called=number, number="799", extra=[("USERNAME", account.name)])
        far = Outgoing(peer, (server.host, server.port), account, wish, on_up=lambda call: iter(()))
        peer.calls.append(far)
    assert core.until(lambda: far.state == "up", 8), far.events
    with middle.lock:
        return Middle(peer.calls[0], far)


def test_q52_a_native_transfer_leaves_us_and_asterisk_alone_in_the_call(server):
    """Asterisk starts none since 2013, but answers as an end; the test peer is the server that leaves."""
    with PeerServer(Peer(accounts={"ata1": "pw1"}, keep_voice=False)) as middle:
        core = CoreRig(f"127.0.0.1:{middle.port}", "ata1", "pw1")
        try:
            core.account.transfer = True
            core.add(Transfer(core.endpoint, core.net))
            core.speak = lambda: WORD
            both = joined(core, middle, server, "600")
            core.run(1)
            assert WORD[:80] in bytes(core.heard[0]), "no echo through the middle"
            with middle.lock:
                both.transfer()
            assert core.until(lambda: core.told("DIRECT") == [1], 5), (core.events, both.state)
            assert both.state == "released"
            core.run(0.5)
            mark = len(core.heard[0])
            core.run(1)
            heard = bytes(core.heard[0][mark:])
            assert len(heard) >= 45 * OCTETS and WORD[:80] in heard
            straight = [f for f in core.net.log if f["addr"] == (server.host, server.port)]
            assert {"TXCNT", "TXACC", "VOICE", "MINI"} <= {f["name"] for f in straight}
            assert not [f for f in core.frames("MINI", since_s=core.events[-1].t_s) if f not in straight]
            assert "phonenative" in core.meanwhile(lambda: server.cli("iax2 show channels"))
            core.hang_up()
            gone = core.meanwhile(lambda: server.wait(lambda: server.calls() == 0, 5))
            assert gone, server.cli("iax2 show channels")
        finally:
            core.close()


def test_q52_asterisk_and_we_stay_with_the_server_when_the_direct_path_is_cut(server):
    with PeerServer(Peer(accounts={"ata1": "pw1"}, keep_voice=False)) as middle:
        core = CoreRig(f"127.0.0.1:{middle.port}", "ata1", "pw1")
        try:
            core.account.transfer = True
            core.add(Transfer(core.endpoint, core.net))
            core.speak = lambda: WORD
            both = joined(core, middle, server, "600")
            core.net.lose = lambda frame: frame["addr"] == (server.host, server.port)
            with middle.lock:
                both.transfer()
            assert core.until(lambda: core.told("DIRECT") == [0], 8), (core.events, both.state)
            mark = len(core.heard[0])
            core.run(1)
            assert len(core.heard[0]) - mark >= 45 * OCTETS and both.state == "refused"
        finally:
            core.close()


class Stand:
    """What a telephone must know of the test peer's server."""

    secret = "pw1"

    def __init__(self, server: PeerServer):
        self.address = f"127.0.0.1:{server.port}"


def voice_of(*phones: Phone) -> "list[int]":
    """Return how many packets of voice each telephone gets in a second."""
    before = [phone.counters["RX_VOICE"] for phone in phones]
    together(*((phone, lambda phone=phone: phone.run(1)) for phone in phones))
    return [phone.counters["RX_VOICE"] - had for phone, had in zip(phones, before)]


def only_to(port: int, *phones: Phone) -> None:
    """Let nothing pass from these telephones but to that port."""
    for phone in phones:
        outside = phone.session.relay.outside
        outside.send = lambda remote, *rest, send=outside.send: remote[1] == port and send(remote, *rest)


@pytest.mark.takes(20)
@pytest.mark.parametrize("cut", [False, True])
def test_q52_two_telephones_move_their_voice_off_the_server_or_stay_if_the_path_is_cut(tmp_path, cut):
    """Two whole boxes with real sockets; the server is the test peer, for Asterisk starts no transfer."""
    need.micropython(64)
    peer = Peer(accounts={"ata1": "pw1", "ata2": "pw1"}, keep_voice=False)
    peer.extensions["702"] = to_account("ata2")
    with PeerServer(peer) as server, contextlib.ExitStack() as ends:
        phones = [
            Phone(Stand(server), f"ata{at}", tmp_path / f"box{at}", seed=at, account__1__transfer="yes")
            for at in (1, 2)
        ]
        for phone in phones:
            ends.callback(phone.finish)
        one, two = phones
        together((one, one.register), (two, two.register))

        def answer() -> None:
            two.do("wait ringing 8", "lift", "wait call up 5")

        together((one, lambda: (one.dial("702"), one.do("wait call up 10"))), (two, answer))
        middle = next(call.middle for call in peer.calls if call.middle)
        if cut:
            only_to(server.port, one, two)
        with server.lock:
            middle.transfer()
        together((one, lambda: one.run(5 if cut else 1.5)), (two, lambda: None))
        assert middle.state == ("refused" if cut else "released")
        assert bool(one.frames("TXREL", "in")) == bool(two.frames("TXREL", "in")) == (not cut)
        assert len(peer.live_calls()) == (2 if cut else 0)
        assert not cut or [len(phone.frames("TXCNT")) for phone in phones] == [4, 4]
        assert min(voice_of(one, two)) >= 45
        together((one, lambda: one.do("hang")), (two, lambda: two.do("wait call down 3")))
