"""Texts and URLs of the far end, to the console and the log. Loaded only if feature.texts is on."""

from micropython import const

_EV_NOTE = const(18)  # codes.EV_NOTE
_LOG_NOTE = const(15)  # codes.LOG_NOTE


class Printer:
    """A service of the adapter: one line at the console for each note, its length in the log.

    Each note takes some 300 octets of the heap for a moment, call or no call: a telephone gets few of them.
    """

    def __init__(self, notes, serial, log) -> None:
        """notes: the part iax/notes.py.  serial: the console of the HAL."""
        self._notes = notes
        self._serial = serial
        self._log = log

    def on_event(self, event: int, leg: int, arg: int, now: int) -> None:
        """Write down what came on call leg `leg`: `text from 0: …` or `url from 0: …`."""
        if event == _EV_NOTE:
            notes = self._notes
            self._log.put(now, _LOG_NOTE, leg, arg)
            kind = b"url from " if notes.url else b"text from "
            self._serial.write(kind + str(leg).encode() + b": " + bytes(notes.buf[:arg]) + b"\n")
