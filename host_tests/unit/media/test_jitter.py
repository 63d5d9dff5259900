"""The jitter buffer: what plays when, told by frames that carry their own number."""

from itertools import pairwise

import pytest

from media.jitter import Jitter
from stats import Stats

LATE, LOST, DUPLICATE, RESYNC = 21, 22, 23, 24
WRAP = 1 << 30


class Line:
    """A buffer with a sender's frames: frame k is 160 octets of k modulo 251, spoken at `first_ts` + 20 k."""

    def __init__(self, depth_ms=40, first_ts=0):
        self.stats = Stats()
        self.buffer = Jitter(bytearray(1280), depth_ms, self.stats)
        self.first_ts = first_ts

    def send(self, k, frames=1, shift_ms=0):
        octets = b"".join(bytes([(k + i) % 251]) * 160 for i in range(frames))
        ts30 = (self.first_ts + 20 * k + shift_ms) % WRAP
        return self.buffer.put(ts30, b"head" + octets, 4, len(octets), 0)

    def hear(self, ticks=1):
        """Return what plays in the next ticks: a number, (first half, second half), or None."""
        heard = []
        for _ in range(ticks):
            at = self.buffer.get()
            octets = self.buffer.store[at : at + 160] if at >= 0 else b""
            if not octets:
                heard.append(None)
            elif len(set(octets)) == 1:
                heard.append(octets[0])
            else:
                heard.append((octets[0], octets[-1]))
        return heard

    def count(self, index):
        return self.stats.counts[index]

    def steady(self, frames, start=0):
        """Send and hear `frames` turns; return what was heard."""
        heard = []
        for k in range(start, start + frames):
            self.send(k)
            heard += self.hear()
        return heard


@pytest.mark.parametrize("depth_ms, turns", [(20, 1), (40, 2), (60, 3), (100, 5)])
def test_the_first_frame_plays_after_the_depth(depth_ms, turns):
    line = Line(depth_ms)
    assert line.steady(10) == [None] * turns + list(range(10 - turns))
    assert not any(line.stats.counts)


