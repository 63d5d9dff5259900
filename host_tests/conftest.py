"""What every test finds: the paths, the shim of `micropython`, and the fixtures `vm`, `vm32` and `stub`.

The paths are those of the device, so tests import as the firmware does: `import ticks`, `from iax import
frame`, `from board import sim`, `import codes`; and beside them `import stub_hal`, `from peer import …`,
`from ref import …`, `from tools import runvm`.
"""

import sys
from collections import Counter
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.dont_write_bytecode = True
for _folder in (HERE, HERE / "shim", ROOT, ROOT / "firmware"):
    if str(_folder) not in sys.path:
        sys.path.insert(0, str(_folder))

import items as interop_items
import micropython  # noqa: F401  the shim: puts ptr8, ptr16, ptr32 and uint into builtins
import need

from tools import runvm


def pytest_addoption(parser):
    parser.addoption(
        "--vm",
        default="both",
        choices=("64", "32", "both", "none"),
        help="which MicroPython the tests marked vm and vm32 may use",
    )


def pytest_configure(config):
    config.pluginmanager.register(interop_items.Recorder())


def pytest_collection_modifyitems(config, items):
    """Mark a test that asks for a VM's fixture, and leave to another run what --vm leaves out."""
    wanted = config.getoption("--vm")
    left_out = []
    for item in items:
        for mark, bits in (("vm", "64"), ("vm32", "32")):
            if mark in getattr(item, "fixturenames", ()):
                item.add_marker(getattr(pytest.mark, mark))
            if item.get_closest_marker(mark) and wanted not in (bits, "both"):
                left_out.append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter):
    """Say what was skipped, one line for each reason."""
    skipped = [report.longrepr for report in terminalreporter.stats.get("skipped", [])]
    reasons = Counter(told[2] if isinstance(told, tuple) else str(told) for told in skipped)
    for reason, times in reasons.items():
        terminalreporter.write_line(f"skipped {times}: {reason.removeprefix('Skipped: ')}")


def _runner(bits):
    need.micropython(bits)

    def run(script, *args, **options):
        """Run a script (a path, or source text) in the VM; return the finished process with its text."""
        return runvm.run(bits, script, *args, **options)

    return run


@pytest.fixture
def vm():
    """The 64-bit MicroPython: `vm(script, *args, heap_kib=…, mpy=…, timeout_s=…)`, stdout in `.stdout`."""
    return _runner(64)


@pytest.fixture
def vm32():
    """The 32-bit MicroPython, used like `vm`."""
    return _runner(32)


@pytest.fixture
def stub():
    """A stub HAL with seed 1; its clock moves only by `stub.clock.advance(ms)`."""
    import stub_hal

    return stub_hal.make(1)
