"""Interop items 17 to 25, 41 and 53: what a call may be told."""

import pytest
from bench import CoreBench
from corekit import SPEECH, ByHand, answered, call_up, carries_voice, heard, ringing, said, sent, speech, told

from iax import told as caller
from iax import told as from_new
from peer import numbers as n
from peer import wire


@pytest.mark.parametrize("presentation", [0x43, 0x20, 0x00])
def test_q17_a_caller_without_a_number_rings_like_any_other(presentation):
    """Number and name may be there with no octet in them. (How the telephone shows it comes later.)"""
    bench, call = ringing(number="", name="", presentation=presentation)
    assert call.state == "ringing"
    assert [from_new.text(bench.leg.told, which, 32) for which in (2, 4)] == [b"", b""]


@pytest.mark.parametrize(
    ("presentation", "means"), [(0x43, 2), (0x20, 1), (0x21, 1), (0x23, 1), (0x00, 2), (0x01, 2)]
)
def test_q17_private_and_not_available_are_told_apart(presentation, means):
    """2 is what nobody can know, no number and no name among it; 1 is what nobody may know."""
    bench, _ = ringing(number="", name="", presentation=presentation)
    assert caller.presentation(bench.leg.told) == means


@pytest.mark.parametrize(("presentation", "means"), [(0x00, 0), (0x03, 0), (0x20, 1), (0x43, 2)])
def test_q17_a_number_that_was_sent_is_there_however_it_is_to_be_shown(presentation, means):
    """Who looks at it must ask whether it may be shown."""
    bench, _ = ringing(number="0551234567", name="Zoë", presentation=presentation)
    assert caller.text(bench.leg.told, 2, 32) == b"0551234567"
    assert caller.text(bench.leg.told, 4, 40) == "Zoë".encode()
    assert caller.presentation(bench.leg.told) == means


def test_q18_variable_is_text_with_an_equal_sign_and_a_block_of_osp_is_none():
    """The RFC has the one number for both."""
    block = (52, b"\x00=" + bytes(range(1, 200)))
    bench, _ = ringing(extra=[("VARIABLE", b"A=one "), block, ("VARIABLE", b"A=two"), ("VARIABLE", b"B=")])
    assert caller.variables(bench.leg.told) == [(b"A", b"one two"), (b"B", b"")]


@pytest.mark.parametrize(
    "extra",
    [
        [(57, bytes(4)), (55, bytes(9)), (56, bytes(9)), (200, b"?" * 40)],
        [("VARIABLE", b"a=b"), ("VARIABLE", b"a=c")],
        [("VARIABLE", b"\x00" + bytes(range(100, 200))), ("OSPTOKEN", b"\x00" + bytes(254))],
        [(255, b""), (0, b"\x00"), (29, b"\x01"), (43, b"\x01"), (25, b"")],
    ],
)
def test_q18_elements_we_do_not_know_do_no_harm(extra):
    """Old numbers, new numbers, numbers with two meanings."""
    bench, call = answered(extra=extra, leave_out=("CAPABILITY2", "FORMAT2", "CALLINGANI2"))
    assert carries_voice(bench) and call.state == "up"


@pytest.mark.parametrize("wide", [1 << 63 | 4, 1 << 34 | 1 << 32 | 4, (1 << 64) - 1])
def test_q19_formats_beyond_32_bits_do_not_overflow(wide):
    """The wide mask is read where our codecs lie."""
    bench, call = answered(format2=wide)
    assert call.accepted["FORMAT"] == n.ULAW and carries_voice(bench)


def test_q19_formats_in_64_bits_are_told_whole():
    """All that the caller can is there for whoever asks."""
    bench, _ = ringing(format2=1 << 63 | 4)
    assert caller.formats(bench.leg.told, 56, 9) == 1 << 63 | 4


