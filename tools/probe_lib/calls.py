"""The verbs `dial` and `listen`: several calls at once on one socket, each with its own voice."""

import time
from dataclasses import dataclass, field

from .core import Core
from .identity import CRYPT, caller_of, make_account
from .one_call import OneCall, recording
from .register import NO_SERVER, Registration
from .show import Show, complain
from .socket_io import Net
from .sound import check_writable, read_wav
from .told import FAILED, OK, SILENT

_HANG_UP_S = 4.0
_OUT_OF_ORDER, _NO_AUTHORITY = 27, 50  # Q.850


@dataclass
class Wish:
    """What a call is to do once it is up, and how long we wait for that."""

    seconds: "float | None" = None
    wait_s: float = 30.0
    dtmf: str = ""
    text: str = ""
    record: str = ""
    plays: "list[str]" = field(default_factory=list)
    echo: bool = False


class Calls:
    """All calls of one run. `answer`: take incoming ones too."""

    def __init__(self, show: Show, core: Core, wish: Wish, answer: bool) -> None:
        self.show = show
        self.core = core
        self.calls: "list[OneCall]" = []
        self._by_leg: "dict[int, OneCall]" = {}
        self._wish = wish
        self._answer = answer
        self._sounds = [read_wav(name) for name in wish.plays]
        self.registration = Registration(show, core)
        core.on_event = self._event
        core.on_voice = self._voice
        core.on_tick = self._tick

    def dial(self, number: str) -> None:
        """Call a number."""
        leg = self.core.endpoint.dial(self.core.account, number.encode(), self.core.now)
        self._begin(number, leg, "out")
        self.core.drain()

    def _begin(self, number: str, leg: int, way: str) -> OneCall:
        at = len(self.calls)
        sound = self._sounds[at % len(self._sounds)] if self._sounds else b""
        call = OneCall(self.core, self.show, self._wish, number, self.core.legs[leg], way, sound, at)
        self.calls.append(call)
        self._by_leg[leg] = call
        return call

    # -- what the core tells ---------------------------------------------------------------------------

    def _event(self, name: str, leg: int, arg: int) -> None:
        if name in ("REGISTERED", "REG_FAILED", "RELEASED", "MESSAGES"):
            self.registration.heard(name, arg)
        elif name == "INCOMING":
            self._incoming(leg)
        elif leg in self._by_leg:
            self._by_leg[leg].heard(name, arg)

    def _incoming(self, leg: int) -> None:
        side = self.core.legs[leg]
        if not self._answer:
            side.drop(17, self.core.now)
            return
        number, name = caller_of(side)
        call = self._begin(number, leg, "in")
        self.show.event(
            "incoming", f"{call.label}: incoming, {name!r}", call=call.index, number=number, name=name
        )
        side.take(self.core.now)
        side.pickup(self.core.now)
        call.heard("ANSWERED", 0)

    def _voice(self, leg: object, law: int, ts30: int, octets: bytes) -> None:
        for call in self._by_leg.values():
            if call.leg is leg:
                call.hear(law, ts30, octets)

    def _tick(self) -> None:
        for call in self.calls:
            call.tick()

    def hint(self) -> str:
        """Return what to do about cause 50, which says little."""
        if self.core.account.crypt == CRYPT["require"]:
            return "cause 50: check user and secret, and that the server encrypts this user's calls"
        if self.core.account.crypt:
            return "cause 50: check user and secret, and that this user may call there"
        return "cause 50: check user and secret; a server that wants encryption says so too: --encrypt allow"

    # -- the run ---------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """True while a call goes on."""
        return any(not call.over for call in self.calls)

    def end(self) -> None:
        """Hang up whatever is up, and wait until the far end knows."""
        for call in self.calls:
            call.hang_up(16)
        self.core.drain()
        if self.core.heard:
            self.core.run_until(lambda: all(leg.state == 0 for leg in self.core.legs), _HANG_UP_S)

    def close(self) -> None:
        """Tell what became of each call, finish the files."""
        for call in self.calls:
            call.tell()
            call.close()


def run(
    show: Show, host: str, numbers: "list[str]", wish: Wish, who: dict, port: int, *, register: bool,
    answer: bool, rsa_key: bytes = b"", listen_s: "float | None" = None, n_legs: int = 0,
) -> int:  # fmt: skip
    """Register if asked, call the numbers, take calls if asked; return the exit status.

    listen_s: without numbers, how long to wait for calls; None = until Ctrl-C.
    """
    for name in wish.plays:  # wrong ones before anything is sent
        read_wav(name)
    if wish.record:
        check_writable(recording(wish.record, 0))
    legs = n_legs or len(numbers) + (2 if answer else 0)
    core = Core(Net({1: host}, port), make_account(**who), legs, rsa_key)
    show.follow(core)
    calls = Calls(show, core, wish, answer)
    try:
        status = calls.registration.begin() if register else OK
        if status == OK:
            status = _go(calls, numbers, listen_s)
        return status
    finally:
        calls.end()
        calls.registration.release()
        calls.close()
        core.close()


def _go(calls: Calls, numbers: "list[str]", listen_s: "float | None") -> int:
    core = calls.core
    for number in numbers:
        calls.dial(number)
    if not numbers:
        end_s = time.monotonic() + (listen_s if listen_s is not None else 1e9)
        core.run_until(lambda: time.monotonic() >= end_s and not calls.busy, 1e9)
        return OK
    core.run_until(lambda: not calls.busy or (core.net.refused and not core.heard), 1e9)
    if core.net.refused and not core.heard:
        for call in calls.calls:
            call.drop(_OUT_OF_ORDER, "refused, nothing listens there")
    if all(call.answered for call in calls.calls if call.way == "out"):
        return OK
    if not core.heard:
        complain(f"{core.net.name(1)} does not answer: {NO_SERVER}")
        return SILENT
    if any(call.cause == _NO_AUTHORITY for call in calls.calls):
        complain(calls.hint())
    return FAILED
