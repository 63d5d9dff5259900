"""Waiting messages, told to a telephone that has a lamp for them, while its line is idle: an extra.

The server tells their number when it takes our registration. A telephone is told when the number changes, a
while after its receiver went down, and once more if somebody broke the message off.
"""

from micropython import const

import ticks

_EV_MESSAGES = const(15)  # codes.EV_MESSAGES
_ON_HOOK = const(0)  # codes.ON_HOOK
_MESSAGES = const(2)  # codes.ANNOUNCE_MESSAGES
_NO_MESSAGES = const(3)  # codes.ANNOUNCE_NO_MESSAGES
_IDLE_MS = const(3000)


class Lamp:
    """Hears the endpoint as a service; as one of its dialogs, too, it has a time of its own."""

    state = 0  # a dialog that nothing belongs to
    peer = 0
    scallno = 0
    cipher = None

    def __init__(self, announcer, port) -> None:
        self._announcer = announcer
        self._port = port
        self._counts = bytearray(4)  # new messages, by account
        self._known = False  # a server has said so
        self._told = -1  # what the telephone knows: how many; -1 nothing
        self._telling = False
        self._busy_at = 0  # the line was last in use, or there was nothing to tell

    def on_event(self, event: int, leg: int, arg: int, now: int) -> None:
        """Take what a server says: new messages in the low octet; leg: index of the account."""
        if event == _EV_MESSAGES:
            self._known = True
            self._counts[leg] = arg & 0xFF

    def poll(self, now: int) -> int:
        """Tell the telephone, if there is something to tell and the line is idle. Returns 0."""
        announcer = self._announcer
        idle = self._port.state == _ON_HOOK
        if self._telling and not (idle and announcer.sequence.on):
            self._telling = False
            if not idle:
                self._told = -1  # broken off: once more
        if not idle or announcer.sequence.on or self.next_due(now) < 0:
            self._busy_at = now
        elif self.next_due(now) == 0:
            count = sum(self._counts)
            announcer.messages = count
            announcer.announce(_MESSAGES if count else _NO_MESSAGES, None, now)
            self._telling = announcer.tones is not None  # else there was no memory for it
            self._told = count if self._telling else -1
            self._busy_at = now
        return 0

    def poll_tx(self, now: int) -> int:
        """There is never a datagram: 0."""
        return 0

    def next_due(self, now: int) -> int:
        """Return the ms until an idle line may be told something, -1 = there is nothing."""
        if not self._known or sum(self._counts) == self._told:
            return -1
        left_ms = _IDLE_MS - ticks.diff(now, self._busy_at)
        return left_ms if left_ms > 0 else 0
