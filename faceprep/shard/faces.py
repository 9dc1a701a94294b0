"""The faces that examples are made of, and which of them are copies or in conflict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from faceprep import records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from faceprep.face_folder import FaceFolder

_TEXT = ("clip", "view")
_POSE = ("yaw", "pitch", "roll", "frontality")
_DIGITS = 15  # of a SHA-256 in hexadecimal, as an int64 holds them
_COLUMNS = ("key", "identity", *_TEXT, *_POSE, "status", "sha256", "face_index", "crop_bytes")


def read_faces(folder: FaceFolder, *, rejects: bool = False) -> pa.Table:
    """The rows of a folder of faces as examples name them.

    Args:
        folder: of faces.
        rejects: keep the rows of images without a face too.

    Returns:
        The fields of `records.ShardFace` but for `image`, sorted by `key`; `picture` (the same for
        copies of one file), `crop_bytes`, `part` and `row`.

    Raises:
        InputError: the faces have no crops, or a part cannot be read.
    """
    folder.require_crops()
    table = folder.rows(_COLUMNS, lambda part: _named_as_in_examples(part, rejects))
    keys = table["key"].combine_chunks()
    in_order = pc.all(pc.less_equal(keys[:-1], keys[1:])).as_py()
    return table if in_order else table.sort_by("key").combine_chunks()  # after an update


def _named_as_in_examples(table: pa.Table, rejects: bool) -> pa.Table:
    found = pc.equal(table["status"], records.OK)
    table = table.append_column("found", found).append_column("picture", _pictures(table))
    table = table if rejects else table.filter(found)
    for name in _TEXT:
        table = _replace(table, name, pc.fill_null(table[name], ""))
    for name in _POSE:
        table = _replace(table, name, pc.fill_null(table[name], float("nan")))
    table = _replace(table, "key", records.face_keys(table))
    return table.drop_columns(["status", "sha256", "face_index"])


def _replace(table: pa.Table, name: str, column: pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)


def _pictures(table: pa.Table) -> pa.Array:
    """60 bits of the file's SHA-256, for each face of it others: enough to tell all faces apart."""
    digests = pc.fill_null(pc.utf8_slice_codeunits(table["sha256"], 0, _DIGITS), "0")
    numbers = np.array([int(digits, 16) for digits in digests.to_pylist()], np.int64)
    return pa.array(numbers ^ np.asarray(pc.fill_null(table["face_index"], 0), np.int64))


def codes(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """A number for each distinct value of a column, (rows,), from 0."""
    return np.asarray(column.combine_chunks().dictionary_encode().indices, np.int64)


def copies(group: NDArray[np.int64], picture: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows repeat a picture that an earlier row of their group shows.

    Args:
        group: (rows,) code of each row's group, for instance its identity.
        picture: (rows,) code of its picture.
    """
    _, first = np.unique(group * (picture.max(initial=0) + 1) + picture, return_index=True)
    repeated = np.ones(len(group), bool)
    repeated[first] = False
    return repeated


def first_reasons(reasons: Mapping[str, NDArray[np.bool_]]) -> dict[str, NDArray[np.bool_]]:
    """The same reasons for leaving rows out, each row under the first of them alone."""
    told: NDArray[np.bool_] | bool = False
    first = {}
    for reason, rows in reasons.items():
        first[reason] = rows & ~np.asarray(told)
        told = told | rows
    return first


@dataclass(frozen=True)
class Conflicts:
    """Pictures that are filed under two identities.

    Attributes:
        rows: (rows,) bool, which rows show such a picture.
        keys: for each such picture the first face, and the first of another identity.
    """

    rows: NDArray[np.bool_]
    keys: tuple[tuple[str, str], ...]


def find_conflicts(faces: pa.Table) -> Conflicts:
    """Look for one picture under two identities; nobody can tell whose it is."""
    picture, identity = codes(faces["picture"]), codes(faces["identity"])
    low = np.full(picture.max(initial=0) + 1, np.iinfo(np.int64).max)
    high = np.full_like(low, -1)
    np.minimum.at(low, picture, identity)
    np.maximum.at(high, picture, identity)
    rows = low[picture] != high[picture]
    return Conflicts(rows, _first_two(faces["key"], picture, identity, np.flatnonzero(rows)))


def _first_two(
    keys: pa.ChunkedArray,
    picture: NDArray[np.int64],
    identity: NDArray[np.int64],
    rows: NDArray[np.int64],
) -> tuple[tuple[str, str], ...]:
    first: dict[int, int] = {}
    second: dict[int, int] = {}
    for row in rows.tolist():
        one = first.setdefault(int(picture[row]), row)
        if identity[one] != identity[row]:
            second.setdefault(int(picture[row]), row)
    return tuple((keys[first[p]].as_py(), keys[row].as_py()) for p, row in second.items())
