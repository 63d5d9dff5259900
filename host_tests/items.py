"""Which test shows which of the numbered interop items, and what came of it in a run.

A test belongs to item 17 if its name begins with `test_q17_`, or by its mark: `@pytest.mark.item(17, 18)`.
Each run adds what it found to build/report/q07.json; tools/items.py makes the table of it.
"""

import json
import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "build" / "report" / "q07.json"
NAMED = re.compile(r"test_q(?:07_)?(\d\d)_")
ORDER = ("passed", "skipped", "failed")  # of several the worst counts


def numbers(item) -> "list[int]":
    """Return the numbers of the items that a test shows."""
    found = {number for mark in item.iter_markers("item") for number in mark.args}
    named = NAMED.match(item.name)
    if named:
        found.add(int(named.group(1)))
    return sorted(found)


class Recorder:
    """A plugin of pytest: every test's items travel with its report, in one process or in several."""

    def __init__(self) -> None:
        self.results: "dict[str, str]" = {}

    def pytest_collection_modifyitems(self, items) -> None:
        for item in items:
            shows = numbers(item)
            if shows:
                item.user_properties.append(("items", shows))

    def pytest_runtest_logreport(self, report) -> None:
        if not dict(report.user_properties).get("items"):
            return
        name = report.nodeid.partition("[")[0]
        before = self.results.get(name, "passed")
        self.results[name] = max(before, report.outcome, key=ORDER.index)

    def pytest_sessionfinish(self, session) -> None:
        if hasattr(session.config, "workerinput") or not self.results:
            return
        REPORT.parent.mkdir(parents=True, exist_ok=True)
        own = REPORT.with_suffix(f".{os.getpid()}")
        own.write_text(json.dumps({**stored(), **self.results}, indent=1, sort_keys=True) + "\n")
        own.replace(REPORT)


def stored() -> "dict[str, str]":
    """Return {test: result} of the runs so far."""
    return json.loads(REPORT.read_text()) if REPORT.exists() else {}
