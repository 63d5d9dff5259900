"""Call tokens: who may open a dialog. The handshake Asterisk added in 2009, source number 1."""

import hashlib
from typing import TYPE_CHECKING

from . import wire

if TYPE_CHECKING:
    from .dialog import Addr
    from .server import Peer

LIFE_MS = 10000
STATELESS = 1  # the source number of answers without a dialog


class Tokens:
    """Gives tokens and checks them; a restart makes all old ones worthless."""

    def __init__(self, peer: "Peer") -> None:
        self.peer = peer
        self._salt = peer.rng.getrandbits(64)
        self._given: dict[tuple[Addr, bytes], float] = {}
        self._rounds: dict[tuple[Addr, int], int] = {}

    def admit(self, frame: dict, addr: "Addr") -> bool:
        """Return whether an opener may have a dialog; answer it here if not."""
        quirks = self.peer.quirks
        refusal = "REJECT" if frame["name"] == "NEW" else "REGREJ"
        if frame["name"] in quirks.stateless_reject:
            self.answer(frame, addr, refusal)
            return False
        if self.peer.calltoken == "no":
            return True
        token = frame["ie"].get("CALLTOKEN")
        if token == b"":
            self._rounds[addr, frame["src"]] = quirks.calltoken_rounds
            self._give(frame, addr)
            return False
        if token is None or not self._fresh(addr, token):
            self.answer(frame, addr, refusal)
            return False
        return not self._once_more(frame, addr)

    def _once_more(self, frame: dict, addr: "Addr") -> bool:
        left = self._rounds.get((addr, frame["src"]), 0)
        self._rounds[addr, frame["src"]] = left - 1 if left > 0 else left
        if left:
            self._give(frame, addr)
        return bool(left)

    def _give(self, frame: dict, addr: "Addr") -> None:
        token = self._make(addr)
        self._given[addr, token] = self.peer.now
        self.answer(frame, addr, "CALLTOKEN", wire.ie("CALLTOKEN", token))

    def _make(self, addr: "Addr") -> bytes:
        wanted = self.peer.quirks.token
        if isinstance(wanted, bytes):
            return wanted
        stamp = self.peer.epoch_s + self.peer.now / 1000
        text = b"%d?" % stamp + hashlib.sha1(repr((addr, stamp, self._salt)).encode()).hexdigest().encode()
        return text if wanted is None else (text * 5)[:wanted]

    def _fresh(self, addr: "Addr", token: bytes) -> bool:
        return self.peer.now - self._given.get((addr, token), -LIFE_MS) < LIFE_MS

    def answer(self, frame: dict, addr: "Addr", name: str, payload: bytes = b"") -> None:
        """Answer without a dialog: number 1, counters as if it were the first frame, time-stamp copied."""
        iseq = (frame["iseq"] + 1) & 255
        self.peer.transmit(addr, wire.iax(STATELESS, frame["src"], frame["ts"], 0, iseq, name, payload))
