"""A folder of faces with two people who are to be forgotten, named in every file that may name them."""

from __future__ import annotations

import json
import os
import shlex
import socket
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from faceprep import manifest, part_file, parts, records
from faceprep.extract import manifest as extract_manifest
from faceprep.extract.layouts import SCHEMA
from faceprep.extract.options import ExtractOptions
from faceprep.face_folder import open_faces
from faceprep.forget.options import ForgetOptions
from faceprep.forget.run import forget
from faceprep.past_runs import Run
from faceprep.storage.places import TEMPORARY
from faceprep.targets import NAME, Targets, write_targets
from tests.inspect.made import SIDE, face, no_face

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from faceprep.forget.summary import ForgetSummary
    from faceprep.records import FaceRow

ANN, ZOE = "Ann Yzquierdo", "zoë_quux"
"""Of whom the first are in the first catalogue alone, and the second in an update too."""

OTHERS = 45
_PICTURES = 6
OPTIONS = ExtractOptions(size=SIDE)


def people() -> list[str]:
    """Everybody, sorted."""
    return sorted([ANN, ZOE, *(f"p{number:03d}" for number in range(OTHERS))])


def rows_of(
    identity: str, number: int, pictures: Iterable[int] = range(_PICTURES)
) -> list[FaceRow]:
    """Images with a face, the first of them with two, and every third without any."""
    keys = {picture: f"{identity}/{picture}.jpg" for picture in pictures}
    rows = [
        no_face(key, identity) if picture % 3 == 2 else face(key, identity, 10 * number + picture)
        for picture, key in keys.items()
    ]
    return [rows[0], replace(rows[0], face_index=1), *rows[1:]]


def make_folder(folder: Path) -> Path:
    """Three parts of one catalogue, and one of an update; finished, with targets and journals."""
    folder.mkdir(parents=True)
    described = extract_manifest.describe(OPTIONS, "identity")
    manifest.write(str(folder), parts.MANIFEST, described)
    first = [rows_of(name, number) for number, name in enumerate(people())]
    later = [rows_of(ZOE, 60, [7, 8]), rows_of("p900", 61, [0, 1, 2])]
    counts: dict[parts.Part, parts.Counts] = {}
    for update, rows in enumerate((first, later)):
        counts |= _write(folder, update, described["digest"], [row for of in rows for row in of])
    manifest.write(str(folder), parts.MANIFEST, extract_manifest.finished(described, counts, {}))
    choose(folder)
    _leave_traces(folder)
    return folder


def _write(
    folder: Path, update: int, digest: str, rows: list[FaceRow]
) -> dict[parts.Part, parts.Counts]:
    rows = sorted(rows, key=lambda row: (row.key, row.face_index or 0))
    images = {key: list(of) for key, of in groupby(rows, lambda row: row.key)}
    columns = [[getattr(of[0], name) for of in images.values()] for name in SCHEMA.names]
    table = pa.table(columns, SCHEMA)
    parts.write_catalog(str(folder), update, "identity", table)
    found = {}
    for part, batch in parts.slices(str(folder)):
        if part.update == update:
            of_part = [images[key] for key in batch["key"].to_pylist()]
            made_of = parts.fingerprint(digest, batch)
            found[part] = part_file.write_part(str(folder), part, made_of, of_part)
    return found


def choose(folder: Path) -> None:
    """Targets of these very faces: everybody's first."""
    rows = [_target(name) for name in [*people(), "p900"]]
    columns = [[getattr(row, name) for row in rows] for name in records.target_schema().names]
    table = pa.table(columns, records.target_schema())
    digest = open_faces(str(folder)).digest
    write_targets(str(folder / NAME), Targets(table, {"per": "identity"}, digest))


def _target(name: str) -> records.TargetRow:
    row: dict[str, Any] = dict.fromkeys(records.target_schema().names)
    row |= {"identity": name, "key": f"{name}/0.jpg", "face_index": 0, "runner_up": f"{name}/1.jpg"}
    return records.TargetRow(**row | {"faces": 5, "shortlist": 5, "reason": f"as {name} looks"})


def _leave_traces(folder: Path) -> None:
    """What runs say of themselves, pieces of an archive, halves of files of a process that is gone."""
    run = Run(
        *("extract", "node7", 4711, None, 1, 1, "images", 9, 0, 9, None, 1e9, 1e9 + 60, 1e9 + 60),
        state="failed",
        error=f"raw/{ZOE}/3.jpg: gone",
        failed=(f"s3://b/{ANN}/1.jpg: closed", "part-00000: died"),
        command=shlex.join(["faceprep", "extract", f"raw/{ANN}"]),
        cwd=f"/home/{ZOE}",
    )
    half = f"{TEMPORARY}~{socket.gethostname()}~{_dead()}~0"
    traces = {
        ".runs/run.json": json.dumps(run.as_json(), ensure_ascii=False),
        f".runs/.run.json{half}": ANN,
        ".archives/a.windows": ANN,
        f".part-00000-of-00003.parquet{half}": ZOE,
    }
    for name, text in traces.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def _dead() -> int:
    """The number of a process that is no more."""
    child = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(child, 0)
    return child


def run(folder: Path | str, *names: str, **options: bool) -> ForgetSummary:
    """Forget these people where there are no data sets and no runs."""
    return forget(str(folder), names, ForgetOptions(**options), shards="none", runs_dir="none")


def files(folder: Path) -> dict[str, bytes]:
    """Every file by its path; of `extract.json` without what a folder's salt makes of names."""
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    described = json.loads(found[parts.MANIFEST])
    described.get("forgotten", {}).update(salt=None, people=None)
    return {**found, parts.MANIFEST: json.dumps(described).encode()}
