"""Two benches that wire the firmware to the test peer on one clock: the IAX2 core alone, and the whole ATA.

    bench = CoreBench(seed=1)
    bench.register()
    leg = bench.dial("600")
    bench.run(2000)
    assert bench.saw("ANSWERED")

Time moves in steps of 5 ms and only when told, so a minute of a call takes a second.
"""

import hashlib
import random
from collections.abc import Callable

import codes
import ticks
from iax import caller
from iax.call import Call
from iax.endpoint import Endpoint
from iax.opener import Account as BoxAccount
from iax.registrar import Registrar
from iax.talk import VoiceSlot
from iax.window import Window
from peer import Peer
from stats import Log, Stats
from stub_hal.aes import cbc

SERVER = 1  # index of the server among the box's peers
BOX_ADDR = ("127.0.0.1", 40000)
STEP_MS = 5
EVENTS = {value: name[3:] for name, value in vars(codes).items() if name.startswith("EV_")}


# The settings of an account that nobody has touched, as iax/caller.py asks for them.
UNTOUCHED = {
    "presentation": "allowed", "encryption": "off", "ton": 0, "tns": 0, "ani2": 0, "adsi": 0, "number": "",
    "name": "", "ani": "", "rdnis": "", "dnid": "", "context": "", "language": "", "variables": "",
}  # fmt: skip


def box_account(
    user: str = "ata1", secret: str = "pw1", index: int = 0, laws: bytes = b"\x02\x03", **settings
) -> BoxAccount:
    """Return an account of the box as setup.py would make it; settings by the last part of their names."""
    account = BoxAccount(index, 1 + 2 * index, user.encode(), secret.encode())
    values = {**UNTOUCHED, "user": user, **settings}
    account.laws = laws
    account.elements = caller.elements(lambda name: values[name.rpartition(".")[2]], "account.1.", laws)
    return account


