"""A table of images, the layout `list`: a CSV or Parquet file with the columns path and identity."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from faceprep.archives.names import is_archive
from faceprep.errors import InputError
from faceprep.extract.layouts import SCHEMA

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIXES = (".csv", ".parquet")
_COLUMNS = ("path", "identity", "clip", "view")


def read_table(path: Path) -> pa.Table:
    """The images that a CSV or Parquet file names: `layouts.SCHEMA`, sorted by key, keys unique.

    Args:
        path: of the file; the paths in it are relative to its folder.

    Raises:
        InputError: it cannot be read, lacks a column or a value, names an image twice or outside.
    """
    table = _load_table(path)
    missing = {"path", "identity"} - set(table.column_names)
    if missing:
        raise InputError(
            f"{path}: no column {' and '.join(sorted(missing))}; a list has the columns path and "
            f"identity, and may have clip and view (found: {', '.join(table.column_names)})"
        )
    if not table.num_rows:
        raise InputError(f"{path}: names no images")
    columns: dict[str, Any] = {"key": _keys(path, _text(path, table, "path").to_pylist())}
    for name in ("identity", "clip", "view"):
        columns[name] = _text(path, table, name)
    if line := _first_empty(columns["identity"]):
        raise InputError(f"{path}: row {line} has no identity")
    images = pa.table(columns).cast(SCHEMA).sort_by("key")
    _refuse_duplicates(path, images["key"])
    _refuse_archived(path, images["key"])
    _refuse_missing(path, images["key"])
    return images


def _load_table(path: Path) -> pa.Table:
    if path.is_dir() or path.suffix.lower() not in _SUFFIXES:
        raise InputError(
            f"{path}: --layout list takes a .csv or .parquet file that names the images"
        )
    try:
        return _read_parquet(path) if path.suffix.lower() == ".parquet" else _read_csv(path)
    except (OSError, ValueError) as error:  # Arrow's errors are ValueErrors
        reason = str(error).splitlines()[0]
        raise InputError(f"{path}: cannot be read as a table ({reason})") from None


def _read_parquet(path: Path) -> pa.Table:
    wanted = [name for name in pq.read_schema(path).names if name in _COLUMNS]
    return pq.read_table(path, columns=wanted)


def _read_csv(path: Path) -> pa.Table:
    convert = pyarrow.csv.ConvertOptions(  # somebody may be called NA
        column_types=dict.fromkeys(_COLUMNS, pa.string()),
        strings_can_be_null=True,
        null_values=[""],
    )
    table = pyarrow.csv.read_csv(path, convert_options=convert)
    if "" in table.column_names:  # a header that is no UTF-8 fails here too
        raise ValueError("a column has no name")
    return table


def _text(path: Path, table: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        return pa.chunked_array([pa.nulls(table.num_rows, pa.string())])
    try:
        return table[name].cast(pa.string())
    except (KeyError, NotImplementedError, pa.ArrowInvalid):
        raise InputError(f"{path}: the column {name} must be there once, as text") from None


def _keys(path: Path, given: list[str | None]) -> list[str]:
    keys = []
    for row, name in enumerate(given, start=1):
        key = posixpath.normpath(name) if name else ""
        if not key or key == ".":
            raise InputError(f"{path}: row {row} has no path")
        if key.startswith(("/", "../")) or key == "..":
            raise InputError(
                f"{path}: row {row}: '{name}' leaves the folder of the list; paths are relative to it"
            )
        keys.append(key)
    return keys


def _first_empty(column: pa.ChunkedArray) -> int:
    """1 + the index of the first null or empty string; 0 when there is none."""
    empty = pc.fill_null(pc.equal(column, ""), True)
    return int(pc.index(empty, True).as_py()) + 1


def _refuse_missing(path: Path, keys: pa.ChunkedArray) -> None:
    """A few missing files become rows that say so; a list of nothing but them is a mistake."""
    if not any((path.parent / key).is_file() for key in keys.to_pylist()):
        raise InputError(
            f"{path}: none of its {len(keys):,} files is there; paths are relative to {path.parent}"
        )


def _refuse_archived(path: Path, keys: pa.ChunkedArray) -> None:
    """A folder may be called like an archive; a list does not look into files."""
    folders = {posixpath.dirname(key) for key in keys.to_pylist()}
    for archive in {part for folder in folders for part in _archives_above(folder)}:
        if (path.parent / archive).is_file():
            raise InputError(
                f"{path}: names images in the archive {archive}, which a list cannot; unpack it, "
                "or name the archive itself in place of the list"
            )


def _archives_above(folder: str) -> list[str]:
    parts = folder.split("/")
    return ["/".join(parts[: n + 1]) for n, part in enumerate(parts) if is_archive(part)]


def _refuse_duplicates(path: Path, keys: pa.ChunkedArray) -> None:
    counts = pc.value_counts(keys.combine_chunks())
    twice = counts.filter(pc.greater(counts.field("counts"), 1))
    if len(twice):
        first = twice[0].as_py()
        raise InputError(
            f"{path}: '{first['values']}' is named {first['counts']} times; each image may be named once"
        )
