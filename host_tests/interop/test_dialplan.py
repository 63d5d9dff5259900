"""Asterisk's dialplan judges the digits while they are dialled: TBD, DPREQ, DPREP, DIAL (dial.remote)."""

import re

import pytest
from interop.core_rig import CoreRig

from iax.plan import Plan

SENTENCE = "The quick brown fox jumps over the lazy dog"
EXISTS, CAN_EXIST, NONEXISTENT, IGNORE_PATTERN, MATCH_MORE = 1, 2, 4, 0x4000, 0x8000
STATUS = {
    "1": EXISTS,
    "2": CAN_EXIST | MATCH_MORE,
    "22": EXISTS,
    "3123": CAN_EXIST | MATCH_MORE,
    "31234": EXISTS,
    "4": EXISTS | MATCH_MORE,
    "9": CAN_EXIST | MATCH_MORE | IGNORE_PATTERN,
    "8": NONEXISTENT,
}


@pytest.fixture
def phone(make_phone):
    """A telephone that asks its server; # is never needed."""
    return make_phone("phoneplan", dial__remote="on").register()


@pytest.fixture
def answered(server):
    """The extensions that answered since the test began."""
    since = len(server.log)
    return lambda: re.findall(r"app_verbose.c: PLAN <(\w+)>", server.log[since:])


@pytest.fixture
def plan(server, tmp_path, taken):
    """The part alone, on a TBD leg that Asterisk has accepted."""
    rig = CoreRig(server.address, "phoneplan", server.secret, folder=tmp_path / "core")
    part = rig.add(Plan(rig.endpoint))
    rig.register()
    part.open(rig.account, rig.now)
    assert rig.until(lambda: rig.told("ACCEPTED"), 5)
    part.rig = rig
    yield part
    rig.close()
    taken.append(tmp_path / "core" / "net.pcap")


def test_q50_asterisk_answers_each_question_with_the_bits_of_its_dialplan(plan):
    for digits, status in STATUS.items():
        plan.ask(digits.encode(), plan.rig.now)
        assert plan.rig.until(lambda: plan.status >= 0, 3.5), digits
        assert plan.status == status, digits


def test_q50_asterisk_refuses_dial_of_what_does_not_exist_with_cause_3(plan):
    leg = plan.dial(b"888", plan.rig.now)
    assert leg == 0
    assert plan.rig.until(lambda: plan.rig.told("HANGUP"), 3)
    assert plan.rig.told("HANGUP") == [3]


@pytest.mark.parametrize("number", ["1", "22", "31234"])
def test_q50_number_is_called_with_its_last_digit_however_long_it_is(phone, answered, number):
    phone.do("lift", "wait tone dial 3", f"dtmf {number}", "wait call up 3")
    said = phone.say(SENTENCE)
    phone.run(1)
    assert len(phone.frames("DPREQ")) == len(number) and len(phone.frames("DIAL")) == 1
    assert answered() == [number]
    phone.do("hang")
    phone.assert_clear()
    phone.assert_echo(said)


def test_q50_number_that_may_grow_is_called_after_the_match_timer(phone, answered):
    phone.do("lift", "wait tone dial 3", "dtmf 4")
    phone.run(2.5)
    assert not phone.frames("DIAL")
    phone.do("wait call up 2")
    assert answered() == ["4"]
    phone.do("hang")
    phone.assert_clear()


def test_q50_dial_tone_goes_on_behind_an_ignored_digit(phone, answered):
    phone.do("lift", "wait tone dial 3", "dtmf 9")
    phone.run(2)
    assert phone.session.telephone.tone == "dial" and len(phone.frames("DPREP", "in")) == 1
    phone.do("dtmf 1", "wait tone none 2", "dtmf 2", "wait call up 3")
    assert answered() == ["912"]
    phone.do("hang")
    phone.assert_clear()


def test_q50_number_that_does_not_exist_is_reorder_at_once(phone, answered):
    phone.do("lift", "wait tone dial 3", "dtmf 28", "wait tone reorder 2")
    phone.run(0.5)
    assert not phone.frames("DIAL") and not answered()
    phone.assert_clear(3)
    phone.do("hang")


def test_q50_half_a_number_is_refused_by_asterisk_when_it_is_sent(phone, answered):
    phone.do("lift", "wait tone dial 3", "dtmf 31#", "wait tone reorder 3")
    assert phone.cause == 3 and len(phone.frames("REJECT", "in")) == 1 and not answered()
    phone.do("hang")
    phone.assert_clear()


def test_q50_lifting_is_enough_where_the_server_connects_at_once(make_phone, answered):
    phone = make_phone("phonehot", dial__remote="on").register()
    phone.do("lift", "wait call up 3")
    assert answered() == ["s"] and not phone.frames("DIAL")
    said = phone.say(SENTENCE)
    phone.run(1)
    phone.do("hang")
    phone.assert_clear()
    phone.assert_echo(said)


def test_hanging_up_while_dialling_leaves_no_call_behind(phone):
    phone.do("lift", "wait tone dial 3", "dtmf 31", "hang")
    phone.assert_clear(5)
