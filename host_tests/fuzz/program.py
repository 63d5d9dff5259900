"""An attack as octets: a scene, settings, then what happens. Any octets at all are a program.

| octet | then | what happens |
|---|---|---|
| 0 … 4 (modulo 8) | peer, aim, who, length, octets | a datagram arrives |
| 5 | which | time passes |
| 6 | which, leg | an order from above |
| 7 | leg | 20 ms of voice leave |

aim: bits that put the numbers a dialog awaits into a full frame: its call numbers (1, 2), sequence numbers
(4, 8), the time-stamp of its last frame (16), its cipher (32). who: which dialog.
"""

from dataclasses import dataclass

from fuzz.box import Box
from fuzz.scenes import SCENES, speak

PEERS = (0, 1, 1, 1, 2, 3, 9, 10, 11)
TIMES_MS = (0, 1, 5, 20, 100, 300, 1000, 2000, 5000, 9000, 10000, 20000, 32000, 60000, 125000)
MOST_OPS = 24
MOST_OCTETS = 1600
SRC, DST, OSEQ, ISEQ, STAMP, SEAL = 1, 2, 4, 8, 16, 32
AIMED = SRC | DST | OSEQ | ISEQ | SEAL


@dataclass
class Op:
    """One thing that happens. a, b, c: its octets; raw: the datagram."""

    kind: int
    a: int = 0
    b: int = 0
    c: int = 0
    raw: bytes = b""

    def pack(self) -> bytes:
        """Return the octets of this step."""
        if self.kind > 4:
            return bytes((self.kind, self.a, self.b))
        n = min(len(self.raw), MOST_OCTETS)
        size = bytes((n,)) if n < 255 else b"\xff" + n.to_bytes(2, "big")
        return bytes((self.kind, self.a, self.b, self.c)) + size + self.raw[:n]


@dataclass
class Program:
    """A scene by number, a variant of the box, and the steps."""

    scene: int
    variant: int
    ops: "list[Op]"

    def pack(self) -> bytes:
        """Return the program as octets."""
        return bytes((self.scene, self.variant)) + b"".join(op.pack() for op in self.ops)


def parse(octets: bytes) -> Program:
    """Return the program that these octets are."""
    feed = Octets(octets)
    program = Program(feed.one() % len(SCENES), feed.one(), [])
    while feed.left and len(program.ops) < MOST_OPS:
        kind = feed.one() % 8
        if kind > 4:
            program.ops.append(Op(kind, feed.one(), feed.one()))
            continue
        op = Op(kind, feed.one(), feed.one(), feed.one())
        n = feed.one()
        op.raw = feed.some(min(feed.one() << 8 | feed.one(), MOST_OCTETS) if n == 255 else n)
        program.ops.append(op)
    return program


class Octets:
    """Octets taken from the front; zeros when there are no more."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    @property
    def left(self) -> bool:
        """True while there are some."""
        return self._at < len(self._octets)

    def one(self) -> int:
        """Take one."""
        self._at += 1
        return self._octets[self._at - 1] if self._at <= len(self._octets) else 0

    def some(self, n: int) -> bytes:
        """Take up to `n`."""
        self._at += n
        return self._octets[self._at - n : self._at]


# -- running it ------------------------------------------------------------------------------------------


def run(octets: bytes) -> Box:
    """Run a program on a fresh box; raises whatever goes wrong. Memory is weighed after one in eight."""
    program = parse(octets)
    box = Box(program.variant)
    SCENES[program.scene](box)
    for op in program.ops:
        step(box, op)
    box.settle()
    if sum(octets) % 8 == 0:
        box.check_weight()
    return box


def step(box: Box, op: Op) -> None:
    """Let one thing happen."""
    if op.kind < 5:
        box.feed(aimed(box, op), PEERS[op.a % len(PEERS)])
    elif op.kind == 5:
        box.wait(TIMES_MS[op.a % len(TIMES_MS)])
    elif op.kind == 6:
        order(box, op.a, box.ep.legs[op.b % 2])
        box.drain()
    else:
        speak(box, op.a % 2)
    box.check()


def aimed(box: Box, op: Op) -> bytes:
    """Return the datagram with the numbers in it that the chosen dialog awaits."""
    targets = [*box.ep.legs, *box.registrars, *box.failover.guards]
    dialog = targets[op.c % len(targets)]
    raw = bytearray(op.raw)
    theirs = getattr(dialog, "dcallno", 0) or 5000
    if len(raw) >= 12 and raw[0] & 0x80:
        aim_full(raw, op.b, dialog, theirs)
    elif op.b & SRC and len(raw) >= 4 and not raw[0] & 0x80 and raw[:2] != b"\0\0":
        raw[:2] = theirs.to_bytes(2, "big")
    return box.sealed(bytes(raw), dialog) if op.b & SEAL else bytes(raw)


def aim_full(raw: bytearray, aim: int, dialog, theirs: int) -> None:
    """Put into a full frame what `aim` asks for."""
    if aim & SRC:
        raw[:2] = (theirs | 0x8000).to_bytes(2, "big")
    if aim & DST:
        raw[2:4] = (dialog.scallno | (raw[2] & 0x80) << 8).to_bytes(2, "big")
    if aim & STAMP:
        raw[4:8] = getattr(dialog, "_last_ts", 3).to_bytes(4, "big")
    window = getattr(dialog, "window", None)
    if window is not None and aim & OSEQ:
        raw[8] = dialog.iseq
    if window is not None and aim & ISEQ:
        raw[9] = window.oseq


def order(box: Box, which: int, leg) -> None:
    """Give one order, as the line, the adapter or a service would."""
    now = box.now
    account = box.accounts[leg.index]
    orders = (
        lambda: box.ep.dial(account, b"6" * (1 + which % 32), now),
        lambda: leg.drop(16, now),
        lambda: leg.take(now),
        lambda: leg.pickup(now),
        lambda: leg.send_dtmf(0x35, which & 32 != 0, now),
        lambda: box.notes.say(leg, b"hello", now),
        lambda: box.registrars[leg.index].start(account, now),
        lambda: box.registrars[leg.index].release(now),
        lambda: box.plan.open(account, now),
        lambda: box.plan.ask(b"60"[: 1 + which % 2], now),
        lambda: box.plan.dial(b"600", now),
        lambda: box.plan.close(now),
        lambda: box.refer.transfer(leg, b"602", now),
        lambda: box.hold.quelch(leg, which & 32 != 0, b"jazz", now),
        lambda: box.hold.hold(leg, which & 32 != 0, now),
        lambda: box.hold.flash(leg, now),
    )
    orders[which % len(orders)]()
