"""Every long-lived buffer of the box and what it costs: one table, so that a stranger can add it up.

| buffer       | octets | holds |
|--------------|-------:|-------|
| leg_windows  |    640 | full frames of the call leg until they are acknowledged; the longest NEW has 607 |
| reg_windows  |    352 | the same for the registrar; the longest REGREQ has 339 |
| small        |     48 | one frame that is not kept: ACK, VNAK, INVAL, PONG to POKE, REJECT, CALLTOKEN |
| slot         |    164 | the outgoing mini frame: 4 octets of header, 20 ms of µ-law or A-law |
| up           |    320 | 20 ms from the telephone, 16-bit |
| down         |    320 | 20 ms for the telephone, 16-bit |
| jitter       |  1,280 | eight slots of 20 ms, as they came |
| number       |     32 | the digits being dialled |
| **sum**      |**3,156**| with one leg and one account, as by default |
"""


class Arena:
    """The buffers, born together at start-up and never again."""

    def __init__(self, legs: int = 1, registrars: int = 1) -> None:
        """legs: calls at a time.  registrars: accounts that register."""
        self.leg_windows = [bytearray(640) for _ in range(legs)]
        self.reg_windows = [bytearray(352) for _ in range(registrars)]
        self.small = bytearray(48)
        self.slot = bytearray(164)
        self.up = bytearray(320)
        self.down = bytearray(320)
        self.jitter = bytearray(1280)
        self.number = bytearray(32)
