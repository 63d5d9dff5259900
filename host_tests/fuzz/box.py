"""The whole IAX2 core under attack: every optional part hooked in, and what must hold whatever comes.

    box = Box(variant)
    box.feed(datagram, peer); box.wait(20); box.settle()

Each step checks the laws: no exception (assertions of the firmware included), windows whole and in order,
bounded memory, sane call numbers and frames, no answer longer than the question of somebody unproven, no
busy loop; and after minutes of silence nothing half-open is left.
"""

import hashlib
import itertools
import random
import sys
from array import array

from bench import SeededCrypto, box_account

import failover
import ticks
from iax.call import Call
from iax.cipher import Secrecy
from iax.demand import Demand
from iax.endpoint import Endpoint
from iax.gate import Gate
from iax.hold import Hold
from iax.notes import Notes
from iax.plan import Plan
from iax.poker import Poker
from iax.refer import Refer
from iax.registrar import Registrar
from iax.rsa import Signer
from iax.talk import VoiceSlot
from iax.transfer import Transfer
from iax.trunk import Trunk
from iax.window import Window
from peer import numbers, secrecy, wire
from stats import Log, Stats

STRANGER, SERVER, ALT, GUEST = 0, 1, 2, 9
SETTLE_MS = 200_000
MOST_SENT = 64  # datagrams in one drain
MOST_GROWN = 12_000  # octets over the first weight
FREE = 0
_weights: "dict[int, int]" = {}  # variant → octets of a fresh box
RSA_KEY = random.Random(1).randbytes(447) + b"\x01"  # of the right size; signatures fail their own check


class Broken(AssertionError):
    """A law does not hold."""


class FakeNet:
    """The network as iax/gate.py and iax/transfer.py use it."""

    def __init__(self) -> None:
        self.src = b"\xc6\x33\x64\x07\x11\xd9"
        self.places: "dict[int, bytes]" = {}

    def place(self, peer: int, address: bytes) -> bool:
        """Make `address` peer `peer`."""
        self.places[peer] = bytes(address)
        return bool(address)

    def whose(self, peer: int) -> bytes:
        """Return the address of a peer."""
        return self.places.get(peer, b"")


