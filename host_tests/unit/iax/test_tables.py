"""Both tables of states: every state can be reached, and every state can be left for good."""

import pytest

import codes
from iax import call, registrar

STAY = registrar._STAY


def names(prefix):
    """Return {number: name} of the constants in codes.py that begin so."""
    return {value: name for name, value in vars(codes).items() if name.startswith(prefix)}


CALL = (call.NEXT, names("CALL_"), names("LEG_"))
REG = (registrar.NEXT, names("REG_"), names("REGEV_"))


def edges(table, n_events):
    """Return {state: set of the states one event away}."""
    rows = [table[at : at + n_events] for at in range(0, len(table), n_events)]
    return {state: {to for to in row if to != STAY} for state, row in enumerate(rows)}


def reach(graph, start):
    """Return the states that can be reached from `start`."""
    found, todo = {start}, [start]
    while todo:
        for state in graph[todo.pop()] - found:
            found.add(state)
            todo.append(state)
    return found


def states_and_events(machine):
    table, states, events = machine
    states = {value: name for value, name in states.items() if name != "REG_FAILED"}
    return table, states, events


@pytest.mark.parametrize("machine", [CALL, REG], ids=["call", "registrar"])
def test_table_has_a_place_for_each_state_and_event(machine):
    table, states, events = states_and_events(machine)
    assert len(table) == len(states) * len(events)
    assert set(table) <= set(states) | {STAY}


@pytest.mark.parametrize("machine", [CALL, REG], ids=["call", "registrar"])
def test_every_state_can_be_reached_from_the_first(machine):
    table, states, events = states_and_events(machine)
    assert reach(edges(table, len(events)), 0) == set(states)


@pytest.mark.parametrize("machine", [CALL, REG], ids=["call", "registrar"])
def test_every_state_can_get_back_to_rest(machine):
    table, states, events = states_and_events(machine)
    graph = edges(table, len(events))
    rest = {codes.CALL_FREE} if machine is CALL else {codes.REG_IDLE, codes.REG_RELEASED}
    assert [states[state] for state in states if not reach(graph, state) & rest] == []


@pytest.mark.parametrize("machine", [CALL, REG], ids=["call", "registrar"])
def test_every_event_moves_some_state(machine):
    table, _, events = states_and_events(machine)
    assert [name for event, name in events.items() if set(table[event :: len(events)]) == {STAY}] == []


def test_every_live_call_ends_by_each_kind_of_end():
    width = len(names("LEG_"))
    for state in range(codes.CALL_WAITING, codes.CALL_CLOSING + 1):
        for event in (codes.LEG_CLEAR, codes.LEG_REFUSE, codes.LEG_DEAD, codes.LEG_INVAL):
            assert call.NEXT[state * width + event] == codes.CALL_FREE


def test_every_live_call_can_be_dropped():
    width = len(names("LEG_"))
    for state in range(codes.CALL_WAITING, codes.CALL_CLOSING):
        assert call.NEXT[state * width + codes.LEG_DROP] == codes.CALL_CLOSING
