"""A hundred thousand datagrams that nobody should send, into an idle and into a busy box.

Random octets, and real frames of real calls, cut, stretched, turned and mixed. UIAXY_FUZZ_N sets how many.
"""

import gc
import os
import random

import pytest
from bench import CoreBench
from corekit import call_up, carries_voice, ringing, said

from peer import wire

N = int(os.environ.get("UIAXY_FUZZ_N", "100000"))
REST = 2000  # datagrams between two looks at the box


def real_frames() -> list[bytes]:
    """Return datagrams of both sides from calls out and in, with everything a call can have."""
    bench, call = ringing()
    bench.leg.pickup(bench.now)
    bench.run(300)
    call.dtmf("1*")
    call.control("PROGRESS", b"xy")
    for name in ("QUELCH", "UNQUELCH", "TXREQ", "MWI", "PING", "LAGRQ"):
        call.iax(name)
    bench.run(500)
    call.hangup(16)
    bench.run(200)
    for number in ("600", "603", "999"):
        bench.dial(number, 1500)
        bench.hang_up()
        bench.run(200)
    bench.registrar.release(bench.now)
    bench.run(200)
    trunk = wire.trunk(5, [(77, 1, bytes(160)), (78, 2, bytes(20))])
    frames = [frame["raw"] for frame in bench.peer.log if frame["kind"] != "mini"]
    minis = [frame["raw"] for frame in bench.peer.log if frame["kind"] == "mini"][:10]
    return frames + minis + [trunk, wire.video_mini(77, 1, bytes(50))]


def mutated(rng: random.Random, frames: list[bytes]) -> bytes:
    """Return one datagram that is no longer quite what it was."""
    raw = bytearray(rng.choice(frames))
    for _ in range(rng.randrange(4)):
        how = rng.randrange(6)
        at = rng.randrange(len(raw)) if raw else 0
        if how == 0 and raw:
            raw[at] ^= 1 << rng.randrange(8)
        elif how == 1 and raw:
            raw[at] = rng.choice((0, 1, 2, 4, 6, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        elif how == 2:
            del raw[at:]
        elif how == 3:
            raw[at:at] = rng.randbytes(rng.randrange(1, 8))
        elif how == 4:
            raw += rng.choice(frames)[12:]
        elif len(raw) >= 12:
            raw[10:12] = bytes((rng.randrange(14), rng.randrange(256)))
    return bytes(raw)


def aimed(rng: random.Random, raw: bytes, leg) -> bytes:
    """Return the frame with the call's numbers in it, or one of them, near the place where it is awaited."""
    ours, theirs = leg.scallno, leg.dcallno or 5000
    out = bytearray(raw)
    if len(out) >= 4 and out[0] & 0x80:
        if rng.random() < 0.8:
            out[0:2] = (theirs | 0x8000).to_bytes(2, "big")
        if rng.random() < 0.8:
            out[2:4] = (ours | (out[2] & 0x80) << 8).to_bytes(2, "big")
        if len(out) >= 12 and rng.random() < 0.5:
            out[8] = leg.iseq + rng.choice((0, 0, 0, 1, 5, 200)) & 255
            out[9] = leg.window.oseq + rng.choice((0, 0, 1, 250, 77)) & 255
    elif len(out) >= 4:
        out[0:2] = theirs.to_bytes(2, "big")
    return bytes(out)


def one(rng: random.Random, frames: list[bytes]) -> bytes:
    """Return random octets, or a mutated frame."""
    return rng.randbytes(rng.randrange(0, 200)) if rng.random() < 0.2 else mutated(rng, frames)


def forget(bench: CoreBench) -> None:
    """Keep the bench's own notes from growing."""
    bench.sent.clear()
    bench.audio.clear()
    bench.peer.log.clear()
    del bench.events[:-50]


def counted(bench: CoreBench) -> int:
    """Return how many datagrams the counters say were not taken."""
    names = ("RX_STRANGER", "RX_BAD", "RX_BAD_IE", "RX_UNKNOWN_CALL", "RX_UNSUPPORTED", "RX_WRONG_DEST")
    return sum(bench.count(name) for name in names)


@pytest.mark.timeout(0)
def test_an_idle_box_survives_and_still_makes_and_takes_calls():
    """Some of it rings, of course; whoever lives at the server's address may ring."""
    rng, bench = random.Random(1), CoreBench()
    frames = real_frames()
    bench.register()
    gc.collect()
    objects = 0
    for i in range(N // 2):
        bench.feed(one(rng, frames), 0 if rng.random() < 0.1 else 1)
        if i % 20 == 0:
            bench.run(5)
        if i % REST == REST - 1:
            forget(bench)
            bench.hang_up()
            bench.run(200)
        if i == N // 4:
            gc.collect()
            objects = len(gc.get_objects())
    forget(bench)
    gc.collect()
    assert len(gc.get_objects()) < objects + 200
    assert bench.count("RX_DATAGRAM") >= N // 2 and counted(bench) > N // 8
    bench.hang_up()
    bench.run(61_000)
    forget(bench)
    bench.dial("600", 1000)
    assert bench.events[-3][1:3] == ("ACCEPTED", 0) and said(bench, "ACK")
    bench.hang_up()
    bench.run(500)
    bench.peer.call_device("ata1")
    bench.run(500)
    assert bench.events[-1][1] == "INCOMING"


def harmless(raw: bytes, ours: int, theirs: int) -> bool:
    """True if a datagram cannot pass for the server's own word on the call or the registration."""
    frame = wire.decode(raw)
    if frame["kind"] != "full" or frame["src"] <= 1:
        return frame["kind"] != "full"
    return frame["dst"] != ours and (frame["dst"] != 0 or frame["src"] != theirs)


@pytest.mark.timeout(0)
def test_a_busy_box_survives_and_the_call_still_carries_voice():
    """Everything but what carries the call's own two numbers; voice for the call from anywhere included."""
    rng = random.Random(2)
    frames = real_frames()
    bench = call_up("600", keep_voice=False, log_minis=False)
    bench.peer.accounts["ata1"].qualify_ms = 0
    call = bench.peer.current_call()
    fed = 0
    while fed < N // 4:
        raw = one(rng, frames)
        if rng.random() < 0.2:
            raw = wire.mini(call.number, rng.randrange(65536), raw)
        if harmless(raw, call.their, call.number):
            bench.feed(raw, 0 if rng.random() < 0.1 else 1)
            fed += 1
            if fed % 10 == 0:
                bench.run(5)
            if fed % REST == 0:
                forget(bench)
                assert carries_voice(bench), fed
    assert call.alive and bench.peer.current_call() is call and carries_voice(bench)
    assert not bench.saw("HANGUP") and counted(bench) > N // 16


@pytest.mark.timeout(0)
def test_an_attacked_call_may_end_but_the_box_does_not():
    """Frames with the call's own numbers from the server's own address: the call may fall, nothing else."""
    rng = random.Random(3)
    frames = real_frames()
    bench = call_up("600", keep_voice=False, log_minis=False)
    calls = 1
    for i in range(N // 4):
        leg = bench.leg
        bench.feed(aimed(rng, one(rng, frames), leg))
        if i % 5 == 0:
            bench.run(5)
        if i % 50 == 0 and not leg.linked():
            calls += 1
            bench.hang_up()
            bench.dial("600", 30)
        if i % REST == 0:
            forget(bench)
    assert calls > N // 2000 and bench.count("RX_GAP") and bench.count("RX_DUPLICATE")
    bench.hang_up()
    bench.run(61_000)
    bench.dial("600", 1000)
    assert bench.events[-1][1] == "STOP_TONES" and carries_voice(bench)
