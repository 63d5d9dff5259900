"""The hook switch: off-hook, on-hook, flash and dial pulses, told by time alone.

The loop is sampled each 5 ms, or every change of it comes with its own tick. Either way a run of one state
counts from its first sample to the first of the next run, and only if it lasted 6 ms: then two samples saw
it, and bounce, which is over before, is no run. Openings with less than 190 ms of closed loop between them
are one train, and it is judged as a whole when 190 ms of quiet are over: in a call a lone opening in the
country's window is a flash; up to ten openings that are like each other are a digit; anything else is
nothing, and `why` tells the reason. So a dialled 1 is never a flash before the call is up.

    ____      ____      ____________________
        |____|    |____|    190 ms of quiet: judged
        break make
"""

from micropython import const

import ticks

_CLOSED = const(3)  # LOOP_CLOSED | RING_TRIP of hal.pyi
_RING_TRIP = const(2)
_OFF = const(1)  # codes.HOOK_OFF
_ON = const(2)  # codes.HOOK_ON
_FLASH = const(3)  # codes.HOOK_FLASH
_DIGIT = const(256)  # codes.HOOK_DIGIT
_SHORT = const(1)  # codes.STRAY_SHORT
_LONG = const(2)  # codes.STRAY_LONG
_MANY = const(3)  # codes.STRAY_MANY
_MIXED = const(4)  # codes.STRAY_MIXED
_SLOW = const(5)  # codes.STRAY_SLOW

_RUN_MS = const(6)  # more than one sample of 5 ms: shorter runs are bounce
_BOUNCE_MS = const(24)  # at most so much of a break is bounce, at both its ends together
_SETTLE_MS = const(100)  # steady loop after off-hook before pulses count
_QUIET_MS = const(190)  # the end of a digit: 200 ms, less what bounce and sampling take of them
_BREAK_MIN_MS = const(12)  # 22 pulses/s, 50 % break, less bounce and sampling: 12.7 ms
_BREAK_MAX_MS = const(125)  # 7 pulses/s, 80 % break, and bounce and sampling: 124.3 ms
_MAKE_MAX_MS = const(130)


