"""Frames and elements: what is put is read again, and any octets at all are survived."""

from bench import CoreBench
from corekit import ByHand
from hypothesis import given, settings
from hypothesis import strategies as st

from iax import frame, ie
from peer import wire

number15 = st.integers(0, 0x7FFF)
octet = st.integers(0, 255)
u16 = st.integers(0, 0xFFFF)
element = st.tuples(octet, st.binary(max_size=255))
elements = st.lists(element, max_size=8)


@given(number15, number15, u16, u16, octet, octet, octet, octet, st.integers(0, 5))
def test_a_full_header_reads_as_it_was_put(src, dst, hi, lo, oseq, iseq, ftype, csub, at):
    buf = bytearray(b"\xaa" * 20)
    frame.put_full(buf, at, src, dst, hi, lo)
    frame.put_tail(buf, at, oseq, iseq, ftype, csub)
    read = wire.decode(bytes(buf[at : at + 12]))
    assert (read["src"], read["dst"], read["ts"], read["r"]) == (src, dst, hi << 16 | lo, False)
    assert (read["oseq"], read["iseq"], read["type"], read["csub"]) == (oseq, iseq, ftype, csub)
    assert frame.ts30(buf, at) == (hi << 16 | lo) & 0x3FFFFFFF
    assert buf[:at] == b"\xaa" * at and buf[at + 12 :] == b"\xaa" * (8 - at)


@given(st.integers(1, 0x7FFF), u16, st.binary(max_size=40))
def test_a_mini_header_reads_as_it_was_put(src, ts16, payload):
    buf = bytearray(4) + payload
    frame.put_mini(buf, 0, src, ts16)
    read = wire.decode(bytes(buf))
    assert (read["kind"], read["src"], read["ts16"], read["payload"]) == ("mini", src, ts16, payload)
    assert frame.classify(buf, len(buf)) == 2


@given(st.binary(max_size=64))
def test_every_datagram_is_of_the_kind_the_other_reader_sees(octets):
    kinds = {"runt": 0, "full": 1, "mini": 2, "meta": 3, "video": 3}
    assert frame.classify(octets, len(octets)) == kinds[wire.decode(octets)["kind"]]


@given(elements)
def test_elements_read_as_they_were_put_and_the_last_wins(pairs):
    buf = bytearray(12 + sum(2 + len(value) for _, value in pairs))
    at = 12
    for which, value in pairs:
        at = ie.put(buf, at, which, value)
    assert at == len(buf) and ie.check(buf, 12, at)
    assert wire.split_ies(bytes(buf[12:])) == pairs
    for which, value in dict(pairs).items():
        found = ie.find(buf, 12, at, which)
        assert buf[found - 1] == len(value) and buf[found : found + len(value)] == value
    absent = next(i for i in range(256) if i not in dict(pairs))
    assert ie.find(buf, 12, at, absent) == 0


@given(st.binary(max_size=80))
def test_a_list_is_whole_for_both_readers_or_for_neither(octets):
    assert ie.check(octets, 0, len(octets)) == (wire.split_ies(octets) is not None)


@given(octet, st.sampled_from((1, 2, 4)), st.integers(0, (1 << 30) - 1))
def test_a_number_is_read_by_its_size_alone(which, size, value):
    value &= (1 << 8 * size) - 1
    buf = bytearray(20)
    end = ie.put_uint(buf, 12, which, size, value)
    assert bytes(buf[12:end]) == bytes((which, size)) + value.to_bytes(size, "big")
    assert ie.uint(buf, 14, size) == value & 0xFFFF
    for other in (1, 2, 4, 9):
        assert other == size or ie.uint(buf, 14, other) == -1


@given(octet)
def test_a_media_subclass_is_one_bit_or_none(csub):
    bit = frame.format_bit(csub)
    value = wire.unpack_subclass(csub) if csub != 0xFF else 1 << 63
    assert (bit == -1) == (value == 0 or value & (value - 1) != 0)
    assert bit == -1 or 1 << bit == value


def live_bench(state):
    """Return a server by hand, its call to the box waiting, linked, or ringing."""
    hand = ByHand(CoreBench())
    if state == "waiting":
        hand.bench.dial("600")
    elif state == "linked":
        hand.accept()
    elif state == "ringing":
        hand.offer()
    elif state == "registering":
        hand.bench.registrar.start(hand.bench.account, hand.bench.now)
        hand.bench.drain()
    return hand


ours = st.tuples(
    st.sampled_from((0, 1, 5000, 5001)),  # source number
    st.sampled_from((0, 1, 2)),  # 0: number 0, 1: the leg's, 2: the registrar's
    st.integers(0, (1 << 32) - 1),
    st.one_of(st.integers(0, 3), octet),
    st.one_of(st.integers(0, 3), octet),
    st.one_of(st.just(6), st.integers(0, 13), octet),
    st.one_of(st.integers(0, 41), octet),
    st.one_of(st.binary(max_size=40), elements.map(lambda pairs: wire.ies(*pairs[:4]))),
)


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(("idle", "waiting", "linked", "ringing", "registering")),
    st.lists(st.one_of(ours, st.binary(max_size=60)), max_size=12),
)
def test_whatever_comes_is_survived_in_every_state(state, datagrams):
    """No exception; and when the server is itself again, so is the box."""
    hand = live_bench(state)
    bench = hand.bench
    for item in datagrams:
        if isinstance(item, bytes):
            bench.feed(item)
        else:
            src, which, ts, oseq, iseq, ftype, csub, payload = item
            dst = (0, bench.leg.scallno, bench.registrar.scallno)[which]
            bench.feed(wire.full(src, dst, ts, oseq, iseq, ftype, 0)[:11] + bytes((csub,)) + payload)
        bench.run(5)
    bench.hang_up()
    bench.run(12_000)
    bench.peer.come_back()
    bench.dial("600")
    assert bench.run_until("ANSWERED", 3000)
