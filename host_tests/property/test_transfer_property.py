"""A native transfer on any path: whatever is lost, both ends end on the same way, and the voice goes on."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from town import Town

import codes

STEPS = ("TXREQ", "TXCNT", "TXACC", "TXREADY", "TXREL", "TXREJ", "ACK", "VOICE", "PING")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    lost=st.dictionaries(st.tuples(st.sampled_from(STEPS), st.booleans()), st.integers(1, 3), max_size=4),
    delay_ms=st.sampled_from([5, 40, 150]),
    again_ms=st.integers(0, 3000),
)
def test_both_ends_come_to_the_same_path_whatever_is_lost(lost, delay_ms, again_ms):
    """`lost`: how many of the first frames of a name, direct or not, are lost. A second try may follow."""
    town = Town(delay_ms=delay_ms)
    middle = town.join()
    left = dict(lost)

    def cut(way):
        key = way.frame["name"], way.direct
        if left.get(key, 0) == 0:
            return False
        left[key] -= 1
        return True

    town.cut = cut
    middle.transfer()
    town.run(again_ms)
    if middle.state == "refused":
        middle.transfer()
    town.run(16000)
    assert [box.leg.state for box in town.boxes] == [codes.CALL_UP] * 2
    peers = [box.leg.peer for box in town.boxes]
    assert peers in ([1, 1], [10, 10]), peers
    assert town.talking(2000)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([1, 10]), st.integers(0, 40), st.booleans(), st.binary(max_size=24)))
)
def test_no_order_of_transfer_frames_breaks_anything(frames):
    """Any IAX frame with any content from the server or from the other end, in any order."""
    from unit.iax.test_transfer import FAR_NUMBER, Party

    from peer import wire

    party = Party()
    party.request()
    bench = party.bench
    for peer, sub, again, payload in frames:
        src = 5000 if peer == 1 else FAR_NUMBER
        oseq = bench.leg.iseq if peer == bench.leg.peer else 0
        bench.feed(wire.full(src, bench.leg.scallno, bench.t_ms, oseq, 0, 6, sub, payload, again), peer)
        bench.run(20)
    assert bench.leg.peer in (1, 10) and party.state <= codes.XFER_OVER
