"""Start here: make the HAL of one board, make the adapter, turn it until the box is to stop.

The only importer of `board/`. On a host: `main.py sim PORT`, which tools/vphone.py does for you. The line is
off before the adapter is made and after it ends, whatever ends it: a telephone must not go on ringing for a
program that died. An exception leaves by the console with its traceback; the watchdog starts the box anew.
"""

import sys

from micropython import const

_FEED_OPEN = const(0)  # codes.FEED_OPEN
_LOG_BOOT = const(1)  # codes.LOG_BOOT
_LOG_FEED = const(7)  # codes.LOG_FEED
_RETRY_MS = const(2000)  # after the first failure, doubling …
_LONGEST_MS = const(60000)  # … up to this


def find_rooms() -> None:
    """Put firmware/ and the folder above it on the path (on the device both are the root)."""
    here = __file__.rpartition("/")[0] or "."
    for place in (here, here + "/.."):
        if place not in sys.path:
            sys.path.insert(0, place)


def say(hal, room: str, text: str) -> None:
    """Write one line to the console."""
    hal.serial.write((room + ": " + text + "\n").encode())


def configure(hal, config) -> None:
    """Take the saved settings, one NAME=VALUE a line; a wrong one is reported and left at its default."""
    for line in (hal.store.load("config") or b"").split(b"\n"):
        try:
            name, found, value = line.decode().partition("=")
            error = name.strip() and "a saved line without ="
            if found:
                error = config.set(name.strip(), value.strip())
        except UnicodeError:
            error = "a saved line is not UTF-8"
        if error:
            say(hal, "config", error)
    sys.modules.pop("typed", None)  # done with: 2 KB


def begin(hal, config, ata, opened: bool, now: int) -> bool:
    """Open the local port, unless it is `opened` already, and find the server: then the adapter starts.

    Return whether the port is open now. What failed is told in one line at the console.
    """
    host = config.get("account.1.server")
    if not opened and not hal.net.open(config.get("net.port")):
        say(hal, "net", "the local UDP port is taken: choose another with net.port")
        return False
    if not host:
        say(hal, "account", "no server: set account.1.server to the name of yours")
    elif not hal.box.link_up():
        say(hal, "net", "no network: check the cable or the Wi-Fi")
    elif not hal.net.resolve(1, host, config.get("account.1.port")):
        say(hal, "net", "nobody knows the server " + host + ": check account.1.server")
    else:
        ata.start(now)
    return True


def work(hal, config, ata) -> None:
    """Turn the adapter until the clock says stop; as long as there is no network, look again and again."""
    import ticks

    clock = hal.clock
    try_at = clock.ticks_ms()
    opened = begin(hal, config, ata, False, try_at)
    wait_ms = _RETRY_MS
    try_at = ticks.add(try_at, wait_ms)
    due = 0
    while clock.wait(due):
        now = clock.ticks_ms()
        due = ata.turn(now)
        if not ata.in_service:
            left_ms = ticks.diff(try_at, now)
            if left_ms <= 0 and ata.port.state == 0:
                opened = begin(hal, config, ata, opened, now)
                wait_ms = min(2 * wait_ms, _LONGEST_MS)
                try_at = ticks.add(now, wait_ms)
            due = ticks.sooner(due, left_ms if left_ms > 0 else _RETRY_MS)
        hal.box.feed_watchdog()


def leave(hal, config, ata) -> None:
    """Say good-bye to the server, and wait a little for its answer."""
    import ticks

    clock = hal.clock
    end = ticks.add(clock.ticks_ms(), config.get("system.release_ms"))
    ata.release(clock.ticks_ms())
    due = 0
    while not ata.gone() and ticks.diff(end, clock.ticks_ms()) > 0 and clock.wait(due):
        due = ata.turn(clock.ticks_ms())


def run(hal) -> None:
    """Run the adapter on `hal` until its clock says stop; the line is off before and after."""
    from ata import Ata
    from config import Config
    from stats import Log, Stats

    hal.slic.set_feed(_FEED_OPEN)  # whatever the program before this one left on the line
    try:
        stats = Stats()
        log = Log()
        hal.box.watch(log, stats)
        log.put(hal.clock.ticks_ms(), _LOG_BOOT)
        log.put(hal.clock.ticks_ms(), _LOG_FEED, _FEED_OPEN)
        config = Config(hal.store)
        configure(hal, config)
        try:
            ata = Ata(hal, config, stats, log)
        except ValueError as err:
            say(hal, "config", str(err))
            raise SystemExit(1) from None
        work(hal, config, ata)
        leave(hal, config, ata)
    finally:
        hal.slic.set_feed(_FEED_OPEN)


def main(argv: list) -> None:
    """Run on the board that argv[1] names ("sim"); the rest of argv is the board's."""
    find_rooms()
    board = __import__("board." + argv[1], None, None, ("make",))
    run(board.make(argv[2:]))


if __name__ == "__main__":
    main(sys.argv)
