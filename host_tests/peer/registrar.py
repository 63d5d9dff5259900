"""Registrations and POKEs: the dialogs that are no calls. RFC 5456, sections 6.1 and 6.7."""

from typing import TYPE_CHECKING

from . import numbers as n
from . import proofs, wire
from .dialog import Addr, Dialog

if TYPE_CHECKING:
    from .account import Account
    from .server import Peer

GRACE_MS = 10000  # Asterisk drops a peer this long after its refresh


class Registration(Dialog):
    """REGREQ or REGREL, the challenge, REGACK or REGREJ."""

    kind = "registration"

    def __init__(self, peer: "Peer", addr: Addr, frame: dict) -> None:
        super().__init__(peer, addr, frame["src"], str(frame["ie"].get("USERNAME", "")))
        self.challenge: bytes | None = None
        self.done = False
        peer.after(60000, lambda: self.die("stale"))

    @property
    def account(self) -> "Account | None":
        """Return the account the request named, if there is one."""
        return self.peer.accounts.get(self.account_name)

    def on_regreq(self, frame: dict) -> None:
        """Register, or release: challenge first, judge the second time."""
        if self.done:
            return
        if self.challenge is None and (self.account is None or self.account.secret):
            self.challenge = self.peer.challenge()
            self.iax("REGAUTH", self.peer.challenge_ies(self.challenge, self.account_name))
        elif self._allowed(frame["ie"]):
            self._grant(frame)
        else:
            self._refuse()

    on_regrel = on_regreq

    def _allowed(self, ie: dict) -> bool:
        account = self.account
        if account is None:
            return False
        offered = self.peer.quirks.authmethods
        return not account.secret or proofs.proven(account, ie, self.challenge or b"", offered)

    def _refuse(self) -> None:
        self.done = True
        if self.account is not None:
            self.account.history.append((self.peer.now, "refused"))
        cause = wire.ies(("CAUSE", "Registration Refused"), ("CAUSECODE", n.REGISTRATION_REFUSED))
        self.iax("REGREJ", cause)
        self.linger()

    def _grant(self, frame: dict) -> None:
        account = self.account
        assert account is not None
        self.done = True
        if self.peer.quirks.ack_registration:
            self.send_ack(frame)
        if frame["name"] == "REGREL":
            account.addr = None
            account.history.append((self.peer.now, "released"))
            payload = wire.ies(("USERNAME", account.name), ("DATETIME", self.peer.datetime()))
        else:
            self._bind(account, frame["ie"].get("REFRESH"))
            payload = self._regack(account)
        self.iax("REGACK", payload)
        self.linger()

    def _bind(self, account: "Account", asked_s: int | None) -> None:
        low, high = account.refresh_min_s, max(account.refresh_min_s, account.refresh_max_s)
        asked_s = asked_s if isinstance(asked_s, int) else low
        granted = self.peer.quirks.refresh
        account.refresh_s = granted if isinstance(granted, int) else min(high, max(low, asked_s))
        if granted == "absent":
            account.refresh_s = 60
        fresh = account.addr != self.addr or not account.registered(self.peer.now)
        account.addr = self.addr
        account.expires_ms = self.peer.now + account.refresh_s * 1000 + GRACE_MS
        account.history.append((self.peer.now, "registered"))
        expire_later(self.peer, account)
        if account.qualify_ms and self.peer.quirks.poke_in_registration and fresh:
            qualify(self.peer, account)

    def _regack(self, account: "Account") -> bytes:
        quirks = self.peer.quirks
        payload = wire.ies(("USERNAME", account.name), ("DATETIME", self.peer.datetime()))
        if quirks.refresh != "absent":
            payload += wire.ie("REFRESH", account.refresh_s)
        if quirks.apparent_addr is not None:
            form = quirks.apparent_addr
            raw = form if isinstance(form, bytes) else wire.apparent_addr(self.addr, form)
            payload += wire.ie("APPARENT_ADDR", raw)
        if quirks.msgcount is not None:
            payload += wire.ie("MSGCOUNT", quirks.msgcount)
        elif account.mailbox is not None:
            payload += wire.ie("MSGCOUNT", account.mailbox[1] << 8 | account.mailbox[0])
        number, name = account.caller_id
        if number:
            payload += wire.ies(("CALLING_NUMBER", number), ("CALLING_NAME", name))
        return payload


def expire_later(peer: "Peer", account: "Account") -> None:
    """Look again when the registration ends."""
    peer.after(max(0.0, account.expires_ms - peer.now), lambda: expire(peer, account))


def expire(peer: "Peer", account: "Account") -> None:
    """Drop a registration that was not renewed."""
    if account.addr is not None and not account.registered(peer.now):
        account.addr = None
        account.reachable = "UNKNOWN"
        account.history.append((peer.now, "expired"))


class Poke(Dialog):
    """One POKE of ours and its PONG."""

    kind = "poke"

    def __init__(self, peer: "Peer", addr: Addr, account: "Account") -> None:
        super().__init__(peer, addr, 0, account.name)
        self.account = account
        self.rtt_ms = max(250.0, account.qualify_ms / 8)
        self.started = peer.now
        for _ in range(max(1, peer.quirks.poke_copies) - 1):
            raw = wire.iax(self.number, 0, 3, 0, 0, "POKE", wire.ie("CALLTOKEN"))
            peer.transmit(addr, raw)
        self.iax("POKE", wire.ie("CALLTOKEN"), ts=3, dst=0)
        limit = 8300 if account.reachable == "UNREACHABLE" else min(20000 + account.qualify_ms, 50000)
        peer.after(limit, self._unanswered)

    def feed(self, frame: dict) -> None:
        """Take PONG from any number, also 1; nothing else belongs here."""
        if frame["name"] != "PONG":
            return
        self.send_ack(frame)
        took = self.peer.now - self.born_ms
        self.account.rtt_ms = took
        self._verdict("OK" if took < self.account.qualify_ms else "LAGGED")

    def _unanswered(self) -> None:
        if self.alive:
            self._verdict("UNREACHABLE")

    def _verdict(self, reachable: str) -> None:
        account = self.account
        if account.reachable != reachable:
            self.peer.note("%s is now %s" % (account.name, reachable))
        account.reachable = reachable
        self.die("qualified")
        self.peer.after(60000 if reachable == "OK" else 10000, lambda: again(self.peer, account, self.addr))

    def die(self, why: str) -> None:
        """Only a verdict or a restart ends it: a POKE resent four times still waits for its PONG."""
        if why != "unacked":
            super().die(why)


def qualify(peer: "Peer", account: "Account") -> None:
    """Send a POKE to an account's address, unless one is out or the account has no qualify."""
    running = any(d.kind == "poke" and d.account_name == account.name for d in peer.dialogs.values())
    if account.addr is not None and account.qualify_ms and not running:
        Poke(peer, account.addr, account)


def again(peer: "Peer", account: "Account", addr: Addr) -> None:
    """Send the next POKE of the cycle, if the account is still registered there."""
    if account.addr == addr and account.qualify_ms:
        qualify(peer, account)
