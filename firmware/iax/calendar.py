"""What day it is, by the word of the servers: an extra, for system.clock. Dates are those of iax/date.py."""

from micropython import const

import ticks
from iax.date import of, seconds, text

_EV_CLOCK = const(17)  # codes.EV_CLOCK


class Calendar:
    """What day it is, by the servers' word. It believes the last one for 2**29 ms, which is six days.

    It hears EV_CLOCK as one of the services of ata.py. As one of the endpoint's dialogs too it forgets in
    time what is too old; without that somebody must ask or tell it something once in six days.
    """

    state = 0  # a dialog that nothing belongs to
    peer = 0
    scallno = 0
    cipher = None

    def __init__(self, serial=None) -> None:
        """serial: the console of the HAL, which is told the date once it is known."""
        self._serial = serial
        self._second = -1  # since 2020, when it was `_tick`
        self._tick = 0

    def on_event(self, event: int, leg: int, arg: int, now: int) -> None:
        """Take the date30 that a server told; what is no date changes nothing."""
        second = seconds(arg) if event == _EV_CLOCK else -1
        if second >= 0:
            if self._second < 0 and self._serial:
                self._serial.write(("clock: " + text(arg) + " by account %d\n" % (leg + 1)).encode())
            self._second = second
            self._tick = now
        else:
            self.poll(now)

    def today(self, now: int) -> int:
        """Return the date30 of now, -1 if no server has told it in the last 2**29 ms."""
        self.poll(now)
        return -1 if self._second < 0 else of(self._second + ticks.diff(now, self._tick) // 1000)

    def poll(self, now: int) -> int:
        """Forget what was told too long ago. Returns 0: there is never a datagram."""
        if ticks.diff(now, self._tick) < 0:
            self._second = -1
        return 0

    poll_tx = poll

    def next_due(self, now: int) -> int:
        """Never: -1."""
        return -1
