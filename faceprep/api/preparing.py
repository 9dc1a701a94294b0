"""Photographs to faces, and what is done with these before shards are made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faceprep.errors import UsageError
from faceprep.export.options import ExportOptions
from faceprep.export.run import export
from faceprep.extract.options import ExtractOptions
from faceprep.extract.run import extract
from faceprep.face_folder import faces_in_use
from faceprep.faces.options import REJECTS, TIMEOUT
from faceprep.forget.options import ForgetOptions
from faceprep.forget.run import forget
from faceprep.options import nearest
from faceprep.select.options import SelectOptions
from faceprep.select.run import select

if TYPE_CHECKING:
    from collections.abc import Collection

    from faceprep.engine import Workers
    from faceprep.export.run import ExportSummary
    from faceprep.extract.summary import ExtractSummary
    from faceprep.forget.summary import ForgetSummary
    from faceprep.select.run import SelectSummary


def extract_faces(
    source: str,
    out: str,
    options: ExtractOptions | None = None,
    *,
    workers: Workers = None,
    timeout: float = TIMEOUT,
    overwrite: bool = False,
    retry: str | Collection[str] = (),
    bar: bool = False,
) -> ExtractSummary:
    """Find, pose, align and crop the faces of photographs: `faceprep extract`.

    Args:
        source: a folder of images, an archive of them, or a table that names them.
        out: folder for the faces; what an earlier call has finished there is kept.
        options: what to extract.
        workers: processes, None for one per usable core, or a `Cluster`.
        timeout: seconds one image may take.
        overwrite: delete what `out` holds of an earlier run, and start afresh.
        retry: reject statuses, or one; parts that hold such images are done again.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Raises:
        InputError: no images, unreadable root, a folder of something else.
        UsageError: other options than `out` was begun with, or impossible ones.
        StorageError: `out` cannot be written. SetupError: the machine lacks something.

    Example:
        >>> import faceprep
        >>> done = faceprep.extract_faces("raw", "faces", faceprep.ExtractOptions(size=64))
        >>> done.counts.images, done.counts.faces, done.counts.rejects
        (24, 24, {})
    """
    statuses = frozenset({retry} if isinstance(retry, str) else retry)
    if unknown := sorted(statuses - set(REJECTS)):
        hint = nearest(unknown[0], REJECTS)
        raise UsageError(f"retry: '{unknown[0]}' is not one of {', '.join(REJECTS)}{hint}")
    return extract(
        source,
        out,
        options or ExtractOptions(),
        workers=workers,
        timeout=timeout,
        overwrite=overwrite,
        retry=statuses,
        bar=bar,
    )


def select_targets(
    faces: str,
    options: SelectOptions | None = None,
    *,
    allow_incomplete: bool = False,
    workers: Workers = None,
    bar: bool = False,
) -> SelectSummary:
    """Choose the most frontal face of each person or clip: `faceprep select`.

    Args:
        faces: the folder of faces; `read_targets` reads what was chosen.
        options: how to choose.
        allow_incomplete: take the parts that are there when extract has not finished.
        workers: processes, None for one per usable core, or a `Cluster`.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Raises:
        UsageError: clips asked for where there are none.
        InputError: no folder of faces, incomplete, or a part that cannot be read.
        StorageError: the folder cannot be written. SetupError: the machine lacks something.
        FaceprepError: not one face to choose from, or a part of which workers die.

    Example:
        >>> import faceprep
        >>> chosen = faceprep.select_targets("faces", faceprep.SelectOptions(max_angle=20))
        >>> chosen.targets, chosen.without
        (4, 0)
    """
    with faces_in_use(faces, allow_incomplete=allow_incomplete, workers=workers) as folder:
        return select(folder, options or SelectOptions(), workers=workers, bar=bar)


def export_crops(
    faces: str,
    out: str,
    options: ExportOptions | None = None,
    *,
    allow_incomplete: bool = False,
    workers: int | None = None,
    bar: bool = False,
) -> ExportSummary:
    """Write crops as plain files in identity folders, with `poses.csv`: `faceprep export`.

    Args:
        faces: the folder of faces.
        out: a folder that is new, empty, or holds an export of the same faces and options.
        options: which faces.
        allow_incomplete: take the parts that are there when extract has not finished.
        workers: processes; None for one per usable core.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Raises:
        UsageError: `out` holds an export with other options.
        InputError: `out` holds something else; targets are wanted, and there are none of these faces.
        FaceprepError: no face is left. StorageError: `out` cannot be written.

    Example:
        >>> import faceprep
        >>> faceprep.export_crops("faces", "crops", faceprep.ExportOptions(max_angle=30)).identities
        4
    """
    with faces_in_use(faces, allow_incomplete=allow_incomplete) as folder:
        return export(folder, out, options or ExportOptions(), workers=workers, bar=bar)


def forget_people(
    faces: str,
    people: str | Collection[str],
    options: ForgetOptions | None = None,
    *,
    shards: str = "shards",
    runs: str = "runs",
    bar: bool = False,
) -> ForgetSummary:
    """Remove people from a folder of faces, and say which data sets and runs hold them: `faceprep forget`.

    Args:
        faces: the folder of faces.
        people: an identity or several, exactly as the faces have them; none to finish what was begun.
        options: how they are removed.
        shards: where data sets are looked for; they are not changed.
        runs: where runs of training are looked for; likewise.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Raises:
        UsageError: nobody is named, and nobody was before.
        InputError: no folder of faces; a name that is not in it, in which case nothing is done.
        StorageError: another run is at work in the folder, or it cannot be written.

    Example:
        >>> import faceprep
        >>> only_say = faceprep.ForgetOptions(dry_run=True)
        >>> found = faceprep.forget_people("faces", "person_00", only_say)
        >>> found.people, found.images, found.faces
        (1, 6, 6)
    """
    if not faces:
        raise UsageError("FACES is empty; name a folder")
    names = [people] if isinstance(people, str) else people
    return forget(faces, names, options or ForgetOptions(), shards=shards, runs_dir=runs, bar=bar)
