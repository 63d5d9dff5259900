#!/usr/bin/env python3
"""The DTMF detector's table: this firmware's beside spandsp's and multimon-ng's, on the same samples.

    tools/dtmf_table.py                the sweep after CM7291 and the table of Q.24: a minute
    tools/dtmf_table.py --talk-off     also speech and music: 20 minutes of it, `all` for all 150 minutes
    tools/dtmf_table.py --warp         also the same at other speeds: with `--talk-off all` five times as much
The figures go to build/report/dtmf.json too. A receiver that is not on this machine has an empty column.
Exit status: 0 each demand is met by this firmware; 1 one is not, or the firmware could not run.
"""

import argparse
import json
import sys
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path[1:1] = [str(ROOT), str(ROOT / "host_tests")]

from tools.dtmf_lib import corpus, mitel, q24, receivers, talkoff  # noqa: E402  after the path
from tools.dtmf_lib.rows import Row  # noqa: E402

REPORT = ROOT / "build" / "report" / "dtmf.json"
NAMES = ("uiaxy", "spandsp", "multimon-ng")
_WIDTHS = (50, 14, 9)


def there(say) -> dict:
    """Return the receivers of this machine by their names; say which one is missing."""
    found = {}
    for make in (receivers.Firmware, receivers.Spandsp, receivers.Multimon):
        try:
            found[make.name] = make()
        except receivers.Missing as problem:
            say(f"dtmf_table: {problem}")
    return found


def measure(rows: "list[Row]", heard_by: dict) -> None:
    """Let every receiver hear every row."""
    for name, receiver in heard_by.items():
        known: dict[int, list[str]] = {}
        if name == "uiaxy":
            _prime(rows, receiver, known)
        for row in rows:
            at = id(row.cases)
            if name == "spandsp" and row.dial_tone:
                known[at] = receivers.Spandsp(dial_tone=True).hear(row.cases)
            elif at not in known:
                known[at] = receiver.hear(row.cases)
            row.figures[name] = row.score(known[at], row.wanted)


def _prime(rows: "list[Row]", receiver, known: dict) -> None:
    """Feed all cases in one run of the VM."""
    sets = {id(row.cases): row.cases for row in rows}
    heard = iter(receiver.hear([case for cases in sets.values() for case in cases]))
    for at, cases in sets.items():
        known[at] = [next(heard) for _ in cases]


def line(row: Row) -> str:
    """Return a row as it is printed, with a mark where the demand is not met."""
    cells = []
    for name in NAMES:
        figure = row.figures.get(name)
        text = "-" if figure is None else f"{figure:.1f}".removesuffix(".0")
        cells.append(f"{text + (' ' if figure is None or row.gate(figure) else '*'):>12}")
    first = f"{row.what} [{row.unit}]"
    return f"{first:{_WIDTHS[0]}} {row.demand:{_WIDTHS[1]}}" + "".join(cells)


def print_table(rows: "list[Row]") -> None:
    """Print all rows under the headings of their groups."""
    group = ""
    for row in rows:
        if row.group != group:
            group = row.group
            head = "".join(f"{name + ' ':>12}" for name in NAMES)
            print(f"\n{group:{_WIDTHS[0]}} {'demand':{_WIDTHS[1]}}{head}")
        print(line(row))
    print("\n* does not meet the demand")


def verdict(unmet: "list[str]") -> str:
    """Return the last line: which demands this firmware does not meet, and what exit status follows."""
    if not unmet:
        return "uiaxy meets each demand"
    return f"uiaxy does not meet, hence exit status 1: {'; '.join(unmet)}"


def write(rows: "list[Row]") -> None:
    """Write the report."""
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    told = [
        {
            "group": row.group,
            "what": row.what,
            "unit": row.unit,
            "demand": row.demand,
            "figures": row.figures,
            "met": {name: row.gate(figure) for name, figure in row.figures.items()},
        }
        for row in rows
    ]
    REPORT.write_text(json.dumps(told, indent=1) + "\n")


def speeds(warp: bool) -> "list[Fraction]":
    """Return the speeds of the talk-off rows."""
    return talkoff.SPEEDS if warp else [Fraction(1)]


def main(argv: "list[str] | None" = None) -> int:
    """Measure, print, write; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--talk-off", choices=("subset", "all"), nargs="?", const="subset")
    parser.add_argument("--warp", action="store_true", help="speech and music at other speeds too")
    given = parser.parse_args(argv)
    heard_by = there(lambda text: print(text, file=sys.stderr))
    if "uiaxy" not in heard_by:
        return 1
    rows = mitel.rows() + q24.rows()
    measure(rows, heard_by)
    if given.talk_off or given.warp:
        if not corpus.files():
            print("dtmf_table: no recordings: tools/lab.py install", file=sys.stderr)
            return 1
        rows += talkoff.measured(given.talk_off or "subset", speeds(given.warp), heard_by)
    print_table(rows)
    write(rows)
    unmet = [f"{row.group}, {row.what}" for row in rows if not row.gate(row.figures["uiaxy"])]
    print(verdict(unmet))
    return 1 if unmet else 0


if __name__ == "__main__":
    sys.exit(main())
