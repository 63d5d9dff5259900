"""What the exchange does to the line by itself: ringing, Caller ID, polarity, the open interval.

The orders are a program that line/sequence.py steps through; the sounds it asks for are started here and told
back when they are over. What a call has to say, and how this line says it, is worked out by calling.py when
the call comes in: that file and all it needs are in RAM only then, while nobody telephones.
"""

import gc
import sys

from micropython import const

import ticks

_EV_CLOCK = const(17)  # codes.EV_CLOCK
_FEED_FORWARD = const(1)  # codes.FEED_FORWARD
_FEED_REVERSE = const(2)  # codes.FEED_REVERSE
_FSK = const(1)  # codes.SIGNAL_FSK
_LOG_SIGNAL = const(21)  # codes.LOG_SIGNAL
_LOG_CALLERID = const(22)  # codes.LOG_CALLERID


class Announcer:
    """The feed of one line. ata.py asks `poll` for it and tells what the telephone does."""

    def __init__(self, sequence, downlink, log, store, sounds, style: tuple, plain: tuple) -> None:
        """sounds: the tones of the profile.  style: form of the message, words of the program, mark and space
        in Hz, level in 0.1 dBm0, cadence.  plain: the programs that need no working out: ringing as always,
        nothing at all, the open interval or None.
        """
        self.sequence = sequence
        self.downlink = downlink
        self.fsk = None  # dsp/fsk.py, while there is a message to send
        self.store = store
        self.sounds = sounds
        self.style = style
        self.bits = b""  # of the FSK message, n_bits of them
        self.n_bits = 0
        self.lamp = ""  # how messages are told to a telephone with a lamp (feature.messages)
        self.tones = None  # array of sounds, and where each SIGNAL_* begins in it
        self.date30 = -1  # the server's date and time when it was …
        self.date_at = 0  # … this tick
        self.messages = 0  # how many wait, for the lamp
        self.answered = _FEED_FORWARD  # the feed once the far end has answered; FEED_REVERSE tells it so
        self.on_hangup = False  # the polarity turns when it hangs up first
        self._log = log
        self._plain = plain
        self._signal = 0  # SIGNAL_* under way

    def on_event(self, event: int, leg: int, arg: int, now: int) -> None:
        """Keep the server's clock: what the telephone shows comes from there."""
        if event == _EV_CLOCK:
            self.date30 = arg
            self.date_at = now
        elif self.date30 >= 0 and ticks.diff(now, self.date_at) < 0:
            self.date30 = -1  # not told for days

    def announce(self, what: int, leg, now: int) -> None:
        """Tell the telephone ANNOUNCE_*: a call on `leg`, or whether messages wait (leg None).

        Whatever a call says, it rings: if there is no memory to work out a Caller ID, without one.
        """
        self.stop()
        program = self._plain[1 if what else 0]
        n = 0
        try:
            program, n = self._work_out(what, leg, now)
        except MemoryError:
            self._forget()
            gc.collect()
        self._log.put(now, _LOG_CALLERID, n, what)
        self.sequence.start(program, now)

    def _work_out(self, what: int, leg, now: int) -> tuple:
        """Load calling.py, let it make the program, and take it out of RAM with all that it loaded."""
        known = list(sys.modules)
        try:
            import calling

            return calling.prepare(self, what, leg, now)
        finally:
            for name in list(sys.modules):
                if name not in known:
                    room, dot, last = name.partition(".")
                    del sys.modules[name]
                    if dot and room in sys.modules:
                        delattr(sys.modules[room], last)

    def poll(self, now: int) -> int:
        """Return the feed that the line should have now."""
        sequence = self.sequence
        feed = sequence.poll(now)
        if sequence.signal:
            self._begin(sequence.signal, now)
            sequence.signal = 0
        elif self.tones is not None and not sequence.on:
            self._forget()
        elif self._signal and not (self.downlink.playing or self.downlink.signal):
            self._log.put(now, _LOG_SIGNAL, self._signal)
            self._signal = 0
            sequence.done(now)
        return feed

    def _begin(self, signal: int, now: int) -> None:
        self._log.put(now, _LOG_SIGNAL, signal, 1)
        self._signal = signal
        if signal == _FSK and self.fsk:
            _, _, mark_hz, space_hz, level_ddbm0, _ = self.style
            self.fsk.start(self.bits, self.n_bits, mark_hz, space_hz, level_ddbm0)
            self.downlink.signal = self.fsk
        elif self.tones:
            self.downlink.play(self.tones, self.tones[signal])

    def hush(self) -> None:
        """Stop what sounds on behalf of a program, at once: somebody lifts the receiver."""
        if self._signal:
            self.downlink.signal = None
            self.downlink.play(None, 0)

    def stop(self) -> None:
        """End ringing and all that belongs to it."""
        self.hush()
        self._signal = 0
        self.sequence.stop()
        self._forget()

    def _forget(self) -> None:
        """What was to be sent needs no room any more."""
        self.bits = b""
        self.tones = self.fsk = None

    def cleared(self, now: int) -> None:
        """The far end hung up: polarity, and the open interval that answering machines wait for."""
        self.stop()
        sequence = self.sequence
        if sequence.rest == _FEED_FORWARD and self.on_hangup:
            sequence.rest = _FEED_REVERSE
        else:
            sequence.rest = _FEED_FORWARD
        if self._plain[2]:
            sequence.start(self._plain[2], now)

    def rest(self) -> None:
        """The receiver is on its hook: nothing of the call is left."""
        self.stop()
        self.sequence.rest = _FEED_FORWARD
