"""Many faces out of few: extracted faces again and again, under other names."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from faceprep import manifest, part_file, parts
from faceprep.extract.layouts import SCHEMA
from faceprep.records import FaceRow

if TYPE_CHECKING:
    from pathlib import Path


def multiply(faces: Path, out: Path, copies: int) -> Path:
    """A folder of faces with each row of `faces` so many times, each time of other people."""
    tables = [pq.read_table(path) for path in sorted(faces.glob("part-*.parquet"))]
    rows = [FaceRow(**row) for row in pa.concat_tables(tables).to_pylist()]
    many = sorted((_renamed(row, n) for n in range(copies) for row in rows), key=lambda r: r.key)
    out.mkdir(parents=True)
    images = pa.table({name: [getattr(r, name) for r in many] for name in SCHEMA.names}, SCHEMA)
    parts.write_catalog(str(out), 0, "identity", images)
    described = json.loads((faces / "extract.json").read_text())
    for part in parts.planned_parts(str(out)):
        batch = parts.read_slice(str(out), part)
        slice_, many = many[: batch.num_rows], many[batch.num_rows :]
        made_of = parts.fingerprint(described["digest"], batch)
        part_file.write_part(str(out), part, made_of, [[row] for row in slice_])
    manifest.write(str(out), parts.MANIFEST, described | {"counts": None})
    return out


def _renamed(row: FaceRow, copy: int) -> FaceRow:
    """The same face of somebody else, out of another file."""
    assert row.sha256
    return dataclasses.replace(
        row,
        key=f"{copy:03d}_{row.key}",
        identity=f"{copy:03d}_{row.identity}",
        sha256=f"{copy:03d}{row.sha256[3:]}",
    )
