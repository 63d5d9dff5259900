"""Interop items 22, 23, 41 and 55 once more, with the parts loaded that make something of rare frames."""

import itertools

import earpiece
import pytest
from ata_bench import AtaBench
from corekit import SPEECH, call_up, carries_voice, said, told

import codes
from iax.notes import Notes
from iax.trunk import Trunk
from peer import media, wire
from peer import numbers as n

layouts = pytest.mark.parametrize("stamped", [True, False])


def noted(number="600"):
    """Return (bench in a call, its part for texts)."""
    bench = call_up(number)
    notes = Notes(bench.endpoint)
    bench.endpoint.parts.append(notes)
    return bench, notes


@pytest.mark.parametrize("subclass", [18, 22, 24, 28, 31, 99])
def test_q22_controls_with_junk_mean_nothing_to_the_part_for_texts(subclass):
    """They are acknowledged, and the call goes on."""
    bench, _ = noted()
    call = bench.peer.current_call()
    call.control(subclass, b"\xff\x00junk" * 7)
    bench.run(50)
    assert call.unacked == [] and not bench.saw("NOTE") and carries_voice(bench)


def test_q23_text_and_url_are_told_and_other_media_counted():
    """Every one of them is acknowledged."""
    bench, notes = noted()
    call = bench.peer.current_call()
    kept = []
    for ftype, subclass, payload in (
        (n.T_TEXT, 0, b"one\0"), (n.T_TEXT, 0, b"two"), (n.T_HTML, 1, b"http://pbx.example/\0"),
        (8, 1, b"\xff\xd8" * 300), (3, 0x40, b"frame"), (10, 60, b""), (11, 1, b"t38"), (13, 2, b"?"),
    ):  # fmt: skip
        call.frame(ftype, subclass, payload)
        bench.run(50)
        kept.append(bytes(notes.buf[: notes.n]))
    assert kept[:3] == [b"one", b"two", b"http://pbx.example/"] and told(bench, "NOTE") == [3, 3, 19]
    assert bench.count("RX_FOREIGN") == 4 and call.unacked == [] and carries_voice(bench)


def test_q41_a_flood_of_html_is_answered_once():
    """We show no pages: once is enough to say so."""
    bench, _ = noted()
    for _ in range(50):
        bench.peer.current_call().frame(n.T_HTML, 2, b"<html>")
        bench.run(20)
    assert [f["subclass"] for f in said(bench, "HTML")] == [17] and carries_voice(bench)


def trunked(**options):
    """Return (bench in a call with a server that is silent so far, the server's call)."""
    bench = call_up("607", **options)
    bench.account.trunk = True
    bench.endpoint.parts.append(Trunk(bench.endpoint))
    return bench, bench.peer.current_call()


def pieces(count):
    """Return 20 ms pieces of voice that can be told apart."""
    return [bytes((i & 255,)) * 160 for i in range(count)]


@layouts
def test_q55_every_piece_of_voice_in_a_trunk_is_heard_once_and_in_its_turn(stamped):
    """An unknown call stands before ours, another behind it, and now and then the datagram is cut."""
    bench, call = trunked()
    call.voice(SPEECH)
    began = len(bench.audio)
    first_ts = call.last_ts
    for i, piece in enumerate(pieces(250)):
        bench.run(20)
        ts = first_ts + 20 * (i + 1)
        entries = [(3333, ts, b"\x80" * (i % 50)), (call.number, ts, piece), (3334, ts, SPEECH)]
        frame = wire.trunk(
            70_000 + 20 * i, [(number, stamp & 0xFFFF, data) for number, stamp, data in entries], stamped
        )
        bench.peer.transmit(call.addr, frame[: -(i % 7)] if i % 7 else frame)
    bench.run(20)
    heard = bench.audio[began:]
    assert [octets for _, _, octets in heard[1:]] == pieces(250)
    steps = {later[0] - sooner[0] for sooner, later in itertools.pairwise(heard)}
    assert steps == {20} and bench.count("RX_META") == 250
    assert call.alive and not bench.saw("HANGUP")


@layouts
def test_q55_trunk_and_mini_frames_of_one_call_fit_together(stamped):
    """A server may change from one to the other at any packet."""
    bench, call = trunked()
    for i, piece in enumerate(pieces(200)):
        if i and i // 10 % 2:
            ts = call._voice_stamp(20)
            bench.peer.transmit(call.addr, wire.trunk(500 + 20 * i, [(call.number, ts, piece)], stamped))
        else:
            call.voice(piece)
        bench.run(20)
    stamps = [ts for ts, _, _ in bench.audio]
    assert [octets for _, _, octets in bench.audio] == pieces(200)
    assert {later - sooner for sooner, later in itertools.pairwise(stamps)} == {20}


@layouts
def test_q55_the_telephone_plays_what_came_in_trunk_frames(stamped):
    """A tone of 1,004 Hz, two packets in every other datagram, an unknown call before them."""
    bench = AtaBench(settings={"account.1.trunk": "on"})
    bench.lift()
    bench.dtmf("607#")
    assert bench.run_until(lambda: bench.state == codes.TALK, 3000)
    call = bench.call
    sound = (media.encode(n.ULAW, pcm) for pcm in media.tone(1004, level_dbm0=-10))
    call.voice(next(sound))
    start = call.last_ts
    for i in range(100):
        bench.run(40)
        ts = start + 40 * i
        entries = [
            (3333, 0, b"?" * 77),
            (call.number, ts + 20, next(sound)),
            (call.number, ts + 40, next(sound)),
        ]
        bench.peer.transmit(
            call.addr, wire.trunk(9 + 40 * i, [(a, b & 0xFFFF, c) for a, b, c in entries], stamped)
        )
    heard = bench.hal.pcm.ear[-150:-5]
    levels = [earpiece.level_of([frame], 1004) for frame in heard]
    assert min(levels) > -11 and max(levels) < -9, levels
    assert bench.count("JITTER_LOST") == bench.count("JITTER_LATE") == bench.count("JITTER_RESYNC") == 0


def test_q55_meta_video_is_dropped():
    """With the part as without it."""
    bench, call = trunked()
    call.voice(SPEECH)
    bench.run(20)
    for i in range(50):
        bench.feed(wire.video_mini(call.number, i, SPEECH))
    assert len(bench.audio) == 1 and bench.count("RX_FOREIGN") == 50 and call.alive


def test_q55_a_box_that_asked_for_no_trunk_counts_them_as_unsupported():
    """The part is loaded for another account."""
    bench, call = trunked()
    bench.account.trunk = False
    call.voice(SPEECH)
    bench.run(20)
    call.send_trunk([SPEECH, SPEECH])
    bench.run(20)
    assert len(bench.audio) == 1 and bench.count("RX_UNSUPPORTED") == 1
