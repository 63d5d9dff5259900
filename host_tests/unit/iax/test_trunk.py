"""Trunk frames: every entry to its call, on the clock of its call, whatever stands beside it."""

import struct

import pytest
from bench import CoreBench
from corekit import SPEECH, ByHand

import codes
from iax.call import Call
from iax.opener import Account
from iax.trunk import Trunk
from iax.window import Window
from peer import numbers as n
from peer import wire

BARE, STAMPED = False, True
layouts = pytest.mark.parametrize("stamped", [BARE, STAMPED])


def hear(bench, datagram, peer=1):
    """Feed one datagram; return (leg, time-stamp, octets) of all voice in it."""
    endpoint, voice = bench.endpoint, []
    found = endpoint.feed_datagram(datagram, peer, bench.now)
    while found == codes.RX_AUDIO:
        at, size = endpoint.rx_at, endpoint.rx_n
        voice.append((endpoint.rx_leg.index, endpoint.rx_ts, bytes(endpoint.rx_buf[at : at + size])))
        found = endpoint.feed_again(bench.now)
    assert endpoint.feed_again(bench.now) == codes.RX_NOTHING
    bench.drain()
    return voice


def talking(start=1000, ts=40):
    """Return a server by hand, call 5000, whose first full VOICE frame said time-stamp `ts`."""
    hand = ByHand(CoreBench(start=start))
    bench = hand.bench
    bench.account.trunk = True
    bench.endpoint.parts.append(Trunk(bench.endpoint))
    hand.accept()
    hand.full(n.T_VOICE, n.ULAW, SPEECH, ts=ts)
    bench.run(20)
    return hand, bench


def two_calls():
    """Return a bench with call 5000 on leg 0 and call 5001 on leg 1, both told their codec."""
    _, bench = talking()
    bench.endpoint.add_leg(Call(bench.endpoint, Window(bytearray(640), 12), 1))
    second = ByHand(bench, src=5001)
    assert bench.endpoint.dial(bench.account, b"601", bench.now) == 1
    bench.drain()
    dst = bench.endpoint.legs[1].scallno
    second.iax("ACCEPT", wire.ie("FORMAT", n.ULAW), dst=dst)
    second.full(n.T_VOICE, n.ULAW, SPEECH, dst=dst, ts=7000)
    bench.run(20)
    return bench


@layouts
def test_two_calls_in_one_datagram_are_both_heard(stamped):
    bench = two_calls()
    frame = wire.trunk(9000, [(5000, 80, b"a" * 160), (5001, 7020, b"b" * 160)], stamped)
    voice = hear(bench, frame)
    assert [(leg, octets) for leg, _, octets in voice] == [(0, b"a" * 160), (1, b"b" * 160)]
    assert [ts for _, ts, _ in voice] == [80 if stamped else 60, 7020]
    assert bench.count("RX_META") == 1 and bench.count("RX_UNKNOWN_CALL") == 0


@layouts
@pytest.mark.parametrize("strangers", [[(3333, 1, b"?" * 7)], [(3333, 1, b"\x80" * 300), (2, 5, b"")]])
def test_an_unknown_call_is_stepped_over_by_its_length(stamped, strangers):
    _, bench = talking()
    frame = wire.trunk(1, [*strangers, (5000, 60, SPEECH), *strangers], stamped)
    assert [octets for _, _, octets in hear(bench, frame)] == [SPEECH]
    assert bench.count("RX_UNKNOWN_CALL") == 2 and bench.count("RX_BAD") == 0


@layouts
def test_what_an_unknown_call_says_is_not_read_as_an_entry(stamped):
    _, bench = talking()
    inner = wire.trunk(1, [(5000, 60, b"!" * 20)], stamped)[8:]
    assert hear(bench, wire.trunk(1, [(3333, 1, inner), (3334, 1, b"x" + inner)], stamped)) == []


