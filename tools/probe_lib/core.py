"""The firmware's own IAX2 core on a socket of this machine: endpoint, registration, call legs.

With identity.py and sound.py the one place of the tools that runs the firmware: what is seen here is what the
box does.
"""

import hashlib
import random
import time
from collections.abc import Callable

import codes
from board.sim import aes
from iax.call import Call
from iax.cipher import Secrecy
from iax.endpoint import Endpoint
from iax.notes import Notes
from iax.opener import Account
from iax.poker import Poker
from iax.registrar import Registrar
from iax.rsa import Signer
from iax.talk import VoiceSlot
from iax.window import Window
from stats import Log, Stats

from .lines import Address
from .socket_io import Net

FRAME_MS = 20
_TICKS = 0x3FFFFFFF
_SMALL, _SLOT, _LEG_WINDOW, _REG_WINDOW = 48, 164, 1024, 512
EVENTS = {value: name[3:] for name, value in vars(codes).items() if name.startswith("EV_")}


class Crypto:
    """What the core wants of hal.crypto."""

    def __init__(self) -> None:
        self._random = random.SystemRandom()

    def md5(self, challenge: bytes, secret: bytes) -> bytes:
        """Return MD5(challenge || secret)."""
        return hashlib.md5(challenge + secret).digest()

    def sha1(self, data: bytes) -> bytes:
        """Return the SHA-1 of `data`."""
        return hashlib.sha1(data).digest()

    def aes(self, key: bytes) -> object:
        """Return AES-128-CBC with a zero IV."""
        return aes.cbc(key)

    def random(self, bits: int) -> int:
        """Return an unpredictable integer of `bits` bits."""
        return self._random.getrandbits(bits)


class Question(Poker):
    """One POKE and its PONG, timed finer than the core's ticks. `rtt_s` is None for silence."""

    def __init__(self, ep: Endpoint) -> None:
        super().__init__(ep)
        self.began_s = 0.0
        self.rtt_s: "float | None" = None
        self.done = False

    def ask(self, peer: int, now: int) -> None:
        """Send the POKE."""
        self.began_s = time.perf_counter()
        self.rtt_s, self.done = None, False
        super().ask(peer, now)

    def told(self, now: int) -> None:
        """Note how long it took."""
        self.done = True
        if self.rtt_ms >= 0:
            self.rtt_s = time.perf_counter() - self.began_s


