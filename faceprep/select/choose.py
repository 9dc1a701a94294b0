"""The rules by which a target is chosen: the authority on them. No files, no processes.

1. **Candidates.** Every face with status `ok`, but for two kinds. A picture that lies under two
   identities is *in conflict*: nobody knows whose it is, so its faces are nobody's, unless they are to
   be kept as each one's. Of byte-identical copies within a group, the one with the least key stands for
   all.
2. **Groups.** One per identity, or one per identity and clip; faces without a clip then make a group
   of their own.
3. **Shortlist.** The faces of the group that are turned away least by the stored pose: by the angle
   between facing direction and line of sight, acos(cos yaw · cos pitch). Never a sum of signed
   angles: opposite signs cancel, and (60°, −40°, −20°) would pass for frontal. Ties go to the lesser
   key, then to the lesser face index.
4. **Mesh.** The mesh says the angle of each face in the shortlist. Those that it refuses compete only
   where it refuses all; then the stored angles decide, as they do where no crops are stored.
5. **Best.** The smallest angle of those that compete. Beyond `max_angle` there is no target.
6. **Target.** Of those within `NEAR` of the best, and within `max_angle`, the highest in quality; ties
   as above.
7. **Runner-up.** What steps 4 to 6 make of the shortlist without the target.

**Quality** is that of `face_quality`: √sharpness · min(longer side of the box, side of the crop) · score.

Steps 1 to 3 are `candidates`, the others are here.
"""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from faceprep import records
from faceprep.face_quality import quality
from faceprep.faces.pose import facing_angle
from faceprep.select.candidates import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from faceprep.faces.pose import Pose
    from faceprep.select.candidates import Candidates
    from faceprep.select.options import SelectOptions

NEAR = 3.0
"""Degrees by which an angle may exceed the best and still count as good: about the mesh's own error."""

MESH, KEYPOINTS = "mesh", "keypoints"


@dataclass(frozen=True, slots=True)
class Listed:
    """A face of a shortlist. Angles in degrees.

    Attributes:
        yaw: as stored; `pitch` and `roll` likewise.
        mesh: its pose by the mesh; None where that refuses.
        angle: by the mesh, and where that refuses by the stored pose.
    """

    key: str
    face_index: int
    yaw: float
    pitch: float
    roll: float
    mesh: Pose | None
    angle: float
    quality: float

    @property
    def name(self) -> str:
        """What it is called in words and in `runner_up`."""
        return records.face_key(self.key, self.face_index)


@dataclass(frozen=True)
class Choice:
    """What steps 4 to 6 make of some faces.

    Attributes:
        best: the one with the smallest angle.
        near: how many are within `NEAR` of that, and within the largest angle allowed.
        face: the highest of these in quality; None where there is none.
    """

    best: Listed
    near: int
    face: Listed | None


def choose(faces: Sequence[Listed], max_angle: float) -> Choice:
    """Steps 4 to 6.

    Args:
        faces: at least one, in any order.
        max_angle: degrees.
    """
    competing = [face for face in faces if face.mesh] or faces
    best = min(competing, key=lambda face: (face.angle, face.key, face.face_index))
    limit = min(best.angle + NEAR, max_angle)
    near = [face for face in competing if face.angle <= limit]
    finest = min(near, key=lambda face: (-face.quality, face.key, face.face_index), default=None)
    return Choice(best, len(near), finest)


def targets(
    found: Candidates,
    shortlist: pa.Table,
    poses: Sequence[Pose | None],
    crop_side: int,
    options: SelectOptions,
    *,
    looked: bool = True,
) -> list[records.TargetRow]:
    """Steps 4 to 7, for everybody.

    Args:
        found: the groups.
        shortlist: of all of them, as `candidates.shortlist` makes it.
        poses: of each face in it, by the mesh; None where that refuses.
        crop_side: px.
        options: of select.
        looked: whether the mesh has looked at the faces; it cannot where there are no crops.
    """
    members = defaultdict[int, list[Listed]](list)
    listed = _listed(shortlist, poses, quality(shortlist, crop_side))
    for group, face in zip(shortlist["group"].to_pylist(), listed, strict=True):
        members[group].append(face)
    counts = np.bincount(found.group, minlength=found.groups.num_rows).tolist()
    return [
        _target(_nobody(group, count), members[index], options.max_angle, looked)
        for index, (group, count) in enumerate(zip(found.groups.to_pylist(), counts, strict=True))
    ]


