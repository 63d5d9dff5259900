"""Millisecond ticks that wrap at 2**30, on integers that never leave 31 bits.

This is the floor under every room: `iax/`, `line/` and `media/` take `now` as an argument and reckon with
it here, without a clock and without allocating (a 32-bit MicroPython boxes any integer of 2**30 and more).
"""


def add(ticks: int, delta_ms: int) -> int:
    """Return `ticks` moved by `delta_ms` (|delta_ms| < 2**29), modulo 2**30.

    The sum is taken around the middle of the range, then bit 29 is turned back: no step exceeds 31 bits.
    """
    return ((ticks - 0x20000000 + delta_ms) & 0x3FFFFFFF) ^ 0x20000000


def diff(later: int, earlier: int) -> int:
    """Return `later` - `earlier` in ms, -2**29 … 2**29 - 1, right across the wrap."""
    delta = (later - earlier) & 0x3FFFFFFF
    return delta if delta < 0x20000000 else delta - 0x20000000 - 0x20000000


def sooner(due_a: int, due_b: int) -> int:
    """Return the sooner of two waits in ms, where -1 means "never"."""
    if due_a < 0:
        return due_b
    if due_b < 0 or due_a < due_b:
        return due_a
    return due_b
