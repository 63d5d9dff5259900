"""The router between the firmware's loopback and the world, on real sockets."""

import socket
import time

import pytest

from tools.vphone_lib.box import UsageError
from tools.vphone_lib.faults import Faults
from tools.vphone_lib.pcap import Pcap
from tools.vphone_lib.relay import Relay, Udp


class _Ends:
    """A relay between a box and two servers, all on the loopback."""

    def __init__(self):
        self.heard = []
        self.faults = Faults(1)
        self.relay = Relay(Udp(0), self.faults, Pcap(None, 0), lambda *what: self.heard.append(what))
        self.box, self.server, self.stranger = (self._socket() for _ in range(3))
        self.relay.attach(self.box.getsockname()[1])

    def _socket(self):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0.2)
        return sock

    @property
    def world(self):
        return ("127.0.0.1", self.relay.outside.port)

    def close(self):
        self.relay.close()
        for sock in (self.box, self.server, self.stranger):
            sock.close()


@pytest.fixture
def ends():
    ends = _Ends()
    yield ends
    ends.close()


def test_a_datagram_goes_out_and_its_answer_comes_back_from_the_same_address(ends):
    door = ends.relay.resolve("127.0.0.1", ends.server.getsockname()[1])
    ends.box.sendto(b"ask", ("127.0.0.1", door))
    ends.relay.pump_out(0)
    datagram, seen = ends.server.recvfrom(99)
    assert (datagram, seen[1]) == (b"ask", ends.world[1])
    ends.server.sendto(b"answer", seen)
    time.sleep(0.01)
    ends.relay.pump_in(5)
    assert ends.box.recvfrom(99) == (b"answer", ("127.0.0.1", door))
    assert [told[:3] for told in ends.heard] == [("out", b"ask", False), ("in", b"answer", False)]


def test_a_stranger_is_seen_from_another_address(ends):
    door = ends.relay.resolve("127.0.0.1", ends.server.getsockname()[1])
    ends.stranger.sendto(b"boo", ends.world)
    time.sleep(0.01)
    ends.relay.pump_in(0)
    datagram, seen = ends.box.recvfrom(99)
    assert datagram == b"boo"
    assert seen[1] != door


def test_the_relay_knows_who_is_behind_a_door(ends):
    door = ends.relay.resolve("127.0.0.1", 4569)
    assert ends.relay.whose(door) == b"\x7f\0\0\x01\x11\xd9"
    assert ends.relay.whose(door ^ 1) == b""


def test_a_flood_of_strangers_does_not_use_up_the_sockets(ends):
    for port in range(20000, 20200):
        ends.relay._sock(("127.0.0.1", port))
    assert len(ends.relay._socks) <= 65
    shared = ends.relay._sock(("127.0.0.1", 20199)).getsockname()[1]
    assert ends.relay.whose(shared) == b"", "nobody in particular"


def test_what_a_fault_loses_is_told_as_lost(ends):
    door = ends.relay.resolve("127.0.0.1", ends.server.getsockname()[1])
    ends.faults.set(cut=True)
    ends.box.sendto(b"ask", ("127.0.0.1", door))
    ends.relay.pump_out(0)
    assert [told[:3] for told in ends.heard] == [("out", b"ask", True)]
    assert ends.relay.n_out == 0


def test_a_box_without_power_hears_nothing(ends):
    ends.relay.attach(0)
    ends.server.sendto(b"late", ends.world)
    time.sleep(0.01)
    ends.relay.pump_in(0)
    with pytest.raises(TimeoutError):
        ends.box.recvfrom(99)


def test_a_name_that_nobody_knows_has_no_door(ends):
    assert ends.relay.resolve("no-such-name.invalid", 4569) == 0
    assert ends.relay.resolve("a" * 300, 4569) == 0


def test_a_taken_port_is_refused_in_one_line(ends):
    with pytest.raises(UsageError, match="is taken: choose another with --port"):
        Udp(ends.world[1])


def test_two_servers_have_a_door_each_and_are_told_apart(ends):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as second:
        second.bind(("127.0.0.1", 0))
        doors = [ends.relay.resolve(*server.getsockname()) for server in (ends.server, second)]
        assert doors[0] != doors[1]
        for door, server in zip(doors, (ends.server, second), strict=True):
            ends.box.sendto(b"ask", ("127.0.0.1", door))
            ends.relay.pump_out(0)
            assert server.recvfrom(99)[0] == b"ask"
            server.sendto(b"answer", ends.world)
            time.sleep(0.01)
            ends.relay.pump_in(5)
            assert ends.box.recvfrom(99) == (b"answer", ("127.0.0.1", door))
        remotes = [told[3] for told in ends.heard]
        assert remotes == [ends.server.getsockname()] * 2 + [second.getsockname()] * 2


def test_two_names_of_one_server_share_a_door(ends):
    port = ends.server.getsockname()[1]
    assert ends.relay.resolve("127.0.0.1", port) == ends.relay.resolve("localhost", port)
