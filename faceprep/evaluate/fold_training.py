"""The training of a cross-validation: a Siamese network for each fold. Light, but for what its turns load."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from faceprep.train.begin import SIAMESE, Job
from faceprep.train.run import train
from faceprep.train.siamese.folds import fold_text

if TYPE_CHECKING:
    from faceprep.evaluate.crossval import Turn
    from faceprep.train.siamese.options import SiameseFit, SiameseOptions


@dataclasses.dataclass(frozen=True)
class FoldTraining:
    """One turn of a cross-validation after the other, as `faceprep train siamese` would do it.

    Attributes:
        shards: folders; the first has the folds.
        preset: that the options began from.
        options: of the network; the folds of each turn take the place of those in it.
        fit: how each run is done.
        bar: show a bar instead of lines.
    """

    shards: tuple[str, ...]
    preset: str
    options: SiameseOptions
    fit: SiameseFit
    bar: bool

    def __call__(self, turn: Turn) -> str:
        """Train, or go on, or find it done; the run's folder."""
        options = dataclasses.replace(
            self.options,
            data="cfp",
            train_folds=fold_text(turn.train),
            validation_folds=fold_text([turn.validation]),
            test_folds=fold_text([turn.test]),
        )
        job = Job(SIAMESE, self.shards, "", turn.folder, self.preset, options, self.fit, self.bar)
        folder, _ = train(job)
        return folder
