"""What the modules cost: .mpy files for the board, live heap in the 32-bit VM."""

import json
import re
from dataclasses import dataclass, field

from tools import build, layers, runvm
from tools.budget_lib import mpy

ROOT = layers.ROOT
SCRIPTS = ROOT / "host_tests" / "vm"
BOARD_ARCH = "xtensawin"
ROOTS = ("main", "setup", "stats", "board.sim")  # what the box loads in any case
# What a call that comes in needs for its Caller ID (the default, Bell 202), in RAM only while it comes in;
# what stays of it, names above all, counts.
RINGING = ("calling", "iax.told", "iax.date", "line.callerid", "line.letters", "dsp.fsk")

_NAMES = re.compile(r"qstr pool:.* n_qstr=(\d+),.* n_total_bytes=(\d+)")


class MeasureError(Exception):
    """A measurement could not be made; the text says in one line why."""


class ToolMissing(MeasureError):
    """It could not be made on this machine."""


@dataclass
class Module:
    """One module of the device: its room, and its bytes. `ram` is heap at import, without machine code."""

    name: str
    room: str
    default: bool
    mpy: int = 0
    native: int = 0
    functions: int = 0
    ram: int = 0


@dataclass
class Measured:
    """Everything that was measured. `heap` holds what the VM scripts printed, by script."""

    modules: "dict[str, Module]" = field(default_factory=dict)
    heap: "dict[str, dict]" = field(default_factory=dict)
    notes: "list[str]" = field(default_factory=list)
    vm: str = ""
    names: int = 0
    names_ram: int = 0

    def default(self) -> "list[Module]":
        """Return the modules of the default configuration."""
        return [module for module in self.modules.values() if module.default]


def load_order() -> "list[str]":
    """Return the default modules, each after those that it imports at its top.

    A package comes before its parts: it loads them, so the figure at its name is that of all of them.
    """
    known = layers.device_modules()
    order: "list[str]" = []
    seen: "set[str]" = set()

    def visit(name: str) -> None:
        if name in seen or name not in known:
            return
        seen.add(name)
        package = known[name].name == "__init__.py"
        if package:
            order.append(name)
        for used in sorted(layers.imports(known[name], top_only=True)):
            visit(used)
        if not package:
            order.append(name)

    for root in (*ROOTS, *RINGING):
        visit(root)
    return order


def extra_order() -> "list[str]":
    """Return the modules outside the default, each after those of them that it imports at its top.

    What a board has of its own is left out: not every VM can load it.
    """
    known = layers.device_modules()
    default = load_order()
    order: "list[str]" = []

    def visit(name: str) -> None:
        if name in known and name not in (*default, *order) and not name.startswith("board"):
            for used in sorted(layers.imports(known[name], top_only=True)):
                visit(used)
            order.append(name)

    for name in sorted(known):
        if name not in layers.BOOKS:
            visit(name)
    return order


def room_of(name: str) -> str:
    """Return the row of the budget that a module belongs to."""
    room = layers.room(name)
    return room if room in (*layers.ROOMS, "board") else "top"


def sizes() -> Measured:
    """Build for the board and return the bytes of every module; the VM is not needed."""
    found = Measured()
    default = load_order()
    try:
        built = build.build(BOARD_ARCH)
    except build.BuildError as wrong:
        raise MeasureError(str(wrong)) from None
    for source, octets in built.items():
        name = layers.module_name(ROOT / source)
        code = mpy.read((ROOT / "build" / BOARD_ARCH / source).with_suffix(".mpy"))
        found.modules[name] = Module(
            name, room_of(name), name in default, octets, code.native, code.functions
        )
    return found


def in_vm(script: str, *args: str) -> dict:
    """Run one of host_tests/vm in the 32-bit VM from .mpy files; return the JSON of its last line.

    Lines about the VM's table of names, if there are any, are added as `names`: (how many, bytes) each.
    """
    done = runvm.run(32, SCRIPTS / script, *args, mpy=True, timeout_s=120)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()
        raise MeasureError(f"{script} failed in the 32-bit VM: {said[-1]}")
    printed = json.loads(done.stdout.splitlines()[-1])
    if isinstance(printed, list):
        printed = _import_figures(printed)
    printed["names"] = [(int(n), int(octets)) for n, octets in _NAMES.findall(done.stdout)]
    return printed


def _pieces() -> "list[str]":
    """Return the modules for heap_import.py as one text in pieces that a VM takes."""
    text = ",".join((*load_order(), "--", *extra_order(), "--", *RINGING))
    return [text[at : at + 200] for at in range(0, len(text), 200)]


def _import_figures(said: list) -> dict:
    """Return by name what heap_import.py printed as numbers alone."""
    default = load_order()
    return {
        "import_ram_bytes": said[0],
        "import_peak_bytes": said[1],
        "modules": dict(zip(default, said[2])),
        "extras": dict(zip(extra_order(), said[3])),
        "passing": [default[i] for i in said[4]],
    }


def vm_version() -> str:
    """Return the version of the 32-bit VM, such as 1.26.1."""
    source = "import sys\nprint('.'.join(str(n) for n in sys.implementation.version[:3]))\n"
    return runvm.run(32, source).stdout.strip()


def _share_out(found: Measured) -> None:
    """Give each module the heap that its import added, and the table of names what it grew meanwhile."""
    imported = found.heap["import"]
    tables = [octets for _, octets in imported["names"]]
    last = len(load_order())  # the table of names after the default modules; then the extras go on with it
    for at, name in enumerate(extra_order()):
        grown = tables[last + at + 2] - tables[last + at + 1]
        found.modules[name].ram = imported["extras"][name] - grown
    for at, name in enumerate(load_order()):
        found.modules[name].ram = imported["modules"][name] - (tables[at + 1] - tables[at])
    for name in imported["passing"]:  # nothing stays of them but crumbs: those are counted as setup's
        if name != "setup":
            found.modules["setup"].ram += found.modules[name].ram
            found.modules[name].ram = 0
    found.names = imported["names"][last][0] - imported["names"][0][0]
    found.names_ram = tables[last] - tables[0]


def heaps(found: Measured) -> None:
    """Measure in the 32-bit VM and add what it says to `found`."""
    if runvm.find(32) is None:
        raise ToolMissing(f"no 32-bit MicroPython: {runvm.hint(32)}")
    try:
        build.build(runvm.ARCH[32])
    except build.BuildError as wrong:
        raise MeasureError(str(wrong)) from None
    found.vm = vm_version()
    found.heap["import"] = in_vm("heap_import.py", *_pieces())
    _share_out(found)
    for name in ("core", "ata"):
        found.heap[name] = in_vm(f"heap_{name}.py")
        if not found.heap[name]["call_up"]:
            raise MeasureError(f"heap_{name}.py: the call did not come up")
