"""The old ways of the telephone's user at Asterisk: a rotary dial, and the flash."""

import re

import pytest

SENTENCE = "The quick brown fox jumps over the lazy dog"


@pytest.mark.takes(30)
def test_number_dialled_by_pulses_is_called(phone):
    phone.do("lift", "wait tone dial 3", "pulse 600", "wait call up 8")
    said = phone.say(SENTENCE)
    phone.run(1)
    phone.do("hang")
    phone.assert_clear()
    phone.assert_echo(said)


@pytest.mark.takes(30)
def test_pulses_in_a_call_arrive_as_dtmf(phone, server):
    phone.dial("610")
    phone.do("wait call up 5")
    phone.run(0.5)
    since = len(server.log)
    phone.do("pulse 1590")
    phone.run(1)
    assert server.digits(phone.account, since) == "1590"
    assert phone.leg != "FREE", "pulses are no flash and no hang-up"
    phone.do("hang")
    phone.assert_clear()


@pytest.mark.takes(25)
def test_pulses_in_a_call_stay_at_home_if_so_wanted(make_phone, server):
    phone = make_phone(feature__pulse_dtmf="off").register()
    phone.dial("610")
    phone.do("wait call up 5")
    since = len(server.log)
    phone.do("pulse 15", "dtmf 7")
    phone.run(1)
    assert server.digits(phone.account, since) == "7"
    phone.do("hang")
    phone.assert_clear()


def flash_in_a_call(phone, server):
    """Flash while the echo is up; return Asterisk's log of that time. The call goes on."""
    phone.dial("600")
    phone.do("wait call up 5")
    server.cli("iax2 set debug on")
    try:
        since = len(server.log)
        phone.do("flash")
        phone.run(1.5)
        log = server.log[since:]
    finally:
        server.cli("iax2 set debug off")
    said = phone.say(SENTENCE)
    phone.run(1)
    phone.do("hang")
    phone.assert_clear()
    phone.assert_echo(said)
    return log


@pytest.mark.takes(25)
def test_flash_is_sent_to_asterisk_if_so_wanted(make_phone, server):
    phone = make_phone(feature__flash="send").register()
    log = flash_in_a_call(phone, server)
    assert [frame["retry"] for frame in phone.frames("FLASH")] == [False], "sent once, acknowledged"
    assert re.search(r"Rx-Frame.*Type: CONTROL +Subclass: FLASH", log), log[-3000:]


@pytest.mark.takes(25)
def test_flash_is_otherwise_no_matter_of_the_servers(phone, server):
    flash_in_a_call(phone, server)
    assert phone.seen("flash", who="firmware") and not phone.frames("FLASH")


def test_where_there_is_no_flash_a_tap_hangs_up(make_phone):
    phone = make_phone(feature__flash="off").register()
    phone.dial("600")
    phone.do("wait call up 5", "flash", "wait call down 2")
    assert not phone.frames("FLASH")
    phone.do("hang")
    phone.assert_clear()
