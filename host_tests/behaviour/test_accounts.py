"""Several accounts: each with its own server, secret, codecs and policy; one telephone for them all."""

import pytest
from two_servers import AtaServersBench

import codes
import servers
from peer import Peer

SECOND = {"account.2.server": "spare", "account.2.user": "ata2", "account.2.secret": "pw2"}


def box(names=("pbx", "spare"), settings=None, **options) -> AtaServersBench:
    """Return a box with account 1 at the first server and account 2 at the second."""
    return AtaServersBench(names, settings={**SECOND, **(settings or {})}, **options)


def rung(bench: AtaServersBench, server: str, account: str, **invitation):
    """Let a server call one of the accounts; return its side of the call, ringing."""
    call = bench.servers[server].call_device(account, **invitation)
    assert bench.run_until(lambda: bench.ringing, 3000)
    return call


def dial(bench: AtaServersBench, number: str = "600") -> None:
    bench.lift()
    bench.dtmf(number)
    bench.run(4000)


def logged(bench: AtaServersBench, name: str) -> list[tuple[int, int]]:
    return [(a, b) for _, what, a, b in bench.log if what == name]


def test_each_account_registers_at_its_own_server_with_its_own_secret():
    bench = box()
    assert bench.registered == {1, 2}
    assert {name for name, _ in logged(bench, "LOG_REGISTERED")} == {1, 2}
    for server, account in (("pbx", "ata1"), ("spare", "ata2")):
        known = bench.servers[server].accounts
        assert [name for name in known if known[name].addr] == [account]


def test_four_accounts_at_four_servers():
    names = ("one", "two", "three", "four")
    accounts = {f"ata{number}": f"pw{number}" for number in range(1, 5)}
    settings = {f"account.{number}.server": name for number, name in enumerate(names, 1)}
    settings.update({f"account.{number}.user": f"ata{number}" for number in range(1, 5)})
    settings.update({f"account.{number}.secret": f"pw{number}" for number in range(1, 5)})
    bench = AtaServersBench(names, settings=settings, accounts=accounts)
    assert bench.registered == {1, 2, 3, 4}
    assert bench.hal.net.peers == {1: ("one", 4569), 3: ("two", 4569), 5: ("three", 4569), 7: ("four", 4569)}
    rung(bench, "four", "ata4")
    bench.hal.slic.lift()
    assert bench.run_until(lambda: bench.state == codes.TALK)


def test_two_accounts_at_one_server_share_its_address():
    bench = box(("pbx",), {"account.2.server": "pbx"})
    assert bench.registered == {1, 2} and bench.hal.net.peers == {1: ("pbx", 4569)}
    for account in ("ata1", "ata2"):
        call = rung(bench, "pbx", account)
        bench.lift()
        assert bench.run_until(lambda: call.state == "up")  # noqa: B023  done before the next turn
        bench.hang()
        assert bench.run_until(lambda: not bench.peer.live_calls())


def test_account_that_is_refused_troubles_no_other():
    bench = box(settings={"account.1.secret": "wrong"}, register=False)
    bench.run(3000)
    assert bench.registered == {2}
    assert [number for number, _ in logged(bench, "LOG_UNREGISTERED")] == [1]
    bench.run(120_000, 20)
    assert bench.registered == {2} and {number for number, _ in logged(bench, "LOG_UNREGISTERED")} == {1}


def test_call_goes_through_the_first_account_that_is_registered():
    bench = box()
    dial(bench)
    assert bench.servers["pbx"].current_call() and not bench.servers["spare"].calls
    bench.hang(2000)
    bench = box(settings={"account.1.secret": "wrong"}, register=False)
    bench.run(3000)
    dial(bench)
    assert bench.servers["spare"].current_call().state == "up" and not bench.servers["pbx"].calls


def test_account_that_need_not_register_is_called_through_like_one_that_is():
    bench = box(settings={"account.1.register": "off"})
    assert bench.registered == {2}
    dial(bench)
    assert bench.servers["pbx"].current_call().state == "up"
    assert bench.servers["pbx"].frames("REGREQ", "in") == []


