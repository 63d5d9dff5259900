"""The telephone of a box with a second server: what it notices when the first one dies, and what not."""

import earpiece
import pytest
from two_servers import AtaServersBench

import codes
import main
import servers
import stub_hal

GUARDED = {"account.1.altserver": "spare", "account.1.refresh_s": "20"}


def guarded(**options) -> AtaServersBench:
    bench = AtaServersBench(("pbx", "spare"), settings={**GUARDED, **options.pop("settings", {})}, **options)
    for server in bench.servers.values():
        server.quirks.refresh = 20
    bench.run(1000)
    return bench


def at(bench: AtaServersBench, server: str) -> bool:
    account = bench.servers[server].accounts["ata1"]
    index = {"pbx": 1, "spare": 2}[server]
    return account.registered(bench.t_ms) and bench.ata.endpoint.accounts[0].peer == index


def test_parts_for_a_second_server_are_loaded_only_if_there_is_one():
    assert guarded().ata.services
    bench = AtaServersBench()
    assert bench.ata.services == [bench.ata.announcer] and bench.ata.endpoint.parts == []


def test_call_after_the_failover_goes_through_the_second_server():
    bench = guarded()
    bench.servers["pbx"].vanish()
    assert bench.run_until(lambda: at(bench, "spare"), 40_000)
    bench.lift()
    bench.dtmf("600")
    assert bench.run_until(lambda: bench.state == codes.TALK)
    assert bench.servers["spare"].current_call().state == "up"
    assert (codes.LOG_SERVER, 1, 2) in [
        (getattr(codes, name), a, b) for _, name, a, b in bench.log if name == "LOG_SERVER"
    ]


def test_call_through_the_second_server_rings():
    bench = guarded()
    bench.servers["pbx"].vanish()
    assert bench.run_until(lambda: at(bench, "spare"), 40_000)
    bench.servers["spare"].call_device("ata1")
    assert bench.run_until(lambda: bench.ringing, 3000)


def test_telephone_says_dial_tone_all_the_while_and_the_box_counts_as_registered():
    bench = guarded(settings={"feature.tone_unregistered": "off"})
    bench.servers["pbx"].vanish()
    bench.run(5000)
    bench.lift(1000)
    assert "dial" in earpiece.names(bench.hal.pcm.ear)
    bench.hang()
    assert bench.run_until(lambda: at(bench, "spare"), 40_000)
    assert bench.registered == {1}


def test_call_with_a_server_that_goes_silent_stays_and_ends_there():
    """Voice may still flow though signalling is dead: nothing is moved; the next call goes elsewhere."""
    bench = guarded()
    bench.lift()
    bench.dtmf("600")
    assert bench.run_until(lambda: bench.state == codes.TALK)
    bench.servers["pbx"].vanish()
    bench.run(25_000)
    assert bench.ata.endpoint.accounts[0].peer == 1 and bench.state == codes.TALK
    assert bench.run_until(lambda: bench.state == codes.REORDER_TONE, 15_000)
    bench.hang(0)
    assert bench.run_until(lambda: at(bench, "spare"), 10_000)


def test_box_goes_back_but_not_during_a_call():
    bench = guarded()
    bench.servers["pbx"].vanish()
    assert bench.run_until(lambda: at(bench, "spare"), 40_000)
    bench.lift()
    bench.dtmf("600")
    assert bench.run_until(lambda: bench.state == codes.TALK)
    bench.servers["pbx"].restart()
    bench.run(90_000)
    call = bench.servers["spare"].current_call()
    assert call.state == "up" and not at(bench, "pbx"), "a call stays where it began"
    bench.hang()
    assert bench.run_until(lambda: at(bench, "pbx"), 60_000)


def test_two_accounts_with_crossed_servers_change_over_by_themselves():
    """Each server is the other account's second one: they share addresses, and nothing else."""
    crossed = {"account.2.server": "spare", "account.2.altserver": "pbx", "account.2.user": "ata2"}
    bench = guarded(settings={**crossed, "account.2.secret": "pw2", "account.2.refresh_s": "20"})
    assert bench.hal.net.peers == {1: ("pbx", 4569), 2: ("spare", 4569)}
    bench.servers["pbx"].vanish()
    assert bench.run_until(lambda: at(bench, "spare"), 40_000)
    bench.run(30_000)
    assert bench.registered == {1, 2} and bench.ata.endpoint.accounts[1].peer == 3, "account 2 stays"
    bench.servers["pbx"].restart()
    assert bench.run_until(lambda: at(bench, "pbx"), 60_000)


def powered(unknown: set, run_ms: int):
    """Return the HAL of a box that main.py ran: two servers, some names unknown, nobody answers."""
    hal = stub_hal.make(1)
    saved = {"server": "pbx", "altserver": "spare", "user": "ata1", "secret": "pw1"}
    hal.store.blobs["config"] = "".join(f"account.1.{k}={v}\n" for k, v in saved.items()).encode()
    hal.clock.run_for(run_ms)
    hal.clock.step_ms = 20
    hal.net.unknown_hosts = unknown
    return hal


@pytest.mark.parametrize("unknown", ["pbx", "spare"])
def test_name_that_nobody_knows_is_told_and_does_not_stop_the_other_server(unknown):
    hal = powered({unknown}, 20_000)
    main.run(hal)
    named = {"pbx": "account.1.server", "spare": "account.1.altserver"}[unknown]
    assert f"net: nobody knows the server {unknown}: check {named}" in hal.serial.said.decode()
    assert len(hal.net.peers) == 1 and hal.net.take_sent()


def test_name_of_a_first_server_that_stays_away_is_looked_up_again_while_the_other_serves(monkeypatch):
    """Never during a call, and not as long as it answers."""
    looked: list[int] = []
    bench = guarded()
    bench.servers["pbx"].vanish()
    assert bench.run_until(lambda: at(bench, "spare"), 40_000)
    bench.ata.failures[0] = 0
    server = (0, 0, [(1, "pbx", 4569), (2, "spare", 4569)])
    monkeypatch.setattr(servers, "find", lambda hal, ata, entry: looked.append(entry[0]))
    for _ in range(300):
        bench.run(1000, 20)
        if max(bench.ata.failures) >= 3:
            servers.look_again(bench.hal, server, bench.ata)
    assert looked[:2] == [1, 2] and 2 <= len(looked) <= 4
    assert bench.ata.failures[0] < 3
