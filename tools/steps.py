#!/usr/bin/env python3
"""Run make targets one after the other, say where we are, and tell at the end what each took.

`tools/steps.py lint unit …`: every step runs, also after one has failed, so that one run shows all.
Exit status: 0 if all passed, 1 if not.
"""

import subprocess
import sys
import time


def run(step: str) -> "tuple[bool, float]":
    """Run one target; return whether it passed and the seconds it took."""
    start = time.monotonic()
    done = subprocess.run(["make", "--no-print-directory", step], check=False)
    return done.returncode == 0, time.monotonic() - start


def summary(rows: "list[tuple[str, bool, float]]") -> str:
    """Return the closing table: step, verdict, time; and the total."""
    lines = [f"  {'ok' if passed else 'FAILED':<7} {step:<9} {_clock(took)}" for step, passed, took in rows]
    failed = [step for step, passed, _took in rows if not passed]
    verdict = f"failed: {' '.join(failed)}" if failed else "all passed"
    return "\n".join([*lines, f"  {verdict}, {_clock(sum(row[2] for row in rows))} in all"])


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def main(steps: "list[str]") -> int:
    """Run the steps of the command line."""
    rows = []
    for at, step in enumerate(steps, 1):
        print(f"── {at}/{len(steps)} {step}", flush=True)
        passed, took = run(step)
        rows.append((step, passed, took))
        if not passed:
            print(f"── {step} FAILED", flush=True)
    print(f"\nmake test\n{summary(rows)}")
    return 0 if all(passed for _step, passed, _took in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
