"""The IAX2 core alone, on a UDP socket of its own, in real time, in the test's own process.

    rig = CoreRig(server.address, "phone1", server.secret)
    hold = rig.add(Hold(rig.endpoint))          # any optional part of firmware/iax
    rig.register()
    leg = rig.dial("607")
    rig.until(lambda: rig.told("ANSWERED"), 5)
    hold.quelch(leg, True, b"", rig.now)        # orders come between two turns
    rig.run(1)
    rig.close()

For what no telephone can ask for yet. Like the telephone of rig.py it lives only while somebody turns it:
`run`, `until` and `meanwhile`. Give it `folder` and it writes a capture for tshark.
"""

import hashlib
import random
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench import EVENTS, box_account
from interop.rig import _BESIDE

import codes
from iax.call import Call
from iax.endpoint import Endpoint
from iax.registrar import Registrar
from iax.talk import VoiceSlot
from iax.window import Window
from peer import wire
from stats import Log, Stats
from tools.vphone_lib.pcap import Pcap

T = TypeVar("T")
TURN_S = 0.005
FRAME_S = 0.02
SERVER = 1
SILENCE = b"\xff" * 160  # 20 ms of µ-law
Addr = tuple[str, int]


@dataclass
class Told:
    """An event of the endpoint."""

    t_s: float
    name: str
    leg: int
    arg: int


