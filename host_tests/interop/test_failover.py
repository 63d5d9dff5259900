"""Two real servers: one dies and comes back, and two accounts live on both at once."""

import time

import pytest

REFRESH_S = 20


def beside(server, number: int = 1, alt: bool = False, **more) -> dict:
    """Return the settings that make `server` the server (or the second server) of account `number`."""
    kind = "alt" if alt else ""
    prefix = f"account__{number}__"
    settings = {f"{prefix}{kind}server": server.host, f"{prefix}{kind}port": server.port}
    return {**settings, **{prefix + name: value for name, value in more.items()}}


def registered_at(phone, server) -> bool:
    return server.host in server.peer(phone.account)


def call_through(phone, server) -> None:
    """Call the echo and see that it is this server that answers."""
    before = len(phone.seen("frame", dir="out", subclass="NEW", remote=server.address))
    phone.dial("600")
    phone.do("wait call up 5", "sleep 0.5", "hang")
    assert len(phone.seen("frame", dir="out", subclass="NEW", remote=server.address)) > before
    phone.assert_clear()


@pytest.mark.takes(75)
def test_killed_server_is_left_within_two_intervals_and_returned_to(make_phone, server, second_server):
    """Failover, a call through the spare server, and back when the first one is there again."""
    settings = beside(second_server, alt=True)
    phone = make_phone(account__1__refresh_s=REFRESH_S, **settings).register()
    phone.run(3)
    phone.meanwhile(server.kill)
    began = time.monotonic()
    assert phone.until(lambda: phone.seen("server", server="second"), 2 * REFRESH_S), "still at the dead one"
    there = phone.server_says(lambda: registered_at(phone, second_server), 5)
    took_s = time.monotonic() - began
    print(f"killed, and registered at the other after {took_s:.1f} s")
    assert there and took_s < 2 * REFRESH_S
    call_through(phone, second_server)

    phone.meanwhile(lambda: server.restart(forget=True))
    began = time.monotonic()
    assert phone.until(lambda: phone.seen("server", server="first"), 3 * REFRESH_S), "not back"
    assert phone.server_says(lambda: registered_at(phone, server), 5)
    print(f"back, and registered there after {time.monotonic() - began:.1f} s")
    call_through(phone, server)


@pytest.mark.takes(60)
def test_call_through_a_server_that_dies_is_not_moved_and_the_next_one_goes_elsewhere(
    make_phone, server, second_server
):
    phone = make_phone(account__1__refresh_s=REFRESH_S, **beside(second_server, alt=True)).register()
    phone.dial("600")
    phone.do("wait call up 5")
    phone.meanwhile(server.kill)
    phone.run(20)
    assert not phone.seen("server"), "moved during the call"
    assert phone.leg == "UP"
    phone.do("hang")
    assert phone.until(lambda: phone.seen("server", server="second"), 20)
    assert phone.server_says(lambda: registered_at(phone, second_server), 5)
    call_through(phone, second_server)


def test_first_server_that_was_never_there_does_not_keep_the_phone_from_working(
    make_phone, server, second_server
):
    server.kill()
    phone = make_phone(account__1__refresh_s=REFRESH_S, **beside(second_server, alt=True))
    phone.session.power_on()
    assert phone.until(lambda: phone.registered == {1}, 25)
    call_through(phone, second_server)


@pytest.fixture
def two(make_phone, server, second_server):
    """A phone with account 1 at the first server and account 2 at the second."""
    more = beside(second_server, 2, user="phone", secret=second_server.secret, codecs="alaw")
    phone = make_phone(**more)
    phone.session.power_on()
    assert phone.until(lambda: phone.registered == {1, 2}, 10)
    return phone


def test_two_accounts_are_registered_at_two_servers(two, server, second_server):
    assert two.server_says(lambda: registered_at(two, server))
    assert two.server_says(lambda: second_server.host in second_server.peer("phone"))
    assert {event["account"] for event in two.seen("registered")} == {1, 2}


def test_calls_from_both_servers_ring_and_are_spoken_in_the_codec_of_their_account(
    two, server, second_server
):
    two.server_says(lambda: server.wait_peer(two.account))
    two.server_says(lambda: second_server.wait_peer("phone"))
    for caller, account, codec in ((server, two.account, "ulaw"), (second_server, "phone", "alaw")):
        two.meanwhile(lambda: caller.call(account))  # noqa: B023  done before the next turn
        two.do("wait ringing 5", "lift", "wait call up 5", "sleep 1")
        shown = two.meanwhile(lambda: caller.cli("iax2 show channels"))  # noqa: B023
        assert codec in shown, shown
        two.do("hang")
        two.assert_clear()


def test_outgoing_call_takes_the_first_account_that_is_registered(two, server, second_server):
    call_through(two, server)
    two.meanwhile(lambda: server.cli("core show channels"))
    assert not two.seen("frame", dir="out", subclass="NEW", remote=second_server.address)


@pytest.mark.takes(45)
def test_outgoing_call_takes_the_second_account_when_the_first_is_refused(make_phone, server, second_server):
    more = beside(second_server, 2, user="phone", secret=second_server.secret)
    phone = make_phone(secret="wrong", **more)
    phone.session.power_on()
    assert phone.until(lambda: phone.registered == {2}, 10)
    assert phone.until(lambda: phone.seen("unregistered", account=1), 10)
    call_through(phone, second_server)


def test_two_accounts_at_one_server_are_both_registered(make_phone, server):
    phone = make_phone("phone1", **beside(server, 2, user="phone2", secret=server.secret))
    phone.session.power_on()
    assert phone.until(lambda: phone.registered == {1, 2}, 10)
    for account in ("phone1", "phone2"):
        assert phone.server_says(lambda: server.wait_peer(account)), account  # noqa: B023
        phone.meanwhile(lambda: server.call(account))  # noqa: B023
        phone.do("wait ringing 5", "lift", "wait call up 5", "hang")
        phone.assert_clear()
