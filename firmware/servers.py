"""Finding the servers and leaving them: names become addresses, at start and when a server does not answer
any more; at power-down they are told that we are gone.

main.py loads this file when it is needed, which is never in a call, and forgets it again.
"""

from micropython import const

import ticks

_LOOK_AGAIN = const(3)  # codes.LOOK_AGAIN
_CAUSE_NORMAL = const(16)  # proto.CAUSE_NORMAL


def find(hal, ata, entry: tuple) -> bool:
    """Look up a server, (peer, host, UDP port); an address that two peers share counts as the first one's."""
    found = hal.net.resolve(entry[0], entry[1], entry[2])
    if found:
        ata.endpoint.same[entry[0]] = found
    return found != 0


def begin(hal, server: tuple, ata, unknown: list, opened: bool, now: int) -> bool:
    """Open the local port, unless it is `opened` already, and look for the servers that are still `unknown`.

    Each that is found leaves the list, and the adapter registers there. Return whether the port is open now.
    What failed is told in one line at the console.
    """
    error = ""
    if not opened and not hal.net.open(server[0]):
        error = "net: the local UDP port is taken: choose another with net.port"
    else:
        opened = True
        if not server[2]:
            error = "account: no server: set account.1.server to the name of yours"
        elif not hal.box.link_up():
            error = "net: no network: check the cable or the Wi-Fi"
        else:
            for entry in unknown[:]:
                peer, host, _ = entry
                if find(hal, ata, entry):
                    unknown.remove(entry)
                    ata.start(now, peer)
                else:
                    name = "account.%d.%s" % ((peer + 1) // 2, "server" if peer & 1 else "altserver")
                    error += "net: nobody knows the server " + host + ": check " + name + "\n"
    if error:
        hal.serial.write((error.rstrip() + "\n").encode())
    return opened


def look_again(hal, server: tuple, ata) -> None:
    """Look up the servers of an account that could not be reached again and again: they may have moved.

    An account that counts as another one's server goes with it only if its own name says so.
    """
    failures = ata.failures
    same = ata.endpoint.same
    for entry in server[2]:
        first = same[entry[0]] or entry[0]
        if failures[entry[0] - 1 >> 1] >= _LOOK_AGAIN or failures[first - 1 >> 1] >= _LOOK_AGAIN:
            find(hal, ata, entry)
    for index in range(len(failures)):
        if failures[index] >= _LOOK_AGAIN:
            failures[index] = 0


def release(ata, now: int) -> None:
    """Power-down was asked for: hang up, silence the line, unregister; `gone` tells when it is done."""
    ata.in_service = False
    ata.hooked(False, now)
    ata.port.reset(now)
    for leg in ata.endpoint.legs:
        if leg.state:
            leg.drop(_CAUSE_NORMAL, now)
    for registrar in ata.registrars:
        registrar.release(now)
    ata.turn(now)


def gone(ata) -> bool:
    """Return True when the servers know that we are not there any more, or will not listen."""
    for leg in ata.endpoint.legs:
        if leg.state:
            return False
    return ata.n_released >= len(ata.registrars)


def leave(hal, ata, wait_ms: int) -> None:
    """Take leave of the servers, for at most `wait_ms`."""
    now = hal.clock.ticks_ms()
    end = ticks.add(now, wait_ms)
    release(ata, now)
    while not gone(ata) and ticks.diff(end, now) > 0 and hal.clock.wait(0):
        now = hal.clock.ticks_ms()
        ata.turn(now)
