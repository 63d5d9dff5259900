#!/usr/bin/env python3
"""Hold the code against tools/budget.toml: `make budget` writes build/report/budget.json, fails if over.

Bytes of .mpy and of machine code are those of the board's architecture; heap is measured in the 32-bit VM,
which has the board's object sizes. What is counted stands at the head of host_tests/vm/heap_*.py.
Instructions of the kernels are counted on a model of the board's CPU: tools/budget_lib/kernels.py.
"""

import argparse
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import build
from tools.budget_lib import kernels, measure, table, tree
from tools.lab_lib import find

ROOT = build.ROOT
REPORT = ROOT / "build" / "report" / "budget.json"
README = ROOT / "README.md"


def plan() -> dict:
    """Return the content of tools/budget.toml."""
    return tomllib.loads((ROOT / "tools" / "budget.toml").read_text(encoding="utf-8"))


def rooms(found: measure.Measured, wanted: dict) -> dict:
    """Return {room: its modules, bytes and shares}."""
    rows = {}
    for name, share in wanted["rooms"].items():
        mine = [module for module in found.default() if module.room == name]
        rows[name] = {
            "modules": len(mine),
            "mpy": sum(module.mpy for module in mine),
            "mpy_share": share["mpy"],
            "native": sum(module.native for module in mine),
            "ram": sum(module.ram + module.native for module in mine),
            "ram_share": share["ram"],
        }
    rows["names"]["modules"] = found.names
    rows["names"]["ram"] = found.names_ram
    return rows


def extras(found: measure.Measured, wanted: dict) -> dict:
    """Return {module outside the default: why it is there, its bytes}."""
    rows = {}
    for module in sorted(found.modules.values(), key=lambda module: module.name):
        if not module.default:
            why = wanted["extras"].get(module.name, {}).get("why", "")
            rows[module.name] = {
                "why": why,
                "mpy": module.mpy,
                "native": module.native,
                "ram": module.ram + module.native,
            }
    return rows


def report(found: measure.Measured, wanted: dict) -> dict:
    """Return what budget.json holds: the figures of the limits first, then where they come from."""
    native = sum(module.native for module in found.default())
    imported = found.heap["import"]["import_ram_bytes"] + native
    in_call = found.heap["ata"]["ata_call_heap_bytes"]
    counted = kernels.count()
    figures = {
        "core_call_heap_bytes": found.heap["core"]["core_call_heap_bytes"],
        "ata_call_heap_bytes": in_call,
        "import_ram_bytes": imported,
        "mpy_total_bytes": sum(module.mpy for module in found.default()),
        "tick_allocations": found.heap["ata"]["tick_allocations"],
        "default_in_call_bytes": imported + in_call,
    }
    return {
        **figures,
        "limits": wanted["limits"],
        "import_heap_bytes": imported - native,
        "native_bytes": native,
        "rooms": rooms(found, wanted),
        "modules": {
            module.name: {"mpy": module.mpy, "native": module.native, "ram": module.ram + module.native}
            for module in sorted(found.default(), key=lambda module: module.name)
        },
        "extras": extras(found, wanted),
        "kernels": {name: figures.row() for name, figures in sorted(counted.kernels.items())},
        "kernel_jobs": counted.jobs,
        "core_parts": found.heap["core"]["parts"],
        "tools": {
            "mpy_cross": mpy_cross_version(),
            "arch": measure.BOARD_ARCH,
            "opt": build.SHIP_OPT,
            "vm": found.vm,
        },
        "notes": found.notes,
    }


def mpy_cross_version() -> str:
    """Return the version of mpy-cross, such as 1.29.0."""
    done = subprocess.run(
        [build.find_mpy_cross() or "mpy-cross", "--version"], capture_output=True, text=True, check=False
    )
    found = re.search(r"v(\d[\w.-]*)", done.stdout)
    return found.group(1) if found else "unknown"


def over(made: dict, wanted: dict) -> "list[str]":
    """Return one line for each figure beyond its limit, and for each extra that budget.toml does not know."""
    wrong = [
        f"{key} is {made[key]:,}, limit {limit:,}"
        for key, limit in made["limits"].items()
        if made[key] > limit
    ]
    for name, room in made["rooms"].items():
        for key in ("mpy", "ram"):
            if room[key] > room[f"{key}_share"]:
                wrong.append(f"room {name}: {key} is {room[key]:,}, share {room[f'{key}_share']:,}")
    for name, extra in made["extras"].items():
        if name not in wanted["extras"]:
            wrong.append(f"{name} is not loaded by default and has no row in [extras] of tools/budget.toml")
        elif extra["mpy"] > wanted["extras"][name]["mpy"]:
            wrong.append(f"extra {name}: mpy is {extra['mpy']:,}, limit {wanted['extras'][name]['mpy']:,}")
    return wrong


def unbalanced(wanted: dict) -> "list[str]":
    """Return one line for each limit that the shares of the rooms do not add up to."""
    wrong = []
    for key, limit in (("mpy", "mpy_total_bytes"), ("ram", "import_ram_bytes")):
        total = sum(room[key] for room in wanted["rooms"].values())
        if total != wanted["limits"][limit]:
            wrong.append(
                f"budget.toml: shares of {key} add up to {total:,}, not to {wanted['limits'][limit]:,}"
            )
    return wrong


def show(made: dict, before: "dict | None") -> None:
    """Print the figures, each with its change since the last report."""
    for key, limit in made["limits"].items():
        was = before.get(key) if before else None
        change = f"  {made[key] - was:+,}" if was not in (None, made[key]) else ""
        print(f"{made[key]:9,} of {limit:7,}  {key}{change}")
    for name, room in made["rooms"].items():
        print(
            f"  {name:6} {room['modules']:3} modules  mpy {room['mpy']:6,} of {room['mpy_share']:6,}"
            f"  native {room['native']:5,}  ram {room['ram']:6,} of {room['ram_share']:6,}"
        )
    for name, kernel in made["kernels"].items():
        print(
            f"  {name:22} {kernel['instructions_a_sample']:6.1f} instructions a sample,"
            f" {kernel['instructions_a_frame']:7,} in 20 ms ({kernel['job']})"
        )
    for note in made["notes"]:
        print(f"note: {note}")


def measured() -> "tuple[dict, dict]":
    """Measure everything now; return the report and the plan. Raises MeasureError."""
    wanted = plan()
    found = measure.sizes()
    measure.heaps(found)
    return report(found, wanted), wanted


def main() -> int:
    """Measure, write the report, print it; return 1 if anything is over or cannot be measured.

    Without the 32-bit MicroPython nothing is measured; that is a failure only where CI=true, or for --readme.
    """
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--readme", action="store_true", help="also write the table into README.md")
    given = parser.parse_args()
    try:
        made, wanted = measured()
    except measure.ToolMissing as wrong:
        print(f"budget: not measured, {wrong}", file=sys.stderr)
        return 1 if find.in_ci() or given.readme else 0
    except measure.MeasureError as wrong:
        print(f"budget: {wrong}", file=sys.stderr)
        return 1
    before = json.loads(REPORT.read_text(encoding="utf-8")) if REPORT.exists() else None
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    show(made, before)
    if given.readme and (told := tree.warning(ROOT)):
        print(f"warning: {told}", file=sys.stderr)
    if given.readme and not table.put_into(README, table.markdown(made)):
        print(f"README.md has no place for the table: put these two lines there\n{table.BEGIN}\n{table.END}")
        return 1
    wrong = unbalanced(wanted) + over(made, wanted)
    for line in wrong:
        print(f"over budget: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
