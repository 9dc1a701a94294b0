"""How much of what handles errors was run: `python -m tests.coverage_of_errors coverage.json`.

coverage.py (`make coverage` writes its JSON) tells which statements were run. Here those are counted that
only run when something is wrong. An error branch is

- the body of an `except`,
- the body of an `if`, `elif`, `else`, `case` or loop's `else` that ends in a `raise`, or in a `return` of one
  of the errors in `faceprep/errors.py`, so that its caller raises it,
- any other `raise`, or `return` of such an error, alone: the last words of a function.

A branch was run when its first statement was. Branches inside others count for themselves; a statement
counts once, whatever it is in. What coverage.py was told to leave out is left out.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faceprep import errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).parents[1]
ERRORS = frozenset(name for name, _ in inspect.getmembers(errors, inspect.isclass))
_WORST = 20


@dataclass(frozen=True)
class ErrorCount:
    """Of one module, or of several together.

    Attributes:
        statements: in error branches. `run_statements` is how many of them were run.
        branches: error branches. `run_branches` likewise.
        missing: the lines at which branches begin that were not run.
    """

    statements: int = 0
    run_statements: int = 0
    branches: int = 0
    run_branches: int = 0
    missing: tuple[int, ...] = ()

    def __add__(self, other: ErrorCount) -> ErrorCount:
        return ErrorCount(
            self.statements + other.statements,
            self.run_statements + other.run_statements,
            self.branches + other.branches,
            self.run_branches + other.run_branches,
        )


def error_branches(source: str) -> list[list[int]]:
    """The lines on which the statements of each error branch begin, in the order of the code.

    Args:
        source: of a module.
    """
    tree = ast.parse(source)
    bodies = [body for node in ast.walk(tree) for body in _bodies(node)]
    inside = {id(each) for body in bodies for statement in body for each in ast.walk(statement)}
    alone = [[node] for node in ast.walk(tree) if _is_error(node) and id(node) not in inside]
    found = [[each.lineno for each in _statements(body)] for body in [*bodies, *alone]]
    return sorted(found)


def _bodies(node: ast.AST) -> Iterator[Sequence[ast.stmt]]:
    """The error branches that a statement has."""
    if isinstance(node, ast.ExceptHandler):
        yield node.body
    elif isinstance(node, ast.If | ast.For | ast.While | ast.match_case):
        begun = node.body if isinstance(node, ast.If | ast.match_case) else []
        for body in (begun, getattr(node, "orelse", [])):
            if body and _is_error(body[-1]):
                yield body


def _is_error(node: ast.AST) -> bool:
    """Whether it is a `raise`, or a `return` of an error."""
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Call):
        called = node.value.func
        return isinstance(called, ast.Name) and called.id in ERRORS
    return isinstance(node, ast.Raise)


def _statements(body: Sequence[ast.AST]) -> Iterator[ast.stmt]:
    """Those of a branch, and all that are in them."""
    for statement in body:
        for each in ast.walk(statement):
            if isinstance(each, ast.stmt):
                yield each


def count(branches: Sequence[Sequence[int]], run: set[int], missing: set[int]) -> ErrorCount:
    """What was run of a module's error branches.

    Args:
        branches: from `error_branches`.
        run: lines of statements that were run.
        missing: lines of those that were not; on other lines there is nothing to run.
    """
    known = run | missing
    counted = [[line for line in branch if line in known] for branch in branches]
    counted = [branch for branch in counted if branch]
    statements = {line for branch in counted for line in branch}
    entered = [branch[0] in run for branch in counted]
    left = tuple(b[0] for b, was in zip(counted, entered, strict=True) if not was)
    return ErrorCount(
        len(statements), len(statements & run), len(counted), len(counted) - len(left), left
    )


def read(coverage: Mapping[str, Any], root: Path) -> dict[str, ErrorCount]:
    """Module to its count.

    Args:
        coverage: what `coverage json` writes.
        root: that the paths in it begin at.
    """
    found = {}
    for name, module in coverage["files"].items():
        branches = error_branches((root / name).read_text("utf-8"))
        run, missing = set(module["executed_lines"]), set(module["missing_lines"])
        found[name] = count(branches, run, missing)
    return found


def report(modules: Mapping[str, ErrorCount], lines: float) -> Iterator[str]:
    """In words: all together, then the modules with the most branches that were not run."""
    total = sum(modules.values(), ErrorCount())
    yield f"lines            {lines:6.1f} %"
    yield f"error branches   {_share(total.run_branches, total.branches)}"
    yield f"  statements     {_share(total.run_statements, total.statements)}"
    yield ""
    worst = sorted(modules.items(), key=lambda module: (-len(module[1].missing), module[0]))
    for name, found in worst[:_WORST]:
        if found.missing:
            where = ", ".join(map(str, found.missing))
            yield f"{found.run_branches:4} of {found.branches:3}  {name}: not run: {where}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / max(whole, 1):6.1f} %  ({part:,} of {whole:,})"


def main() -> None:
    """Read the JSON that is named and print the report."""
    coverage = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    root = Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT
    lines = coverage["totals"]["percent_statements_covered"]
    print("\n".join(report(read(coverage, root), lines)))


if __name__ == "__main__":
    main()
