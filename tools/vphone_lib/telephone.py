"""The simulated analog telephone: hook switch, keypad, dial, mouthpiece, earpiece and bell on a wire pair.

`step` is called once per 20 ms of line time. Going in: what the firmware's converter played and the feed it
ordered. Coming out: what its converter will record, and four samples of the line state. Actions queue up and
take line time. What the telephone perceives (`tone`, `voice`, `ring_current`, `polarity`, `events`) comes
from those volts and samples only.
"""

from collections import deque

import numpy as np

from . import mouth, sets
from .callerid import CallerId
from .countries import DIALS, FLASH_MS, PULSES
from .hand import Action, Hand
from .levels import FRAME, FRAME_MS, RATE_HZ, to_int16
from .loop import FEED_FORWARD, FEED_NAMES, FEED_OPEN, FEED_REVERSE, Loop
from .receiver import Display
from .tonejudge import Judge

_QUIET_MS = 6500  # no ringing for longer than the longest pause of a ring cadence
_CLICK_PEAK = 3000  # samples: the hook switch makes and breaks the current
_CLICK_DECAY = np.exp(-np.arange(40) / 10).astype(np.float32)
_REACH_MS = 150  # from hook switch to dial
_SPEECH_DBM0 = -15.0
_SILENT = np.zeros(FRAME, np.int16)


