#!/usr/bin/env python3
"""The outside world: find or install it, and run an Asterisk of our own.

    tools/lab.py status              what is here, and the numbers that the server knows
    tools/lab.py install [--fresh]   install what is missing: Asterisk, MicroPython, judges of sound
    tools/lab.py env                 KEY=VALUE of the VMs and of Asterisk
    tools/lab.py start [--port N]    start a server in the background, tell its users, secret and numbers
    tools/lab.py stop                end that server, and no other
    tools/lab.py cli COMMAND …       a command of its console
Exit status: 0 done; 1 not possible here, the line says why; 2 wrong usage.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tools.lab_lib import background, dialplan, find, install, vms  # noqa: E402  after the path


def say(text: str) -> None:
    """Print one line of progress."""
    print(f"lab: {text}", flush=True)


def status(_given: argparse.Namespace) -> int:
    """Print what is here and what is not."""
    asterisk = find.asterisk()
    if asterisk:
        say(f"{asterisk.version} ({asterisk.origin})")
    else:
        say("no Asterisk with chan_iax2: tools/lab.py install")
    for bits in (64, 32):
        path = vms.micropython(bits)
        banner = find.says(path, "-c", "import sys; print(sys.version)") if path else "missing"
        say(f"{bits}-bit MicroPython: {banner} {path}")
    for name, _package in install.TOOLS:
        say(f"{name}: {find.program(name) or 'missing'}")
    say(f"libspandsp: {install.spandsp() or 'missing'}")
    running = background.running()
    say(f"server: {running.describe() if running else 'not running'}")
    print(dialplan.help_text())
    return 0


def install_all(given: argparse.Namespace) -> int:
    """Install what is missing; tell what stays missing. In CI that is a failure."""
    missing = install.everything(say, given.fresh)
    for line in missing:
        say(line)
    asterisk = find.asterisk()
    if asterisk:
        say(f"{asterisk.version} ({asterisk.origin})")
    return 1 if missing and find.in_ci() else 0


def print_env(_given: argparse.Namespace) -> int:
    """Print the variables that tests and tools read."""
    for name, value in vms.environment().items():
        print(f"{name}={value}")
    return 0


def start(given: argparse.Namespace) -> int:
    """Start the server in the background, unless it runs."""
    running = background.running()
    if running is None:
        running = background.start(given.port)
    elif given.port:
        say("one runs already, and stays where it is; tools/lab.py stop ends it")
    say(running.describe())
    print(dialplan.help_text())
    return 0


def stop(_given: argparse.Namespace) -> int:
    """Stop the server that `start` has started."""
    say("server stopped" if background.stop() else "no server of ours runs")
    return 0


def cli(given: argparse.Namespace) -> int:
    """Pass a command to the server's console."""
    print(background.cli(" ".join(given.command)), end="")
    return 0


def _port(text: str) -> int:
    """Return a UDP port from its digits, 0 for any."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is no UDP port: 0 to 65535")
    return int(text)


def parse(argv: "list[str] | None" = None) -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(
        prog="tools/lab.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("status").set_defaults(run=status)
    verb = verbs.add_parser("install")
    verb.add_argument("--fresh", action="store_true", help="make the Debian tree anew")
    verb.set_defaults(run=install_all)
    verb = verbs.add_parser("start")
    verb.add_argument("--port", type=_port, default=0, help="UDP port on loopback, any free one if not given")
    verb.set_defaults(run=start)
    verbs.add_parser("stop").set_defaults(run=stop)
    verb = verbs.add_parser("cli")
    verb.add_argument("command", nargs="+")
    verb.set_defaults(run=cli)
    verbs.add_parser("env").set_defaults(run=print_env)
    return parser.parse_args(argv)


def main() -> int:
    """Run the verb of the command line; return the exit status."""
    given = parse()
    try:
        return given.run(given)
    except find.LabError as problem:
        print(f"lab: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
