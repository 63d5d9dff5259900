"""The telephone line of the stub: a loop the test closes, and a list of the orders it got."""

LOOP_CLOSED = 1
RING_TRIP = 2
FAULT = 4


class Slic:
    """`state` is what the box sees, `orders` what it ordered: ("feed", mode) or ("ring", ring_dhz).

    `stamped` holds changes of the loop with their ticks, (tick, bits), that the box has not taken yet: put
    them there with `stamp`, as a board with an interrupt does. Without them the loop is only sampled.
    """

    def __init__(self) -> None:
        self.state = 0
        self.feed = 0
        self.record = True
        self.orders: "list[tuple[str, int]]" = []
        self.ring_range_dhz = (160, 600)
        self.line = "", 0, 0
        self.stamped: "list[tuple[int, int]]" = []
        self.then = -1  # bits after the change that was taken last; -1: the present shows

    def line_state(self) -> int:
        """Return the bits LOOP_CLOSED, RING_TRIP, FAULT."""
        return self.state if self.then < 0 else self.then

    def edge(self) -> int:
        """Take the oldest stamped change and return its tick, or -1 if there is none."""
        if not self.stamped:
            self.then = -1
            return -1
        tick, self.then = self.stamped.pop(0)
        return tick

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

    def set_line(self, impedance: str, tx_db: int, rx_db: int) -> bool:
        """Note it; every impedance will do."""
        self.line = impedance, tx_db, rx_db
        return True

    def stamp(self, tick: int, bits: int) -> None:
        """The loop changed to `bits` at `tick`, which is not after the present."""
        self.stamped.append((tick, bits))
        self.state = bits

    def lift(self) -> None:
        """Lift the handset: during ringing it is the ring trip that shows."""
        self.state = RING_TRIP if self.feed == 3 else LOOP_CLOSED

    def hang_up(self) -> None:
        """Put the handset back."""
        self.state = 0

    def fault(self) -> None:
        """Show a fault of the line."""
        self.state |= FAULT
