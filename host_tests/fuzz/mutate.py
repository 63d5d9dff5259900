"""Seeds, and mutations that know what a frame is: elements, header fields, numbers that are awaited.

`seeds()` yields programs of one or two steps; `mutate(octets, rng)` returns a program near another one.
"""

import random
from collections.abc import Iterator

from fuzz.program import AIMED, ISEQ, MOST_OPS, OSEQ, PEERS, SRC, STAMP, TIMES_MS, Op, Program, parse
from fuzz.scenes import OFFER, SCENES, VOICE

from peer import numbers as n
from peer import wire

VALUES = (
    b"",
    b"\0",
    b"\xff" * 16,
    b"A" * 255,
    b"\0\0\0\x04",
    b"\0" + b"\0\0\0\0\0\0\0\x0c",
    b"TBD",
    b"s",
    b"600",
)
NUMBERS = (0, 1, 2, 5000, 6000, 7000, 0x7FFF)
USUAL = {
    "NEW": OFFER, "HANGUP": wire.ies(("CAUSE", "bye"), ("CAUSECODE", 16)), "REJECT": wire.ie("CAUSECODE", 50),
    "ACCEPT": wire.ies(("FORMAT", 4), ("FORMAT2", 4)), "TXREL": wire.ie("CALLNO", 7000),
    "AUTHREQ": wire.ies(("AUTHMETHODS", 7), ("CHALLENGE", "123456789"), ("ENCRYPTION", 1), ("USERNAME", "u")),
    "AUTHREP": wire.ie("MD5_RESULT", "0" * 32), "REGAUTH": wire.ies(("AUTHMETHODS", 7), ("CHALLENGE", "77")),
    "REGACK": wire.ies(("USERNAME", "u"), ("REFRESH", 60), ("MSGCOUNT", 1), ("DATETIME", 0x3576AE6D)),
    "REGREJ": wire.ies(("CAUSE", "no"), ("CAUSECODE", 29)), "CALLTOKEN": wire.ie("CALLTOKEN", "1700?abc"),
    "DPREP": wire.ies(("CALLED_NUMBER", "6"), ("DPSTATUS", 0x8002), ("REFRESH", 600)),
    "TXREQ": wire.ies(
        ("APPARENT_ADDR", wire.apparent_addr(("198.51.100.9", 4569))), ("CALLNO", 7000), ("TRANSFERID", 9)
    ),
    "TXCNT": wire.ie("TRANSFERID", 9), "TXACC": wire.ie("TRANSFERID", 9), "TXMEDIA": wire.ie("CALLNO", 7000),
    "QUELCH": wire.ie("MUSICONHOLD", "jazz"), "TRANSFER": wire.ie("CALLED_NUMBER", "602"),
    "UNSUPPORT": wire.ie("IAX_UNKNOWN", 99), "RTKEY": wire.ie("CHALLENGE", bytes(range(16))),
    "MWI": wire.ie("MSGCOUNT", 1), "POKE": wire.ie("CALLTOKEN", b""),
    "PONG": wire.ies(("RR_JITTER", 3), ("RR_LOSS", 1), ("RR_PKTS", 9), ("RR_DELAY", 40), ("RR_DROPPED", 0)),
}  # fmt: skip


def frames() -> "list[bytes]":
    """Return one frame of every kind there is, and some that there are not."""
    found = [wire.iax(5000, 0, 3, 0, 0, name, USUAL.get(name, b"")) for name in n.IAX]
    found += [wire.full(5000, 0, 3, 0, 0, 6, number) for number in (0, 41, 99)]
    found += [wire.full(5000, 0, 3, 0, 0, 4, number) for number in (*n.CONTROL_NAMES, 99)]
    found += [wire.full(5000, 0, 3, 0, 0, 2, 1 << bit, VOICE) for bit in (1, 2, 3, 11)]
    found += [wire.full(5000, 0, 3, 0, 0, ftype, 0x35) for ftype in (1, 12, 5, 10, 11, 13)]
    found += [wire.full(5000, 0, 3, 0, 0, 7, 0, text.encode()) for text in ("grüß\n\x9b31m\0", "ü" * 150)]
    found += [wire.full(5000, 0, 3, 0, 0, 9, sub, b"http://a.example/") for sub in (1, 2, 17, 18)]
    found += [wire.full(5000, 0, 3, 0, 0, ftype, 1, bytes(300)) for ftype in (3, 8)]
    found += [wire.mini(5000, stamp, VOICE) for stamp in (40, 65535)] + [wire.mini(5000, 9, bytes(1100))]
    found += [
        wire.trunk(5, [(5000, 1, VOICE), (5001, 2, VOICE), (77, 1, b"x")], stamped)
        for stamped in (True, False)
    ]
    return [*found, wire.video_mini(5000, 9, bytes(50)), b"", b"\x80\0\0", b"\0\0\x01\x01"]


FRAMES = frames()


def seeds(variants: "tuple[int, ...]" = (0, 1, 2, 4, 8, 16, 32, 64, 127)) -> "Iterator[bytes]":
    """Yield each frame in each scene, numbered as awaited; the variants of the box in turn."""
    at = 0
    for scene in range(len(SCENES)):
        for raw in FRAMES:
            at += 1
            ops = [Op(0, 1, AIMED, 0, raw), Op(5, 5), Op(0, 1, AIMED & ~OSEQ, 0, raw)]
            yield Program(scene, variants[at % len(variants)], ops).pack()
        for which in range(16):
            at += 1
            yield Program(scene, variants[at % len(variants)], [Op(6, which), Op(5, 6), Op(7, 0)]).pack()


