"""Trunk frames and texts made of anything: what is there is heard, nothing else is, and nothing breaks."""

import itertools
import struct

from bench import CoreBench
from corekit import SPEECH, ByHand
from hypothesis import given, settings
from hypothesis import strategies as st

import codes
from iax.notes import Notes
from iax.trunk import Trunk
from peer import numbers as n
from peer import wire

OURS = 5000
number = st.one_of(st.just(OURS), st.integers(2, 0x7FFF))
entry = st.tuples(
    number, st.integers(0, 0xFFFF), st.one_of(st.just(b""), st.just(SPEECH), st.binary(max_size=40))
)
u32 = st.integers(0, 0xFFFFFFFF)


def linked(part):
    """Return a bench with a call linked that has heard one full VOICE frame, and the part of that class."""
    hand = ByHand(CoreBench(), src=OURS)
    made = part(hand.bench.endpoint)
    hand.bench.endpoint.parts.append(made)
    hand.bench.account.trunk = True
    hand.accept()
    hand.full(n.T_VOICE, n.ULAW, SPEECH, ts=40)
    return hand, made


def voice_in(bench, datagram):
    """Return the octets of all voice in one datagram."""
    endpoint, found_voice = bench.endpoint, []
    found = endpoint.feed_datagram(datagram, 1, bench.now)
    while found == codes.RX_AUDIO:
        found_voice.append(bytes(endpoint.rx_buf[endpoint.rx_at : endpoint.rx_at + endpoint.rx_n]))
        found = endpoint.feed_again(bench.now)
    return found_voice


@settings(max_examples=60, deadline=None)
@given(st.lists(entry, max_size=9), st.booleans(), u32, st.integers(0, 60))
def test_every_whole_entry_of_our_call_is_heard_and_no_other(entries, stamped, ts, cut):
    hand, _ = linked(Trunk)
    frame = wire.trunk(ts, entries, stamped)
    if len(frame) > 1500:
        return
    frame = frame[: max(8, len(frame) - cut)]
    wanted, at = [], 8
    for call, _, data in entries:
        at += (6 if stamped else 4) + len(data)
        if at <= len(frame) and call == OURS and data:
            wanted.append(data)
    assert voice_in(hand.bench, frame) == wanted


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(st.binary(max_size=60), st.binary(max_size=60).map(lambda raw: b"\0\0\1\1" + raw)),
        max_size=6,
    )
)
def test_any_meta_frames_are_survived_and_the_call_goes_on(datagrams):
    hand, _ = linked(Trunk)
    for raw in datagrams:
        assert all(0 < len(octets) <= 60 for octets in voice_in(hand.bench, b"\0\0" + raw))
    assert voice_in(hand.bench, wire.trunk(0, [(OURS, 60, SPEECH)])) == [SPEECH]


@settings(max_examples=30, deadline=None)
@given(u32, st.lists(st.integers(0, 60), min_size=5, max_size=40))
def test_bare_entries_rise_by_their_length_however_late_each_is(trunk_ts, late_ms):
    """Each comes up to 60 ms after its time; the trunk's time-stamps alone tell the spacing."""
    hand, _ = linked(Trunk)
    bench, stamps = hand.bench, []
    began = bench.t_ms
    for i, late in enumerate(late_ms):
        due = began + 20 * (i + 1) + late
        bench.run(max(0, due - bench.t_ms))
        assert voice_in(bench, wire.trunk(trunk_ts + 20 * i, [(OURS, 0, SPEECH)], False)) == [SPEECH]
        stamps.append(bench.endpoint.rx_ts)
    assert {later - sooner for sooner, later in itertools.pairwise(stamps)} == {20}
    assert 60 <= stamps[0] <= 120


@settings(max_examples=80, deadline=None)
@given(
    st.one_of(st.binary(max_size=300), st.text(max_size=120).map(str.encode)),
    st.sampled_from(((n.T_TEXT, 0), (n.T_HTML, 1))),
)
def test_what_is_kept_of_any_text_is_short_clean_and_whole(raw, kind):
    hand, notes = linked(Notes)
    hand.full(*kind, raw)
    text = bytes(notes.buf[: notes.n]).decode()
    assert notes.n <= 96 and all(ch >= " " and not "\x7f" <= ch <= "\x9f" for ch in text)
    try:
        meant = raw.split(b"\0")[0].decode()
    except UnicodeError:
        return
    clean = "".join(
        " " if ch < " " or ch == "\x7f" else "??" if "\x80" <= ch <= "\x9f" else ch for ch in meant
    )
    assert clean.startswith(text)
    assert text == clean or len(clean[: len(text) + 1].encode()) > 96, "cut although the next one fits"


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=40))
def test_any_frame_that_is_no_iax_frame_is_survived(ftype, csub, payload):
    hand, _ = linked(Notes)
    if ftype in (4, 6):
        return
    raw = struct.pack(">HHIBBBB", 0x8000 | OURS, hand.bench.leg.scallno, 99, 2, 1, ftype, csub) + payload
    hand.bench.feed(raw)
    assert hand.bench.leg.linked()
