"""What the far end wrote comes out at the console and in the log."""

import codes
import stub_hal
from printer import Printer
from stats import Log


class Kept:
    """A note as iax/notes.py keeps it."""

    def __init__(self, text: bytes, url: bool = False) -> None:
        self.buf = bytearray(96)
        self.buf[: len(text)] = text
        self.n = len(text)
        self.url = url


def printed(text: bytes, url: bool = False, event: int = codes.EV_NOTE, leg: int = 0):
    """Return (what the console said, entries in the log)."""
    hal, log, note = stub_hal.make(1), Log(), Kept(text, url)
    Printer(note, hal.serial, log).on_event(event, leg, note.n, 77)
    return bytes(hal.serial.said), [tuple(log.ring[4 * i : 4 * i + 4]) for i in range(log.written)]


def test_a_text_is_one_line_with_its_leg():
    assert printed("grüße".encode(), leg=1) == (
        "text from 1: grüße\n".encode(),
        [(77, codes.LOG_NOTE, 1, 7)],
    )


def test_a_url_says_that_it_is_one():
    assert printed(b"http://pbx.example", url=True)[0] == b"url from 0: http://pbx.example\n"


def test_other_events_print_nothing():
    assert printed(b"left over", event=codes.EV_PLAN) == (b"", [])
