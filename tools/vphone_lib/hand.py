"""The user's hand at hook switch and dial: contacts as octets a millisecond, 1 = closed, with bounce."""

import numpy as np

from .countries import PULSES
from .levels import FRAME, FRAME_MS, RATE_HZ

_SETTLE_MS = 20
_MAX_BOUNCE_MS = 8


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

    @property
    def frames(self) -> int:
        """How many it takes in all."""
        ms = max(len(self.contact), 0 if self.sound is None else len(self.sound) / (RATE_HZ / 1000))
        return max(1, -(-round(ms) // FRAME_MS))

    def wait(self, ms: int) -> None:
        """Begin so much later, in whole frames, the loop closed."""
        self.contact = b"\1" * (max(0, -(-ms // FRAME_MS)) * FRAME_MS) + self.contact


class Hand:
    """Makes contacts; all chance comes from `rng`."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def lead_sound(self) -> np.ndarray:
        """Silence of less than a frame: people press no keys on frame borders."""
        return np.zeros(int(self._rng.integers(0, FRAME)), np.float32)

    def hook(self, closed: int, moves: bool) -> bytes:
        """The receiver goes up (1) or down (0), or is there already."""
        contact = self._lead(1 - closed) + self._bounce(closed) + bytes([closed]) * _SETTLE_MS
        return contact if moves else bytes([closed]) * FRAME_MS

    def flash(self, ms: int) -> bytes:
        """The loop is open for `ms`."""
        opening = self._bounce(0)
        return (
            self._lead(1) + opening + bytes(max(0, ms - len(opening))) + self._bounce(1) + b"\1" * _SETTLE_MS
        )

    def pulses(
        self,
        digits: str,
        pps: float,
        break_percent: float,
        pause_ms: int,
        bounce_ms: int,
        counts: "tuple[int, ...]" = PULSES["normal"],
    ) -> bytes:
        """A rotary dial: `counts` breaks for each of 0 to 9. Raises ValueError for other keys."""
        contact = self._lead(1)
        for digit in digits:
            if digit not in "0123456789":
                raise ValueError(f"a rotary dial has no {digit!r}")
            contact += self._train(counts[int(digit)], 1000 / pps, break_percent / 100, bounce_ms)
            contact += b"\1" * pause_ms
        return contact

    def _train(self, n: int, period_ms: float, break_part: float, bounce_ms: int) -> bytes:
        """`n` pulses; the edges lie where they belong, to the millisecond."""
        bounce_ms = min(bounce_ms, int(period_ms * min(break_part, 1 - break_part) / 3))
        train = bytearray()
        for at in range(n):
            for closed, until_ms in ((0, (at + break_part) * period_ms), (1, (at + 1) * period_ms)):
                edge = self._bounce(closed, 0, bounce_ms)
                train += edge + bytes([closed]) * (round(until_ms) - len(train) - len(edge))
        return bytes(train)

    def _lead(self, closed: int) -> bytes:
        """People do not act on frame borders: some ms pass first, so few that no bounce crosses a border."""
        return bytes([closed]) * int(self._rng.integers(0, FRAME_MS - _MAX_BOUNCE_MS + 1))

    def _bounce(self, closed: int, least_ms: int = 3, most_ms: int = _MAX_BOUNCE_MS) -> bytes:
        """3-8 ms of a contact that has not made up its mind."""
        n = int(self._rng.integers(least_ms, most_ms + 1))
        return bytes([closed] * min(n, 1)) + bytes(self._rng.integers(0, 2, max(0, n - 1), dtype=np.uint8))
