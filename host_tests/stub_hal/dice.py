"""Random numbers from a seed, the same on every VM, in integers below 2**30."""


class Dice:
    """A xorshift generator over 30 bits."""

    def __init__(self, seed: int) -> None:
        self.state = (seed * 7919 + 104729) & 0x3FFFFFFF or 1

    def bits(self, n: int) -> int:
        """Return a random integer of `n` bits, 1 … 30."""
        x = self.state
        x ^= (x & 0x1FFFF) << 13
        x ^= x >> 17
        x ^= (x & 0x1FFFFFF) << 5
        self.state = x
        return x >> (30 - n)

    def below(self, limit: int) -> int:
        """Return a random integer 0 … `limit` - 1 (`limit` up to 2**15)."""
        return self.bits(15) * limit >> 15

    def falls(self, pct: int) -> bool:
        """Return True in `pct` of 100 throws; 0 throws nothing, so that an unused fault moves no dice."""
        return pct > 0 and self.below(100) < pct
