"""A folder of faces, one part of it, and `targets.parquet`: what is in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from faceprep import forgotten, manifest, parts, records, storage, targets
from faceprep.errors import InputError
from faceprep.inspect.pictures import COLUMNS as MEASURED
from faceprep.inspect.pictures import Faces, save_records
from faceprep.inspect.report import MORE, Column, Inspection, Shown
from faceprep.inspect.words import face_words, json_value, number, save_pictures

if TYPE_CHECKING:
    from collections.abc import Iterable

_OF_A_PART = {"key", "identity", "status", "crop"}
_OF_TARGETS = {"identity", "key", "angle", "runner_up"}


def inspect_folder(path: str, wanted: int, save: str | None) -> Inspection:
    """Look into a folder of faces, finished or not; a part that is damaged is noted, and passed over.

    Raises:
        InputError: `extract.json` or a catalogue cannot be read; people are being forgotten in the folder.
        StorageError: `save` cannot be written.
    """
    described = manifest.read(path, parts.MANIFEST) or {}
    forgotten.refuse_unfinished(storage.join(path, parts.MANIFEST), described)
    planned = parts.planned_parts(path)
    there = parts.finished_parts(path)
    found = [storage.join(path, part.name) for part in planned if part in there]
    seen = _look(found, wanted, save)
    pictures = seen.drawn(save)
    facts = {
        "format": described["format"],
        "finished": described.get("counts") is not None,
        "parts": len(found),
        "parts_planned": len(planned),
        **seen.facts(),
        **_targets_beside(path),
        "options": described["options"],
    }
    notes = seen.notes
    if described["format"] != records.FACES_FORMAT:
        notes.append(f"this faceprep reads format {records.FACES_FORMAT}; extract again")
    columns = _columns(seen.schema or records.face_schema())
    shown = tuple(seen.records)
    return Inspection(
        path, "a folder of faces", facts, columns, shown, tuple(notes), pictures=pictures
    )


def inspect_file(path: str, wanted: int, save: str | None) -> Inspection:
    """Look into a part or `targets.parquet`.

    Raises:
        InputError: damaged, or neither.
        StorageError: `save` cannot be written.
    """
    try:
        with storage.open_input(path) as file:
            names = set(pq.read_schema(file).names)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: not a readable Parquet file ({_line(error)}); {MORE}") from None
    if names >= _OF_A_PART:
        return _inspect_part(path, wanted, save)
    if names >= _OF_TARGETS:
        return _inspect_targets(path, wanted)
    raise InputError(f"{path}: neither a part of a folder of faces nor targets of faceprep's")


@dataclass
class _Seen:
    """What was read of one or several parts so far."""

    rows: int = 0
    faces: Faces = field(default_factory=Faces)
    identities: set[str] = field(default_factory=set)
    schema: pa.Schema | None = None
    records: list[Shown] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "statuses": self.faces.by_status(),
            "identities": len(self.identities),
        }

    def drawn(self, save: str | None) -> tuple[str, ...]:
        """Where the pictures of it are, drawn just now, if any are wanted."""
        if save is None:
            return ()
        return (self.faces.save(save), *save_records(save, self.records))


def _look(locations: Iterable[str], wanted: int, save: str | None) -> _Seen:
    """Count two columns of every part (more, if they are drawn), and show the first rows as they lie."""
    seen = _Seen()
    for location in locations:
        try:
            _look_into_part(seen, location, wanted, save)
        except (OSError, ValueError, pa.ArrowException) as error:
            name = location.rsplit("/", 1)[-1]
            seen.notes.append(f"{name}: not a readable part ({_line(error)}); {MORE}")
    return seen


def _look_into_part(seen: _Seen, location: str, wanted: int, save: str | None) -> None:
    with storage.open_input(location) as file, pq.ParquetFile(file) as part:
        columns = ["status", "identity", *(MEASURED if save else ())]
        table = part.read(columns=columns, use_threads=False)
        seen.rows += table.num_rows
        seen.schema = seen.schema or part.schema_arrow
        seen.faces.add(table)
        seen.identities.update(table["identity"].unique().to_pylist())
        left = wanted - len(seen.records)
        if left > 0:
            name = location.rsplit("/", 1)[-1]
            for index, row in enumerate(_first_rows(part, left)):
                seen.records.append(_shown(f"{name} row {index}", row, len(seen.records), save))


def _first_rows(part: pq.ParquetFile, count: int) -> Iterable[dict[str, Any]]:
    for batch in part.iter_batches(min(count, 64), use_threads=False):
        rows = batch.slice(0, count).to_pylist()
        yield from rows
        count -= len(rows)
        if not count:
            return


def _shown(where: str, row: dict[str, Any], index: int, save: str | None) -> Shown:
    crop = row.get("crop")
    name = records.face_key(row["key"], row.get("face_index") or 0)
    words = f"{row['status']}: {face_words(row, name, crop)}"
    if row.get("reason"):
        words += f": {row['reason']}"
    values = {column: json_value(value) for column, value in row.items()}
    return Shown(where, (words,), values, save_pictures(save, index, [("face", crop)]))


def _inspect_part(path: str, wanted: int, save: str | None) -> Inspection:
    seen = _look([path], wanted, save)
    if seen.schema is None:
        raise InputError(f"{path}: {seen.notes[0].partition(': ')[2]}")
    return Inspection(
        path,
        "one part of a folder of faces",
        seen.facts(),
        _columns(seen.schema),
        tuple(seen.records),
        tuple(seen.notes),
        pictures=seen.drawn(save),
    )


def _inspect_targets(path: str, wanted: int) -> Inspection:
    chosen = targets.read_targets(path)
    if chosen is None:
        raise InputError(f"{path}: no such file")
    facts = {
        **_target_counts(chosen),
        "options": dict(chosen.options),
        "chosen_from": chosen.faces,
    }
    rows = chosen.rows.slice(0, wanted).to_pylist()
    shown = [
        Shown(
            f"row {index}",
            (_target_words(row),),
            {name: json_value(value) for name, value in row.items()},
        )
        for index, row in enumerate(rows)
    ]
    what = "the most frontal face of each identity"
    return Inspection(path, what, facts, _columns(records.target_schema()), tuple(shown))


def _target_counts(chosen: targets.Targets) -> dict[str, int]:
    rows = chosen.rows.num_rows
    return {"rows": rows, "with_a_target": rows - chosen.rows["key"].null_count}


def _target_words(row: dict[str, Any]) -> str:
    whose = f"identity {row['identity']}" + (f", clip {row['clip']}" if row["clip"] else "")
    if row["key"] is None:
        return f"{whose}: no target: {row['reason']}"
    name = records.face_key(row["key"], row["face_index"] or 0)
    angle = "" if row["angle"] is None else f", {number(row['angle'])}° off ({row['angle_source']})"
    return f"{whose}: {name}{angle}, of {row['faces']:,} faces: {row['reason']}"


def _targets_beside(path: str) -> dict[str, Any]:
    try:
        chosen = targets.read_targets(storage.join(path, targets.NAME))
    except InputError:
        return {"targets": f"damaged; {MORE}"}
    return {"targets": _target_counts(chosen) if chosen else None}


def _columns(schema: pa.Schema) -> tuple[Column, ...]:
    return tuple(
        Column(each.name, _type_name(each.type), (each.metadata or {}).get(b"doc", b"").decode())
        for each in schema
    )


def _type_name(kind: pa.DataType) -> str:
    if pa.types.is_fixed_size_list(kind):
        return f"{kind.value_type}[{kind.list_size}]"
    return str(kind)


def _line(error: Exception) -> str:
    """What Arrow says in several lines, in one."""
    return " ".join(str(error).split())