def test_q19_only_strange_wide_formats_are_refused():
    """Bits 32 and up alone are nothing we have."""
    bench, call = ringing(formats=(1 << 34,))
    assert call.cause == 58 and not bench.saw("INCOMING")


@pytest.mark.parametrize("which", ["both", "format", "format2", "none"])
def test_q20_accept_names_its_codec_in_either_element(which):
    """Old servers know one element, new ones the other; without both our first wish counts."""
    bench = CoreBench(laws=b"\x02\x03")
    bench.peer.quirks.accept_formats = which
    bench.speak = speech
    bench.dial("600", 1000)
    assert bench.saw("ANSWERED") and told(bench, "ACCEPTED") == [2]
    assert carries_voice(bench)


def test_q20_the_server_may_choose_our_second_wish():
    """We then speak that codec."""
    bench = CoreBench(laws=b"\x02\x03")
    bench.peer.quirks.codec = n.ALAW
    bench.speak = speech
    bench.dial("600", 500)
    assert told(bench, "ACCEPTED") == [3]
    assert said(bench, "VOICE")[0]["subclass"] == n.ALAW
    assert {law for _, law, _ in bench.audio} == {3}


@pytest.mark.parametrize("codec", [n.GSM, n.SLIN, n.G729, 1 << 34])
def test_q20_a_codec_we_do_not_have_ends_the_call(codec):
    """With the cause that says so."""
    bench = CoreBench()
    bench.peer.quirks.codec = codec
    bench.peer.quirks.accept_formats = "format2"
    bench.dial("600", 500)
    assert told(bench, "HANGUP") == [58]
    assert said(bench, "HANGUP")[0]["ie"]["CAUSECODE"] == 58
    assert bench.peer.calls[0].cause == 58


def test_q20_a_caller_without_a_common_codec_is_refused():
    """REJECT 58, and no ring."""
    bench, call = ringing(formats=(n.GSM, n.G729))
    assert call.cause == 58 and not bench.saw("INCOMING")
    assert said(bench, "REJECT")[0]["ie"]["CAUSECODE"] == 58


def test_q20_voice_in_a_strange_codec_is_acknowledged_and_dropped():
    """Whoever changes to a codec nobody offered is not played, and does not break the order of frames."""
    bench = call_up("607")
    call = bench.peer.current_call()
    for csub in (0x80 | 34, 0x88, 0x02):
        call.send(n.T_VOICE, 1 << (csub & 0x3F) if csub & 0x80 else csub, bytes(33))
    bench.run(100)
    assert bench.audio == [] and call.unacked == []
    call.voice(SPEECH, n.ALAW)
    bench.run(20)
    assert [law for _, law, _ in bench.audio] == [3]


def test_q20_a_strange_codec_that_lasts_ends_the_call():
    """Five seconds without a voice that we can play: HANGUP 58; and no VNAK, for we know the codec."""
    bench = call_up("607")
    call = bench.peer.current_call()
    call.voice(bytes(33), n.GSM)
    call.voice(bytes(33), n.GSM)
    bench.run(4500)
    assert not bench.saw("HANGUP") and not said(bench, "VNAK")
    bench.run(1000)
    assert told(bench, "HANGUP") == [58] and call.cause == 58


def test_q20_a_strange_codec_that_passes_ends_nothing():
    """A voice that we can play, in time, and all is well."""
    bench = call_up("607")
    call = bench.peer.current_call()
    call.voice(bytes(33), n.GSM)
    bench.run(4500)
    call.voice(SPEECH, n.ULAW)
    bench.run(10_000)
    assert not bench.saw("HANGUP")


@pytest.mark.parametrize("csub", [0x00, 0x03, 0x05, 0x7F, 0x80, 0xFF])
def test_q20_a_voice_subclass_that_is_no_format_is_no_accident(csub):
    """Zero, two bits at once, a bit we have no number for: acknowledged, dropped."""
    hand = ByHand(CoreBench())
    hand.accept()
    hand.bench.feed(
        wire.full(5000, hand.bench.leg.scallno, 50, 1, 1, 2, 1, SPEECH)[:11] + bytes((csub,)) + SPEECH
    )
    assert hand.bench.audio == [] and hand.last()["name"] == "ACK"


