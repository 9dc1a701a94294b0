"""One part of `faces/` as a file: rows in, counts out; and what a finished one says of itself."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from faceprep import records, seal, storage
from faceprep.errors import InputError
from faceprep.parts import Counts, catalog_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from faceprep.parts import Part

_COUNTS = b"faceprep.counts"
_FINGERPRINT = b"faceprep.fingerprint"
_ROW_GROUP, _ROW_GROUP_BYTES = 256, 16 << 20


def read_counts(folder: str, part: Part, fingerprint: str) -> Counts:
    """What a finished part says of itself.

    Args:
        folder: of the faces.
        part: which one.
        fingerprint: of what it should be made of.

    Raises:
        InputError: it is no Parquet file, or was made with other options or of other images.
    """
    location = storage.join(folder, part.name)
    metadata = _metadata(location)
    if metadata.get(_FINGERPRINT, b"").decode() != fingerprint or _COUNTS not in metadata:
        raise InputError(
            f"{location}: made with other options or of other images than {catalog_name(part.update)} "
            "says; delete it and run the same command again, or start afresh with --overwrite"
        )
    return Counts(**json.loads(metadata[_COUNTS]))


def is_made_of(folder: str, part: Part, fingerprint: str) -> bool:
    """Whether a finished part says so. Raises InputError: it is no Parquet file."""
    metadata = _metadata(storage.join(folder, part.name))
    return metadata.get(_FINGERPRINT, b"").decode() == fingerprint


def _metadata(location: str) -> dict[bytes, bytes]:
    try:
        with storage.open_input(location) as file:
            found: dict[bytes, bytes] = pq.ParquetFile(file).metadata.metadata or {}
            return found
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(
            f"{location}: not a readable part ({error}); delete it and run the same command again"
        ) from None


def read_rows(location: str) -> Iterator[records.FaceRow]:
    """Every row of a part, in order; a row group is in memory at a time.

    Raises:
        InputError: its checksum is wrong, or it cannot be read.
    """
    try:
        with storage.open_input(location) as file:
            _refuse_damaged(file)
            part = pq.ParquetFile(file)
            for group in range(part.num_row_groups):
                rows = part.read_row_group(group, use_threads=False).to_pylist()
                yield from (records.FaceRow(**row) for row in rows)
    except (OSError, TypeError, pa.ArrowException, InputError) as error:
        reason = " ".join(str(error).split())  # Arrow's have several lines
        raise InputError(
            f"{location}: damaged ({reason}); delete it and run the same command again"
        ) from None


def _refuse_damaged(file: IO[bytes]) -> None:
    if not seal.is_intact(file):
        raise InputError("its checksum is wrong")
    file.seek(0)


def write_part(
    folder: str, part: Part, fingerprint: str, image_rows: Iterable[Sequence[records.FaceRow]]
) -> Counts:
    """Write one part, a row group at a time, and return what is in it.

    Args:
        folder: of the faces.
        part: which one.
        fingerprint: of what it is made of; kept in the file, so that it is not mixed up with others.
        image_rows: for each image its rows, at least one; consumed as they are written.

    Raises:
        StorageError: full disk, no permission.
    """
    first, faces = Counter[str](), 0
    with _part_output(folder, part) as writer:
        pending: list[records.FaceRow] = []
        size = 0
        for rows in image_rows:
            first[rows[0].status] += 1
            faces += len(rows) if rows[0].status == records.OK else 0
            pending += rows
            size += sum(len(row.crop or b"") for row in rows)
            if len(pending) >= _ROW_GROUP or size >= _ROW_GROUP_BYTES:
                writer.write_batch(_batch(pending))
                pending, size = [], 0
        if pending:
            writer.write_batch(_batch(pending))
        rejects = {status: count for status, count in first.items() if status != records.OK}
        counts = Counts(sum(first.values()), faces, rejects)
        writer.add_key_value_metadata(
            {
                _FINGERPRINT: fingerprint,
                _COUNTS: json.dumps(dataclasses.asdict(counts), sort_keys=True),
            }
        )
    return counts


@contextmanager
def _part_output(folder: str, part: Part) -> Iterator[pq.ParquetWriter]:
    """A writer whose file is sealed and gets its name when the block ends without an error."""
    with storage.atomic_output(storage.join(folder, part.name)) as file:
        with _writer(file) as writer:
            yield writer
            seal.reserve(writer)
        seal.seal(file)


def _writer(file: Any) -> pq.ParquetWriter:
    schema = records.face_schema()
    # Crops are JPEGs already, and no two are alike; the rest shrinks to a third.
    compression = {name: "none" if name == "crop" else "zstd" for name in schema.names}
    dictionary = ["identity", "status", "clip", "view", "reason", "pose_source"]
    return pq.ParquetWriter(file, schema, compression=compression, use_dictionary=dictionary)


def _batch(rows: list[records.FaceRow]) -> pa.RecordBatch:
    schema = records.face_schema()
    return pa.record_batch(
        [pa.array([getattr(row, f.name) for row in rows], f.type) for f in schema], schema=schema
    )
