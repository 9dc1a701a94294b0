"""Pairs of encoded faces to verdicts, by the network of a Siamese run. Light, but for what it loads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep.faces import model as face_model
from faceprep.train import machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from faceprep.predict.trained import TrainedSiamese


@dataclass(frozen=True)
class Verdict:
    """What a network says of two faces.

    Attributes:
        score: higher means more alike.
        same: whether it takes them for one person: its score is above the threshold.
    """

    score: float
    same: bool


@dataclass(frozen=True)
class PairJudge:
    """A network with its threshold.

    Attributes:
        scores: of two equally long lists of encoded crops: (n,) float64, higher for more alike.
        threshold: two faces with a higher score are taken for one person.
        batch: pairs that it is given at once.
    """

    scores: Callable[[Sequence[bytes], Sequence[bytes]], NDArray[np.float64]]
    threshold: float
    batch: int

    def __call__(self, first: Sequence[bytes], second: Sequence[bytes]) -> Iterator[Verdict]:
        """A verdict for each pair, in order.

        Args:
            first: encoded crops, as extract makes them.
            second: as many.

        Raises:
            FaceprepError: a score is no number.
        """
        for start in range(0, len(first), self.batch):
            some = slice(start, start + self.batch)
            for score in self.scores(first[some], second[some]).tolist():
                yield Verdict(score, score > self.threshold)


def started(trained: TrainedSiamese, batch: int) -> PairJudge:
    """The network of a run, loaded.

    Raises:
        InputError: it cannot be loaded.
        SetupError: tensorflow cannot.
    """
    machine.start_tensorflow()
    from faceprep.train.siamese.verifier import load_verifier

    verifier = load_verifier(trained.model, trained.options, trained.image)
    return PairJudge(verifier.scores, trained.threshold, batch)


def check_finder() -> None:
    """Raises SetupError: this machine lacks what finds faces."""
    face_model.find()
