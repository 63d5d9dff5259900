"""iax/transfer.py alone: what it answers to whom, when it asks again, and when it gives up."""

import pytest
from bench import CoreBench
from corekit import ByHand, sent, speech, told
from town import SERVER_ADDR, TownNet, octets_of

import codes
from iax.transfer import Transfer
from peer import wire

FAR = ("192.0.2.9", 4569)
FAR_NUMBER = 777
FAR_PEER = 10


class Party:
    """A box with a call of its own at a server written by hand, and another end by hand too."""

    def __init__(self, allow: bool = True) -> None:
        self.bench = bench = CoreBench()
        bench.account.transfer = allow
        self.net = TownNet()
        self.part = Transfer(bench.endpoint, self.net)
        bench.endpoint.parts.append(self.part)
        bench.endpoint.dialogs.append(self.part)
        bench.speak = speech
        self.to: list[tuple[int, bytes]] = []
        self.server = ByHand(bench)
        self.server.accept()
        self.server.full(4, 4)  # ANSWER
        bench.run(100)
        assert bench.leg.state == codes.CALL_UP

    def request(self, **ies: object) -> None:
        """TXREQ from the server."""
        elements = {
            "APPARENT_ADDR": wire.apparent_addr(FAR), "CALLNO": FAR_NUMBER, "TRANSFERID": 0xC0FFEE01, **ies,
        }  # fmt: skip
        self.server.iax("TXREQ", wire.ies(*((k, v) for k, v in elements.items() if v is not None)))

    def far(
        self, name: str, payload: bytes = b"", dst: int | None = None, peer: int = FAR_PEER, r=False
    ) -> None:
        """A full frame of the other end."""
        number = self.bench.leg.scallno if dst is None else dst
        raw = wire.full(FAR_NUMBER, number, 50, 0, 0, 6, wire.n.IAX[name], payload, r)
        self.bench.feed(raw, peer)

    def said(self, name: str) -> list[dict]:
        """What the box sent of that name."""
        return sent(self.bench, name)

    @property
    def state(self) -> int:
        """Where the transfer stands."""
        return self.part.states[0]


def test_txreq_makes_the_other_end_a_peer_and_asks_it_with_both_numbers_and_the_id():
    party = Party()
    party.request()
    cnt = party.said("TXCNT")
    assert party.net.peers[FAR_PEER] == FAR and party.state == codes.XFER_BEGIN
    assert (cnt[0]["src"], cnt[0]["dst"]) == (party.bench.leg.scallno, FAR_NUMBER)
    assert (cnt[0]["oseq"], cnt[0]["iseq"]) == (0, 0)
    assert cnt[0]["ie"] == {"TRANSFERID": 0xC0FFEE01}
    assert party.said("TXREJ") == [] and party.bench.endpoint.tx_peer in (1, FAR_PEER)


def test_txcnt_goes_out_four_times_at_most_a_second_apart_then_the_server_is_told():
    party = Party()
    party.request()
    began = party.bench.t_ms
    party.bench.run(3245)
    assert [f["t"] - began for f in party.said("TXCNT")] == [0, 250, 1250, 2250]
    assert party.said("TXREJ") == []
    party.bench.run(10)
    assert len(party.said("TXREJ")) == 1 and told(party.bench, "DIRECT") == [0]
    assert party.state == codes.XFER_NONE and FAR_PEER not in party.net.peers


@pytest.mark.parametrize("form", ["le", "be"])
def test_the_family_of_the_address_does_not_matter(form):
    party = Party()
    party.request(APPARENT_ADDR=wire.apparent_addr(FAR, form))
    assert party.net.peers[FAR_PEER] == FAR