def table(rows: Iterable[records.TargetRow]) -> pa.Table:
    """The rows as `records.target_schema()`."""
    schema, rows = records.target_schema(), list(rows)
    columns = [pa.array([getattr(row, f.name) for row in rows], f.type) for f in schema]
    return pa.table(columns, schema=schema)


def _listed(
    shortlist: pa.Table, poses: Sequence[Pose | None], quality: NDArray[np.float64]
) -> list[Listed]:
    stored = shortlist.select(["key", "face_index", "yaw", "pitch", "roll"]).to_pylist()
    fitted = [(pose.yaw, pose.pitch) if pose else (math.nan, math.nan) for pose in poses]
    by_mesh = facing_angle(*np.reshape(np.array(fitted), (-1, 2)).T)
    angle = np.where(np.isnan(by_mesh), numbers(shortlist["angle"]), by_mesh)
    return [
        Listed(**face, mesh=pose, angle=degrees, quality=value)
        for face, pose, degrees, value in zip(
            stored, poses, angle.tolist(), quality.tolist(), strict=True
        )
    ]


def _nobody(group: dict[str, Any], faces: int) -> records.TargetRow:
    """The row of a group without a target, and if it has no candidate the reason."""
    row: dict[str, Any] = {field.name: None for field in dataclasses.fields(records.TargetRow)}
    row |= {"identity": group["identity"], "clip": group["clip"], "faces": faces, "shortlist": 0}
    in_conflict = "its pictures are under other identities too"
    return records.TargetRow(**row | {"reason": in_conflict if group["found"] else "no face found"})


def _target(
    nobody: records.TargetRow, faces: Sequence[Listed], max_angle: float, looked: bool
) -> records.TargetRow:
    """The row of a group, given its row before anything is chosen and its shortlist."""
    if not faces:
        return nobody
    choice = choose(faces, max_angle)
    row = dataclasses.replace(nobody, shortlist=len(faces), best_angle=choice.best.angle)
    if choice.face is None:
        return dataclasses.replace(row, reason=_why_none(choice.best, max_angle, looked))
    others = [face for face in faces if face is not choice.face]
    runner_up = choose(others, max_angle).face if others else None
    return dataclasses.replace(
        _chosen(row, choice.face),
        runner_up=runner_up.name if runner_up else None,
        runner_up_angle=runner_up.angle if runner_up else None,
        reason=_why(choice.face, choice, looked, alone=row.faces == 1),
    )


def _chosen(row: records.TargetRow, face: Listed) -> records.TargetRow:
    return dataclasses.replace(
        row,
        key=face.key,
        face_index=face.face_index,
        yaw=face.yaw,
        pitch=face.pitch,
        roll=face.roll,
        mesh_yaw=face.mesh.yaw if face.mesh else None,
        mesh_pitch=face.mesh.pitch if face.mesh else None,
        angle=face.angle,
        angle_source=MESH if face.mesh else KEYPOINTS,
        quality=face.quality,
    )


def _why(face: Listed, choice: Choice, looked: bool, *, alone: bool) -> str:
    if alone:
        words = "the only face"
    elif face is choice.best and choice.near == 1:
        words = "most frontal"
    elif face is choice.best:
        words = f"most frontal, and best in quality of {choice.near} within {NEAR:g}°"
    else:
        words = f"best in quality of {choice.near} within {NEAR:g}° of the most frontal"
    return f"{words}, at {face.angle:.1f}°{_by_what(face, looked)}"


def _why_none(best: Listed, max_angle: float, looked: bool) -> str:
    return (
        f"no face within {max_angle:g}°: the best, {best.name}, is at {best.angle:.1f}°"
        f"{_by_what(best, looked)}"
    )


def _by_what(face: Listed, looked: bool) -> str:
    if face.mesh:
        return ""
    why = "the mesh refuses all" if looked else "there are no crops for the mesh to look at"
    return f" by the keypoints, since {why}"
