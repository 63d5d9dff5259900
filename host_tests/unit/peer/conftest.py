"""A hand-made device for the peer's own tests: a few lines of window, no firmware."""

import hashlib

import pytest

from host_tests.peer import Peer, decode_frame, full, iax, ies, mini

ADDR = ("127.0.0.1", 40000)


class Leg:
    """One dialog of the hand-made device. Acknowledges whatever comes in its turn."""

    def __init__(self, phone: "Phone", src: int) -> None:
        self.phone, self.src = phone, src
        self.dst = self.oseq = self.iseq = 0
        self.started = phone.now
        self.got: list[dict] = []

    def send(self, ftype: int, subclass: int, payload: bytes = b"", ts: int | None = None) -> None:
        ts = int(self.phone.now - self.started) if ts is None else ts
        self.phone.send(full(self.src, self.dst, ts, self.oseq, self.iseq, ftype, subclass, payload))
        self.oseq = (self.oseq + 1) & 255

    def iax(self, name: str, payload: bytes = b"", ts: int = 0) -> None:
        self.phone.send(iax(self.src, self.dst, ts, self.oseq, self.iseq, name, payload))
        self.oseq = (self.oseq + 1) & 255

    def mini(self, ts: int, payload: bytes) -> None:
        self.phone.send(mini(self.src, ts, payload))

    def take(self, frame: dict) -> None:
        self.got.append(frame)
        if frame["kind"] != "full" or frame["src"] == 1 or frame.get("ies", ()) is None:
            return
        self.dst = self.dst or frame["src"]
        if frame["name"] in ("ACK", "VNAK", "INVAL") or not self.phone.acks:
            return
        if frame["oseq"] == self.iseq:
            self.iseq = (self.iseq + 1) & 255
        self.phone.send(iax(self.src, frame["src"], frame["ts"], frame["iseq"], self.iseq, "ACK"))

    def last(self, name: str) -> dict:
        return [f for f in self.got if f["name"] == name][-1]

    def names(self) -> list[str]:
        return [f["name"] for f in self.got if f["name"] != "ACK"]


class Phone:
    """The device's side of the wire, in virtual time."""

    def __init__(self, peer: Peer) -> None:
        self.peer, self.now, self.acks = peer, 0.0, True
        self.legs: dict[int, Leg] = {}
        self.heard: list[tuple[str, dict]] = []
        self.wire: list[tuple[float, bool, bytes]] = []

    def leg(self, src: int) -> Leg:
        self.legs[src] = Leg(self, src)
        return self.legs[src]

    def send(self, raw: bytes) -> None:
        self.wire.append((self.now, True, raw))
        self.peer.feed(raw, ADDR, self.now)

    def run(self, ms: float) -> None:
        end = self.now + ms
        self._drain()
        while True:
            due = self.peer.next_due()
            if due is None or due > end:
                break
            self.now = max(self.now, due)
            self.peer.poll(self.now)
            self._drain()
        self.now = end
        self.peer.poll(end)

    def _drain(self) -> None:
        while self.peer.out:
            for port, _, raw in self.peer.drain():
                self._take(port, raw)

    def _take(self, port: str, raw: bytes) -> None:
        frame = decode_frame(raw)
        self.wire.append((self.now, False, raw))
        self.heard.append((port, frame))
        number = frame["dst"]
        if frame["kind"] == "mini" or not number:
            number = next((n for n, leg in self.legs.items() if leg.dst == frame["src"]), 0)
        if number in self.legs:
            self.legs[number].take(frame)

    def request(self, src: int, name: str, *pairs: tuple) -> Leg:
        """Open a dialog through the token handshake."""
        leg = self.leg(src)
        leg.iax(name, ies(*pairs, ("CALLTOKEN", b"")))
        self.run(1)
        token = leg.last("CALLTOKEN")["ie"]["CALLTOKEN"]
        leg.oseq = leg.iseq = 0
        leg.iax(name, ies(*pairs, ("CALLTOKEN", token)))
        self.run(1)
        return leg

    def answer(self, leg: Leg, challenge: str, reply: str, *pairs: tuple, secret: str = "pw1") -> None:
        nonce = leg.last(challenge)["ie"]["CHALLENGE"]
        leg.iax(reply, ies(*pairs, ("MD5_RESULT", hashlib.md5(nonce + secret.encode()).hexdigest())), ts=5)
        self.run(1)

    def register(self, src: int = 100, secret: str = "pw1", refresh: int = 60) -> Leg:
        pairs = (("USERNAME", "ata1"), ("REFRESH", refresh))
        leg = self.request(src, "REGREQ", *pairs)
        self.answer(leg, "REGAUTH", "REGREQ", *pairs, secret=secret)
        return leg

    def call(self, number: str, src: int = 200, secret: str = "pw1", form: int = 4, cap: int = 12) -> Leg:
        pairs = (("VERSION", 2), ("CALLED_NUMBER", number), ("USERNAME", "ata1"), ("FORMAT", form))
        leg = self.request(src, "NEW", *pairs, ("CAPABILITY", cap))
        self.answer(leg, "AUTHREQ", "AUTHREP", secret=secret)
        return leg


@pytest.fixture
def peer() -> Peer:
    return Peer(seed=7, accounts={"ata1": {"secret": "pw1", "qualify_ms": 0}})


@pytest.fixture
def phone(peer: Peer) -> Phone:
    return Phone(peer)
