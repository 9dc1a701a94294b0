"""The stage: a folder of faces to image files in identity folders, for programs that read those.

    DIR/export.json             written first: of what faces, with what options
    DIR/ann/01.jpg              the crops, byte for byte as extract has encoded them
    DIR/poses.csv               written last: a row per file; an export that has it is whole

A run that was killed goes on where it stopped. Nothing that is not of this export is touched.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc
from pyarrow import csv

import faceprep
from faceprep import manifest, storage
from faceprep.engine import WorkerPool, usable_cores
from faceprep.errors import InputError, UsageError
from faceprep.export.names import MARKER, POSES
from faceprep.export.plan import COLUMNS, plan, read_chosen
from faceprep.export.worker import ExportTask, Written, export_part
from faceprep.log import LOG
from faceprep.options import digest, flag
from faceprep.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from faceprep.export.options import ExportOptions
    from faceprep.face_folder import FaceFolder
    from faceprep.targets import Targets

FORMAT = 1
"""Version of the names in an export. Grows when old and new files can no longer be mixed."""


@dataclass(frozen=True)
class ExportSummary:
    """What an export holds, and what the run did.

    Attributes:
        folder: where it is.
        faces: files in it.
        identities: folders in it.
        bytes: of its images.
        written: files written in this run; the others were there already.
        seconds: what that took, start of the workers included.
        workers: processes at work.
    """

    folder: str
    faces: int
    identities: int
    bytes: int
    written: int
    seconds: float
    workers: int

    def as_json(self) -> dict[str, Any]:
        """One flat object, as `--json` prints it."""
        return {**dataclasses.asdict(self), "seconds": round(self.seconds, 3)}


def export(
    faces: FaceFolder,
    to: str,
    options: ExportOptions,
    *,
    workers: int | None = None,
    bar: bool = False,
) -> ExportSummary:
    """Write faces as image files, or finish what an earlier run began.

    Args:
        faces: from `face_folder.open_faces`.
        to: a folder that is new, empty, or holds an export of the same faces and options.
        options: which faces.
        workers: processes; None for one per usable core.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Raises:
        UsageError: `to` holds an export with other options.
        InputError: `to` holds something else; targets are wanted, and there are none of these faces.
        FaceprepError: no face is left, or a worker died twice.
        StorageError: the folder cannot be written, or another run is at work in it.
    """
    if not to:
        raise UsageError("--to is empty; name a folder")
    chosen = read_chosen(faces) if options.targets_only else None
    planned = plan(faces, options, chosen)
    storage.make_folder(to)
    with storage.in_use(to, alone=True):
        _begin(to, _describe(faces, options, chosen))
        return _finish(faces, to, planned, workers or usable_cores(), bar)


def _finish(
    faces: FaceFolder, to: str, planned: pa.Table, workers: int, bar: bool
) -> ExportSummary:
    tasks = list(_tasks(faces, to, planned))
    workers = max(1, min(workers, len(tasks)))
    start = time.monotonic()
    done = _write(tasks, workers, planned.num_rows, bar)
    _remove_leftovers(to, planned)
    _write_poses(to, planned)
    return ExportSummary(
        folder=to,
        faces=planned.num_rows,
        identities=pc.count_distinct(planned["identity"]).as_py(),
        bytes=done.bytes,
        written=done.files,
        seconds=time.monotonic() - start,
        workers=workers,
    )


def _describe(faces: FaceFolder, options: ExportOptions, chosen: Targets | None) -> dict[str, Any]:
    """What `export.json` says."""
    return {
        "format": FORMAT,
        "options": dataclasses.asdict(options),
        "faces": faces.digest,
        "targets": chosen and _digest(chosen),
        "versions": {"faceprep": faceprep.__version__},
    }


def _digest(chosen: Targets) -> str:
    """SHA-256 of who is a target: with others, other files are exported."""
    names = chosen.rows.select(["key", "face_index"])
    return digest(names.to_pydict())


def _begin(to: str, now: dict[str, Any]) -> None:
    """Leave the marker in an empty folder; hold an old export's against it."""
    before = manifest.claim(to, MARKER, now, "--to")
    if before is None:
        return
    changed = [
        f"{flag(name)} was {before['options'].get(name)} and is now {value}"
        for name, value in now["options"].items()
        if before["options"].get(name) != value
    ]
    if changed:
        raise UsageError(f"{to}: {'; '.join(changed)}. Choose another folder with --to")
    for name in ("format", "faces", "targets"):
        if before.get(name) != now[name]:
            raise InputError(
                f"{to}: an export with other {name} than these; choose another folder with --to"
            )
    LOG.info(f"{to}: begun already; going on")


def _tasks(faces: FaceFolder, to: str, planned: pa.Table) -> Iterator[ExportTask]:
    """One for each part that has faces to export."""
    parts, starts = np.unique(planned["part"].to_numpy(), return_index=True)
    ends = [*starts[1:], planned.num_rows]
    for part, start, end in zip(parts, starts, ends, strict=True):
        rows = planned.slice(start, end - start)
        yield ExportTask(
            faces.location(int(part)),
            to,
            tuple(rows["row"].to_pylist()),
            tuple(rows["file"].to_pylist()),
        )


def _write(tasks: list[ExportTask], workers: int, total: int, bar: bool) -> Written:
    files = size = 0
    with (
        Progress(total, bar=bar, unit="faces") as progress,
        WorkerPool(workers) as pool,
    ):
        for task, written in pool.results(export_part, tasks, lambda task: task.location):
            files += written.files
            size += written.bytes
            progress.advance(len(task.rows))
    return Written(files, size)


def _remove_leftovers(to: str, planned: pa.Table) -> None:
    """Delete what a run that was killed has left of half-written files."""
    folders = {file.partition("/")[0] for file in planned["file"].to_pylist()}
    for folder in sorted(folders):
        storage.remove_leftovers(storage.join(to, folder))
    storage.remove_leftovers(to)


def _write_poses(to: str, planned: pa.Table) -> None:
    with storage.atomic_output(storage.join(to, POSES)) as file:
        csv.write_csv(planned.select(["file", *COLUMNS]), file)