@pytest.mark.parametrize(
    "ies",
    [
        {"APPARENT_ADDR": None},
        {"APPARENT_ADDR": wire.apparent_addr(FAR, "garbage")},
        {"APPARENT_ADDR": wire.apparent_addr(FAR, "v6")},
        {"APPARENT_ADDR": wire.apparent_addr(("0.0.0.0", 4569))},
        {"APPARENT_ADDR": wire.apparent_addr(("224.0.1.1", 4569))},
        {"APPARENT_ADDR": wire.apparent_addr(("255.255.255.255", 4569))},
        {"APPARENT_ADDR": wire.apparent_addr(("192.0.2.9", 0))},
        {"CALLNO": None},
        {"CALLNO": 0},
        {"CALLNO": 0x8001},
        {"CALLNO": b"\x01"},
    ],
)
def test_a_request_that_names_no_host_or_no_call_is_refused(ies):
    party = Party()
    party.request(**ies)
    assert len(party.said("TXREJ")) == 1 and not party.said("TXCNT")
    assert party.state == codes.XFER_NONE and list(party.net.peers) == [1]


def test_an_account_that_does_not_allow_it_refuses():
    party = Party(allow=False)
    party.request()
    assert len(party.said("TXREJ")) == 1 and not party.said("TXCNT")


def test_a_call_that_is_not_answered_yet_is_not_transferred():
    party = Party()
    party.bench.leg.state = codes.CALL_LINKED
    party.request()
    assert len(party.said("TXREJ")) == 1 and not party.said("TXCNT")


def test_an_encrypted_call_is_not_transferred():
    party = Party()
    ies = wire.ies(("APPARENT_ADDR", wire.apparent_addr(FAR)), ("CALLNO", FAR_NUMBER))
    frame = wire.full(5000, party.bench.leg.scallno, 9, 9, 9, 6, 22, ies)
    taken = []
    for cipher in (object(), None):
        party.bench.leg.cipher = cipher
        taken.append(party.part.take(codes.PART_SIGNAL, party.bench.leg, frame, len(frame), party.bench.now))
    assert taken == [0, 1], "the same request in a clear call is taken"


def test_a_network_that_cannot_place_the_other_end_refuses():
    party = Party()
    party.net.place = lambda peer, address: not address
    party.request()
    assert len(party.said("TXREJ")) == 1 and party.state == codes.XFER_NONE


def test_a_second_request_that_is_refused_ends_the_first():
    """The other end that it named is no peer any more."""
    party = Party()
    party.request()
    party.request(APPARENT_ADDR=wire.apparent_addr(("224.0.0.1", 4569)))
    party.bench.run(2000)
    assert party.state == codes.XFER_NONE and len(party.said("TXCNT")) == 1
    assert party.net.whose(FAR) == 0


def test_the_servers_own_address_is_no_other_end():
    """Its frames would be taken for the other end's, and every call through it would end."""
    party = Party()
    party.request(APPARENT_ADDR=wire.apparent_addr(SERVER_ADDR))
    assert party.said("TXREJ") and not party.said("TXCNT") and party.state == codes.XFER_NONE
    assert party.net.whose(SERVER_ADDR) == 1


def test_a_request_without_an_id_is_taken_with_zero():
    party = Party()
    party.request(TRANSFERID=None)
    assert party.said("TXCNT")[0]["ie"] == {"TRANSFERID": 0}


def test_a_second_request_replaces_the_first():
    party = Party()
    party.request()
    party.request(APPARENT_ADDR=wire.apparent_addr(("192.0.2.10", 99)), CALLNO=778)
    assert party.net.peers[FAR_PEER] == ("192.0.2.10", 99)
    assert [f["dst"] for f in party.said("TXCNT")] == [FAR_NUMBER, 778] and not party.said("TXREJ")


@pytest.mark.parametrize("state", ["begin", "ready"])
def test_each_txcnt_of_the_other_end_is_answered_with_the_id(state):
    party = Party()
    party.request()
    if state == "ready":
        party.far("TXACC")
    party.far("TXCNT", wire.ie("TRANSFERID", 5))
    party.far("TXCNT")
    acc = party.said("TXACC")
    assert len(acc) == 2 and acc[0]["ie"] == {"TRANSFERID": 0xC0FFEE01}
    assert (acc[0]["src"], acc[0]["dst"], acc[0]["ts"]) == (party.bench.leg.scallno, FAR_NUMBER, 50)


