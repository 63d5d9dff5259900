"""Messages in Asterisk's voice mail, told by its registration, heard as stutter dial tone."""

import pytest

REFRESH_S = 10
TOLD_S = REFRESH_S + 3


def dial_tone(phone, name):
    """Lift, hear that dial tone, hang up."""
    phone.do("lift", f"wait tone {name} 4", "hang")
    phone.run(0.5)


@pytest.mark.item(16)
def test_messages_that_wait_at_power_up_make_dial_tone_stutter(make_phone, server):
    phone = make_phone()
    server.leave_messages(phone.account, new=2, old=3)
    try:
        phone.register()
        assert phone.until(lambda: phone.seen("messages", new=2, old=3), 2)
        dial_tone(phone, "stutter")
    finally:
        server.leave_messages(phone.account, new=0)


@pytest.mark.item(16)
@pytest.mark.takes(55)
def test_a_message_left_and_thrown_away_is_heard_within_one_registration(make_phone):
    phone = make_phone(account__1__refresh_s=REFRESH_S).register()
    dial_tone(phone, "dial")
    phone.dial("615")
    phone.do("wait call up 5")
    phone.say("This is a message for the lab's mailbox. It is long enough to be kept.")
    phone.do("hang")
    phone.assert_clear()
    assert phone.until(lambda: phone.seen("messages", new=1, old=0), TOLD_S)
    phone.do("lift", "wait tone stutter 4", "dtmf 616#", "wait call down 10", "hang")
    assert phone.until(lambda: phone.seen("messages")[-1]["new"] == 0, TOLD_S)
    dial_tone(phone, "dial")


@pytest.mark.item(16)
def test_old_messages_alone_have_plain_dial_tone(make_phone, server):
    phone = make_phone()
    server.leave_messages(phone.account, new=0, old=2)
    phone.register()
    assert phone.until(lambda: phone.seen("messages", new=0, old=2), 2)
    dial_tone(phone, "dial")


def test_a_telephone_that_wants_no_stutter_has_none(make_phone, server):
    phone = make_phone(feature__messages="off")
    server.leave_messages(phone.account, new=5)
    try:
        dial_tone(phone.register(), "dial")
    finally:
        server.leave_messages(phone.account, new=0)
