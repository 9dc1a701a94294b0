"""The stage: a folder of faces to its `targets.parquet`.

The stored poses make a shortlist for everybody, workers lay the mesh over the faces in it, and
`choose` decides. Nothing else in the folder is touched, so it may be done again with other options;
how far it is stands in `.runs`.
"""

from __future__ import annotations

import dataclasses
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from faceprep import records, storage
from faceprep.engine import open_pool
from faceprep.errors import FaceprepError, InputError, UsageError
from faceprep.faces import model
from faceprep.faces.options import FaceOptions, made_with
from faceprep.faces.pose import Pose
from faceprep.journal import Journal
from faceprep.log import LOG
from faceprep.parts import MANIFEST
from faceprep.progress import Progress
from faceprep.select import candidates, choose, worker
from faceprep.select.options import SelectOptions
from faceprep.targets import NAME, Targets, read_targets, write_targets

if TYPE_CHECKING:
    from typing import Any

    import pyarrow as pa

    from faceprep.engine import Workers
    from faceprep.face_folder import FaceFolder
    from faceprep.select.candidates import Candidates

_GROUPS = {"identity": "identities", "clip": "clips"}
_EXAMPLES = 5
_STORED = ("row", "box_x", "box_y", "box_width", "box_height", "keypoints")
_Place = tuple[int, int]  # part, row


@dataclass(frozen=True)
class SelectSummary:
    """What was chosen.

    Attributes:
        identities: people, or clips with `per="clip"`: rows of the table.
        targets: how many of them have a target.
        faces: from which the targets were chosen.
        conflicts: pictures left out because they are under several identities.
        duplicates: faces left out because they are byte-identical copies.
        mesh: faces in the shortlists at which the mesh has looked, here or in extract: all of them,
            unless there are no crops.
        refused: how many of these the mesh refused.
        seconds: what it took.
        workers: processes at work; 0 where there was nothing for the mesh to look at.
    """

    identities: int
    targets: int
    faces: int
    conflicts: int
    duplicates: int
    mesh: int
    refused: int
    seconds: float
    workers: int

    @property
    def without(self) -> int:
        """Those who have no target; the table says of each why."""
        return self.identities - self.targets

    def as_json(self) -> dict[str, Any]:
        """One flat object, as `--json` prints it."""
        first = {"identities": self.identities, "targets": self.targets, "without": self.without}
        return {**first, **dataclasses.asdict(self), "seconds": round(self.seconds, 3)}


def select(
    faces: FaceFolder, options: SelectOptions, *, workers: Workers = None, bar: bool = False
) -> SelectSummary:
    """Choose the most frontal face of each identity and write `targets.parquet`.

    Args:
        faces: the folder, which gets or keeps that one file.
        options: how to choose.
        workers: processes, None for one per usable core, or a cluster's.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Raises:
        UsageError: clips asked for where there are none.
        InputError: a part cannot be read. StorageError: the folder cannot be written, or is being
            extracted afresh. SetupError: the machine lacks something.
        FaceprepError: not one face to choose from, or a part of which workers die.
    """
    start = time.monotonic()
    with storage.in_use(faces.path, alone=False):
        rows = faces.rows(candidates.COLUMNS)
        found = _candidates(faces, rows, options)
        shortlist = candidates.shortlist(rows, found, options.shortlist)
        settings = _settings(faces)
        looked = faces.has_crops or settings.pose == choose.MESH
        tasks = _tasks(faces, settings, shortlist) if faces.has_crops else []
        _say_what_is_there(faces, found, shortlist, _GROUPS[options.per])
        fitted, at_work = _fit(faces.path, tasks, workers, bar)
        poses = _poses(shortlist, fitted)
        chosen = choose.targets(found, shortlist, poses, settings.size, options, looked=looked)
        content = Targets(choose.table(chosen), dataclasses.asdict(options), faces.digest)
        write_targets(storage.join(faces.path, NAME), content)
    _say_who_has_none(chosen)
    seconds = time.monotonic() - start
    return _summary(found, poses if looked else [], chosen, seconds, at_work)


def ensure_targets(
    faces: FaceFolder, *, keep_conflicts: bool = False, workers: Workers = None, bar: bool = False
) -> None:
    """Choose targets, unless that has been done for these very faces.

    Where faces have been added since, it is done again with the options of then.

    Args:
        faces: as `select` takes it.
        keep_conflicts: for a first choice, see `SelectOptions`.
        workers: as `select` takes them.
        bar: likewise.

    Raises:
        InputError: `targets.parquet` is there, and damaged.
        FaceprepError: as `select`.
    """
    before = read_targets(storage.join(faces.path, NAME))
    if before is None:
        select(faces, SelectOptions(keep_conflicts=keep_conflicts), workers=workers, bar=bar)
    elif before.faces != faces.digest:
        LOG.info(f"{faces.path}: the faces are no longer those of {NAME}; choosing again")
        select(faces, SelectOptions(**before.options), workers=workers, bar=bar)


