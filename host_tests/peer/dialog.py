"""One dialog: call numbers, sequence numbers, the reliable window, clocks. RFC 5456, section 7.

The retransmission times are Asterisk's: first after twice the round trip (2 s before one is known), then ten
times that, at most 10 s; after four sends the dialog dies without a word.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from . import numbers as n
from . import wire
from .secrecy import Keys

if TYPE_CHECKING:
    from .server import Peer

Addr = tuple[str, int]


class Sent:
    """A full frame that waits for its acknowledgement."""

    def __init__(self, seq: int, make: Callable[[bool], bytes], interval_ms: float) -> None:
        self.seq = seq
        self.make = make
        self.interval_ms = interval_ms
        self.tries = 1
        self.last = make(False)


class Dialog:
    """The part that registrations, POKEs and calls have in common."""

    kind = "dialog"

    def __init__(self, peer: "Peer", addr: Addr, their: int = 0, account_name: str = "") -> None:
        self.peer = peer
        self.addr = addr
        self.account_name = account_name
        self.number = peer.take_number()
        self.their = their
        self.oseq = self.iseq = self.told_iseq = 0
        self.born_ms = peer.now
        self.started = peer.now - peer.quirks.ts_start_ms
        self.last_ts = -1
        self.rx_ts = 0
        self.rtt_ms = 1000.0
        self.unacked: list[Sent] = []
        self.keys: Keys | None = None  # of an encrypted call
        self.alive = True
        self.closing = False
        self.mute_full = self.mute_voice = False
        self.heard = False  # any frame from the other side yet
        self.events: list[tuple[float, str]] = []
        peer.dialogs[self.number] = self

    # Clocks.

    def elapsed(self) -> int:
        """Return ms since this dialog began, by our clock."""
        return int(self.peer.now - self.started)

    def stamp(self, ftype: int) -> int:
        """Return the next time-stamp: IAX frames tell the clock, events follow the last frame by 3 ms."""
        ts = self.elapsed()
        if ts <= self.last_ts or (ftype != n.T_IAX and 0 <= ts - self.last_ts < 160):
            ts = self.last_ts + 3
        self.last_ts = ts
        return ts

    def jump_ts(self, ms: int) -> None:
        """Let our clock jump; a jump back also forgets the last time-stamp."""
        self.started -= ms
        self.last_ts = min(self.last_ts, self.elapsed() - 1)

    def note(self, what: str) -> None:
        """Keep an event of this dialog with its time, for tests."""
        self.events.append((self.peer.now, what))

    # Sending.

    def send(
        self, ftype: int, subclass: int, payload: bytes = b"", ts: int | None = None, dst: int | None = None,
        to: Addr | None = None,
    ) -> None:  # fmt: skip
        """Send a counted full frame and keep it until it is acknowledged."""
        ts = self.stamp(ftype) if ts is None else ts
        seq, self.oseq = self.oseq, (self.oseq + 1) & 255

        def make(again: bool) -> bytes:
            dest = self.their if dst is None else dst
            return wire.full(self.number, dest, ts, seq, self._tell(), ftype, subclass, payload, again)

        sent = Sent(seq, make, min(10000.0, max(100.0, 2 * self.rtt_ms)))
        self.unacked.append(sent)
        self._emit(sent.last)
        self.peer.after(sent.interval_ms, lambda: self._resend(sent))

    def iax(
        self, name: str | int, payload: bytes = b"", ts: int | None = None, dst: int | None = None
    ) -> None:
        """Send an IAX frame by name or number."""
        self.send(n.T_IAX, n.IAX[name] if isinstance(name, str) else name, payload, ts, dst)

    def _tell(self) -> int:
        if self.peer.quirks.ack != "none":
            self.told_iseq = self.iseq
        return self.told_iseq

    def _emit(self, raw: bytes) -> None:
        if not self.mute_full:
            self.peer.transmit(self.addr, raw)

    def _resend(self, sent: Sent) -> None:
        if not self.alive or sent not in self.unacked:
            return
        if sent.tries >= self.peer.quirks.tries:
            self.die("unacked")
            return
        sent.tries += 1
        sent.last = sent.make(True)
        self._emit(sent.last)
        sent.interval_ms = min(10000.0, sent.interval_ms * 10)
        self.peer.after(sent.interval_ms, lambda: self._resend(sent))

    def send_ack(self, frame: dict) -> None:
        """Acknowledge one frame: its ISeqno and time-stamp come back. RFC 5456, section 6.9.1."""
        last = frame["name"] in ("HANGUP", "REJECT")  # nothing later could acknowledge these
        if self.peer.quirks.ack == "none" or (self.peer.quirks.ack == "late" and not last):
            return
        raw = wire.iax(self.number, frame["src"], frame["ts"], frame["iseq"], self._tell(), "ACK")
        self._emit(raw)

    def vnak(self, iseq: int | None = None) -> None:
        """Ask for everything from `iseq` on (what we expect next, if not given)."""
        iseq = self.iseq if iseq is None else iseq
        self._emit(wire.iax(self.number, self.their, self.stamp(n.T_IAX), iseq, iseq, "VNAK"))

    def skip_oseq(self, k: int = 1) -> None:
        """Leave a hole of `k` numbers in our outgoing sequence: the dialog never recovers from it."""
        self.oseq = (self.oseq + k) & 255

    # Receiving.

    def feed(self, frame: dict) -> None:
        """Take one full frame that belongs to this dialog."""
        name = frame["name"]
        self.heard = True
        if name == "INVAL":
            self.die("inval")
            return
        self._latch(frame)
        self._take_acks(frame["iseq"])
        if not self.alive or name == "ACK":
            return
        if name == "VNAK":
            self._again_from(frame["iseq"])
        elif name in n.UNCOUNTED:
            self.note(name)
        else:
            self._in_order(frame)

    def _latch(self, frame: dict) -> None:
        if not self.their and frame["src"] != 1 and frame["name"] != "CALLTOKEN":
            self.their = frame["src"]

    def _take_acks(self, iseq: int) -> None:
        """Drop what lies before `iseq`, if that lies within what is out."""
        before = len(self.unacked)
        if before and 0 < (iseq - self.unacked[0].seq) & 255 <= (self.oseq - self.unacked[0].seq) & 255:
            self.unacked = [s for s in self.unacked if (iseq - s.seq - 1) & 255 >= 128]
        if before and not self.unacked and self.closing:
            self.die("closed")

    def _again_from(self, iseq: int) -> None:
        self.note("VNAK")
        for sent in self.unacked:
            if (sent.seq - iseq) & 255 < 128:
                self._emit(sent.last)

    def _in_order(self, frame: dict) -> None:
        ahead = (frame["oseq"] - self.iseq) & 255
        if ahead >= 128:
            self.send_ack(frame)
        elif ahead:
            self.note("gap")
            self.vnak()
        else:
            self.iseq = (self.iseq + 1) & 255
            self._accept(frame)

    def _accept(self, frame: dict) -> None:
        if frame.get("type") != n.T_IAX or frame["name"] not in ("PONG", "LAGRP"):
            self.rx_ts = frame["ts"]
        quirks = self.peer.quirks
        request = frame["name"] in ("NEW", "AUTHREP", "REGREQ", "REGREL")
        if request and (quirks.early_ack or quirks.reply_delay_ms):
            self.send_ack(frame)
        if request and quirks.reply_delay_ms:
            self.peer.after(quirks.reply_delay_ms, lambda: self._act(frame))
            return
        self._act(frame)

    def _act(self, frame: dict) -> None:
        if self.alive and not self.closing:
            self.handle(frame)
        if self.alive and self._ack_is_due(frame):
            self.send_ack(frame)

    def _ack_is_due(self, frame: dict) -> bool:
        return self.told_iseq != self.iseq or self.peer.quirks.ack == "always"

    def handle(self, frame: dict) -> None:
        """Act on a frame in its turn: the method named after it, or UNSUPPORT for a strange IAX subclass."""
        method = getattr(self, "on_" + frame["name"].lower().replace(" ", "_"), None)
        if method is not None:
            method(frame)
        elif frame["type"] == n.T_IAX and frame["name"] != "UNSUPPORT":
            self.note("unsupported " + frame["name"])
            self.iax("UNSUPPORT", wire.ie("IAX_UNKNOWN", bytes((frame["subclass"] & 255,))))
        else:
            self.note(frame["name"])

    # Frames every dialog understands. RFC 5456, section 6.7.

    def on_ping(self, frame: dict) -> None:
        """Answer PING by PONG with its time-stamp."""
        self.iax("PONG", self.report() if self.peer.quirks.pong_ies else b"", ts=frame["ts"])

    def on_lagrq(self, frame: dict) -> None:
        """Answer LAGRQ by LAGRP at once, payload and time-stamp as they came."""
        self.iax("LAGRP", frame["payload"], ts=frame["ts"])

    def on_pong(self, frame: dict) -> None:
        """Learn the round trip from our own time-stamp."""
        self.rtt_ms = max(0.0, float(self.elapsed() - frame["ts"]))

    def on_lagrp(self, frame: dict) -> None:
        """Keep the lag."""
        self.note("lag %d" % (self.elapsed() - frame["ts"]))

    def report(self) -> bytes:
        """Return the receiver reports of PONG; a dialog without voice has nothing to tell."""
        return wire.ies(
            ("RR_JITTER", 0),
            ("RR_LOSS", 0),
            ("RR_PKTS", 1),
            ("RR_DELAY", 40),
            ("RR_DROPPED", 0),
            ("RR_OOO", 0),
        )

    # The end.

    def die(self, why: str) -> None:
        """Forget the dialog without a frame."""
        if self.alive:
            self.alive = False
            self.note("end " + why)
            self.peer.forget(self)

    def linger(self, ms: int = 10000) -> None:
        """After our last word: wait for its acknowledgement, at most 10 s."""
        self.closing = True
        self.peer.after(ms, lambda: self.die("timeout"))


class Listener(Dialog):
    """A dialog that acknowledges everything and keeps it: for openers nobody here understands."""

    kind = "listener"

    def __init__(self, peer: "Peer", addr: Addr) -> None:
        super().__init__(peer, addr)
        self.got: list[dict] = []

    def handle(self, frame: dict) -> None:
        """Keep the frame."""
        self.got.append(frame)
