"""The telephone line of the stub: a loop the test closes, and a list of the orders it got."""

LOOP_CLOSED = 1
RING_TRIP = 2
FAULT = 4


class Slic:
    """`state` is what the box sees, `orders` what it ordered: ("feed", mode) or ("ring", ring_dhz)."""

    def __init__(self) -> None:
        self.state = 0
        self.feed = 0
        self.record = True
        self.orders: "list[tuple[str, int]]" = []
        self.ring_range_dhz = (160, 600)

    def line_state(self) -> int:
        """Return the bits LOOP_CLOSED, RING_TRIP, FAULT."""
        return self.state

    def set_feed(self, mode: int) -> None:
        """Take the feed mode and note it."""
        self.feed = mode
        if self.record:
            self.orders.append(("feed", mode))

    def set_ring(self, ring_dhz: int) -> bool:
        """Take the ringing frequency; False outside `ring_range_dhz`."""
        if self.record:
            self.orders.append(("ring", ring_dhz))
        low_dhz, high_dhz = self.ring_range_dhz
        return low_dhz <= ring_dhz <= high_dhz

    def lift(self) -> None:
        """Lift the handset: during ringing it is the ring trip that shows."""
        self.state = RING_TRIP if self.feed == 3 else LOOP_CLOSED

    def hang_up(self) -> None:
        """Put the handset back."""
        self.state = 0

    def fault(self) -> None:
        """Show a fault of the line."""
        self.state |= FAULT