def test_txcnt_and_txacc_of_strangers_of_the_server_and_to_other_numbers_are_dropped():
    party = Party()
    party.far("TXCNT")
    party.far("TXACC")
    party.far("TXCNT", peer=0)
    party.request()
    for name in ("TXCNT", "TXACC"):
        party.far(name, dst=party.bench.leg.scallno ^ 1)
        party.far(name, peer=0)
        party.far(name, peer=1)
        party.far(name, peer=11 if len(party.bench.endpoint.legs) > 1 else 0)
    assert party.state == codes.XFER_BEGIN and not party.said("TXACC") and not party.said("TXREADY")


def test_txacc_stops_txcnt_and_tells_the_server_our_number_and_the_id():
    party = Party()
    party.request()
    party.far("TXACC")
    party.far("TXACC")
    party.bench.run(3000)
    ready = [f for f in party.said("TXREADY") if not f["r"]]
    assert len(ready) == 1 and len(party.said("TXCNT")) == 1
    assert ready[0]["ie"] == {"CALLNO": party.bench.leg.scallno, "TRANSFERID": 0xC0FFEE01}
    assert ready[0]["dst"] == 5000


def test_voice_stays_with_the_server_until_txrel():
    party = Party()
    party.request()
    party.far("TXACC")
    party.bench.run(400)
    assert party.bench.leg.peer == 1 and told(party.bench, "DIRECT") == []


def test_txrel_moves_the_leg_and_is_acknowledged_as_often_as_it_comes():
    party = Party()
    party.request()
    party.far("TXACC")
    before = len(party.said("ACK"))
    rel = wire.full(
        5000, party.bench.leg.scallno, 900, party.server.oseq, 9, 6, 26, wire.ie("CALLNO", FAR_NUMBER)
    )
    party.bench.feed(rel)
    leg = party.bench.leg
    assert (leg.peer, leg.dcallno, leg.state) == (FAR_PEER, FAR_NUMBER, codes.CALL_UP)
    assert (leg.iseq, leg.window.oseq, leg.law) == (0, 0, 2)
    assert told(party.bench, "DIRECT") == [1] and party.state == codes.XFER_DIRECT
    party.bench.feed(rel)
    acks = party.said("ACK")[before:]
    assert [f["dst"] for f in acks] == [5000, 5000] and {f["ts"] for f in acks} == {900}


def test_txrel_before_txacc_moves_nothing():
    party = Party()
    party.request()
    party.server.iax("TXREL", wire.ie("CALLNO", FAR_NUMBER))
    assert party.bench.leg.peer == 1 and party.state == codes.XFER_BEGIN


def test_txrel_and_txrej_without_a_transfer_are_nothing():
    party = Party()
    party.server.iax("TXREL", wire.ie("CALLNO", FAR_NUMBER))
    party.server.iax("TXREJ")
    party.server.iax("TXMEDIA", wire.ie("CALLNO", FAR_NUMBER))
    assert party.bench.leg.peer == 1 and told(party.bench, "DIRECT") == []
    assert not party.said("TXREJ") and not party.said("INVAL")


@pytest.mark.parametrize("name", ["TXREJ", "TXMEDIA"])
@pytest.mark.parametrize("ready", [False, True])
def test_txrej_of_the_server_ends_it_and_txmedia_is_refused(name, ready):
    party = Party()
    party.request()
    if ready:
        party.far("TXACC")
    party.server.iax(name)
    assert party.state == codes.XFER_NONE and told(party.bench, "DIRECT") == [0]
    assert len(party.said("TXREJ")) == (1 if name == "TXMEDIA" else 0)
    assert FAR_PEER not in party.net.peers and party.bench.leg.state == codes.CALL_UP


