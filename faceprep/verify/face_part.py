"""One part of a folder of faces: what a worker looks at in it, and what it reports."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from faceprep import part_file, parts, records, seal, storage
from faceprep.errors import InputError
from faceprep.verify.keys import hash_of
from faceprep.verify.reading import Reading, Report
from faceprep.verify.rows import COLUMNS, RowCheck

if TYPE_CHECKING:
    from faceprep.dataset_folder import ImageForm
    from faceprep.verify.keys import Hashes

_ROWS = 256  # in memory at a time


@dataclass(frozen=True)
class PartTask:
    """All that a worker needs to know to look at one part.

    Attributes:
        folder: of the faces.
        part: which slice of the catalogue.
        digest: of the options.
        image: what the crops should be.
        crops: whether there should be any.
    """

    folder: str
    part: parts.Part
    digest: str
    image: ImageForm
    crops: bool = True

    @property
    def location(self) -> str:
        """Of the file."""
        return storage.join(self.folder, self.part.name)


@dataclass(frozen=True)
class PartReport(Report):
    """What is in a part, besides what is in any file.

    Attributes:
        counts: of the rows that could be read.
        faces: (n,) uint64, `face_hash` of each row with a face.
    """

    counts: parts.Counts
    faces: Hashes


def check_part(task: PartTask) -> PartReport:
    """Look at every byte of a part. Whatever is wrong is in the report; nothing is raised."""
    reading = _PartReading(task)
    reading.run()
    return PartReport(
        faults=reading.faults,
        bytes=reading.bytes,
        records=reading.records,
        images=reading.images.count,
        whole=reading.whole,
        keys=reading.keys.keys(),
        counts=reading.counts,
        faces=np.array(reading.faces, np.uint64),
    )


def face_hash(identity: str, key: str) -> int:
    """64 bits that stand for a face of a person; `key` as `records.face_key` gives it."""
    return hash_of(f"{identity}\0{key}".encode())


def in_words(counts: parts.Counts) -> str:
    """For instance `128 images, 126 faces, 2 no_face`."""
    rejects = "".join(f", {count} {status}" for status, count in sorted(counts.rejects.items()))
    return f"{counts.images} images, {counts.faces} faces{rejects}"


class _PartReading(Reading):
    def __init__(self, task: PartTask) -> None:
        super().__init__(task.location, task.image)
        self._task = task
        self.counts = parts.Counts()
        self.faces = array("Q")

    def read(self, file: IO[bytes]) -> None:
        intact = seal.is_intact(file)
        if not intact:
            self.lose("damaged: its checksum is wrong; delete it and run extract again")
        catalogue = self._catalogue()
        said = self._said(catalogue) if catalogue is not None and intact else None
        if intact and said is None:
            catalogue = None  # a part of other images has nothing to do with these
        file.seek(0)
        rows = RowCheck(
            catalogue.to_pylist() if catalogue is not None else None,
            self.images if self._task.crops else None,
        )
        self._read_rows(file, rows)
        self.counts = rows.counts
        if not self.whole:
            return
        for what in rows.missing():
            self.note(what)
        if said and said != rows.counts:
            self.note(f"says that it holds {in_words(said)}; it holds {in_words(rows.counts)}")

    def _catalogue(self) -> pa.RecordBatch | None:
        """The images that the part is of; None where that cannot be read."""
        try:
            return parts.read_slice(self._task.folder, self._task.part)
        except Exception as error:  # Arrow raises OSError, ValueError and others on damage
            name = parts.catalog_name(self._task.part.update)
            self.lose(f"its slice of {name} cannot be read ({error})")
            return None

    def _said(self, images: pa.RecordBatch) -> parts.Counts | None:
        """What an intact part says of itself; None, and a fault, if it is not of these images."""
        made_of = parts.fingerprint(self._task.digest, images)
        try:
            return part_file.read_counts(self._task.folder, self._task.part, made_of)
        except InputError as error:
            self.lose(str(error).removeprefix(f"{self.location}: "))
            return None

    def _read_rows(self, file: IO[bytes], rows: RowCheck) -> None:
        with pq.ParquetFile(file) as part:
            if not part.schema_arrow.equals(records.face_schema()):
                self.lose("its columns are not those of faces")
                return
            start = 0
            for group in range(part.num_row_groups):
                self._read_group(part, group, start, rows)
                start += part.metadata.row_group(group).num_rows

    def _read_group(self, part: pq.ParquetFile, group: int, start: int, rows: RowCheck) -> None:
        """One row group; what cannot be read of it is told by its first row."""
        number = start
        try:
            for batch in part.iter_batches(_ROWS, row_groups=[group], use_threads=False):
                for row in batch.select(COLUMNS).to_pylist():
                    self._look_at(number, row, rows)
                    number += 1
        except Exception as error:  # pyarrow raises OSError, ValueError and others on damage
            end = start + part.metadata.row_group(group).num_rows - 1
            self.lose(f"rows {number} to {end} cannot be read ({error})", number)

    def _look_at(self, number: int, row: dict[str, Any], rows: RowCheck) -> None:
        self.records += 1
        for what in rows.broken(row):
            self.note(what, number)
        key = records.face_key(row["key"], row["face_index"] or 0)
        self.keys.add(key, number)
        if row["status"] == records.OK:
            self.faces.append(face_hash(row["identity"], key))
