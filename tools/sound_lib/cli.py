"""The command line of linesound: what goes wrong is one line, and an exit status."""

import os
import sys

from . import asked, verbs
from .line import UsageError

_WRONG = 2


def main(argv: "list[str] | None" = None) -> int:
    """Do what the command line asks; return the exit status."""
    try:
        given = asked.parser().parse_args(argv)
        return verbs.VERBS[given.verb](given)
    except UsageError as wrong:
        print(f"linesound: {wrong}", file=sys.stderr)
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as wrong:
        print(f"linesound: {wrong.filename or 'file'}: {wrong.strerror}", file=sys.stderr)
    return _WRONG