def test_server_that_says_nothing_to_a_call_is_to_be_looked_up_again():
    """Without a registration nothing else tells that it has moved; a call that was answered tells nothing."""
    bench = box(settings={"account.1.register": "off"})
    dial(bench)
    assert bench.state == codes.TALK
    bench.hang()
    assert max(bench.ata.failures) == 0
    bench.servers["pbx"].vanish()
    dial(bench)
    bench.hang()
    assert list(bench.ata.failures) == [codes.LOOK_AGAIN, 0, 0, 0]


def test_call_with_nobody_registered_is_tried_through_the_first_account():
    bench = box(register=False)
    for server in bench.servers.values():
        server.vanish()
    bench.run(1000)
    dial(bench)
    sent = [index for index, leg in enumerate(bench.ata.endpoint.legs) if leg.state]
    assert sent == [0] and bench.ata.endpoint.legs[0].account.index == 0


def test_codecs_are_those_of_the_account_that_is_called():
    bench = box(settings={"account.1.codecs": "ulaw", "account.2.codecs": "alaw"})
    for server, account, law in (("pbx", "ata1", codes.LAW_ULAW), ("spare", "ata2", codes.LAW_ALAW)):
        call = rung(bench, server, account)
        bench.lift(500)
        assert call.state == "up" and bench.ata.endpoint.legs[0].law == law
        bench.hang(2000)


def test_call_of_one_server_hears_busy_while_the_other_one_is_on_the_line():
    bench = box()
    rung(bench, "pbx", "ata1")
    bench.lift()
    second = bench.servers["spare"].call_device("ata2")
    bench.run(500)
    assert second.cause == 17 and bench.state == codes.TALK


def test_server_that_dies_takes_only_its_own_registration_along():
    bench = box(settings={"account.1.refresh_s": "20", "account.2.refresh_s": "20"})
    for server in bench.servers.values():
        server.quirks.refresh = 20
    bench.run(60_000, 20)
    bench.servers["spare"].vanish()
    bench.run(120_000, 20)
    assert bench.registered == {1}
    dial(bench)
    assert bench.servers["pbx"].current_call().state == "up"


def test_switching_off_says_good_bye_to_every_server():
    bench = box()
    servers.release(bench.ata, bench.hal.clock.ticks_ms())
    assert bench.run_until(lambda: servers.gone(bench.ata), 3000)
    for server, account in (("pbx", "ata1"), ("spare", "ata2")):
        assert bench.servers[server].accounts[account].addr is None


def test_good_bye_waits_for_no_server_that_is_gone():
    bench = box()
    bench.servers["spare"].vanish()
    servers.release(bench.ata, bench.hal.clock.ticks_ms())
    bench.run(1000)
    assert bench.servers["pbx"].accounts["ata1"].addr is None and not servers.gone(bench.ata)


def test_plaintext_is_allowed_account_by_account():
    """One server asks for plaintext: only the account whose user allowed it gives its secret away."""
    for allowed, known in (("plain", {1, 2}), ("md5", {1})):
        bench = box(settings={"account.2.auth": allowed}, register=False)
        bench.servers["spare"].quirks.authmethods = 1
        bench.servers["pbx"].quirks.authmethods = 3
        bench.run(3000)
        assert bench.registered == known, allowed
        said = [frame["ie"].get("PASSWORD") for frame in bench.servers["pbx"].frames("REGREQ", "in")]
        assert not any(said), "the other server never saw one"


@pytest.mark.parametrize("server", ["pbx", "spare"])
def test_server_that_restarts_finds_its_account_again(server):
    bench = box(settings={"account.1.refresh_s": "20", "account.2.refresh_s": "20"})
    peer: Peer = bench.servers[server]
    for each in bench.servers.values():
        each.quirks.refresh = 20
    peer.restart()
    assert bench.run_until(lambda: any(account.addr for account in peer.accounts.values()), 61_000)
