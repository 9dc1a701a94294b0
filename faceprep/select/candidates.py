"""All rows to shortlists: steps 1 to 3 of the rules in `choose`, for hundreds of thousands of faces.

Strings become numbers once; what follows are sorts of integers. No files, no processes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from faceprep import records
from faceprep.faces.pose import facing_angle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Indices = NDArray[np.int64]

COLUMNS = (
    *("key", "identity", "clip", "status", "sha256", "face_index", "score", "sharpness"),
    *("box_x", "box_y", "box_width", "box_height", "keypoints"),
    *("yaw", "pitch", "roll", "pose_source"),
)
"""What the stage needs to know of a row: to choose, and to find the face in its crop."""


@dataclass(frozen=True)
class Candidates:
    """The faces that may become a target.

    Attributes:
        rows: (n,) int64, their indices, in the order of key and face index.
        group: (n,) int64, the group of each, as an index into `groups`.
        groups: columns `identity`, `clip` (null with `per="identity"`) and `found`, how many faces
            it has, candidates or not; sorted by identity, then clip, null last. It holds everybody,
            those too of whom no face was found.
        conflicts: pictures left out because they are under several identities.
        example: keys of one such picture, two identities' own; empty without.
        duplicates: faces left out because they are copies within their group.
    """

    rows: Indices
    group: Indices
    groups: pa.Table
    conflicts: int
    example: tuple[str, ...]
    duplicates: int


def candidates(rows: pa.Table, per: str, *, keep_conflicts: bool = False) -> Candidates:
    """Steps 1 and 2.

    Args:
        rows: `COLUMNS` of all rows, faces and rejects, in any order.
        per: identity or clip.
        keep_conflicts: let pictures that are under several identities stand for each of them.
    """
    groups, group = _groups(rows, per)
    faces, picture = _faces_by_key(rows), _codes(rows["sha256"])
    found = np.bincount(group[faces], minlength=groups.num_rows)
    conflict = np.zeros(len(faces), np.bool_)
    if not keep_conflicts:
        conflict = _in_conflict(picture[faces], _codes(rows["identity"])[faces])
    disputed, clear = faces[conflict], faces[~conflict]
    face_index = numbers(rows["face_index"])[clear].astype(np.int64)
    kept = clear[_first_of_each(np.stack([group[clear], picture[clear], face_index]))]
    return Candidates(
        rows=kept,
        group=group[kept],
        groups=groups.append_column("found", pa.array(found, pa.int64())),
        conflicts=len(np.unique(picture[disputed])),
        example=_owners(rows.take(disputed[picture[disputed] == picture[disputed[:1]]])),
        duplicates=len(clear) - len(kept),
    )


def shortlist(rows: pa.Table, found: Candidates, length: int) -> pa.Table:
    """Step 3.

    Args:
        rows: as `candidates` had them.
        found: what it made of them.
        length: faces of each group, at the most.

    Returns:
        The rows listed, and columns `group` and `angle` (degrees, of the stored pose); sorted by
        these, then key, then face index.
    """
    yaw, pitch = numbers(rows["yaw"])[found.rows], numbers(rows["pitch"])[found.rows]
    angle = facing_angle(yaw, pitch)
    order = np.lexsort((angle, found.group))  # stable, so ties stay in the order of their keys
    group = found.group[order]
    place = np.arange(len(group)) - np.searchsorted(group, group)
    order = order[place < length]
    listed = rows.take(found.rows[order])
    listed = listed.append_column("group", pa.array(found.group[order], pa.int64()))
    return listed.append_column("angle", pa.array(angle[order], pa.float64()))


def numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """(n,) float64; what is null, as in rejects, becomes NaN."""
    return np.asarray(column.cast(pa.float64()).to_numpy(), np.float64)


def _groups(rows: pa.Table, per: str) -> tuple[pa.Table, Indices]:
    """The groups, sorted, and the index of each row's own."""
    clips = rows["clip"] if per == "clip" else pa.nulls(rows.num_rows, pa.string())
    names = pa.table({"identity": rows["identity"], "clip": clips})
    identity, clip = (
        pc.rank(names[name], tiebreaker="dense").to_numpy() for name in names.schema.names
    )
    code = identity.astype(np.int64) * (rows.num_rows + 1) + clip.astype(np.int64)
    _, first, group = np.unique(code, return_index=True, return_inverse=True)
    return names.take(first), group


def _faces_by_key(rows: pa.Table) -> Indices:
    """Indices of the faces, by key and face index: the order in which stable sorts leave ties."""
    order = pc.sort_indices(rows, [("key", "ascending"), ("face_index", "ascending")])
    indices = order.to_numpy().astype(np.int64)
    is_face = pc.equal(rows["status"], records.OK).to_numpy()
    return np.asarray(indices[is_face[indices]], np.int64)


def _codes(column: pa.ChunkedArray) -> Indices:
    """(n,) equal numbers for equal values, from 0."""
    found = column.combine_chunks().dictionary_encode(null_encoding="encode")
    return np.asarray(found.indices.to_numpy(), np.int64)


def _in_conflict(picture: Indices, person: Indices) -> NDArray[np.bool_]:
    """For each face whether its picture is under several identities, given the codes of both."""
    people = person.max(initial=0) + 1
    pairs = np.unique(picture * people + person)
    disputed = np.bincount(pairs // people) > 1
    return np.asarray(disputed[picture])


def _first_of_each(columns: Indices) -> Indices:
    """Ascending positions of the columns, of (k, n), that no column before them equals."""
    order = np.lexsort(columns)
    ordered = columns[:, order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
    return np.sort(order[new])


def _owners(copies: pa.Table) -> tuple[str, ...]:
    """A key of each of the first two identities that have a picture."""
    keys = dict(zip(copies["identity"].to_pylist(), copies["key"].to_pylist(), strict=True))
    return tuple(keys.values())[:2]
