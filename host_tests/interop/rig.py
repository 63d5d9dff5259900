"""A telephone in the test's own process, in real time against the lab's Asterisk.

The telephone lives only while somebody turns it: `do` runs verbs of a scenario, `run` and `until` let time
pass, and `meanwhile` keeps it alive while Asterisk's console is asked in a thread beside it.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import TypeVar

import numpy as np

from tools.lab_lib.server import Server
from tools.vphone_lib import speech
from tools.vphone_lib.session import Options, Session

T = TypeVar("T")
CHANNELS = "iax2 show channels"
SAMPLES_PER_MS = 8
CLEAR_S = 36.0  # the longest life of an unanswered frame, 30 s, and a little

# Threads that last as long as the test run: a server that one of them starts ends with its thread.
_BESIDE = ThreadPoolExecutor(8)


class Phone:
    """A box and a telephone with an account at `server`; the report goes into `folder`."""

    def __init__(
        self, server: Server, account: str, folder: Path, secret: "str | None" = None, seed: int = 1,
        rsa_key: "Path | None" = None, telephone: str = "plain", **settings: object,
    ) -> None:  # fmt: skip
        """secret: None = the lab's.  rsa_key: as tools/rsakey.py writes it.  telephone: plain, ntt …

        settings: of the firmware, a double underscore for each dot (`account__1__codecs="alaw"`).
        """
        self.server = server
        self.account = account
        self.folder = folder
        self.events: "list[dict]" = []
        self.legs: "dict[int, str]" = {}  # state of each of the firmware's call legs that was ever used
        options = Options(
            server=server.address,
            user=account,
            secret=server.secret if secret is None else secret,
            report=folder,
            seed=seed,
            rsa_key=rsa_key,
            telephone=telephone,
            settings={name.replace("__", "."): str(value) for name, value in settings.items()},
        )
        self.session = Session(options)
        self.session.report.journal.listeners.append(self._note)

    def _note(self, event: dict) -> None:
        if event.get("type") != "MINI":
            self.events.append(event)
        if event["what"] == "call":
            self.legs[event["leg"]] = event["state"]

    @property
    def leg(self) -> str:
        """State of the firmware's busy call leg, or "FREE"."""
        return next((state for state in self.legs.values() if state != "FREE"), "FREE")

    @property
    def registered(self) -> "set[int]":
        """Numbers of the accounts that are registered."""
        return self.session.told.accounts

    # ---- life

    def do(self, *lines: str) -> None:
        """Run verbs of a scenario; raises ExpectationFailed with what was perceived."""
        for line in lines:
            self.session.do(line)

    def register(self) -> "Phone":
        """Switch the box on and wait until it is registered."""
        self.session.power_on()
        self.do("wait registered 20")
        return self

    def dial(self, number: str) -> None:
        """Lift, hear dial tone, dial; # sends the number at once."""
        self.do("lift", "wait tone dial 3", f"dtmf {number}#")

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        self.session.run(seconds)

    def until(self, true: "Callable[[], object]", seconds: float) -> bool:
        """Let time pass until it is so, at most `seconds`."""
        return self.session.until(lambda: bool(true()), seconds)

    def meanwhile(self, work: "Callable[[], T]") -> T:
        """Return what `work` returns; the telephone lives on while it is done."""
        done = _BESIDE.submit(work)
        while not done.done():
            self.session.frame()
        return done.result()

    def finish(self) -> None:
        """Switch off in good order and close the report. Safe to call twice."""
        try:
            self.session.finish()
        finally:
            self.session.close()

    # ---- the other side

    def cli(self, command: str) -> str:
        """Ask Asterisk's console."""
        return self.meanwhile(lambda: self.server.cli(command))

    def server_says(self, question: "Callable[[], T]", wait_s: float = 10) -> T:
        """Ask Asterisk until the answer is true or the time is over; return the last answer."""
        return self.meanwhile(lambda: self.server.wait(question, wait_s))

    def channel(self) -> str:
        """Return the name of this account's channel in Asterisk, "" if there is none."""
        lines = self.cli("core show channels concise").splitlines()
        names = [line.split("!")[0] for line in lines]
        return next((name for name in names if name.startswith(f"IAX2/{self.account}-")), "")

    def assert_clear(self, wait_s: float = CLEAR_S) -> None:
        """Neither side may know a call any more, in `wait_s` at most, not even a half-open one."""
        clear = self.until(lambda: self.leg == "FREE", wait_s)
        assert clear, f"the firmware still has a call: {self.leg}"
        assert not self.session.calls_up
        gone = self.server_says(lambda: not self._dialogs(), wait_s)
        assert gone, f"Asterisk still has a dialog:\n{self.cli(CHANNELS)}"

    def _dialogs(self) -> "list[str]":
        """Return Asterisk's dialogs that began with a NEW; registrations and POKE end by themselves."""
        return [line for line in self.server.cli(CHANNELS).splitlines() if "x:NEW" in line]

    # ---- what happened

    def seen(self, what: str, **values: object) -> "list[dict]":
        """Return the events of this name that hold these values; mini frames are not among them."""
        return [
            event
            for event in self.events
            if event["what"] == what and all(event.get(name) == value for name, value in values.items())
        ]

    def frames(self, subclass: str, way: str = "out") -> "list[dict]":
        """Return the full frames of one subclass that left ("out") or came ("in")."""
        return self.seen("frame", dir=way, subclass=subclass)

    @property
    def cause(self) -> int:
        """The cause with which the last call ended, 0 if none did."""
        ended = self.seen("call_down")
        return ended[-1]["cause"] if ended else 0

    @property
    def counters(self) -> "dict[str, int]":
        """The counters of the firmware now, by name."""
        return self.session.read_counters()

    # ---- voice

    def say(self, text: str) -> "tuple[int, int]":
        """Speak into the mouthpiece while time passes; return when it began and ended, in ms."""
        self.session.telephone.play(self.meanwhile(lambda: speech.say(text)))
        began_ms = self.session.t_ms
        self.session.settle()
        return began_ms, self.session.t_ms

    def heard(self, began_ms: int, ended_ms: int) -> np.ndarray:
        """Return the samples that the ear heard in that time. Ends the run."""
        self.finish()
        samples = speech.read_wav(str(self.folder / "ear.wav"))
        return samples[began_ms * SAMPLES_PER_MS : ended_ms * SAMPLES_PER_MS]

    def echo(self, span: "tuple[int, int]") -> "tuple[float, float]":
        """Return (likeness 0 … 1, delay in ms) of what was heard to what was said in `span`. Ends the run."""
        self.finish()
        began, ended = (ms * SAMPLES_PER_MS for ms in span)
        spoken = speech.read_wav(str(self.folder / "mouth.wav"))[began:ended]
        assert np.abs(spoken).max() > 1000, "nothing was said"
        return speech.echo_match(spoken, self.heard(span[0], self.session.t_ms))

    def assert_echo(self, *spans: "tuple[int, int]") -> None:
        """What was said in each span came back: likeness above 0.9; the figures go to the test's output."""
        for span in spans:
            likeness, delay_ms = self.echo(span)
            told = f"said at {span[0] / 1000:.2f} s, came back {delay_ms:.0f} ms later, {likeness:.3f} alike"
            print(told)
            assert likeness > 0.9, told


def together(*deeds: "tuple[Phone, Callable[[], object]]") -> None:
    """Do something with several telephones at once; each lives until the last one is done."""
    left = [Event() for _ in deeds]

    def live(phone: Phone, deed: "Callable[[], object]", done: Event) -> None:
        try:
            deed()
        finally:
            done.set()
        while not all(event.is_set() for event in left):
            phone.session.frame()

    lives = [_BESIDE.submit(live, phone, deed, done) for (phone, deed), done in zip(deeds, left)]
    for life in lives:
        life.result()
