"""Calls from Asterisk to the telephone: ring, answer, refusal, and callers who change their minds."""

from itertools import pairwise

import pytest
from interop.rig import together

SENTENCE = "The quick brown fox jumps over the lazy dog"


def ring(phone, to="600"):
    """Let Asterisk call the phone; who answers is connected to the extension `to`."""
    phone.cli(f"channel originate IAX2/{phone.account}/s extension {to}@lab")
    phone.do("wait ringing 5")


def speak_hear_and_hang(phone):
    """Say the sentence to the echo at the far end, hang up, and find it clear on both sides and unharmed."""
    said = phone.say(SENTENCE)
    phone.run(1)
    phone.do("hang")
    phone.assert_clear()
    phone.assert_echo(said)


def test_phone_rings_at_20_hz_answers_and_hears_itself(phone):
    ring(phone)
    assert phone.seen("ring", on=True)[0]["hz"] == 20.0
    phone.run(1)
    phone.do("lift", "wait call up 3")
    phone.run(0.5)
    assert not phone.session.telephone.ring_current
    speak_hear_and_hang(phone)


@pytest.mark.takes(20)
def test_answered_sentence_is_heard_and_the_server_hangs_up(phone):
    ring(phone, "602")
    phone.do("lift", "wait voice 5", "wait call down 15", "wait tone reorder 3", "hang")
    phone.assert_clear()


@pytest.mark.takes(20)
def test_phone_answers_in_the_pause_between_two_rings(phone):
    ring(phone)
    phone.until(lambda: phone.session.telephone.quiet_ms > 1000, 6)
    phone.do("lift", "wait call up 3", "hang")
    phone.assert_clear()


@pytest.mark.takes(20)
def test_ringing_follows_two_seconds_on_and_four_off(phone):
    ring(phone)
    phone.until(lambda: len(phone.seen("ring", on=True)) == 3, 15)
    on = [event["t_ms"] for event in phone.seen("ring", on=True)]
    assert all(abs(event["ms"] - 2000) <= 60 for event in phone.seen("ring", on=False))
    assert all(abs(later - earlier - 6000) <= 60 for earlier, later in pairwise(on))
    phone.cli("channel request hangup all")
    phone.assert_clear()


@pytest.mark.takes(25)
def test_number_that_calls_back_rings_the_caller(phone):
    phone.dial("605")
    phone.do("wait call down 8", "hang", "wait ringing 12", "lift", "wait call up 3")
    speak_hear_and_hang(phone)


@pytest.mark.item(27, 28)
@pytest.mark.takes(30)
def test_caller_who_gives_up_leaves_no_ghost(phone):
    ring(phone)
    phone.run(1)
    phone.cli("channel request hangup all")
    assert phone.until(lambda: not phone.session.telephone.ring_current, 2), "it rings on"
    rings = len(phone.seen("ring", on=True))
    phone.run(15)
    assert len(phone.seen("ring", on=True)) == rings, "it rang again"
    phone.assert_clear()
    ring(phone)
    phone.do("lift", "wait call up 3", "hang")


@pytest.mark.item(27, 28)
@pytest.mark.takes(40)
def test_caller_who_gives_up_leaves_no_ghost_on_a_lossy_network(phone):
    phone.do("net loss 30")
    phone.cli(f"channel originate IAX2/{phone.account}/s extension 600@lab")
    phone.do("wait ringing 20")
    phone.cli("channel request hangup all")
    assert phone.until(lambda: phone.leg == "FREE", 20), "it rings on"
    phone.run(0.5)
    rings = len(phone.seen("ring", on=True))
    phone.run(15)
    assert len(phone.seen("ring", on=True)) == rings, "it rang again"
    phone.do("net restore")
    phone.assert_clear()


def test_call_to_a_lifted_phone_is_busy(phone, server):
    since = len(server.log)
    phone.do("lift", "wait tone dial 3")
    phone.cli(f"channel originate Local/{phone.account}@ring/n extension 600@lab")
    busy = phone.server_says(lambda: "is busy" in server.log[since:], 5)
    assert busy, server.log[since:][-2000:]
    assert phone.session.telephone.tone == "dial", "the user heard it"
    phone.do("hang")
    phone.assert_clear()


@pytest.mark.takes(20)
def test_second_caller_is_busy_while_the_first_call_goes_on(phone, server):
    phone.dial("600")
    phone.do("wait call up 5")
    since = len(server.log)
    phone.cli(f"channel originate Local/{phone.account}@ring/n extension 600@lab")
    busy = phone.server_says(lambda: "is busy" in server.log[since:], 5)
    assert busy, server.log[since:][-2000:]
    speak_hear_and_hang(phone)


@pytest.mark.takes(20)
def test_console_hangs_up_an_answered_incoming_call(phone):
    ring(phone, "607")
    phone.do("lift", "wait call up 3")
    phone.cli(f"channel request hangup {phone.channel()}")
    phone.do("wait call down 3", "wait tone reorder 3", "hang")
    phone.assert_clear()


@pytest.mark.takes(30)
def test_two_phones_call_each_other(make_phone):
    one, two = make_phone("phone8"), make_phone("phone9")
    together((one, one.register), (two, two.register))
    together((one, lambda: one.dial("709")), (two, lambda: two.do("wait ringing 10")))
    together((one, lambda: one.do("wait tone ringback 5")), (two, lambda: two.run(1)))
    together((one, lambda: one.do("wait call up 5")), (two, lambda: two.do("lift", "wait call up 3")))
    together((one, lambda: one.say(SENTENCE)), (two, lambda: two.do("wait voice 5")))
    together((one, lambda: one.do("sleep 1.5", "wait voice 5")), (two, lambda: two.say(SENTENCE)))
    together((one, lambda: one.do("hang")), (two, lambda: two.do("wait tone reorder 5", "hang")))
    together((one, one.assert_clear), (two, two.assert_clear))
