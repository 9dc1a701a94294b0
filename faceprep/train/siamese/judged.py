"""Pairs of faces with what a model said of them. Light, but for numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Judged:
    """Pairs and their scores; all fields of one length.

    Attributes:
        keys: what the pairs are called, for instance `ff08/same/17`.
        scores: higher means more alike.
        same: the truth: whether they are of one person.
        protocols: FF or FP; empty for pairs of triplets.
        folds: from 1; 0 for pairs of triplets.
        stand_ins: how many of the two faces, 0 to 2, are the centre of an image without a found face.
    """

    keys: tuple[str, ...]
    scores: NDArray[np.float64]
    same: NDArray[np.bool_]
    protocols: tuple[str, ...]
    folds: NDArray[np.int64]
    stand_ins: NDArray[np.int64]

    def only(self, protocol: str) -> Judged:
        """The pairs of one protocol."""
        return self.at(np.flatnonzero(np.asarray(self.protocols) == protocol))

    def at(self, rows: NDArray[np.int64]) -> Judged:
        """Some of the pairs."""
        return Judged(
            tuple(self.keys[row] for row in rows),
            self.scores[rows],
            self.same[rows],
            tuple(self.protocols[row] for row in rows),
            self.folds[rows],
            self.stand_ins[rows],
        )

    @classmethod
    def joined(cls, parts: Sequence[Judged]) -> Judged:
        """Several lots of pairs, at least one, as one, in their order."""
        return cls(
            keys=tuple(key for part in parts for key in part.keys),
            scores=np.concatenate([part.scores for part in parts]),
            same=np.concatenate([part.same for part in parts]),
            protocols=tuple(name for part in parts for name in part.protocols),
            folds=np.concatenate([part.folds for part in parts]),
            stand_ins=np.concatenate([part.stand_ins for part in parts]),
        )

    def __len__(self) -> int:
        return len(self.keys)
