"""Small folders of faces, their rows and targets, made with the format modules alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from faceprep import records, storage
from faceprep.face_folder import FaceFolder, open_faces
from faceprep.report.chosen import Chosen, lay_beside
from faceprep.report.rows import Rows, read_rows
from faceprep.targets import NAME, Targets, write_targets
from tests.inspect.made import make_faces

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from faceprep.records import FaceRow


def folder_of(path: Path, *rows: FaceRow) -> FaceFolder:
    """A finished folder with one part."""
    return open_faces(str(make_faces(path, rows)))


def rows_of(path: Path, *rows: FaceRow, clips: bool = False) -> Rows:
    """The rows of such a folder."""
    return read_rows(folder_of(path, *rows), clips=clips)


def target(identity: str, key: str | None = None, **changes: Any) -> dict[str, Any]:
    """A row of `targets.parquet`; without a key that of nobody."""
    row = {**dict.fromkeys(records.target_schema().names), "identity": identity, "key": key}
    found = {"face_index": 0, "angle": 1.0, "best_angle": 1.0, "quality": 1.0} if key else {}
    return {**row, **found, "faces": 1, "shortlist": 1, "reason": "as it was told", **changes}


def targets(*rows: dict[str, Any], faces: str = "", per: str = "identity") -> Targets:
    """A choice among the faces of this digest."""
    table = pa.Table.from_pylist(list(rows), records.target_schema())
    return Targets(table, {"per": per, "max_angle": 20.0}, faces)


def chosen(rows: Rows, *of: dict[str, Any]) -> Chosen:
    """Targets laid beside rows."""
    return lay_beside(targets(*of), "", rows)


def store_targets(folder: FaceFolder, *rows: dict[str, Any], per: str = "identity") -> None:
    """Put a choice among its faces into a folder."""
    of = targets(*rows, faces=folder.digest, per=per)
    write_targets(storage.join(folder.path, NAME), of)


def names(rows: Rows, faces: Sequence[int]) -> list[str]:
    """What these faces are called."""
    return [rows.faces["name"][face].as_py() for face in faces]
