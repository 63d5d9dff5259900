"""Faults of the path between peer and device: lose, duplicate, reorder, delay, corrupt, replay, wrong port.

A fault looks at one decoded datagram and says what becomes of it, as a list of (delay ms, octets, port).
"""

import random
from collections.abc import Callable
from typing import Any

When = float | int | str | tuple | set | frozenset | Callable[[dict], bool]
Fate = tuple[float, bytes, str]  # ms from now, octets, "main" or "other"


class Fault:
    """One order: what to do, to which datagrams, how often."""

    def __init__(
        self, verb: str, when: When, way: str = "out", times: int | None = None, **options: Any
    ) -> None:
        self.verb = verb
        self.when = when
        self.way = way
        self.times = times
        self.options = options
        self.hits = 0

    def wants(self, frame: dict, way: str, rng: random.Random) -> bool:
        """Return whether this datagram is meant, and count it."""
        if self.way not in (way, "both") or (self.times is not None and self.hits >= self.times):
            return False
        if not self._matches(frame, rng):
            return False
        self.hits += 1
        return True

    def _matches(self, frame: dict, rng: random.Random) -> bool:
        if callable(self.when):
            return bool(self.when(frame))
        if isinstance(self.when, str):
            return frame["name"] == self.when
        if isinstance(self.when, (tuple, set, frozenset)):
            return frame["name"] in self.when
        return rng.random() * 100 < self.when

    def apply(self, fates: list[Fate], rng: random.Random) -> list[Fate]:
        """Return what the fault makes of the datagrams so far."""
        return getattr(self, "_" + self.verb)(fates, rng)

    def _lose(self, fates: list[Fate], rng: random.Random) -> list[Fate]:
        return []

    def _duplicate(self, fates: list[Fate], rng: random.Random) -> list[Fate]:
        return fates * (1 + int(self.options.get("copies", 1)))

    def _delay(self, fates: list[Fate], rng: random.Random) -> list[Fate]:
        ms, jitter = self.options.get("ms", 0), self.options.get("jitter_ms", 0)
        return [(wait + ms + rng.random() * jitter, raw, port) for wait, raw, port in fates]

    def _reorder(self, fates: list[Fate], rng: random.Random) -> list[Fate]:
        return [(-1.0, raw, port) for _, raw, port in fates]

    def _corrupt(self, fates: list[Fate], rng: random.Random) -> list[Fate]:
        how = self.options.get("how") or (lambda raw: flip_a_bit(raw, rng))
        return [(wait, how(raw), port) for wait, raw, port in fates]

    def _replay(self, fates: list[Fate], rng: random.Random) -> list[Fate]:
        return fates + [(wait + self.options.get("ms", 1000), raw, port) for wait, raw, port in fates]

    def _wrong_port(self, fates: list[Fate], rng: random.Random) -> list[Fate]:
        return [(wait, raw, "other") for wait, raw, _ in fates]


def flip_a_bit(raw: bytes, rng: random.Random) -> bytes:
    """Return the octets with one random bit turned."""
    at = rng.randrange(len(raw) * 8)
    return raw[: at // 8] + bytes((raw[at // 8] ^ (1 << (at % 8)),)) + raw[at // 8 + 1 :]


class Faults:
    """All orders in force, applied in the order they were given. Seeded, so a run can be repeated."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.orders: list[Fault] = []

    def order(self, verb: str, when: When, **options: Any) -> Fault:
        """Add an order by its verb; the methods below do the same."""
        fault = Fault(verb, when, **options)
        self.orders.append(fault)
        return fault

    def lose(self, when: When = 100, **options: Any) -> Fault:
        """Lose datagrams."""
        return self.order("lose", when, **options)

    def duplicate(self, when: When = 100, **options: Any) -> Fault:
        """Send `copies` (default 1) extra copies at once."""
        return self.order("duplicate", when, **options)

    def reorder(self, when: When = 100, **options: Any) -> Fault:
        """Hold a datagram until the next one of the same way has passed, at most 200 ms."""
        return self.order("reorder", when, **options)

    def delay(self, when: When = 100, **options: Any) -> Fault:
        """Deliver `ms` plus 0..`jitter_ms` later."""
        return self.order("delay", when, **options)

    def corrupt(self, when: When = 100, **options: Any) -> Fault:
        """Change octets by `how`, or flip one random bit."""
        return self.order("corrupt", when, **options)

    def replay(self, when: When = 100, **options: Any) -> Fault:
        """Deliver the same octets again after `ms` (default 1000)."""
        return self.order("replay", when, **options)

    def wrong_port(self, when: When = 100, **options: Any) -> Fault:
        """Send from another UDP port."""
        return self.order("wrong_port", when, **options)

    def clear(self) -> None:
        """Forget all orders."""
        self.orders.clear()

    def fate(self, frame: dict, way: str) -> tuple[list[Fate], list[str]]:
        """Return what becomes of a datagram, and which faults hit it."""
        fates: list[Fate] = [(0.0, frame["raw"], "main")]
        hit = []
        for fault in self.orders:
            if fates and fault.wants(frame, way, self.rng):
                fates = fault.apply(fates, self.rng)
                hit.append(fault.verb)
        return fates, hit
