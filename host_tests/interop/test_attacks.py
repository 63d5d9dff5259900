"""Four hundred callers a second from a stranger, in real time, in the middle of a call through Asterisk.

A thousand a second are shown in virtual time (behaviour/test_floods.py): here they would measure this
machine, which runs other telephones meanwhile.
"""

import socket
import threading
import time

import pytest
from interop import rig

from peer import wire

SENTENCE = "The quick brown fox jumps over the lazy dog, and then again, and once more"
A_BURST = 2
BURST_S = 0.005
NEW = wire.ies(("VERSION", 2), ("CALLED_NUMBER", "s"), ("FORMAT", 4), ("CAPABILITY", 12), ("CALLTOKEN", b""))


class Flood(threading.Thread):
    """NEW, POKE and HANGUP by turns to a UDP port, four hundred a second, until told to stop."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port = port
        self.sent = 0
        self.got: "list[bytes]" = []
        self.done = threading.Event()

    def run(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("127.0.0.1", 0))
            sock.setblocking(False)
            due = time.monotonic()
            while not self.done.is_set():
                for _ in range(A_BURST):
                    sock.sendto(self._datagram(), ("127.0.0.1", self.port))
                    self.sent += 1
                self._read(sock)
                due = max(due + BURST_S, time.monotonic() - 10 * BURST_S)
                time.sleep(max(0, due - time.monotonic()))

    def _datagram(self) -> bytes:
        number = 2 + self.sent % 32000
        if self.sent % 3:
            return wire.iax(number, 0, 0, 0, 0, "NEW", NEW)
        return b"" if self.sent % 9 == 0 else wire.iax(number, 0, 0, 0, 0, "POKE")

    def _read(self, sock: socket.socket) -> None:
        try:
            while True:
                self.got.append(sock.recv(2048))
        except BlockingIOError:
            pass


@pytest.fixture
def attacked(server, accounts, tmp_path):
    """Make a telephone whose capture nobody judges: most of it is no IAX2."""
    made = []

    def make(**settings):
        made.append(rig.Phone(server, next(accounts), tmp_path / "phone", **settings))
        return made[-1]

    yield make
    for phone in made:
        phone.finish()


@pytest.mark.takes(25)
@pytest.mark.parametrize("tokens", ["off", "on"])
def test_a_flood_of_callers_does_not_touch_the_voice_of_a_call(attacked, tokens):
    phone = attacked(net__guests=tokens, net__calltoken=tokens).register()
    phone.dial("600")
    phone.do("wait call up 5")
    phone.run(1)
    before = phone.counters
    flood = Flood(phone.session.relay.outside.port)
    flood.start()
    try:
        phone.run(0.5)
        said = phone.say(SENTENCE)
        phone.run(1)
    finally:
        flood.done.set()
        flood.join()
    after = phone.counters
    phone.do("hang", "wait call down 5")
    phone.assert_clear()
    grown = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    print(f"{flood.sent} datagrams sent, {len(flood.got)} answered, {grown}")
    assert after["RX_DATAGRAM"] - before["RX_DATAGRAM"] > flood.sent // 2
    assert all(wire.decode(raw)["name"] == "CALLTOKEN" for raw in flood.got)
    assert (tokens == "on") == bool(flood.got) and len(flood.got) <= flood.sent
    assert not phone.seen("port", state="RINGING")
    phone.assert_echo(said)
