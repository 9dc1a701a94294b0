"""The measure of the house: short files, short functions, closed doors, no circles. Read off the code."""

from __future__ import annotations

import ast
import re
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "faceprep"
MODULES = sorted(PACKAGE.rglob("*.py"))
FILES = sorted(
    path for folder in ("faceprep", "tests", "examples") for path in (ROOT / folder).rglob("*.py")
)

LONGEST_FILE, LONGEST_FUNCTION = 300, 40  # lines
FOREIGN = {"os._exit", "hashlib._Hash", "threading._register_atexit"}
"""Of other libraries, which have no other name for it."""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def imported(path: Path) -> frozenset[tuple[str, str]]:
    """What a module takes from the package: (module, name), inside functions and for types too."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {(node.module, alias.name) for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {
                (alias.name.rpartition(".")[0], alias.name.rpartition(".")[2])
                for alias in node.names
            }
    return frozenset((module, name) for module, name in found if module.startswith("faceprep"))


def called(path: Path) -> set[str]:
    """What a module calls those that it imports."""
    imports = (n for n in ast.walk(tree(path)) if isinstance(n, ast.Import | ast.ImportFrom))
    return {alias.asname or alias.name.split(".")[-1] for node in imports for alias in node.names}


def dotted(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def test_no_file_is_long() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert not {path: count for path, count in lengths.items() if count > LONGEST_FILE}


def test_no_function_is_long() -> None:
    assert not [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and lines_of_code(node) > LONGEST_FUNCTION
    ]


def lines_of_code(function: ast.FunctionDef) -> int:
    """From `def` to the end; a docstring is for reading, and does not count."""
    whole = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    has_words = ast.get_docstring(function, clean=False) is not None
    return whole - ((first.end_lineno or 0) - first.lineno + 1) * has_words


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_nothing_private_is_taken_from_another_module(path: Path) -> None:
    reached = [
        ast.unparse(node)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node.value).split(".")[-1] in called(path)
        and private(node.attr)
        and ast.unparse(node) not in FOREIGN
    ]
    assert not reached + [name for _, name in imported(path) if private(name)]


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_no_modules_import_each_other_in_a_circle() -> None:
    names = {dotted(path) for path in MODULES}
    graph = {dotted(path): needed(path, names) for path in MODULES if path.name != "__init__.py"}
    TopologicalSorter(graph).prepare()  # raises CycleError


def needed(path: Path, names: set[str]) -> set[str]:
    """The modules that a module imports, those that are named as an attribute of their room included."""
    found = set()
    for module, name in imported(path):
        found.add(f"{module}.{name}" if f"{module}.{name}" in names else module)
    return found


def test_no_rooms_import_each_other_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for path in MODULES:
        here = room(dotted(path))
        if here != "faceprep":
            graph.setdefault(here, set()).update(
                room(name) for name in needed(path, {dotted(each) for each in MODULES})
            )
    graph = {here: others - {here, "faceprep"} for here, others in graph.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError


def room(name: str) -> str:
    """The folder of a module right below `faceprep`, or the module itself where it is in none."""
    return ".".join(name.split(".")[:2])


def test_what_contributing_names_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"`((?:\w+/)+\w+\.py|\w+\.py)(?::(\w+)[\w.]*)?`", text)
    assert len(named) > 40
    for file, name in named:
        found = [path for path in FILES if path.as_posix().endswith(f"/{file}")]
        assert found, f"{file} is not there"
        assert not name or any(name in defined(path) for path in found), f"{file} has no {name}"


def defined(path: Path) -> set[str]:
    """The names at the top of a module."""
    found = set()
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {each.id for each in targets if isinstance(each, ast.Name)}
    return found
