"""What the dial of an old telephone does, one console line a digit. Loaded only if feature.dial_report is on.

    dial: 7, 9.8 pulses/s, 61 % break, shortest make 38 ms
    dial: 1, break 60 ms
    dial: no digit, a pulse is too long: 4 pulses, longest break 131 ms

A good dial makes 9.5 to 10.5 pulses/s with 58 to 67 % break.
"""

_WHY = (  # of codes.STRAY_*, in their order
    "",
    "a pulse is too short or not clean",
    "a pulse is too long",
    "too many pulses",
    "the pulses are too different",
    "too slow",
)


class Dialreport:
    """Whom ata.py tells of each digit that was dialled by pulses, and of each that came to nothing.

    A line takes some 200 octets of the heap for a moment, call or no call.
    """

    def __init__(self, hook, serial) -> None:
        """hook: line/hook.py, which has the figures.  serial: the console of the HAL."""
        self._hook = hook
        self._serial = serial

    def on_pulse(self, digit: int, now: int) -> None:
        """Tell of a digit, as ASCII, or why there was none: digit 0, with `hook.why` still set."""
        try:
            text = self._text(digit)
            self._serial.write(("dial: %s\n" % text).encode())
        except MemoryError:
            pass  # a report is not worth a call

    def _text(self, digit: int) -> str:
        hook = self._hook
        n = hook.pulses
        if digit == 0:
            return "no digit, %s: %d pulses, longest break %d ms" % (_WHY[hook.why], n, hook.break_ms)
        if n == 1:
            return "%c, break %d ms" % (digit, hook.break_ms)
        period_ms = hook.breaks_ms * (n - 1) + hook.makes_ms * n  # n * (n - 1) times as long
        pps10 = (10000 * n * (n - 1) + period_ms // 2) // period_ms
        break_pct = (100 * hook.breaks_ms * (n - 1) + period_ms // 2) // period_ms
        text = "%c, %d.%d pulses/s, %d %% break, shortest make %d ms"
        return text % (digit, pps10 // 10, pps10 % 10, break_pct, hook.make_ms)
