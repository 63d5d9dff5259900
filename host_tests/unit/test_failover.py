"""When an account goes over to its second server, when it comes back, and when it stays where it is."""

from corekit import sent
from two_servers import ServersBench

import codes
import ticks
from failover import Failover

FIRST, SECOND = 1, 2


def guarded(refresh_s: int = 20, register: bool = True, **options) -> ServersBench:
    """Return a bench whose one account has two servers, registered at the first."""
    bench = ServersBench(servers=(FIRST, SECOND), **options)
    for server in bench.servers.values():
        server.quirks.refresh = refresh_s
    bench.account.refresh_s = refresh_s
    bench.registrar.account = bench.account
    bench.lost = bytearray(4)
    bench.services.append(Failover(bench.endpoint, [bench.registrar], [bench.account], bench.lost))
    if register:
        bench.register(1000)
    return bench


def until(bench: ServersBench, server: int, most_s: int) -> float:
    """Run until the account is served by `server` and registered there; return the seconds it took."""
    began = bench.t_ms
    known = bench.servers[server].accounts["ata1"]
    while not (bench.account.peer == server and known.registered(bench.t_ms) and at_rest(bench)):
        assert bench.t_ms - began < most_s * 1000, f"still at {bench.account.peer} after {most_s} s"
        bench.run(100)
    return (bench.t_ms - began) / 1000


def at_rest(bench: ServersBench) -> bool:
    return bench.registrar.state == codes.REG_DONE


def switches(bench: ServersBench) -> list[int]:
    """Return the peers that EV_SERVER told, in their order."""
    return [arg & 15 for _, name, _, arg in bench.events if name == "SERVER"]


def test_nothing_happens_while_the_first_server_is_there():
    bench = guarded()
    bench.run(300_000)
    assert bench.account.peer == FIRST and switches(bench) == []
    assert {peer for _, peer in bench.asked} == {FIRST}, "nobody else is asked"
    waits = [b - a for (a, _), (b, _) in zip(bench.asked, bench.asked[1:])]
    assert all(9_900 <= wait <= 10_100 for wait in waits), "twice each registration interval"


def test_a_dead_server_is_left_within_two_registration_intervals():
    for refresh_s in (20, 60):
        bench = guarded(refresh_s)
        bench.run(500)
        bench.servers[FIRST].vanish()
        took_s = until(bench, SECOND, 2 * refresh_s)
        print(f"refresh {refresh_s} s: {took_s} s")
        assert switches(bench) == [SECOND]


def test_a_server_that_dies_at_any_moment_is_left_in_time():
    """Between two registrations, in the middle of one, and when a question has just been answered."""
    for wait_ms in range(0, 20_000, 1700):
        bench = guarded(20, seed=1 + wait_ms)
        bench.run(wait_ms)
        bench.servers[FIRST].vanish()
        until(bench, SECOND, 40)


def test_a_server_that_is_not_there_at_the_start_is_left_in_half_a_minute():
    bench = guarded(60, register=False)
    bench.servers[FIRST].vanish()
    bench.registrar.start(bench.account, bench.now)
    bench.drain()
    assert until(bench, SECOND, 30) > 5


def test_a_first_server_nobody_can_find_does_not_keep_the_box_from_the_second():
    """Its name has no address: no registration is ever begun."""
    bench = guarded(60, register=False)
    bench.servers[FIRST].vanish()
    assert bench.registrar.state == codes.REG_IDLE
    until(bench, SECOND, 30)


def test_the_first_server_gets_the_box_back_when_it_has_answered_twice():
    bench = guarded()
    bench.servers[FIRST].vanish()
    until(bench, SECOND, 40)
    bench.run(60_000)
    assert bench.account.peer == SECOND
    bench.servers[FIRST].restart()
    began = bench.t_ms
    assert until(bench, FIRST, 60) >= 5
    answered = [frame for frame in bench.servers[FIRST].frames("PONG", "out") if frame["t"] >= began]
    assert len(answered) == 2
    assert switches(bench) == [SECOND, FIRST]


def test_one_answer_of_the_first_server_is_not_enough():
    bench = guarded()
    bench.servers[FIRST].vanish()
    until(bench, SECOND, 40)
    pongs = bench.servers[FIRST].frames("PONG", "out")
    bench.servers[FIRST].come_back()
    while len(bench.servers[FIRST].frames("PONG", "out")) == len(pongs):
        bench.run(100)
    bench.servers[FIRST].vanish()
    bench.run(120_000)
    assert bench.account.peer == SECOND