def mutate(octets: bytes, rng: random.Random) -> bytes:
    """Return a program that differs in a few things."""
    program = parse(octets)
    for _ in range(1 + rng.randrange(4)):
        rng.choice(_CHANGES)(program, rng)
    del program.ops[MOST_OPS:]
    return program.pack()


# -- changes of a program --------------------------------------------------------------------------------


def _fresh(rng: random.Random) -> Op:
    """Return a step of any kind."""
    kind = rng.choice((0, 0, 0, 0, 5, 6, 7))
    if kind:
        return Op(kind, rng.randrange(64), rng.randrange(2))
    aim = (
        AIMED | STAMP if rng.random() < 0.3 else AIMED ^ (1 << rng.randrange(6) if rng.random() < 0.4 else 0)
    )
    who = rng.choice((0, 0, 0, 1, 2, 3, 4))
    return Op(0, rng.choice((1, 1, 1, rng.randrange(len(PEERS)))), aim, who, rng.choice(FRAMES))


def _insert(program: Program, rng: random.Random) -> None:
    program.ops.insert(rng.randrange(len(program.ops) + 1), _fresh(rng))


def _drop(program: Program, rng: random.Random) -> None:
    if program.ops:
        del program.ops[rng.randrange(len(program.ops))]


def _repeat(program: Program, rng: random.Random) -> None:
    if program.ops:
        op = rng.choice(program.ops)
        for _ in range(rng.choice((1, 1, 3, 8))):
            program.ops.insert(rng.randrange(len(program.ops) + 1), Op(op.kind, op.a, op.b, op.c, op.raw))


def _setting(program: Program, rng: random.Random) -> None:
    if rng.random() < 0.5:
        program.scene = rng.randrange(len(SCENES))
    else:
        program.variant ^= 1 << rng.randrange(8)


def _timing(program: Program, rng: random.Random) -> None:
    program.ops.insert(rng.randrange(len(program.ops) + 1), Op(5, rng.randrange(len(TIMES_MS))))


def _aim(program: Program, rng: random.Random) -> None:
    for op in _datagrams(program, rng):
        how = rng.randrange(4)
        if how == 0:
            op.b ^= 1 << rng.randrange(6)
        elif how == 1:
            op.c = rng.randrange(5)
        elif how == 2:
            op.a = rng.randrange(len(PEERS))
        else:
            op.b = rng.choice((AIMED, AIMED & ~(OSEQ | ISEQ), SRC))


def _datagrams(program: Program, rng: random.Random) -> "list[Op]":
    """Return one of the program's datagrams, or none."""
    found = [op for op in program.ops if op.kind < 5]
    return [rng.choice(found)] if found else []


def _octet(program: Program, rng: random.Random) -> None:
    for op in _datagrams(program, rng):
        raw = bytearray(op.raw)
        if raw:
            raw[rng.randrange(len(raw))] = rng.choice((0, 1, 2, 4, 6, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        op.raw = bytes(raw)


def _length(program: Program, rng: random.Random) -> None:
    for op in _datagrams(program, rng):
        if rng.random() < 0.5:
            op.raw = op.raw[: rng.randrange(len(op.raw) + 1)]
        else:
            op.raw += rng.randbytes(rng.choice((1, 2, 20, 1400)))


def _header(program: Program, rng: random.Random) -> None:
    """Change a field of a full frame as a whole."""
    for op in _datagrams(program, rng):
        raw = bytearray(op.raw)
        if len(raw) < 12:
            continue
        how = rng.randrange(5)
        if how == 0:
            raw[10:12] = bytes((rng.randrange(14), rng.choice((rng.randrange(42), rng.randrange(256)))))
        elif how == 1:
            raw[0:2] = (rng.choice(NUMBERS) | 0x8000).to_bytes(2, "big")
        elif how == 2:
            raw[2:4] = (rng.choice(NUMBERS) | rng.choice((0, 0x8000))).to_bytes(2, "big")
        elif how == 3:
            raw[4:8] = rng.choice((0, 3, 32767, 65535, 2**30, 2**32 - 1)).to_bytes(4, "big")
        else:
            raw[rng.choice((8, 9))] = rng.choice((0, 1, 2, 127, 128, 255))
        op.raw = bytes(raw)


def _element(program: Program, rng: random.Random) -> None:
    """Add, take, change or double an information element."""
    for op in _datagrams(program, rng):
        found = wire.split_ies(op.raw[12:])
        if len(op.raw) < 12 or found is None:
            continue
        how = rng.randrange(4)
        if how == 0 or not found:
            found.insert(rng.randrange(len(found) + 1), (rng.choice(list(n.IE_NAMES)), rng.choice(VALUES)))
        elif how == 1:
            del found[rng.randrange(len(found))]
        elif how == 2:
            found += [rng.choice(found)] * rng.choice((1, 5))
        else:
            at = rng.randrange(len(found))
            value = rng.choice(
                (*VALUES, rng.randbytes(len(found[at][1])), found[at][1][:-1], found[at][1] + b"\0")
            )
            found[at] = (found[at][0], value[:255])
        op.raw = op.raw[:12] + b"".join(wire.ie(number, value) for number, value in found)


def _body(program: Program, rng: random.Random) -> None:
    """Put the body of one frame behind the header of another."""
    for op in _datagrams(program, rng):
        op.raw = op.raw[:12] + rng.choice(FRAMES)[12:]


_CHANGES = (
    _insert, _insert, _insert, _drop, _repeat, _setting, _timing, _aim, _octet, _octet, _length, _header,
    _header, _element, _element, _element, _body,
)  # fmt: skip
