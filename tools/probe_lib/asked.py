"""What was asked of a live command: secrets and keys, and whether it can be done at all."""

import argparse
import getpass
import os
import sys
from pathlib import Path

from .told import UsageError

_RSA_KEY = 448


def secret(given: argparse.Namespace) -> str:
    """Return the secret of --secret, of the environment, or of the prompt; guests and keys need none."""
    if not given.user:
        return ""
    if given.secret is not None:
        return str(given.secret)
    if "UIAXY_SECRET" in os.environ:
        return os.environ["UIAXY_SECRET"]
    if given.rsa_key:
        return ""
    if not sys.stdin.isatty():
        raise UsageError("no secret: give --secret, or UIAXY_SECRET in the environment")
    return getpass.getpass(f"secret of {given.user}: ")


def rsa_key(name: "str | None") -> bytes:
    """Return the key of a file, b"" without one."""
    if not name:
        return b""
    try:
        key = Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}") from None
    if len(key) != _RSA_KEY:
        raise UsageError(f"{name}: not the {_RSA_KEY} octets that tools/rsakey.py writes")
    return key


def check_encryption(wanted: str) -> None:
    """See that this Python can do what --encrypt wants."""
    if wanted == "off":
        return
    try:
        import cryptography  # noqa: F401  board/sim/aes.py uses it
    except ModuleNotFoundError:
        raise UsageError(
            "--encrypt needs the package cryptography: sh tools/env.sh tools/iaxprobe.py …"
        ) from None


def check(given: argparse.Namespace) -> None:
    """See that every number and text is in its bounds. UsageError if not."""
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
