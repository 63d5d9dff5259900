"""Digits within a call, both ways, as IAX2 DTMF frames."""

import numpy as np
import pytest

KEYS = "1234567890*0#ABCD"


@pytest.mark.item(24)
@pytest.mark.takes(20)
@pytest.mark.parametrize("on_ms, off_ms", [(80, 80), (50, 50), (200, 100)])
def test_asterisk_hears_exactly_the_digits_pressed(phone, server, on_ms, off_ms):
    phone.dial("610")
    phone.do("wait call up 5")
    phone.run(0.5)
    since = len(server.log)
    phone.do(f"dtmf {KEYS} {on_ms} {off_ms}")
    phone.run(1)
    assert server.digits(phone.account, since) == KEYS
    phone.do("hang")
    phone.assert_clear()


@pytest.mark.takes(20)
def test_dialplan_collects_the_number_pressed(phone, server):
    phone.dial("610")
    phone.do("wait call up 5")
    phone.run(0.5)
    phone.do("dtmf 8005551212")
    collected = phone.server_says(lambda: "8005551212" in server.log.rpartition("LAB-DIGITS")[2], 6)
    assert collected, server.log[-2000:]
    phone.do("hang")
    phone.assert_clear()


@pytest.mark.takes(20)
def test_echo_brings_back_at_most_40_ms_of_a_key(phone):
    phone.dial("600")
    phone.do("wait call up 5")
    phone.run(0.5)
    began_ms = phone.session.t_ms
    phone.do("dtmf 159D 300 300 -6")
    phone.run(1)
    phone.do("hang")
    phone.assert_clear()
    heard = phone.heard(began_ms, phone.session.t_ms)
    loud = np.abs(heard[: len(heard) // 40 * 40].reshape(-1, 40)).max(axis=1) > 1000  # 5 ms each
    assert 5 * int(loud.sum()) <= 4 * (40 + 5), f"{5 * int(loud.sum())} ms of four keys came back"


@pytest.mark.item(23, 24)
@pytest.mark.takes(20)
def test_digits_of_the_server_reach_the_firmware(phone):
    phone.dial("611")
    phone.do("wait call up 5")
    phone.run(4)
    assert "".join(event["digit"] for event in phone.seen("rx_digit", begin=True)) == "1590#"
    phone.do("hang")
    phone.assert_clear()


@pytest.mark.takes(20)
def test_speech_is_not_taken_for_digits(phone, server):
    phone.dial("600")
    phone.do("wait call up 5")
    since = len(server.log)
    phone.say("One, two, three, four, five, six, seven, eight, nine. Please hold the line, I ask somebody.")
    assert server.digits(phone.account, since) == ""
    phone.do("hang")
    phone.assert_clear()
