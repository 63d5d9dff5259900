"""What of a caller will not stand in the message as it was asked for: one line about each such thing."""

import argparse
from collections.abc import Iterator

from board.sim.store import Store
from line import callerid, letters

_WHOLE = 1000  # digits or letters: all of them
_NAMED = ("mdmf", "etsi", "uk")
_TAKES = {
    "redirect": ("etsi", "uk", "dtmf1"),
    "reason": _NAMED,
    "qualifier": ("mdmf",),
    "type": ("etsi", "uk"),
    "extra": (*_NAMED, "ntt"),
}


def of(form: str, call: dict, given: argparse.Namespace, store: Store) -> "Iterator[str]":
    """Yield a line for each option of the caller that is dropped or cut in a message of this form."""
    most, most_name = callerid._MOST.get(form, callerid._DTMF)
    if call["number"] and call["why"]:
        yield f"--number is not sent: --why {call['why']} stands for it"
    else:
        yield from _number("--number", given.number, call, most, form)
    yield from _name(form, call, most_name, store)
    for option, forms in _TAKES.items():
        if call.get(option) and form not in forms:
            yield f"--{option} is dropped: form {form} has no place for it"
    if form in _TAKES["redirect"]:
        yield from _number("--redirect", given.redirect, call, 20, form)
    if given.date not in ("now", "none") and form not in (*_NAMED, "sdmf"):
        yield f"--date is dropped: form {form} has no place for it"


def _number(option: str, text: str, call: dict, most: int, form: str) -> "Iterator[str]":
    whole = callerid.digits(text.encode(), call["plus"], _WHOLE)
    if text and not whole:
        yield f"{option} {text} is no number (0-9 * # + and blanks - . / ( )): dropped"
    elif len(whole) > most:
        yield f"{option} {text} is cut to its last {most} digits, {whole[-most:]}"
    elif form[:4] == "dtmf" and whole != callerid._plain(whole):
        yield f"{option} {text} loses its * and #: they mean something in form {form}"


def _name(form: str, call: dict, most: int, store: Store) -> "Iterator[str]":
    if not call["name"]:
        return
    text = call["name"].decode()
    shown = letters.plain(call["name"], store.rows("letters"))
    if not most:
        yield f"--name is dropped: form {form} has no place for it"
    elif call["why"][:1] == "P":
        yield "--name is not sent: --why P keeps it private, too"
    elif not shown:
        yield f"--name {text} cannot be shown in ASCII: dropped"
    elif len(shown) > most:
        yield f"--name {text} is cut to its first {most} letters, {shown[:most].strip()}"
