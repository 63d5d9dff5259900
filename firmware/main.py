"""Start here: make the HAL of one board, make the adapter, turn it until the box is to stop.

The only importer of `board/`. On a host: `main.py sim PORT`, which tools/vphone.py does for you. The line is
off before the adapter is made and after it ends, whatever ends it: a telephone must not go on ringing for a
program that died. An exception leaves by the console with its traceback; the watchdog starts the box anew.
"""

import sys

from micropython import const

_FEED_OPEN = const(0)  # codes.FEED_OPEN
_ON_HOOK = const(0)  # codes.ON_HOOK
_LOG_BOOT = const(1)  # codes.LOG_BOOT
_LOG_FEED = const(7)  # codes.LOG_FEED
_RETRY_MS = const(2000)  # after the first failure, doubling …
_LONGEST_MS = const(64000)  # … up to this
_LOOK_MS = const(500)
_LOST = const(3)  # registrations failed in a row: the server may have a new address


def begin(hal, server: tuple, ata, opened: bool, now: int) -> bool:
    """Open the local port, unless it is `opened` already, and find the server: then the adapter starts.

    Return whether the port is open now. What failed is told in one line at the console.
    """
    local_port, host, port, _ = server
    if not opened and not hal.net.open(local_port):
        error = "net: the local UDP port is taken: choose another with net.port"
    else:
        opened = True
        if not host:
            error = "account: no server: set account.1.server to the name of yours"
        elif not hal.box.link_up():
            error = "net: no network: check the cable or the Wi-Fi"
        elif not hal.net.resolve(1, host, port):
            error = "net: nobody knows the server " + host + ": check account.1.server"
        else:
            ata.start(now)
            return True
    hal.serial.write((error + "\n").encode())
    return opened


def work(hal, server: tuple, ata) -> None:
    """Turn the adapter until the clock says stop, then say good-bye to the server.

    As long as there is no network, look for it again and again, but never while somebody telephones. The same
    for the address of a server that no longer takes our registration.
    """
    import ticks

    clock = hal.clock
    now = clock.ticks_ms()
    opened = begin(hal, server, ata, False, now)
    wait_ms = _RETRY_MS
    try_at = ticks.add(now, wait_ms)
    due = 0
    while clock.wait(due):
        now = clock.ticks_ms()
        due = ata.turn(now)
        if not ata.in_service:
            due = ticks.sooner(due, _LOOK_MS)
            if ticks.diff(now, try_at) >= 0 and ata.port.state == _ON_HOOK:
                opened = begin(hal, server, ata, opened, now)
                wait_ms = min(2 * wait_ms, _LONGEST_MS)
                try_at = ticks.add(now, wait_ms)
        elif ata.failures >= _LOST and ata.port.state == _ON_HOOK:
            ata.failures = 0
            hal.net.resolve(1, server[1], server[2])
        hal.box.feed_watchdog()
    now = clock.ticks_ms()
    end = ticks.add(now, server[3])
    ata.release(now)
    while not ata.gone() and ticks.diff(end, now) > 0 and clock.wait(0):
        now = clock.ticks_ms()
        ata.turn(now)


def run(hal) -> None:
    """Run the adapter on `hal` until its clock says stop; the line is off before and after."""
    import setup

    from stats import Log, Stats

    hal.slic.set_feed(_FEED_OPEN)  # whatever the program before this one left on the line
    try:
        stats = Stats()
        log = Log()
        hal.box.watch(log, stats)
        log.put(hal.clock.ticks_ms(), _LOG_BOOT)
        log.put(hal.clock.ticks_ms(), _LOG_FEED, _FEED_OPEN)
        try:
            ata, server = setup.make(hal, stats, log)
        except ValueError as err:
            hal.serial.write(("config: " + str(err) + "\n").encode())
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
