"""What the user of the telephone does: lifts, hangs up, flashes, presses keys, turns a dial.

The lower half of ata.py, which joins it with calls and sound. Time alone tells a pulse from a flash and both
from hanging up; that is line/hook.py. Here it becomes an event of the port, a digit of a number, or a frame.
"""
# What these methods touch is made by Ata, which inherits them:
# pyright: reportAttributeAccessIssue=false

from micropython import const

_LOOP = const(3)  # LOOP_CLOSED | RING_TRIP of hal.pyi
_STATE_REORDER = const(8)  # codes.REORDER_TONE
_TONE_REORDER = const(4)  # codes.TONE_REORDER
_EV_LINE_FLASH = const(26)  # codes.EV_LINE_FLASH
_OFF_HOOK = const(0)  # codes.PORT_OFF_HOOK
_ON_HOOK = const(1)  # codes.PORT_ON_HOOK
_DIGIT = const(2)  # codes.PORT_DIGIT
_FAIL = const(11)  # codes.PORT_FAIL
_STATE_DIAL_TONE = const(1)  # codes.DIAL_TONE
_HOOK_OFF = const(1)  # codes.HOOK_OFF
_HOOK_FLASH = const(3)  # codes.HOOK_FLASH
_TOLD_CLOSED = const(1)  # codes.TOLD_CLOSED
_TOLD_OPEN = const(2)  # codes.TOLD_OPEN
_TOLD_ACK = const(3)  # codes.TOLD_ACK
_DIGITS_READY = const(2)  # codes.DIGITS_READY
_DTMF_BEGINS = const(0x100)  # codes.DIGIT_BEGIN
_DTMF_ENDS = const(0x200)  # codes.DIGIT_END
_FT_CONTROL = const(4)  # proto.FT_CONTROL
_CONTROL_FLASH = const(9)  # proto.CONTROL_FLASH
_LOG_DIGIT = const(6)  # codes.LOG_DIGIT
_LOG_FLASH = const(18)  # codes.LOG_FLASH
_LOG_PULSE = const(19)  # codes.LOG_PULSE
_LOG_STRAY = const(20)  # codes.LOG_STRAY
_DTMF_DIGITS = const(26)  # codes.DTMF_DIGITS

# What the digit collector says, DIGITS_* 0 … 5, to the port: MORE and FULL are DIGIT, the others are NUMBER,
# TIMEOUT and FAIL.
_DIGITS_SAY = b"\0\x02\x03\x04\x02\x0b"
_ACKS = b"AD"  # how a telephone says that it has heard the alerting signal of a second call


class Handset:
    """The half of the adapter that listens to the telephone."""

    def _on_loop(self, bits: int, at: int, now: int) -> None:
        """The loop as it was at tick `at`: hook, flash, pulses."""
        hook = self._hook
        event = hook.feed(bits, at)
        closed = bits & _LOOP and not hook.off_hook
        if closed and self._n_closed:  # who lifts the receiver need not listen to the modem
            self.announcer.hush()
        self._n_closed = closed  # one sample may be a glitch
        if hook.pulses and self.port.state == _STATE_DIAL_TONE:
            self._tell_port(_DIGIT, now)  # the dial tone ends with the first pulse
        if event == _HOOK_FLASH:
            self._on_flash(now)
        elif event > _HOOK_FLASH:
            self._on_pulses(event & 0xFF, now)
        elif event:
            off = event == _HOOK_OFF
            if not self.announcer.sequence.told(_TOLD_CLOSED if off else _TOLD_OPEN, now):
                self.hooked(off, now)
        if hook.why:
            self._on_stray(now)

    def hooked(self, off: bool, now: int) -> None:
        """The receiver was lifted, or is on its hook again."""
        if off:
            self.announcer.stop()
            self.digits.reset(now)
            self.port.tones[_STATE_REORDER] = _TONE_REORDER
        else:
            self.announcer.rest()
        self._tell_port(_OFF_HOOK if off else _ON_HOOK, now)
        if self.port.collecting and not (self.in_service and (self.registered or self._tone_always)):
            self._tell_port(_FAIL, now)
        if not off and self._leg is None:
            self._box.collect()

    def _on_flash(self, now: int) -> None:
        sent = self._flash_sent and self._leg is not None and self._leg.say(_FT_CONTROL, _CONTROL_FLASH, now)
        self.log.put(now, _LOG_FLASH, 1 if sent else 0)
        for service in self.services:
            service.on_event(_EV_LINE_FLASH, 0, 0, now)

    def _on_pulses(self, digit: int, now: int) -> None:
        hook = self._hook
        self.log.put(now, _LOG_PULSE, digit, hook.breaks_ms | hook.makes_ms << 11 | hook.make_ms << 22)
        if self.dial_report is not None:
            self.dial_report.on_pulse(digit, now)
        if self.port.collecting or self._pulse_dtmf:
            self._take_digit(digit, now)
            self._digit_sent |= _DTMF_ENDS if self._digit_sent else 0  # its END goes with the next frame

    def _on_stray(self, now: int) -> None:
        self.log.put(now, _LOG_STRAY, self._hook.why, self._hook.pulses)
        if self.dial_report is not None:
            self.dial_report.on_pulse(0, now)
        self._hook.why = 0

    def _on_digit(self, event: int, now: int) -> None:
        digit = event & 0xFF
        begins = event & _DTMF_BEGINS != 0
        if begins:
            self.stats.count(_DTMF_DIGITS)
            self.log.put(now, _LOG_DIGIT, digit)
        if not begins:
            self._end_digit(now)
        elif not self._uplink.muted:
            self._take_digit(digit, now)
        elif digit in _ACKS:
            self.announcer.sequence.told(_TOLD_ACK, now)

    def _take_digit(self, digit: int, now: int) -> None:
        """A key or pulses: the number grows, or the far end is told."""
        if self.port.collecting:
            self._collect(self.digits.feed_digit(digit, now), now)
        elif self._leg is not None and not self._digit_sent and self._leg.send_dtmf(digit, True, now):
            self._digit_sent = digit

    def _collect(self, taken: int, now: int) -> None:
        """Tell the port what the digit collector says."""
        if taken == _DIGITS_READY:
            self._tell_port(_DIGIT, now)  # the dial tone ends, whatever comes then
        if taken:
            self._tell_port(_DIGITS_SAY[taken], now)

    def _end_digit(self, now: int) -> None:
        """Send the END of the digit whose BEGIN was sent; if there is no room now, with the next frame."""
        if self._digit_sent and self._leg is not None:
            sent = self._leg.send_dtmf(self._digit_sent & 0xFF, False, now)
            self._digit_sent = 0 if sent else self._digit_sent | _DTMF_ENDS
