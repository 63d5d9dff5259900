"""Calls from the telephone to Asterisk: voice both ways, every way a call can fail, and who hangs up."""

import pytest

SENTENCE = "The quick brown fox jumps over the lazy dog"


@pytest.mark.parametrize("law", ["ulaw", "alaw"])
def test_echo_comes_back_alike(make_phone, law):
    phone = make_phone(f"phone{law}", account__1__codecs=law).register()
    phone.dial("600")
    phone.do("wait call up 5")
    said = phone.say(SENTENCE)
    phone.run(1)
    assert law in phone.cli("iax2 show channels")
    phone.do("hang")
    phone.assert_clear()
    phone.assert_echo(said)


@pytest.mark.parametrize("first, other", [("ulaw", "alaw"), ("alaw", "ulaw")])
def test_first_codec_of_the_list_is_taken_if_the_server_lets_the_caller_choose(make_phone, first, other):
    phone = make_phone("phonecaller", account__1__codecs=f"{first},{other}").register()
    phone.dial("600")
    phone.do("wait call up 5")
    phone.run(0.5)
    assert first in phone.cli("iax2 show channels")
    phone.do("hang")
    phone.assert_clear()


@pytest.mark.item(20)
@pytest.mark.parametrize("only, wanted", [("phonealaw", "ulaw,alaw"), ("phoneulaw", "alaw,ulaw")])
def test_server_with_one_codec_has_its_way(make_phone, only, wanted):
    phone = make_phone(only, account__1__codecs=wanted).register()
    phone.dial("600")
    phone.do("wait call up 5")
    said = phone.say(SENTENCE)
    phone.run(1)
    phone.do("hang")
    phone.assert_clear()
    phone.assert_echo(said)


@pytest.mark.item(20)
def test_no_common_codec_is_heard_as_reorder(make_phone):
    phone = make_phone("phonealaw", account__1__codecs="ulaw").register()
    phone.dial("600")
    phone.do("wait tone reorder 5", "hang")
    phone.assert_clear()


@pytest.mark.takes(20)
def test_sentence_of_the_server_is_heard_and_its_hang_up_too(phone):
    phone.dial("602")
    phone.do("wait voice 5", "wait call down 15", "wait tone reorder 3", "hang")
    phone.assert_clear()


def test_milliwatt_is_heard_at_0_dbm0(phone):
    phone.dial("601")
    phone.do("wait call up 5")
    heard = phone.until(lambda: phone.session.telephone.frequencies == (1004,), 3)
    assert heard, phone.session.telephone.frequencies
    phone.do("hang")
    phone.assert_clear()


def test_server_hangs_up_an_answered_call(phone):
    phone.dial("609")
    phone.do("wait call up 5", "wait call down 5", "wait tone reorder 3", "hang")
    assert phone.cause == 16
    phone.assert_clear()


def test_console_hangs_up_one_channel(phone):
    phone.dial("607")
    phone.do("wait call up 5")
    phone.cli(f"channel request hangup {phone.channel()}")
    phone.do("wait call down 3", "wait tone reorder 3", "hang")
    phone.assert_clear()


def test_caller_hangs_up_before_the_answer(phone):
    phone.dial("612")
    phone.do("wait tone ringback 8", "hang", "wait call down 3")
    phone.assert_clear(5)


def test_caller_hangs_up_while_dialling(phone):
    phone.do("lift", "wait tone dial 3", "dtmf 60", "hang")
    phone.run(5)
    assert not phone.frames("NEW"), "half a number was called"


def test_caller_hangs_up_in_the_moment_of_dialling(phone):
    phone.do("lift", "wait tone dial 3", "dtmf 600# 80 20", "hang")
    phone.assert_clear(5)


@pytest.mark.item(26)
def test_busy_is_heard_as_busy_tone(phone):
    phone.dial("603")
    phone.do("wait tone busy 6", "hang")
    phone.assert_clear()


@pytest.mark.parametrize("number", ["604", "999"])
def test_congestion_and_unknown_numbers_are_heard_as_reorder(phone, number):
    phone.dial(number)
    phone.do("wait tone reorder 6", "hang")
    phone.assert_clear()


@pytest.mark.parametrize(
    "cause, tone",
    [(1, "reorder"), (17, "busy"), (21, "reorder"), (27, "reorder"), (34, "reorder"), (38, "reorder")],
)
def test_cause_of_the_server_chooses_the_tone(phone, cause, tone):
    phone.dial(f"62{cause:03}")
    phone.do(f"wait tone {tone} 6")
    assert phone.cause == cause
    phone.do("hang")
    phone.assert_clear()


@pytest.mark.item(25)
@pytest.mark.takes(20)
def test_early_media_is_heard_without_an_answer(phone):
    phone.dial("606")
    phone.do("wait voice 5")
    assert not phone.session.calls_up, "nobody has answered"
    assert not phone.frames("ANSWER", "in")
    phone.do("wait tone reorder 15", "hang")
    assert not phone.seen("call_up")
    phone.assert_clear()


@pytest.mark.takes(25)
def test_ringback_ends_with_the_answer(phone):
    phone.dial("608")
    phone.do("wait tone ringback 5")
    assert not phone.session.calls_up
    phone.do("wait call up 8", "wait tone none 1")
    said = phone.say(SENTENCE)
    phone.run(1)
    phone.do("hang")
    phone.assert_clear()
    phone.assert_echo(said)


def test_two_calls_one_after_the_other(phone):
    for _ in range(2):
        phone.dial("600")
        phone.do("wait call up 5", "hang", "wait call down 3")
        phone.run(0.5)
    phone.assert_clear()
