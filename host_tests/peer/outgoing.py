"""A call to the device: the NEW Asterisk sends, and what may come back."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import numbers as n
from . import secrecy, wire
from .call import Call, Script
from .dialog import Addr

if TYPE_CHECKING:
    from .account import Account
    from .server import Peer


@dataclass
class Invitation:
    """What NEW to the device says. Empty number and name with presentation 0x43: not available."""

    called: str = "s"
    number: str = "700"
    name: str = ""
    presentation: int = 0
    formats: tuple[int, ...] = (n.ULAW, n.ALAW)  # the first is FORMAT, all together CAPABILITY
    format2: int | None = None  # in place of FORMAT's value, any 64-bit mask
    calltoken: bool = True  # the empty element Asterisk appends
    autoanswer: bool = False
    leave_out: tuple[str, ...] = ()  # names of elements not to send
    extra: list[tuple[int | str, bytes | str | int]] = field(default_factory=list)  # appended before 54

    def payload(self, datetime: int, token: bytes) -> bytes:
        """Return NEW's elements in Asterisk's order."""
        capability = 0
        for codec in self.formats:
            capability |= codec
        first = self.formats[0] if self.formats else 0
        letters = {codec: letter for letter, codec in n.PREFERENCE_LETTERS.items()}
        pairs: list[tuple[int | str, bytes | str | int]] = [
            ("VERSION", 2),
            ("CALLED_NUMBER", self.called),
            ("CODEC_PREFS", "".join(letters.get(codec, "") for codec in self.formats)),
            ("CALLING_NUMBER", self.number),
            ("CALLINGPRES", self.presentation),
            ("CALLINGTON", 0),
            ("CALLINGTNS", 0),
            ("CALLINGANI2", 0),
            ("CALLING_NAME", self.name),
            ("LANGUAGE", "en"),
            ("FORMAT", first & 0xFFFFFFFF),
            ("FORMAT2", first if self.format2 is None else self.format2),
            ("CAPABILITY", capability & 0xFFFFFFFF),
            ("CAPABILITY2", capability),
            ("ADSICPE", 2),
            ("DATETIME", datetime),
        ]
        if self.autoanswer:
            pairs.insert(2, ("AUTOANSWER", b""))
        pairs = [pair for pair in pairs if pair[0] not in self.leave_out] + self.extra
        if self.calltoken or token:
            pairs.append(("CALLTOKEN", token))
        return wire.ies(*pairs)


class Outgoing(Call):
    """The calling side. `on_up` is a script factory run at ANSWER; without one an answered call echoes."""

    kind = "outgoing"

    def __init__(
        self, peer: "Peer", addr: Addr, account: "Account", invitation: Invitation,
        on_up: Callable[[Call], Script] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(peer, addr, 0, account.name)
        self.account = account
        self.invitation = invitation
        self.on_up = on_up
        self.accepted: dict = {}
        if account.encryption != "no":
            self.invitation.extra = [*invitation.extra, ("ENCRYPTION", secrecy.OFFER)]
        self.tokens_seen = 0
        self.rtt_ms = 1000.0
        self._send_new(b"")
        if peer.quirks.autocongest_ms is not None:
            peer.after(peer.quirks.autocongest_ms, self._congested)

    def _send_new(self, token: bytes) -> None:
        self.iax("NEW", self.invitation.payload(self.peer.datetime(), token), dst=0)

    def _congested(self) -> None:
        if self.alive and not self.closing and not self.heard:
            self.cancel()

    def cancel(self) -> None:
        """Give up before the device is known: HANGUP to number 0, cause 0. The NEW is still resent."""
        if self.alive and not self.closing:
            self._over("us", 0)
            self.iax("HANGUP", wire.ie("CAUSECODE", 0), dst=0)
            self.linger(35000)

    def feed(self, frame: dict) -> None:
        """As any dialog; a CALLTOKEN starts the sequence again."""
        if frame["name"] != "CALLTOKEN":
            super().feed(frame)
        elif not self.their and not self.closing:
            self.heard = True
            self.tokens_seen += 1
            self.unacked.clear()
            self.oseq = self.iseq = self.told_iseq = 0
            if self.tokens_seen <= 3:
                self._send_new(frame["ie"].get("CALLTOKEN", b""))

    def on_authreq(self, frame: dict) -> None:
        """Prove our secret by MD5; refuse any other method."""
        challenge = frame["ie"].get("CHALLENGE", b"")
        if not frame["ie"].get("AUTHMETHODS", 0) & 2:
            self.hangup(n.NO_AUTHORITY)
            return
        if frame["ie"].get("ENCRYPTION", 0) & 1 and self.account.encryption != "no":
            self.peer.secrecy.begin(self, challenge, self.account.secret, secrecy.OFFER)
        elif self.account.encryption == "force":
            self.hangup(n.NO_AUTHORITY)
            return
        result = hashlib.md5(challenge + self.account.secret.encode()).hexdigest()
        self.iax("AUTHREP", wire.ie("MD5_RESULT", result))

    def on_accept(self, frame: dict) -> None:
        """The device takes the call, with a codec out of NEW's."""
        if self.state != "new":
            return
        codec = frame["ie"].get("FORMAT2") or frame["ie"].get("FORMAT") or self.invitation.formats[0]
        self.accepted = frame["ie"]
        if codec not in self.invitation.formats:
            self.reject(n.NO_CODEC, "Unable to negotiate codec")
            return
        self.codec, self.state = codec, "linked"
        self.note("accept")

    def on_control_answer(self, frame: dict) -> None:
        """The telephone was lifted."""
        if self.state not in ("linked", "ringing"):
            return
        super().on_control_answer(frame)
        if self.on_up is None:
            self.echo = True
        else:
            self.run(self.on_up(self))

    def on_control_ringing(self, frame: dict) -> None:
        """Alerting counts only after ACCEPT."""
        if self.state != "new":
            super().on_control_ringing(frame)

    def on_control_busy(self, frame: dict) -> None:
        """A busy telephone: hang up as Dial would."""
        self.note("busy")
        self.hangup(n.BUSY)
