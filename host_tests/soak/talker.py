"""A telephone that talks to an echo for as long as it is told, a sentence a minute, and is judged by each."""

import numpy as np

from tools.vphone_lib import speech
from tools.vphone_lib.session import Session

SENTENCE = "Are you still there? I am, and I hear every word"
EVERY_S = 60
TAIL_MS = 1000


class Talker:
    """Keeps the sound of one sentence at a time; `likeness` grows by one number a minute."""

    def __init__(self, session: Session) -> None:
        """Take the place of the report, which would keep all sound on disk."""
        self.session = session
        self.likeness: "list[float]" = []
        self.heap: "list[int]" = []  # octets live, a number a minute
        self._sentence = speech.say(SENTENCE)
        self._mouth: "list[np.ndarray]" = []
        self._ear: "list[np.ndarray]" = []
        session.report.sound = self._sound  # type: ignore[method-assign]

    def _sound(self, ear: np.ndarray, mouth: bytes, _line: "np.ndarray | None" = None) -> None:
        self._ear.append(ear.copy())
        self._mouth.append(np.frombuffer(mouth, np.int16))

    def call(self, number: str) -> None:
        """Register, lift, dial, and wait until somebody answers."""
        self.session.power_on()
        for line in ("wait registered", "lift", "wait tone dial", f"dtmf {number}#", "wait call up"):
            self.session.do(line)

    def talk(self, seconds: int) -> None:
        """Let so much time pass; say the sentence at the beginning of each minute."""
        for _ in range(max(1, seconds // EVERY_S)):
            began_ms = self.session.t_ms
            self._mouth.clear()
            self._ear.clear()
            self.session.telephone.play(self._sentence)
            self.session.settle()
            spoken = np.concatenate(self._mouth)
            self.session.run(TAIL_MS / 1000)
            self.likeness.append(speech.echo_match(spoken, np.concatenate(self._ear))[0])
            live = self.session.box.heap()["live"]
            self.heap.append(live or 0)
            self._mouth.clear()
            while self.session.t_ms - began_ms < EVERY_S * 1000:
                self.session.frame()
                self._mouth.clear()
                self._ear.clear()

    def assert_unharmed(self, pauses: int = 0) -> None:
        """Every sentence came back, the heap is as in the first minute, and no count shows a fault.

        pauses: minutes in which this machine was too slow, which may have cost a sentence.
        """
        bad = [at for at, alike in enumerate(self.likeness) if alike < 0.9]
        assert len(bad) <= pauses, f"minutes {bad} of {len(self.likeness)} came back mangled"
        # the registrar's answer is the only thing that may stay, once
        assert max(self.heap) - self.heap[0] <= 256, (
            f"the heap has grown from {self.heap[0]} to {max(self.heap)}"
        )
        counters = self.session.read_counters()
        for name in (
            "PEER_DEAD",
            "TX_LOST",
            "WINDOW_FULL",
            "RX_BAD",
            "RX_GAP",
            "RX_MINI_EARLY",
            "REG_FAILED",
        ):
            assert counters[name] == 0, f"{name} is {counters[name]}"
        assert pauses or counters["JITTER_RESYNC"] == 0
        assert self.session.calls_up, "the call is over"