def _candidates(faces: FaceFolder, rows: pa.Table, options: SelectOptions) -> Candidates:
    if options.per == "clip" and rows["clip"].null_count == rows.num_rows:
        layout = faces.options.get("layout")
        raise UsageError(
            f"--per is clip, and no face in {faces.path} has a clip (its layout is {layout}); "
            "use --per identity"
        )
    found = candidates.candidates(rows, options.per, keep_conflicts=options.keep_conflicts)
    if not len(found.rows):
        what = (
            f"all {found.conflicts:,} pictures with a face are under several identities; "
            "--keep-conflicts keeps them"
        )
        raise FaceprepError(
            f"{faces.path}: no face to choose from: "
            + (what if found.conflicts else f"none of its {rows.num_rows:,} images has one")
        )
    return found


def _settings(faces: FaceFolder) -> FaceOptions:
    """What extract was told, by which the crops are made."""
    try:
        return made_with(faces.options)
    except (TypeError, UsageError) as error:
        raise InputError(
            f"{storage.join(faces.path, MANIFEST)}: its options are not those of this faceprep "
            f"({error}); extract again, with --overwrite or into another folder"
        ) from None


def _tasks(faces: FaceFolder, settings: FaceOptions, shortlist: pa.Table) -> list[worker.MeshTask]:
    """For each part the faces listed at which extract's mesh, if it had one, has not looked."""
    by_part = defaultdict[int, list[worker.StoredFace]](list)
    for row in shortlist.filter(pc.field("pose_source") != choose.MESH).to_pylist():
        stored = {name: row[name] for name in _STORED}
        name = records.face_key(row["key"], row["face_index"])
        by_part[row["part"]].append(worker.StoredFace(name=name, **stored))
    return [
        worker.MeshTask(
            part, faces.location(part), settings, tuple(sorted(listed, key=lambda face: face.row))
        )
        for part, listed in sorted(by_part.items())
    ]


def _fit(
    folder: str, tasks: list[worker.MeshTask], workers: Workers, bar: bool
) -> tuple[dict[_Place, Pose | None], int]:
    """Poses by the mesh, and where they belong; None for faces that it refuses. And how many worked."""
    if not tasks:
        return {}, 0
    model.find()
    fitted: dict[_Place, Pose | None] = {}
    total = sum(len(task.faces) for task in tasks)
    with (
        Progress(total, bar=bar, unit="faces") as progress,
        open_pool(workers, len(tasks)) as pool,
        Journal(
            folder, "select", task=None, workers=pool.size, total=total, unit="faces"
        ) as journal,
    ):
        for task, poses in pool.results(worker.fit_part, tasks, name=lambda task: task.location):
            places = [(task.part, face.row) for face in task.faces]
            fitted |= dict(zip(places, poses, strict=True))
            progress.advance(len(places))
            journal.advance(len(places))
        return fitted, pool.size


def _poses(shortlist: pa.Table, fitted: dict[_Place, Pose | None]) -> list[Pose | None]:
    """Of each face in the shortlist: as fitted, or as stored where that was by the mesh."""
    names = ["part", "row", "yaw", "pitch", "roll", "pose_source"]
    return [
        Pose(row["yaw"], row["pitch"], row["roll"])
        if row["pose_source"] == choose.MESH
        else fitted.get((row["part"], row["row"]))
        for row in shortlist.select(names).to_pylist()
    ]


def _summary(
    found: Candidates,
    poses: list[Pose | None],
    chosen: list[records.TargetRow],
    seconds: float,
    workers: int,
) -> SelectSummary:
    return SelectSummary(
        identities=len(chosen),
        targets=sum(row.key is not None for row in chosen),
        faces=len(found.rows),
        conflicts=found.conflicts,
        duplicates=found.duplicates,
        mesh=len(poses),
        refused=poses.count(None),
        seconds=seconds,
        workers=workers,
    )


def _say_what_is_there(
    faces: FaceFolder, found: Candidates, shortlist: pa.Table, groups: str
) -> None:
    LOG.info(
        f"{len(found.rows):,} faces of {found.groups.num_rows:,} {groups} in {faces.path}; "
        f"{shortlist.num_rows:,} of them on the shortlists"
    )
    if not faces.has_crops:
        LOG.info(f"{faces.path} has no crops: the mesh cannot look, and the stored poses decide")
    if found.duplicates:
        LOG.info(f"left out: {found.duplicates:,} byte-identical copies")
    if found.conflicts:
        LOG.warning(
            f"left out: {found.conflicts:,} pictures that are under several identities, so that "
            f"nobody knows whose they are; for instance {' and '.join(found.example)}"
        )


def _say_who_has_none(rows: list[records.TargetRow]) -> None:
    """Name a few of those without a target, and say how near they came."""
    none = [row for row in rows if row.key is None]
    if not none:
        return
    few = ", ".join(_shortly(row) for row in none[:_EXAMPLES])
    more = ", …" if len(none) > _EXAMPLES else ""
    LOG.info(f"without a target: {len(none):,} of {len(rows):,}: {few}{more}")


def _shortly(row: records.TargetRow) -> str:
    name = row.identity if row.clip is None else f"{row.identity}/{row.clip}"
    return f"{name} ({row.reason if row.best_angle is None else f'{row.best_angle:.1f}°'})"
