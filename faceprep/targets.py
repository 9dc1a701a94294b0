"""`targets.parquet`: which face is the target of whom, and how that was decided."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from faceprep import records, seal, storage
from faceprep.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "targets.parquet"

_OPTIONS, _FACES = b"faceprep.options", b"faceprep.faces"


@dataclass(frozen=True)
class Targets:
    """The choice.

    Attributes:
        rows: `records.target_schema()`, one per identity, or per clip, sorted by these.
        options: of select, by name.
        faces: `FaceFolder.digest` of what was chosen from.
    """

    rows: pa.Table
    options: Mapping[str, Any]
    faces: str


def write_targets(location: str, targets: Targets) -> None:
    """Store the choice; the same choice gives the same bytes. Raises StorageError."""
    schema = records.target_schema()
    with storage.atomic_output(location) as file:
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            writer.write_table(targets.rows)
            options = json.dumps(dict(targets.options), sort_keys=True)
            writer.add_key_value_metadata({_OPTIONS: options, _FACES: targets.faces})
            seal.reserve(writer)
        seal.seal(file)


def read_targets(location: str) -> Targets | None:
    """The choice; None where none has been made.

    Raises:
        InputError: damaged, or of another version.
    """
    if not storage.exists(location):
        return None
    try:
        with storage.open_input(location) as file:
            return _read(file)
    except (OSError, ValueError, KeyError, pa.ArrowException, InputError) as error:
        reason = " ".join(str(error).split())  # Arrow's have several lines
        raise InputError(
            f"{location}: not readable ({reason}); delete it and choose again with 'faceprep select'"
        ) from None


def _read(file: IO[bytes]) -> Targets:
    if not seal.is_intact(file):  # first: damage may be anything to a reader of Parquet
        raise InputError("damaged: its checksum is wrong")
    file.seek(0)
    content = pq.ParquetFile(file)
    rows, metadata = content.read(use_threads=False), content.metadata.metadata
    if not rows.schema.equals(records.target_schema()):
        raise InputError("of another version")
    return Targets(rows, json.loads(metadata[_OPTIONS]), metadata[_FACES].decode())
