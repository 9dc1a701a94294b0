"""How folds of CFP's protocol are written. Light."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from faceprep.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

AUTO = "auto"
"""What stands for folds that nobody has named."""

_RANGE = re.compile(r"\s*(\d{1,3})\s*(?:-\s*(\d{1,3})\s*)?")


def fold_numbers(flag: str, text: str) -> tuple[int, ...]:
    """`1-3,7` as 1, 2, 3, 7: rising, each once.

    Args:
        flag: the option that it was given with, for the error.
        text: numbers and ranges of them.

    Raises:
        UsageError: not written so.
    """
    found: set[int] = set()
    for part in text.split(","):
        match = _RANGE.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last:
            raise UsageError(f"{flag} is '{text}'; write folds as 8, 1-3 or 1,4-6")
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def fold_text(folds: Iterable[int]) -> str:
    """The reverse of `fold_numbers`: 1, 2, 3, 7 as `1-3,7`."""
    runs: list[list[int]] = []
    for fold in sorted(folds):
        if runs and fold == runs[-1][-1] + 1:
            runs[-1].append(fold)
        else:
            runs.append([fold])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def spoken(folds: Iterable[int]) -> str:
    """Folds in a sentence: `fold 07`, `folds 01, 02`."""
    names = [f"{fold:02d}" for fold in sorted(folds)]
    return f"fold{'' if len(names) == 1 else 's'} {', '.join(names)}"
