"""Every private mirror of a shared number equals its book; a public constant exists only if it is read."""

import ast
import importlib.util
import re

import pytest

from tools import layers

BOOK_OF = {"codes": "codes", "proto": "iax.proto"}
DEVICE = {name: path for name, path in layers.device_modules().items() if name not in layers.BOOKS}
MIRROR = re.compile(r"#\s*(codes|proto)\.(\w+)")


def book(name):
    """Return {constant: value} of a book, loaded from its file."""
    path = layers.device_modules()[name]
    spec = importlib.util.spec_from_file_location("book_" + name.replace(".", "_"), path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {key: value for key, value in vars(module).items() if isinstance(value, int)}


BOOKS = {short: book(name) for short, name in BOOK_OF.items() if name in layers.device_modules()}
# A signalling number in the wrong room would go unseen if any room's private name were compared with it.
MUST_MIRROR = {"codes": layers.OURS, "proto": ("iax",)}


def constants(source):
    """Return [(line, name, value or None)] of the module-level names that get a number or const(...)."""
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = node.value
            is_const = isinstance(value, ast.Call) and getattr(value.func, "id", "") == "const"
            if is_const:
                value = value.args[0]
            try:
                number = eval(compile(ast.Expression(value), "const", "eval"), {"__builtins__": {}})
            except (NameError, TypeError, SyntaxError):
                number = None
            if is_const or isinstance(number, int):
                found.append((node.lineno, node.targets[0].id, number))
    return found


def wrong_mirrors(name, source):
    """Return one line for each mirror that differs from its book or names what the book has not."""
    wrong = []
    lines = source.splitlines()
    values = {line: (constant, value) for line, constant, value in constants(source)}
    for at, text in enumerate(lines, 1):
        said = MIRROR.search(text)
        if said and at in values:
            constant, value = values[at]
            original = BOOKS[said.group(1)].get(said.group(2))
            if original is None:
                wrong.append(f"{name}:{at} mirrors {said.group(0)[2:]}, which is not in the book")
            elif original != value:
                wrong.append(f"{name}:{at} {constant} = {value}, but {said.group(0)[2:]} = {original}")
    return wrong


def unsaid_mirrors(name, source):
    """Return the private constants that are named like one in a book but carry no mirror comment."""
    lines = source.splitlines()
    unsaid = []
    for at, constant, _ in constants(source):
        for short, rooms in MUST_MIRROR.items():
            known = constant.startswith("_") and constant[1:] in BOOKS.get(short, ())
            if known and layers.room(name) in rooms and not MIRROR.search(lines[at - 1]):
                unsaid.append(f"{name}:{at} {constant} needs its comment:  # {short}.{constant[1:]}")
    return unsaid


@pytest.mark.parametrize("name", DEVICE)
def test_mirrors_equal_the_book(name):
    source = DEVICE[name].read_text(encoding="utf-8")
    assert wrong_mirrors(name, source) + unsaid_mirrors(name, source) == []


def test_public_constants_are_read_by_another_module():
    read = set()
    for path in layers.device_modules().values():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        read |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                read |= {alias.name for alias in node.names}
    useless = [
        f"{name}:{at} {constant}"
        for name, path in DEVICE.items()
        if not name.startswith("board")
        for at, constant, _ in constants(path.read_text(encoding="utf-8"))
        if not constant.startswith("_") and constant not in read
    ]
    assert useless == [], "28 octets of RAM each: make them private"


@pytest.mark.parametrize("short", BOOKS)
def test_books_hold_plain_integers_only(short):
    source = layers.device_modules()[BOOK_OF[short]].read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        assert isinstance(node, (ast.Assign, ast.Expr)), f"line {node.lineno}"


def test_counters_fill_their_range():
    codes = BOOKS["codes"]
    names = [name for name, value in codes.items()][: codes["N_COUNTERS"]]
    assert [codes[name] for name in names] == list(range(codes["N_COUNTERS"]))


def test_check_sees_a_wrong_and_an_unsaid_mirror():
    source = "_RX_BAD = const(3)  # codes.RX_BAD\n_RX_GAP = const(6)\n_X = const(1)  # codes.NO_SUCH\n"
    assert len(wrong_mirrors("iax.x", source)) == 2
    assert unsaid_mirrors("iax.x", source) == ["iax.x:2 _RX_GAP needs its comment:  # codes.RX_GAP"]
