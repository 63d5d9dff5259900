"""The command line of the probe: what may be asked, what goes wrong in one line, exit status."""

import argparse
import os
import signal
import sys
from typing import TYPE_CHECKING

from . import asked
from .told import FAILED, INTERRUPTED, WRONG, UsageError

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
    add("--encrypt", choices=("off", "allow", "require"), default="off", help="AES-128, if the server can")
    add("--echo", action="store_true", help="send back what is heard")


def _proving(verb: argparse.ArgumentParser) -> None:
    add = verb.add_argument
    add("--secret", help="else UIAXY_SECRET, else you are asked")
    add("--rsa-key", metavar="FILE.rsa", help="prove with this key of tools/rsakey.py")
    add("--plaintext", action="store_true", help="let a server without MD5 see the secret itself")


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
    verb.add_argument(
        "--port",
        type=int,
        action="append",
        default=[],
        metavar="UDP",
        help="besides 4569; else found by itself",
    )
    verb.add_argument("--secret", help="of the account, else UIAXY_SECRET: reads its encrypted calls")
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
    _proving(verb)
    verb.add_argument("--refresh", type=int, default=60, metavar="S", help="seconds asked for, default 60")
    verb.add_argument("--keep", type=float, default=0.0, metavar="S", help="stay, answer and refresh so long")
    verb.add_argument("--release", action="store_true", help="unregister at the end")
    _live(verb)


def _dial_verb(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("host", metavar="HOST[:PORT]")
    verb.add_argument("numbers", nargs="+", metavar="NUMBER")
    verb.add_argument("--user", default="", help="account; without it the call is a guest's")
    _proving(verb)
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
    _proving(verb)
    verb.add_argument(
        "--for", type=float, dest="listen_s", metavar="S", help="end after S seconds and the last call"
    )
    verb.add_argument(
        "--calls", type=int, default=4, metavar="N", help="at once, default 4; the next hears busy"
    )
    _calling(verb)
    _live(verb)


def _run(given: argparse.Namespace) -> int:
    if given.verb == "decode":
        from .decode import decode  # without the firmware

        secret = os.environ.get("UIAXY_SECRET", "") if given.secret is None else given.secret
        return decode(given.source, given.port, given.json, secret)
    asked.check(given)
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
    key = asked.rsa_key(given.rsa_key)
    who = {"user": given.user, "secret": asked.secret(given), "plaintext": given.plaintext, "rsa": key != b""}
    if given.verb == "register":
        return register.register(
            show, given.host, who, key, given.refresh, given.keep, given.release, given.port
        )
    asked.check_encryption(given.encrypt)
    wish = calls.Wish(
        seconds=given.seconds, wait_s=getattr(given, "wait", 30.0), dtmf=given.dtmf, text=given.text,
        record=given.record, plays=given.play, echo=given.echo,
    )  # fmt: skip
    who |= {"codecs": given.codec, "encryption": given.encrypt}
    if given.verb == "listen":
        return calls.run(
            show, given.host, [], wish, who, given.port, register=True, answer=True, rsa_key=key,
            listen_s=given.listen_s, n_legs=given.calls,
        )  # fmt: skip
    if given.register and not given.user:
        raise UsageError("--register wants --user")
    who |= {"number": given.number, "name": given.name, "context": given.context}
    return calls.run(
        show, given.host, given.numbers, wish, who, given.port, register=given.register, answer=given.answer,
        rsa_key=key,
    )  # fmt: skip


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
        return INTERRUPTED
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
