"""What may be asked on the command line of linesound, and how a caller is described."""

import argparse
from datetime import datetime
from typing import NoReturn

from . import line
from .line import TONES, UsageError

_EPILOG = """Files go to build/sound/ unless --out says otherwise. Exit status: 0 done; 1 nothing was heard in
a file that was read; 2 wrong usage."""
_FORMS = ("sdmf", "mdmf", "etsi", "uk", "ntt", "dtmf1", "dtmf2", "dtmf3", "dtmf4")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say it in one line."""
        raise UsageError(f"{message}; see {self.prog} --help")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    whole = _Parser(
        prog="linesound.py",
        description="What the firmware puts on the line, as WAV and picture; and a WAV file read back.",
        epilog=_EPILOG,
    )
    verbs = whole.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=_Parser)
    _writes(verbs.add_parser("list", help="profiles, tones, cadences and Caller ID styles"), files=False)
    _tone(_writes(verbs.add_parser("tone", help="a tone of the exchange")))
    _ring(_writes(verbs.add_parser("ring", help="ringing, as a bell sees it")))
    _message(_caller(_writes(verbs.add_parser("callerid", help="one Caller ID message, FSK or DTMF"))))
    _lamp(_writes(verbs.add_parser("lamp", help="one FSK message that messages wait (VMWI)")))
    verb = _writes(verbs.add_parser("alert", help="CAS, DT-AS, or the call-waiting tone before CAS"))
    verb.add_argument("signal", choices=("cas", "dtas", "sas"))
    verb = _writes(verbs.add_parser("dtmf", help="digits as the box sends them"))
    verb.add_argument("digits", help="0-9 A-D * #")
    _call(
        _caller(_writes(verbs.add_parser("call", help="a call coming in: ringing, polarity and Caller ID")))
    )
    _read(verbs.add_parser("read", help="what detectors hear in a WAV file: DTMF, Caller ID, CAS"))
    return whole


def _writes(verb: argparse.ArgumentParser, files: bool = True) -> argparse.ArgumentParser:
    add = verb.add_argument
    add("--profile", default="", metavar="NAME", help="country or period, default us; `list` names them")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of settings.txt instead")
    if files:
        add("--out", metavar="FILE.wav", help="where to write the sound")
        add("--picture", metavar="FILE", help="where to draw it: .png .svg .pdf; default: beside the sound")
        add("--no-picture", action="store_true", help="draw nothing")
    return verb


def _tone(verb: argparse.ArgumentParser) -> None:
    add = verb.add_argument
    add("tone", metavar="TONE", help=f"{' '.join(TONES)}; or steps as in indications.conf: 480+620/500,0/500")
    add("--seconds", type=float, default=6.0, metavar="S", help="of a tone without end, default 6")
    add("--level", type=int, default=-13, metavar="DBM0", help="of each frequency of such steps, default -13")
    add("--gain", type=int, metavar="DB", help="more or less than its level; the howler begins with -12")


def _ring(verb: argparse.ArgumentParser) -> None:
    add = verb.add_argument
    add("cadence", nargs="?", default="", help="a name or on/off,on/off in ms; default: the profile's")
    add("--seconds", type=float, default=12.0, metavar="S", help="default 12")


def _caller(verb: argparse.ArgumentParser) -> argparse.ArgumentParser:
    add = verb.add_argument
    add("--style", default="", metavar="NAME", help="a row of callerid.txt; default: the profile's")
    add("--number", default="", help="of the caller")
    add("--name", default="", help="of the caller, any script")
    add(
        "--why",
        choices=("", "P", "O", "C", "S"),
        default="",
        help="why there is none: private, not available …",
    )
    add("--redirect", default="", metavar="NUMBER", help="who sent the call here")
    add("--reason", type=int, default=0, choices=range(7), metavar="0-6", help="why: 1 busy, 2 no answer …")
    add("--qualifier", choices=("", "L"), default="", help="L: long distance")
    add("--type", type=int, default=0, metavar="0-255", help="call type of ETSI")
    add("--plus", default="00", metavar="DIGITS", help="what + becomes, default 00")
    add("--extra", default="", metavar="HEX", help="whole parameters to be added as they are")
    add("--date", default="now", help="'2026-11-23 14:05', now, or none")
    return verb


def _message(verb: argparse.ArgumentParser) -> None:
    add = verb.add_argument
    add("--form", choices=_FORMS, default="", help="of the message; default: the style's")
    add("--off-hook", action="store_true", help="as call waiting sends it: no channel seizure")
    add("--level", type=float, metavar="DBM0", help="default: the profile's")


def _lamp(verb: argparse.ArgumentParser) -> None:
    add = verb.add_argument
    add("messages", type=int, help="how many wait, to 255; 0 puts the lamp out")
    add("--style", default="", metavar="NAME", help="a row of callerid.txt; default: the profile's")
    add("--form", choices=("sdmf", "mdmf", "etsi", "uk"), default="", help="default: the style's")
    add("--off-hook", action="store_true", help="no channel seizure")
    add("--level", type=float, metavar="DBM0", help="default: the profile's")


def _call(verb: argparse.ArgumentParser) -> None:
    add = verb.add_argument
    add("--cadence", default="", help="a name or on/off,on/off in ms; default: the profile's")
    add("--seconds", type=float, default=10.0, metavar="S", help="default 10")
    add("--waiting", action="store_true", help="during another call: SAS, CAS, message")
    add(
        "--deaf",
        action="store_true",
        help="the telephone neither answers NTT's modem call nor acknowledges CAS",
    )


def _read(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("file", metavar="FILE.wav", help="16 bits, any rate")
    verb.add_argument("--json", action="store_true", help="one JSON object a line")


def caller(given: argparse.Namespace) -> dict:
    """Return the caller as line/callerid.py takes it."""
    try:
        extra = bytes.fromhex(given.extra)
    except ValueError:
        raise UsageError(f"--extra: no hexadecimal octets: {given.extra}") from None
    if not 0 <= given.type <= 255:
        raise UsageError(f"--type: 0 to 255, not {given.type}")
    if not given.plus.isdecimal():
        raise UsageError(f"--plus: digits, not {given.plus or 'empty'}")
    call = {
        "number": given.number.encode(), "name": given.name.encode(), "why": given.why,
        "redirect": given.redirect.encode(), "reason": given.reason, "qualifier": given.qualifier,
        "plus": given.plus, "extra": extra,
    }  # fmt: skip
    if given.type:
        call["type"] = given.type
    return call


def date30(text: str) -> int:
    """Return the firmware's date of `2026-11-23 14:05`, of now, or -1 for none."""
    if text == "none":
        return -1
    try:
        when = datetime.now() if text == "now" else datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--date: no date: {text}; write it as 2026-11-23 14:05") from None
    if not 2020 <= when.year <= 2051:
        raise UsageError(f"--date: years 2020 to 2051, not {when.year}")
    return line.date30(when)
