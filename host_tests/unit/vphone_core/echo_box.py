"""A stand-in for firmware/main.py: echoes sound, sends a POKE each 200 ms, counts what comes.

Orders of the test come as words after the board's: `leak` allocates in each turn that got a datagram,
`die` raises at 200 ms, `hang` sleeps for ever, `late` ignores the power-down, `meet` answers a stranger and
makes it peer 9 until it speaks again. Not a test.
"""

import sys


def main(argv: "list[str]") -> None:
    """Run until the host says stop."""
    here = __file__.replace("\\", "/").rsplit("/", 1)[0]
    root = here + "/../../.."
    for place in (root, root + "/firmware"):
        sys.path.insert(0, place)
    from board import sim
    from stats import Log, Stats

    hal = sim.make(argv[2:])
    order = (hal.store.load("order") or b"").decode()
    stats, log = Stats(), Log()
    hal.box.watch(log, stats)
    hal.net.open(4569)
    known = hal.net.resolve(1, "peer", 4569)
    unknown = hal.net.resolve(2, "nobody", 4569)
    hal.serial.write(b"echo_box: %d %d %s\n" % (known, unknown, (hal.store.load("config") or b"")[:18]))
    hal.slic.set_feed(1)
    hal.slic.set_ring(250)
    poke = b"\x80\x05\x00\x00\x00\x00\x00\x00\x00\x00\x06\x1e"
    turn(hal, stats, log, poke, order)
    log.put(hal.clock.ticks_ms(), 3, 1, 0)
    hal.clock.wait(0)
    assert order != "late" or hal.clock.wait(0)
    while order == "late" and hal.clock.wait(0):
        pass


def turn(hal, stats, log, poke: bytes, order: str) -> None:
    """Go round."""
    frame = bytearray(320)
    n = 0
    state = 0
    kept = None
    while hal.clock.wait(-1):
        now = hal.clock.ticks_ms()
        if hal.net.receive() is not None:
            stats.count(0 if hal.net.peer == 1 else 1)
            kept = [n] if order == "leak" else kept
            if order == "meet":
                meet(hal)
        if hal.slic.line_state() != state:
            state = hal.slic.line_state()
            log.put(now, 4, state, 0)
        if hal.pcm.read_into(frame):
            n += 1
            hal.pcm.write(frame)
            act(hal, log, now, n, poke, order)


def meet(hal) -> None:
    """Greet a stranger and remember it; forget it when it speaks again."""
    net = hal.net
    if net.peer == 0:
        src = bytes(net.src)
        sent = net.send(0, b"?hello?", 1, 5)
        hal.serial.write(b"met %s %d %d\n" % (hexed(src), sent, net.place(9, src)))
    else:
        hal.serial.write(b"peer %d %s %d\n" % (net.peer, hexed(net.src), net.place(net.peer, b"")))


def hexed(octets: bytes) -> bytes:
    """Return octets in hexadecimal."""
    return b"".join([b"%02x" % octet for octet in octets])


def act(hal, log, now: int, n: int, poke: bytes, order: str) -> None:
    """Do what is due in frame `n`."""
    if n == 1:
        log.put(now, 2, 1, 60)
    if n % 10:
        return
    hal.net.send(1, poke, 0, 12)
    if order == "die":
        raise ValueError("told to die")
    while order == "hang":
        pass


main(sys.argv)