def test_q20_both_spellings_of_a_codec_are_understood():
    """Bit 2 as the number 4, and as its logarithm with the C bit."""
    for csub in (0x04, 0x82):
        hand = ByHand(CoreBench())
        hand.accept()
        hand.bench.feed(
            wire.full(5000, hand.bench.leg.scallno, 50, 1, 1, 2, 1)[:11] + bytes((csub,)) + SPEECH
        )
        assert [audio[1:] for audio in hand.bench.audio] == [(2, SPEECH)]


def test_q21_stop_tones_after_the_answer_ends_nothing():
    """The octet FF is an order about tones, not an unknown frame."""
    bench = call_up("600")
    assert bench.saw("STOP_TONES") and not bench.saw("HANGUP")
    bench.peer.current_call().control(-1)
    bench.run(50)
    assert len(told(bench, "STOP_TONES")) == 2 and carries_voice(bench)


@pytest.mark.parametrize("subclass", [2, 6, 7, 9, 10, 11, 12, 16, 17, 18, 22, 23, 24, 28, 30, 31, 99])
def test_q22_controls_we_have_no_use_for_are_acknowledged(subclass):
    """Junk behind them included. Only an unheard-of number might be called unsupported."""
    bench = call_up("600")
    call = bench.peer.current_call()
    events = len(bench.events)
    call.control(subclass, b"\xff\x00junk" * 7)
    bench.run(50)
    assert call.unacked == [] and len(bench.events) == events
    assert not said(bench, "UNSUPPORT") or subclass == 99
    assert carries_voice(bench)


@pytest.mark.parametrize("ftype", [3, 5, 7, 8, 9, 10, 11, 13, 14, 0, 63, 255])
def test_q23_frame_types_without_use_are_acknowledged(ftype):
    """Text, pictures, modem signals, and types that must not exist."""
    bench = call_up("600")
    call = bench.peer.current_call()
    call.frame(ftype, 2, b"\xff\x00junk" * 7)
    bench.run(50)
    assert call.unacked == [] and carries_voice(bench)


def test_q23_both_halves_of_a_digit_are_told():
    """Type 12 begins it, type 1 ends it."""
    bench = call_up("600")
    bench.peer.current_call().dtmf("5#", on_ms=100)
    bench.run(500)
    digits = [(name, chr(arg)) for _, name, _, arg in bench.events if "DTMF" in name]
    assert digits == [("DTMF_BEGIN", "5"), ("DTMF_END", "5"), ("DTMF_BEGIN", "#"), ("DTMF_END", "#")]


