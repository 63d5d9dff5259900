"""The virtual board and the link, with a small firmware in place of the real one, on every VM."""

import json
from pathlib import Path

import need
import numpy as np
import pytest

from tools.vphone_lib.box import FirmwareDied
from tools.vphone_lib.session import Session
from tools.vphone_lib.world import Options

BOX = Path(__file__).with_name("echo_box.py")


@pytest.fixture(
    params=["cpython", pytest.param("64", marks=pytest.mark.vm), pytest.param("32", marks=pytest.mark.vm32)]
)
def vm_name(request):
    if request.param == "cpython":
        return "cpython"
    return need.micropython(int(request.param))


def _session(vm_name, order="", **options):
    session = Session(Options(virtual=True, vm=vm_name, firmware=BOX, **options))
    (Path(session.store.name) / "order").write_text(order)
    return session


def test_sound_line_state_datagrams_log_and_counters_pass_both_ways(vm_name, tmp_path):
    with _session(vm_name, report=tmp_path, first_tick=2**30 - 500) as session:
        session.power_on()
        assert session.told.lines == ["echo_box: 1 0 account.1.server=p"]
        session.do("lift")
        session.telephone.hum(1000, -10, 1)
        session.run(1)
        counters = session.read_counters()
        assert session.registered
        assert counters["RX_DATAGRAM"] == session.t_ms // 200
        assert counters["RX_STRANGER"] == 0
        session.finish()
        assert not session.registered  # its log says so on the way down
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    states = [(e["t_ms"], e["state"]) for e in events if e["what"] == "port"]
    assert states[0][1] == "DIAL_TONE"  # loop closed, by its number
    assert all(0 <= e["t_ms"] <= session.t_ms for e in events)  # right across the wrap of the ticks
    frames = [e for e in events if e["what"] == "frame"]
    assert {(e["dir"], e["subclass"]) for e in frames} == {("out", "POKE"), ("in", "PONG")}
    mouth, ear = (
        np.frombuffer((tmp_path / name).read_bytes()[44:], np.int16) for name in ("mouth.wav", "ear.wav")
    )
    assert len(mouth) == len(ear) == session.t_ms * 8
    assert np.array_equal(ear[2160:8160], mouth[2000:8000])  # the echo is one frame late
    assert np.ptp(mouth[2000:8000]) > 5000


def test_ring_frequency_and_feed_reach_the_line(vm_name):
    with _session(vm_name) as session:
        session.power_on()
        session.frame()
        assert (session.orders.feed, session.orders.ring_dhz, session.orders.due_ms) == (1, 250, -1)
        assert session.telephone.polarity == "normal"


def test_a_stranger_is_peer_zero(vm_name):
    with _session(vm_name) as session:
        session.power_on()
        session.peer.send_raw(session.relay.outside._box, b"stranger", "other")
        session.run(0.1)
        counters = session.read_counters()
        assert (counters["RX_STRANGER"], counters["RX_DATAGRAM"]) == (1, 0)


def test_a_stranger_has_an_address_can_be_answered_and_become_a_peer(vm_name):
    with _session(vm_name, "meet") as session:
        session.power_on()
        outside = session.relay.outside
        said = []
        outside.send = lambda remote, datagram, now_ms: said.append((remote, datagram))
        for _ in range(3):
            session.peer.send_raw(outside._box, b"stranger", "other")
            session.run(0.1)
        met = "met c000020111da 1 1"  # 192.0.2.1, port 4570
        assert session.told.lines[1:] == [met, "peer 9  1", met]
        assert said.count((("192.0.2.1", 4570), b"hello")) == 2


def test_the_same_seed_gives_the_same_run(vm_name, tmp_path):
    logs = []
    for run in ("a", "b"):
        with _session(vm_name, report=tmp_path / run, seed=5) as session:
            session.power_on()
            for line in ("net loss 30", "lift", "dtmf 12", "sleep 2", "hang"):
                session.do(line)
        logs.append(
            [(tmp_path / run / name).read_bytes() for name in ("events.jsonl", "ear.wav", "net.pcap")]
        )
    assert logs[0] == logs[1]


def test_power_goes_and_comes_back_and_line_time_goes_on(vm_name):
    with _session(vm_name) as session:
        session.power_on()
        session.run(0.3)
        session.do("power off")
        assert not session.registered
        session.do("sleep 0.5")
        assert session.telephone.polarity == "none"
        session.do("power on")
        session.run(0.3)
        assert session.registered
        assert session.t_ms == 1100


def test_a_firmware_that_dies_is_told_with_its_traceback(vm_name):
    with _session(vm_name, "die") as session:
        session.power_on()
        with pytest.raises(FirmwareDied, match=r"(?s)Traceback.*ValueError: told to die"):
            session.run(1)


@pytest.mark.vm
def test_a_firmware_that_hangs_is_noticed(monkeypatch):
    from tools.vphone_lib import link

    monkeypatch.setattr(link.Link.__init__, "__defaults__", (2.0,))
    with _session(need.micropython(64), "hang") as session:
        session.power_on()
        with pytest.raises(FirmwareDied, match="hangs: no sign of life"):
            session.run(1)


@pytest.mark.parametrize(
    "bits", [pytest.param(64, marks=pytest.mark.vm), pytest.param(32, marks=pytest.mark.vm32)]
)
def test_the_heap_lock_lets_a_clean_turn_pass_and_kills_one_that_allocates(bits):
    path = need.micropython(bits)
    for order in ("", "leak"):
        with _session(path, order) as session:
            session.power_on()
            session.run(1)
            session.cost.allocated = 0
            session.run(1)
            assert (session.cost.allocated > 0) == (order == "leak")
            session.box.lock_heap(1000)
            if order == "leak":
                with pytest.raises(FirmwareDied, match="MemoryError"):
                    session.run(2)
            else:
                session.run(2)
                assert session.read_counters()["RX_DATAGRAM"] > 15
                assert 5000 < session.box.heap()["live"] < 60000


def test_a_box_that_does_not_say_goodbye_is_switched_off(vm_name):
    with _session(vm_name, "late") as session:
        session.power_on()
        session.finish()
        assert not session.box.on
        assert session.t_ms == 3000


def test_real_time_is_real(vm_name):
    import time

    session = Session(Options(vm=vm_name, firmware=BOX))
    with session:
        session.power_on()
        began = time.monotonic()
        session.run(0.6)
        assert 0.55 < time.monotonic() - began < 1.0
        assert session.cost.turns == 120
