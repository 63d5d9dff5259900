"""The stub HAL does what it is told and nothing else."""

import pytest

import stub_hal

VM_SCRIPT = """
import stub_hal
hal = stub_hal.make(3)
hal.net.rx.drop_pct = 50
for i in range(20):
    hal.net.deliver(1, bytes([i]))
got = []
while True:
    d = hal.net.receive()
    if d is None:
        break
    got.append(d[0])
print(got, hal.crypto.random(30), hal.crypto.md5(b"1", b"2").hex()[:8])
"""


def received(hal):
    got = []
    while (datagram := hal.net.receive()) is not None:
        got.append(datagram)
    return got


def test_clock_stands_still_until_it_is_told(stub):
    assert not stub.clock.wait(20)
    assert stub.clock.ticks_ms() == 0
    stub.clock.run_for(12)
    steps = []
    while stub.clock.wait(-1):
        steps.append(stub.clock.ticks_ms())
    assert steps == [5, 10, 12]


def test_clock_wraps_at_two_to_the_thirtieth(stub):
    stub.clock.set(0x3FFFFFFF)
    assert stub.clock.advance(2) == 1


def test_network_does_each_fault_on_order(stub):
    stub.net.rx.orders = ["pass", "drop", "duplicate", "reorder", "corrupt"]
    for i in range(5):
        stub.net.deliver(1, bytes([i, 0]))
    at_once = received(stub)
    assert at_once[:3] == [b"\0\0", b"\2\0", b"\2\0"]
    assert bin(int.from_bytes(at_once[3], "big") ^ 0x0400).count("1") == 1
    stub.clock.advance(30)
    assert received(stub) == [b"\3\0"]
    assert stub.net.rx.dropped == 1


def test_network_delays_and_keeps_the_order_of_arrival(stub):
    stub.net.tx.delay_ms = 40
    stub.net.send(1, bytearray(b"xxabx"), 2, 2)
    stub.clock.advance(39)
    assert stub.net.take_sent() == []
    stub.clock.advance(1)
    assert stub.net.take_sent() == [(1, b"ab")]


def test_a_stranger_can_be_answered_and_become_a_peer(stub):
    stub.net.deliver(0, b"who")
    assert received(stub) == [b"who"]
    met = stub.net.src
    assert (stub.net.peer, len(met)) == (0, 6)
    assert stub.net.send(0, b"me", 0, 2) and stub.net.answered == [met]
    assert stub.net.place(9, met) and not stub.net.place(10, met)
    stub.net.deliver(0, b"again")
    stub.net.deliver(0, b"else", bytes(6))
    assert stub.net.receive() == b"again" and (stub.net.peer, stub.net.src) == (9, b"")
    assert stub.net.receive() == b"else" and (stub.net.peer, stub.net.src) == (0, bytes(6))
    stub.net.place(9, b"")
    stub.net.deliver(0, b"third")
    assert stub.net.receive() == b"third" and stub.net.peer == 0


def test_same_seed_gives_the_same_losses():
    runs = []
    for seed in (5, 5, 6):
        hal = stub_hal.make(seed)
        hal.net.rx.drop_pct = 30
        for i in range(100):
            hal.net.deliver(1, bytes([i]))
        runs.append(received(hal))
    assert runs[0] == runs[1] != runs[2]
    assert 55 < len(runs[0]) < 85


def test_converter_gives_one_frame_each_20_ms_and_loses_on_order(stub):
    frame = bytearray(320)
    stub.pcm.mouth = [bytes([i]) * 320 for i in range(1, 5)]
    assert not stub.pcm.read_into(frame)
    stub.clock.advance(20)
    assert stub.pcm.read_into(frame)
    assert frame[0] == 1
    assert not stub.pcm.read_into(frame)
    stub.pcm.lose(1)
    stub.clock.advance(40)
    assert stub.pcm.read_into(frame)
    assert frame[0] == 3
    assert stub.pcm.lost() == 1


def test_converter_counts_a_queue_that_ran_dry(stub):
    assert stub.pcm.write(bytearray(320))
    stub.clock.advance(60)
    assert stub.pcm.lost() == 1
    assert [stub.pcm.write(bytearray(320)) for _ in range(4)] == [True, True, True, False]


@pytest.mark.parametrize("write", [1, 2])
def test_store_keeps_the_old_blob_when_power_fails_at_a_write(stub, write):
    assert stub.store.save("config", b"old")
    stub.store.cut_at = write
    with pytest.raises(stub_hal.PowerCut):
        stub.store.save("config", b"new")
    with pytest.raises(stub_hal.PowerCut):
        stub.store.load("config")
    stub.store.reboot()
    assert stub.store.load("config") == b"old"
    assert stub.store.save("config", b"new")
    assert stub.store.load("config") == b"new"


def test_line_shows_ring_trip_only_while_it_rings(stub):
    stub.slic.set_feed(3)
    stub.slic.lift()
    assert stub.slic.line_state() == 2
    stub.slic.set_feed(1)
    stub.slic.lift()
    assert stub.slic.line_state() == 1
    assert stub.slic.orders == [("feed", 3), ("feed", 1)]


def test_changes_of_the_loop_come_one_by_one_with_their_ticks():
    stub = stub_hal.make(1)
    assert stub.slic.edge() == -1
    for tick, bits in ((10, 1), (12, 0), (13, 1)):
        stub.slic.stamp(tick, bits)
    assert stub.slic.line_state() == 1
    taken = []
    tick = stub.slic.edge()
    while tick >= 0:
        taken.append((tick, stub.slic.line_state()))
        tick = stub.slic.edge()
    assert taken == [(10, 1), (12, 0), (13, 1)]
    assert stub.slic.line_state() == 1


def test_stub_is_the_same_on_every_machine(vm, vm32, capsys):
    exec(VM_SCRIPT, {})
    here = capsys.readouterr().out
    for run in (vm, vm32):
        done = run(VM_SCRIPT)
        assert done.stdout == here, done.stderr
