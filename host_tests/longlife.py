"""A box that lives for days in seconds: time leaps from one due moment to the next.

    life = LongLife(seed=1)
    life.registrations(50)
    life.calls(50)
    life.leap(86_400_000)

Every call number that the box takes is noted, and one that comes back within 60 s of its last use is an
error at once: the server may still know the old call by it (Asterisk keeps one for 10 s, numbers for 60 s).
"""

import random

from bench import CoreBench
from corekit import SPEECH

import ticks

REST_MS = 60_000
LONGEST_LEAP_MS = 60_000
KEPT = 200  # notes of the bench that are kept


class LongLife(CoreBench):
    """A CoreBench with leaps; `taken` counts the call numbers, `reused` those that came back too soon."""

    def __init__(self, seed: int = 1, **options) -> None:
        super().__init__(seed=seed, **options)
        self.peer.keep_voice = self.peer.log_minis = False
        self.rng = random.Random(seed)
        self.taken = 0
        self.reused: list[tuple[int, float]] = []  # number, ms since its last use
        self._used: dict[int, int] = {}  # number → when it was last in use
        self._take = self.endpoint.new_number
        self.endpoint.new_number = self._new_number

    # -- numbers ---------------------------------------------------------------------------------------

    def _new_number(self) -> int:
        number = self._take()
        self.taken += 1
        rest_ms = self.t_ms - self._used.get(number, -REST_MS)
        if rest_ms < REST_MS:
            self.reused.append((number, rest_ms))
        self._used[number] = self.t_ms
        return number

    def _note_use(self) -> None:
        for dialog in (self.registrar, self.leg):
            if dialog.scallno and dialog.state:
                self._used[dialog.scallno] = self.t_ms

    # -- time ------------------------------------------------------------------------------------------

    def leap(self, ms: int) -> None:
        """Let `ms` pass in steps that end where somebody has something to do."""
        end = self.t_ms + ms
        while self.t_ms < end:
            self._step(min(end - self.t_ms, self._due_ms()))

    def _due_ms(self) -> int:
        due = self.endpoint.next_due(self.now)
        far = self.peer.next_due()
        waits = [LONGEST_LEAP_MS, due if due >= 0 else LONGEST_LEAP_MS]
        if far is not None:
            waits.append(int(far - self.t_ms) + 1)
        return max(1, min(waits))

    def _step(self, ms: int) -> None:
        self.t_ms += ms
        self.now = ticks.add(self.now, ms)
        self._note_use()
        self.peer.poll(self.t_ms)
        self.exchange()
        self.endpoint.poll(self.now)
        self.drain()
        self.exchange()

    def leap_until(self, name: str, most_ms: int) -> bool:
        """Leap until the endpoint tells event `name` once more; False if it does not in `most_ms`."""
        end = self.t_ms + most_ms
        del self.events[:-1]
        while self.t_ms < end:
            seen = len(self.events)
            self._step(min(end - self.t_ms, self._due_ms()))
            if any(event[1] == name for event in self.events[seen:]):
                return True
        return False

    def forget(self) -> None:
        """Keep the notes of bench and peer from growing."""
        del self.sent[:-KEPT], self.events[:-KEPT], self.audio[:-KEPT]
        del self.peer.log[:-KEPT], self.peer.calls[:-4], self.peer.notes[:-KEPT]

    # -- life ------------------------------------------------------------------------------------------

    def registrations(self, n: int) -> None:
        """Stay registered until the registration has been renewed `n` times."""
        if not self.registrar.state:
            self.registrar.start(self.account, self.now)
            self.drain()
        for _ in range(n):
            assert self.leap_until("REGISTERED", 120_000), self.events[-5:]
            self.forget()

    def calls(self, n: int) -> None:
        """Make and take `n` calls: answered, busy, refused, missed, with voice and digits, of any length."""
        for _ in range(n):
            self.rng.choice((self._call_out, self._call_out, self._call_in, self._call_missed))()
            self.leap(self.rng.choice((0, 100, 2_000, 15_000)))
            assert self.leg.state in (0, 7), self.leg.state
            self.forget()

    def _call_out(self) -> None:
        number = self.rng.choice(("600", "600", "601", "603", "604", "999"))
        self.dial(number)
        if number in ("603", "604", "999"):
            assert self.leap_until("HANGUP", 10_000)
            return
        assert self.leap_until("ANSWERED", 3_000)
        self._talk()

    def _call_in(self) -> None:
        call = self.peer.call_device("ata1", addr=("127.0.0.1", 40000))
        assert self.leap_until("INCOMING", 3_000)
        self.leap(self.rng.randrange(3_000))
        self.leg.pickup(self.now)
        self.drain()
        self.leap(50)
        assert call.state == "up", call.state
        self._talk()

    def _call_missed(self) -> None:
        call = self.peer.call_device("ata1", addr=("127.0.0.1", 40000))
        assert self.leap_until("INCOMING", 3_000)
        self.leap(self.rng.randrange(5_000))
        call.hangup(0)
        self.leap(100)

    def _talk(self) -> None:
        """Speak for half a second, stay for up to a minute, and let one side hang up."""
        for _ in range(25):
            self.leap(20)
            self.endpoint.slot.payload[:] = SPEECH
            assert self.leg.send_voice(self.now)
            self.drain()
        self.leg.send_dtmf(0x35, True, self.now)
        self.leap(100)
        self.leg.send_dtmf(0x35, False, self.now)
        self.leap(self.rng.randrange(60_000))
        far = self.peer.current_call()
        assert far is not None and far.digits() == "5"
        if self.rng.random() < 0.5:
            self.hang_up()
        else:
            far.hangup(16)
        self.leap(100)
        assert not self.peer.live_calls()