@layouts
def test_an_entry_cut_short_ends_the_walk_and_is_counted(stamped):
    hand, bench = talking()
    whole = wire.trunk(1, [(5000, 60, b"a" * 160), (5000, 80, b"b" * 160)], stamped)
    header = 6 if stamped else 4
    for cut in range(1, 160 + header):
        before = bench.count("RX_BAD")
        voice = hear(bench, whole[:-cut])
        assert [octets for _, _, octets in voice] == [b"a" * 160], cut
        assert bench.count("RX_BAD") == before + 1
    assert (
        hear(bench, whole[: 8 + header + 160])[0][2] == b"a" * 160 and bench.count("RX_BAD") == 159 + header
    )
    assert bench.leg.linked() and hand.last()["name"] == "ACK"


@layouts
def test_a_length_that_reaches_beyond_the_datagram_is_not_believed(stamped):
    _, bench = talking()
    frame = bytearray(wire.trunk(1, [(5000, 60, SPEECH)], stamped))
    at = 8 if stamped else 10
    frame[at : at + 2] = b"\xff\xff"
    assert hear(bench, bytes(frame)) == [] and bench.count("RX_BAD") == 1


@layouts
def test_an_entry_without_voice_is_nothing(stamped):
    _, bench = talking()
    frame = wire.trunk(1, [(5000, 60, b""), (5000, 60, SPEECH), (5000, 80, b"")], stamped)
    assert [octets for _, _, octets in hear(bench, frame)] == [SPEECH]


@layouts
def test_the_bit_above_the_call_number_means_nothing(stamped):
    _, bench = talking()
    assert hear(bench, wire.trunk(1, [(0x8000 | 5000, 60, SPEECH)], stamped))[0][2] == SPEECH


def test_a_stamped_entry_keeps_its_own_time_stamp_across_the_16_bit_wrap():
    _, bench = talking(ts=65_500)
    stamps = [hear(bench, wire.trunk(1, [(5000, ts, SPEECH)]))[0][1] for ts in (65_520, 4, 65_530, 24)]
    assert stamps == [65_520, 65_540, 65_530, 65_560]


def every_20_ms(bench, trunk_ts, times, size=160):
    """Feed one bare entry each 20 ms of line and trunk time; return their time-stamps."""
    stamps = []
    for i in range(times):
        stamps += [
            ts for _, ts, _ in hear(bench, wire.trunk(trunk_ts + 20 * i, [(5000, 0, b"v" * size)], BARE))
        ]
        bench.run(20)
    return stamps


@pytest.mark.parametrize("trunk_ts", [0, 20, 5_000_000, 0xFFFF_FFA0])
def test_bare_entries_go_on_where_the_full_frame_left_off(trunk_ts):
    _, bench = talking(ts=40)
    assert every_20_ms(bench, trunk_ts, 50) == list(range(60, 60 + 50 * 20, 20))


@pytest.mark.parametrize("start", [(1 << 30) - 200, (1 << 29) - 200, 0])
def test_the_ticks_of_the_box_may_wrap_meanwhile(start):
    _, bench = talking(start=start, ts=65_000)
    assert every_20_ms(bench, 77, 50) == list(range(65_020, 66_020, 20))


def test_silence_between_the_full_frame_and_the_trunk_is_silence_for_the_call_too():
    _, bench = talking(ts=40)
    bench.run(2000)
    assert every_20_ms(bench, 0, 3) == [2060, 2080, 2100]


def test_two_bare_entries_of_one_call_follow_one_another():
    _, bench = talking(ts=40)
    entries = [(5000, 0, b"a" * 160), (3333, 0, b"?"), (5000, 0, b"b" * 80), (5000, 0, b"c" * 160)]
    voice = hear(bench, wire.trunk(0, entries, BARE))
    assert [(ts, octets[:1]) for _, ts, octets in voice] == [(60, b"a"), (80, b"b"), (90, b"c")]


def test_a_trunk_clock_that_starts_again_does_not_throw_the_calls_clock_back():
    _, bench = talking(ts=40)
    first = every_20_ms(bench, 100_000, 50)
    bench.run(6000)
    second = every_20_ms(bench, 0, 50)
    assert first[-1] == 1040 and second == list(range(7060, 7060 + 50 * 20, 20))


