"""The stage: photographs and a run to frontal faces. Light, but for what its functions load.

    DIR/predict.json            written first: by what run, with what options
    DIR/ann_01.png              of each face: crop, feature and prediction side by side
    DIR/latent.parquet          if wanted: a row for each face
    DIR/predictions.csv         a row for each face, and for each image without one; whole or not there

Workers find the faces and draw the pictures, a round of photographs at a time; between the two the
model runs here. Memory does not grow with the number of photographs.
"""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from faceprep import records, storage
from faceprep.engine import usable_cores
from faceprep.errors import UsageError
from faceprep.faces import model as face_model
from faceprep.log import LOG
from faceprep.parts import Counts
from faceprep.predict import predict_folder
from faceprep.predict.face_finder import IMAGES_OF_A_TASK, FinderTask, rounds
from faceprep.predict.table import TABLE
from faceprep.predict.writer import writer_to
from faceprep.progress import Progress
from faceprep.train import machine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from faceprep.predict.face_finder import Photograph
    from faceprep.predict.image_list import ImageList
    from faceprep.predict.inference import Inference
    from faceprep.predict.options import PredictOptions
    from faceprep.predict.trained import Trained
    from faceprep.predict.writer import PredictionWriter

_EXAMPLES = 10


@dataclass(frozen=True)
class PredictSummary:
    """What was predicted.

    Attributes:
        run: its name.
        folder: with the pictures.
        counts: images looked at, faces in them (each has a picture), rejects.
        skipped: reason to number of files that were not looked at.
        latent: length of the latent vectors written; 0 without.
        seconds: what it took, start of the workers included, that of tensorflow left out.
        workers: processes at work.
    """

    run: str
    folder: str
    counts: Counts
    skipped: dict[str, int]
    latent: int
    seconds: float
    workers: int

    def as_json(self) -> dict[str, Any]:
        """One object, as `--json` prints it."""
        rate = self.counts.images / self.seconds if self.seconds else 0.0
        return {
            "run": self.run,
            "folder": self.folder,
            **dataclasses.asdict(self.counts),
            "rejected": self.counts.rejected,
            "skipped": self.skipped,
            "latent": self.latent,
            "seconds": round(self.seconds, 3),
            "workers": self.workers,
            "images_per_second": round(rate, 2),
        }


def predict(
    trained: Trained,
    images: ImageList,
    to: str,
    options: PredictOptions,
    *,
    workers: int | None = None,
    bar: bool = False,
) -> PredictSummary:
    """Find the faces in photographs, and write what the model makes of them.

    Args:
        trained: from `trained.open_run`.
        images: from `image_list.read_images`.
        to: a folder that is new, empty, or holds what the same run made of the same images.
        options: which faces, and what of them.
        workers: processes; None for one per usable core.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Raises:
        UsageError: `to` holds other predictions, or has no name; no latent in this model.
        InputError: `to` holds something else; the model cannot be loaded.
        StorageError: `to` cannot be written, or another run is at work in it.
        SetupError: the machine lacks something.
    """
    _check(to, images)
    inference = _started(trained, options)
    workers = min(workers or usable_cores(), -(-len(images.paths) // IMAGES_OF_A_TASK))
    start = time.monotonic()
    storage.make_folder(to)
    with storage.in_use(to, alone=True):
        made = {"face": options.face, "latent": options.latent}
        predict_folder.begin(to, trained.run.name, images.paths, made)
        task = FinderTask(images.paths, trained.finding(options.face), options.timeout)
        with writer_to(to, inference, options.batch, workers) as writer:
            counts = _predict(task, images.stems, writer, workers, bar)
    seconds, skipped = time.monotonic() - start, dict(images.skipped)
    return PredictSummary(trained.run.name, to, counts, skipped, inference.latent, seconds, workers)


def _check(to: str, images: ImageList) -> None:
    predict_folder.check_named(to)
    for folder in () if storage.is_url(to) else images.folders:
        if Path(to).resolve().is_relative_to(Path(folder).resolve()):
            raise UsageError(
                f"--out {to} lies in {folder}, whose images are taken; choose one beside it"
            )


def _started(trained: Trained, options: PredictOptions) -> Inference:
    """The model, loaded; before that, whether the machine has what finds faces."""
    face_model.find()
    machine.start_tensorflow()
    from faceprep.predict.inference import Inference

    return Inference(trained, latent=options.latent)


def _predict(
    task: FinderTask, stems: Sequence[str], writer: PredictionWriter, workers: int, bar: bool
) -> Counts:
    """The whole way of all images, a round after the other."""
    counts = Counts()
    with Progress(len(task.paths), bar=bar) as progress:
        for photographs in rounds(writer.pool, workers, task):
            _say_what_is_without(photographs, counts.rejected)
            writer.write(photographs, stems[counts.images :])
            counts += _counts(photographs)
            progress.advance(len(photographs), faces=counts.faces, rejects=counts.rejected)
    return counts


def _counts(photographs: Sequence[Photograph]) -> Counts:
    rejects = Counter(each.status for each in photographs if each.status != records.OK)
    return Counts(len(photographs), sum(len(each.faces) for each in photographs), dict(rejects))


def _say_what_is_without(photographs: Sequence[Photograph], before: int) -> None:
    """A line for each image without a face; `before` is how many there were in earlier rounds."""
    rejects = [each for each in photographs if each.status != records.OK]
    for number, photograph in enumerate(rejects, start=before):
        if number < _EXAMPLES:
            LOG.warning(f"{photograph.path}: {photograph.status}: {photograph.reason}")
        elif number == _EXAMPLES:
            LOG.warning(f"and others without a face; {TABLE} names them all")
