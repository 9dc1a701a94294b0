"""The pairs that a model was most wrong about, and a sheet of their crops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from faceprep.evaluate.evaluation import thresholds
from faceprep.sheets import Block, Cell, save_sheet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from faceprep.evaluate.protocol import CropPair
    from faceprep.train.siamese.judged import Judged
    from faceprep.train.siamese.measures import Figures

COUNT = 10
"""Pairs of each kind."""

_SIDE = 112  # px of a crop
_ACROSS = 5  # pairs side by side


@dataclass(frozen=True)
class Error:
    """A pair that was judged wrongly.

    Attributes:
        key: of the pair.
        score: what the model gave it.
        threshold: that it was judged at.
    """

    key: str
    score: float
    threshold: float


@dataclass(frozen=True)
class Kind:
    """One kind of error.

    Attributes:
        title: what it is, in words.
        errors: the worst first, up to `COUNT`.
        count: how many there are in all.
        pairs: how many there could be.
    """

    title: str
    errors: tuple[Error, ...]
    count: int
    pairs: int


def worst_errors(judged: Judged, figures: Mapping[str, Figures]) -> tuple[Kind, ...]:
    """Of each protocol the genuine pairs farthest below their threshold, and the impostors farthest above."""
    found = []
    for protocol, measured in figures.items():
        pairs = judged.only(protocol)
        of_fold = thresholds(measured)
        limits = np.array([of_fold[int(fold)] for fold in pairs.folds])
        above = pairs.scores - limits
        for title, rows, distance in (
            (f"{protocol}: one person, judged different", pairs.same, -above),
            (f"{protocol}: two people, judged the same", ~pairs.same, above),
        ):
            # a score at the threshold counts as different
            wrong = np.flatnonzero(rows & ((above > 0) != pairs.same))
            ordered = wrong[np.argsort(-distance[wrong], kind="stable")][:COUNT]
            errors = tuple(
                Error(pairs.keys[row], float(pairs.scores[row]), float(limits[row]))
                for row in ordered
            )
            found.append(Kind(title, errors, len(wrong), int(np.count_nonzero(rows))))
    return tuple(found)


def save_worst(path: str, kinds: Sequence[Kind], crops: Mapping[str, CropPair]) -> None:
    """A sheet as a PNG: for each kind its pairs, with score and key.

    Args:
        path: of the file.
        kinds: what goes on it.
        crops: of each of their pairs, by its key.

    Raises:
        StorageError: the file cannot be written.
    """
    blocks = [
        Block([_cell(error, crops[error.key]) for error in kind.errors], _title(kind))
        for kind in kinds
    ]
    save_sheet(path, blocks, side=_SIDE, across=_ACROSS)


def _title(kind: Kind) -> str:
    worst = f"the worst {COUNT} of " if kind.count > COUNT else ""
    return f"{kind.title}: {worst}{kind.count:,}, among {kind.pairs:,} pairs"


def _cell(error: Error, crops: CropPair) -> Cell:
    score = f"{error.score:.3f} (at {error.threshold:.3f})"
    return Cell((crops.first, crops.second), [score, error.key])