def test_entries_that_come_in_lumps_keep_the_trunks_spacing():
    _, bench = talking(ts=40)
    every_20_ms(bench, 0, 10)
    bench.run(60)
    stamps = [hear(bench, wire.trunk(200 + 20 * i, [(5000, 0, SPEECH)], BARE))[0][1] for i in range(4)]
    assert stamps == [260, 280, 300, 320]


def test_the_next_call_is_mapped_anew():
    hand, bench = talking(ts=40)
    every_20_ms(bench, 0, 10)
    hand.iax("HANGUP")
    again = ByHand(bench, src=5002)
    again.accept()
    again.full(n.T_VOICE, n.ULAW, SPEECH, ts=500)
    bench.run(20)
    voice = hear(bench, wire.trunk(400, [(5002, 0, SPEECH)], BARE))
    assert [ts for _, ts, _ in voice] == [520]


@layouts
def test_before_any_full_voice_frame_the_codec_is_asked_for(stamped):
    hand = ByHand(CoreBench())
    bench = hand.bench
    bench.account.trunk = True
    bench.endpoint.parts.append(Trunk(bench.endpoint))
    hand.accept()
    assert hear(bench, wire.trunk(1, [(5000, 60, SPEECH)] * 3, stamped)) == []
    assert hand.last()["name"] == "VNAK" and bench.count("RX_MINI_EARLY") == 3


def test_a_trunk_of_somebody_else_is_not_heard():
    _, bench = talking()
    frame = wire.trunk(1, [(5000, 60, SPEECH)])
    assert hear(bench, frame, peer=3) == [] and hear(bench, frame, peer=0) == []
    assert bench.count("RX_META") == 0


def test_two_accounts_at_one_server_each_say_for_themselves_whether_they_trunk():
    """What comes from there comes from the first one's peer, whichever account it is for."""
    bench = two_calls()
    endpoint, second = bench.endpoint, Account(1, 3, b"ata2", b"pw2")
    endpoint.accounts.append(second)
    endpoint.same[3] = 1
    bench.account.trunk, second.trunk = False, True
    endpoint.legs[1].account = second
    frame = wire.trunk(1, [(5000, 60, SPEECH), (5001, 7020, SPEECH)], STAMPED)
    assert hear(bench, frame) == [(1, 7020, SPEECH)]


def test_an_account_without_trunk_hears_none():
    _, bench = talking()
    bench.account.trunk = False
    assert hear(bench, wire.trunk(1, [(5000, 60, SPEECH)])) == [] and bench.count("RX_UNSUPPORTED") == 1


def test_an_encrypted_call_does_not_hear_what_came_in_clear():
    _, bench = talking()
    bench.leg.cipher = object()
    assert hear(bench, wire.trunk(1, [(5000, 60, SPEECH)])) == [] and bench.count("RX_CIPHER") == 1


@pytest.mark.parametrize("frame", [wire.video_mini(5000, 1, SPEECH), struct.pack(">HH", 0, 0x8000)])
def test_meta_video_is_dropped_and_counted(frame):
    _, bench = talking()
    assert hear(bench, frame) == [] and bench.count("RX_FOREIGN") == 1


@pytest.mark.parametrize(
    "frame", [b"\0\0\0\0", b"\0\0\2\1" + bytes(20), b"\0\0\1\1\0\0\0", b"\0\0\x7f\xff" + bytes(40)]
)
def test_other_meta_frames_are_left_to_the_core(frame):
    _, bench = talking()
    assert hear(bench, frame) == [] and bench.count("RX_UNSUPPORTED") == 1 and bench.count("RX_META") == 0


@layouts
def test_an_empty_trunk_is_none(stamped):
    _, bench = talking()
    assert hear(bench, wire.trunk(1, [], stamped)) == [] and bench.count("RX_META") == 1


@layouts
def test_voice_longer_than_any_frame_is_refused(stamped):
    _, bench = talking()
    frame = wire.trunk(1, [(5000, 60, b"v" * 1001), (5000, 80, SPEECH)], stamped)
    assert [octets for _, _, octets in hear(bench, frame)] == [SPEECH]
