"""Start here: make the HAL of one board, make the adapter, turn it until the box is to stop.

The only importer of `board/`. On a host: `main.py sim PORT`, which tools/vphone.py does for you.
"""

import sys


def find_rooms() -> None:
    """Put firmware/ and the folder above it on the path (on the device both are the root)."""
    here = __file__.rpartition("/")[0] or "."
    for place in (here, here + "/.."):
        if place not in sys.path:
            sys.path.insert(0, place)


def configure(hal, config) -> None:  # noqa: ANN001 (Hal, Config)
    """Take the saved settings, one NAME=VALUE a line; a wrong one is reported and left at its default."""
    saved = hal.store.load("config")
    for line in (saved or b"").decode().split("\n"):
        name, found, value = line.partition("=")
        error = config.set(name.strip(), value.strip()) if found else ""
        if error:
            hal.serial.write(("config: " + error + "\n").encode())


def begin(hal, config, ata, now: int) -> bool:  # noqa: ANN001 (Hal, Config, Ata)
    """Open the network; False with one line at the console if that cannot be done now."""
    host = config.get("account.1.server")
    if not hal.net.open(config.get("net.port")):
        hal.serial.write(b"net: the local UDP port is taken: choose another with net.port\n")
    elif not host:
        hal.serial.write(b"account: no server: set account.1.server to the name of yours\n")
    elif not hal.net.resolve(1, host, config.get("account.1.port")):
        hal.serial.write(("net: nobody knows the server " + host + ": check account.1.server\n").encode())
    else:
        ata.start(now)
        return True
    return False


def run(hal) -> None:  # noqa: ANN001 (Hal)
    """Run the adapter on `hal` until its clock says stop, then say good-bye to the server."""
    import ticks
    from ata import Ata
    from config import Config
    from stats import Log, Stats

    stats = Stats()
    log = Log()
    config = Config(hal.store)
    configure(hal, config)
    ata = Ata(hal, config, stats, log)
    hal.box.watch(log, stats)
    clock = hal.clock
    log.put(clock.ticks_ms(), 1)
    begin(hal, config, ata, clock.ticks_ms())
    due = 0
    while clock.wait(due):
        due = ata.turn(clock.ticks_ms())
        hal.box.feed_watchdog()
    end = ticks.add(clock.ticks_ms(), config.get("system.release_ms"))
    ata.release(clock.ticks_ms())
    while not ata.released and ticks.diff(end, clock.ticks_ms()) > 0 and clock.wait(due):
        due = ata.turn(clock.ticks_ms())


def main(argv: list) -> None:
    """Run on the board that argv[1] names ("sim"); the rest of argv is the board's."""
    find_rooms()
    board = __import__("board." + argv[1], None, None, ("make",))
    run(board.make(argv[2:]))


if __name__ == "__main__":
    main(sys.argv)
