"""A second server for an account: over to it when the first is gone, and back. Loaded if altserver is set.

Each account that has two servers has a guard, which asks the server in use by POKE between registrations.
Two POKEs or two registrations in a row that failed are trouble: then the other server is asked, and only one
that answers is gone to. While the other serves, the first is asked too; two answers in a row bring us back.
Nothing is switched during a call of the account: a call stays where it began.
"""

from micropython import const

import ticks
from iax.poker import Poker

_PART_FREE = const(12)  # codes.PART_FREE
_EV_REGISTERED = const(1)  # codes.EV_REGISTERED
_EV_REG_FAILED = const(2)  # codes.EV_REG_FAILED
_EV_SERVER = const(24)  # codes.EV_SERVER
_LOG_SERVER = const(16)  # codes.LOG_SERVER
_REG_WAITING = const(4)  # codes.REG_WAITING
_LOOK_AGAIN = const(3)  # codes.LOOK_AGAIN

_ENOUGH = const(2)  # failures that are trouble, and answers that bring back
_AFTER_REFUSAL = const(20)  # answers wanted of a server that would not register us
_LONGEST_MS = const(30000)  # between two questions
_SOON_MS = const(1000)  # after a silence, doubling
_SILENCES = const(10)  # of the first server, while the other serves: then main.py looks it up again


class Guard(Poker):
    """Who looks after one account: its server is peer 1 + 2i, the other one 2 + 2i."""

    def __init__(self, ep, account, registrar, lost: bytearray) -> None:
        """registrar: None if the account does not register.  lost: see Failover."""
        super().__init__(ep)
        self.account = account
        self.registrar = registrar
        self._lost = lost
        self._failures = 0  # registrations in a row, at the server in use
        self._silences = 0  # the same of POKEs
        self._answers = 0  # in a row of the first server while the other serves; negative: silences
        self._wanted = _ENOUGH
        self._other_next = False  # whose turn it is
        self._awake = False
        self._asked = 0  # peer, as the account counts it
        self._at = 0  # when the next question is due

    def on_registrar(self, event: int, cause: int, now: int) -> None:
        """A registration succeeded or failed at the server in use; one that we broke off does not count."""
        first = self.account.peer & 1
        if event == _EV_REGISTERED:
            self._failures = self._silences = 0
            if first:
                self._wanted = _ENOUGH
        elif self.registrar.state == _REG_WAITING:
            self._failures += 1
            if cause and first:
                self._wanted = _AFTER_REFUSAL
            if self._failures >= _ENOUGH:
                self._other_next = True
                self._at = now

    def take(self, what: int, leg, buf: bytes, n: int, now: int) -> int:
        """Take a PONG; and when a call is over, do what had to wait for that."""
        if what == _PART_FREE and leg.account is self.account and self._in_trouble():
            self._other_next = True
            self._at = now
        return Poker.take(self, what, leg, buf, n, now)  # super() with five arguments takes room

    def poll(self, now: int) -> None:
        """Let time pass, and ask whose turn it is."""
        super().poll(now)
        awake = self.registrar is None or self.registrar.state <= _REG_WAITING
        if awake and not self._awake:
            self._at = ticks.add(now, 2 * _SOON_MS)
        self._awake = awake
        if awake and not self.asking and ticks.diff(now, self._at) >= 0:
            self._ask_next(now)

    def next_due(self, now: int) -> int:
        """Milliseconds until `poll` or `poll_tx` has something to do, -1 = never."""
        if self.asking or not self._awake:
            return super().next_due(now)
        wait_ms = ticks.diff(self._at, now)
        return wait_ms if wait_ms > 0 else 0

    def _ask_next(self, now: int) -> None:
        serving = self.account.peer
        other = (serving - 1 ^ 1) + 1
        two = self._in_trouble() or not serving & 1
        self._asked = other if two and self._other_next else serving
        self.ask(self._asked, now)
        self._other_next = not self._other_next
        self._rest(min(self.account.refresh_s * 500, _LONGEST_MS), now)

    def _rest(self, wait_ms: int, now: int) -> None:
        self._at = ticks.add(now, wait_ms)

    def _in_trouble(self) -> bool:
        return self._silences >= _ENOUGH or self._failures >= _ENOUGH

    def told(self, now: int) -> None:
        """The one who was asked has answered, or has been silent for 4 s."""
        answered = self.rtt_ms >= 0
        if not self._awake:
            pass  # the box goes down
        elif self._asked == self.account.peer:
            self._served(answered, now)
        elif self._in_trouble():
            if answered:
                self._switch(now)
        elif answered:
            self._answers = max(self._answers, 0) + 1
            self._other_next = True
            if self._answers >= self._wanted:
                self._switch(now)
        else:
            self._answers = min(self._answers, 0) - 1
            if self._answers % _SILENCES == 0:
                self._lost[self.account.index] = _LOOK_AGAIN

    def _served(self, answered: bool, now: int) -> None:
        if answered:
            self._silences = 0
            return
        self._silences += 1
        self._rest(min(_SOON_MS << min(self._silences, 5), _LONGEST_MS), now)
        if self._silences == _ENOUGH:
            self._other_next = True
            self._at = now

    def _switch(self, now: int) -> None:
        """Go to the one who has just answered, unless somebody telephones through this account."""
        account = self.account
        for leg in self.ep.legs:
            if leg.state and leg.account is account:
                return
        account.peer = peer = self._asked
        self._failures = self._silences = self._answers = 0
        self._other_next = False
        self.ep.log.put(now, _LOG_SERVER, account.index + 1, peer)
        if self.registrar is not None:
            self.registrar.give_up(now)
            self.registrar.start(account, now)
        self.ep.post(_EV_SERVER, account.index, account.index << 4 | peer)


class Failover:
    """The guards of all accounts that have two servers; a service of the adapter."""

    def __init__(self, ep, registrars, accounts, lost: bytearray) -> None:
        """Hook a guard for each of `accounts` into the endpoint. registrars: of all who register.

        lost: failures of each account by index, 3 or more make main.py look its servers up again.
        """
        self.guards = []
        for account in accounts:
            registrar = None
            for each in registrars:
                if each.account is account:
                    registrar = each
            guard = Guard(ep, account, registrar, lost)
            self.guards.append(guard)
            ep.parts.append(guard)
            ep.dialogs.append(guard)

    def on_event(self, event: int, index: int, arg: int, now: int) -> None:
        """Hear how the registrations went."""
        if event == _EV_REGISTERED or event == _EV_REG_FAILED:
            for guard in self.guards:
                if guard.account.index == index:
                    guard.on_registrar(event, arg, now)
