"""What `faceprep evaluate` can be told, and how folds are written. Light: importing this loads no numpy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep.errors import UsageError
from faceprep.options import check, option

if TYPE_CHECKING:
    from collections.abc import Iterable

AUTO = "auto"
_RANGE = re.compile(r"\s*(\d{1,3})\s*(?:-\s*(\d{1,3})\s*)?")


@dataclass(frozen=True)
class EvaluateOptions:
    """Which folds are judged, and what is told of them.

    Raises:
        UsageError: a value outside its limits.
    """

    folds: str = option(
        AUTO,
        "Folds to judge, as 8, 1-3 or 1,4-6; auto: all of whose people the run was trained on none.",
        metavar="N-N",
    )
    allow_leak: bool = option(
        False,
        "Judge folds with people that the run was trained on too; the report then bears a warning.",
    )
    centre_crops: bool = option(
        False, "List the images without a found face, whose centres took part."
    )

    def __post_init__(self) -> None:
        check(self)
        _ = self.wanted

    @property
    def wanted(self) -> tuple[int, ...]:
        """The folds that were asked for, rising; none for auto. Raises UsageError."""
        return () if self.folds == AUTO else fold_numbers("--folds", self.folds)


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
