"""Faults of the network, both ways, from one seed: loss, delay, duplicates, reordering, a cut cable."""

import heapq
import random

_OVERTAKEN_MS = (25.0, 60.0)  # how long a reordered datagram is held


class Path:
    """One direction. `put` takes a datagram in, `due` gives back what has arrived by `now_ms`.

    Datagrams keep their order, whatever the jitter, unless `reorder_pct` says otherwise.
    """

    def __init__(self, seed: str) -> None:
        self._dice = random.Random(seed)
        self._waiting: "list[tuple[float, int, object]]" = []
        self._serial = 0
        self._last_ms = 0.0
        self.lost = 0
        self.clear()

    def clear(self) -> None:
        """Be a perfect network again."""
        self.cut = False
        self.loss_pct = self.duplicate_pct = self.reorder_pct = 0.0
        self.delay_ms = self.jitter_ms = 0.0

    def put(self, item: object, now_ms: float) -> bool:
        """Take one datagram in. False if it is lost."""
        if self.cut or self._falls(self.loss_pct):
            self.lost += 1
            return False
        self._queue(item, now_ms)
        if self._falls(self.duplicate_pct):
            self._queue(item, now_ms)
        return True

    def due(self, now_ms: float) -> "list[object]":
        """Return, in order, what arrives by now."""
        waiting = self._waiting
        if not waiting or waiting[0][0] > now_ms:
            return []
        out = []
        while waiting and waiting[0][0] <= now_ms:
            out.append(heapq.heappop(waiting)[2])
        return out

    def next_ms(self) -> float:
        """Return when `due` has something next."""
        return self._waiting[0][0] if self._waiting else float("inf")

    def _queue(self, item: object, now_ms: float) -> None:
        due_ms = now_ms + self.delay_ms
        if self.jitter_ms:
            due_ms += self._dice.uniform(0, self.jitter_ms)
        if self._falls(self.reorder_pct):
            due_ms += self._dice.uniform(*_OVERTAKEN_MS)
        else:
            due_ms = self._last_ms = max(due_ms, self._last_ms)
        self._serial += 1
        heapq.heappush(self._waiting, (due_ms, self._serial, item))

    def _falls(self, pct: float) -> bool:
        return pct > 0 and self._dice.random() * 100 < pct


class Faults:
    """Both directions of the UDP path: what every `net` verb sets."""

    def __init__(self, seed: int) -> None:
        self.out = Path(f"out {seed}")
        self.back = Path(f"in {seed}")

    def set(self, **values: object) -> None:
        """Set attributes of both directions."""
        for path in (self.out, self.back):
            for name, value in values.items():
                assert hasattr(path, name), name
                setattr(path, name, value)

    def restore(self) -> None:
        """End every fault; what is under way still arrives."""
        self.out.clear()
        self.back.clear()
