"""A recording read back: DTMF by the firmware's own detector, Caller ID by the virtual phone's display."""

import numpy as np

from dsp.dtmf import Dtmf
from tools.vphone_lib import callerid, receiver
from tools.vphone_lib.levels import to_int16

_END = 0x200
_SETTLED = 10  # frames of silence after which the detector need not hear more of it
_WORDS = {
    "number": "number {}", "why": "number ({})", "name": "name {}", "name_why": "name ({})",
    "date": "date {}", "redirecting": "redirecting number {}", "waiting": "message waiting {}",
}  # fmt: skip
_MODEM = {"bell": "Bell 202", "v23": "V.23"}


def digits(samples: np.ndarray) -> "list[dict]":
    """Return each digit that the firmware hears: what it is, and when it begins and ends to it, in s."""
    detector = Dtmf()
    found: "list[dict]" = []
    whole = np.concatenate([to_int16(samples), np.zeros(800, np.int16)])
    silent = 0
    for at in range(0, len(whole) - 159, 160):
        silent = 0 if np.any(whole[at : at + 160]) else silent + 1
        if silent > _SETTLED:
            continue
        event = detector.feed(bytearray(whole[at : at + 160].astype("<i2").tobytes()))
        if event & _END:
            found[-1]["end_s"] = (at + 160) / 8000
        elif event:
            found.append({"what": "dtmf", "digit": chr(event & 0x7F), "start_s": (at + 160) / 8000})
    return found


def messages(samples: np.ndarray) -> "list[dict]":
    """Return each FSK message and each dual-tone alerting signal that the virtual phone's display hears."""
    found = []
    for stretch, shown in receiver.receptions(samples):
        row: dict = {"start_s": round(stretch.start_ms / 1000, 3), "end_s": round(stretch.end_ms / 1000, 3)}
        got = stretch.reception
        if got is not None and shown is not None:
            row.update(what="callerid", modem=got.modem, form=shown.form, fault=shown.fault, **shown.shown())
            row.update(seizure_bits=round(got.seizure_bits), mark_bits=round(got.mark_bits))
            row.update(mark_hz=round(got.mark_hz, 1), space_hz=round(got.space_hz, 1))
            row.update(mark_dbm0=round(got.mark_dbm0, 1), space_dbm0=round(got.space_dbm0, 1))
            found.append(row)
        elif stretch.kind == "dtas":
            found.append({"what": "alerting", **row})
    return found


def read(samples: np.ndarray) -> "list[dict]":
    """Return everything in the order of time; digits that make a Caller ID message are followed by it."""
    pressed = digits(samples)
    found = sorted([*pressed, *messages(samples)], key=lambda row: row["start_s"])
    text = "".join(row["digit"] for row in pressed)
    shown = callerid.of_digits(text) if text[:1] in ("A", "B", "D") and text[-1:] in ("C", "#") else None
    if shown is not None and not shown.fault:
        times = {"start_s": pressed[0]["start_s"], "end_s": pressed[-1].get("end_s", 0.0)}
        found.append({"what": "callerid", "form": "dtmf", "fault": shown.fault, **shown.shown(), **times})
    return found


def said(row: dict) -> str:
    """Return one line about a row of `read`."""
    start_s = f"{row['start_s']:7.2f} s  "
    if row["what"] == "dtmf":
        return f"{start_s}digit {row['digit']}"
    if row["what"] == "alerting":
        return f"{start_s}dual-tone alerting signal, {1000 * (row['end_s'] - row['start_s']):.0f} ms"
    how = ", ".join(word for word in (row["form"].upper(), _MODEM.get(row.get("modem", ""), "")) if word)
    if row["fault"]:
        return f"{start_s}Caller ID ({how}): {row['fault']}"
    told = ", ".join(text.format(row[key]) for key, text in _WORDS.items() if key in row)
    if "modem" not in row:
        return f"{start_s}Caller ID ({how}): {told}"
    both = [f"{row[f'{tone}_hz']:.0f} Hz {row[f'{tone}_dbm0']:.1f} dBm0" for tone in ("mark", "space")]
    bits = f"{row['seizure_bits']} + {row['mark_bits']} bits"
    return f"{start_s}Caller ID ({how}): {told}; {bits}, {', '.join(both)}"
