"""The stored pictures are those that the tables and the imports would draw now."""

import ast
from xml.etree import ElementTree

import pytest

from tools import draw_fsm, draw_layers, layers

MACHINES = [machine for machine in draw_fsm.MACHINES if (layers.ROOT / "firmware" / machine.module).exists()]


def name_of(machine):
    return machine.module


@pytest.mark.parametrize("machine", MACHINES, ids=name_of)
def test_state_picture_is_fresh(machine):
    assert machine.picture.exists(), "run tools/draw_fsm.py"
    assert machine.picture.read_text(encoding="utf-8") == draw_fsm.draw(machine), (
        "stale: run tools/draw_fsm.py"
    )


@pytest.mark.parametrize("machine", MACHINES, ids=name_of)
def test_state_picture_names_every_state_and_every_event_that_moves(machine):
    words = " ".join(ElementTree.fromstring(draw_fsm.draw(machine)).itertext())
    states, events = draw_fsm.section(machine.state), draw_fsm.section(machine.event)
    table = draw_fsm.table(machine.module)
    for name, _ in states:
        assert name in words
    for at, (name, _) in enumerate(events):
        moving = any(table[row * len(events) + at] < len(states) for row in range(len(states)))
        assert moving, f"{name} never moves {machine.module}"
        assert name in words


@pytest.mark.parametrize("machine", MACHINES, ids=name_of)
def test_every_state_can_be_entered_and_left(machine):
    states, events = draw_fsm.section(machine.state), draw_fsm.section(machine.event)
    table = draw_fsm.table(machine.module)
    entered = set(table) | {0}
    assert [name for at, (name, _) in enumerate(states) if at not in entered] == []
    stuck = [
        name
        for at, (name, _) in enumerate(states)
        if all(target >= len(states) for target in table[at * len(events) : (at + 1) * len(events)])
    ]
    assert stuck in ([], ["RELEASED"])  # the box is down


def test_every_table_of_states_has_its_picture():
    with_table = [
        path.relative_to(layers.ROOT / "firmware").as_posix()
        for path in layers.device_modules().values()
        if any(
            isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "NEXT"
            for node in ast.parse(path.read_text(encoding="utf-8")).body
        )
    ]
    assert sorted(with_table) == sorted(machine.module for machine in draw_fsm.MACHINES)


def test_layer_picture_is_fresh():
    assert draw_layers.PICTURE.read_text(encoding="utf-8") == draw_layers.draw(), "run tools/draw_layers.py"
