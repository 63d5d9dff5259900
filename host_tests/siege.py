"""A core under attack: the default box, or one with every optional part loaded, and who else is on the net.

siege = Siege("all parts")
siege.call()                             # registered, in a call, voice both ways
siege.strike(raw)                        # one datagram from a stranger's address
siege.strike(raw, SERVER)                # from the server's own address: forged, or the server is bad
assert siege.answers == []               # what left toward strangers
assert siege.whole(1000)                 # a second of voice, not one frame of it missing
"""

import itertools

from bench import SERVER, CoreBench, box_account
from corekit import SPEECH, speech

from iax.cipher import Secrecy
from iax.demand import Demand
from iax.gate import Gate
from iax.hold import Hold
from iax.notes import Notes
from iax.plan import Plan
from iax.refer import Refer
from iax.rsa import Signer
from iax.transfer import Transfer
from iax.trunk import Trunk
from peer import numbers as n
from peer import wire
from peer.account import Account

MODES = ("as it is", "all parts", "all parts, encrypted")
SOMEWHERE = bytes((192, 0, 2, 9, 0x11, 0xD9))  # a stranger's address and port
NEXT_DOOR = bytes((127, 0, 0, 1, 0x99, 0x99))  # the server's address, another port


class SiegeNet:
    """The net of the HAL: whose datagram it was, and which addresses the box made its peers."""

    def __init__(self) -> None:
        self.src = b""
        self.placed: "dict[int, bytes]" = {}

    def place(self, peer: int, address: bytes) -> bool:
        """Make the 6-octet address a peer, or forget it: b"". False if another peer has it."""
        self.placed.pop(peer, None)
        if address in self.placed.values():
            return False
        if address:
            self.placed[peer] = address
        return True

    def peer_at(self, address: bytes) -> int:
        """Return which peer lives at a stranger's address, 0 if none; `src` follows."""
        known = [peer for peer, placed in self.placed.items() if placed == address]
        self.src = b"" if known else address
        return known[0] if known else 0


class Siege(CoreBench):
    """`answers`: (t_ms, peer or address, octets) of all that did not go to the server."""

    def __init__(self, mode: str = "as it is", **options) -> None:
        account = Account("ata1", "pw1", encryption="yes" if mode.endswith("encrypted") else "no")
        super().__init__(accounts={"ata1": account}, **options)
        self.net = SiegeNet()
        self.answers: "list[tuple[int, int | bytes, bytes]]" = []
        self.full = mode != "as it is"
        if self.full:
            self._load()

    def _load(self) -> None:
        account, endpoint = self.account, self.endpoint
        account.crypt, account.demand, account.transfer, account.trunk = 1, True, True, True
        account.elements = box_account(encryption="allow").elements
        timed = [Signer(endpoint, {}), Transfer(endpoint, self.net), Plan(endpoint)]
        endpoint.parts += [Secrecy(endpoint, {0: 120}), Demand(endpoint), Gate(endpoint, self.net, True)]
        endpoint.parts += [*timed, Trunk(endpoint), Hold(endpoint), Refer(endpoint), Notes(endpoint)]
        endpoint.dialogs += [part for part in endpoint.parts if hasattr(part, "poll")]

    def carry(self, octets: bytes) -> None:
        """Take a datagram to the server if that is where it goes, else keep it."""
        to = self.endpoint.tx_peer
        if to == SERVER:
            super().carry(octets)
        else:
            self.answers.append((self.t_ms, self.net.placed.get(to, to) if to else self.net.src, octets))

    # -- the good ones ---------------------------------------------------------------------------------

    def call(self, number: str = "600"):
        """Register, dial, speak; return the server's side of the call."""
        self.register()
        self.speak = speech
        self.dial(number)
        assert self.run_until("ANSWERED")
        self.run(500)
        return self.peer.current_call()

    def whole(self, ms: int = 1000, between=None) -> bool:
        """Run, with `between()` every 5 ms; True if each 20 ms of voice came both ways, all of it ours."""
        call = self.peer.current_call()
        went, came, told = call.rx_packets, len(self.audio), len(self.events)
        for _ in range(ms // 5):
            if between is not None:
                between()
            self.run(5)
        heard = self.audio[came:]
        steps = {later[0] - sooner[0] for sooner, later in itertools.pairwise(heard)}
        counts = {call.rx_packets - went, len(heard)}
        return (
            counts <= {ms // 20 - 1, ms // 20, ms // 20 + 1}
            and steps <= {17, 20, 23}  # a LAGRQ in between moves a server's time-stamp by 3
            and {octets for _, _, octets in heard} == {SPEECH}
            and not any(event[1] == "HANGUP" for event in self.events[told:])
        )

    # -- the bad ones ----------------------------------------------------------------------------------

    def strike(self, raw: bytes, sender: "int | bytes" = SOMEWHERE) -> "list[bytes]":
        """Feed one datagram from a peer or from a stranger's address; return what the box sent at once."""
        told, said = len(self.answers), len(self.sent)
        peer = self.net.peer_at(sender) if isinstance(sender, bytes) else sender
        self.feed(raw, peer)
        return [octets for _, _, octets in self.answers[told:]] + [octets for _, octets in self.sent[said:]]


def aimed(call, name: str, payload: bytes = b"", **header) -> bytes:
    """Return an IAX frame with all the numbers that the server's next frame of that call would have."""
    return aimed_full(call, n.T_IAX, n.IAX[name], payload, **header)


def aimed_full(call, ftype: int, subclass: int, payload: bytes = b"", **header) -> bytes:
    """Return any full frame so; src dst ts oseq iseq r are the caller's if named."""
    told = {"src": call.number, "dst": call.their, "ts": call.elapsed(), "oseq": call.oseq, "iseq": call.iseq}
    told.update(header)
    return wire.full(
        told["src"], told["dst"], told["ts"], told["oseq"], told["iseq"], ftype, subclass, payload,
        told.get("r", False),
    )  # fmt: skip
