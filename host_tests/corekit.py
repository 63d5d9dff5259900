"""What the tests of the IAX2 core share: a call that is up, what went over the wire, and a server by hand.

bench = call_up("600")                 # registered, dialled, answered, speaking
said(bench, "LAGRP")                   # full frames of that name from the box, decoded
hand = ByHand(bench)                   # no peer any more: every frame of the server is written here
"""

from bench import CoreBench

from peer import numbers as n
from peer import wire

SPEECH = bytes(range(0x60, 0x60 + 160))  # 160 octets of µ-law that nobody takes for silence


def speech(t_ms: int) -> bytes:
    """Say the same 20 ms again and again."""
    return SPEECH


def call_up(number: str = "600", most_ms: int = 10000, **options) -> CoreBench:
    """Return a bench that is registered and has an answered call of its own with voice both ways."""
    bench = CoreBench(**options)
    bench.register()
    bench.speak = speech
    bench.dial(number)
    assert bench.run_until("ANSWERED", most_ms)
    bench.run(500)
    return bench


def ringing(bench: CoreBench | None = None, **invitation):
    """Return (bench, the peer's call) with the telephone of a registered box ringing."""
    bench = bench or CoreBench()
    if bench.peer.accounts["ata1"].addr is None:
        bench.register()
    call = bench.peer.call_device("ata1", **invitation)
    bench.run(100)
    return bench, call


def answered(bench: CoreBench | None = None, **invitation):
    """Return (bench, the peer's call) with an incoming call answered and speaking."""
    bench, call = ringing(bench, **invitation)
    bench.speak = speech
    bench.leg.pickup(bench.now)
    bench.drain()
    bench.run(500)
    assert call.state == "up"
    return bench, call


def said(bench: CoreBench, name: str | None = None, since_ms: float = 0, **fields) -> list[dict]:
    """Return the full frames the box sent and the peer got, oldest first."""
    found = bench.peer.frames(name, "in", **fields)
    return [f for f in found if f["t"] >= since_ms and f["kind"] == "full"]


def heard(bench: CoreBench, name: str | None = None, since_ms: float = 0, **fields) -> list[dict]:
    """Return the full frames the peer sent to the box, oldest first."""
    found = bench.peer.frames(name, "out", **fields)
    return [f for f in found if f["t"] >= since_ms and f["kind"] == "full"]


def sent(bench: CoreBench, name: str | None = None, since_ms: float = 0) -> list[dict]:
    """Return what left the box, whether it arrived or not: decoded, with `t`."""
    found = []
    for t_ms, raw in bench.sent:
        frame = wire.decode(raw)
        if t_ms >= since_ms and name in (None, frame["name"]):
            found.append({**frame, "t": t_ms})
    return found


def told(bench: CoreBench, name: str) -> list[int]:
    """Return the arguments of the endpoint's events of that name."""
    return [event[3] for event in bench.events if event[1] == name]


def carries_voice(bench: CoreBench, ms: int = 1000) -> bool:
    """Run, and say whether voice passed both ways all the while (at least nine packets of ten)."""
    call = bench.peer.current_call()
    if call is None:
        return False
    went, came = call.rx_packets, len(bench.audio)
    bench.run(ms)
    wanted = ms // 20 * 9 // 10
    return call.rx_packets - went >= wanted and len(bench.audio) - came >= wanted


class ByHand:
    """The server's side of one dialog, frame by frame. `src` is its call number, 1 for stateless replies."""

    def __init__(self, bench: CoreBench, src: int = 5000) -> None:
        bench.peer.vanish()
        self.bench = bench
        self.src = src
        self.oseq = 0

    def last(self, name: str | None = None) -> dict:
        """Return the last frame of that name from the box."""
        return sent(self.bench, name)[-1]

    def next_iseq(self, dst: int) -> int:
        """Return the number of the next frame the box's dialog `dst` will send."""
        counted = [f for f in sent(self.bench) if f["kind"] == "full" and f["src"] == dst]
        numbers = [f["oseq"] for f in counted if f["name"] not in n.UNCOUNTED and not f["r"]]
        return (numbers[-1] + 1) & 255 if numbers else 0

    def iax(self, name: str, payload: bytes = b"", **header) -> int:
        """Send an IAX frame by name."""
        return self.full(n.T_IAX, n.IAX[name], payload, **header)

    def full(self, ftype: int, subclass: int, payload: bytes = b"", **header) -> int:
        """Send a full frame; src dst ts oseq iseq r stand for what a good server would put there."""
        dst = header.get("dst", self.bench.leg.scallno)
        oseq = header.get("oseq", self.oseq)
        raw = wire.full(
            header.get("src", self.src), dst, header.get("ts", self.bench.t_ms), oseq,
            header.get("iseq", self.next_iseq(dst)), ftype, subclass, payload, header.get("r", False),
        )  # fmt: skip
        counted = not (ftype == n.T_IAX and n.IAX_NAMES.get(subclass) in n.UNCOUNTED)
        if "oseq" not in header and header.get("src", self.src) > 1 and counted:
            self.oseq = (self.oseq + 1) & 255
        return self.bench.feed(raw)

    def mini(self, ts16: int, payload: bytes = SPEECH) -> int:
        """Send a mini frame."""
        return self.bench.feed(wire.mini(self.src, ts16, payload))

    def accept(self, number: str = "600") -> None:
        """Let the box dial and accept the call at once, without token or challenge."""
        self.bench.dial(number)
        self.iax("ACCEPT", wire.ie("FORMAT", n.ULAW))

    def offer(self, **fields) -> None:
        """Call the box."""
        ies = {"VERSION": 2, "CALLED_NUMBER": "s", "CALLING_NUMBER": "700", "FORMAT": 4, "CAPABILITY": 12}
        ies.update(fields)
        payload = wire.ies(*[pair for pair in ies.items() if pair[1] is not None])
        self.iax("NEW", payload, dst=0, iseq=0)
