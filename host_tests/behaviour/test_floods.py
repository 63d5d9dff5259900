"""A thousand datagrams a second that nobody asked for, in the middle of a call: the voice does not notice.

Each 20 ms has to arrive both ways. The default box, and one with every setting on that loads a part.
"""

import itertools
import struct

import earpiece
import pytest
from ata_bench import SERVER, AtaBench, sine_frames

import codes
from peer import wire

EVERYTHING = {
    "account.1.auth": "md5,plain", "account.1.encryption": "allow", "account.1.demand": "on",
    "account.1.transfer": "on", "account.1.trunk": "on", "net.calltoken": "on", "net.guests": "on",
    "dial.remote": "on", "feature.legs": "2", "feature.texts": "on",
}  # fmt: skip
BOXES = pytest.mark.parametrize("settings", [{}, EVERYTHING], ids=["as it is", "all parts"])
NEW = wire.ies(
    ("VERSION", 2),
    ("CALLED_NUMBER", "s"),
    ("CALLING_NUMBER", "666"),
    ("FORMAT", 4),
    ("CAPABILITY", 12),
    ("CALLTOKEN", b""),
)
FLOOD_MS = 4000
A_TURN = 5  # datagrams each 5 ms: a thousand a second
SPOKEN_HZ = 600


def hosts():
    """Yield addresses without end."""
    for i in itertools.count():
        yield struct.pack(">IH", 0xC0000200 + i // 60000, 1024 + i % 60000)


def new(i):
    return wire.iax(2 + i % 32000, 0, 0, 0, 0, "NEW", NEW)


def poke(i):
    return wire.iax(2 + i % 32000, 0, 0, 0, 0, "POKE")


def guess(i):
    """Return a HANGUP for a call that may be there."""
    return wire.iax(2 + i % 32000, 2 + i * 7 % 32000, 5, 1, 1, "HANGUP")


def registration(i):
    return wire.iax(2 + i % 32000, 0, 0, 0, 0, "REGREQ", wire.ies(("USERNAME", "ata1"), ("REFRESH", 60)))


def voice(i):
    return wire.mini(2 + i % 32000, i * 20, b"!" * 160)


def talking(settings):
    """Return a bench in a call with the 1,004 Hz of the server in its ear, speaking all the while."""
    bench = AtaBench(settings=settings)
    bench.lift()
    bench.dtmf("601#")
    assert bench.run_until(lambda: bench.state == codes.TALK, 5000)
    bench.say(sine_frames((SPOKEN_HZ,), FLOOD_MS + 3000))
    bench.run(1000)
    return bench


def flood(bench, kind, from_server):
    """Send them; return how many 20 ms of voice arrived at the server meanwhile."""
    strangers = hosts()
    ours = struct.pack(">H", bench.call.number)
    before = bench.call.rx_packets
    for turn in range(FLOOD_MS // 5):
        for i in range(A_TURN):
            raw = kind(turn * A_TURN + i)
            if raw[:2] == ours:
                continue  # voice of the call itself, forged: nothing tells it from the server's
            if from_server:
                bench.hal.net.deliver(SERVER, raw)
            else:
                bench.hal.net.deliver(0, raw, next(strangers))
        bench.run(5)
    return bench.call.rx_packets - before


@BOXES
@pytest.mark.parametrize("from_server", [False, True], ids=["from strangers", "in the server's name"])
@pytest.mark.parametrize("kind", [new, poke, guess, registration, voice])
def test_a_flood_in_a_call_costs_not_one_packet_of_voice(settings, kind, from_server):
    bench = talking(settings)
    call = bench.call
    before = {name: bench.count(name) for name in ("JITTER_LOST", "JITTER_LATE", "PCM_LOST", "JITTER_RESYNC")}
    went = flood(bench, kind, from_server)
    assert abs(went - FLOOD_MS // 20) <= 1
    heard = bench.hal.pcm.ear[-FLOOD_MS // 20 + 10 :]
    levels = [earpiece.level_of([frame], 1004) for frame in heard]
    assert max(levels) - min(levels) < 0.5 and min(levels) > -3, "no frame is missing in the ear"
    assert {name: bench.count(name) for name in before} == before
    assert call.alive and bench.state == codes.TALK
    assert bench.count("RX_DATAGRAM") >= FLOOD_MS // 5 * A_TURN - 1
    spoken = [frame for frame in call.rx_voice if frame[0] > bench.t_ms - FLOOD_MS]
    stamps = [ts for _, ts, _, _ in spoken]
    assert {later - sooner for sooner, later in itertools.pairwise(stamps)} == {20}


@BOXES
def test_after_a_flood_of_callers_the_line_works_as_before(settings):
    bench = AtaBench(settings=settings)
    bench.hal.pcm.record = False
    strangers = hosts()
    for turn in range(400):
        for i in range(A_TURN):
            number = turn * A_TURN + i
            bench.hal.net.deliver(SERVER if i % 2 else 0, new(number), next(strangers))
        bench.run(5)
    bench.run(62_000, 20)
    assert bench.run_until(lambda: bench.at_rest, 70_000)
    bench.lift()
    bench.dtmf("601#")
    assert bench.run_until(lambda: bench.state == codes.TALK, 5000)
    bench.hang(1300)
    call = bench.peer.call_device("ata1")
    assert bench.run_until(lambda: bench.ringing, 3000)
    call.hangup(16)


@BOXES
def test_the_answers_to_a_flood_are_not_more_than_the_flood(settings):
    """Strangers get nothing from the default box; a box with tokens gives each no more than it brought."""
    bench = AtaBench(settings=settings)
    sent, strangers = [], hosts()
    net = bench.hal.net
    put = net.outbound.put
    net.outbound.put = lambda peer, raw, *rest: sent.append((peer, raw)) or put(peer, raw, *rest)
    for i in range(2000):
        net.deliver(0, new(i), next(strangers))
        if i % A_TURN == 0:
            bench.run(5)
    bench.run(20)
    to_strangers = [raw for peer, raw in sent if peer == 0]
    assert len(to_strangers) == (2000 if settings else 0)
    assert all(len(raw) <= len(new(0)) for raw in to_strangers)
    assert {wire.decode(raw)["name"] for raw in to_strangers} <= {"CALLTOKEN"}
