"""Interop items 29 to 32, 55 and 62: voice, its clocks and their wraps."""

import itertools

import pytest
from bench import CoreBench
from corekit import SPEECH, ByHand, answered, call_up, carries_voice, heard, said, sent, speech, told

import ticks
from peer import numbers as n
from peer import wire

WRAP_32 = 1 << 32


def stamps(bench):
    """Return the time-stamps (modulo 2**30) of the voice heard."""
    return [audio[0] for audio in bench.audio]


def steps(stamps_heard):
    """Return the steps between them, the first one apart: the server rounds its first time-stamp."""
    stamps_heard = stamps_heard[1:]
    return {ticks.diff(b, a) for a, b in itertools.pairwise(stamps_heard)}


def test_q29_minis_run_on_through_their_16_bits():
    """Asterisk sends no full frame where the short time-stamp wraps."""
    bench = CoreBench()
    bench.peer.quirks.ts_start_ms = 64_000
    bench.dial("601", 4000)
    assert len(heard(bench, "VOICE")) == 1
    wire_stamps = [f["ts16"] for f in bench.peer.log if f["name"] == "MINI"]
    assert max(wire_stamps) > 65_000 and min(wire_stamps) < 1000
    assert steps(stamps(bench)) == {20}


def test_q29_one_packet_out_of_order_across_the_wrap():
    """The late one gets the time-stamp it belongs to, not one a minute later."""
    hand = ByHand(CoreBench())
    hand.accept()
    hand.full(n.T_VOICE, n.ULAW, SPEECH, ts=65_460)
    for ts16 in (65_480, 65_500, 4, 65_520, 24, 44):
        hand.mini(ts16)
    assert stamps(hand.bench) == [65_460, 65_480, 65_500, 65_540, 65_520, 65_560, 65_580]


def test_q29_a_control_frame_carries_the_high_bits_over_a_long_silence():
    """No voice for three minutes, only PING and LAGRQ: the next mini is placed right."""
    hand = ByHand(CoreBench())
    hand.accept()
    hand.full(n.T_VOICE, n.ULAW, SPEECH, ts=1000)
    for ts in range(20_000, 200_001, 20_000):
        hand.iax("LAGRQ", ts=ts)
    hand.mini(200_020 & 0xFFFF)
    assert stamps(hand.bench) == [1000, 200_020]


def test_q29_frames_with_our_own_clock_do_not_move_theirs():
    """ACK, PONG and LAGRP copy our time-stamp, which says nothing of the sender's."""
    hand = ByHand(CoreBench())
    hand.accept()
    hand.full(n.T_VOICE, n.ULAW, SPEECH, ts=150_000)
    for name in ("ACK", "PONG", "LAGRP"):
        hand.iax(name, ts=40)
    hand.mini(150_020 & 0xFFFF)
    assert stamps(hand.bench) == [150_000, 150_020]


def soak(ms, **options):
    """Return a bench after a call of `ms`, with the box's voice time-stamps checked on the way."""
    bench = call_up("600", log_minis=False, keep_voice=False, **options)
    high, last, wrong = 0, None, []
    while bench.t_ms < ms:
        bench.run(10_000)
        frames = sent(bench)
        bench.audio.clear()
        bench.sent.clear()
        for f in frames:
            if f["name"] == "VOICE":
                stamp = f["ts"]
            elif f["kind"] == "mini":
                stamp = last - (last & 0xFFFF) + f["ts16"]
                stamp += 0x10000 if stamp < last - 0x8000 else 0
            else:
                continue
            if last is not None and (stamp - last != 20 or (f["name"] != "VOICE" and stamp >> 15 != high)):
                wrong.append((bench.t_ms, last, stamp, f["name"]))
            last, high = stamp, stamp >> 15
    return bench, wrong


