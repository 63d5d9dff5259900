"""Being registered, staying so, and trying again: what the server sees, and what the telephone gives."""

import itertools
import re

import earpiece
import pytest
from ata_bench import AtaBench

import codes


def attempts(bench: AtaBench) -> list[float]:
    """Return when each registration dialog began: the first REGREQ of each of our numbers."""
    first: dict[int, float] = {}
    for frame in bench.peer.log:
        if frame["name"] == "REGREQ" and frame["way"] == "in":
            first.setdefault(frame["src"], frame["t"])
    return list(first.values())


def idle(bench: AtaBench, seconds: int) -> None:
    """Let a long time pass quickly: in coarse steps, and without sound, which nobody hears."""
    pcm = bench.hal.pcm
    pcm.read_into = lambda frame: False
    bench.run(seconds * 1000, 50)
    del pcm.read_into
    pcm._read_at = pcm._played_at = bench.hal.clock.ticks_ms()


def waits_s(bench: AtaBench) -> list[float]:
    return [(b - a) / 1000 for a, b in itertools.pairwise(attempts(bench))]


def unregistered(bench: AtaBench) -> list[int]:
    """Return the causes told in the log."""
    return [cause for _, name, _, cause in bench.log if name == "LOG_UNREGISTERED"]


def test_registration_takes_two_rounds_and_is_acknowledged():
    bench = AtaBench()
    account = bench.peer.accounts["ata1"]
    assert account.registered(bench.t_ms)
    bench.run(1000)
    assert [f["name"] for f in bench.peer.log if f["kind"] == "full"][:7] == [
        "REGREQ",
        "CALLTOKEN",
        "REGREQ",
        "REGAUTH",
        "REGREQ",
        "POKE",
        "REGACK",
    ]
    assert account.reachable == "OK"


@pytest.mark.parametrize("granted_s", [60, 300])
def test_refresh_comes_at_five_sixths_less_up_to_a_tenth_at_random(granted_s):
    waits = []
    for seed in range(1, 4):
        bench = AtaBench(seed=seed)
        bench.peer.quirks.refresh = granted_s
        idle(bench, 100)
        waits.append(waits_s(bench)[-1])
        bench = AtaBench(seed=seed, settings={"account.1.refresh_s": str(granted_s)})
        idle(bench, granted_s * 2)
        waits += waits_s(bench)
    # the first refresh follows the 60 s that the first REGACK granted
    for wait in waits:
        nominal = granted_s if wait > 60 else 60
        assert 0.9 * nominal * 5 / 6 - 0.1 <= wait <= nominal * 5 / 6 + 0.1
    assert len(set(waits)) > len(waits) // 2, "the moments differ"


def test_box_stays_registered_for_an_hour():
    bench = AtaBench()
    account = bench.peer.accounts["ata1"]
    for _ in range(60):
        idle(bench, 60)
        assert account.registered(bench.t_ms)
    assert {what for _, what in account.history} == {"registered"}
    assert account.reachable == "OK"
    assert bench.ata.registered


def test_wrong_secret_is_told_and_not_hammered():
    bench = AtaBench(settings={"account.1.secret": "wrong"}, register=False)
    idle(bench, 600)
    assert not bench.ata.registered
    assert unregistered(bench)[0] == 29
    waits = waits_s(bench)
    assert 30 <= waits[0] <= 40
    assert all(b >= 1.5 * a for a, b in itertools.pairwise(waits[:3])), "ever longer"
    assert len(attempts(bench)) <= 6, "in ten minutes"


def test_waits_after_silence_double_with_jitter_up_to_a_cap():
    first = []
    for seed in range(1, 4):
        bench = AtaBench(seed=seed, register=False)
        bench.peer.faults.lose(100, way="out")
        idle(bench, 500)
        waits = waits_s(bench)
        first.append(waits[0])
        for number, wait in enumerate(waits):
            silence_s = 30 + 5  # the attempt itself, until it is given up
            pause = 2 * 2 ** min(number, 5)
            assert pause <= wait <= silence_s + 1.25 * pause + 0.1, (number, wait)
    assert len(set(first)) > 1, "boxes that lost their power together do not come back together"


