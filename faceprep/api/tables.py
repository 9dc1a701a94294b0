"""Faces and targets as Arrow tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from faceprep import records, storage, targets
from faceprep.errors import InputError, UsageError
from faceprep.face_folder import faces_in_use
from faceprep.options import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BATCH = 1024
"""Rows of a batch: with crops of 160 pixels some 8 MB."""


def read_faces(
    faces: str, columns: Sequence[str] | None = None, *, allow_incomplete: bool = False
) -> pa.Table:
    """The rows of a folder of faces, one for each face and each image that gave none.

    Args:
        faces: the folder.
        columns: of the table in the README; None for all but `crop`, the encoded images, which would
            not fit into memory in a large folder (see `scan_faces`).
        allow_incomplete: take the parts that are there when extract has not finished.

    Returns:
        A `pyarrow.Table`, in the order of the keys; `.to_pandas()` makes it a DataFrame.

    Raises:
        UsageError: no such column.
        InputError: no folder of faces, incomplete, or a part that cannot be read.

    Example:
        >>> import faceprep
        >>> found = faceprep.read_faces("faces", ["identity", "yaw", "frontality"])
        >>> found.num_rows, found.column_names
        (24, ['identity', 'yaw', 'frontality'])
    """
    if columns is None:
        columns = [name for name in records.face_schema().names if name != "crop"]
    batches = list(scan_faces(faces, columns, allow_incomplete=allow_incomplete))
    return pa.Table.from_batches(batches, _schema(columns))


def scan_faces(
    faces: str,
    columns: Sequence[str] | None = None,
    *,
    size: int = _BATCH,
    allow_incomplete: bool = False,
) -> Iterator[pa.RecordBatch]:
    """The same rows some at a time, crops and all, in constant memory.

    Args:
        faces: the folder; `extract --overwrite` is kept from it until the last batch is taken.
        columns: of the table in the README; None for all.
        size: rows of a batch at most.
        allow_incomplete: take the parts that are there when extract has not finished.

    Raises:
        UsageError: no such column.
        InputError: no folder of faces, incomplete, or a part that cannot be read.

    Example:
        >>> import faceprep
        >>> for batch in faceprep.scan_faces("faces", ["key", "crop"]):
        ...     for face in batch.to_pylist():
        ...         jpeg = face["crop"]
        >>> jpeg[:2].hex()
        'ffd8'
    """
    chosen = _schema(records.face_schema().names if columns is None else columns).names
    with faces_in_use(faces, allow_incomplete=allow_incomplete) as folder:
        yield from folder.batches(chosen, size)


def read_targets(faces: str) -> pa.Table:
    """Which face is the target of whom, and why: one row for each person or clip.

    Args:
        faces: the folder that the targets were chosen in.

    Returns:
        A `pyarrow.Table` with the columns of `records.TargetRow`; `key` is null for who has none.

    Raises:
        InputError: none were chosen, or the table is damaged.

    Example:
        >>> import faceprep
        >>> faceprep.read_targets("faces")["identity"].to_pylist()
        ['person_00', 'person_01', 'person_02', 'person_03']
    """
    chosen = targets.read_targets(storage.join(faces, targets.NAME))
    if chosen is None:
        raise InputError(f"{faces}: its targets are not chosen; see select_targets")
    return chosen.rows


def _schema(columns: Sequence[str]) -> pa.Schema:
    """Of these columns, in the order they were asked for."""
    whole = records.face_schema()
    names = [columns] if isinstance(columns, str) else columns
    for name in names:
        if name not in whole.names:
            raise UsageError(f"columns: there is no '{name}'{nearest(name, whole.names)}")
    return pa.schema([whole.field(name) for name in names])
