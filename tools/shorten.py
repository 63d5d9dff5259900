"""Give names that nobody else can see short ones on their way to the board, for each name costs RAM there.

A MicroPython that loads .mpy files keeps every identifier it meets in one table: some 20 octets a name, 400
of them ours. Two kinds can change without anybody noticing: what begins with one underscore (private to a
file, or to classes that inherit from each other), and parameters that no call names. Sources stay as they
are, line for line; only what tools/build.py compiles is changed. `build/<arch>/names.txt` tells which short
name stands for what, so that a traceback from a board can be read.
"""

import ast
import io
import itertools
import keyword
import re
import string
import tokenize
from collections.abc import Iterator

_PRIVATE = re.compile(r"_[A-Za-z][A-Za-z0-9_]*$")
_KEPT = re.compile(r"__\w+__$")


class Module:
    """One source file: its tree, its private names, the classes it builds on."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.tree = ast.parse(text)
        self.consts = _consts(self.tree)
        self.private = {n for n in _identifiers(self.tree) if _PRIVATE.match(n)} - self.consts
        self.classes = {node.name for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef)}
        self.bases = {
            base.id
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ClassDef)
            for base in node.bases
            if isinstance(base, ast.Name)
        }


def _consts(tree: ast.Module) -> "set[str]":
    """Names given by const(): the compiler folds them, they are nowhere on the device."""
    return {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
        if isinstance(target, ast.Name)
        if isinstance(node.value.func, ast.Name) and node.value.func.id == "const"
    }


def _identifiers(tree: ast.AST) -> "Iterator[str]":
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg


def _families(modules: "list[Module]") -> "list[set[str]]":
    """Sets of private names that may meet in one object: of a file and of those it inherits from."""
    owner = {cls: module for module in modules for cls in module.classes}
    families: "list[set[Module]]" = []
    for module in modules:
        related = {module} | {owner[base] for base in module.bases if base in owner}
        touching = [family for family in families if family & related]
        families = [family for family in families if not family & related]
        families.append(related.union(*touching))
    return [set().union(*(module.private for module in family)) for family in families]


def _short_names(prefix: str) -> "Iterator[str]":
    for length in itertools.count(1):
        for letters in itertools.product(string.ascii_lowercase, repeat=length):
            name = prefix + "".join(letters)
            if not keyword.iskeyword(name):
                yield name


def private_names(modules: "list[Module]") -> "dict[str, str]":
    """Return {private name: short name}; two names share one if they can never meet in one object."""
    families = _families(modules)
    count = {name: sum(name in family for family in families) for family in families for name in family}
    public = {n for module in modules for n in _identifiers(module.tree)} | set(keyword.kwlist)
    short: "dict[str, str]" = {}
    for name in sorted(count, key=lambda n: (-count[n], n)):
        near = set().union(*(family for family in families if name in family))
        taken = {short[other] for other in near if other in short}
        short[name] = next(s for s in _short_names("_") if s not in taken and s not in public)
    return short


def _keywords_used(modules: "list[Module]") -> "set[str]":
    return {
        word.arg
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg
    }


def _parameter_edits(function: ast.FunctionDef, kept: "set[str]") -> "dict[tuple[int, int], str]":
    """Return {(line, column): short name} for the parameters of one function and their uses in it."""
    inside_text = {
        name.id
        for node in ast.walk(function)
        if isinstance(node, ast.JoinedStr)
        for name in ast.walk(node)
        if isinstance(name, ast.Name)
    }
    used = set(_identifiers(function))
    free = (name for name in _short_names("") if name not in used)
    short = {
        arg.arg: next(free)
        for arg in function.args.args
        if arg.arg not in kept and arg.arg not in inside_text and len(arg.arg) > 1
    }
    edits = {}
    for node in ast.walk(function):
        name = node.arg if isinstance(node, ast.arg) else node.id if isinstance(node, ast.Name) else ""
        if name in short:
            edits[node.lineno, node.col_offset] = short[name]  # type: ignore[attr-defined]
    return edits


def _rewrite(module: Module, private: "dict[str, str]", kept: "set[str]") -> str:
    edits: "dict[tuple[int, int], str]" = {}
    functions = [node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef)]
    inner = {node for outer in functions for node in ast.walk(outer) if node is not outer}
    for function in functions:
        if function not in inner:  # a function in a function keeps its own: it may use those of the outer
            edits.update(_parameter_edits(function, kept))
    lines = module.text.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(module.text).readline))
    for token in reversed(tokens):
        if token.type != tokenize.NAME:
            continue
        row, start = token.start
        at = row, len(lines[row - 1][:start].encode())  # ast counts octets
        new = edits.get(at) or private.get(token.string if token.string not in module.consts else "")
        if new:
            line = lines[row - 1]
            lines[row - 1] = line[:start] + new + line[token.end[1] :]
    return "".join(lines)


def shorten(sources: "dict[str, str]") -> "tuple[dict[str, str], dict[str, str]]":
    """Return ({file: source with short names}, {private name: short name}) for all modules of the device.

    A parameter keeps its name if any call in these modules names one like it.
    """
    modules = [Module(name, text) for name, text in sources.items()]
    private = {old: new for old, new in private_names(modules).items() if len(new) < len(old)}
    kept = _keywords_used(modules) | {"self"}
    return {module.name: _rewrite(module, private, kept) for module in modules}, private
