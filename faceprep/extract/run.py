"""The stage: a source and options to a folder of faces.

Finished parts are kept: a run that was killed goes on where it stopped, and images that were added to
the source since are extracted into parts of their own.
"""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faceprep import journal, parts, storage
from faceprep.engine import Cluster
from faceprep.errors import UsageError
from faceprep.extract import manifest, plan
from faceprep.extract.catalog import doubt, read_catalog
from faceprep.extract.summary import ExtractSummary
from faceprep.extract.work import Done, Job, do_parts, finished_counts
from faceprep.faces import model
from faceprep.faces.options import TIMEOUT
from faceprep.log import LOG

if TYPE_CHECKING:
    from faceprep.array_task import ArrayTask
    from faceprep.engine import Workers
    from faceprep.extract.catalog import Catalog
    from faceprep.extract.options import ExtractOptions


def extract(
    source: str,
    folder: str,
    options: ExtractOptions,
    *,
    workers: Workers = None,
    task: ArrayTask | None = None,
    timeout: float = TIMEOUT,
    overwrite: bool = False,
    retry: frozenset[str] = frozenset(),
    bar: bool = False,
) -> ExtractSummary:
    """Extract the faces of a data set into a folder of Parquet parts.

    Args:
        source: a folder of images, an archive of them, or a table that names them; local or a URL.
        folder: where the faces go; local or a URL.
        options: what to extract.
        workers: processes, None for one per usable core, or a cluster's.
        task: of an array job: only its parts are done.
        timeout: seconds one image may take.
        overwrite: delete what `folder` holds of an earlier run, and start afresh.
        retry: reject statuses; parts that hold such images are done again.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Raises:
        InputError: no images, unreadable root, a folder of something else.
        UsageError: other options than the folder was begun with, or impossible ones.
        StorageError: the folder cannot be written. SetupError: the machine lacks something.
    """
    _check(source, folder, timeout)
    if isinstance(workers, Cluster):
        source, folder = storage.absolute(source), storage.absolute(folder)
    task = _share(task, folder, overwrite=overwrite)
    catalog = read_catalog(source, options.layout if overwrite else _layout(folder, options))
    _say_what_is_there(source, catalog)
    now = manifest.describe(options, catalog.layout)
    plan.make_room(folder, now, task, overwrite=overwrite)
    job = Job(catalog.root, folder, options, now["digest"], timeout, retry, task, workers, bar)
    return _do(job, catalog, now)


def _share(task: ArrayTask | None, folder: str, *, overwrite: bool) -> ArrayTask | None:
    """The task of an array; None for a run on its own, whatever started it."""
    if task is None or task.count == 1:
        return None
    if overwrite:
        raise _refused(folder)
    return task


def _do(job: Job, catalog: Catalog, now: dict[str, Any]) -> ExtractSummary:
    with storage.in_use(job.folder, alone=False):
        described, catalog = plan.begin(job.folder, catalog, now, job.task)
        job = dataclasses.replace(job, digest=described["digest"])
        summary = _finish(job, catalog, described, do_parts(job))
    if summary.total is not None:
        plan.tidy(job.folder)
    return summary


def _check(source: str, folder: str, timeout: float) -> None:
    model.find()
    if not 0 < timeout < math.inf:
        raise UsageError(f"--timeout is {timeout}; it must be a number of seconds")
    if not folder:
        raise UsageError("--out is empty; name a folder")
    if storage.is_url(source) or storage.is_url(folder):
        inside = f"{folder.rstrip('/')}/".startswith(f"{source.rstrip('/')}/")
    else:
        inside = Path(folder).resolve().is_relative_to(Path(source).resolve())
        inside = inside and Path(source).is_dir()
    if inside:
        raise UsageError(f"--out {folder} lies in the source {source}; choose one beside it")


def _refused(folder: str) -> UsageError:
    return UsageError(
        "--overwrite: each task of an array would delete what the others have done; delete "
        f"{folder} before the job, or choose another --out"
    )


def _layout(folder: str, options: ExtractOptions) -> str:
    """With `auto`, what an earlier run recognised: images added since may not change it."""
    known = parts.read_layout(folder) if options.layout == "auto" else None
    return known or options.layout


def _say_what_is_there(source: str, catalog: Catalog) -> None:
    images, identities = catalog.images.num_rows, catalog.identities
    LOG.info(
        f"{images:,} images of {identities:,} identities in {source} (layout {catalog.layout})"
    )
    for reason, count in sorted(catalog.skipped.items()):
        LOG.info(f"skipped: {count:,} {reason}")
    if line := doubt(source, catalog):
        LOG.warning(line)


def _finish(job: Job, catalog: Catalog, described: dict[str, Any], done: Done) -> ExtractSummary:
    """Sum up; when all parts are there, those of other tasks too, the manifest says what is in them."""
    planned = parts.planned_parts(job.folder)
    unfinished = set(planned) - parts.finished_parts(job.folder)
    total = None
    if planned and not unfinished:
        whole = done.counts.keys() == set(planned)
        counts = done.counts if whole else _all_counts(job, done)
        total = sum(counts.values(), parts.Counts())
        taken = journal.totals(job.folder, "extract")
        manifest.write(job.folder, manifest.finished(described, counts, taken))
    return ExtractSummary(
        counts=sum(done.counts.values(), parts.Counts()),
        total=total,
        layout=catalog.layout,
        identities=catalog.identities,
        processed=done.processed,
        seconds=done.seconds,
        workers=done.workers,
        cores=done.cores,
        parts=len(planned),
        unfinished=len(unfinished),
        skipped=dict(catalog.skipped),
        task=job.task,
    )


def _all_counts(job: Job, done: Done) -> dict[parts.Part, parts.Counts]:
    """Of all parts: other tasks', and those of an update that another run has made meanwhile."""
    return finished_counts(dataclasses.replace(job, task=None, retry=frozenset())) | done.counts