class Box:
    """Two accounts, two legs, all parts. variant: bits that choose the settings."""

    def __init__(self, variant: int = 0) -> None:
        self.now = (2**30 - 8000) if variant & 1 else 1000
        self.net = FakeNet()
        self.accounts = [self._account(index, variant) for index in (0, 1)]
        self.stats, self.log = Stats(), Log()
        slot = VoiceSlot(bytearray(164))
        crypto = SeededCrypto(variant)
        self.ep = Endpoint(self.accounts, bytearray(48), slot, crypto, self.stats, self.log)
        self.registrars = []
        for account in self.accounts:
            registrar = Registrar(self.ep, Window(bytearray(352), 4))
            registrar.account = account
            self.registrars.append(registrar)
            self.ep.add_registrar(registrar)
        for index in (0, 1):
            self.ep.add_leg(Call(self.ep, Window(bytearray(640), 12), index))
        self._parts(variant)
        self.keys: "dict[int, bytes]" = {}  # leg → key of its call
        self.tokens: "list[bytes]" = []  # what our gate sent to strangers
        self.secret = False
        self.asked = b""  # the last challenge of ours
        self.events: "list[tuple[int, int, int]]" = []
        self.from_strangers = self.to_strangers = 0
        self.shape = (len(self.ep.dialogs), len(self.ep.parts))
        if variant not in _weights:
            _weights[variant] = weigh(self.ep)
        self.weight = _weights[variant]

    def _account(self, index: int, variant: int):
        account = box_account(index=index, encryption="allow" if variant & 2 else "off")
        account.crypt = (0, 1, 2, 1)[variant >> 1 & 3]
        account.demand = index == 0 and variant & 8 != 0
        account.transfer = account.trunk = True
        account.methods = (2, 7, 6, 3)[variant >> 4 & 3]
        return account

    def _parts(self, variant: int) -> None:
        ep = self.ep
        self.plan, self.transfer, self.refer = Plan(ep), Transfer(ep, self.net), Refer(ep)
        self.hold, self.notes = Hold(ep), Notes(ep)
        self.signer = Signer(ep, {0: RSA_KEY})
        timed = [self.signer, self.transfer, self.plan, self.refer]
        secrecy = Secrecy(ep, {0: 30, 1: 45})
        parts = [self.signer, secrecy, Demand(ep), self.transfer, Trunk(ep), self.notes, self.plan]
        if variant & 64:
            parts.insert(3, Gate(ep, self.net, True))
        ep.parts += [*parts, self.refer, self.hold]
        ep.dialogs += timed
        self.failover = failover.Failover(ep, self.registrars, [self.accounts[0]], bytearray(4))
        self.pokers = [each for each in ep.dialogs if isinstance(each, Poker)]

    # -- input -----------------------------------------------------------------------------------------

    def feed(self, raw: bytes, peer: int) -> None:
        """Give one datagram to the core and see that the laws hold."""
        ep = self.ep
        known = self._knows(raw, peer)
        self.secret = self.secret or any(leg.cipher for leg in ep.legs)
        found = ep.feed_datagram(raw, peer, self.now)
        for _ in range(400):
            if not found:
                break
            self._check_voice()
            found = ep.feed_again(self.now) if raw[:2] == b"\0\0" else 0
        else:
            raise Broken("a meta frame without end")
        sent = self.drain()
        if peer == STRANGER:
            self.from_strangers += len(raw)
        elif not known and not self._knows(raw, peer):
            answers = sum(n for to, n in sent if to == peer)
            if answers > len(raw):
                raise Broken(f"{answers} octets in answer to {len(raw)} that belong to nothing")
        self.check()

    def _knows(self, raw: bytes, peer: int) -> bool:
        """True if a live dialog, or a question of ours, is with that peer and that number."""
        if len(raw) < 4:
            return False
        scallno = (raw[0] & 0x7F) << 8 | raw[1]
        dcallno = (raw[2] & 0x7F) << 8 | raw[3]
        if any(each.peer == peer and each.scallno == dcallno for each in self.pokers if each.asking):
            return True  # the PONG that may move an account to its other server
        return any(
            each.peer == peer and (each.dcallno == scallno or each.scallno == dcallno)
            for each in (*self.registrars, *self.ep.legs)
            if each.scallno
        )

    def _check_voice(self) -> None:
        ep = self.ep
        if ep.rx_leg is None or not 0 <= ep.rx_at <= ep.rx_at + ep.rx_n <= len(ep.rx_buf):
            raise Broken(f"voice at {ep.rx_at}, {ep.rx_n} of {len(ep.rx_buf)} octets")
        if ep.rx_law not in ep.rx_leg.account.laws or not 0 <= ep.rx_ts < 2**30:
            raise Broken(f"voice of law {ep.rx_law} at {ep.rx_ts}")

    def drain(self) -> "list[tuple[int, int]]":
        """Take all that is to be sent and told; return (peer, octets) of each datagram."""
        ep, sent = self.ep, []
        while ep.poll_tx(self.now):
            raw = bytes(ep.tx_buf[ep.tx_at : ep.tx_at + ep.tx_n])
            sent.append((ep.tx_peer, len(raw)))
            self._check_sent(raw, ep.tx_peer)
            if len(sent) > MOST_SENT:
                raise Broken("it sends without end")
        while event := ep.take_event():
            self.events.append((event, ep.ev_leg, ep.ev_arg))
            if event in (1, 2, 3):
                self.failover.on_event(event, ep.ev_leg, ep.ev_arg, self.now)
        del self.events[:-20]
        return sent

    def _check_sent(self, raw: bytes, peer: int) -> None:
        frame = wire.decode(raw)
        self.secret = self.secret or any(leg.cipher for leg in self.ep.legs)  # who knows which frames are?
        if not 4 <= len(raw) <= 1500 or frame["kind"] not in ("full", "mini"):
            raise Broken(f"sent {raw.hex()}")
        if (
            not self.secret
            and frame["kind"] == "full"
            and (frame.get("ies", ()) is None or frame["type"] > 12)
        ):
            raise Broken(f"sent a broken frame {raw.hex()}")
        if peer == STRANGER:
            self.to_strangers += len(raw)
        if frame["name"] == "AUTHREQ" and frame["ies"]:
            self.asked = frame["ie"].get("CHALLENGE", b"")
        if frame["name"] == "CALLTOKEN" and "CALLTOKEN" in frame["ie"]:
            self.tokens.append(frame["ie"]["CALLTOKEN"])
            del self.tokens[:-4]

    # -- time ------------------------------------------------------------------------------------------

    def wait(self, ms: int) -> None:
        """Let time pass, waking when the core wants to."""
        end_ms = ms
        while end_ms > 0:
            due = self.ep.next_due(self.now)
            step = max(1, min(end_ms, due if due >= 0 else end_ms))
            end_ms -= step
            self.now = ticks.add(self.now, step)
            self.turn()

    def turn(self) -> None:
        """Let the core look at the clock, and see that it does not want to again at once."""
        self.ep.poll(self.now)
        self.drain()
        if self.ep.next_due(self.now) == 0 and self.signer.next_due(self.now) != 0:
            self.ep.poll(self.now)
            self.drain()
            if self.ep.next_due(self.now) == 0 and self.signer.next_due(self.now) != 0:
                late = [type(each).__name__ for each in self.ep.dialogs if each.next_due(self.now) == 0]
                raise Broken(f"a busy loop: {late} never rest")

    def settle(self) -> None:
        """Silence for minutes: whatever was half open is over, and the memory is what it was."""
        self.plan.close(self.now)
        for registrar in self.registrars:
            registrar.release(self.now)
        self.drain()
        self.wait(SETTLE_MS)
        self.check()
        left = [leg.state for leg in self.ep.legs if leg.state != FREE]
        if left:
            raise Broken(f"legs in states {left} after minutes of silence")

    # -- laws ------------------------------------------------------------------------------------------

    def check(self) -> None:
        """See that everything is in its bounds."""
        numbers = []
        for dialog in (*self.registrars, *self.ep.legs):
            check_window(dialog.window)
            if dialog.scallno and dialog.state:
                numbers.append(dialog.scallno)
        if len(set(numbers)) != len(numbers) or any(not 2 <= number <= 32767 for number in numbers):
            raise Broken(f"call numbers {numbers}")
        if (len(self.ep.dialogs), len(self.ep.parts)) != self.shape:
            raise Broken("dialogs or parts grow")
        if self.to_strangers > self.from_strangers:
            raise Broken(f"{self.to_strangers} octets to strangers who sent {self.from_strangers}")

    def check_weight(self) -> None:
        """See that no memory is gathered."""
        grown = weigh(self.ep) - self.weight
        if grown > MOST_GROWN:
            raise Broken(f"{grown} octets more than at the start")

    # -- what a good server would do -------------------------------------------------------------------

    def say(self, dialog, name: str, payload: bytes = b"", src: int = 5000, ftype: int = 6) -> None:
        """Send a frame that is in order: its meaning will be heard. name: of an IAX subclass, or a number."""
        subclass = numbers.IAX[name] if ftype == 6 else int(name)
        raw = wire.full(src, dialog.scallno, 20, dialog.iseq, dialog.window.oseq, ftype, subclass, payload)
        self.feed(self.sealed(raw, dialog), dialog.peer)

    def sealed(self, raw: bytes, dialog) -> bytes:
        """Return the frame as it goes over the wire of this dialog."""
        key = self.keys.get(getattr(dialog, "index", -1))
        if getattr(dialog, "cipher", None) is None or key is None or len(raw) < 4:
            return raw
        return secrecy.encrypt(key, raw, bytes(range(31)))

    def challenge(self, leg, offer: int = 1, src: int = 5000, methods: int = 2) -> None:
        """Send AUTHREQ; an answer may be encrypted from here on."""
        text = b"123456789"
        payload = wire.ies(("AUTHMETHODS", methods), ("CHALLENGE", text), ("USERNAME", "ata1"))
        if leg.account.crypt and offer:
            payload += wire.ie("ENCRYPTION", offer)
            self.keys[leg.index] = hashlib.md5(text + leg.account.secret).digest()
        self.say(leg, "AUTHREQ", payload, src)


