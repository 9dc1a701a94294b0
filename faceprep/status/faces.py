"""How far a folder of faces is: which parts are there, and what runs say of themselves."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from faceprep import (
    face_folder,
    forgotten,
    manifest,
    part_file,
    parts,
    past_runs,
    records,
    storage,
    targets,
)
from faceprep.errors import InputError
from faceprep.past_runs import RUNNING
from faceprep.status.report import FolderStatus
from faceprep.status.tasks import tasks_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from faceprep.past_runs import Run
    from faceprep.status.tasks import Task

STAGE, SELECT = "extract", "select"  # two that work in the same folder, one after the other


def faces_status(path: str, *, exact: bool = False) -> FolderStatus:
    """Look at a folder of faces, begun or finished.

    Args:
        path: of the folder.
        exact: ask every part for its counts, and the targets for their faces; a request or more for each.
            Not done while people are being forgotten: the files need not fit together then.

    Raises:
        InputError: `extract.json` or a catalogue cannot be read; a part, if all are looked at.
    """
    described = _described(path)
    forgetting = not forgotten.read(storage.join(path, parts.MANIFEST), described).finished
    exact = exact and not forgetting
    planned = parts.planned_parts(path)
    there = parts.finished_parts(path)
    images = _images(path, planned, uneven="forgotten" in described)
    done = [part for part in planned if part in there]
    missing = [place for place, part in enumerate(planned) if part not in there]
    runs, selecting = _runs(path)
    complete = bool(planned) and not missing
    finished = complete and not forgetting and described.get("counts") is not None
    counts = _counts(path, described, done, complete, runs, exact=exact)
    return FolderStatus(
        path=path,
        what="faces",
        stage=STAGE,
        finished=finished,
        forgetting=forgetting,
        files=len(done),
        planned=len(planned),
        unit="images",
        done=sum(images[part] for part in done),
        total=sum(images.values()),
        failed=_failed(runs, {planned[place].name for place in missing}),
        counts={"faces": counts.faces, **counts.rejects} if counts.images else {},
        counted=counts.images,
        runs=runs,
        selecting=selecting,
        tasks=_tasks(runs, len(planned), missing),
        targets="being chosen" if selecting else _targets(path, exact=exact and complete),
        noted=(finished and described.get("run")) or {},
        worst=(finished and described.get("worst_part")) or None,
    )


def _described(path: str) -> dict[str, Any]:
    described = manifest.read(path, parts.MANIFEST) or {}
    if described.get("format") != records.FACES_FORMAT:
        raise InputError(
            f"{path}: has format {described.get('format')}, this faceprep reads {records.FACES_FORMAT}; "
            "extract again, with --overwrite or into another folder"
        )
    return described


def _runs(path: str) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
    """Those of extract, and those of select that are at work."""
    told = past_runs.read(path)
    extract, select = ([run for run in told if run.stage == stage] for stage in (STAGE, SELECT))
    return tuple(extract), _at_work(select)


def _at_work(runs: Sequence[Run]) -> tuple[Run, ...]:
    return tuple(run for run in runs if run.state == RUNNING)


def _images(path: str, planned: Sequence[parts.Part], *, uneven: bool) -> dict[parts.Part, int]:
    """How many images each part is of: all of a catalogue's are of one size, but for its last.

    They are uneven where people have been forgotten: any may be smaller.
    """
    if uneven:
        return {part: batch.num_rows for part, batch in parts.slices(path)}
    images: dict[parts.Part, int] = {}
    for part in planned:
        if part.index in (0, part.total - 1):
            images[part] = parts.read_slice(path, part).num_rows
        else:
            images[part] = images[parts.Part(part.update, 0, part.total)]
    return images


def _counts(
    path: str,
    described: Mapping[str, Any],
    done: Sequence[parts.Part],
    complete: bool,
    runs: Sequence[Run],
    *,
    exact: bool,
) -> parts.Counts:
    """What came of the images: as the parts say, as the manifest does, or as the runs have told."""
    if exact:
        found = past_runs.each(path, lambda part: _said(path, described["digest"], part), done)
        return sum(found, parts.Counts())
    if complete and described.get("counts"):
        try:
            return parts.Counts(**described["counts"])
        except TypeError:
            raise InputError(
                f"{storage.join(path, parts.MANIFEST)}: its counts are not readable; run "
                "'faceprep extract' again"
            ) from None
    told = sum((Counter(run.numbers) for run in runs), Counter[str]())
    rejects = {name: count for name, count in sorted(told.items()) if name in records.STATUSES}
    return parts.Counts(sum(run.done for run in runs), told["faces"], rejects)


def _said(path: str, digest: str, part: parts.Part) -> parts.Counts:
    made_of = parts.fingerprint(digest, parts.read_slice(path, part))
    return part_file.read_counts(path, part, made_of)


def _failed(runs: Sequence[Run], missing: set[str]) -> tuple[str, ...]:
    told = dict.fromkeys(what for run in runs for what in run.failed)
    return tuple(what for what in told if what.partition(":")[0] in missing)


def _tasks(runs: Sequence[Run], planned: int, missing: Sequence[int]) -> tuple[Task, ...]:
    """Of the array that the last run is a task of; none when a run on its own is to do all.

    While runs are at work, it is these that tell.
    """
    tasks = [run.task for run in _at_work(runs) or runs[-1:]]
    last = tasks[-1] if tasks else None
    if last is None or None in tasks:
        return ()
    return tasks_of(int(last.partition("/")[2]), planned, missing, runs)


def _targets(path: str, *, exact: bool) -> str:
    location = storage.join(path, targets.NAME)
    if not storage.exists(location):
        return "not chosen"
    if exact:
        chosen = targets.read_targets(location)
        if chosen and chosen.faces != face_folder.open_faces(path).digest:
            return "of other faces"
    return "chosen"