@pytest.mark.parametrize("name", ["HANGUP", "NEW", "PING", "POKE", "INVAL", "REGACK"])
def test_what_the_other_end_says_too_early_is_neither_obeyed_nor_answered(name):
    party = Party()
    party.request()
    party.far("TXACC")
    before = len(party.bench.sent)
    party.far(name)
    party.far(name, dst=0)
    assert len(party.bench.sent) == before and party.bench.leg.state == codes.CALL_UP
    assert party.state == codes.XFER_READY


def test_a_frame_that_the_other_end_repeats_says_that_it_was_released():
    """Our TXREL is lost; the server may not send it again."""
    party = Party()
    party.request()
    party.far("TXACC")
    party.far("PING", r=True)
    assert party.bench.leg.peer == FAR_PEER and told(party.bench, "DIRECT") == [1]
    assert party.said("ACK")[-1]["dst"] != FAR_NUMBER, "not acknowledged: it comes once more, and in order"


def test_a_frame_that_the_other_end_repeats_before_it_is_proven_says_nothing():
    party = Party()
    party.request()
    party.far("PING", r=True)
    assert party.bench.leg.peer == 1


def moved() -> Party:
    """A party whose leg talks to the other end."""
    party = Party()
    party.request()
    party.far("TXACC")
    party.server.iax("TXREL", wire.ie("CALLNO", FAR_NUMBER))
    assert party.bench.leg.peer == FAR_PEER
    return party


def test_the_other_end_cannot_transfer_us_further_or_call_us():
    party = moved()
    party.far("TXREQ", wire.ies(("APPARENT_ADDR", wire.apparent_addr(FAR)), ("CALLNO", 3), ("TRANSFERID", 1)))
    assert len(party.said("TXREJ")) == 1 and len(party.said("TXCNT")) == 1
    raw = wire.full(4321, 0, 0, 0, 0, 6, 1, wire.ies(("VERSION", 2), ("FORMAT", 4), ("CAPABILITY", 4)))
    party.bench.leg.drop(16, party.bench.now)
    party.bench.drain()
    party.bench.feed(raw, FAR_PEER)
    assert not party.bench.saw("INCOMING")


def test_the_other_end_is_answered_for_35_s_after_the_call_and_then_forgotten():
    party = moved()
    party.far("HANGUP", wire.ie("CAUSECODE", 16))
    assert party.state == codes.XFER_OVER and told(party.bench, "HANGUP") == [16]
    before = len(party.said("ACK"))
    party.far("HANGUP", wire.ie("CAUSECODE", 16), r=True)
    assert len(party.said("ACK")) == before + 1
    party.bench.run(34900)
    assert FAR_PEER in party.net.peers
    party.bench.run(200)
    assert FAR_PEER not in party.net.peers and party.state == codes.XFER_NONE
    assert told(party.bench, "DIRECT") == [1]


def test_a_user_who_hung_up_while_txrel_was_under_way_hangs_up_on_the_other_end():
    party = Party()
    party.request()
    party.far("TXACC")
    party.bench.leg.drop(16, party.bench.now)
    party.bench.drain()
    party.server.iax("TXREL", wire.ie("CALLNO", FAR_NUMBER))
    last = party.said("HANGUP")[-1]
    assert (last["dst"], last["oseq"], last["ie"]["CAUSECODE"]) == (FAR_NUMBER, 0, 16)
    party.far("ACK")
    assert party.bench.leg.state in (codes.CALL_CLOSING, codes.CALL_FREE)


def test_a_full_window_gives_the_transfer_up_and_keeps_the_call():
    party = Party()
    party.request()
    while party.bench.leg.say(7, 0, party.bench.now):
        pass
    party.far("TXACC")
    assert party.state == codes.XFER_NONE and party.bench.leg.state == codes.CALL_UP


def test_next_due_tells_the_next_txcnt_and_nothing_when_idle():
    party = Party()
    assert party.part.next_due(party.bench.now) == -1
    party.request()
    assert party.part.next_due(party.bench.now) == 250
    party.far("TXACC")
    assert party.part.next_due(party.bench.now) == -1
    assert octets_of(FAR) == b"\xc0\x00\x02\x09\x11\xd9"
