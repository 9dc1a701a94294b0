"""What predict leaves beside the pictures: `predictions.csv`, and `latent.parquet` if wanted. Light."""

from __future__ import annotations

import contextlib
import csv
import io
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from faceprep import records, seal, storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

TABLE, LATENT = "predictions.csv", "latent.parquet"

Row = TypeVar("Row")

_GROUP_BYTES = 16 << 20
_POSE = ("yaw", "pitch", "roll")


@dataclass(frozen=True)
class PredictionRow:
    """A line of `predictions.csv`: a face, or an image that gave none.

    Attributes:
        path: of the image, as it was named.
        face_index: 0 for the first face of its image, then 1, 2, …; empty without a face.
        status: one of `records.STATUSES`.
        reason: why there is no face, in words; or what is wrong with an image that has one.
        yaw: degrees as `faces.pose` defines them; `pitch` and `roll` likewise.
        picture: the file with crop, feature and prediction, beside the table.
    """

    path: str
    status: str
    reason: str | None = None
    face_index: int | None = None
    yaw: float | None = None
    pitch: float | None = None
    roll: float | None = None
    picture: str | None = None


@contextlib.contextmanager
def rows_to(location: str, kind: type[Row]) -> Iterator[Callable[[Sequence[Row]], None]]:
    """Take rows for a CSV file, which is there when the block ends without an error.

    Args:
        location: of the file.
        kind: a dataclass, whose fields are the columns.

    Raises:
        StorageError: it cannot be written.
    """
    columns = [field.name for field in fields(cast("Any", kind))]
    with storage.atomic_output(location) as file:

        def write(rows: Sequence[Row]) -> None:
            file.write(_lines([[getattr(row, name) for name in columns] for row in rows]))

        file.write(_lines([columns]))
        yield write


def _lines(rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


class LatentWriter:
    """Latent vectors to a sealed Parquet file: a row for each face, with its path and pose.

    Args:
        writer: of the file.
        length: of a vector.
    """

    def __init__(self, writer: pq.ParquetWriter, length: int) -> None:
        self._writer, self._length = writer, length
        self._rows: list[PredictionRow] = []
        self._vectors: list[NDArray[np.float32]] = []

    def write(self, rows: Sequence[PredictionRow], vectors: NDArray[np.float32]) -> None:
        """Add faces; `vectors` is (rows, length) float32."""
        self._rows += rows
        self._vectors.append(vectors)
        if len(self._rows) * self._length * 4 >= _GROUP_BYTES:
            self.flush()

    def flush(self) -> None:
        """Make what has gathered a row group."""
        if not self._rows:
            return
        values = pa.array(np.concatenate(self._vectors).ravel(), pa.float32())
        columns = [
            pa.array([getattr(row, field.name) for row in self._rows], field.type)
            for field in latent_schema(self._length)
            if field.name != "latent"
        ]
        vectors = pa.FixedSizeListArray.from_arrays(values, self._length)
        self._writer.write_batch(pa.record_batch([*columns, vectors], latent_schema(self._length)))
        self._rows, self._vectors = [], []


@contextlib.contextmanager
def latents_to(folder: str, length: int) -> Iterator[LatentWriter]:
    """Take vectors for `latent.parquet`, which is there when the block ends without an error.

    Args:
        folder: to write to.
        length: of a vector.

    Raises:
        StorageError: it cannot be written.
    """
    with storage.atomic_output(storage.join(folder, LATENT)) as file:
        with pq.ParquetWriter(file, latent_schema(length), compression="zstd") as parquet:
            latents = LatentWriter(parquet, length)
            yield latents
            latents.flush()
            seal.reserve(parquet)
        seal.seal(file)


def latent_schema(length: int) -> pa.Schema:
    """The Arrow schema of `latent.parquet`; what it shares with faces/ is as there."""
    faces = records.face_schema()
    return pa.schema(
        [
            pa.field("path", pa.string(), False, {"doc": "of the image, as it was named"}),
            faces.field("face_index").with_nullable(False),
            *(faces.field(name).with_nullable(False) for name in _POSE),
            pa.field(
                "latent",
                pa.list_(pa.float32(), length),
                False,
                {"doc": "what the model's encoder makes of the face"},
            ),
        ]
    )