class SeededCrypto:
    """Digests by hashlib, random numbers from a seed."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)

    def md5(self, challenge: bytes, secret: bytes) -> bytes:
        """Return MD5(challenge || secret)."""
        return hashlib.md5(challenge + secret).digest()

    def sha1(self, data: bytes) -> bytes:
        """Return SHA-1 of `data`."""
        return hashlib.sha1(data).digest()

    def aes(self, key: bytes):
        """Return AES-128-CBC under `key`."""
        return cbc(key)

    def random(self, bits: int) -> int:
        """Return a random integer of `bits` bits."""
        return self._rng.getrandbits(bits)


class CoreBench:
    """Endpoint, registrar and one call leg against the test peer.

    `events` holds (t_ms, name, leg, arg) of all that the endpoint told; `start` is the tick it begins at.
    """

    def __init__(self, seed: int = 1, start: int = 1000, laws: bytes = b"\x02\x03", **peer_options) -> None:
        self.t_ms = 0  # since the start, never wraps
        self.now = start
        self.peer = Peer(seed=seed, accounts=peer_options.pop("accounts", {"ata1": "pw1"}), **peer_options)
        self.account = box_account(laws=laws)
        self.stats = Stats()
        self.log = Log()
        self.endpoint = Endpoint(
            [self.account], bytearray(48), VoiceSlot(bytearray(164)), SeededCrypto(seed), self.stats, self.log
        )
        self.registrar = Registrar(self.endpoint, Window(bytearray(352), 4))
        self.endpoint.add_registrar(self.registrar)
        self.leg = Call(self.endpoint, Window(bytearray(640), 12), 0)
        self.endpoint.add_leg(self.leg)
        self.events: list[tuple[int, str, int, int]] = []
        self.sent: list[tuple[int, bytes]] = []  # (t_ms, datagram) from the box
        self.audio: list[tuple[int, int, bytes]] = []  # (ts30, law, octets) heard
        self.speak: Callable[[int], bytes] | None = None  # t_ms -> 160 octets, once the call is linked
        self.take_calls = True  # accept an incoming call at once, as a free line would
        self._next_voice = 0

    # -- orders ----------------------------------------------------------------------------------------

    def register(self, run_ms: int = 500) -> None:
        """Start the registration and let it settle."""
        self.registrar.start(self.account, self.now)
        self.drain()
        self.run(run_ms)

    def dial(self, number: str, run_ms: int = 0) -> Call:
        """Call a number through the first free leg."""
        assert self.endpoint.dial(self.account, number.encode(), self.now) == 0
        self.drain()
        self.run(run_ms)
        return self.leg

    def hang_up(self, cause: int = 16) -> None:
        """End the call as the line would."""
        self.leg.drop(cause, self.now)
        self.drain()

    # -- time and datagrams ----------------------------------------------------------------------------

    def run(self, ms: int) -> None:
        """Let `ms` pass."""
        end = self.t_ms + ms
        while self.t_ms < end:
            self.t_ms += STEP_MS
            self.now = ticks.add(self.now, STEP_MS)
            self.peer.poll(self.t_ms)
            self.exchange()
            self.endpoint.poll(self.now)
            self._voice()
            self.drain()
            self.exchange()

    def run_until(self, name: str, most_ms: int = 10000) -> bool:
        """Run until the endpoint tells event `name` once more; False if it does not in `most_ms`."""
        seen = len(self.events)
        end = self.t_ms + most_ms
        while self.t_ms < end:
            self.run(STEP_MS)
            if any(event[1] == name for event in self.events[seen:]):
                return True
        return False

    def exchange(self) -> None:
        """Deliver what the peer sent; strangers' ports show as peer 0."""
        waiting = self.peer.drain()
        while waiting:
            for port, _, octets in waiting:
                self.feed(octets, SERVER if port == "main" else 0)
            waiting = self.peer.drain()

    def feed(self, datagram: bytes, peer: int = SERVER) -> int:
        """Give the box one datagram and drain it; returns what feed_datagram said."""
        endpoint = self.endpoint
        found = voice = endpoint.feed_datagram(datagram, peer, self.now)
        while voice == codes.RX_AUDIO:
            heard = bytes(endpoint.rx_buf[endpoint.rx_at : endpoint.rx_at + endpoint.rx_n])
            self.audio.append((endpoint.rx_ts, endpoint.rx_law, heard))
            voice = endpoint.feed_again(self.now)
        self.drain()
        return found

    def drain(self) -> None:
        """Send all that is due and note all that is told."""
        endpoint = self.endpoint
        while True:
            while endpoint.poll_tx(self.now):
                self.carry(bytes(endpoint.tx_buf[endpoint.tx_at : endpoint.tx_at + endpoint.tx_n]))
            event = endpoint.take_event()
            if not event:
                return
            self.events.append((self.t_ms, EVENTS[event], endpoint.ev_leg, endpoint.ev_arg))
            if event == codes.EV_INCOMING and self.take_calls:
                self.leg.take(self.now)

    def carry(self, octets: bytes) -> None:
        """Take one datagram from the box to the server, wherever the box sends it."""
        self.sent.append((self.t_ms, octets))
        self.peer.feed(octets, BOX_ADDR, self.t_ms)

    def _voice(self) -> None:
        if self.speak is None or not self.leg.linked() or self.t_ms < self._next_voice:
            return
        self._next_voice = self.t_ms + 20
        self.endpoint.slot.payload[:] = self.speak(self.t_ms)
        self.leg.send_voice(self.now)

    # -- what happened ---------------------------------------------------------------------------------

    def saw(self, name: str) -> bool:
        """True if the endpoint ever told event `name` ("ANSWERED", "HANGUP" ...)."""
        return any(event[1] == name for event in self.events)

    def count(self, name: str) -> int:
        """A counter of the box by its name in codes.py."""
        return self.stats.counts[getattr(codes, name)]
