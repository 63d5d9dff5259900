"""The sockets of the virtual board: empty datagrams, and who is served first."""

import contextlib
import socket

import pytest

from board.sim import net as sim_net
from board.sim.link import SIZE


class Link:
    """The host's side of the wire: every name is on the relay's port `way`, every stranger at one address."""

    def __init__(self, way):
        self.aux = bytearray(SIZE)
        self.locked = False
        self.way = way

    def send_text(self, kind, text):
        pass

    def send(self, buf, kind):
        return True

    def receive(self, buf):
        asked_who = buf is self.aux and self.way == 0
        buf[4:10] = bytes((192, 0, 2, 9, 1, 2))
        if not asked_who:
            buf[6:8] = bytes((self.way & 255, self.way >> 8))
        return 0x57 if asked_who else 0x41


class Lwip(socket.socket):
    """A socket with lwIP's manner: a datagram of no octets closes it for reading, for good."""

    shut = False

    def recv(self, size):
        return self.recvfrom(size)[0]

    def recvfrom(self, size):
        if self.shut:
            return b"", ("127.0.0.1", 1)
        got, sender = super().recvfrom(size)
        self.shut = not got
        return got, sender


@pytest.fixture
def board(monkeypatch):
    """Return (net with server and strangers, the server's socket, a stranger's socket, port of the board)."""
    monkeypatch.setattr(sim_net.socket, "socket", Lwip)
    with contextlib.ExitStack() as stack:
        ends = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2)]
        for end in ends:
            end.bind(("127.0.0.1", 0))
        free = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        link = Link(ends[0].getsockname()[1])
        net = sim_net.Net(link, port)
        assert net.open(port) and net.resolve(1, "pbx", 4569) == 1
        link.way = 0
        yield net, ends[0], ends[1], port
        for sock in net._socks:
            sock.close()


def read(net):
    """Return all that waits, as (peer, octets)."""
    got = []
    datagram = net.receive()
    while datagram is not None and len(got) < 50:
        got.append((net.peer, datagram))
        datagram = net.receive()
    return got


@pytest.mark.parametrize("way", ["server", "stranger"])
def test_an_empty_datagram_does_not_deafen_the_socket(board, way):
    net, server, stranger, port = board
    sender, peer = (server, 1) if way == "server" else (stranger, 0)
    for i in range(5):
        sender.sendto(b"", ("127.0.0.1", port))
        assert read(net) == [(peer, b"")]
        sender.sendto(b"hello %d" % i, ("127.0.0.1", port))
        assert read(net) == [(peer, b"hello %d" % i)]
    assert net.send(1, bytearray(b"still"), 0, 5) and server.recv(100) == b"still"


def test_a_socket_that_stays_closed_would_be_found_by_this_test(board, monkeypatch):
    net, server, _, port = board
    monkeypatch.setattr(net, "_close", lambda peer: None)
    monkeypatch.setattr(net, "_connect", lambda peer, way: None)
    server.sendto(b"", ("127.0.0.1", port))
    read(net)
    server.sendto(b"hello", ("127.0.0.1", port))
    assert (1, b"hello") not in read(net)


def test_the_server_is_heard_before_any_number_of_strangers(board):
    net, server, stranger, port = board
    for _ in range(30):
        stranger.sendto(b"flood", ("127.0.0.1", port))
    server.sendto(b"voice", ("127.0.0.1", port))
    assert read(net)[0] == (1, b"voice")


def test_an_address_is_no_second_peers(board):
    """Two sockets with one far end would take each other's datagrams."""
    net, server, _, port = board
    net._link.way = server.getsockname()[1]
    assert not net.place(10, bytes((10, 0, 0, 1, 17, 217)))
    server.sendto(b"to peer 1", ("127.0.0.1", port))
    assert read(net) == [(1, b"to peer 1")]
