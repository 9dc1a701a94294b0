"""A run of a Siamese network to be judged. Light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep.train.begin import SIAMESE
from faceprep.train.siamese.options import SiameseOptions
from faceprep.train.trained import check_model, model_of, options_of, read_trained

if TYPE_CHECKING:
    from faceprep.train.run_folder import Run


@dataclass(frozen=True)
class JudgedRun:
    """A run whose model is to be judged.

    Attributes:
        folder: of the run.
        run: what `run.json` says.
        options: of the model.
    """

    folder: str
    run: Run
    options: SiameseOptions

    @property
    def model(self) -> str:
        """Where the model is."""
        return model_of(self.folder)


def open_trained(folder: str) -> JudgedRun:
    """The run in a folder.

    Raises:
        InputError: there is none, or it has no model yet.
        UsageError: a run of another kind.
    """
    run = read_trained(folder, (SIAMESE,), "evaluate")
    trained = JudgedRun(folder, run, options_of(folder, run, SiameseOptions))
    check_model(folder, run)
    return trained
