"""A coverage-guided loop of our own, for where atheris has no wheel, and for the short slice in CI.

A program that runs a line for the first time joins the corpus; the next is a mutation of
one drawn from it, the younger the likelier. Python 3.12 and newer count by sys.monitoring, older by settrace.
"""

import random
import sys
import time
from collections.abc import Callable
from types import CodeType, FrameType

ROOMS = ("/firmware/iax/", "/firmware/failover.py")
Run = Callable[[bytes], object]


class Coverage:
    """Counts the lines of the firmware that ran; a function whose lines all ran is not watched any more."""

    def __init__(self) -> None:
        self.count = 0
        self._left: "dict[CodeType, set[int] | None]" = {}  # lines that have not run; None: not ours

    def run(self, program: bytes, run: Run) -> int:
        """Run a program; return how many lines were new. What it raises goes through."""
        known = self.count
        sys.settrace(self._call)
        try:
            run(program)
        finally:
            sys.settrace(None)
        return self.count - known

    def _call(self, frame: FrameType, event: str, arg: object) -> object:
        code = frame.f_code
        if code not in self._left:
            lines = {line for _, _, line in code.co_lines() if line}
            self._left[code] = lines - {code.co_firstlineno} if is_ours(code) else None
        return self._line if self._left[code] else None

    def _line(self, frame: FrameType, event: str, arg: object) -> object:
        left = self._left[frame.f_code]
        if event == "line" and left and frame.f_lineno in left:
            left.discard(frame.f_lineno)
            self.count += 1
        return self._line if left else None


def is_ours(code: CodeType) -> bool:
    """True for code of the rooms that are judged."""
    name = code.co_filename.replace("\\", "/")
    return any(room in name for room in ROOMS)


class Monitor(Coverage):
    """The same by sys.monitoring, which forgets a line once it is seen."""

    def run(self, program: bytes, run: Run) -> int:
        """Run a program; return how many lines were new."""
        known = self.count
        monitoring = sys.monitoring  # type: ignore[attr-defined]
        tool = monitoring.COVERAGE_ID
        if monitoring.get_tool(tool) is None:
            monitoring.use_tool_id(tool, "uiaxy fuzz")
            monitoring.register_callback(tool, monitoring.events.LINE, self._line)
        monitoring.set_events(tool, monitoring.events.LINE)
        try:
            run(program)
        finally:
            monitoring.set_events(tool, 0)
        return self.count - known

    def _line(self, code: CodeType, line: int) -> object:  # type: ignore[override]
        self.count += is_ours(code)
        return sys.monitoring.DISABLE  # type: ignore[attr-defined]


def counter() -> Coverage:
    """Return what this Python counts best with."""
    return Monitor() if hasattr(sys, "monitoring") else Coverage()


class Crash(Exception):
    """A program broke a law; `program` is it, the cause is what it raised."""

    def __init__(self, program: bytes) -> None:
        super().__init__(f"{len(program)} octets")
        self.program = program


def fuzz(
    run: Run, seeds: "list[bytes]", mutate: "Callable[[bytes, random.Random], bytes]", seconds: float,
    seed: int, tell: "Callable[[str], None]" = lambda words: None, most: int = 1 << 60,
) -> "tuple[int, int]":  # fmt: skip
    """Run mutations for so long, `most` of them at the most; return (programs run, lines seen)."""
    rng, coverage = random.Random(seed), counter()
    corpus: "list[bytes]" = []
    began = told = time.monotonic()
    runs = 0
    while time.monotonic() - began < seconds and runs < most:
        if runs < len(seeds):
            program = seeds[runs]
        else:
            program = mutate(corpus[-1 - min(int(rng.expovariate(4 / len(corpus))), len(corpus) - 1)], rng)
        runs += 1
        try:
            found = coverage.run(program, run)
        except Exception as problem:
            raise Crash(program) from problem
        if found:
            corpus.append(program)
        if time.monotonic() - told > 10:
            told = time.monotonic()
            rate = runs / (told - began)
            done = f"{told - began:5.0f} s  {runs} programs, {rate:.0f}/s"
            tell(f"{done}, corpus {len(corpus)}, lines {coverage.count}")
    return runs, coverage.count
