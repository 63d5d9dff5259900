"""Texts and URLs of the far end: kept clean and short, told once, and our own on their way out."""

import pytest
from bench import CoreBench
from corekit import ByHand, call_up, said, sent, told

from iax.notes import Notes, character
from peer import numbers as n


def linked():
    """Return a server by hand with a call linked, and the part that keeps its notes."""
    hand = ByHand(CoreBench())
    notes = Notes(hand.bench.endpoint)
    hand.bench.endpoint.parts.append(notes)
    hand.accept()
    return hand, notes


def kept(notes):
    return bytes(notes.buf[: notes.n])


def test_a_text_is_kept_without_its_nul_and_told_with_its_length():
    hand, notes = linked()
    hand.full(n.T_TEXT, 0, b"dinner at eight\0")
    assert told(hand.bench, "NOTE") == [15] and kept(notes) == b"dinner at eight" and not notes.url
    assert sent(hand.bench, "ACK")


@pytest.mark.parametrize("subclass", [1, 18])
def test_a_url_is_kept_and_marked_as_one(subclass):
    hand, notes = linked()
    hand.full(n.T_HTML, subclass, b"http://pbx.example/status")
    assert told(hand.bench, "NOTE") == [25] and kept(notes) == b"http://pbx.example/status" and notes.url
    hand.full(n.T_TEXT, 0, b"a text after it")
    assert not notes.url
    assert not sent(hand.bench, "HTML")


def test_other_html_is_told_once_that_we_show_no_pages():
    hand, _ = linked()
    for subclass in (2, 4, 8, 16, 2, 19, 20):
        hand.full(n.T_HTML, subclass, b"<p>")
    assert [f["subclass"] for f in sent(hand.bench, "HTML")] == [17] and not hand.bench.saw("NOTE")


def test_nobody_is_told_that_who_shows_no_pages_shows_no_pages():
    hand, _ = linked()
    hand.full(n.T_HTML, 17)
    assert not sent(hand.bench, "HTML")


@pytest.mark.parametrize("ftype", [3, 8, 10, 11])
def test_media_without_use_are_counted_and_acknowledged(ftype):
    hand, _ = linked()
    hand.full(ftype, 1, b"\x00" * 900)
    assert hand.bench.count("RX_FOREIGN") == 1 and sent(hand.bench)[-1]["name"] == "ACK"
    assert hand.bench.leg.linked() and not hand.bench.saw("NOTE")


@pytest.mark.parametrize("ftype", [5, 13, 255])
def test_what_is_no_media_at_all_is_left_to_the_core(ftype):
    hand, _ = linked()
    hand.full(ftype, 1, b"?")
    assert hand.bench.count("RX_FOREIGN") == 0 and hand.bench.leg.linked()


def test_an_empty_text_is_no_note():
    hand, _ = linked()
    hand.full(n.T_TEXT, 0, b"")
    hand.full(n.T_TEXT, 0, b"\0")
    hand.full(n.T_TEXT, 0, b"\0hidden")
    assert not hand.bench.saw("NOTE")


def test_a_long_text_is_cut_between_two_characters():
    hand, notes = linked()
    hand.full(n.T_TEXT, 0, b"x" + "€".encode() * 100)
    assert notes.n == 1 + 3 * 31 and kept(notes).decode() == "x" + "€" * 31
    hand.full(n.T_TEXT, 0, b"y" * 1400)
    assert kept(notes) == b"y" * 96


@pytest.mark.parametrize(
    ("came", "stays"),
    [
        (b"line one\r\nline two\tend", b"line one  line two end"),
        (b"\x1b[31mred\x07\x7f", b" [31mred  "),
        ("grüße aus 東京 🙂".encode(), "grüße aus 東京 🙂".encode()),
        (b"latin \xfc", b"latin ?"),
        (b"cut \xe2\x82", b"cut ??"),
        (b"c1 \xc2\x9bJ", b"c1 ??J"),
        (b"long way \xc0\x80 \xe0\x80\xaf \xf0\x80\x80\xaf", b"long way ?? ??? ????"),
        (b"half a pair \xed\xa0\x80", b"half a pair ???"),
        (b"beyond \xf4\x90\x80\x80\xf5\x80\x80\x80", b"beyond ????????"),
        (
            b"\xe0\xa0\x80\xed\x9f\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
            "\u0800\ud7ff\U00010000\U0010ffff".encode(),
        ),
    ],
)
def test_controls_and_broken_octets_do_not_reach_the_console(came, stays):
    hand, notes = linked()
    hand.full(n.T_TEXT, 0, came)
    assert kept(notes) == stays


def test_a_character_is_one_that_python_reads_as_one():
    for code in (*range(0x20, 0x7F), *range(0xA0, 0x3000, 7), 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF):
        raw = chr(code).encode()
        assert character(raw, 0, len(raw)) == len(raw)
        for cut in range(1, len(raw)):
            assert character(raw[:cut], 0, cut) == 0


def test_a_text_before_the_call_is_accepted_is_no_note():
    hand = ByHand(CoreBench())
    hand.bench.endpoint.parts.append(Notes(hand.bench.endpoint))
    hand.bench.dial("600")
    hand.full(n.T_TEXT, 0, b"too early")
    assert not hand.bench.saw("NOTE")


def test_our_text_arrives_without_a_nul():
    bench = call_up("600")
    notes = Notes(bench.endpoint)
    assert notes.say(bench.leg, "später mehr".encode(), bench.now)
    bench.drain()
    text = said(bench, "TEXT")[-1]
    assert text["payload"] == "später mehr".encode() and text["subclass"] == 0
    bench.run(100)
    assert bench.leg.window.count == 0


def test_a_text_needs_a_call_a_word_and_room():
    bench = call_up("600")
    notes, leg = Notes(bench.endpoint), bench.leg
    assert not notes.say(leg, b"", bench.now) and not notes.say(leg, b"x" * 201, bench.now)
    assert all(notes.say(leg, b"x" * 200, bench.now) for _ in range(3))
    assert not notes.say(leg, b"x" * 200, bench.now) and bench.count("WINDOW_FULL") == 1
    bench.hang_up()
    bench.run(500)
    assert not notes.say(leg, b"too late", bench.now)


def test_a_part_asked_for_something_else_says_no():
    _, notes = linked()
    assert all(notes.take(what, None, b"", 0, 0) == 0 for what in range(1, 14) if what != 2)
