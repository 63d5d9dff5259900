"""The firmware as an account at Asterisk: it registers, answers POKE, goes away, and is refused politely."""

import subprocess
import sys

import pytest

from tools.runvm import ROOT


def test_phone_registers_within_two_seconds(make_phone):
    phone = make_phone()
    phone.session.power_on()
    phone.do("wait registered 2")


@pytest.mark.item(59)
def test_asterisk_lists_the_phone_as_ok_with_a_round_trip(phone, server):
    line = phone.meanwhile(lambda: server.wait_peer(phone.account))
    assert line, f"not OK: {server.peer(phone.account)!r}"
    assert "127.0.0.1" in line


def test_switching_off_unregisters(make_phone, server):
    phone = make_phone().register()
    phone.finish()
    assert phone.frames("REGREL")
    assert "(null)" in server.peer(phone.account), "Asterisk still knows where the phone was"


@pytest.mark.item(14)
@pytest.mark.takes(50)
def test_registration_is_refreshed_before_it_ends(make_phone):
    phone = make_phone(account__1__refresh_s=20).register()
    phone.run(40)
    assert len(phone.frames("REGACK", "in")) in (3, 4)
    assert not phone.seen("unregistered")


@pytest.mark.item(2)
def test_account_without_call_token_registers_and_calls(make_phone):
    phone = make_phone("phonenotoken").register()
    phone.dial("600")
    phone.do("wait call up 5")
    said = phone.say("No token was asked for")
    phone.run(1)
    phone.do("hang")
    phone.assert_clear()
    phone.assert_echo(said)


@pytest.mark.takes(25)
def test_wrong_secret_ends_in_status_one_with_a_clear_line(server, tmp_path, taken):
    scenario = tmp_path / "scenario"
    scenario.write_text("wait registered 5\n")
    order = [sys.executable, str(ROOT / "tools/vphone.py"), "--server", server.address, "--user", "phone"]
    order += ["--secret", "wrong", "--scenario", str(scenario), "--report", str(tmp_path / "report")]
    done = subprocess.run(order, capture_output=True, text=True, timeout=60, check=False)
    taken.append(tmp_path / "report" / "net.pcap")
    assert done.returncode == 1, done.stdout + done.stderr
    told = done.stderr.splitlines()
    assert "wait registered 5" in told[0] and "not so within 5 s" in told[0]
    assert "Traceback" not in done.stderr
    assert "check account.1.user and account.1.secret" in done.stdout, "the story says nothing of a refusal"


@pytest.mark.item(44)
@pytest.mark.takes(25)
def test_wrong_secret_does_not_hammer_the_server(make_phone):
    phone = make_phone(secret="wrong")
    phone.session.power_on()
    phone.run(20)
    assert not phone.session.registered
    assert phone.seen("unregistered"), "nobody was told"
    assert 2 <= len(phone.frames("REGREQ")) <= 6, "one attempt is three REGREQ: bare, with token, with result"


@pytest.mark.takes(40)
def test_server_restarted_while_idle_finds_the_phone_again(make_phone, server):
    phone = make_phone(account__1__refresh_s=20).register()
    phone.meanwhile(server.kill)
    phone.run(2)
    phone.meanwhile(lambda: server.restart(forget=True))
    found = phone.server_says(lambda: " OK (" in server.peer(phone.account), 30)
    assert found, f"not registered again: {server.peer(phone.account)!r}"
    phone.dial("600")
    phone.do("wait call up 5")
    said = phone.say("Good morning again")
    phone.run(1)
    phone.do("hang")
    phone.assert_clear()
    phone.assert_echo(said)


def test_server_that_is_not_there_leaves_the_phone_unregistered(make_phone, server):
    """The line works all the same."""
    server.kill()
    phone = make_phone()
    phone.session.power_on()
    phone.do("lift", "wait tone dial 3", "hang")
    phone.run(5)
    assert not phone.session.registered
