"""The simulated analog telephone: hook switch, keypad, dial, mouthpiece, earpiece and bell on a wire pair.

`step` is called once per 20 ms of line time. Going in: what the firmware's converter played and the feed it
ordered. Coming out: what its converter will record, and four samples of the line state. Actions queue up and
take line time. What the telephone perceives (`tone`, `voice`, `ring_current`, `polarity`, `events`) comes
from those volts and samples only.
"""

from collections import deque

import numpy as np

from . import mouth
from .levels import FRAME, FRAME_MS, RATE_HZ, to_int16
from .loop import FEED_FORWARD, FEED_NAMES, FEED_OPEN, FEED_REVERSE, Loop
from .tonejudge import FLASH_MS, Judge

_QUIET_MS = 6500  # no ringing for longer than the longest pause of a ring cadence
_CLICK_PEAK = 3000  # samples: the hook switch makes and breaks the current
_CLICK_DECAY = np.exp(-np.arange(40) / 10).astype(np.float32)
_SETTLE_MS = 20
_MAX_BOUNCE_MS = 8
_SPEECH_DBM0 = -15.0
_SILENT = np.zeros(FRAME, np.int16)


class Action:
    """One thing a person does: `contact` is the hook switch, an octet a ms; `sound` float32 samples."""

    def __init__(
        self, what: str, values: dict, contact: bytes = b"", sound: "np.ndarray | None" = None
    ) -> None:
        self.what = what
        self.values = values
        self.contact = contact
        self.sound = sound
        self.at = 0  # frames done
        ms = max(len(contact), 0 if sound is None else len(sound) / (RATE_HZ / 1000))
        self.frames = max(1, -(-round(ms) // FRAME_MS))


class Telephone:
    """A telephone set. All randomness (bounce, noise, actions between frame borders) comes from `seed`."""

    def __init__(
        self, seed: int = 1, erl_db: float = 20.0, noise_dbm0: float = -65.0, country: str = "us"
    ) -> None:
        self._rng = np.random.default_rng(seed)
        self._loop = Loop(self._rng)
        self._noise = mouth.Noise(self._rng, noise_dbm0)
        self._hybrid = mouth.Hybrid(self._rng, erl_db)
        self._judge = Judge(country)
        self._flash_ms = sum(FLASH_MS[country]) // 2
        self._queue: "deque[Action]" = deque()
        self._action: "Action | None" = None
        self._deed = ""  # the latest action, done or going on
        self._closed = 0  # the contact at the end of the last step
        self._heads_off = 0  # the contact once the queue is done
        self._ring_since_ms = 0
        self._ring_last_ms = -(10**9)
        self._open_since_ms = -1  # not fed yet
        self.t_ms = 0
        self.events: "list[dict]" = []
        self.ring_current = False
        self.polarity = "none"
        self.open_ms = 0
        self.heard = _SILENT  # what the earpiece played in the last step

    # What the person does. Each call queues; `busy` until all is done.

    def lift(self) -> None:
        """Take the receiver off: the contact bounces for some ms."""
        self._hook("lift", 1)

    def hang(self) -> None:
        """Put the receiver down."""
        self._hook("hang", 0)

    def flash(self, ms: "int | None" = None) -> None:
        """Tap the hook: the loop is open for `ms`, by default the middle of the country's window."""
        ms = ms or self._flash_ms
        opening = self._bounce(0)
        contact = self._lead(1) + opening + bytes(ms - len(opening)) + self._bounce(1) + b"\1" * _SETTLE_MS
        self._queue.append(Action("flash", {"ms": ms}, contact))

    def dtmf(
        self, digits: str, on_ms: float = 80, off_ms: float = 80, dbm0: float = -10.0, twist_db: float = 0.0
    ) -> None:
        """Press keys. `dbm0` is the level of one tone (mean of the two), `twist_db` high above low."""
        sound = np.concatenate([self._lead_sound(), mouth.dtmf(digits, on_ms, off_ms, dbm0, twist_db)])
        self._queue.append(Action("dtmf", {"digits": digits}, sound=sound))

    def pulse(self, digits: str, pps: float = 10.0, break_percent: float = 60.0, pause_ms: int = 700) -> None:
        """Turn a rotary dial: n breaks for the digit n, ten for 0, `pause_ms` between digits."""
        break_ms = round(1000 / pps * break_percent / 100)
        make_ms = round(1000 / pps) - break_ms
        contact = self._lead(1)
        for digit in digits:
            if digit not in "0123456789":
                raise ValueError(f"a rotary dial has no {digit!r}")
            contact += (bytes(break_ms) + b"\1" * make_ms) * (int(digit) or 10) + b"\1" * pause_ms
        values = {"digits": digits, "pps": pps, "break_percent": break_percent}
        self._queue.append(Action("pulse", values, contact))

    def play(self, samples: np.ndarray, dbm0: "float | None" = _SPEECH_DBM0) -> None:
        """Speak: 8 kHz samples into the mouthpiece, active level `dbm0` (None: as they are)."""
        values = {"seconds": round(len(samples) / RATE_HZ, 2), "dbm0": dbm0}
        self._queue.append(Action("play", values, sound=mouth.at_level(samples, dbm0)))

    def hum(self, hz: float, dbm0: float, s: float) -> None:
        """A sine into the mouthpiece for `s` seconds."""
        sound = np.concatenate([self._lead_sound(), mouth.sine(hz, dbm0, round(s * RATE_HZ))])
        self._queue.append(Action("hum", {"hz": hz, "dbm0": dbm0, "seconds": s}, sound=sound))

    @property
    def busy(self) -> bool:
        """True while an action goes on or waits."""
        return self._action is not None or bool(self._queue)

    @property
    def off_hook(self) -> bool:
        """True if the contact is closed."""
        return bool(self._closed)

    # What the telephone perceives.

    @property
    def tone(self) -> str:
        """Name of the tone heard: dial stutter ringback busy reorder howler callwaiting confirm sit none."""
        return self._judge.tone

    @property
    def voice(self) -> bool:
        """True if there is voice-band sound that is no tone."""
        return self._judge.voice

    @property
    def frequencies(self) -> "tuple[int, ...]":
        """Hz of the tone sounding now, named or not; () in silence or voice."""
        return self._judge.frequencies

    @property
    def ringing(self) -> bool:
        """True while it rings and in the pauses of a ring cadence (6.5 s at most)."""
        return not self._closed and self.quiet_ms < _QUIET_MS

    @property
    def quiet_ms(self) -> int:
        """Time since ringing current was last felt; very large if never."""
        return 0 if self.ring_current else self.t_ms - self._ring_last_ms

    @property
    def volts(self) -> float:
        """Line voltage at the end of the last step (tip to ring; ringing included)."""
        return self._loop.volts[-1]

    @property
    def milliamps(self) -> float:
        """Loop current at the end of the last step."""
        return self._loop.milliamps[-1]

    def step(self, ear: "np.ndarray | None", feed: int, ring_dhz: int) -> "tuple[np.ndarray, bytes]":
        """20 ms of line time. Returns (160 samples int16 into the firmware, 4 line states of 5 ms each)."""
        if self._action is None and self._queue:
            self._start(self._queue.popleft())
        contact, sound = self._act()
        if feed != self._loop.feed:
            self._notice_feed(feed)
        loop = self._loop.step(contact, feed, ring_dhz)
        talks = feed in (FEED_FORWARD, FEED_REVERSE)
        out = self._speak(ear if talks else None, contact, sound if talks else None, talks)
        self._notice_contact(contact)
        self._notice_bell(ring_dhz)
        self._listen(ear if talks and contact[-1] else None)
        self.t_ms += FRAME_MS
        return out, loop

    # The hand.

    def _hook(self, what: str, closed: int) -> None:
        contact = self._lead(1 - closed) + self._bounce(closed) + bytes([closed]) * _SETTLE_MS
        if self._heads_off == closed:
            contact = bytes([closed]) * FRAME_MS  # it is there already
        self._heads_off = closed
        self._queue.append(Action(what, {}, contact))

    def _lead(self, closed: int) -> bytes:
        """People do not act on frame borders: some ms pass first, so few that no bounce crosses a border."""
        return bytes([closed]) * int(self._rng.integers(0, FRAME_MS - _MAX_BOUNCE_MS + 1))

    def _lead_sound(self) -> np.ndarray:
        return np.zeros(int(self._rng.integers(0, FRAME)), np.float32)

    def _bounce(self, closed: int) -> bytes:
        """3-8 ms of a contact that has not made up its mind."""
        n = int(self._rng.integers(3, _MAX_BOUNCE_MS + 1))
        return bytes([closed]) + bytes(self._rng.integers(0, 2, n - 1, dtype=np.uint8))

    def _start(self, action: Action) -> None:
        self._action = action
        self._deed = action.what
        self._event("phone", action.what, **action.values)

    def _act(self) -> "tuple[bytes, np.ndarray | None]":
        """Contact (20 octets) and sound (up to 160 samples) of this step."""
        action = self._action
        if action is None:
            return bytes([self._closed]) * FRAME_MS, None
        at = action.at
        action.at += 1
        if action.at >= action.frames:
            self._action = None
        contact = action.contact[at * FRAME_MS : (at + 1) * FRAME_MS]
        if len(contact) < FRAME_MS:
            contact += (contact[-1:] or bytes([self._closed])) * (FRAME_MS - len(contact))
        return contact, None if action.sound is None else action.sound[at * FRAME : (at + 1) * FRAME]

    def _speak(
        self, ear: "np.ndarray | None", contact: bytes, sound: "np.ndarray | None", current: bool
    ) -> np.ndarray:
        """Mouthpiece, echo, line noise and hook clicks, as the firmware's converter gets them."""
        noise = self._noise.frame()
        moved = (0 in contact and 1 in contact) or contact[0] != self._closed
        if not (moved or contact[0]):
            self._hybrid.echo(None)
            return to_int16(noise)
        mix = noise.copy()
        echo = self._hybrid.echo(ear)
        if echo is not None:
            mix += echo
        if sound is not None:
            mix[: len(sound)] += sound
        if moved:
            through = np.repeat(np.frombuffer(contact, np.uint8), FRAME // FRAME_MS)
            mix *= through
            if current:
                self._click(mix, contact)
        return to_int16(mix)

    def _click(self, mix: np.ndarray, contact: bytes) -> None:
        """Each make or break of the current is a decaying click of a few ms."""
        before = self._closed
        for ms, closed in enumerate(contact):
            if closed != before:
                at = ms * FRAME // FRAME_MS
                n = min(len(_CLICK_DECAY), FRAME - at)
                mix[at : at + n] += (_CLICK_PEAK if closed else -_CLICK_PEAK) * _CLICK_DECAY[:n]
            before = closed

    # The senses.

    def _event(self, who: str, what: str, **values: object) -> None:
        self.events.append({"t_ms": self.t_ms, "who": who, "what": what, **values})

    def _notice_feed(self, feed: int) -> None:
        values: dict = {"feed": FEED_NAMES[feed]}
        if self.polarity == "none" and self._open_since_ms < 0:
            values["first"] = True
        elif self._loop.feed == FEED_OPEN:
            self.open_ms = self.t_ms - self._open_since_ms
            values["open_ms"] = self.open_ms
        if feed == FEED_OPEN:
            self._open_since_ms = self.t_ms
        if feed in (FEED_FORWARD, FEED_REVERSE):
            self.polarity = "normal" if feed == FEED_FORWARD else "reversed"
        elif feed == FEED_OPEN:
            self.polarity = "none"
        self._event("line", "feed", **values)

    def _notice_contact(self, contact: bytes) -> None:
        """The loop as measured, when the contact has moved."""
        if contact[-1] == self._closed:
            return
        self._closed = contact[-1]
        volts, milliamps = round(self.volts, 1), round(self.milliamps, 1)
        self._event("line", "loop", closed=bool(self._closed), volts=volts, ma=milliamps)
        if not self._closed and self._deed == "hang":
            self._hear_no_more()

    def _hear_no_more(self) -> None:
        """The receiver is down: what was heard ends."""
        if self.tone != "none":
            self._event("phone", "tone", tone="none")
        if self.voice:
            self._event("phone", "voice", on=False)
        self._judge.reset()

    def _notice_bell(self, ring_dhz: int) -> None:
        rings = self._loop.bell_rings(ring_dhz, bool(self._closed))
        if rings:
            self._ring_last_ms = self.t_ms + FRAME_MS
        if rings == self.ring_current:
            return
        self.ring_current = rings
        if rings:
            self._ring_since_ms = self.t_ms
            self._event("phone", "ring", on=True, hz=ring_dhz / 10)
        else:
            self._event("phone", "ring", on=False, ms=self.t_ms - self._ring_since_ms)

    def _listen(self, ear: "np.ndarray | None") -> None:
        judge = self._judge
        self.heard = _SILENT if ear is None else ear.copy()
        tone, voice = judge.tone, judge.voice
        if not judge.feed(ear):
            return
        if judge.tone != tone:
            self._event("phone", "tone", tone=judge.tone)
        if judge.voice != voice:
            self._event("phone", "voice", on=judge.voice)
