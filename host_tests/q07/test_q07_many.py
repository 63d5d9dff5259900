"""Interop items 9, 10, 57, 58, 63 with two servers: many dialogs on one port, and who may speak to which."""

import pytest
from bench import BOX_ADDR, box_account
from corekit import speech
from two_servers import ServersBench

import codes
from iax.call import Call
from iax.plan import Plan
from iax.poker import Poker
from iax.registrar import Registrar
from iax.window import Window
from peer import numbers as n
from peer import wire

HERE, THERE = 1, 3  # peers: the servers of account 1 and of account 2
MUTTER = bytes(range(0x20, 0x20 + 160))


def crowded(n_legs: int = 3) -> ServersBench:
    """Return a bench with two accounts, registered at two servers, and several call legs."""
    bench = ServersBench(servers=(HERE, THERE))
    endpoint = bench.endpoint
    bench.other = box_account("ata2", "pw2", index=1, laws=b"\x03")
    endpoint.accounts.append(bench.other)
    bench.second = Registrar(endpoint, Window(bytearray(352), 4))
    endpoint.add_registrar(bench.second)
    for index in range(1, n_legs):
        endpoint.add_leg(Call(endpoint, Window(bytearray(640), 12), index))
    bench.second.start(bench.other, bench.now)
    bench.register()
    return bench


def part(bench: ServersBench, made):
    """Hook an optional part in."""
    bench.endpoint.parts.append(made)
    bench.endpoint.dialogs.append(made)
    return made


def two_calls(bench: ServersBench) -> tuple:
    """Call the echo at the first server, be called by the second; return the servers' sides of both."""
    bench.speak = speech
    bench.dial("600")
    assert bench.run_until("ANSWERED")
    theirs = bench.servers[THERE].call_device("ata2", number="701", formats=(n.ALAW,))
    bench.run(100)
    bench.endpoint.legs[1].pickup(bench.now)
    bench.run(50)
    return bench.servers[HERE].current_call(), theirs


def speak_twice(bench: ServersBench, rounds: int) -> None:
    """Let 20 ms pass and speak on both calls, so many times."""
    for _ in range(rounds):
        bench.run(20)
        bench.endpoint.slot.payload[:] = MUTTER
        bench.endpoint.legs[1].send_voice(bench.now)
        bench.drain()


def names(bench: ServersBench, server: int, name: str) -> list[dict]:
    """Return the frames of that name that this server got."""
    return bench.servers[server].frames(name, "in")


def test_q57_calls_registrations_pokes_and_polls_share_one_port():
    """Two calls, two registrations renewed, POKE both ways and a dial plan asked: no frame goes astray."""
    bench = crowded()
    for server in bench.servers.values():
        server.quirks.refresh = 10
    poker, plan = part(bench, Poker(bench.endpoint)), part(bench, Plan(bench.endpoint))
    here, there = two_calls(bench)
    bench.registrar.start(bench.account, bench.now)
    bench.second.start(bench.other, bench.now)
    assert plan.open(bench.account, bench.now) == 2
    bench.drain()
    spoken, pongs, answers = (here.rx_packets, there.rx_packets), 0, set()
    for digits in ("1", "2", "3", "31", "312", "3123", "31234", "4", "8", "22") * 3:
        for server, account in ((HERE, "ata1"), (THERE, "ata2")):
            bench.servers[server].poke(account)
        poker.ask(HERE if len(digits) & 1 else THERE, bench.now)
        plan.ask(digits.encode(), bench.now)
        bench.drain()
        speak_twice(bench, 50)
        pongs += poker.rtt_ms >= 0
        answers.add(plan.status)
    assert pongs == 30 and {1, 4, 0x8001, 0x8002} <= answers
    for call, before in zip((here, there), spoken, strict=True):
        assert call.state == "up" and call.rx_packets - before >= 1480
    assert {voice[3] for voice in there.rx_voice[-500:]} == {MUTTER}
    assert MUTTER not in {voice[3] for voice in here.rx_voice}
    registered = [event for event in bench.events if event[1] == "REGISTERED"]
    assert {event[2] for event in registered} == {0, 1} and len(registered) >= 8
    assert bench.count("RX_WRONG_DEST") == bench.count("RX_GAP") == bench.count("TX_INVAL") == 0
    assert bench.count("TX_RETRANSMIT") == 0 and not bench.saw("HANGUP")


