"""Photographs with faces to all that predict writes of them: pictures, a table, latents. Light."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep import storage
from faceprep.engine import WorkerPool
from faceprep.predict.drawing import Drawing, draw
from faceprep.predict.image_list import picture_name
from faceprep.predict.table import TABLE, PredictionRow, latents_to, rows_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from faceprep.predict.face_finder import FoundFace, Photograph
    from faceprep.predict.inference import Inference
    from faceprep.predict.table import LatentWriter

_PICTURES_OF_A_TASK = 4


@dataclass(frozen=True)
class PredictionWriter:
    """From photographs to all that is written of them.

    Attributes:
        folder: to write to.
        inference: the model.
        batch: faces that it takes at once.
        pool: of workers, which draw.
        table: takes rows.
        latents: takes vectors; None where they are not wanted.
    """

    folder: str
    inference: Inference
    batch: int
    pool: WorkerPool
    table: Callable[[Sequence[PredictionRow]], None]
    latents: LatentWriter | None

    def write(self, photographs: Sequence[Photograph], stems: Sequence[str]) -> None:
        """Predict and draw their faces, and note them; `stems` begins with theirs."""
        faces: list[tuple[PredictionRow, FoundFace]] = []
        for photograph, stem in zip(photographs, stems, strict=False):
            rows = _rows(photograph, stem)
            faces += zip(rows, photograph.faces, strict=False)
            self.table(rows)
        for start in range(0, len(faces), self.batch):
            some = faces[start : start + self.batch]
            self._write_batch([row for row, _ in some], [face.encoded for _, face in some])

    def _write_batch(self, rows: Sequence[PredictionRow], crops: Sequence[bytes]) -> None:
        inferred = self.inference(crops)
        if self.latents and inferred.latents is not None:
            self.latents.write(rows, inferred.latents)
        drawings = [
            Drawing(storage.join(self.folder, str(row.picture)), *pictures)
            for row, *pictures in zip(
                rows, crops, inferred.features, inferred.predictions, strict=True
            )
        ]
        size = _PICTURES_OF_A_TASK
        tasks = [tuple(drawings[i : i + size]) for i in range(0, len(drawings), size)]
        for _ in self.pool.results(draw, tasks, lambda task: task[0].location):
            pass


@contextlib.contextmanager
def writer_to(
    folder: str, inference: Inference, batch: int, workers: int
) -> Iterator[PredictionWriter]:
    """A writer whose tables are there when the block ends without an error.

    Args:
        folder: to write to.
        inference: the model.
        batch: faces that it takes at once.
        workers: processes, which find the faces too.

    Raises:
        StorageError: something cannot be written.
    """
    with contextlib.ExitStack() as stack:
        table = stack.enter_context(rows_to(storage.join(folder, TABLE), PredictionRow))
        latents = (
            stack.enter_context(latents_to(folder, inference.latent)) if inference.latent else None
        )
        pool = stack.enter_context(WorkerPool(workers))
        yield PredictionWriter(folder, inference, batch, pool, table, latents)


def _rows(photograph: Photograph, stem: str) -> list[PredictionRow]:
    """One for each face; or one that says why there is none."""
    path, status, reason = photograph.path, photograph.status, photograph.reason
    if not photograph.faces:
        return [PredictionRow(path, status, reason)]
    return [
        PredictionRow(
            path,
            status,
            reason,
            face.index,
            round(face.yaw, 2),
            round(face.pitch, 2),
            round(face.roll, 2),
            picture_name(stem, face.index),
        )
        for face in photograph.faces
    ]
