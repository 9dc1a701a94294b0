"""A run of a Siamese network to be judged. Light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep import storage
from faceprep.errors import InputError, UsageError
from faceprep.log import LOG
from faceprep.train import run_folder
from faceprep.train.siamese.options import SiameseOptions

if TYPE_CHECKING:
    from faceprep.train.run_folder import Run

KIND = "siamese"


@dataclass(frozen=True)
class TrainedSiamese:
    """A run that has a model.

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
        return storage.join(self.folder, run_folder.MODEL)


def open_trained(folder: str) -> TrainedSiamese:
    """The run in a folder.

    Raises:
        InputError: there is none, it is elsewhere, or it has no model yet.
        UsageError: a run of another kind.
    """
    if storage.is_url(folder):
        raise InputError(f"{folder}: a model is loaded from a local folder; copy the run first")
    run = run_folder.read_run(folder) if folder else None
    if run is None:
        raise InputError(
            f"{folder or 'RUN'}: no run (it has no {run_folder.MANIFEST}); name the folder of one, "
            "as 'faceprep runs' lists them"
        )
    if run.kind != KIND:
        raise UsageError(
            f"{folder}: a run of kind '{run.kind}'; faceprep evaluate judges those of {KIND}"
        )
    trained = TrainedSiamese(folder, run, _options(folder, run))
    if not storage.exists(trained.model):
        raise InputError(
            f"{trained.model}: not there; a model is kept at the end of the first epoch"
        )
    if run.status != run_folder.FINISHED:
        LOG.info(f"{run.name} is {run.status}; this is its best model so far")
    return trained


def _options(folder: str, run: Run) -> SiameseOptions:
    try:
        return SiameseOptions(**run.options)
    except (TypeError, UsageError) as error:
        raise InputError(
            f"{storage.join(folder, run_folder.MANIFEST)}: options is not of this faceprep ({error}); "
            "train again"
        ) from None
