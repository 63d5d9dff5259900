"""What each word of the command line does: one recording, as WAV and picture, or lines of text."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

import codes
from tools.vphone_lib import speech

from . import asked
from .line import TONES, Line, Recording, Style, UsageError
from .program import CALL_WAITING, Exchange

FOLDER = Path("build/sound")
_HOWLER_GAIN_DB = -12  # with which the box begins it; later it is louder
_RING_PEAK = 16384
_LONGEST_S = 600
_ALERTS = {"cas": codes.SIGNAL_CAS, "dtas": codes.SIGNAL_DTAS, "sas": codes.SIGNAL_SAS}


def _line(given: argparse.Namespace) -> Line:
    seconds = getattr(given, "seconds", 1.0)
    if not 0 < seconds <= _LONGEST_S:
        raise UsageError(f"--seconds: more than 0 and up to {_LONGEST_S}, not {seconds:g}")
    return Line(given.profile, given.set)


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
        try:
            picture.draw(recording, path)
        except ValueError as wrong:
            raise UsageError(f"--picture: {wrong}") from None
        print(path)
    return 0


def names(given: argparse.Namespace) -> int:
    """Print what can be asked for."""
    line = _line(given)
    print("profiles:", " ".join(line.known("profiles")))
    print(f"tones of {given.profile}:", " ".join(name for name, k in TONES.items() if line.sounds[k]))
    print("cadences:", " ".join(line.known("cadences")))
    print("Caller ID styles:")
    for name in line.known("callerid"):
        style = line.style(name)
        print(f"  {name:14}{style.form:7}{style.words:40}{style.help}")
    return 0


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
    title = f"{given.tone} tone of {given.profile}" if named else given.tone
    return _done(given, Recording(title, samples), f"{given.tone}-{given.profile}" if named else "tone")


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
    return _done(given, recording, f"ring-{given.cadence or given.profile}".replace("/", "-"))


def _message(
    line: Line, style: Style, given: argparse.Namespace, on_hook: bool
) -> "tuple[bytearray, int] | str":
    if style.form == "none":
        raise UsageError(f"Caller ID style {style.name} sends nothing: choose another by --style")
    call, date30 = asked.caller(given), asked.date30(given.date)
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
    return _done(given, Recording(title, samples), "callerid")


def lamp(given: argparse.Namespace) -> int:
    """Message waiting."""
    line = _line(given)
    style = _styled(line, given)
    bits, n_bits = line.lamp(style.form, given.messages, not given.off_hook)
    if not n_bits:
        raise UsageError(f"form {style.form} has no message for a lamp: choose another by --form")
    samples = line.sound_of_message(bits, n_bits, style, _level_ddbm0(given))
    return _done(given, Recording(f"message waiting: {given.messages}", samples), "lamp")


def alert(given: argparse.Namespace) -> int:
    """CAS and its sisters."""
    samples = (line := _line(given)).sound_of_tone(*line.signal(_ALERTS[given.signal]), 10)
    return _done(given, Recording(given.signal.upper(), samples), given.signal)


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
    return _done(given, recording, f"call-{style.name}")


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
    return 0 if found else 1


VERBS = {
    "list": names, "tone": tone, "ring": ring, "callerid": caller_id, "lamp": lamp, "alert": alert,
    "dtmf": dtmf, "call": call, "read": read,
}  # fmt: skip
