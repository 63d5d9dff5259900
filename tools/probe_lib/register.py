"""The verb `register`, and what registering is for the others: begin, wait, keep, release."""

import time

import codes

from . import elements
from .core import Core
from .identity import make_account
from .show import Show, complain
from .socket_io import Net
from .told import FAILED, OK, SILENT

_WAIT_S = 12.0
_RELEASE_S = 5.5
NO_SERVER = "check the address and the port, and that a firewall lets UDP through"


class Registration:
    """The registration of the core's account; `heard` is to be called with every event."""

    def __init__(self, show: Show, core: Core) -> None:
        self._show = show
        self._core = core
        self.up = False
        self.cause = -1  # of the last failure, 0 = no answer
        self.released = False
        self._known = False  # it was up once, so there is something to release
        self._parted = False
        self._leaving_s = 0.0

    def heard(self, name: str, arg: int) -> None:
        """Take an event of the core."""
        user = self._core.account.user.decode()
        if name == "REGISTERED":
            self.up = self._known = True
            self._show.event("registered", f"registered as {user} for {arg} s", user=user, refresh_s=arg)
        elif name == "REG_FAILED":
            self.up = False
            self.cause = arg
            why = f"cause {arg} {elements.cause(arg)}".strip() if arg else "no answer, or no cause given"
            self._show.event("refused", f"not registered as {user}: {why}", user=user, cause=arg)
        elif name == "RELEASED":
            self.up, self.released = False, self._core.heard_s > self._leaving_s
            words = f"registration of {user} released"
            if not self.released:
                words = f"registration of {user} given up: no answer, it ends by itself"
            self._show.event("released" if self.released else "silence", words, user=user)
            self._parted = True
        elif name == "MESSAGES":
            words = "messages wait" if arg == 0xFFFF else f"{arg & 0xFF} new messages, {arg >> 8} old"
            self._show.event("messages", words, count=arg)

    def begin(self) -> int:
        """Register; return OK, or what went wrong as an exit status."""
        core = self._core
        core.registrar.start(core.account, core.now)
        core.drain()
        core.run_until(lambda: self.up or self.cause >= 0 or core.net.refused, _WAIT_S)
        if self.up:
            return OK
        if self.cause > 0 or core.heard:
            complain("refused: check the account's name and secret, and that it may register there")
            return FAILED
        complain(f"{core.net.name(1)} does not answer: {NO_SERVER}")
        return SILENT

    def release(self) -> None:
        """Unregister, if the server knows us."""
        core = self._core
        if self._known and core.registrar.state in (codes.REG_DONE, codes.REG_SENT, codes.REG_PROVING):
            self._leaving_s = time.monotonic()
            core.registrar.release(core.now)
            core.drain()
            core.run_until(lambda: self._parted, _RELEASE_S)


def register(
    show: Show,
    host: str,
    who: dict,
    rsa_key: bytes,
    refresh_s: int,
    keep_s: float,
    release: bool,
    port: int,
) -> int:
    """Register `who` (see identity.make_account); keep it for `keep_s`; unregister if `release`."""
    account = make_account(**who)
    account.refresh_s = refresh_s
    core = Core(Net({1: host}, port), account, 0, rsa_key)
    show.follow(core)
    registration = Registration(show, core)
    core.on_event = lambda name, leg, arg: registration.heard(name, arg)
    try:
        status = registration.begin()
        if status == OK and keep_s:
            core.run_until(lambda: False, keep_s)
            status = OK if registration.up else FAILED
        if status == OK and release:
            registration.release()
            status = OK if registration.released else SILENT
        return status
    except KeyboardInterrupt:
        if release or keep_s:
            registration.release()
        raise
    finally:
        core.close()
