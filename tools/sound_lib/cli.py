"""The command line of linesound: what goes wrong is one line, and an exit status."""

import os
import sys

from . import asked, verbs
from .line import UsageError

_WRONG = 2


def _check_letters(words: "list[str]") -> None:
    for word in words:
        try:
            word.encode()
        except UnicodeEncodeError:  # octets of the command line that are no letters
            raise UsageError(f"{ascii(word)[1:-1]}: not UTF-8") from None


def main(argv: "list[str] | None" = None) -> int:
    """Do what the command line asks; return the exit status."""
    try:
        _check_letters(sys.argv[1:] if argv is None else argv)
        given = asked.parser().parse_args(argv)
        return verbs.VERBS[given.verb](given)
    except UsageError as wrong:
        print(f"linesound: {wrong}", file=sys.stderr)
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as wrong:
        print(f"linesound: {wrong.filename or 'file'}: {wrong.strerror}", file=sys.stderr)
    return _WRONG
