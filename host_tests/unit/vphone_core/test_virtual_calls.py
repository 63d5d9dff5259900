"""The whole firmware in virtual time against the bundled peer, under MicroPython."""

import json
import time

import need
import pytest

from tools.vphone_lib.session import Session
from tools.vphone_lib.world import Options

LEAST_SPEED = 20.0


@pytest.fixture(params=[pytest.param(64, marks=pytest.mark.vm), pytest.param(32, marks=pytest.mark.vm32)])
def session(request):
    path = need.micropython(request.param)
    with Session(Options(virtual=True, vm=path, first_tick=2**30 - 6000)) as session:
        session.power_on()
        yield session


def _all(session, *lines):
    for line in lines:
        session.do(line)


def test_a_call_runs_at_least_twenty_times_faster_than_life(session):
    _all(session, "wait registered", "lift", "wait tone dial", "dtmf 600#", "wait call up")
    began, t_ms = time.monotonic(), session.t_ms
    session.run(30)
    speed = (session.t_ms - t_ms) / 1000 / (time.monotonic() - began)
    assert speed > LEAST_SPEED
    assert session.calls_up


def test_the_box_is_called_rings_answers_and_is_cleared(session):
    _all(session, "wait registered", "lift", "dtmf 605#", "wait call up", "wait call down", "hang")
    _all(session, "wait ringing 15", "sleep 3", "wait ringing", "lift", "wait call up", "sleep 1")
    session.peer.live_calls()[0].hangup(16)
    _all(session, "wait call down 2", "wait tone reorder", "hang", "wait quiet")
    session.finish()
    assert session.counters["CALLS_IN"] == session.counters["CALLS_OUT"] == 1


def test_ten_seconds_of_a_call_pass_with_the_heap_locked(session):
    _all(session, "wait registered", "lift", "wait tone dial", "dtmf 600#", "wait call up")
    session.box.lock_heap(10000)
    _all(session, "hum 800 -12 1", "sleep 3", "dtmf 5", "sleep 5")
    assert session.call_cost.turns > 1800
    assert session.calls_up


def test_two_accounts_of_one_box_are_named_in_the_report(vm, tmp_path):
    """A NEW says no account: what both accounts' server sends counts as the first one's."""
    second = {"server": "peer", "user": "ata1", "secret": "pw1"}
    settings = {f"account.2.{name}": value for name, value in second.items()}
    options = Options(virtual=True, user="desk", secret="x", report=tmp_path, settings=settings)
    with Session(options) as session:
        session.power_on()
        session.run(2)
        assert session.told.accounts == {1, 2}
        session.peer.call_device("ata1")
        _all(session, "wait ringing 5", "lift", "wait call up", "hang", "wait call down")
        session.finish()
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    named = [event["account"] for event in events if event["what"] == "registered"]
    assert sorted(named) == [1, 2]
    assert [event["account"] for event in events if event["what"] == "call_up"] == [1]