class Core:
    """The endpoint, turned by `turn`. Set the hooks to hear of frames, events and voice.

    on_frame(way, address, octets, encrypted); on_event(name, leg, arg); on_voice(leg, law, ts30, octets);
    on_tick() each 20 ms.
    """

    def __init__(self, net: Net, account: Account, n_legs: int = 0, rsa_key: bytes = b"") -> None:
        self.net = net
        self.account = account
        self.stats = Stats()
        self.endpoint = Endpoint(
            [account], bytearray(_SMALL), VoiceSlot(bytearray(_SLOT)), Crypto(), self.stats, Log()
        )
        self.registrar = Registrar(self.endpoint, Window(bytearray(_REG_WINDOW), 4))
        self.endpoint.add_registrar(self.registrar)
        for index in range(n_legs):
            self.endpoint.add_leg(Call(self.endpoint, Window(bytearray(_LEG_WINDOW), 12), index))
        self.notes = Notes(self.endpoint)
        self.endpoint.parts.append(self.notes)
        self._secrets(rsa_key)
        self.began_s = time.monotonic()
        self.heard = False  # the server has said anything at all
        self.heard_s = self.began_s  # when it last did
        self.on_frame: "Callable[[str, Address, bytes, bool], None]" = lambda *frame: None
        self.on_event: "Callable[[str, int, int], None]" = lambda name, leg, arg: None
        self.on_voice: "Callable[[Call, int, int, bytes], None]" = lambda leg, law, ts30, octets: None
        self.on_tick: "Callable[[], None]" = lambda: None
        self._next_tick_s = self.began_s

    def _secrets(self, rsa_key: bytes) -> None:
        """Hook in what the account needs besides MD5."""
        if self.account.methods != 2:
            signer = Signer(self.endpoint, {0: rsa_key})
            self.endpoint.parts.append(signer)
            self.endpoint.dialogs.append(signer)
        if self.account.crypt:
            self.endpoint.parts.append(Secrecy(self.endpoint, {}))

    def sealed(self, peer: int, octets: bytes) -> bool:
        """True if a datagram belongs to an encrypted call."""
        if len(octets) < 4 or (octets[0] & 0x80 and len(octets) < 36):
            return False
        src, dst = int.from_bytes(octets[:2], "big") & 0x7FFF, int.from_bytes(octets[2:4], "big") & 0x7FFF
        return any(
            leg.cipher and leg.peer == peer and (leg.scallno in (src, dst) or leg.dcallno == src)
            for leg in self.legs
        )

    @property
    def now(self) -> int:
        """The core's clock: ms modulo 2**30."""
        return int(time.monotonic() * 1000) & _TICKS

    @property
    def t_s(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.began_s

    @property
    def legs(self) -> "list[Call]":
        """The call legs."""
        return self.endpoint.legs

    def question(self) -> Question:
        """Return a new POKE to ask with."""
        made = Question(self.endpoint)
        self.endpoint.parts.append(made)
        self.endpoint.dialogs.append(made)
        return made

    # -- time ------------------------------------------------------------------------------------------

    def turn(self, most_s: float = 0.1) -> None:
        """Wait for a datagram or a due time, at most so long; serve both."""
        due_ms = self.endpoint.next_due(self.now)
        waits_s = [most_s, self._next_tick_s - time.monotonic()]
        if due_ms >= 0:
            waits_s.append(due_ms / 1000)
        self.net.wait(min(waits_s))
        for peer, address, octets in self.net.receive():
            self._feed(peer, address, octets)
        self.endpoint.poll(self.now)
        self.drain()
        self._tick()

    def run_until(self, true: "Callable[[], object]", seconds: float) -> bool:
        """Turn until it is so, at most `seconds`; True if it is."""
        end_s = time.monotonic() + seconds
        while not true():
            left_s = end_s - time.monotonic()
            if left_s <= 0:
                return False
            self.turn(min(0.1, left_s))
        return True

    def _tick(self) -> None:
        behind_s = time.monotonic() - self._next_tick_s
        if behind_s > 1:  # this machine slept: voice does not catch up
            self._next_tick_s += behind_s
        while time.monotonic() >= self._next_tick_s:
            self._next_tick_s += FRAME_MS / 1000
            self.on_tick()
            self.drain()

    # -- datagrams -------------------------------------------------------------------------------------

    def _feed(self, peer: int, address: Address, octets: bytes) -> None:
        self.on_frame("in", address, octets, self.sealed(peer, octets))
        if peer != 0:
            self.heard, self.heard_s = True, time.monotonic()
        ep, now = self.endpoint, self.now
        found = ep.feed_datagram(octets, peer, now)
        while found == codes.RX_AUDIO:
            assert ep.rx_leg is not None
            self.on_voice(ep.rx_leg, ep.rx_law, ep.rx_ts, bytes(ep.rx_buf[ep.rx_at : ep.rx_at + ep.rx_n]))
            found = ep.feed_again(now) if octets[:2] == b"\0\0" else 0
        self.drain()

    def drain(self) -> None:
        """Send all that is due, and tell all that has happened."""
        ep = self.endpoint
        while True:
            while ep.poll_tx(self.now):
                octets = bytes(ep.tx_buf[ep.tx_at : ep.tx_at + ep.tx_n])
                self.net.send(ep.tx_peer, octets)
                address = self.net.peers.get(ep.tx_peer, ("", 0))
                self.on_frame("out", address, octets, self.sealed(ep.tx_peer, octets))
            event = ep.take_event()
            if not event:
                return
            self.on_event(EVENTS[event], ep.ev_leg, ep.ev_arg)

    # -- orders ----------------------------------------------------------------------------------------

    def speak(self, leg: Call, octets: bytes) -> bool:
        """Send 20 ms of voice, 160 octets in the call's own law."""
        self.endpoint.slot.payload[:] = octets
        sent = leg.send_voice(self.now)
        self.drain()
        return sent

    def close(self) -> None:
        """Close the socket."""
        self.net.close()
