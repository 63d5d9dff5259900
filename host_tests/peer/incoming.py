"""A call from the device: NEW, authentication, codec, then the dial plan."""

from typing import TYPE_CHECKING

from . import numbers as n
from . import proofs, secrecy, wire
from .call import Call
from .dialog import Addr
from .overlap import Overlapping

if TYPE_CHECKING:
    from .account import Account
    from .server import Peer

BEST_FIRST = (n.ULAW, n.ALAW, n.G722, n.SLIN, n.G726, n.GSM, n.G729)


class Incoming(Overlapping, Call):
    """The called side of iax2.md's figure: Asterisk's order of frames."""

    kind = "incoming"

    def __init__(self, peer: "Peer", addr: Addr, frame: dict) -> None:
        super().__init__(peer, addr, frame["src"], str(frame["ie"].get("USERNAME", "")))
        self.new = frame["ie"]
        self.number_dialled = str(self.new.get("CALLED_NUMBER", "s"))
        self.challenge = b""
        self.guest = False

    @property
    def account(self) -> "Account | None":
        """Return the account NEW named, if there is one."""
        return self.peer.accounts.get(self.account_name)

    def on_new(self, frame: dict) -> None:
        """Judge NEW: a challenge for whoever has a secret, and for strangers too, so as not to tell them."""
        if self.state != "new":
            return
        clear = self._must_be_encrypted() and not self._offer() & 1
        if clear or frame["ie"].get("VERSION", 2) != 2:
            self.reject(n.NO_AUTHORITY, "No authority found")
        elif self.account is not None and not self.account.secret:
            self.guest = True
            self.accept()
        else:
            self.state = "auth"
            self.challenge = self.peer.challenge()
            self._ask()

    def _must_be_encrypted(self) -> bool:
        return self.account is not None and self.account.encryption == "force"

    def _offer(self) -> int:
        offer = self.new.get("ENCRYPTION", 0)
        return offer if isinstance(offer, int) else 0

    def _ask(self) -> None:
        """Send AUTHREQ; if both can, everything after it is encrypted."""
        elements = self.peer.challenge_ies(self.challenge, self.account_name)
        account = self.account
        encrypted = account is not None and account.encryption != "no" and self._offer() & 1
        self.iax("AUTHREQ", elements + (wire.ie("ENCRYPTION", secrecy.ECHO) if encrypted else b""))
        if encrypted and account is not None:
            self.peer.secrecy.begin(self, self.challenge, account.secret, self._offer())

    def on_authrep(self, frame: dict) -> None:
        """Check the answer to our challenge."""
        if self.state != "auth":
            return
        if self._proven(frame["ie"]):
            self.accept()
        else:
            self.note("wrong secret")
            self.reject(n.NO_AUTHORITY, "No authority found")

    def _proven(self, ie: dict) -> bool:
        offered = self.peer.quirks.authmethods
        return self.account is not None and proofs.proven(self.account, ie, self.challenge, offered)

    def accept(self) -> None:
        """Choose a codec and send ACCEPT, or REJECT 58 when there is none in common."""
        script = self.peer.extensions.get(self.number_dialled)
        codec = self.peer.quirks.codec or self._choose()
        if not codec:
            self.reject(n.NO_CODEC, "Unable to negotiate codec")
        elif script is None and not self.is_tbd():
            self.reject(n.NO_SUCH_NUMBER, "No such context/extension")
        else:
            self.codec = codec
            self.state = "linked"
            self.iax("ACCEPT", accept_ies(self.peer.quirks.accept_formats, codec))
            self.note("accept")
            if script is None:
                self.guest = False
                self.wait_for_dial()
            elif not self.guest:
                self.run(script(self))

    def _choose(self) -> int:
        codecs = self.account.codecs if self.account else BEST_FIRST
        priority = self.account.codec_priority if self.account else "host"
        return choose_codec(self.new, codecs, priority)

    def feed(self, frame: dict) -> None:
        """As any dialog; a call without a secret starts when a frame shows that our number was heard."""
        super().feed(frame)
        if self.guest and self.alive and self.state == "linked" and frame["dst"] == self.number:
            self.guest = False
            self.run(self.peer.extensions[self.number_dialled](self))


def accept_ies(which: str, codec: int) -> bytes:
    """Return ACCEPT's elements: both, format, format2 or none."""
    payload = wire.ie("FORMAT", codec) if which in ("both", "format") else b""
    return payload + (wire.ie("FORMAT2", codec) if which in ("both", "format2") else b"")


def _mask(ie: dict, name: str) -> int:
    wide, narrow = ie.get(name + "2"), ie.get(name)
    if isinstance(wide, int) and wide:
        return wide
    return narrow if isinstance(narrow, int) else 0


def choose_codec(ie: dict, ours: tuple[int, ...] | list[int], priority: str = "host") -> int:
    """Return one codec bit of both sides, 0 if none.

    Priorities as in Asterisk: host, caller, disabled, reqonly.
    """
    wish = _mask(ie, "FORMAT")
    common = [c for c in ours if c & (_mask(ie, "CAPABILITY") or wish)] if wish else []
    if priority == "reqonly":
        return wish if wish in ours else 0
    if priority == "disabled" and wish in ours:
        return wish
    if priority == "caller":
        for letter in str(ie.get("CODEC_PREFS", "")):
            if n.PREFERENCE_LETTERS.get(letter) in common:
                return n.PREFERENCE_LETTERS[letter]
    if priority == "disabled":
        common.sort(key=BEST_FIRST.index)
    return common[0] if common else 0
