#!/usr/bin/env python3
"""Draw the state machines from their tables: `tools/draw_fsm.py` writes firmware/pictures/*.svg.

Each machine is a constant NEXT in its module (rows are states, columns events, a number beyond the states
means: stay); the names come from firmware/codes.py. A picture has one row a state: which events lead where.
`test_pictures.py` refuses a stored picture that is not what this would draw now.
"""

import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import svg

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "firmware" / "pictures"

_LEFT = 20
_CHIP_PX = 130
_FROM = 210  # where the events begin
_WIDTH = 1000
_ROW = 26


@dataclass
class Machine:
    """One machine: its module, its title, and the first name of its states and of its events in codes.py."""

    module: str
    title: str
    state: str
    event: str

    @property
    def picture(self) -> Path:
        """Return where its picture lies."""
        return PICTURES / f"{Path(self.module).stem}.svg"


MACHINES = (
    Machine("line/port.py", "The telephone port", "ON_HOOK", "PORT_OFF_HOOK"),
    Machine("iax/call.py", "One call leg", "CALL_FREE", "LEG_DIAL"),
    Machine("iax/registrar.py", "The registration of an account", "REG_IDLE", "REGEV_START"),
    Machine("iax/transfer.py", "The native transfer of a call leg", "XFER_NONE", "XFEREV_REQUEST"),
)


def section(first: str) -> "list[tuple[str, str]]":
    """Return [(name, meaning)] of the block of codes.py that begins with `first`, common prefix removed."""
    lines = (ROOT / "firmware" / "codes.py").read_text(encoding="utf-8").splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith(first + " "))
    found = []
    while at < len(lines) and (match := re.match(r"(\w+) = (\d+)(?:\s+# (.*))?$", lines[at])):
        assert int(match.group(2)) == len(found), f"codes.py: {match.group(1)} is out of order"
        found.append((match.group(1), match.group(3) or ""))
        at += 1
    prefix = first.split("_", 1)[0] + "_"
    if all(name.startswith(prefix) for name, _ in found):
        found = [(name[len(prefix) :], meaning) for name, meaning in found]
    return found


def table(module: str) -> bytes:
    """Return NEXT of a module, reckoned from its text alone: its constants, then the table."""
    tree = ast.parse((ROOT / "firmware" / module).read_text(encoding="utf-8"))
    names: dict = {"__builtins__": {"bytes": bytes, "bytearray": bytearray, "const": lambda value: value}}
    for node in tree.body:
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        try:
            names[node.targets[0].id] = eval(compile(ast.Expression(node.value), module, "eval"), names)
        except (NameError, TypeError):
            continue  # not a number
    return bytes(names["NEXT"])


def moves(row: bytes, n_states: int) -> "list[tuple[int, list[int]]]":
    """Return [(next state, its events)] of one row, in the order in which the events name them."""
    found: "dict[int, list[int]]" = {}
    for event, target in enumerate(row):
        if target < n_states:
            found.setdefault(target, []).append(event)
    return list(found.items())


class Drawing:
    """The picture of one machine, filled from top to bottom."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.states = section(machine.state)
        self.events = section(machine.event)
        self.next = table(machine.module)
        assert len(self.next) == len(self.states) * len(self.events), (
            f"{machine.module}: NEXT does not fit codes.py"
        )
        self.sheet = svg.Svg()
        self.y = 40

    def draw(self) -> str:
        """Return the SVG."""
        self.sheet.text(_LEFT, 24, f"{self.machine.title} (firmware/{self.machine.module})", size=15)
        for state in range(len(self.states)):
            self._state(state)
        self._legend()
        return self.sheet.sheet(_WIDTH, self.y + 10, self.machine.title)

    def _chip(self, x: int, y: int, state: int, width: int) -> None:
        self.sheet.box(x, y, width, 20, svg.tint(state, len(self.states)))
        self.sheet.text(x + width // 2, y + 14, self.states[state][0], anchor="middle")

    def _state(self, state: int) -> None:
        n = len(self.events)
        top = self.y
        self._chip(_LEFT, top + 3, state, _CHIP_PX)
        x = _FROM
        for target, events in moves(self.next[state * n : state * n + n], len(self.states)):
            words = ", ".join(self.events[event][0] for event in events)
            said, chip = svg.width_px(words), svg.width_px(self.states[target][0]) + 14
            if x > _FROM and x + said + chip + 40 > _WIDTH - _LEFT:
                x = _FROM
                self.y += _ROW
            self.sheet.text(x, self.y + 17, words, color="#333")
            self.sheet.line([(x + said + 4, self.y + 13), (x + said + 28, self.y + 13)])
            self._chip(x + said + 31, self.y + 3, target, chip)
            x += said + chip + 52
        if x > _FROM:
            self.sheet.line([(_LEFT + _CHIP_PX + 3, top + 13), (_FROM - 8, top + 13)], arrow=False)
        meaning = self.states[state][1]
        if meaning:
            self.sheet.text(_LEFT, top + _ROW + 10, meaning, size=10, color="#666")
        self.y = max(self.y + _ROW, top + (_ROW + 16 if meaning else _ROW)) + 8
        self.sheet.line([(_LEFT, self.y - 5), (_WIDTH - _LEFT, self.y - 5)], color="#e4e4e4", arrow=False)

    def _legend(self) -> None:
        told = [f"{name}: {meaning}" for name, meaning in self.events if meaning]
        half = (len(told) + 1) // 2
        for at, words in enumerate(told):
            x = _LEFT if at < half else _WIDTH // 2
            self.sheet.text(x, self.y + 12 + at % half * 15, words, size=10, color="#666")
        self.y += half * 15 + 8


def draw(machine: Machine) -> str:
    """Return the picture of `machine` as the code is now."""
    return Drawing(machine).draw()


def main() -> int:
    """Write every picture; return 0."""
    PICTURES.mkdir(exist_ok=True)
    for machine in MACHINES:
        machine.picture.write_text(draw(machine), encoding="utf-8")
        print(machine.picture.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