class Telephone:
    """A telephone set. All randomness (bounce, noise, actions between frame borders) comes from `seed`.

    `country` says what its user takes for which tone, `kind` what the set does by itself: plain, ntt or
    callwaiting. How long he taps the hook (`flash_ms`, 0: never) and how the dial counts (`dial`, in PULSES)
    go by the country unless given.
    """

    def __init__(
        self,
        seed: int = 1,
        erl_db: float = 20.0,
        noise_dbm0: float = -65.0,
        country: str = "us",
        kind: str = "plain",
        flash_ms: "int | None" = None,
        dial: str = "",
    ) -> None:
        self._rng = np.random.default_rng(seed)
        self._loop = Loop(self._rng)
        self._hand = Hand(self._rng)
        self._noise = mouth.Noise(self._rng, noise_dbm0)
        self._hybrid = mouth.Hybrid(self._rng, erl_db)
        self._judge = Judge(country)
        self.flash_ms = sum(FLASH_MS[country]) // 2 if flash_ms is None else flash_ms
        self._counts = PULSES[dial or DIALS.get(country, "normal")]
        self._display = Display(self._perceive)
        self._set = sets.KINDS[kind](self._perceive)
        self._queue: "deque[Action]" = deque()
        self._action: "Action | None" = None
        self._deed = ""  # the latest action, done or going on
        self._closed = 0  # the contact at the end of the last step
        self._switch = 0  # that part of it which is the user's: hook switch and dial
        self._lifted = False
        self._lifted_ms = 0  # when that last changed
        self._heads_off = 0  # the contact once the queue is done
        self._flows = False  # ringing current, whether the bell sounds or not
        self._ring_since_ms = 0
        self._ring_last_ms = -(10**9)
        self._open_since_ms = -1  # not fed yet
        self.t_ms = 0
        self.events: "list[dict]" = []
        self.ring_current = False
        self.polarity = "none"
        self._turned = "normal"  # the polarity when there was one
        self.open_ms = 0  # the latest time without feed since the receiver was lifted
        self.heard = _SILENT  # what the earpiece played in the last step
        self.line = _SILENT  # and what there was on the line, heard or not

    # What the person does. Each call queues; `busy` until all is done.

    def lift(self) -> None:
        """Take the receiver off: the contact bounces for some ms."""
        self._hook("lift", 1)

    def hang(self) -> None:
        """Put the receiver down."""
        self._hook("hang", 0)

    def flash(self, ms: "int | None" = None) -> None:
        """Tap the hook: the loop is open for `ms`, by default `flash_ms`."""
        ms = ms or self.flash_ms
        self._queue.append(Action("flash", {"ms": ms}, self._hand.flash(ms)))

    def dtmf(
        self, digits: str, on_ms: float = 80, off_ms: float = 80, dbm0: float = -10.0, twist_db: float = 0.0
    ) -> None:
        """Press keys. `dbm0` is the level of one tone (mean of the two), `twist_db` high above low."""
        sound = np.concatenate([self._hand.lead_sound(), mouth.dtmf(digits, on_ms, off_ms, dbm0, twist_db)])
        self._queue.append(Action("dtmf", {"digits": digits}, sound=sound))

    def pulse(
        self,
        digits: str,
        pps: float = 10.0,
        break_percent: float = 60.0,
        pause_ms: int = 700,
        bounce_ms: int = 2,
    ) -> None:
        """Turn a rotary dial: n breaks for the digit n, or as the dial counts; `pause_ms` between digits.

        The contact bounces for up to `bounce_ms` at each edge, at most a third of the shorter interval. Right
        after the receiver was lifted the hand needs a moment to reach the dial.
        """
        contact = self._hand.pulses(digits, pps, break_percent, pause_ms, bounce_ms, self._counts)
        values = {"digits": digits, "pps": pps, "break_percent": break_percent}
        self._queue.append(Action("pulse", values, contact))

    def play(self, samples: np.ndarray, dbm0: "float | None" = _SPEECH_DBM0) -> None:
        """Speak: 8 kHz samples into the mouthpiece, active level `dbm0` (None: as they are)."""
        values = {"seconds": round(len(samples) / RATE_HZ, 2), "dbm0": dbm0}
        self._queue.append(Action("play", values, sound=mouth.at_level(samples, dbm0)))

    def hum(self, hz: float, dbm0: float, s: float) -> None:
        """A sine into the mouthpiece for `s` seconds."""
        sound = np.concatenate([self._hand.lead_sound(), mouth.sine(hz, dbm0, round(s * RATE_HZ))])
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
    def shown(self) -> "CallerId | None":
        """What the Caller ID display shows of the present or the latest call; None: nothing."""
        return self._display.shown

    @property
    def fault(self) -> str:
        """What was wrong with the latest Caller ID message; "" if nothing."""
        return self._display.fault

    @property
    def lamp(self) -> "bool | None":
        """The lamp for waiting messages; None: never told."""
        return self._display.lamp

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
        if self._set.closes:
            contact = b"\1" * FRAME_MS
        if self._set.mutes:
            sound = self._set.sound
        if feed != self._loop.feed:
            self._notice_feed(feed)
        loop = self._loop.step(contact, feed, ring_dhz)
        talks = feed in (FEED_FORWARD, FEED_REVERSE)
        out = self._speak(ear if talks else None, contact, sound if talks else None, talks)
        self._notice_contact(contact)
        self._notice_bell(ring_dhz)
        self._listen(ear if talks else None)
        self.t_ms += FRAME_MS
        return out, loop

    # The hand.

    def _hook(self, what: str, closed: int) -> None:
        contact = self._hand.hook(closed, self._heads_off != closed)
        self._heads_off = closed
        self._queue.append(Action(what, {}, contact))

    def _lift(self, off_hook: bool) -> None:
        """The receiver is up, or down: what the set makes of it."""
        self._lifted = off_hook
        self._lifted_ms = self.t_ms + FRAME_MS
        self._set.hook(off_hook, self.t_ms)
        if off_hook:
            self.open_ms = 0
            self._display.deaf()
        else:
            self._display.forget()

    def _start(self, action: Action) -> None:
        if action.what == "pulse" and self._lifted:
            action.wait(_REACH_MS - (self.t_ms - self._lifted_ms))
        self._action = action
        self._deed = action.what
        self._event("phone", action.what, **action.values)

    def _act(self) -> "tuple[bytes, np.ndarray | None]":
        """Contact (20 octets) and sound (up to 160 samples) of this step."""
        action = self._action
        if action is None:
            return bytes([self._switch]) * FRAME_MS, None
        at = action.at
        action.at += 1
        if action.at >= action.frames:
            self._action = None
        contact = action.contact[at * FRAME_MS : (at + 1) * FRAME_MS]
        if len(contact) < FRAME_MS:
            contact += (contact[-1:] or bytes([self._switch])) * (FRAME_MS - len(contact))
        self._switch = contact[-1]
        if self._deed in ("lift", "hang") and self._lifted != bool(self._switch):
            self._lift(bool(self._switch))
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

    def _perceive(self, what: str, **values: object) -> None:
        self._event("phone", what, **values)

    def _notice_feed(self, feed: int) -> None:
        values: dict = {"feed": FEED_NAMES[feed]}
        if self.polarity == "none" and self._open_since_ms < 0:
            values["first"] = True
        elif self._loop.feed == FEED_OPEN:
            self.open_ms = self.t_ms - self._open_since_ms
            values["open_ms"] = self.open_ms
            self._perceive("open", ms=self.open_ms)
        if feed == FEED_OPEN:
            self._open_since_ms = self.t_ms
        if feed in (FEED_FORWARD, FEED_REVERSE):
            self.polarity = "normal" if feed == FEED_FORWARD else "reversed"
            if self.polarity != self._turned:
                self._turned = self.polarity
                self._perceive("polarity", polarity=self.polarity)
                self._set.turned(feed == FEED_REVERSE, self.t_ms)
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
        """Ringing current: the bell sounds, or the set keeps it to itself."""
        flows = self._loop.bell_rings(ring_dhz, bool(self._closed))
        if flows and not self._set.silent:
            self._ring_last_ms = self.t_ms + FRAME_MS
        if flows == self._flows:
            return
        self._flows = flows
        what = "car" if self._set.silent else "ring"
        self.ring_current = flows and what == "ring"
        if flows:
            self._ring_since_ms = self.t_ms
            self._event("phone", what, on=True, hz=ring_dhz / 10)
        else:
            self._event("phone", what, on=False, ms=self.t_ms - self._ring_since_ms)
        self._display.bell(flows, self.t_ms)
        self._set.bell(flows, self.t_ms)

    def _listen(self, line: "np.ndarray | None") -> None:
        """What the display, the set and the ear make of 20 ms of sound on the line."""
        self.line = _SILENT if line is None else line.copy()
        if not self._lifted or self._set.mutes:
            self._display.feed(line, self.t_ms, self._lifted)
        self._set.step(line, self.t_ms, not self._display.idle, self._display.n_messages)
        self._hear(line if self._lifted and self._switch and not self._set.mutes else None)

    def _hear(self, ear: "np.ndarray | None") -> None:
        judge = self._judge
        self.heard = _SILENT if ear is None else ear.copy()
        tone, voice = judge.tone, judge.voice
        if not judge.feed(ear):
            return
        if judge.tone != tone:
            self._event("phone", "tone", tone=judge.tone)
        if judge.voice != voice:
            self._event("phone", "voice", on=judge.voice)
