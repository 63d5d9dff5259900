"""Who imports whom in the code for the device, and who may: the law that `test_layers.py` enforces.

A room may import itself, the floor (`ticks`, `micropython`, `array`) and what stands under it. Sisters meet
only in `ata.py`; only `main.py` knows the board; the books of numbers are imported by nobody here.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOOR = ("ticks", "micropython", "array", "binascii")
ROOMS = ("iax", "line", "media", "dsp")
TOP = (
    "ata",
    "setup",
    "extras",
    "config",
    "typed",
    "stats",
    "arena",
    "remote",
    "printer",
    "failover",
    "wary",
    "servers",
    "announcer",
    "dialreport",
)
OURS = (*ROOMS, *TOP, "ticks", "main", "board", "codes")
BOOKS = ("codes", "iax.proto")

# Room → what it may import besides itself and the floor. `board` may use anything of its machine's.
LAW = {
    "ticks": (),
    "stats": (),
    "arena": (),
    "config": ("typed",),
    "remote": ("line",),  # an extra: it is a digit collector that asks the server; iax/plan.py is lent to it
    "failover": ("iax",),  # an extra: guards made of iax/poker.py
    "typed": ("line",),  # an extra: it checks what somebody types against the room that will use it
    "iax": (),
    "line": (),
    "dsp": (),
    "media": ("dsp",),
    "setup": (
        "ata",
        "iax",
        "line",
        "media",
        "dsp",
        "config",
        "announcer",
        "arena",
        "extras",
        "sys",
    ),  # gone once all is joined
    "extras": (
        "iax",
        "printer",
        "remote",
        "failover",
        "wary",
        "lamp",
        "dialreport",
    ),  # each inside a function, only if it is wanted
    "printer": (),
    "wary": (),
    "ata": ("handset",),  # it is given what it joins
    "handset": (),  # its lower half
    "announcer": ("calling", "gc", "sys"),
    "calling": ("iax", "line", "dsp"),  # passing: it makes a line program of what a caller told
    "lamp": (),
    "dialreport": (),
    "servers": (),
    "main": ("setup", "servers", "board", "stats", "sys"),
}


def module_name(path: Path) -> str:
    """Return the dotted name that the device uses for a file of firmware/ or board/."""
    inside = path.relative_to(ROOT).with_suffix("").parts
    parts = inside[1:] if inside[0] == "firmware" else inside
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def device_modules() -> "dict[str, Path]":
    """Return {dotted name: path} of every module under firmware/ and board/, books included."""
    paths = [*sorted((ROOT / "firmware").rglob("*.py")), *sorted((ROOT / "board").rglob("*.py"))]
    return {module_name(path): path for path in paths}


def imports(path: Path, top_only: bool = False) -> "set[str]":
    """Return the dotted names that a file imports, `from a import b` as both a and a.b.

    top_only: leave out what is imported inside functions, that is, loaded only when used.
    """
    names = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body if top_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            names.add(base)
            names.update(f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_new" and node.args:
            loaded = ast.literal_eval(node.args[0])  # "room.module.Class", as extras.py names it
            names.update((loaded.rpartition(".")[0], loaded))
    return names


def room(name: str) -> str:
    """Return the room of a dotted name: its first part."""
    return name.split(".", 1)[0]


def graph() -> "dict[str, set[str]]":
    """Return {module: modules of ours that it imports} for the device's code."""
    known = device_modules()
    return {name: {used for used in imports(path) if used in known} for name, path in known.items()}


def rooms_graph() -> "dict[str, set[str]]":
    """Return {room: rooms that it imports} as the code is now, the floor's `ticks` included."""
    found: "dict[str, set[str]]" = {}
    for name, used in graph().items():
        found.setdefault(room(name), set()).update(room(other) for other in used if room(other) != room(name))
    return found


def offences(name: str, path: Path) -> "list[str]":
    """Return one line for each import of a device module that the law forbids."""
    mine = room(name)
    wrong = []
    for used in sorted(imports(path)):
        other = room(used)
        if used in BOOKS or used.startswith("codes."):
            wrong.append(f"{name} imports the book {used}")
        elif mine == "board":
            if other in OURS and other not in ("board", "ticks"):
                wrong.append(f"{name} imports {used}: a board knows only ticks")
        elif other not in (mine, *FLOOR, *LAW[mine]):
            wrong.append(f"{name} imports {used}")
    return wrong


def cycles() -> "list[str]":
    """Return the import cycles among the device's modules, as lines."""
    uses = graph()
    found = []

    def walk(name: str, way: "tuple[str, ...]") -> None:
        if name in way:
            found.append(" → ".join((*way[way.index(name) :], name)))
            return
        if name not in done:
            for used in sorted(uses[name]):
                walk(used, (*way, name))
            done.add(name)

    done: "set[str]" = set()
    for name in sorted(uses):
        walk(name, ())
    return found
