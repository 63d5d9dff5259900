"""The sizes and the docstrings that style asks for, and no path of anyone's machine in the tree."""

import ast
import re

import pytest

from tools.layers import ROOT

FILE_LINES = 400
FUNCTION_LINES = 40
FOLDERS = ("firmware", "board", "tools", "host_tests")
PYTHON = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
SPOKEN = [path for path in PYTHON if path.relative_to(ROOT).parts[0] != "host_tests"]
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def name_of(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", PYTHON, ids=name_of)
def test_file_and_its_functions_are_short(path):
    source = path.read_text(encoding="utf-8")
    long = [f"{name_of(path)}: {source.count(chr(10))} lines"] if source.count("\n") > FILE_LINES else []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, FUNCTION) and node.end_lineno - node.lineno + 1 > FUNCTION_LINES:
            long.append(
                f"{name_of(path)}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines"
            )
    assert long == []


def undocumented(tree):
    """Yield the public classes, functions and methods without a docstring; inside functions none is."""
    for node in tree.body:
        if isinstance(node, (*FUNCTION, ast.ClassDef)) and not node.name.startswith("_"):
            if ast.get_docstring(node) is None:
                yield f"line {node.lineno}: {node.name}"
            if isinstance(node, ast.ClassDef):
                yield from undocumented(node)


@pytest.mark.parametrize("path", SPOKEN, ids=name_of)
def test_everything_public_says_what_it_does(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree) or not tree.body, "the file itself"
    assert list(undocumented(tree)) == []


def test_no_file_knows_a_path_of_the_machine_it_was_written_on():
    forbidden = re.compile(r"(?<![\w.])/(work|root)/")
    knowing = []
    for path in [*PYTHON, *ROOT.glob("*"), *(ROOT / ".ci").glob("*")]:
        if path.is_file() and forbidden.search(path.read_text(encoding="utf-8", errors="replace")):
            knowing.append(name_of(path))
    assert [name for name in knowing if name != "host_tests/budget/test_style.py"] == []
