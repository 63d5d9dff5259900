#!/usr/bin/env python3
"""Time the adapter against a calibration loop: `make bench` writes build/report/bench.json.

The figure is how many turns of a small byte-code loop a 20 ms tick is worth, so that it says something on
any host. One turn of such a loop is about 470 instructions of an ESP32, which has 4.8 million in 20 ms.
Machine code gains more on the host than on the ESP32, so take the estimate as a lower bound.
"""

import argparse
import json
import sys
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import build, runvm

ROOT = build.ROOT
REPORT = ROOT / "build" / "report" / "bench.json"
SCRIPT = ROOT / "host_tests" / "vm" / "bench_tick.py"
ESP32_LOOP = 470  # instructions a turn, counted on an emulated ESP32
ESP32_TICK = 4_800_000  # instructions in 20 ms at 240 MHz, at best


def bench(bits: int, rounds: int) -> dict:
    """Return the best of `rounds` runs in the VM of `bits`: {state: {mean, longest}} in turns of the loop."""
    build.build(runvm.ARCH[bits])
    best: dict = {}
    for _ in range(rounds):
        done = runvm.run(bits, SCRIPT, mpy=True, timeout_s=300)
        if done.returncode:
            raise SystemExit(f"bench: failed in the {bits}-bit VM: {done.stderr.strip().splitlines()[-1]}")
        seen = json.loads(done.stdout.splitlines()[-1])["states"]
        for name, figures in seen.items():
            kept = best.setdefault(name, {key: round(value) for key, value in figures.items()})
            for key, value in figures.items():
                kept[key] = min(kept[key], round(value))
    return best


def main() -> int:
    """Run on every VM there is, write and print the report; return 1 if there is none."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="runs of which the best counts")
    given = parser.parse_args()
    made = {}
    for bits in (64, 32):
        if runvm.find(bits) is None:
            print(f"bench: no {bits}-bit MicroPython: {runvm.hint(bits)}", file=sys.stderr)
            continue
        made[f"vm{bits}"] = bench(bits, given.rounds)
    for vm, states in made.items():
        for name, figures in states.items():
            share = figures["mean"] * ESP32_LOOP / ESP32_TICK
            print(
                f"{vm} {name:9} a tick is worth {figures['mean']:6,} turns of the loop, the longest "
                f"{figures['longest']:6,}; on an ESP32 about {share:.0%} of its time"
            )
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    return 0 if made else 1


if __name__ == "__main__":
    sys.exit(main())
