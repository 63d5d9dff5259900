"""What each kernel costs in instructions: its machine code for the board, run on a model of the board's CPU.

A job (jobs.py) drives the firmware as a call does, 20 ms at a time, on CPython. Every call of a kernel is
done by the machine code too, on a copy of the same arguments: that counts the instructions, and what the two
leave in memory must be the same. What the interpreter does around a kernel is not counted, but its calls are.
"""

import ast
import importlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from tools import build, layers
from tools.budget_lib import jobs, machine, measure, mpy, xtensa

FRAME_SAMPLES = 160
FRAME_MOST = 4_800_000  # instructions in 20 ms at 240 MHz, at best


class KernelError(measure.MeasureError):
    """A kernel cannot be counted, or the machine code does something else than the source."""


@dataclass
class Figures:
    """One kernel in the frame where it costs most, over all jobs: instructions, calls, which job that was."""

    octets: int
    frame: int = 0
    calls: int = 0
    job: str = ""

    def row(self) -> dict:
        """Return what budget.json holds of it."""
        return {
            "octets": self.octets,
            "calls_a_frame": self.calls,
            "instructions_a_sample": round(self.frame / FRAME_SAMPLES, 1),
            "instructions_a_frame": self.frame,
            "percent_of_frame": round(100 * self.frame / FRAME_MOST, 2),
            "job": self.job,
        }


@dataclass
class Counted:
    """{module.function: what it costs}, and {job: instructions of all kernels in its dearest frame}."""

    kernels: "dict[str, Figures]"
    jobs: "dict[str, int]" = field(default_factory=dict)


@dataclass
class _Watch:
    """The kernels of all modules, and what they cost in the frame that runs."""

    kernels: "dict[str, machine.Kernel]" = field(default_factory=dict)
    frame: "dict[str, list[int]]" = field(default_factory=dict)  # instructions, calls

    def call(self, name: str, function: "Callable[..., object]", args: tuple) -> object:
        """Call `function` of the source, and the machine code on the same arguments; hold them together."""
        try:
            run = machine.run(self.kernels[name], args)
        except xtensa.Unknown as wrong:
            raise KernelError(f"{name}: {wrong}") from None
        result = function(*args)
        if run.result != result or any(bytes(b) != after for b, after in run.left):
            raise KernelError(f"{name}: the machine code leaves something else than its source")
        row = self.frame.setdefault(name, [0, 0])
        row[0] += run.count
        row[1] += 1
        return result


def names_in(path: Path) -> "list[str]":
    """Return the names of the viper functions of a source file, in their order."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(mark) == "micropython.viper" for mark in node.decorator_list)
    ]


def sources() -> "dict[str, Path]":
    """Return {module: its file} of the device's modules that hold kernels."""
    return {name: path for name, path in layers.device_modules().items() if names_in(path)}


def load() -> "dict[str, machine.Kernel]":
    """Compile every module that holds kernels for the board; return {module.function: kernel}."""
    found = {}
    device_path()
    with tempfile.TemporaryDirectory() as folder:
        for module, path in sources().items():
            target = Path(folder) / "kernel.mpy"
            wrong = build.compile_one(
                path.relative_to(layers.ROOT), measure.BOARD_ARCH, build.SHIP_OPT, target
            )
            if wrong:
                raise KernelError(wrong)
            code = mpy.read(target)
            names = names_in(path)
            if len(names) != len(code.kernels):
                raise KernelError(
                    f"{module}: {len(names)} kernels in the source, {len(code.kernels)} compiled"
                )
            home = vars(importlib.import_module(module))
            for name, octets in zip(names, code.kernels, strict=True):
                found[f"{module}.{name}"] = machine.Kernel(octets, code.names, code.fun_table, home)
    return found


def device_path() -> None:
    """Let this Python import the device's modules as the device does, with the shim of `micropython`."""
    for folder in (layers.ROOT, layers.ROOT / "firmware", layers.ROOT / "host_tests" / "shim"):
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
    importlib.import_module("micropython")


@contextmanager
def _watched(watch: _Watch) -> "Iterator[None]":
    """Put a counting function in the place of each kernel, wherever a module holds it by name."""
    before: "list[tuple[ModuleType, str, object]]" = []
    for kernel in watch.kernels:
        home, name = kernel.rsplit(".", 1)
        plain = vars(sys.modules[home])[name]
        for module in [sys.modules[loaded] for loaded in layers.device_modules() if loaded in sys.modules]:
            for held in [held for held, value in vars(module).items() if value is plain]:
                before.append((module, held, plain))
                setattr(module, held, _counting(watch, kernel, plain))
    try:
        yield
    finally:
        for module, held, plain in before:
            setattr(module, held, plain)


def _counting(watch: _Watch, kernel: str, plain: "Callable[..., object]") -> "Callable[..., object]":
    return lambda *args: watch.call(kernel, plain, args)


def count(wanted: "dict[str, jobs.Job] | None" = None) -> Counted:
    """Run all jobs, or those `wanted`. Raises KernelError for a kernel that none of all jobs calls."""
    watch = _Watch(load())
    found = {name: Figures(len(kernel.code)) for name, kernel in watch.kernels.items()}
    made = Counted(found)
    with _watched(watch):
        for name, job in (jobs.JOBS if wanted is None else wanted).items():
            for _ in job(importlib.import_module):
                total = sum(frame for frame, _ in watch.frame.values())
                made.jobs[name] = max(total, made.jobs.get(name, 0))
                for kernel, (frame, calls) in watch.frame.items():
                    if frame > found[kernel].frame:
                        found[kernel] = Figures(found[kernel].octets, frame, calls, name)
                watch.frame.clear()
    unused = [name for name, figures in found.items() if not figures.calls]
    if unused and wanted is None:
        raise KernelError(f"no job of tools/budget_lib/jobs.py calls {', '.join(unused)}")
    return made