@pytest.mark.parametrize("first_ts", [0, 3, 12345, WRAP - 1, WRAP - 47, WRAP - 20, WRAP // 2 - 30])
def test_any_first_time_stamp_will_do_and_the_wrap_of_2_to_the_30_is_not_heard(first_ts):
    line = Line(first_ts=first_ts)
    assert line.steady(50) == [None, None, *range(48)]
    assert not any(line.stats.counts)


def test_frames_out_of_order_play_in_order():
    line = Line()
    assert line.steady(4) == [None, None, 0, 1]
    line.send(5)
    line.send(4)
    assert line.hear(4) == [2, 3, 4, 5]


def test_a_frame_that_came_twice_plays_once_and_is_counted():
    line = Line()
    line.steady(4)
    assert line.send(4) and not line.send(4)
    assert line.hear(4) == [2, 3, 4, None]
    assert line.count(DUPLICATE) == 1


def test_a_late_frame_is_left_out_and_counted():
    line = Line()
    for k in range(8):
        if k != 5:
            line.send(k)
        line.hear()
    assert not line.send(5)
    assert line.hear(2) == [6, 7]
    assert line.count(LATE) == 1 and line.count(LOST) == 1


def test_a_lost_frame_leaves_its_turn_empty():
    line = Line()
    heard = []
    for k in range(20):
        if k not in (7, 8, 15):
            line.send(k)
        heard += line.hear()
    assert heard == [None, None, 0, 1, 2, 3, 4, 5, 6, None, None, 9, 10, 11, 12, 13, 14, None, 16, 17]
    assert line.count(LOST) == 3


def test_packets_of_60_ms_are_cut_into_frames():
    line = Line()
    heard = []
    for k in range(0, 30, 3):
        line.send(k, frames=3)
        heard += line.hear(3)
    assert heard == [None, None, *range(28)]


def test_packets_of_10_and_of_30_ms_play_whole():
    for n in (1, 3):
        stats = Stats()
        buffer = Jitter(bytearray(1280), 40, stats)
        out = []
        sent = 0
        for tick in range(60):
            while sent * 10 <= tick * 20:
                buffer.put(sent * 10, b"".join(bytes([sent + i]) * 80 for i in range(n)), 0, 80 * n, 0)
                sent += n
            at = buffer.get()
            if at >= 0:
                out += [buffer.store[at], buffer.store[at + 80]]
        assert out == list(range(len(out))) and len(out) >= 114
        assert not any(stats.counts)


def test_half_a_frame_is_played_twice():
    line = Line()
    line.steady(4)
    line.buffer.put(80, b"\x55" * 80, 0, 80, 0)
    assert line.hear(3) == [2, 3, 0x55]


def test_an_odd_rest_and_an_empty_packet_are_left_out():
    line = Line()
    assert not line.buffer.put(0, b"", 0, 0, 0) and not line.buffer.put(0, b"\x55" * 79, 0, 79, 0)
    assert line.hear(5) == [None] * 5
    assert line.buffer.put(0, b"\x55" * 250, 0, 250, 0)
    assert line.hear(4) == [None, None, 0x55, 0x55]


def test_after_a_silence_the_talk_spurt_starts_with_the_full_depth_again():
    line = Line()
    line.steady(10)
    assert line.hear(20) == [8, 9, *[None] * 18]
    assert line.steady(10, start=37) == [None, None, *range(37, 45)]
    assert line.count(LOST) == 0 and line.count(RESYNC) == 0


def test_a_jump_of_more_than_5_s_is_followed_at_once():
    for jump in (6_000, -6_000, 100_000_000, -100_000_000):
        line = Line(first_ts=200_000_000)
        line.steady(10)
        line.first_ts += jump
        assert line.steady(10, start=10) == [None, None, *range(10, 18)]
        assert line.count(RESYNC) == 1


def test_a_jump_ahead_beyond_the_ring_is_followed_at_once():
    line = Line()
    line.steady(10)
    line.first_ts += 400
    assert line.steady(10, start=10) == [None, None, *range(10, 18)]


def test_a_sender_that_falls_back_by_a_second_is_believed_after_100_ms():
    line = Line(first_ts=100_000)
    line.steady(10)
    line.first_ts -= 1000
    heard = line.steady(20, start=10)
    assert heard[:2] == [8, 9]
    first = next(k for k, number in enumerate(heard[2:], 2) if number is not None)
    assert first <= 10 and heard[first:] == list(range(heard[first], heard[first] + 20 - first))


def test_one_stray_time_stamp_costs_less_than_200_ms():
    line = Line(first_ts=100_000)
    line.steady(10)
    line.send(10, shift_ms=3000)
    heard = line.steady(40, start=10)
    assert heard[12:] == list(range(heard[12], heard[12] + 28))


def test_a_burst_after_a_stall_of_the_network_does_not_confuse_the_buffer():
    line = Line()
    line.steady(10)
    heard = line.hear(15)
    for k in range(10, 25):
        line.send(k)
    heard += line.steady(40, start=25)
    played = [number for number in heard if number is not None]
    assert played == sorted(set(played))
    assert heard[-30:] == list(range(heard[-30], heard[-30] + 30))


@pytest.mark.parametrize("ppm", [100, -100, 500, -500])
def test_a_skewed_clock_is_followed_by_single_frames(ppm):
    line = Line()
    sent, heard = 0, []
    for tick in range(60_000):  # 20 min
        while sent * 20 * (1 - ppm / 1e6) <= tick * 20 + 7:
            line.send(sent)
            sent += 1
        heard += line.hear()
    missed = heard[2:].count(None)
    drift = round(abs(ppm) * 1.2 / 20)
    assert line.count(RESYNC) == 0 and line.count(LATE) <= 2 * drift
    skipped = sum((b - a) % 251 - 1 for a, b in pairwise(heard) if None not in (a, b))
    if ppm > 0:
        assert abs(skipped - drift) <= 2 and missed == 0
    else:
        assert abs(missed - drift) <= 2 and skipped == 0


def test_jitter_within_the_depth_costs_nothing_for_ten_minutes():
    import random

    dice = random.Random(4)
    line = Line(depth_ms=40)
    coming, heard, sent = [], [], 0
    for tick in range(30_000):
        while sent <= tick:
            coming.append((sent * 20 + dice.uniform(0, 35), sent))
            sent += 1
        for item in sorted(coming):
            if item[0] <= tick * 20 + 19:
                line.send(item[1])
                coming.remove(item)
        heard += line.hear()
    assert heard[3:].count(None) <= 1 and line.count(LATE) == 0


def test_reset_forgets_everything():
    line = Line()
    line.steady(10)
    line.buffer.reset()
    assert line.hear(5) == [None] * 5
    assert line.steady(5, start=100) == [None, None, 100, 101, 102]


def test_a_store_of_another_size_is_our_mistake():
    with pytest.raises(AssertionError):
        Jitter(bytearray(640), 40, Stats())