class Hook:
    """One loop; `off_hook` is the state that was last reported.

    in_call: set it while a call is up: a flash may come, and on-hook takes longer than the longest flash.
    pulses: of the train under way, or that the last feed ended; 0: there is none. breaks_ms, makes_ms: all
    its breaks together, and all the makes between them; break_ms is the longest break, make_ms the shortest
    make.
    why: STRAY_* of a train that was refused, 0 after a digit; who has read it sets it to 0.
    """

    def __init__(
        self, off_ms: int, on_ms: int, flash_min_ms: int, flash_max_ms: int, pulses: bool, digit_map: int
    ) -> None:
        """off_ms: closed loop that means off-hook.  on_ms: open loop that means on-hook; both in ms, 6 up.

        flash_min_ms, flash_max_ms: a flash in a call, both included; 0, 0 = none.  pulses: digits are told.
        digit_map: what n pulses mean: 0 = n, 1 = 10 - n (New Zealand), 2 = n - 1 (Sweden).
        """
        self.in_call = False
        self.why = 0
        self._off_ms = off_ms
        self._on_ms = on_ms
        self._flash_min_ms = flash_min_ms
        self._flash_max_ms = flash_max_ms
        self._dials = pulses
        self._map = digit_map
        self.reset(0)

    def reset(self, now: int) -> None:
        """Start again on-hook; a telephone that is off-hook already is reported after off_ms."""
        self.off_hook = False
        self._raw = False  # the last sample
        self._since = now  # when its run began
        self._hold_ms = _RUN_MS  # how long it must last to count
        self._closed = False  # the last run that counts …
        self._at = now  # … and when it began
        self._clean_ms = 0  # longest opening without bounce in the present break
        self._blank_at = now
        self._blank_ms = 0
        self._begin(0)

    def blank(self, now: int, ms: int) -> None:
        """The feed changes now: a run that begins within `ms` counts only if it lasts as long.

        Ringing and a reversal look like an open or a closed loop for a moment, an open feed like a receiver
        on its hook. A change that has not counted yet begins anew. Ring trip counts at once.
        """
        if self._raw != self._closed:
            self._since = now
        self._blank_at = now
        self._blank_ms = self._hold_ms = ms

    def feed(self, bits: int, now: int) -> int:
        """Take one sample of `slic.line_state()`; return an event or 0.

        Events: HOOK_OFF, HOOK_ON, HOOK_FLASH, HOOK_DIGIT | ASCII, one of them in a feed at most.
        Ring trip is off-hook at once: the SLIC has already told direct current from ringing current.
        """
        closed = bits & _CLOSED != 0
        if not self._quiet_ms:
            self.pulses = 0
        event = self._pass(now) if self.off_hook else 0
        if ticks.diff(now, self._blank_at) >= self._blank_ms:
            self._blank_ms = 0
        if closed != self._raw:
            if closed:
                self._clean_ms = max(self._clean_ms, ticks.diff(now, self._since))
            self._raw = closed
            self._since = now
            self._hold_ms = self._blank_ms or _RUN_MS
        if closed == self.off_hook or (self.next_due(now) and not bits & _RING_TRIP):
            return event
        self.off_hook = self._closed = closed
        self._at = self._since
        self._begin(_SETTLE_MS)
        return _OFF if closed else _ON

    def next_due(self, now: int) -> int:
        """Return the ms until on-hook or off-hook counts, or -1 if neither is under way.

        The end of a train has no due time of its own: a line in use is sampled each 5 ms anyway.
        """
        if self._raw == self.off_hook:
            return -1
        wait_ms = self._off_ms
        if self.off_hook:
            wait_ms = max(self._on_ms, self._flash_max_ms if self.in_call else 0)
        return max(max(wait_ms, self._hold_ms) - ticks.diff(now, self._since), 0)

    def _pass(self, now: int) -> int:
        """Until `now` the loop was as last seen: return what that settles, an event or 0."""
        since = self._since
        if self._raw != self._closed and ticks.diff(now, since) >= self._hold_ms:
            run_ms = ticks.diff(since, self._at)  # … of the run before it, which is over
            self._at = since
            self._closed = self._raw
            if self._raw:
                self._end_break(run_ms)
                return 0
            self._clean_ms = 0
            if self._quiet_ms:
                self.makes_ms += run_ms
                self.make_ms = min(self.make_ms or run_ms, run_ms)
                if run_ms > _MAKE_MAX_MS:
                    self._flaw = self._flaw or _SLOW
            else:
                self._begin(_QUIET_MS)
        elif self._raw and self._closed and self._quiet_ms and ticks.diff(now, self._at) >= self._quiet_ms:
            self._quiet_ms = 0
            return self._judge()
        return 0

    def _begin(self, quiet_ms: int) -> None:
        """A train begins, and so much closed loop ends it; 0: there is none."""
        self._quiet_ms = quiet_ms
        self._flaw = self.pulses = self.break_ms = self.make_ms = self.breaks_ms = self.makes_ms = 0

    def _end_break(self, run_ms: int) -> None:
        if self._quiet_ms == _SETTLE_MS or not (self._dials or self.in_call):
            return
        self.breaks_ms += run_ms
        self.break_ms = max(self.break_ms, run_ms)
        if self._clean_ms < max(_BREAK_MIN_MS, run_ms - _BOUNCE_MS):
            self._flaw = _SHORT
            return
        self.pulses += 1
        if run_ms > _BREAK_MAX_MS:
            self._flaw = self._flaw or _LONG

    def _judge(self) -> int:
        """The train is over: return HOOK_FLASH, a digit, or 0 with the reason in `why`."""
        n = self.pulses
        flaw = self._flaw
        in_window = self._flash_min_ms <= self.break_ms <= self._flash_max_ms
        if in_window and self.in_call and n == 1 and flaw != _SHORT:
            return _FLASH
        if not self._dials:
            return 0
        if n > 10:
            flaw = flaw or _MANY
        elif 2 * n * self.break_ms > 5 * self.breaks_ms:
            flaw = flaw or _MIXED
        self.why = flaw
        digit = (-n if self._map == 1 else n - self._map // 2) % 10
        return _DIGIT | 48 + digit if n and not flaw else 0