def test_the_second_server_is_left_too_when_it_dies():
    bench = guarded()
    bench.servers[FIRST].vanish()
    until(bench, SECOND, 40)
    bench.servers[SECOND].vanish()
    bench.run(60_000)
    assert bench.account.peer == SECOND, "nobody answers: stay"
    bench.servers[FIRST].restart()
    until(bench, FIRST, 60)


def test_with_both_servers_gone_the_box_stays_where_it_is_and_does_not_hammer():
    bench = guarded()
    bench.servers[FIRST].vanish()
    bench.servers[SECOND].vanish()
    bench.run(600_000)
    assert bench.account.peer == FIRST and switches(bench) == []
    assert len(bench.sent) < 1000, "octets for nobody: at most 1.6 datagrams a second"
    bench.servers[FIRST].restart()
    until(bench, FIRST, 80)


def test_nothing_is_switched_during_a_call_and_at_once_after_it():
    bench = guarded(20)
    leg = bench.endpoint.legs[0]
    leg.account, leg.state = bench.account, codes.CALL_UP  # as if somebody talked for long
    leg.poll = lambda now: None
    bench.servers[FIRST].vanish()
    bench.run(120_000)
    assert bench.account.peer == FIRST
    del leg.poll
    leg.drop(16, bench.now)
    bench.run(11_000)
    until(bench, SECOND, 2)


def test_a_call_of_another_account_holds_nobody_back():
    bench = guarded(20)
    leg = bench.endpoint.legs[0]
    leg.account, leg.state = object(), codes.CALL_UP
    leg.poll = lambda now: None
    bench.servers[FIRST].vanish()
    until(bench, SECOND, 40)


def test_a_server_that_answers_pokes_but_registers_nobody_is_left_after_two_failures():
    bench = guarded(20)
    bench.servers[FIRST].faults.lose("REGREQ", way="in")
    until(bench, SECOND, 150)


def test_a_server_that_refused_us_is_not_gone_back_to_for_long():
    bench = guarded(20)
    bench.servers[FIRST].accounts["ata1"].secret = "changed"
    until(bench, SECOND, 200)
    began = bench.t_ms
    bench.run(180_000)
    assert bench.account.peer == SECOND, "it answers, but would not have us"
    bench.servers[FIRST].accounts["ata1"].secret = "pw1"
    until(bench, FIRST, 600)
    assert bench.t_ms - began > 180_000
    bench.run(60_000)
    assert bench.account.peer == FIRST


def test_an_account_that_does_not_register_changes_servers_by_poke_alone():
    bench = ServersBench()
    bench.services.append(Failover(bench.endpoint, [], [bench.account], bytearray(4)))
    bench.servers[FIRST].vanish()
    bench.run(60_000)
    assert bench.account.peer == SECOND
    assert sent(bench, "REGREQ") == []
    bench.dial("600", 2000)
    assert bench.servers[SECOND].current_call().state == "up"


def test_a_name_is_looked_up_again_when_the_first_server_stays_away():
    bench = guarded()
    bench.servers[FIRST].vanish()
    until(bench, SECOND, 40)
    bench.lost[0] = 0
    bench.run(600_000)
    assert bench.lost[0] >= 3, "main.py is told"


def test_a_box_that_is_going_down_changes_nothing():
    bench = guarded()
    bench.registrar.release(bench.now)
    bench.drain()
    for server in bench.servers.values():
        server.vanish()
    bench.run(60_000)
    assert bench.account.peer == FIRST
    assert all(t_ms < 2000 for t_ms, _ in bench.asked)


def test_loss_of_a_fifth_of_all_datagrams_is_no_reason_to_leave():
    bench = guarded(20)
    bench.servers[FIRST].faults.lose(20, way="both")
    bench.run(600_000)
    assert switches(bench).count(SECOND) <= 1


def test_the_change_stands_in_the_log():
    bench = guarded()
    bench.servers[FIRST].vanish()
    until(bench, SECOND, 40)
    ring = bench.log.ring
    rows = [list(ring[at : at + 4]) for at in range(0, len(ring), 4)]
    assert [row[2:] for row in rows if row[1] == codes.LOG_SERVER] == [[1, SECOND]]


def test_the_clock_may_wrap_meanwhile():
    bench = guarded(20, start=ticks.add(0, -15_000))
    bench.servers[FIRST].vanish()
    until(bench, SECOND, 40)
