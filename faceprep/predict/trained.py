"""A run to predict with: whether it is one, and how its faces were cut out. Light."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from faceprep import storage
from faceprep.errors import InputError, UsageError
from faceprep.extract.options import ExtractOptions
from faceprep.log import LOG
from faceprep.predict.options import AS_TRAINED
from faceprep.train import run_folder
from faceprep.train.options import AutoencoderOptions

if TYPE_CHECKING:
    from faceprep.train.run_folder import Run

KINDS = ("autoencoder",)
"""Of runs, that `faceprep predict` knows."""


@dataclass(frozen=True)
class Trained:
    """A run that has a model.

    Attributes:
        folder: of the run.
        run: what `run.json` says.
        options: of the model.
        extract: how the faces that it learnt from were found and cut out.
    """

    folder: str
    run: Run
    options: AutoencoderOptions
    extract: ExtractOptions

    @property
    def model(self) -> str:
        """Where the model is."""
        return storage.join(self.folder, run_folder.MODEL)

    def finding(self, face: str) -> ExtractOptions:
        """How faces are found and cut out of new photographs.

        Args:
            face: which of several; `AS_TRAINED` for those it learnt from.
        """
        return self.extract if face == AS_TRAINED else replace(self.extract, face=face)


def open_run(folder: str) -> Trained:
    """The run in a folder.

    Raises:
        InputError: there is none, it is elsewhere, it has no model yet, or does not say how its faces
            were cut out.
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
    if run.kind not in KINDS:
        raise UsageError(
            f"{folder}: a run of kind '{run.kind}'; faceprep predict knows {', '.join(KINDS)}"
        )
    trained = Trained(folder, run, _options(folder, run), _extract(folder, run))
    if not storage.exists(trained.model):
        raise InputError(
            f"{trained.model}: not there; a model is kept at the end of the first epoch"
        )
    if run.status != run_folder.FINISHED:
        LOG.info(f"{run.name} is {run.status}; this is its best model so far")
    return trained


def _options(folder: str, run: Run) -> AutoencoderOptions:
    try:
        return AutoencoderOptions(**run.options)
    except (TypeError, UsageError) as error:
        raise _other_faceprep(folder, "options", error) from None


def _extract(folder: str, run: Run) -> ExtractOptions:
    recorded = run.data.get("extract")
    if not recorded:
        raise InputError(
            f"{storage.join(folder, run_folder.MANIFEST)}: how the faces were cut out is not in it, "
            "since its shards were made before faceprep recorded that; shard again, train again"
        )
    try:
        return ExtractOptions(**recorded)
    except (TypeError, UsageError) as error:
        raise _other_faceprep(folder, "data.extract", error) from None


def _other_faceprep(folder: str, key: str, error: Exception) -> InputError:
    return InputError(
        f"{storage.join(folder, run_folder.MANIFEST)}: {key} is not of this faceprep ({error}); "
        "train again"
    )