class RigCrypto:
    """Digests by hashlib, random numbers from a seed."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)

    def md5(self, challenge: bytes, secret: bytes) -> bytes:
        """Return MD5(challenge || secret)."""
        return hashlib.md5(challenge + secret).digest()

    def sha1(self, data: bytes) -> bytes:
        """Return SHA-1 of `data`."""
        return hashlib.sha1(data).digest()

    def random(self, bits: int) -> int:
        """Return a random integer of `bits` bits."""
        return self._rng.getrandbits(bits)


class RigNet:
    """The net of the HAL over one socket on the loopback; every datagram goes to `log` and to the capture."""

    def __init__(self, folder: "Path | None") -> None:
        self.peer = 0
        self.src = b""
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.address: Addr = self.socket.getsockname()
        self.peers: "dict[int, Addr]" = {}
        self.began_s = time.monotonic()
        self.log: "list[dict]" = []
        self.lose: "Callable[[dict], bool]" = lambda frame: False  # the path's opinion of a datagram
        self._capture = Pcap(folder / "net.pcap" if folder else None, time.time())

    def place(self, peer: int, address: bytes) -> bool:
        """Make the 6-octet address peer `peer`, or forget it: b"". False if another peer has it."""
        self.peers.pop(peer, None)
        there = (socket.inet_ntoa(address[:4]), int.from_bytes(address[4:], "big")) if address else None
        if there in self.peers.values():
            return False
        if there:
            self.peers[peer] = there
        return True

    def receive(self) -> "bytes | None":
        """Return the next datagram or None; `peer` and `src` say from whom."""
        while True:
            try:
                datagram, sender = self.socket.recvfrom(2048)
            except BlockingIOError:
                return None
            except OSError:
                continue  # an ICMP error of an earlier datagram
            if self._note("in", sender, datagram):
                break
        known = [peer for peer, address in self.peers.items() if address == sender]
        self.peer = known[0] if known else 0
        self.src = b"" if known else socket.inet_aton(sender[0]) + sender[1].to_bytes(2, "big")
        return datagram

    def send(self, peer: int, buf: "bytearray | memoryview", at: int, n: int) -> bool:
        """Send `n` octets of `buf` from `at` on to `peer`, 0 = the last stranger."""
        octets = bytes(buf[at : at + n])
        to = self.peers.get(peer)
        if peer == 0 and self.src:
            to = (socket.inet_ntoa(self.src[:4]), int.from_bytes(self.src[4:], "big"))
        if to is None:
            return False
        if self._note("out", to, octets):
            self.socket.sendto(octets, to)
        return True

    def _note(self, way: str, far: Addr, octets: bytes) -> bool:
        """Keep a datagram for the test and tshark; False if it is lost on the way."""
        t_s = time.monotonic() - self.began_s
        frame = {**wire.decode(octets), "way": way, "addr": far, "t": t_s}
        frame["lost"] = self.lose(frame)
        self.log.append(frame)
        ends = (self.address, far) if way == "out" else (far, self.address)
        self._capture.put(t_s * 1000, *ends, octets)
        return not frame["lost"]

    def close(self) -> None:
        """Give the port back and finish the capture."""
        self.socket.close()
        self._capture.close()


class CoreRig:
    """One core with `legs` call legs and one account at `server` ("HOST:PORT").

    events: all that the endpoint told.  heard: octets of voice by leg index.  speak: what to say, 20 ms at a
    time, on every leg that is linked; None says nothing.  take_calls, answer_calls: what becomes of a NEW.
    """

    def __init__(
        self, server: str, user: str, secret: str, folder: "Path | None" = None, legs: int = 1, seed: int = 1,
        laws: bytes = b"\x02\x03", **settings: object,
    ) -> None:  # fmt: skip
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self.net = RigNet(folder)
        host, _, port = server.rpartition(":")
        self.net.peers[SERVER] = (host, int(port))
        self.account = box_account(user, secret, laws=laws, **settings)
        self.stats, self.log = Stats(), Log()
        self.endpoint = Endpoint(
            [self.account], bytearray(48), VoiceSlot(bytearray(164)), RigCrypto(seed), self.stats, self.log
        )
        self.registrar = Registrar(self.endpoint, Window(bytearray(352), 4))
        self.endpoint.add_registrar(self.registrar)
        for index in range(legs):
            self.endpoint.add_leg(Call(self.endpoint, Window(bytearray(640), 12), index))
        self.legs = self.endpoint.legs
        self.events: "list[Told]" = []
        self.heard: "dict[int, bytearray]" = {index: bytearray() for index in range(legs)}
        self.speak: "Callable[[], bytes] | None" = lambda: SILENCE
        self.take_calls = self.answer_calls = True
        self.services: list = []  # objects with on_event(event, leg, arg, now)
        self.beside: "list[CoreRig]" = []  # other cores that live while this one does
        self._began_s = self.net.began_s
        self._voice_at = 0.0

    def add(self, part, timed: bool = True):
        """Give the core an optional part, one with a time of its own if it has `poll`; return the part."""
        if hasattr(part, "take"):
            self.endpoint.parts.append(part)
        if timed and hasattr(part, "poll"):
            self.endpoint.dialogs.append(part)
        return part

    # ---- orders

    @property
    def now(self) -> int:
        """The tick, ms."""
        return int((time.monotonic() - self._began_s) * 1000) + 1000

    def register(self, wait_s: float = 10) -> "CoreRig":
        """Register and wait until that is done."""
        self.registrar.start(self.account, self.now)
        assert self.until(lambda: self.told("REGISTERED"), wait_s), "not registered"
        return self

    def dial(self, number: str) -> Call:
        """Call a number through the first free leg; return the leg."""
        index = self.endpoint.dial(self.account, number.encode(), self.now)
        assert index >= 0, "no leg is free"
        self.drain()
        return self.legs[index]

    def call(self, number: str, wait_s: float = 8) -> Call:
        """Call a number and wait for the answer; return the leg."""
        before = len(self.told("ANSWERED"))
        leg = self.dial(number)
        assert self.until(lambda: len(self.told("ANSWERED")) > before, wait_s), f"{number}: no answer"
        return leg

    def hang_up(self, leg: "Call | None" = None, cause: int = 16) -> None:
        """End a call, the first if none is named, and wait until nothing of it is left."""
        leg = leg or self.legs[0]
        leg.drop(cause, self.now)
        self.until(lambda: leg.state == codes.CALL_FREE, 10)

    # ---- time

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.turn()

    def until(self, true: "Callable[[], object]", seconds: float) -> bool:
        """Let time pass until it is so, at most `seconds`."""
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                return False
            self.turn()
        return True

    def meanwhile(self, work: "Callable[[], T]") -> T:
        """Return what `work` returns; the core lives on while it is done."""
        done = _BESIDE.submit(work)
        while not done.done():
            self.turn()
        return done.result()

    def turn(self, wait_s: float = TURN_S) -> None:
        """Wait for a datagram, at most 5 ms, and let the core do all that is due."""
        select.select([self.net.socket], [], [], wait_s)
        datagram = self.net.receive()
        while datagram is not None:
            self._feed(datagram)
            datagram = self.net.receive()
        self.endpoint.poll(self.now)
        self.drain()
        if time.monotonic() >= self._voice_at:
            self._voice_at = max(self._voice_at + FRAME_S, time.monotonic() - FRAME_S)
            self._voice()
        for core in self.beside:
            core.turn(0)

    def _feed(self, datagram: bytes) -> None:
        endpoint = self.endpoint
        found = endpoint.feed_datagram(datagram, self.net.peer, self.now)
        while found == codes.RX_AUDIO:
            at = endpoint.rx_at
            self.heard[endpoint.rx_leg.index] += endpoint.rx_buf[at : at + endpoint.rx_n]
            found = endpoint.feed_again(self.now) if datagram[:2] == b"\0\0" else codes.RX_NOTHING
        self.drain()

    def _voice(self) -> None:
        for leg in self.legs:
            if self.speak is not None and leg.linked():
                self.endpoint.slot.payload[:] = self.speak()
                leg.send_voice(self.now)
                self.drain()

    def drain(self) -> None:
        """Send all that is due and note all that is told."""
        endpoint = self.endpoint
        while True:
            while endpoint.poll_tx(self.now):
                self.net.send(endpoint.tx_peer, endpoint.tx_buf, endpoint.tx_at, endpoint.tx_n)
            event = endpoint.take_event()
            if not event:
                return
            leg, arg = endpoint.ev_leg, endpoint.ev_arg
            self.events.append(Told(time.monotonic() - self._began_s, EVENTS[event], leg, arg))
            for service in self.services:
                service.on_event(event, leg, arg, self.now)
            if event == codes.EV_INCOMING:
                self._offered(self.legs[leg])

    def _offered(self, leg: Call) -> None:
        if self.take_calls:
            leg.take(self.now)
        if self.take_calls and self.answer_calls:
            leg.pickup(self.now)

    def close(self) -> None:
        """Hang up, unregister, give the port back."""
        for leg in self.legs:
            if leg.state != codes.CALL_FREE:
                self.hang_up(leg)
        if self.told("REGISTERED"):
            self.registrar.release(self.now)
            self.until(lambda: self.told("RELEASED"), 3)
        self.net.close()

    # ---- what happened

    def told(self, name: str, leg: int = -1) -> "list[int]":
        """Return the arguments of the events of that name, of one leg if it is named."""
        return [event.arg for event in self.events if event.name == name and leg in (-1, event.leg)]

    def frames(self, name: str, way: str = "out", since_s: float = 0) -> "list[dict]":
        """Return the decoded datagrams of that name that left or came; resent ones too."""
        return [f for f in self.net.log if f["name"] == name and f["way"] == way and f["t"] >= since_s]

    def count(self, name: str) -> int:
        """Return a counter of the firmware by its name in codes.py."""
        return self.stats.counts[getattr(codes, name)]
