"""A folder of faces as later stages read it: whether it is whole, its rows, its crops."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from faceprep import forgotten, manifest, parts, records, seal, storage
from faceprep.errors import InputError, UsageError
from faceprep.log import LOG
from faceprep.options import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from faceprep.engine import Workers
    from faceprep.parts import Part


@dataclass(frozen=True)
class FaceFolder:
    """A folder of faces that extract has finished.

    Attributes:
        path: of the folder.
        parts: those that are there, in the order of the catalogue.
        missing: how many are still to do; 0 unless that was allowed.
        options: what extract was told, as `extract.json` has it.
        digest: SHA-256 of the content: another one means other faces.
    """

    path: str
    parts: tuple[Part, ...]
    missing: int
    options: Mapping[str, Any]
    digest: str

    @property
    def has_crops(self) -> bool:
        """Whether faces are there as pictures; not so after `extract --no-crops`."""
        return bool(self.options.get("crops", True))

    def require_crops(self) -> None:
        """To be called by stages that are of no use without pictures. Raises InputError."""
        if not self.has_crops:
            raise InputError(
                f"{self.path}: its faces were extracted with --no-crops, so there are no pictures of "
                "them; extract again without it, with --overwrite or into another folder"
            )

    def location(self, part: int) -> str:
        """Where the part of this index is."""
        return storage.join(self.path, self.parts[part].name)

    def rows(
        self, columns: Sequence[str], shape: Callable[[pa.Table], pa.Table] | None = None
    ) -> pa.Table:
        """These columns of all rows, faces and rejects, and where each row is.

        Args:
            columns: of `records.FaceRow`.
            shape: applied to the rows of each part, so that what is not kept never piles up.

        Returns:
            The columns, and `part` (index into `parts`) and `row` (in that part), both int32.

        Raises:
            InputError: a part cannot be read.
        """
        shape = shape or (lambda table: table)
        tables = [shape(self._rows(index, columns)) for index in range(len(self.parts))]
        joined = pa.concat_tables(tables).combine_chunks()
        tables.clear()
        pa.default_memory_pool().release_unused()
        return joined

    def batches(self, columns: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
        """These columns of all rows, some rows at a time; constant memory, crops and all.

        Args:
            columns: of `records.FaceRow`.
            size: rows of a batch at most.

        Raises:
            InputError: a part cannot be read.
        """
        for part in range(len(self.parts)):
            location = self.location(part)
            with _readable(location), storage.open_input(location) as file:
                content = _with_columns(pq.ParquetFile(file), columns)
                for batch in content.iter_batches(size, columns=list(columns), use_threads=False):
                    yield batch.select(list(columns))  # they come in the order of the file

    def _rows(self, part: int, columns: Sequence[str]) -> pa.Table:
        with _readable(self.location(part)), storage.open_input(self.location(part)) as file:
            # not pq.read_table: its threads may still hold the file when the process ends, and abort it
            content = _with_columns(pq.ParquetFile(file), columns)
            table = content.read(list(columns), use_threads=False)
        count = table.num_rows
        table = table.append_column("part", pa.array(np.full(count, part, np.int32)))
        return table.append_column("row", pa.array(np.arange(count, dtype=np.int32)))


def _with_columns(part: pq.ParquetFile, columns: Sequence[str]) -> pq.ParquetFile:
    if missing := set(columns) - set(part.schema_arrow.names):
        raise InputError(f"it has no column {min(missing)}")
    return part


def open_faces(path: str, *, allow_incomplete: bool = False) -> FaceFolder:
    """Look at a folder of faces before anything is made of it.

    Args:
        path: of the folder.
        allow_incomplete: take the parts that are there when some are still to do.

    Raises:
        InputError: missing, not a folder of faces, of another format, incomplete, a damaged part; or
            people are being forgotten in it.
    """
    try:
        storage.names(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None
    described = read_manifest(path, f"make them with 'faceprep extract SRC --out {path}'")
    forgotten.refuse_unfinished(storage.join(path, parts.MANIFEST), described)
    planned = parts.planned_parts(path)
    there = parts.finished_parts(path)
    found = tuple(part for part in planned if part in there)
    missing = len(planned) - len(found)
    _refuse_incomplete(path, missing, len(planned), allow_incomplete and bool(found))
    return FaceFolder(path, found, missing, described["options"], content_digest(path, found))


def read_manifest(path: str, otherwise: str) -> dict[str, Any]:
    """What `extract.json` says of a folder of faces, begun or finished.

    Args:
        path: of the folder.
        otherwise: what to do where there are no faces, for the message.

    Raises:
        InputError: there is none, or of another format.
    """
    described = manifest.read(path, parts.MANIFEST)
    if described is None:
        what = "no faces in it" if storage.exists(path) else "no such folder"
        raise InputError(f"{path}: {what}; {otherwise}")
    if described["format"] != records.FACES_FORMAT:
        raise InputError(
            f"{path}: has format {described['format']}, this faceprep reads {records.FACES_FORMAT}; "
            "extract again, with --overwrite or into another folder"
        )
    return described


def content_digest(path: str, found: Sequence[Part]) -> str:
    """SHA-256 of what is in these parts of a folder, by their seals. Raises InputError."""
    return digest({"parts": [_seal(storage.join(path, part.name)) for part in found]})


@contextmanager
def faces_in_use(
    path: str, *, allow_incomplete: bool = False, workers: Workers = None
) -> Iterator[FaceFolder]:
    """A folder of faces, safe from `extract --overwrite` for the length of the block.

    Args:
        path: of the folder.
        allow_incomplete: as `open_faces` takes it.
        workers: who is to work on it; a cluster gets its path from the root.

    Raises:
        UsageError: it has no name. InputError: as `open_faces`.
    """
    from faceprep.engine import known_to  # loads joblib, which those who only look do not need

    if not path:
        raise UsageError("FACES is empty; name a folder")
    path = known_to(workers, path)
    with storage.in_use(path, alone=False):
        yield open_faces(path, allow_incomplete=allow_incomplete)


def read_crops(location: str, rows: Sequence[int]) -> Iterator[bytes]:
    """The crops of these rows of one part, in ascending order of the rows; constant memory.

    A row without a crop gives no bytes. The part is held against its checksum first.

    Raises:
        InputError: the part cannot be read, or has no such row.
    """
    with _readable(location), storage.open_input(location) as file:
        if not seal.is_intact(file):
            raise InputError("damaged: its checksum is wrong")
        file.seek(0)
        yield from _crops(pq.ParquetFile(file), sorted(rows))


def _crops(part: pq.ParquetFile, rows: Sequence[int]) -> Iterator[bytes]:
    wanted = iter(rows)
    row, start = next(wanted, None), 0
    for group in range(part.num_row_groups):
        end = start + part.metadata.row_group(group).num_rows
        if row is not None and row < end:  # a group is some 16 MB; batches would span several
            crops = part.read_row_group(group, columns=["crop"], use_threads=False)["crop"]
        while row is not None and row < end:
            yield crops[row - start].as_py() or b""
            row = next(wanted, None)
        start = end
    if row is not None:
        raise InputError(f"it has no row {row}")


def _seal(location: str) -> list[str]:
    with _readable(location), storage.open_input(location) as file:
        return [location.rsplit("/", 1)[-1], seal.read_seal(file)]


def _refuse_incomplete(path: str, missing: int, planned: int, allowed: bool) -> None:
    if not planned or (missing and not allowed):
        what = f"{missing:,} of {planned:,} parts are" if planned else "everything is"
        raise InputError(
            f"{path}: {what} still to do; finish with the 'faceprep extract' command that began it"
            + (", or take what is there with --allow-incomplete" if missing < planned else "")
        )
    if missing:
        LOG.warning(f"{path}: {missing:,} of {planned:,} parts are still to do; going on without")


@contextmanager
def _readable(location: str) -> Iterator[None]:
    """Turn what goes wrong in reading a part into one line that names it."""
    try:
        yield
    except (OSError, pa.ArrowException, InputError) as error:
        reason = " ".join(str(error).split())  # Arrow's have several lines
        raise InputError(
            f"{location}: not a readable part ({reason}); delete it and run extract again"
        ) from None