def test_q30_ten_minutes_step_by_twenty_with_a_full_frame_each_32768_ms():
    """The time-stamp of our voice rises sample for sample; the high bits are told in time."""
    bench, wrong = soak(600_000)
    assert wrong == []
    full = [f["ts"] for f in said(bench, "VOICE")]
    assert [ts >> 15 for ts in full] == list(range(len(full))) and len(full) == 600_000 // 32_768 + 1
    assert all(ts & 0x7FFF < 40 for ts in full[1:])


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_q30_three_hours():
    """The same for three hours, registration renewed all the while, nothing lost and nothing resent."""
    bench, wrong = soak(3 * 3600_000)
    assert wrong == [] and not bench.saw("HANGUP")
    assert bench.count("TX_RETRANSMIT") == 0 and bench.count("RX_GAP") == 0
    assert len(told(bench, "REGISTERED")) >= 200
    assert len(said(bench, "VOICE")) == 3 * 3600_000 // 32_768 + 1


@pytest.mark.parametrize("ppm", [1000, -1000])
def test_q30_a_converter_with_another_crystal_is_followed(ppm):
    """Time-stamps rise by 20 for each frame although the box's ms are longer or shorter than its samples."""
    bench = call_up("607")
    wrong, last = [], None
    frame_us, due_us, at_us = 20_000 + ppm * 20_000 // 1_000_000, 0, 0
    bench.speak = None
    for _ in range(4 * 600_000 // 20):
        at_us += 5000
        bench.run(5)
        while due_us <= at_us:
            due_us += frame_us * 4
            for _ in range(4):
                bench.endpoint.slot.payload[:] = SPEECH
                assert bench.leg.send_voice(bench.now)
                bench.drain()
    for f in sent(bench):
        if f["kind"] == "mini" or f["name"] == "VOICE":
            stamp = (f["ts"] if f["name"] == "VOICE" else f["ts16"]) & 0xFFFF
            if last is not None and (stamp - last) & 0xFFFF != 20:
                wrong.append((f["t"], last, stamp))
            last = stamp
    assert wrong == []


def test_q31_minis_without_a_full_frame_draw_few_vnaks_and_play_later():
    """Nobody knows their codec yet; the first full frame tells it."""
    bench = CoreBench()
    bench.peer.quirks.minis_first = 100
    bench.dial("601", 2000)
    assert 5 <= len(said(bench, "VNAK")) <= 25
    assert bench.audio == [] or bench.audio[0][0] >= 1900
    bench.run(1000)
    assert len(bench.audio) >= 45 and not bench.saw("HANGUP")
    assert bench.count("RX_MINI_EARLY") == 100


@pytest.mark.parametrize("age", [None, 3])
def test_q32_a_storm_of_vnaks_does_not_make_one_of_resends(age):
    """Fifty in a second, for what is next or for what was long acknowledged."""
    bench = call_up("600")
    call = bench.peer.current_call()
    call.vnak_storm(50, 4000, None if age is None else (call.iseq - age) & 255)
    before, full = bench.count("TX_RETRANSMIT"), len(said(bench, "VOICE"))
    bench.run(4000)
    assert bench.count("TX_RETRANSMIT") - before <= 4 * 15
    assert 1 <= len(said(bench, "VOICE")) - full <= 5
    assert carries_voice(bench) and bench.count("VNAK_HELD") > 100


def test_q32_a_lost_first_voice_frame_is_sent_again_when_asked_for():
    """Minis arrive before it; the server's VNAK brings it back at once."""
    bench = CoreBench()
    bench.peer.faults.lose("VOICE", way="in", times=1)
    bench.speak = speech
    bench.dial("600", 300)
    call = bench.peer.current_call()
    assert 1 <= call.early_minis <= 3 and call.rx_codec == n.ULAW
    assert call.rx_packets >= 10


@pytest.mark.parametrize("stamped", [True, False])
def test_q55_trunk_frames_are_ignored_and_break_nothing(stamped):
    """This box asks for no trunk; one that comes all the same is dropped whole."""
    bench = call_up("601")
    call = bench.peer.current_call()
    for i in range(50):
        call.send_trunk([SPEECH, SPEECH], stamped)
        bench.feed(
            wire.trunk(i, [(3333, i, b"?" * 7), (call.number, i, SPEECH), (call.number, i, b"")], stamped)
        )
        bench.feed(wire.video_mini(call.number, i, SPEECH))
        bench.run(20)
    assert SPEECH not in [audio[2] for audio in bench.audio]
    assert bench.count("RX_UNSUPPORTED") == 150
    assert carries_voice(bench)


@pytest.mark.parametrize("start", [(1 << 30) - 3000, (1 << 29) - 3000])
def test_q62_the_ticks_of_the_box_wrap_in_a_call(start):
    """Registration, voice, resends and the dead man's timer across the end of 30 and of 29 bits."""
    bench = call_up("600", start=start)
    bench.run(1000)
    bench.peer.faults.lose("DTMF_END", way="in", times=2)
    bench.leg.send_dtmf(ord("5"), False, bench.now)
    bench.run(4000)
    assert (bench.now < start and start > 1 << 29) or bench.now > 1 << 29
    assert bench.peer.current_call().digits() == "5"
    assert carries_voice(bench, 60_000)
    assert len(told(bench, "REGISTERED")) >= 2
    full = [f["ts"] for f in said(bench, "VOICE")]
    assert full == sorted(full) and full[-1] < 100_000
    bench.peer.vanish()
    assert bench.run_until("HANGUP", 35_000)


def test_q62_the_servers_time_stamps_wrap_at_32_bits():
    """A server whose clock stood high when the call began."""
    bench = CoreBench()
    bench.peer.quirks.ts_start_ms = WRAP_32 - 5000
    bench.speak = speech
    bench.dial("601", 20_000)
    stamps_sent = [f["ts"] for f in heard(bench, dst=bench.leg.scallno)]
    assert max(stamps_sent) > WRAP_32 - 5000 and min(stamps_sent) < 20_000
    assert steps(stamps(bench)) == {20}
    assert not bench.saw("HANGUP") and len(bench.audio) >= 950


def test_q62_our_own_time_stamps_wrap_after_49_days():
    """The call is put to sleep for 2**32 ms less nine seconds: its clock must come out at the right hour."""
    bench = call_up("600")
    call = bench.peer.current_call()
    for eighth in range(1, 17):
        bench.leg.clock(ticks.add(bench.now, (eighth << 28) - (9000 if eighth == 16 else 0) & 0x3FFFFFFF))
    bench.now = ticks.add(bench.now, -9000)
    began = len(said(bench))
    voices = len(bench.sent)
    bench.run(60_000)
    times = [
        f["ts"] for f in said(bench)[began:] if f["dst"] == call.number and f["name"] in ("PING", "VOICE")
    ]
    assert times[0] > WRAP_32 - 9000 and times[-1] < 100_000
    assert all(0 < (b - a) & 0xFFFFFFFF < 40_000 for a, b in itertools.pairwise(times))
    minis = [wire.decode(raw)["ts16"] for _, raw in bench.sent[voices:] if not raw[0] & 0x80]
    assert all((b - a) & 0xFFFF in (20, 40) for a, b in itertools.pairwise(minis))
    assert not bench.saw("HANGUP") and carries_voice(bench)


def test_q62_guards_against_storms_do_not_stay_shut_after_a_week():
    """Ticks further apart than half their range look like the future; they must not close a guard."""
    bench = call_up("600")
    bench.run(50)
    for week in range(1, 9):
        bench.leg.clock(ticks.add(bench.now, week << 27))
    bench.now = ticks.add(bench.now, (1 << 29) + 5000)
    number = bench.peer.current_call().number
    bench.feed(wire.iax(number, bench.leg.scallno, 0, 99, 0, "LAGRQ"))
    assert sent(bench)[-1]["name"] == "VNAK"
    bench.feed(wire.iax(number, 4242, 0, 99, 0, "LAGRQ"))
    assert sent(bench)[-1]["name"] == "INVAL"


def test_q29_a_jump_of_the_servers_clock_is_passed_on_as_it_is():
    """Media decides what to do about a jump; the box's report to the server stays sane."""
    bench, call = answered()
    call.jump_ts(3_000_000)
    bench.run(200)
    for jump in (1 << 29, 1 << 29, 1 << 29, 1 << 30, 1 << 31):
        call.jump_ts(jump)
        bench.run(100)
    call.iax("PING")
    bench.run(50)
    pong = said(bench, "PONG", src=call.their)[-1]
    assert pong["ie"]["RR_JITTER"] < 1000 and 0 <= len(bench.audio) - pong["ie"]["RR_PKTS"] <= 4
    assert call.state == "up"
