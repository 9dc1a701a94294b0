"""What counts as an error branch, and what was run of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.coverage_of_errors import ErrorCount, count, error_branches, read, report

if TYPE_CHECKING:
    from pathlib import Path

MODULE = """\
def load(path):
    try:
        text = open(path).read()
    except OSError as error:
        if error.errno == 2:
            return None
        raise InputError(path) from None
    if not text:
        hint = "empty"
        raise InputError(hint)
    elif text == "x":
        return text
    else:
        return UsageError("x")
    for word in text:
        if word: break
    else:
        raise ValueError
    raise SystemExit
"""
BRANCHES = [[5, 7, 6], [9, 10], [14], [18], [19]]


def test_branches_that_end_in_an_error_are_found() -> None:
    assert [sorted(each) for each in error_branches(MODULE)] == [sorted(b) for b in BRANCHES]


@pytest.mark.parametrize("body", ["return Other()", "return error", "pass", "x = InputError()"])
def test_other_ends_are_none(body: str) -> None:
    assert error_branches(f"def f(x):\n    if x:\n        {body}\n    return x\n") == []


def test_a_match_has_branches_too() -> None:
    source = "match x:\n    case 1:\n        y = 2\n        raise ValueError\n    case 2:\n        pass\n"
    assert error_branches(source) == [[3, 4]]


def test_a_branch_is_run_when_its_first_statement_is() -> None:
    run, missing = {1, 2, 3, 8, 9, 5, 6}, {7, 10, 14, 19}
    found = count(error_branches(MODULE), run, missing)
    assert found == ErrorCount(7, 3, 4, 2, (14, 19))  # 18 was left out of the count


def test_the_report_adds_up(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(MODULE)
    (tmp_path / "two.py").write_text("raise SystemExit\n")
    files = {
        "one.py": {"executed_lines": [5, 9], "missing_lines": [6, 7, 10, 14, 18, 19]},
        "two.py": {"executed_lines": [1], "missing_lines": []},
    }
    lines = list(report(read({"files": files}, tmp_path), 33.33))
    assert lines[0].split() == ["lines", "33.3", "%"]
    assert lines[1].split() == ["error", "branches", "50.0", "%", "(3", "of", "6)"]
    assert lines[2].split() == ["statements", "33.3", "%", "(3", "of", "9)"]
    assert lines[4:] == ["   2 of   5  one.py: not run: 14, 18, 19"]
