"""The reliable half under every schedule of loss, doubling and reordering; clocks; call numbers."""

from bench import CoreBench, SeededCrypto, box_account
from corekit import SPEECH
from hypothesis import given, settings
from hypothesis import strategies as st

import codes
from iax.call import Call
from iax.endpoint import Endpoint
from iax.talk import VoiceSlot
from iax.window import Window
from peer import wire
from stats import Log, Stats

COPIED = ("ACK", "PONG", "LAGRP")  # frames that carry the other side's time-stamp
DIGITS = b"0123456789*#ABCD"


class Box:
    """One endpoint with one leg, at one end of a bad path."""

    def __init__(self, seed: int) -> None:
        self.account = box_account("a", "b")
        self.endpoint = Endpoint(
            [self.account], bytearray(48), VoiceSlot(bytearray(164)), SeededCrypto(seed), Stats(), Log()
        )
        self.leg = Call(self.endpoint, Window(bytearray(640), 12), 0)
        self.endpoint.add_leg(self.leg)
        self.heard = bytearray()
        self.told: list[int] = []

    def drain(self, now: int) -> list[bytes]:
        """Return what is to be sent, and keep what is told."""
        out = []
        while self.endpoint.poll_tx(now):
            at = self.endpoint.tx_at
            out.append(bytes(self.endpoint.tx_buf[at : at + self.endpoint.tx_n]))
        while event := self.endpoint.take_event():
            self.told.append(event)
            if event == codes.EV_DTMF_END:
                self.heard.append(self.endpoint.ev_arg)
            elif event == codes.EV_INCOMING:
                self.leg.take(now)
                out += self.drain(now)
        return out


class Path:
    """Two boxes that call each other, and what the path does to each datagram, by a list of fates."""

    def __init__(self, start: int, fates: list[int]) -> None:
        self.now = start
        self.boxes = (Box(1), Box(2))
        self.fates = list(reversed(fates))
        self.under_way: list[tuple[int, int, bytes]] = []  # (due, to, octets)
        self.steps = 0

    def fate(self, to: int, octets: bytes) -> None:
        """0: passes. 1: lost. 2: doubled. 3 and more: late by that many steps, so others overtake it."""
        fate = self.fates.pop() if self.fates else 0
        if fate == 1:
            return
        self.under_way.append((self.steps + (fate if fate > 2 else 0), to, octets))
        if fate == 2:
            self.under_way.append((self.steps + 3, to, octets))

    def step(self) -> None:
        """Let 20 ms pass."""
        self.steps += 1
        self.now = self.now + 20 & 0x3FFFFFFF
        for box in self.boxes:
            box.endpoint.poll(self.now)
        self.exchange()

    def exchange(self) -> None:
        """Send what is due until nothing moves."""
        moved = True
        while moved:
            for i, box in enumerate(self.boxes):
                for octets in box.drain(self.now):
                    self.fate(1 - i, octets)
            due = [item for item in self.under_way if item[0] <= self.steps]
            self.under_way = [item for item in self.under_way if item[0] > self.steps]
            for _, to, octets in due:
                self.boxes[to].endpoint.feed_datagram(octets, 1, self.now)
                for answer in self.boxes[to].drain(self.now):
                    self.fate(1 - to, answer)
            moved = bool(due)

    def connect(self) -> None:
        """Let the first box call the second, over a good path."""
        fates, self.fates = self.fates, []
        caller, called = self.boxes
        caller.endpoint.dial(caller.account, b"1", self.now)
        self.step()
        called.leg.pickup(self.now)
        for _ in range(5):
            self.step()
        assert caller.leg.state == called.leg.state == codes.CALL_UP
        self.fates = fates


fate = st.one_of(st.just(0), st.integers(0, 2), st.integers(0, 12))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(fate, max_size=120),
    st.lists(st.tuples(st.integers(0, 1), st.integers(1, 15)), max_size=30),
    st.sampled_from((0, (1 << 30) - 400, (1 << 29) - 400)),
)
def test_each_digit_arrives_once_and_in_order_whatever_the_path_does(fates, digits, start):
    path = Path(start, fates)
    path.connect()
    said = (bytearray(), bytearray())
    for i, (who, pause) in enumerate(digits):
        digit = DIGITS[i % 16]
        if path.boxes[who].leg.send_dtmf(digit, False, path.now):
            said[who].append(digit)
        for _ in range(pause):
            path.step()
            for which in (0, 1):
                assert said[1 - which].startswith(path.boxes[which].heard)
    for _ in range(800):
        path.step()
    assert path.boxes[1].heard == said[0] and path.boxes[0].heard == said[1]
    assert all(box.leg.state == codes.CALL_UP for box in path.boxes)


