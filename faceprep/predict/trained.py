"""A run to predict with: whether it is one, of what kind, and how its faces were cut out. Light."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from faceprep import storage
from faceprep.dataset_folder import ImageForm
from faceprep.errors import InputError, UsageError
from faceprep.faces.options import FaceOptions, made_with
from faceprep.predict.options import AS_TRAINED
from faceprep.train import run_folder
from faceprep.train.begin import AUTOENCODER, SIAMESE
from faceprep.train.options import AutoencoderOptions
from faceprep.train.siamese.options import SiameseOptions
from faceprep.train.trained import (
    check_model,
    model_of,
    of_another_faceprep,
    options_of,
    read_trained,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from faceprep.train.run_folder import Run

KINDS = (AUTOENCODER, SIAMESE)
"""Of runs, that `faceprep predict` knows."""


@dataclass(frozen=True)
class Opened:
    """A run that has a model, of whatever kind.

    Attributes:
        folder: of the run.
        run: what `run.json` says.
        extract: how the faces that it learnt from were found and cut out.
    """

    folder: str
    run: Run
    extract: FaceOptions

    @property
    def model(self) -> str:
        """Where the model is."""
        return model_of(self.folder)

    def finding(self, face: str) -> FaceOptions:
        """How faces are found and cut out of new photographs.

        Args:
            face: which of several; `AS_TRAINED` for those it learnt from.
        """
        return self.extract if face == AS_TRAINED else replace(self.extract, face=face)


@dataclass(frozen=True)
class Trained(Opened):
    """A run with an autoencoder.

    Attributes:
        options: of the model.
    """

    options: AutoencoderOptions


@dataclass(frozen=True)
class TrainedSiamese(Opened):
    """A run with a Siamese network.

    Attributes:
        options: of the model.
        threshold: two faces with a higher score are taken for one person.
    """

    options: SiameseOptions
    threshold: float

    @property
    def image(self) -> ImageForm:
        """What the crops are that it learnt from, and is given."""
        return ImageForm.of_crops(asdict(self.extract))

    def finding(self, face: str) -> FaceOptions:
        """How the one face of a photograph is found: where it learnt from all, the subject is taken."""
        found = super().finding(face)
        return replace(found, face="subject") if found.face == "all" else found


def open_run(folder: str) -> Trained | TrainedSiamese:
    """The run in a folder.

    Raises:
        InputError: there is none, it has no model yet, or does not say how its faces were cut out; a
            Siamese one has no threshold yet.
        UsageError: a run of another kind.
    """
    run = read_trained(folder, KINDS, "predict")
    trained = _OPENERS[run.kind](folder, run)
    check_model(folder, run)
    return trained


def _autoencoder(folder: str, run: Run) -> Trained:
    options = options_of(folder, run, AutoencoderOptions)
    return Trained(folder, run, _extract(folder, run), options)


def _siamese(folder: str, run: Run) -> TrainedSiamese:
    options, extract = options_of(folder, run, SiameseOptions), _extract(folder, run)
    threshold = run.threshold
    if not isinstance(threshold, int | float) or not math.isfinite(threshold):
        raise InputError(
            f"{storage.join(folder, run_folder.MANIFEST)}: no threshold in it, which a run gets at its "
            "end; go on with the 'faceprep train siamese' command that began it"
        )
    return TrainedSiamese(folder, run, extract, options, threshold)


_OPENERS: dict[str, Callable[[str, Run], Trained | TrainedSiamese]] = {
    AUTOENCODER: _autoencoder,
    SIAMESE: _siamese,
}


def _extract(folder: str, run: Run) -> FaceOptions:
    recorded = run.data.get("extract")
    if not recorded:
        raise InputError(
            f"{storage.join(folder, run_folder.MANIFEST)}: how the faces were cut out is not in it, "
            "since its shards were made before faceprep recorded that; shard again, train again"
        )
    try:
        return made_with(recorded)
    except (TypeError, UsageError) as error:
        raise of_another_faceprep(folder, "data.extract", error) from None
