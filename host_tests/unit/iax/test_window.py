"""The ring of unacknowledged frames: order, place, time."""

import pytest

from iax.window import Window

LAST_TICK = (1 << 30) - 1


def window(n_frames=4, size=100):
    return Window(bytearray(size), n_frames)


def put(ring, text, now=0):
    """Queue a frame of 12 octets and `text`; False if there is no room."""
    n = 12 + len(text)
    at = ring.reserve(n)
    if at < 0:
        return False
    ring.buf[at : at + n] = bytes(12) + text
    ring.commit(at, n, now)
    return True


def due(ring, now, iseq=0, rtt_ms=0):
    """Return the texts of all frames sent at `now`."""
    texts = []
    while (n := ring.take(now, iseq, rtt_ms)) > 0:
        texts.append(bytes(ring.buf[ring.at + 12 : ring.at + n]))
    return texts if n == 0 else n


def schedule(rtt_ms, start=0):
    """Return the ms of each send of one frame that nobody acknowledges, and of the end."""
    ring = window()
    put(ring, b"a", start)
    times = []
    for ms in range(0, 60_000, 5):
        sent = due(ring, start + ms & LAST_TICK, 0, rtt_ms)
        if sent == -1:
            return times, ms
        times += [ms] * len(sent)
    return times, -1


def test_window_sends_the_oldest_frame_first():
    ring = window()
    for text in (b"a", b"b", b"c"):
        assert put(ring, text)
    assert due(ring, 0) == [b"a", b"b", b"c"]
    assert due(ring, 499) == [] and due(ring, 500) == [b"a", b"b", b"c"]


def test_window_numbers_frames_in_order_and_wraps():
    ring = window()
    for i in range(600):
        assert ring.oseq == i & 255
        assert put(ring, b"x")
        ring.ack(ring.oseq)


def test_an_acknowledgement_frees_all_older_frames():
    ring = window()
    for text in (b"a", b"b", b"c"):
        put(ring, text)
    ring.ack(2)
    assert ring.count == 1 and due(ring, 0) == [b"c"]


@pytest.mark.parametrize("iseq", [0, 4, 100, 200, 255])
def test_an_acknowledgement_outside_the_window_frees_nothing(iseq):
    ring = window()
    for text in (b"a", b"b", b"c"):
        put(ring, text)
    ring.ack(iseq)
    assert ring.count == 3


def test_window_is_full_by_frames_and_by_octets():
    by_frames = window(2, 200)
    assert put(by_frames, b"") and put(by_frames, b"") and not put(by_frames, b"")
    by_octets = window(9, 60)
    assert put(by_octets, bytes(30)) and not put(by_octets, bytes(30)) and put(by_octets, b"123456")
    assert not put(window(1, 20), bytes(9))


def test_octets_are_used_again_around_the_end_of_the_buffer():
    ring = window(4, 60)
    for i in range(50):
        text = bytes((i,)) * 8
        assert put(ring, text, i) and put(ring, text + b"!", i)
        assert due(ring, i) == [text, text + b"!"]
        ring.ack(ring.oseq)


def test_a_frame_never_overlaps_one_that_waits():
    ring = window(8, 64)
    put(ring, b"aaaaaaaa")
    put(ring, b"bbbbbbbb")
    ring.ack(1)
    assert put(ring, b"cccccccc")
    assert due(ring, 0) == [b"bbbbbbbb", b"cccccccc"]
    assert not put(ring, b"dddddddddddddddd")


@pytest.mark.parametrize("start", [0, LAST_TICK - 2000, (1 << 29) - 2000])
def test_the_wait_doubles_from_half_a_second_to_ten(start):
    assert schedule(0, start) == ([0, 500, 1500, 3500, 7500, 15_500, 25_500], 30_000)


def test_the_first_wait_is_twice_a_long_round_trip():
    assert schedule(600) == ([0, 1200, 3600, 8400, 18_000, 28_000], 30_000)
    assert schedule(2000)[0][:3] == [0, 4000, 12_000]
    assert schedule(250) == schedule(0)


def test_a_resend_has_the_r_bit_and_a_fresh_iseqno():
    ring = window()
    put(ring, b"a")
    assert ring.take(0, 3, 0) == 13
    assert not ring.resent() and ring.buf[ring.at + 9] == 3 and ring.buf[ring.at + 2] == 0
    assert ring.take(500, 9, 0) == 13
    assert ring.resent() and ring.buf[ring.at + 9] == 9 and ring.buf[ring.at + 2] == 0x80


def test_a_vnak_brings_back_what_is_missing_at_once():
    ring = window()
    for text in (b"a", b"b", b"c"):
        put(ring, text)
    due(ring, 0)
    assert ring.rewind(1, 50)
    assert due(ring, 50) == [b"b", b"c"]
    assert due(ring, 500) == [b"a"]


def test_a_vnak_for_what_is_acknowledged_or_not_yet_sent_finds_nothing():
    ring = window()
    put(ring, b"a")
    assert not ring.rewind(0, 0)
    due(ring, 0)
    ring.ack(1)
    assert not ring.rewind(0, 10) and not ring.rewind(1, 10)


def test_vnaks_do_not_put_off_the_end():
    ring = window()
    put(ring, b"a")
    for now in range(0, 29_000, 100):
        due(ring, now)
        ring.rewind(0, now)
    assert due(ring, 30_000) == -1


def test_next_due_tells_the_soonest_frame():
    ring = window()
    assert ring.next_due(0) == -1
    put(ring, b"a", 10)
    assert ring.next_due(10) == 0
    due(ring, 10)
    put(ring, b"b", 200)
    due(ring, 200)
    assert ring.next_due(210) == 300 and ring.next_due(9999) == 0


def test_clear_begins_a_new_dialog():
    ring = window()
    put(ring, b"a")
    ring.clear()
    assert (ring.oseq, ring.count, ring.next_due(0)) == (0, 0, -1)
