"""The peer itself: datagrams in, datagrams out, a clock from outside. No socket, no thread, no `time`."""

import heapq
import random
import time
from collections.abc import Callable
from typing import Any

from . import numbers as n
from . import wire
from .account import Account, as_accounts
from .call import Call, Script
from .dialog import Addr, Dialog, Listener
from .extensions import DIAL_PLAN
from .faults import Faults
from .incoming import Incoming
from .media import babble
from .outgoing import Invitation, Outgoing
from .overlap import Overlap
from .quirks import Quirks
from .registrar import Registration, expire_later, qualify
from .secrecy import Secrecy
from .tokens import STATELESS, Tokens

NUMBER_REST_MS = 60000
HOLD_MS = 200  # a reordered datagram waits no longer


class Peer:
    """An IAX2 server. After each `feed` or `poll`, send what `drain()` returns.

    `now` is ms on any clock that never steps back. `log` holds every datagram in and out as a dict: the
    fields of `wire.decode()` and `t`, `way` ("in", "out"), `addr`, `port` and `faults` (verbs that hit it).
    """

    def __init__(
        self, seed: int = 1, accounts: dict | None = None, *, calltoken: str = "yes", inval: str = "silent",
        playback: bytes | None = None, epoch_s: float = 1795384286, now: float = 0.0, keep_voice: bool = True,
        log_minis: bool = True,
    ) -> None:  # fmt: skip
        self.rng = random.Random(seed)
        self.accounts: dict[str, Account] = as_accounts(accounts or {"ata1": "pw1"})
        self.calltoken = calltoken
        self.inval = inval
        self.playback = babble(602) if playback is None else playback
        self.epoch_s = epoch_s - now / 1000
        self.now = float(now)
        self.keep_voice = keep_voice
        self.log_minis = log_minis
        self.quirks = Quirks()
        self.faults = Faults(seed)
        self.extensions = dict(DIAL_PLAN)
        self.overlap = Overlap()
        self.secrecy = Secrecy(self)
        self.dialogs: dict[int, Dialog] = {}
        self.calls: list[Call] = []  # every call there ever was, oldest first
        self.log: list[dict] = []
        self.notes: list[tuple[float, str]] = []
        self.out: list[tuple[str, Addr, bytes]] = []
        self.vanished = False
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._serial = 0
        self._resting: dict[int, float] = {}
        self._held: dict[str, list[tuple[Addr, bytes, str]]] = {"in": [], "out": []}
        self.tokens = Tokens(self)

    # Time.

    def after(self, ms: float, act: Callable[[], None]) -> None:
        """Call `act` in so many ms."""
        self._serial += 1
        heapq.heappush(self._timers, (self.now + ms, self._serial, act))

    def poll(self, now: float) -> None:
        """Do everything that is due by now, each at its own moment."""
        while self._timers and self._timers[0][0] <= now:
            due, _, act = heapq.heappop(self._timers)
            self.now = max(self.now, due)
            act()
        self.now = max(self.now, float(now))

    def next_due(self) -> float | None:
        """Return when `poll` has work again, in ms of the same clock; None if never."""
        return self._timers[0][0] if self._timers else None

    def drain(self) -> list[tuple[str, Addr, bytes]]:
        """Return and forget what is to be sent: (port "main" or "other", address, octets)."""
        out, self.out = self.out, []
        return out

    def datetime(self) -> int:
        """Return the time of day as IAX2 packs it. RFC 5456, section 8.6.28."""
        t = time.gmtime(self.epoch_s + self.now / 1000)
        date = (t.tm_year - 2000) << 25 | t.tm_mon << 21 | t.tm_mday << 16
        return date | t.tm_hour << 11 | t.tm_min << 5 | t.tm_sec // 2

    def note(self, what: str) -> None:
        """Keep a line for the reader of a test."""
        self.notes.append((self.now, what))

    # Path.

    def feed(self, datagram: bytes, addr: Addr, now: float) -> None:
        """Take one datagram from `addr`."""
        self.poll(now)
        raw = self.secrecy.open(datagram, addr)
        if raw:
            self._pass("in", addr, raw)

    def transmit(self, addr: Addr, raw: bytes) -> None:
        """Send octets through the faults, under the key that is current now."""
        self.secrecy.mark(raw)
        self._pass("out", addr, raw)

    def send_raw(self, addr: Addr, raw: bytes, port: str = "main") -> None:
        """Send octets as they are: no faults, any port."""
        self._deliver("out", addr, raw, port)

    def _pass(self, way: str, addr: Addr, raw: bytes) -> None:
        fates, hit = self.faults.fate(wire.decode(raw), way)
        if self.vanished or not fates:
            self._write(way, addr, raw, "main", hit or ["vanish"], lost=True)
        waiting, self._held[way] = self._held[way], []
        for wait, octets, port in fates:
            if wait < 0:
                self._hold(way, (addr, octets, port))
            elif wait == 0:
                self._deliver(way, addr, octets, port, hit)
            else:
                self.after(wait, lambda o=octets, p=port: self._deliver(way, addr, o, p, hit))
        for held in waiting:
            self._deliver(way, *held, ["reorder"])

    def _hold(self, way: str, item: tuple[Addr, bytes, str]) -> None:
        self._held[way].append(item)

        def release() -> None:
            if item in self._held[way]:
                self._held[way].remove(item)
                self._deliver(way, *item, ["reorder"])

        self.after(HOLD_MS, release)

    def _deliver(self, way: str, addr: Addr, raw: bytes, port: str, hit: list[str] | None = None) -> None:
        if self.vanished:
            return
        frame = self._write(way, addr, raw, port, hit or [])
        if way == "out":
            self.out.append((port, addr, self.secrecy.seal(raw)))
        else:
            self._receive(frame, addr)

    def _write(self, way: str, addr: Addr, raw: bytes, port: str, hit: list[str], lost: bool = False) -> dict:
        frame = wire.decode(raw)
        frame.update(t=self.now, way=way, addr=addr, port=port, faults=hit, lost=lost)
        if frame["kind"] != "mini" or self.log_minis:
            self.log.append(frame)
        return frame

    # Which dialog.

    def _receive(self, frame: dict, addr: Addr) -> None:
        if frame["kind"] == "mini":
            call = self.find(addr, frame["src"], linked=True)
            if isinstance(call, Call):
                call.feed_mini(frame)
        elif frame["kind"] == "full" and frame.get("ies", ()) is not None:
            self._receive_full(frame, addr)

    def _receive_full(self, frame: dict, addr: Addr) -> None:
        opener = not frame["dst"] and frame["name"] in ("NEW", "REGREQ", "REGREL")
        if frame["name"] == "POKE":
            self.tokens.answer(frame, addr, "PONG")
        elif opener:
            if self.tokens.admit(frame, addr):
                self._open(frame, addr)
        else:
            dialog = self._known(frame, addr)
            if dialog is not None:
                dialog.feed(frame)
            else:
                self._unknown(frame, addr)

    def _known(self, frame: dict, addr: Addr) -> Dialog | None:
        if not frame["dst"]:
            return self.find(addr, frame["src"])
        dialog = self.dialogs.get(frame["dst"])
        if dialog is None or dialog.addr != addr:
            return None
        return dialog if dialog.their in (0, frame["src"]) or frame["src"] == STATELESS else None

    def find(self, addr: Addr, their: int, linked: bool = False) -> Dialog | None:
        """Return the dialog with that number of the other side; a linked call is preferred."""
        found = [d for d in self.dialogs.values() if d.addr == addr and d.their == their]
        if linked:
            found.sort(key=lambda d: not (isinstance(d, Call) and d.rx_codec is not None))
        return found[0] if found else None

    def _unknown(self, frame: dict, addr: Addr) -> None:
        if self.inval == "yate" and frame["name"] not in n.UNCOUNTED and frame["name"] != "CALLTOKEN":
            self.transmit(addr, wire.iax(frame["dst"], frame["src"], 0, 0, 0, "INVAL"))

    # Openers.

    def _open(self, frame: dict, addr: Addr) -> None:
        """Begin a dialog. A request with a token always gets a new one, as at Asterisk."""
        if self.calltoken == "no":
            old = self.find(addr, frame["src"])
            if old is not None:
                old.feed(frame)
                return
        twins = 2 if self.quirks.twin_answer and frame["name"] == "NEW" else 1
        for _ in range(twins):
            self._dialog_for(frame, addr).feed(frame)

    def _dialog_for(self, frame: dict, addr: Addr) -> Dialog:
        if frame["name"] != "NEW":
            return Registration(self, addr, frame)
        call = Incoming(self, addr, frame)
        self.calls.append(call)
        return call

    # Numbers and challenges.

    def take_number(self) -> int:
        """Return a random call number, 2..16383, not used in the last 60 s."""
        while True:
            number = self.rng.randrange(2, 16384)
            if number not in self.dialogs and self._resting.get(number, -1.0) <= self.now:
                return number

    def forget(self, dialog: Dialog) -> None:
        """Take a dialog off the table; its number rests for 60 s."""
        if self.dialogs.get(dialog.number) is dialog:
            del self.dialogs[dialog.number]
            self._resting[dialog.number] = self.now + NUMBER_REST_MS

    def challenge(self) -> bytes:
        """Return the octets of a challenge, as the quirks want it."""
        wanted = self.quirks.challenge
        if wanted != "same":
            return wanted.encode() if isinstance(wanted, str) else wanted or b""
        low = 10 ** (self.quirks.digits - 1)
        return b"%d" % self.rng.randrange(low, low * 10)

    def challenge_ies(self, challenge: bytes, user: str) -> bytes:
        """Return the elements of AUTHREQ and REGAUTH."""
        payload = wire.ie("AUTHMETHODS", self.quirks.authmethods)
        if self.quirks.challenge is not None:
            payload += wire.ie("CHALLENGE", challenge)
        return payload + wire.ie("USERNAME", user)

    # Orders.

    def call_device(
        self, account: str, *, on_up: Callable[[Call], Script] | None = None, addr: Addr | None = None,
        **invitation: Any,
    ) -> Outgoing:  # fmt: skip
        """Call a registered account, or `addr`; fields of `Invitation` are keywords.

        on_up: script run at ANSWER; without one an answered call echoes.
        """
        who = self.accounts[account]
        to = addr or who.addr
        if to is None:
            raise LookupError("%s is not registered" % account)
        call = Outgoing(self, to, who, Invitation(**invitation), on_up)
        self.calls.append(call)
        return call

    def open_dialog(self, addr: Addr, name: str, payload: bytes = b"") -> Listener:
        """Begin a dialog with any IAX frame to number 0 (PROVISION, MWI); what comes is kept in `got`."""
        dialog = Listener(self, addr)
        dialog.iax(name, payload, dst=0)
        return dialog

    def poke(self, account: str) -> None:
        """Send a POKE to a registered account now."""
        qualify(self, self.accounts[account])

    def current_call(self) -> Call | None:
        """Return the live call that got furthest, the newest of equals.

        A resent tokenised NEW makes a second leg, as at Asterisk; this leaves it aside.
        """
        far = {"new": 1, "auth": 2, "linked": 3, "ringing": 4, "up": 5}
        live = reversed(self.live_calls())
        return max(live, key=lambda call: far.get(call.state, 0), default=None)

    def live_calls(self) -> list[Call]:
        """Return the calls that are still there."""
        return [call for call in self.calls if call.alive]

    def frames(self, name: str | None = None, way: str | None = None, **fields: Any) -> list[dict]:
        """Return the logged frames of that name and way that really passed, with these field values."""
        return [
            f for f in self.log
            if name in (None, f["name"]) and way in (None, f["way"]) and not f["lost"]
            and all(f.get(key) == value for key, value in fields.items())
        ]  # fmt: skip

    def vanish(self) -> None:
        """Let nothing in or out from now on."""
        self.vanished = True

    def come_back(self) -> None:
        """End `vanish`."""
        self.vanished = False

    def restart(self, keep_registrations: bool = False) -> None:
        """Forget every dialog and token, and the registrations unless Asterisk's database would keep them."""
        self._timers.clear()
        for dialog in list(self.dialogs.values()):
            dialog.die("restart")
        self.tokens = Tokens(self)
        self.vanished = False
        for account in self.accounts.values():
            account.reachable = "UNKNOWN"
            if not keep_registrations:
                account.addr = None
            elif account.addr is not None:
                expire_later(self, account)
                qualify(self, account)
