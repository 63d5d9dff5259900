"""The jitter buffer under any schedule of the network: against a plain twin, and never against reason."""

from hypothesis import given, settings
from hypothesis import strategies as st

from media.jitter import Jitter
from ref.jitter import PlainJitter
from stats import Stats

WRAP = 1 << 30
DELAYS = st.lists(st.integers(0, 4), min_size=1, max_size=60)


def voice(k):
    return k.to_bytes(2, "little") * 80


@settings(max_examples=200, deadline=None)
@given(
    first_ts=st.integers(0, WRAP - 1),
    depth_ms=st.sampled_from([20, 40, 60]),
    delays=DELAYS,
    copies=st.lists(st.integers(0, 3), min_size=60, max_size=60),
)
def test_loss_delay_order_and_copies_play_as_in_a_dictionary(first_ts, depth_ms, delays, copies):
    """Frame k leaves in turn k, `copies[k]` times (0 = lost), and comes `delays[k]` turns later."""
    buffer = Jitter(bytearray(1280), depth_ms, Stats())
    plain = PlainJitter(depth_ms)
    arrivals = {}
    for k, delay in enumerate(delays):
        arrivals.setdefault(k + delay, []).extend([k] * copies[k])
    silent = 0
    for tick in range(len(delays) + 12):
        for k in reversed(arrivals.get(tick, [])):
            if buffer.put((first_ts + 20 * k) % WRAP, voice(k), 0, 160, 0):
                silent = 0
            plain.put(20 * k, voice(k))
        at = buffer.get()
        wanted = plain.get()
        silent = 0 if wanted or plain.next_ms is None else silent + 1
        if silent > 4:  # a pause, or only late voice: now the buffer may start anew, which the twin cannot
            return
        assert (bytes(buffer.store[at : at + 160]) if at >= 0 else None) == wanted


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, WRAP - 1), st.integers(0, 700), st.integers(0, 3)), min_size=1, max_size=60
    ),
    st.integers(0, WRAP - 1),
    st.integers(0, 400),
)
def test_any_packets_at_all_raise_nothing_and_stay_within_the_store(packets, near, spread):
    stats = Stats()
    buffer = Jitter(bytearray(1280), 40, stats)
    datagram = bytes(range(256)) * 3
    for ts30, n, gets in packets:
        buffer.put((near + ts30 % (spread + 1) * 20) % WRAP if spread else ts30, datagram, 5, n, 0)
        for _ in range(gets):
            at = buffer.get()
            assert at == -1 or (at % 160 == 0 and 0 <= at <= 1120)
    assert len(buffer.store) == 1280 and all(0 <= count < 1 << 30 for count in stats.counts)


@settings(max_examples=100, deadline=None)
@given(DELAYS, st.integers(0, 2))
def test_a_frame_is_never_played_twice_nor_after_a_later_one(delays, extra):
    buffer = Jitter(bytearray(1280), 40, Stats())
    last = -1
    arrivals = {}
    for k, delay in enumerate(delays):
        arrivals.setdefault(k + delay + extra * (k // 9), []).append(k)
    for tick in range(len(delays) + 30):
        for k in arrivals.get(tick, []):
            buffer.put(20 * k, voice(k), 0, 160, 0)
        at = buffer.get()
        if at >= 0:
            k = int.from_bytes(buffer.store[at : at + 2], "little")
            assert k > last
            last = k