def test_box_registers_again_soon_after_the_server_is_back():
    bench = AtaBench()
    bench.peer.vanish()
    idle(bench, 200)
    assert not bench.ata.registered
    assert unregistered(bench) and set(unregistered(bench)) == {0}
    bench.peer.come_back()
    assert bench.run_until(lambda: bench.ata.registered, 150000)


def test_server_that_restarts_and_forgets_is_registered_with_again():
    bench = AtaBench()
    bench.run(20000)
    bench.peer.restart()
    assert not bench.peer.accounts["ata1"].registered(bench.t_ms)
    bench.run(35000)
    assert bench.peer.accounts["ata1"].registered(bench.t_ms)
    assert bench.ata.registered
    assert unregistered(bench) == []


def test_refused_registration_is_lost_and_comes_back():
    bench = AtaBench()
    account = bench.peer.accounts["ata1"]
    account.secret = "changed"
    bench.run(60000)
    assert not bench.ata.registered
    account.secret = "pw1"
    assert bench.run_until(lambda: bench.ata.registered, 60000)


def test_stateless_refusal_is_tried_again_by_the_short_waits():
    bench = AtaBench(register=False)
    bench.peer.quirks.stateless_reject = {"REGREQ"}
    bench.run(5000)
    bench.peer.quirks.stateless_reject = set()
    assert bench.run_until(lambda: bench.ata.registered, 10000)


def test_call_goes_on_while_the_registration_is_lost():
    bench = AtaBench()
    bench.lift()
    bench.dtmf("600#")
    bench.run(500)
    bench.peer.accounts["ata1"].secret = "changed"
    bench.run(55000)
    assert not bench.ata.registered
    assert bench.state == codes.TALK


def test_dial_tone_is_there_without_registration_when_the_setting_says_so():
    bench = AtaBench(settings={"account.1.secret": "wrong"}, register=False)
    bench.run(1000)
    bench.lift(1500)
    assert earpiece.names(bench.hal.pcm.ear[-60:]) == ["dial"]


def test_reorder_tone_tells_that_the_box_is_not_registered_when_the_setting_says_so():
    settings = {"account.1.secret": "wrong", "feature.tone_unregistered": "off"}
    bench = AtaBench(settings=settings, register=False)
    bench.run(1000)
    bench.lift(2500)
    assert earpiece.names(bench.hal.pcm.ear[-110:]) == ["reorder"]
    bench.dtmf("600#")
    bench.run(1000)
    assert not bench.peer.frames("NEW", "in")
    bench.hang()
    assert bench.at_rest
    bench.peer.accounts["ata1"].secret = "wrong"
    assert bench.run_until(lambda: bench.ata.registered, 60000)
    bench.lift(1500)
    assert earpiece.names(bench.hal.pcm.ear[-60:]) == ["dial"]


def test_box_that_need_not_register_has_dial_tone_and_calls():
    settings = {"account.1.register": "off", "feature.tone_unregistered": "off"}
    bench = AtaBench(settings=settings, register=False)
    idle(bench, 60)
    assert not bench.peer.frames("REGREQ", "in")
    bench.lift(1500)
    assert earpiece.names(bench.hal.pcm.ear[-60:]) == ["dial"]
    bench.dtmf("600#")
    assert bench.run_until(lambda: bench.state == codes.TALK, 1000)


def test_voice_mail_that_waits_is_written_to_the_log():
    accounts = {"ata1": {"secret": "pw1", "mailbox": (3, 7)}}
    bench = AtaBench(accounts=accounts)
    bench.run(100)
    assert [(new, old) for _, name, new, old in bench.log if name == "LOG_MESSAGES"] == [(3, 7)]


def test_the_server_s_date_and_time_come_to_the_console_once():
    bench = AtaBench(settings={"system.clock": "on", "account.1.refresh_s": "20"})
    bench.run(60_000)
    told = bytes(bench.hal.serial.said).decode().splitlines()
    assert len(told) == 1
    assert re.fullmatch(r"clock: 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d by account 1", told[0])


def test_nobody_asks_for_the_date_by_default():
    bench = AtaBench()
    assert not bench.hal.serial.said
