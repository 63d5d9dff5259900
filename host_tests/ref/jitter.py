"""A jitter buffer without cleverness: a dictionary by time-stamp, played in order after a fixed depth."""


class PlainJitter:
    """For a sender that never stops, keeps a grid of 20 ms, and has our clock."""

    def __init__(self, depth_ms: int) -> None:
        self.depth_ms = depth_ms
        self.frames: "dict[int, bytes]" = {}
        self.next_ms: "int | None" = None

    def put(self, ts_ms: int, voice: bytes) -> None:
        """Take 20 ms of voice; what is late or there already is left out."""
        if self.next_ms is None:
            self.next_ms = ts_ms - self.depth_ms
        if ts_ms >= self.next_ms:
            self.frames.setdefault(ts_ms, voice)

    def get(self) -> "bytes | None":
        """Return the voice of this tick, or None."""
        if self.next_ms is None:
            return None
        self.next_ms += 20
        return self.frames.pop(self.next_ms - 20, None)
