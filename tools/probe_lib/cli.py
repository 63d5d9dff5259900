"""The command line of the probe: what may be asked, what goes wrong in one line, exit status."""

import argparse
import getpass
import os
import signal
import sys
from typing import TYPE_CHECKING

from .told import FAILED, INTERRUPTED, OK, WRONG, UsageError

if TYPE_CHECKING:
    from .show import Show

_EPILOG = """exit status: 0 done; 1 refused by the far end, or a frame malformed; 2 wrong usage; 3 no answer;
130 stopped by Ctrl-C, after hanging up. Secrets: --secret, else UIAXY_SECRET, else you are asked."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        """Say it in one line."""
        raise UsageError(f"{message}; see {self.prog} --help")


def _live(verb: argparse.ArgumentParser) -> None:
    add = verb.add_argument
    add("--frames", action="store_true", help="print each full frame, one a line")
    add("--minis", action="store_true", help="… and each mini frame too")
    add("--json", action="store_true", help="events and frames as JSON, one object a line")
    add("--capture", default="", metavar="FILE.pcap", help="write what passes (IPv4) for Wireshark")
    add("--port", type=int, default=0, metavar="UDP", help="local UDP port, 0 = any")


def _calling(verb: argparse.ArgumentParser) -> None:
    add = verb.add_argument
    add("--seconds", type=float, metavar="N", help="hang up N seconds after the answer")
    add(
        "--dtmf",
        default="",
        metavar="DIGITS",
        help="press these keys once it is answered; w waits half a second",
    )
    add("--text", default="", help="send this text once it is answered")
    add("--record", default="", metavar="FILE.wav", help="what is heard; further calls go to FILE-2.wav …")
    add("--play", action="append", default=[], metavar="FILE.wav", help="say this; again for the next call")
    add("--codec", default="ulaw,alaw", metavar="ulaw|alaw|ulaw,alaw", help="in the order of your liking")
    add("--echo", action="store_true", help="send back what is heard")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="iaxprobe.py",
        description="Debug IAX2: ask, register, call and decode with the firmware's own core.",
        epilog=_EPILOG,
    )  # fmt: skip
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=_Parser)
    _poke_verb(verbs.add_parser("poke", help="ask whether servers are there, and how long that takes"))
    _register_verb(verbs.add_parser("register", help="register an account"))
    _dial_verb(verbs.add_parser("dial", help="call numbers, all at once through one socket"))
    _listen_verb(verbs.add_parser("listen", help="register and answer calls until Ctrl-C"))
    verb = verbs.add_parser("decode", help="print the frames of a capture or of hex")
    verb.add_argument("source", metavar="FILE.pcap|HEX|-", help="a file, octets in hex, or standard input")
    verb.add_argument("--port", type=int, action="append", default=[], metavar="UDP", help="besides 4569")
    verb.add_argument("--json", action="store_true", help="one JSON object a frame")
    return parser


def _poke_verb(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("hosts", nargs="+", metavar="HOST[:PORT]")
    verb.add_argument("--count", type=int, default=4, metavar="N", help="POKEs to each host, default 4")
    verb.add_argument("--interval", type=float, default=1.0, metavar="S", help="between two, default 1")
    verb.add_argument("--timeout", type=float, default=2.0, metavar="S", help="for each answer, default 2")
    _live(verb)


def _register_verb(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("host", metavar="HOST[:PORT]")
    verb.add_argument("user")
    verb.add_argument("--secret")
    verb.add_argument("--refresh", type=int, default=60, metavar="S", help="seconds asked for, default 60")
    verb.add_argument("--keep", type=float, default=0.0, metavar="S", help="stay, answer and refresh so long")
    verb.add_argument("--release", action="store_true", help="unregister at the end")
    _live(verb)


def _dial_verb(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("host", metavar="HOST[:PORT]")
    verb.add_argument("numbers", nargs="+", metavar="NUMBER")
    verb.add_argument("--user", default="", help="account; without it the call is a guest's")
    verb.add_argument("--secret")
    verb.add_argument("--register", action="store_true", help="register first, unregister afterwards")
    verb.add_argument("--answer", action="store_true", help="answer calls that come meanwhile")
    verb.add_argument("--wait", type=float, default=30.0, metavar="S", help="for an answer, default 30")
    verb.add_argument("--number", default="", help="CALLING NUMBER to send")
    verb.add_argument("--name", default="", help="CALLING NAME to send")
    verb.add_argument("--context", default="", help="CALLED CONTEXT to ask for")
    _calling(verb)
    _live(verb)


def _listen_verb(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("host", metavar="HOST[:PORT]")
    verb.add_argument("user")
    verb.add_argument("--secret")
    verb.add_argument(
        "--for", type=float, dest="listen_s", metavar="S", help="end after S seconds and the last call"
    )
    verb.add_argument(
        "--calls", type=int, default=4, metavar="N", help="at once, default 4; the next hears busy"
    )
    _calling(verb)
    _live(verb)


# -- what was asked ------------------------------------------------------------------------------------


def _secret(given: argparse.Namespace) -> str:
    """Return the secret of --secret, of the environment, or of the prompt."""
    if given.secret is not None:
        return str(given.secret)
    if "UIAXY_SECRET" in os.environ:
        return os.environ["UIAXY_SECRET"]
    if not sys.stdin.isatty():
        raise UsageError("no secret: give --secret, or UIAXY_SECRET in the environment")
    return getpass.getpass(f"secret of {given.user}: ")


def _check(given: argparse.Namespace) -> None:
    if not 0 <= given.port <= 65535:
        raise UsageError(f"--port {given.port}: 0 to 65535")
    for name in ("count", "interval", "timeout", "refresh", "calls", "wait", "seconds"):
        value = getattr(given, name, None)
        if value is not None and (value < 0 or (value == 0 and name in ("count", "refresh", "calls"))):
            raise UsageError(f"--{name} {value:g}: more than that is wanted")
    if getattr(given, "refresh", 1) > 0xFFFF:
        raise UsageError(f"--refresh {given.refresh}: at most 65535")
    _check_call(given)


def _check_call(given: argparse.Namespace) -> None:
    for key in getattr(given, "dtmf", ""):
        if key not in "0123456789*#ABCDw":
            raise UsageError(f"--dtmf: {key!r} is no key; there are 0-9 * # A-D, and w to wait")
    for codec in getattr(given, "codec", "ulaw").split(","):
        if codec not in ("ulaw", "alaw"):
            raise UsageError(f"--codec: {codec!r}: there are ulaw and alaw")
    _check_lengths(given)


def _check_lengths(given: argparse.Namespace) -> None:
    for text, most in (("user", 64), ("text", 200), ("number", 32), ("name", 40), ("context", 40)):
        if len(getattr(given, text, "").encode()) > most:
            raise UsageError(f"--{text}: at most {most} octets")
    if any(not 1 <= len(number.encode()) <= 32 for number in getattr(given, "numbers", ())):
        raise UsageError("a number has 1 to 32 octets")


def _run(given: argparse.Namespace) -> int:
    if given.verb == "decode":
        from .decode import decode  # without the firmware

        return decode(given.source, given.port, given.json)
    _check(given)
    from .show import Show

    show = Show(given.frames, given.minis, given.json, given.capture)
    try:
        return _live_run(given, show)
    finally:
        show.close()


def _live_run(given: argparse.Namespace, show: "Show") -> int:
    from . import calls, poke, register

    if given.verb == "poke":
        return poke.poke(show, given.hosts, given.count, given.interval, given.timeout, given.port)
    if given.verb == "register":
        secret = _secret(given)
        release = given.release
        return register.register(
            show, given.host, given.user, secret, given.refresh, given.keep, release, given.port
        )
    wish = calls.Wish(
        seconds=given.seconds, wait_s=getattr(given, "wait", 30.0), dtmf=given.dtmf, text=given.text,
        record=given.record, plays=given.play, echo=given.echo,
    )  # fmt: skip
    who = {"user": given.user, "secret": _secret(given) if given.user else "", "codecs": given.codec}
    if given.verb == "listen":
        return calls.run(
            show, given.host, [], wish, who, given.port, register=True, answer=True, listen_s=given.listen_s,
            n_legs=given.calls,
        )  # fmt: skip
    if given.register and not given.user:
        raise UsageError("--register wants --user")
    who |= {"number": given.number, "name": given.name, "context": given.context}
    return calls.run(
        show, given.host, given.numbers, wish, who, given.port, register=given.register, answer=given.answer
    )


def _stop(signum: int, frame: object) -> None:
    raise KeyboardInterrupt


def main(argv: "list[str] | None" = None) -> int:
    """Run the probe; return its exit status."""
    signal.signal(signal.SIGTERM, _stop)
    argv = sys.argv[1:] if argv is None else argv
    try:
        status = _run(_parser().parse_args(argv))
        sys.stdout.flush()
        return status
    except UsageError as error:
        print(f"iaxprobe: {error}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        return OK if argv[:1] == ["listen"] else INTERRUPTED
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