def test_q24_the_length_of_a_digit_is_the_time_between_its_halves():
    """Their time-stamps may lie 3 ms apart, as here, however long the key was held."""
    bench = call_up("607")
    call = bench.peer.current_call()
    for at_ms, ftype in ((0, n.T_DTMF_BEGIN), (100, n.T_DTMF_END)):
        call.send(ftype, ord("7"), ts=9000 + at_ms // 33)
        bench.run(100)
    begin, end = heard(bench, "DTMF_BEGIN")[0], heard(bench, "DTMF_END")[0]
    times = [t for t, name, _, _ in bench.events if "DTMF" in name]
    assert end["ts"] - begin["ts"] == 3 and 95 <= times[1] - times[0] <= 105


def test_q24_an_end_without_a_beginning_is_told_too():
    """A server of the RFC alone sends nothing else."""
    bench = call_up("607")
    bench.peer.current_call().dtmf("9", begin=False)
    bench.run(300)
    assert told(bench, "DTMF_END") == [ord("9")] and not bench.saw("DTMF_BEGIN")


def test_q24_our_own_digits_keep_real_gaps():
    """BEGIN and END leave when they happen, and not before the call is accepted."""
    bench = CoreBench()
    bench.register()
    bench.dial("608")
    assert not bench.leg.send_dtmf(ord("1"), True, bench.now) or bench.saw("ACCEPTED")
    bench.run(100)
    for begin in (True, False):
        assert bench.leg.send_dtmf(ord("1"), begin, bench.now)
        bench.drain()
        bench.run(90)
    call = bench.peer.current_call()
    assert [(digit, edge) for _, digit, edge in call.rx_dtmf] == [("1", "begin"), ("1", "end")]
    assert call.rx_dtmf[1][0] - call.rx_dtmf[0][0] == 90


def test_q25_sound_before_the_answer_is_played():
    """Announcements come before anybody answers; the line hears of progress and gets the voice."""
    bench = CoreBench()
    bench.dial("606", 2000)
    assert bench.saw("PROGRESS") and not bench.saw("ANSWERED")
    assert len(bench.audio) >= 90


def test_q25_voice_after_ringing_is_given_to_the_line():
    """First the far telephone rings, then somebody speaks without answering: the box passes on both."""
    bench = CoreBench()
    bench.dial("608", 1000)
    assert bench.saw("RINGING") and bench.audio == []
    bench.peer.current_call().voice(SPEECH)
    bench.run(20)
    assert [audio[2] for audio in bench.audio] == [SPEECH] and not bench.saw("ANSWERED")


def test_q41_strange_iax_frames_draw_unsupport_with_their_number():
    """Also PAGE and MWI, which this box does not know."""
    bench = call_up("600")
    call = bench.peer.current_call()
    for subclass in (31, 32, 99, 35, 120):
        call.iax(subclass)
        bench.run(20)
    answers = said(bench, "UNSUPPORT")
    assert [f["ie"]["IAX_UNKNOWN"] for f in answers] == [31, 32, 99, 35, 120]
    assert carries_voice(bench) and bench.count("RX_UNSUPPORTED") == 5


@pytest.mark.parametrize("payload", [b"", wire.ie("IAX_UNKNOWN", b"\x1f"), wire.ie("IAX_UNKNOWN", b"\x21")])
def test_q41_unsupport_is_not_answered(payload):
    """Two sides that do not understand each other must not go on about it."""
    bench = call_up("600")
    bench.peer.current_call().iax("UNSUPPORT", payload)
    bench.run(50)
    assert not said(bench, "UNSUPPORT") and bench.peer.current_call().unacked == []
    assert carries_voice(bench)


def test_q53_quelch_stops_our_voice_and_unquelch_starts_it_with_a_full_frame():
    """The box keeps listening all the while."""
    bench = call_up("601")
    call = bench.peer.current_call()
    call.iax("QUELCH")
    bench.run(50)
    went, full, came = call.rx_packets, len(said(bench, "VOICE")), len(bench.audio)
    bench.run(1000)
    assert call.rx_packets == went and len(bench.audio) - came >= 45
    call.iax("UNQUELCH")
    bench.run(200)
    assert told(bench, "QUELCH") == [1, 0]
    assert len(said(bench, "VOICE")) == full + 1 and call.rx_packets > went + 5
    first = min(f["t"] for f in bench.peer.log if f["way"] == "in" and f["t"] > bench.t_ms - 205)
    assert said(bench, "VOICE")[-1]["t"] <= first + 20


def test_q53_quelch_before_accept_means_nothing():
    """There is no voice to stop yet, and the call that follows must not be mute."""
    bench = CoreBench()
    hand = ByHand(bench)
    bench.dial("600")
    hand.iax("QUELCH")
    hand.iax("ACCEPT", wire.ie("FORMAT", n.ULAW))
    bench.speak = speech
    bench.run(200)
    assert not bench.saw("QUELCH") and sent(bench, "MINI")