def check_window(window) -> None:
    """See that the frames of a window lie in the buffer, apart from each other, numbered in a row."""
    if not 0 <= window.count <= window._n_frames:
        raise Broken(f"window holds {window.count} frames")
    taken = []
    for i in range(window.count):
        place = window._rows[window._row(i)]
        at, n = place & 0x7FF, place >> 11 & 0x7FF
        if at + n > len(window.buf) or n < 12:
            raise Broken(f"a frame of {n} octets at {at} of {len(window.buf)}")
        if window.buf[at + 8] != (window.oseq - window.count + i) & 0xFF:
            raise Broken(
                f"frame {i} of {window.count} has number {window.buf[at + 8]}, next is {window.oseq}"
            )
        taken.append((at, at + n))
    taken.sort()
    if any(end > start for (_, end), (start, _) in itertools.pairwise(taken)):
        raise Broken(f"frames share octets: {taken}")


def weigh(thing: object, seen: "set[int] | None" = None) -> int:
    """Return the octets of all that hangs on an object of the firmware."""
    seen = set() if seen is None else seen
    if id(thing) in seen or thing is None or isinstance(thing, (type, int, float, bool)) or callable(thing):
        return 0
    seen.add(id(thing))
    size = sys.getsizeof(thing)
    if isinstance(thing, (bytes, bytearray, str, memoryview, array)):
        return size
    if isinstance(thing, dict):
        return size + sum(weigh(key, seen) + weigh(value, seen) for key, value in thing.items())
    if isinstance(thing, (list, tuple, set)):
        return size + sum(weigh(each, seen) for each in thing)
    return size + weigh(getattr(thing, "__dict__", None), seen)
