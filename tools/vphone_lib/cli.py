"""The command line of the virtual phone: what may be asked, what goes wrong in one line, exit status."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from . import scenario, settings
from .box import FirmwareDied, UsageError
from .countries import COUNTRIES
from .prompt import Prompt
from .report import draw_picture
from .scenario import ExpectationFailed, ScenarioError
from .session import Session
from .sets import KINDS
from .story import Story
from .world import Options, stranger

OK, FAILED, WRONG, DIED, UNHEARD = 0, 1, 2, 3, 141
_BOARDS = ("sim", "esp32_bare", "esp32_si3210", "esp32_ag1171")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        """Say it in one line."""
        raise UsageError(f"{message}; see --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="vphone.py",
        description="Run the whole firmware on this machine, with a simulated analog telephone on its line.",
        epilog="Exit status: 0 every line done; 1 an expectation failed; 2 wrong usage; 3 the firmware died.",
    )
    add = parser.add_argument
    add(
        "--server", required=True, metavar="HOST[:PORT]|peer", help="an IAX2 server, or the bundled test peer"
    )
    add("--user", help="account there (peer: ata1)")
    add("--secret", help="its secret (peer: pw1)")
    add("--port", type=int, default=0, metavar="LOCAL_UDP", help="local UDP port, 0 = any")
    add("--virtual", action="store_true", help="lock-step time, faster than real; with --server peer only")
    add("--scenario", metavar="FILE|-", help="verbs to run, one a line; without it they are typed")
    add("--report", metavar="DIR", help="where events, sounds, capture, figures and the picture go")
    add("--vm", default="micropython", metavar="micropython|cpython|PATH", help="what runs the firmware")
    add("--board", default="sim", metavar="|".join(_BOARDS), help="which board it thinks it is on")
    add("--telephone", default="plain", metavar="|".join(KINDS), help="what set is on the line")
    add("--country", metavar="NAME", help="whose tones its user knows (default: as line.profile, or us)")
    add("--console", metavar="pty|tcp:PORT", help="where its serial console appears")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the firmware")
    add("--config", metavar="FILE", help="settings, KEY=VALUE one a line")
    add("--rsa-key", metavar="FILE", help="private key of the account, made by tools/rsakey.py")
    add("--seed", type=int, default=1, help="of everything random: the same seed gives the same run")
    add("--heap", type=int, default=0, metavar="BYTES", help="heap of the VM")
    add("--quiet", action="store_true", help="tell no story")
    return parser


def _proof(given: argparse.Namespace, inside: bool) -> "tuple[str, dict[str, str]]":
    """Return the secret, and the setting that a key without a secret wants."""
    if inside or (given.user and given.secret is not None):
        return "pw1" if given.secret is None else given.secret, {}
    if given.user and given.rsa_key:
        return "", {"account.1.auth": "rsa"}
    raise UsageError("a real server wants --user NAME, and --secret SECRET or --rsa-key FILE")


def _check_telephone(given: argparse.Namespace) -> None:
    if given.telephone not in KINDS:
        raise UsageError(f"--telephone {given.telephone}: one of {' '.join(KINDS)}")
    if given.country and given.country not in COUNTRIES:
        raise UsageError(f"--country {given.country}: one of {' '.join(COUNTRIES)}")


def options_of(given: argparse.Namespace) -> Options:
    """Return checked options; UsageError with one line if they are no good."""
    if given.board not in _BOARDS:
        raise UsageError(f"--board {given.board}: one of {' '.join(_BOARDS)}")
    if given.board != "sim":
        raise UsageError(f"--board {given.board}: not built yet")
    if given.console:
        raise UsageError("--console: not built yet")
    if not 0 <= given.port <= 65535:
        raise UsageError(f"--port {given.port}: 0 to 65535")
    if given.heap and given.heap < 65536:
        raise UsageError(f"--heap {given.heap}: at least 65536 octets")
    if given.rsa_key and not (Path(given.rsa_key).is_file() and os.access(given.rsa_key, os.R_OK)):
        raise UsageError(f"--rsa-key {given.rsa_key}: no such file, or not readable: make one by rsakey.py")
    _check_telephone(given)
    secret, proof = _proof(given, given.server == "peer")
    wanted, places = settings.read(given.config, given.set)
    return Options(
        server=given.server,
        user=given.user or "ata1",
        secret=secret,
        port=given.port,
        virtual=given.virtual,
        report=Path(given.report) if given.report else None,
        vm=given.vm,
        settings={**proof, **wanted},
        places=places,
        seed=given.seed,
        heap=given.heap,
        telephone=given.telephone,
        country=given.country or "",
        rsa_key=Path(given.rsa_key) if given.rsa_key else None,
    )


def _lines(name: str) -> "list[scenario.Line]":
    """Read a whole scenario, checked."""
    if name == "-":
        return scenario.parse(sys.stdin.read(), "stdin")
    try:
        return scenario.parse(Path(name).read_text(encoding="utf-8"), name)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--scenario {name}: {getattr(error, 'strerror', None) or 'no text'}") from None


def _run(options: Options, lines: "list[scenario.Line] | None", story: bool) -> int:
    """Run a scenario, or what is typed; return the exit status."""
    with Session(options) as session:
        prompt = Prompt(session) if lines is None else None
        if story:
            tell = prompt.tell if prompt else Story().tell
            session.report.journal.listeners.append(_without_figures(tell))
        try:
            session.power_on()
            if prompt:
                prompt.run()
            else:
                scenario.run(session, lines or [])
            session.finish()
        except ExpectationFailed as failed:
            print(f"FAILED {failed}", file=sys.stderr)
            _last_words(session)
            return FAILED
    return OK


def _without_figures(tell: Callable[[dict], None]) -> Callable[[dict], None]:
    """Keep a story to what happens: figures are for the report, failures and refusals are told apart."""

    def told(event: dict) -> None:
        if event["what"] not in ("counters", "failed") and not event.get("refusal"):
            tell(event)

    return told


def _last_words(session: Session) -> None:
    """After a failure: counters are still worth having."""
    if session.box.on:
        session.finish()


def _guarded(argv: "list[str]") -> int:
    """Turn every known trouble into a line and a status."""
    folder = None
    try:
        given = _parser().parse_args(argv)
        options = options_of(given)
        folder = options.report
        if stranger(options):
            print(f"vphone: {stranger(options)}", file=sys.stderr)
        lines = _lines(given.scenario) if given.scenario else None
        status = _run(options, lines, not given.quiet)
    except (UsageError, ScenarioError) as error:
        print(f"vphone: {error}", file=sys.stderr)
        return WRONG
    except FirmwareDied as died:
        print(f"vphone: the firmware died: {died}", file=sys.stderr)
        status = DIED
    if folder:
        trouble = draw_picture(folder)
        if trouble:
            print(f"vphone: {trouble}", file=sys.stderr)
    return status


def main(argv: "list[str] | None" = None) -> int:
    """Run the virtual phone; return its exit status."""
    try:
        try:
            return _guarded(sys.argv[1:] if argv is None else argv)
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        print("vphone: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `| head` has seen enough
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for out in (sys.stdout, sys.stderr):
            os.dup2(nowhere, out.fileno())
        return UNHEARD
