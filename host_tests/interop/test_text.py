"""Texts both ways: Asterisk's SendText to our console, ours to its dialplan."""

import pytest

from iax.notes import Notes

TEXTS = ("Good morning from the lab", "Grüße aus 東京: ")


@pytest.mark.takes(12)
def test_q23_asterisks_texts_reach_the_console_and_the_log(make_phone):
    phone = make_phone(feature__texts="on").register()
    phone.dial("614")
    phone.do("wait call up 5")
    assert phone.until(lambda: len(phone.seen("note")) >= 2, 5), phone.events[-5:]
    lines = [event["text"] for event in phone.seen("console")]
    assert lines[0] == "text from 0: " + TEXTS[0]
    assert lines[1].startswith("text from 0: " + TEXTS[1]) and lines[1][-3:].isdigit()
    assert phone.seen("note")[0]["octets"] == len(TEXTS[0]) and not phone.frames("UNSUPPORT")
    phone.do("hang", "wait call down 5")
    phone.assert_clear()


@pytest.mark.takes(12)
def test_asterisks_texts_do_nothing_to_a_box_that_wants_none(make_phone):
    phone = make_phone().register()
    phone.dial("614")
    phone.do("wait call up 5")
    assert phone.until(lambda: len(phone.seen("frame", dir="in", type="TEXT")) >= 2, 5)
    phone.run(1)
    assert not phone.seen("note") and not phone.seen("console")
    assert len(phone.seen("frame", dir="in", type="TEXT")) == 2, "acknowledged, so not sent again"
    phone.do("hang", "wait call down 5")
    phone.assert_clear()


@pytest.mark.takes(12)
def test_our_texts_reach_asterisks_dialplan(make_core, server):
    core = make_core()
    notes = core.add(Notes(core.endpoint))
    core.register()
    leg = core.call("614")
    assert core.until(lambda: len(core.told("NOTE")) >= 2, 5)
    assert bytes(notes.buf[: notes.n]).decode().startswith(TEXTS[1])
    since = len(server.log)
    for text in ("Guten Morgen aus Köln", "x" * 200, "one more"):
        assert notes.say(leg, text.encode(), core.now)
        core.run(1)
        heard = core.meanwhile(lambda text=text: server.wait(lambda: text in server.log[since:], 5))
        assert heard, server.log[since:]
    assert not core.frames("UNSUPPORT", "in") and leg.linked()
    core.hang_up()
