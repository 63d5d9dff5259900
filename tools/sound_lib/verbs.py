"""What each word of the command line does: one recording, as WAV and picture, or lines of text."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

import codes
from tools.vphone_lib import speech

from . import asked, notes
from .line import TONES, Line, Recording, Style, UsageError
from .program import CALL_WAITING, Exchange

FOLDER = Path("build/sound")
_HOWLER_GAIN_DB = -12  # with which the box begins it, as firmware/ata.py has it; later it is louder
_RING_PEAK = 16384
_LONGEST_S = 600
_PICTURES = (".png", ".svg", ".pdf")
_PULSES = ("normal", "nz", "se")
_MOST_MESSAGES = 255
_ALERTS = {"cas": codes.SIGNAL_CAS, "dtas": codes.SIGNAL_DTAS, "sas": codes.SIGNAL_SAS}


def _line(given: argparse.Namespace) -> Line:
    seconds = getattr(given, "seconds", 1.0)
    if not 0 < seconds <= _LONGEST_S:
        raise UsageError(f"--seconds: more than 0 and up to {_LONGEST_S}, not {seconds:g}")
    _check_file("--out", getattr(given, "out", None), (".wav",))
    _check_file("--picture", getattr(given, "picture", None), _PICTURES)
    return Line(given.profile, given.set)


def _check_file(option: str, name: "str | None", kinds: "tuple[str, ...]") -> None:
    """Refuse a file of another kind, and one in a folder that is not there; those in build/ are made."""
    if name is None:
        return
    path = Path(name)
    if path.suffix.lower() not in kinds:
        raise UsageError(f"{option}: a name that ends in {' or '.join(kinds)}, not {name or 'empty'}")
    made = path.resolve().is_relative_to(FOLDER.parent.resolve())
    if not path.parent.is_dir() and not made:
        raise UsageError(f"{option}: there is no folder {path.parent}")
    if path.is_dir():
        raise UsageError(f"{option}: {name} is a folder")


def _done(given: argparse.Namespace, recording: Recording, name: str) -> int:
    """Write the files and say where they are."""
    out = Path(given.out) if given.out else FOLDER / f"{name}.wav"
    out.parent.mkdir(parents=True, exist_ok=True)
    speech.write_wav(str(out), recording.samples)
    print(f"{out}: {recording.title}, {recording.seconds:.2f} s")
    if not given.no_picture:
        from . import picture

        path = Path(given.picture) if given.picture else out.with_suffix(".png")
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.draw(recording, path)
        print(path)
    return 0


def names(given: argparse.Namespace) -> int:
    """Print what can be asked for."""
    line = _line(given)
    print("profiles:   name, country or period, Caller ID, flash in ms, dial map, ringing")
    for name, country in line.countries().items():
        print("  " + _told(Line(name, []), country))
    print(f"tones of {line.profile}:", " ".join(name for name, k in TONES.items() if line.sounds[k]))
    print("cadences:", " ".join(line.known("cadences")))
    print("Caller ID styles:")
    for name in line.known("callerid"):
        style = line.style(name)
        print(f"  {name:14}{style.form:7}{style.words:40}{style.help}")
    return 0


def _told(line: Line, country: str) -> str:
    """Return what there is to say about a profile."""
    flash = "no flash" if not line.flash_ms[1] else f"{line.flash_ms[0]}-{line.flash_ms[1]}"
    first = f"{line.profile:9} {country:41} {line.style_name:9} {flash:9} {_PULSES[line.pulses]:7}"
    return f"{first} {line.cadence} ms, {line.ring_hz:g} Hz"


def tone(given: argparse.Namespace) -> int:
    """A tone by name, or in the grammar."""
    line = _line(given)
    if not -60 <= given.level <= 3:
        raise UsageError(f"--level: -60 to 3 dBm0, not {given.level}")
    sounds, at = line.tone(given.tone, given.level)
    gain_db = given.gain if given.gain is not None else _HOWLER_GAIN_DB if given.tone == "howler" else 0
    if not -40 <= gain_db <= 12:
        raise UsageError(f"--gain: -40 to 12 dB, not {gain_db}")
    named = given.tone in TONES
    samples = line.sound_of_tone(sounds, at, given.seconds, gain_db)
    title = f"{given.tone} tone of {line.profile}" if named else given.tone
    return _done(given, Recording(title, samples), f"{given.tone}-{line.profile}" if named else "tone")


def ring(given: argparse.Namespace) -> int:
    """Ringing: the picture shows its envelope, the sound is what swings a bell."""
    line = _line(given)
    cadence = line.named_cadence(given.cadence) if given.cadence else line.cadence
    silent = Style("", "none", "", "", "")
    recording = Exchange(line, silent, "", answers=False).play("", "", cadence, given.seconds)
    bell = np.repeat([feed == codes.FEED_RINGING for feed in recording.feeds], 40)
    wave = np.sin(2 * np.pi * line.ring_hz * np.arange(len(bell)) / 8000)
    recording.samples = np.rint(_RING_PEAK * wave * bell).astype(np.int16)
    recording.bell = True
    recording.title = f"ringing {cadence} ms, {line.ring_hz:g} Hz"
    return _done(given, recording, _name("ring", line.profile, given.cadence))


def _name(*words: str) -> str:
    """Return the name of a file without its suffix."""
    return "-".join(word for word in words if word).replace("/", "-").replace(",", "-")


def _check_style(line: Line, style: Style, given: argparse.Namespace) -> None:
    if style.form != "none":
        return
    if given.style:
        raise UsageError(f"Caller ID style {style.name} sends nothing: choose another by --style")
    raise UsageError(f"{line.profile} has no Caller ID: choose a style by --style")


def _message(
    line: Line, style: Style, given: argparse.Namespace, on_hook: bool
) -> "tuple[bytearray, int] | str":
    _check_style(line, style, given)
    call, date30 = asked.caller(given), asked.date30(given.date)
    for note in notes.of(style.form, call, given, line.store):
        print(f"linesound: {note}", file=sys.stderr)
    made = line.message(style.form, call, date30, on_hook)
    if isinstance(made, str) and not made:
        raise UsageError(f"form {style.form} sends nothing for such a caller")
    return made


def _styled(line: Line, given: argparse.Namespace) -> Style:
    style = line.style(given.style)
    form = getattr(given, "form", "") or style.form
    modem = style.modem or ("bell" if form in ("sdmf", "mdmf") else "v23")
    return replace(style, form=form, modem=modem)


def _level_ddbm0(given: argparse.Namespace) -> "int | None":
    if given.level is None:
        return None
    if not -40 <= given.level <= 3:
        raise UsageError(f"--level: -40 to 3 dBm0, not {given.level:g}")
    return round(given.level * 10)


def caller_id(given: argparse.Namespace) -> int:
    """One message by itself."""
    line = _line(given)
    style = _styled(line, given)
    made = _message(line, style, given, not given.off_hook)
    if isinstance(made, str):
        samples = line.sound_of_tone(*line.signal(codes.SIGNAL_DTMF, made), 60)
        title = f"Caller ID {style.form}: {made}"
    else:
        samples = line.sound_of_message(*made, style, _level_ddbm0(given))
        title = f"Caller ID {style.form}, {style.modem}: {made[1]} bits"
    name = _name("callerid", line.profile, style.name, given.form, "offhook" if given.off_hook else "")
    return _done(given, Recording(title, samples), name)


def lamp(given: argparse.Namespace) -> int:
    """Message waiting."""
    if not 0 <= given.messages <= _MOST_MESSAGES:
        raise UsageError(f"messages: 0 to {_MOST_MESSAGES}, not {given.messages}")
    line = _line(given)
    style = _styled(line, given)
    _check_style(line, style, given)
    bits, n_bits = line.lamp(style.form, given.messages, not given.off_hook)
    if not n_bits:
        raise UsageError(f"form {style.form} has no message for a lamp: choose another by --form")
    samples = line.sound_of_message(bits, n_bits, style, _level_ddbm0(given))
    return _done(
        given, Recording(f"message waiting: {given.messages}", samples), _lamp_name(line, style, given)
    )


def _lamp_name(line: Line, style: Style, given: argparse.Namespace) -> str:
    return _name("lamp", line.profile, style.name, given.form, "offhook" if given.off_hook else "")


def alert(given: argparse.Namespace) -> int:
    """CAS and its sisters."""
    samples = (line := _line(given)).sound_of_tone(*line.signal(_ALERTS[given.signal]), 10)
    name = _name(given.signal, line.profile if given.signal == "sas" else "")
    return _done(given, Recording(given.signal.upper(), samples), name)


def dtmf(given: argparse.Namespace) -> int:
    """Digits."""
    if not given.digits:
        raise UsageError("no digits")
    line = _line(given)
    samples = line.sound_of_tone(*line.signal(codes.SIGNAL_DTMF, given.digits.upper()), _LONGEST_S)
    return _done(given, Recording(f"DTMF {given.digits}", samples), "dtmf")


def call(given: argparse.Namespace) -> int:
    """A call coming in."""
    line = _line(given)
    style = line.style(given.style)
    cadence = line.named_cadence(given.cadence) if given.cadence else line.cadence
    words = CALL_WAITING if given.waiting else style.words
    made = "" if style.form == "none" else _message(line, style, given, not given.waiting)
    exchange = Exchange(line, style, made, not given.deaf)
    title = f"{'a waiting call' if given.waiting else 'a call'}, Caller ID {style.name}: {words}"
    recording = exchange.play(title, words, "" if given.waiting else cadence, given.seconds)
    name = _name("call", line.profile, style.name, "waiting" if given.waiting else "", given.cadence)
    return _done(given, recording, name)


def read(given: argparse.Namespace) -> int:
    """What is in a file."""
    from . import reading

    try:
        samples = speech.read_wav(given.file)
    except ValueError as wrong:
        raise UsageError(str(wrong)) from None
    found = reading.read(samples)
    for row in found:
        print(json.dumps(row) if given.json else reading.said(row))
    if not found and not given.json:
        print("nothing heard: no DTMF, no Caller ID, no alerting signal")
    return 0 if any(not row.get("fault") for row in found) else 1


VERBS = {
    "list": names, "tone": tone, "ring": ring, "callerid": caller_id, "lamp": lamp, "alert": alert,
    "dtmf": dtmf, "call": call, "read": read,
}  # fmt: skip