@settings(max_examples=100, deadline=None)
@given(st.lists(fate, max_size=60), st.integers(0, 1), st.integers(0, 60))
def test_a_hangup_ends_both_sides_whatever_the_path_does(fates, who, after):
    path = Path(0, fates)
    path.connect()
    for _ in range(after):
        path.step()
    path.boxes[who].leg.drop(16, path.now)
    for _ in range(2000):
        path.step()
    assert [box.leg.state for box in path.boxes] == [codes.CALL_FREE] * 2
    assert path.boxes[1 - who].told.count(codes.EV_HANGUP) == 1
    assert path.boxes[who].told.count(codes.EV_HANGUP) == 0


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("frw"), st.integers(12, 200), st.integers(0, 12)), max_size=80))
def test_the_ring_of_frames_agrees_with_a_list(orders):
    """f: a frame of so many octets; r: so many are acknowledged; w: so much time passes."""
    window = Window(bytearray(640), 12)
    twin: list[bytes] = []
    now, serial = 0, 0
    for what, size, some in orders:
        if what == "f":
            at = window.reserve(size)
            if at >= 0:
                octets = bytes((serial & 0x7F,)) * size
                window.buf[at : at + size] = octets
                window.buf[at + 2] = 0
                window.commit(at, size, now)
                twin.append(octets)
                serial += 1
            else:
                assert len(twin) == 12 or sum(map(len, twin)) + size + max(map(len, twin)) > 640
        elif what == "r":
            freed = min(some, len(twin))
            window.ack((window.oseq - len(twin) + freed) & 255)
            del twin[:freed]
        else:
            now += some * 10
            while n := window.take(now, 7, 0):
                assert n > 0
                octets = bytes(window.buf[window.at : window.at + n])
                assert [octets[:1] * n, octets[9]] == [next(t for t in twin if t[:1] == octets[:1]), 7]
        assert window.count == len(twin) and window.oseq == serial & 255


action = st.tuples(st.sampled_from("vvvvvvdps."), st.integers(0, 3))


def act(bench: CoreBench, what: str, some: int) -> None:
    """v: voice, late by up to 15 ms; d: digits; p: the server pings; s: silence of up to 3 s."""
    if what == "v":
        bench.run(some * 5)
        bench.endpoint.slot.payload[:] = SPEECH
        bench.leg.send_voice(bench.now)
        bench.drain()
        bench.run(20 - some * 5)
    elif what == "d":
        for _ in range(some):
            bench.leg.send_dtmf(ord("1"), False, bench.now)
        bench.drain()
    elif what == "p":
        bench.peer.current_call().iax("PING")
        bench.run(5)
    else:
        bench.run(some * 1000 if what == "s" else some * 20)


def stamps_of(bench: CoreBench) -> list[tuple[bool, int]]:
    """Return (voice or not, time-stamp) of what the box stamped by its own clock, minis unwrapped."""
    found: list[tuple[bool, int]] = []
    newest = 0
    for _, raw in bench.sent:
        read = wire.decode(raw)
        if read["kind"] == "mini":
            found.append((True, wire.unwrap16(newest, read["ts16"])))
        elif read["dst"] and not read["r"] and read["name"] not in COPIED:
            found.append((read["name"] == "VOICE", read["ts"]))
        newest = max(newest, found[-1][1]) if found else 0
    return found


@settings(max_examples=80, deadline=None)
@given(st.lists(action, max_size=200), st.sampled_from((0, (1 << 30) - 1500, (1 << 29) - 1500)))
def test_time_stamps_never_go_back(actions, start):
    """Signalling rises strictly, voice rises strictly, and the two interleave within 20 ms."""
    bench = CoreBench(start=start)
    bench.dial("607", 500)
    for what, some in actions:
        act(bench, what, some)
    last = {True: -1, False: -1}
    for voice, stamp in stamps_of(bench):
        assert stamp > last[voice] and stamp >= last[not voice] - 20
        last[voice] = stamp


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 600))
def test_call_numbers_are_never_0_or_1_and_rest_for_250_others(seed, n):
    """At three dialogs a second, far more than a telephone makes, that is more than sixty seconds."""
    bench = CoreBench(seed=seed)
    numbers = [bench.endpoint.new_number() for _ in range(n)]
    assert min(numbers) >= 2 and max(numbers) <= 32767
    last_at: dict[int, int] = {}
    for i, number in enumerate(numbers):
        assert i - last_at.get(number, -1000) > 250
        last_at[number] = i