def test_q57_no_number_is_given_out_twice_within_a_minute():
    """Calls, registrations and pokes take numbers from one store."""
    bench = crowded()
    poker = part(bench, Poker(bench.endpoint))
    for _ in range(40):
        poker.ask(HERE, bench.now)
        bench.second.start(bench.other, bench.now)
        bench.dial("600", 300)
        bench.hang_up()
        bench.run(200)
    since: dict[int, int] = {}
    for index, server in bench.servers.items():
        for frame in server.frames(None, "in"):
            if frame["kind"] == "full" and frame["dst"] == 0 and frame["src"] > 1:
                key = frame["src"]
                assert since.setdefault(key, index) == index, "one number toward two servers"
    openers = [f["src"] for f in names(bench, HERE, "POKE") + names(bench, HERE, "NEW")]
    assert len(set(openers)) == 80, "40 pokes, 40 calls"


def test_q09_pokes_of_both_servers_in_the_middle_of_their_registrations():
    """Each gets its PONG, and neither registration is disturbed."""
    bench = crowded(1)
    assert [frame["name"] for frame in bench.servers[HERE].frames(None, "in")][-1] != "INVAL"
    for server in bench.servers.values():
        told = [frame["name"] for frame in server.log if frame["kind"] == "full"]
        assert told.index("POKE") < told.index("REGACK")
        assert len(server.frames("PONG", "in")) == 1
    assert [event[1] for event in bench.events if event[1] != "CLOCK"] == ["REGISTERED"] * 2


def test_q10_copies_of_a_poke_from_two_servers_take_no_call_slot():
    bench = crowded(1)
    for server in bench.servers.values():
        server.quirks.poke_copies = 10
    for _ in range(5):
        bench.servers[HERE].poke("ata1")
        bench.servers[THERE].poke("ata2")
        bench.run(100)
    assert all(len(server.frames("PONG", "in")) == 51 for server in bench.servers.values())
    bench.dial("600", 1000)
    assert bench.saw("ANSWERED")


@pytest.mark.parametrize("answer", ["CALLTOKEN", "REGAUTH", "REGACK"])
def test_q58_a_new_port_toward_one_server_leaves_the_other_registration_alone(answer):
    """The NAT changes what one server sees: there the box begins afresh, elsewhere nothing happens."""
    bench = crowded(1)
    first = bench.servers[HERE]
    first.faults.delay(answer, ms=50, times=1)
    bench.registrar.start(bench.account, bench.now)
    bench.drain()
    bench.run(20)
    bench.seen_as[HERE] = (BOX_ADDR[0], 40_777)
    bench.run(60_000)
    assert first.accounts["ata1"].addr == bench.seen_as[HERE]
    assert first.accounts["ata1"].registered(bench.t_ms)
    assert [event[2] for event in bench.events if event[1] == "REGISTERED"].count(1) == 2
    assert not [event for event in bench.events if event[1] == "REG_FAILED" and event[2] == 1]


@pytest.mark.parametrize("name", ["HANGUP", "INVAL", "REJECT", "TRANSFER"])
def test_q63_one_server_cannot_end_a_call_of_the_other(name):
    """A known server with the right numbers is a stranger to a dialog that is not its own."""
    bench = crowded()
    here, there = two_calls(bench)
    for call, forger in ((here, THERE), (there, HERE)):
        forged = wire.iax(call.number, call.their, 9999, call.oseq, call.iseq, name)
        bench.feed(forged, forger)
    bench.feed(wire.mini(here.number, 1, bytes(160)), THERE)
    bench.run(1000)
    assert not bench.saw("HANGUP") and here.state == there.state == "up"
    assert bytes(160) not in {audio[2] for audio in bench.audio}


def test_q63_an_answer_to_a_registration_from_the_other_server_is_not_heard():
    bench = crowded(1)
    bench.servers[HERE].vanish()
    bench.registrar.start(bench.account, bench.now)
    bench.drain()
    seen = len(bench.events)
    for name in ("REGACK", "REGREJ", "REGAUTH", "CALLTOKEN"):
        for src in (1, 77):
            bench.feed(wire.iax(src, bench.registrar.scallno, 0, 0, 1, name), THERE)
    bench.run(1000)
    assert bench.registrar.state == codes.REG_SENT and bench.events[seen:] == []


def test_q63_both_servers_may_use_one_number_for_their_calls():
    """The same source number from two servers is two dialogs."""
    bench = crowded()
    bench.take_calls = False
    payload = wire.ies(("VERSION", 2), ("CALLED_NUMBER", "s"), ("FORMAT", n.ALAW), ("CAPABILITY", n.ALAW))
    for server in (HERE, THERE):
        bench.feed(wire.iax(500, 0, 3, 0, 0, "NEW", payload), server)
    first, second = bench.endpoint.legs[:2]
    assert (first.peer, second.peer) == (HERE, THERE)
    assert first.dcallno == second.dcallno == 500 and first.scallno != second.scallno
    assert (first.account, second.account) == (bench.account, bench.other)
    bench.feed(wire.iax(500, 0, 6, 1, 0, "HANGUP"), THERE)
    assert first.state == codes.CALL_OFFERED and second.state == codes.CALL_FREE
