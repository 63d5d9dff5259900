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
_LONGEST_MS = const(64000)  # … up to this
_LOOK_MS = const(500)
_LOOK_AGAIN = const(3)  # codes.LOOK_AGAIN


def _servers(what: str, *args) -> bool:
    """Let servers.py do `what`; it takes no room before and after, for it is never needed in a call."""
    import servers

    done = getattr(servers, what)(*args)
    del sys.modules["servers"]
    return done


def work(hal, server: tuple, ata) -> None:
    """Turn the adapter until the clock says stop, then say good-bye to the servers.

    As long as a server is not found, look for it again and again, but never while somebody telephones. The
    same for the address of a server that no longer takes our registration.
    """
    import ticks

    clock = hal.clock
    now = clock.ticks_ms()
    unknown = server[2][:]
    opened = _servers("begin", hal, server, ata, unknown, False, now)
    wait_ms = _RETRY_MS
    try_at = ticks.add(now, wait_ms)
    due = 0
    while clock.wait(due):
        now = clock.ticks_ms()
        due = ata.turn(now)
        if unknown or not ata.in_service:
            due = ticks.sooner(due, _LOOK_MS)
            if ticks.diff(now, try_at) >= 0 and ata.idle():
                opened = _servers("begin", hal, server, ata, unknown, opened, now)
                wait_ms = min(2 * wait_ms, _LONGEST_MS)
                try_at = ticks.add(now, wait_ms)
        if max(ata.failures) >= _LOOK_AGAIN and ata.idle():
            _servers("look_again", hal, server, ata)
        hal.box.feed_watchdog()
    _servers("leave", hal, ata, server[1])


def run(hal) -> None:
    """Run the adapter on `hal` until its clock says stop; the line is off before and after."""
    hal.slic.set_feed(_FEED_OPEN)  # whatever the program before this one left on the line
    try:
        import setup
        from stats import Log, Stats

        stats = Stats()
        log = Log()
        hal.box.watch(log, stats)
        log.put(hal.clock.ticks_ms(), _LOG_BOOT)
        log.put(hal.clock.ticks_ms(), _LOG_FEED, _FEED_OPEN)
        try:
            ata, server = setup.make(hal, stats, log)
        except ValueError as err:
            hal.serial.write(("config: %s\n" % err).encode())
            raise SystemExit(1) from None
        del setup
        work(hal, server, ata)
    finally:
        hal.slic.set_feed(_FEED_OPEN)


def main(argv: list) -> None:
    """Run on the board that argv[1] names ("sim"); the rest of argv is the board's."""
    here = __file__.rpartition("/")[0] or "."
    for place in (here, here + "/.."):  # the rooms and board/; on the device both are the root
        if place not in sys.path:
            sys.path.insert(0, place)
    board = __import__("board." + argv[1], None, None, ("make",))
    run(board.make(argv[2:]))


if __name__ == "__main__":
    main(sys.argv)
