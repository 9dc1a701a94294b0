"""Which faces are exported, and what their files are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from faceprep import records, storage, targets
from faceprep.errors import FaceprepError, InputError
from faceprep.export.names import file_wish, folder_names
from faceprep.faces.pose import facing_angle
from faceprep.file_names import LONGEST, distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from faceprep.export.options import ExportOptions
    from faceprep.face_folder import FaceFolder
    from faceprep.targets import Targets

COLUMNS = (
    "identity",
    "clip",
    "view",
    "key",
    "face_index",
    "yaw",
    "pitch",
    "roll",
    "frontality",
    "score",
    "sharpness",
    "box_width",
    "box_height",
    "eye_distance",
)
"""Of `records.FaceRow`, in `poses.csv` after `file`."""


def read_chosen(faces: FaceFolder) -> Targets:
    """The targets of these faces.

    Raises:
        InputError: none have been chosen, or of other faces, or they cannot be read.
    """
    chosen = targets.read_targets(storage.join(faces.path, targets.NAME))
    if chosen is None:
        raise InputError(
            f"{faces.path}: no targets in it; choose them first with 'faceprep select'"
        )
    if chosen.faces != faces.digest:
        raise InputError(
            f"{faces.path}: the faces have changed since their targets were chosen; "
            "choose again with 'faceprep select'"
        )
    return chosen


def plan(faces: FaceFolder, options: ExportOptions, chosen: Targets | None) -> pa.Table:
    """The faces to export.

    Args:
        faces: all there are.
        options: which of them are wanted.
        chosen: the only ones wanted; None for all.

    Returns:
        `file` (POSIX path below the export's folder), `COLUMNS`, and where the crop is: `part` and `row`,
        in ascending order of these.

    Raises:
        FaceprepError: no face is left.
        InputError: the faces have no crops, or a part cannot be read.
    """
    faces.require_crops()
    rows = faces.rows(["status", *COLUMNS])
    rows = rows.filter(pc.equal(rows["status"], records.OK)).drop_columns(["status"])
    found = rows.num_rows
    if chosen is not None:
        rows = rows.filter(pa.array(_are_targets(rows, chosen)))
    if options.max_angle < 180:
        rows = rows.filter(pa.array(_angles(rows) <= options.max_angle))
    if options.min_size > 0:
        size = pc.max_element_wise(rows["box_width"], rows["box_height"])
        rows = rows.filter(pc.greater_equal(size, options.min_size))
    if not rows.num_rows:
        raise FaceprepError(
            f"{faces.path}: of {found:,} faces none is left with these options; ask for less"
        )
    ending = str(faces.options.get("format", "jpg"))
    return rows.add_column(0, "file", pa.array(file_names(rows, ending), pa.string()))


def file_names(rows: pa.Table, ending: str) -> list[str]:
    """A path below the export's folder for each face: its identity's folder, and its file.

    Args:
        rows: with `key`, `identity` and `face_index`.
        ending: of the files, without the dot.
    """
    identities = rows["identity"].to_pylist()
    indices = rows["face_index"].fill_null(0).to_pylist()
    wishes = list(map(file_wish, rows["key"].to_pylist(), identities, indices))
    by_identity: dict[str, list[int]] = {}
    for place, identity in enumerate(identities):
        by_identity.setdefault(identity, []).append(place)
    folders = folder_names(by_identity)
    longest = LONGEST - len(f".{ending}")
    files = [""] * len(wishes)
    for identity, places in by_identity.items():
        names = distinct([wishes[place] for place in places], longest)
        for place, name in zip(places, names, strict=True):
            files[place] = f"{folders[identity]}/{name}.{ending}"
    return files


def _are_targets(rows: pa.Table, chosen: Targets) -> list[bool]:
    wanted = set(_names(chosen.rows))
    return [name in wanted for name in _names(rows)]


def _names(rows: pa.Table) -> list[tuple[str | None, int | None]]:
    return list(zip(rows["key"].to_pylist(), rows["face_index"].to_pylist(), strict=True))


def _angles(rows: pa.Table) -> NDArray[np.float64]:
    """(rows,) degrees between facing direction and line of sight: see `faces.pose`; NaN without pose."""
    yaw, pitch = (rows[name].to_numpy().astype(np.float64) for name in ("yaw", "pitch"))
    return facing_angle(yaw, pitch)
