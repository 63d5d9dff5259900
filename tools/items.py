#!/usr/bin/env python3
"""The table of the interop items: number, what it is about, peer, result. `make items` checks it.

What a test shows is read from its name and marks (host_tests/items.py), what came of it from the last runs
(build/report/q07.json, written by every run of pytest). --write puts the table into host_tests/q07/TABLE.md;
without it the stored table is compared with what would be written now. A test that was skipped, or that has
not been run here, is then taken as passed, but not where CI=true.
"""

import argparse
import ast
import json
import re
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.lab_lib import find

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "host_tests"
BOOK = TESTS / "q07" / "items.toml"
TABLE = TESTS / "q07" / "TABLE.md"
REPORT = ROOT / "build" / "report" / "q07.json"
NAMED = re.compile(r"test_q(\d\d)_")
PEERS = ("test peer", "Asterisk 22")
HEAD = """# The interop items and what shows them

Made by `tools/items.py --write` from the last runs of the tests. What an item is about stands in items.toml;
a test belongs to it by its name, `test_q17_…`, or by its mark, `@pytest.mark.item(17)`. A number is that of
test functions, many of which run with several values.

| item | what it is about | peer | result |
|---:|---|---|---|
"""


@dataclass
class Item:
    """One row of the book and the tests that show it, by peer."""

    number: int
    what: str
    alone: str = ""
    later: str = ""
    tests: "dict[str, list[str]]" = field(default_factory=lambda: {peer: [] for peer in PEERS})


def book() -> "dict[int, Item]":
    """Return the items of items.toml, without tests."""
    rows = tomllib.loads(BOOK.read_text(encoding="utf-8"))
    return {int(number): Item(int(number), **row) for number, row in rows.items()}


def shown_by(function: "ast.FunctionDef") -> "set[int]":
    """Return the numbers in a test's name and marks."""
    named = NAMED.match(function.name)
    found = {int(named.group(1))} if named else set()
    for mark in function.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.item":
            found |= {number.value for number in mark.args if isinstance(number, ast.Constant)}
    return found


def scan(items: "dict[int, Item]") -> "list[str]":
    """Put every test of host_tests/ to its items; return a line for each number that the book has not."""
    wrong = []
    for path in sorted(TESTS.rglob("test_*.py")):
        peer = PEERS["interop" in path.relative_to(TESTS).parts]
        for function in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(function, ast.FunctionDef):
                continue
            for number in sorted(shown_by(function)):
                name = f"{path.relative_to(TESTS).as_posix()}::{function.name}"
                if number in items:
                    items[number].tests[peer].append(name)
                else:
                    wrong.append(f"{name}: there is no item {number}")
    return wrong


def outcome(tests: "list[str]", results: "dict[str, str]", lenient: bool) -> str:
    """Return what a cell says: how many passed, and what else there is to say.

    lenient: what was skipped or not run counts as passed.
    """
    found = [results.get(test, "not run") for test in tests]
    if lenient:
        found = ["failed" if result == "failed" else "passed" for result in found]
    return ", ".join(
        f"{result} {found.count(result)}"
        for result in ("passed", "failed", "skipped", "not run")
        if result in found
    )


def render(items: "dict[int, Item]", results: "dict[str, str]", lenient: bool) -> str:
    """Return the whole text of TABLE.md."""
    rows = []
    for item in items.values():
        what = item.what
        for peer in PEERS:
            tests = item.tests[peer]
            said = outcome(tests, results, lenient) if tests else ""
            if not tests and peer == PEERS[1]:
                said = f"– {item.alone}"
            elif not tests:
                said = "–"
            if item.later and peer == PEERS[0]:
                said = f"{said}; later: {item.later}"
            rows.append(f"| {item.number} | {what} | {peer} | {said} |")
            what = ""
    return HEAD + "\n".join(rows) + "\n"


def gaps(items: "dict[int, Item]") -> "list[str]":
    """Return a line for each item that no test shows and nothing excuses."""
    wrong = [f"no item {number}" for number in range(1, 65) if number not in items]
    for item in items.values():
        if not item.tests[PEERS[0]] and not item.later:
            wrong.append(f"item {item.number}: no test against the test peer")
        if not item.tests[PEERS[1]] and not item.alone and not item.later:
            wrong.append(f"item {item.number}: no test against Asterisk, and no reason in items.toml")
    return wrong


def stored_results() -> "dict[str, str]":
    """Return {test: result} of the last runs, {} if there were none."""
    return json.loads(REPORT.read_text(encoding="utf-8")) if REPORT.exists() else {}


def main() -> int:
    """Compare, or write; return 1 if the table is stale, an item has no test, or a test failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the table into host_tests/q07/TABLE.md")
    given = parser.parse_args()
    items = book()
    wrong = scan(items) + gaps(items)
    results = stored_results()
    text = render(items, results, lenient=not given.write and not find.in_ci())
    if given.write:
        TABLE.write_text(text, encoding="utf-8")
    elif not TABLE.exists() or TABLE.read_text(encoding="utf-8") != text:
        wrong.append("host_tests/q07/TABLE.md is not what this run found: run tools/items.py --write")
    known = {test for item in items.values() for tests in item.tests.values() for test in tests}
    wrong += [f"failed: {test}" for test in sorted(known) if results.get(test) == "failed"]
    if not given.write:
        print(text)
    for line in wrong:
        print(f"items: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
