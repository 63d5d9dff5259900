"""A call of either direction once both sides know each other: voice, digits, controls, hang-up."""

from collections.abc import Generator, Iterable, Iterator
from typing import TYPE_CHECKING

from . import media, wire
from . import numbers as n
from .dialog import Addr, Dialog

if TYPE_CHECKING:
    from .middle import Middle
    from .server import Peer

Script = Generator[float, None, None]


class Call(Dialog):
    """Voice both ways and everything a test may want to look at.

    state: new, auth, linked, ringing, up, gone.  cause: Q.850 code of the end, None before.
    rx_voice: (ms, time-stamp, codec bit, payload); rx_dtmf: (ms, digit, "begin" or "end").
    """

    kind = "call"

    def __init__(self, peer: "Peer", addr: Addr, their: int = 0, account_name: str = "") -> None:
        super().__init__(peer, addr, their, account_name)
        self.state = "new"
        self.cause: int | None = None
        self.ended_by = ""  # us, them, or why it died
        self.codec = n.ULAW  # what we send
        self.rx_codec: int | None = None  # what the last full VOICE frame said
        self.rx_voice: list[tuple[float, int, int, bytes]] = []
        self.rx_dtmf: list[tuple[float, str, str]] = []
        self.rx_packets = self.tx_packets = 0
        self.echo = False
        self.quelched = False
        self.early_minis = 0
        self.full_sent: int | None = None  # time-stamp of the last full VOICE frame
        self.voice_due = -1  # next predicted voice time-stamp
        self.voice_high = 0
        self.minis_left = peer.quirks.minis_first
        self._sound: Iterator[bytes | None] | None = None
        self._sound_at = 0.0
        self._voice_as = self.number
        self.middle: Middle | None = None  # joined with another call
        peer.after(peer.quirks.lagrq_ms, lambda: self._watch("LAGRQ", peer.quirks.lagrq_ms))
        peer.after(peer.quirks.ping_ms, lambda: self._watch("PING", peer.quirks.ping_ms))

    def _watch(self, name: str, every_ms: int) -> None:
        if self.alive and not self.closing:
            if self.their:
                self.iax(name)
            self.peer.after(every_ms, lambda: self._watch(name, every_ms))

    # Scripts: a generator that yields how many ms to wait.

    def run(self, script: Script) -> None:
        """Run a script now; it goes on after each yielded number of ms, unless the call is gone."""

        def step() -> None:
            if self.alive and not self.closing:
                wait = next(script, None)
                if wait is not None:
                    self.peer.after(wait, step)

        step()

    def handle(self, frame: dict) -> None:
        """As any dialog; what a joined call passes on, or does as one of two, goes to the middle."""
        if self.middle is None or not self.middle.frame(self, frame):
            super().handle(frame)

    # Voice out.

    def play(self, sound: Iterable[bytes | None]) -> None:
        """Send 20 ms pieces of PCM from now on, in place of any sound before; None pieces are not sent."""
        running = self._sound is not None
        self._sound = iter(sound)
        self._sound_at = self.peer.now
        if not running:
            self._sound_step()

    def stop(self) -> None:
        """Send no more sound of our own."""
        self._sound = iter(())

    def _sound_step(self) -> None:
        if not self.alive or self.closing:
            return
        piece = next(self._sound or iter(()), b"")
        if piece == b"":
            self._sound = None
            self.note("sound over")
            return
        if piece is not None:
            self.voice(media.encode(self.codec, piece))
        self._sound_at += 20
        self.peer.after(max(0.0, self._sound_at - self.peer.now), self._sound_step)

    def voice(self, payload: bytes, codec: int | None = None) -> None:
        """Send one packet of voice; another codec than before makes it a full frame."""
        if self.quelched or self.mute_voice:
            return
        changed = codec is not None and codec != self.codec
        self.codec = codec or self.codec
        self.peer.secrecy.before_voice(self)
        ts = self._voice_stamp(media.samples_in(self.codec, payload) // 8)
        self.tx_packets += 1
        if self._wants_full(ts, changed):
            self.full_sent, self.voice_high = ts, ts >> 16
            self.send(n.T_VOICE, self.codec, payload, ts)
        else:
            self.voice_high = ts >> 16
            self.peer.transmit(self.addr, wire.mini(self._voice_as, ts, payload))

    def _voice_stamp(self, length_ms: int) -> int:
        clock = self.elapsed()
        if self.voice_due < 0 or abs(self.voice_due - clock) > 160:
            self.voice_due = -(-clock // max(1, length_ms)) * max(1, length_ms)
        ts = self.voice_due
        self.voice_due += length_ms
        if ts <= self.last_ts:
            ts = self.last_ts + 3
        self.last_ts = ts
        return ts

    def _wants_full(self, ts: int, changed: bool) -> bool:
        if self.minis_left > 0 or self.peer.quirks.full_voice == "never":
            self.minis_left -= 1
            return False
        if self.full_sent is None or changed or self.peer.quirks.full_voice == "always":
            return True
        if self.peer.quirks.full_voice == "rfc":
            return ts >> 15 != self.full_sent >> 15
        return abs((ts >> 16) - self.voice_high) > 1

    def send_trunk(self, pieces: list[bytes], stamped: bool = True) -> None:
        """Send payloads in one trunk frame for this call's number."""
        entries = [(self.number, (self.elapsed() + 20 * i) & 0xFFFF, piece) for i, piece in enumerate(pieces)]
        self.peer.transmit(self.addr, wire.trunk(self.elapsed(), entries, stamped))

    def on_rtkey(self, frame: dict) -> None:
        """A new key of theirs; of a clear call it says nothing."""
        self.peer.secrecy.heard_rtkey(self, frame)

    # Voice in.

    def feed_mini(self, frame: dict) -> None:
        """Take a mini frame; before any full VOICE frame each one draws a VNAK, as from Asterisk."""
        self.heard = True
        if self.rx_codec is None:
            self.early_minis += 1
            self.vnak()
            return
        self.rx_ts = wire.unwrap16(self.rx_ts, frame["ts16"])
        self._voice_in(self.rx_ts, frame["payload"])

    def on_voice(self, frame: dict) -> None:
        """Take a full VOICE frame: it names the codec of the minis after it."""
        self.rx_codec = frame["subclass"]
        self._voice_in(frame["ts"], frame["payload"])

    def _voice_in(self, ts: int, payload: bytes) -> None:
        self.rx_packets += 1
        if self.peer.keep_voice:
            self.rx_voice.append((self.peer.now, ts, self.rx_codec or 0, payload))
        if self.middle is not None:
            self.middle.voice(self, payload)
        elif self.echo:
            self.voice(payload, self.rx_codec)

    def heard_pcm(self) -> bytes:
        """Return all received voice as PCM, packet after packet in order of arrival."""
        return b"".join(media.decode(codec, payload) for _, _, codec, payload in self.rx_voice)

    # Digits and controls.

    def frame(self, ftype: int, subclass: int, payload: bytes = b"") -> None:
        """Send any full frame, reliably."""
        self.send(ftype, subclass, payload)

    def control(self, which: int | str, payload: bytes = b"") -> None:
        """Send a control frame by number or name; -1 or "STOP" goes out as 0xFF."""
        self.send(n.T_CONTROL, n.CONTROL[which] if isinstance(which, str) else which, payload)

    def dtmf(
        self, digits: str, on_ms: int = 100, off_ms: int = 100, begin: bool = True, end: bool = True
    ) -> None:
        """Send digits one after the other, as BEGIN and END, or only one of the two."""

        def keys() -> Script:
            for digit in digits:
                if begin:
                    self.send(n.T_DTMF_BEGIN, ord(digit))
                    yield on_ms
                if end:
                    self.send(n.T_DTMF_END, ord(digit))
                yield off_ms

        self.run(keys())

    def on_dtmf_begin(self, frame: dict) -> None:
        """Keep the beginning of a digit."""
        self.rx_dtmf.append((self.peer.now, chr(frame["subclass"] & 127), "begin"))

    def on_dtmf_end(self, frame: dict) -> None:
        """Keep the end of a digit; `#` ends an echo, as Asterisk's Echo does."""
        self.rx_dtmf.append((self.peer.now, chr(frame["subclass"] & 127), "end"))
        if self.echo and frame["subclass"] == ord("#"):
            self.hangup(n.NORMAL)

    def digits(self) -> str:
        """Return the digits received so far, counted at their END."""
        return "".join(digit for _, digit, edge in self.rx_dtmf if edge == "end")

    def on_quelch(self, frame: dict) -> None:
        """Stop our voice until UNQUELCH."""
        self.quelched = True

    def on_unquelch(self, frame: dict) -> None:
        """Voice again, a full frame first."""
        self.quelched, self.full_sent = False, None

    def on_transfer(self, frame: dict) -> None:
        """Keep the number; nothing is transferred here."""
        self.note("transfer " + str(frame["ie"].get("CALLED_NUMBER")))

    def on_txrej(self, frame: dict) -> None:
        """Keep the refusal of a TXREQ."""
        self.note("txrej")

    # The end.

    def hangup(self, cause: int | None = n.NORMAL, name: str = "HANGUP", text: str = "") -> None:
        """Send HANGUP (or REJECT) with its cause, and wait for the ACK."""
        if not self.alive or self.closing:
            return
        payload = wire.ie("CAUSE", text) if text else b""
        payload += b"" if cause is None else wire.ie("CAUSECODE", cause)
        self._over("us", cause)
        self.iax(name, payload)
        self.linger()

    def reject(self, cause: int, text: str = "") -> None:
        """Refuse the call."""
        self.hangup(cause, "REJECT", text)

    def on_hangup(self, frame: dict) -> None:
        """The other side ends the call."""
        self._over("them", frame["ie"].get("CAUSECODE"))
        self.send_ack(frame)
        self.die(frame["name"].lower())

    on_reject = on_hangup
    on_control_hangup = on_hangup

    def _over(self, who: str, cause: int | None) -> None:
        if not self.ended_by:
            self.ended_by, self.cause, self.state = who, cause, "gone"
            self.note("over by %s, cause %s" % (who, cause))

    def die(self, why: str) -> None:
        """Forget the call; the first reason stays."""
        self._over(why, None)
        super().die(why)
        if self.middle is not None:
            self.middle.gone(self)

    # Misbehaviour.

    def vnak_storm(self, per_second: int = 50, ms: int = 2000, iseq: int | None = None) -> None:
        """Send VNAKs nobody asked for; `iseq` below what we have asks for old frames."""

        def storm() -> Script:
            for _ in range(per_second * ms // 1000):
                self.vnak(iseq)
                yield 1000 / per_second

        self.run(storm())

    def change_number(self) -> int:
        """Go on under another source number; return it."""
        del self.peer.dialogs[self.number]
        self.number = self._voice_as = self.peer.take_number()
        self.peer.dialogs[self.number] = self
        return self.number

    def go_silent(self, full: bool = True, voice: bool = False) -> None:
        """Send no full frames, or no voice, or neither, any more; what arrives is still taken."""
        self.mute_full, self.mute_voice = full, voice

    def on_control_answer(self, frame: dict) -> None:
        """Keep that they answered."""
        self.state = "up"
        self.note("answer")

    def on_control_ringing(self, frame: dict) -> None:
        """Keep that they ring."""
        self.state = "ringing" if self.state != "up" else "up"
        self.note("ringing")
