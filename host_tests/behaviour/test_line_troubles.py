"""What goes wrong around a ring, a dial and a lamp: no memory, hostile callers, people in between."""

import builtins
import itertools
import random
import sys

import cidkit
import pytest
from ata_bench import AtaBench
from dialkit import Contact, play
from lineside import LineSide

import codes
import main
import stub_hal

VARIABLE, RDNIS = 52, 28
RINGING = codes.FEED_RINGING


def called(variables: dict, style: str = "bell", extra: tuple = ()) -> "dict[int, bytes]":
    """Call a line with these channel variables; return the parameters of its Caller ID message."""
    bench = AtaBench(settings={"line.callerid": style})
    side = LineSide(bench)
    said = [(VARIABLE, f"{name}={value}".encode()) for name, value in variables.items()]
    bench.peer.call_device("ata1", number="5551234567", name="Ada", extra=[*said, *extra])
    bench.run(7000)
    (message,) = cidkit.decode_minimodem(side.heard(0), "bell" if style == "bell" else "v23")
    return cidkit.parameters(message)


def test_redirection_and_qualifier_of_a_call_reach_the_display():
    shown = called({"callerid_reason": "1", "callerid_qualifier": "L"})
    assert shown[0x05] == b"\x01" and shown[0x06] == b"L"
    shown = called({"callerid_reason": "2", "callerid_type": "1"}, "etsi", [(RDNIS, b"777")])
    assert (shown[0x11], shown[0x15], shown[0x1A]) == (b"\x01", b"\x02", b"777")


@pytest.mark.parametrize("reason", ["7", "0", "-1", "x", "11", "", "\u0661"])
def test_a_reason_that_is_none_is_left_out(reason):
    shown = called({"callerid_reason": reason, "callerid_qualifier": "long", "callerid_type": "9999"})
    assert 0x05 not in shown and 0x06 not in shown and shown[0x02] == b"5551234567"


@pytest.mark.parametrize("ring", ["32767/0", "100/32767", "100/0", "/", "+400/+200", "nobody", "\u0661/5"])
def test_a_caller_cannot_make_a_ring_of_his_own(ring):
    bench = AtaBench()
    at = bench.t_ms
    bench.peer.call_device("ata1", number="1", extra=[(VARIABLE, b"ring=" + ring.encode())])
    bench.run(14000)
    fed = [(t, mode) for t, name, mode, _ in bench.log if name == "LOG_FEED" and t > at]
    rings = [b[0] - a[0] for a, b in itertools.pairwise(fed) if a[1] == RINGING]
    assert rings == pytest.approx([2000, 2000], abs=10)


@pytest.mark.parametrize("missing", ["calling", "line.programs", "line.callerid"])
def test_without_memory_for_caller_id_it_rings_all_the_same(missing, monkeypatch):
    bench = AtaBench()
    real = builtins.__import__

    def refuse(name, *rest):
        if name == missing or (name == "line" and rest[2] and missing.partition(".")[2] in rest[2]):
            raise MemoryError("memory allocation failed")
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, "calling", raising=False)
    monkeypatch.setattr(builtins, "__import__", refuse)
    call = bench.peer.call_device("ata1", number="1")
    bench.run(1000)
    assert bench.ringing and call.state == "ringing"
    assert "calling" not in sys.modules
    bench.lift()
    assert bench.state == codes.TALK


def test_a_firmware_that_cannot_be_loaded_leaves_a_dead_line(monkeypatch):
    hal = stub_hal.make(1)
    hal.slic.feed = RINGING
    monkeypatch.setitem(sys.modules, "setup", None)
    with pytest.raises(ImportError):
        main.run(hal)
    assert hal.slic.feed == codes.FEED_OPEN


def test_servers_are_not_looked_up_while_a_splash_rings():
    bench = AtaBench(settings={"feature.messages": "splash"}, register=False)
    bench.peer.accounts["ata1"].mailbox = (1, 0)
    assert bench.run_until(lambda: bench.ringing, 10000)
    assert bench.state == codes.ON_HOOK and not bench.ata.idle()
    assert bench.run_until(bench.ata.idle, 10000)


def test_a_call_while_a_telephone_of_japan_still_listens_is_busy():
    bench = AtaBench(settings={"line.profile": "jp"})
    side = LineSide(bench)
    first = bench.peer.call_device("ata1", number="0312345678")
    bench.run(1100)
    side.lift(600)
    first.hangup()
    second = bench.peer.call_device("ata1", number="0399999999")
    bench.run(1000)
    assert second.state not in ("ringing", "up")
    side.hang(3000)
    bench.peer.call_device("ata1", number="0399999999")
    bench.run(3000)
    assert bench.state == codes.RINGING and RINGING in [mode for _, mode in side.feeds(bench.t_ms - 3000)]


def test_lamp_that_was_broken_off_is_told_again():
    bench = AtaBench(settings={"feature.messages": "fsk"}, register=False)
    bench.peer.accounts["ata1"].mailbox = (3, 0)
    side = LineSide(bench)
    assert bench.run_until(lambda: (codes.SIGNAL_FSK, 1) in [s[1:] for s in side.signals()], 9000)
    bench.run(100)
    side.lift(3000)
    side.hang(20000)
    assert [m[0] for m in cidkit.decode_minimodem(side.heard(0), "bell")].count(0x82) == 1


def test_number_of_messages_is_told_to_displays_that_show_it():
    bench = AtaBench(settings={"feature.messages": "fsk", "line.callerid": "etsi"}, register=False)
    bench.peer.accounts["ata1"].mailbox = (5, 0)
    side = LineSide(bench)
    bench.run(10000)
    (told,) = [m for m in cidkit.decode_minimodem(side.heard(0), "v23") if m[0] == 0x82]
    assert cidkit.parameters(told)[0x13] == b"\x05"


def test_lamp_on_a_line_without_messages_is_refused_in_one_line():
    with pytest.raises(ValueError, match=r"^feature\.messages: .*stutter$"):
        AtaBench(settings={"feature.messages": "reverse", "line.profile": "jp"})


def test_rotary_dial_asks_the_servers_dial_plan_digit_by_digit():
    bench = AtaBench(settings={"dial.remote": "on"})
    bench.lift(400)
    line = Contact(random.Random(1))
    line.dial("22", 0, pps=10, break_pct=60, bounce_ms=2, gap_ms=700)
    play(bench, line, False)
    bench.run(1500)
    asked = list(dict.fromkeys(f["ie"].get("CALLED_NUMBER") for f in bench.peer.frames("DPREQ", "in")))
    assert asked == ["2", "22"]


def test_a_date_that_is_none_is_not_shown():
    bench = AtaBench()
    import calling

    bench.ata.announcer.on_event(codes.EV_CLOCK, 0, 6 << 25, 0)
    assert calling.today(bench.ata.announcer, bench.ata.endpoint.legs[0], 5000) == -1


def test_chattering_loop_does_not_stop_the_turn():
    bench = AtaBench()
    slic = bench.hal.slic
    for i in range(1000):
        slic.stamped.append((bench.hal.clock.ticks_ms(), i & 1))
    bench.run(20)
    assert 900 < len(slic.stamped) < 960


def test_one_closed_sample_does_not_end_a_message():
    bench = AtaBench()
    side = LineSide(bench)
    bench.peer.call_device("ata1", number="5551234567", name="Ada")
    assert bench.run_until(lambda: bench.ata.announcer.downlink.signal is not None, 5000)
    bench.hal.slic.state = 1
    bench.run(5)
    bench.hal.slic.state = 0
    bench.run(2000)
    assert len(cidkit.decode_minimodem(side.heard(0), "bell")) == 1
