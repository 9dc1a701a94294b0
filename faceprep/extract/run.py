"""The stage: a source and options to a folder of faces.

Finished parts are kept: a run that was killed goes on where it stopped, and images that were added to
the source since are extracted into parts of their own.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from faceprep import face_worker, parts, records, storage
from faceprep.engine import WorkerPool, usable_cores
from faceprep.errors import FaceprepError, InputError, UsageError
from faceprep.extract import manifest, worker
from faceprep.extract.catalog import Catalog, read_catalog, source_images
from faceprep.extract.options import TIMEOUT
from faceprep.faces import model
from faceprep.log import LOG
from faceprep.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterable

    from faceprep.extract.options import ExtractOptions


@dataclass(frozen=True)
class ExtractSummary:
    """What a run did, and what `faces/` holds after it.

    Attributes:
        counts: of everything in the folder.
        layout: of the source, as recognised or given.
        identities: people in the source.
        processed: images done in this run.
        seconds: what that took, start of the workers included.
        workers: processes at work.
        parts: how many there are.
        skipped: reason to number of files that were not taken for images.
    """

    counts: parts.Counts
    layout: str
    identities: int
    processed: int
    seconds: float
    workers: int
    parts: int
    skipped: dict[str, int]

    @property
    def images_per_second(self) -> float:
        """Images done in this run per second of it."""
        return self.processed / self.seconds if self.seconds else 0.0

    def as_json(self) -> dict[str, Any]:
        """One flat object, as `--json` prints it."""
        rate = self.images_per_second
        return {
            **dataclasses.asdict(self.counts),
            "rejected": self.counts.rejected,
            "layout": self.layout,
            "identities": self.identities,
            "skipped": self.skipped,
            "parts": self.parts,
            "processed": self.processed,
            "seconds": round(self.seconds, 3),
            "workers": self.workers,
            "images_per_second": round(rate, 2),
            "images_per_core_second": round(rate / min(self.workers, usable_cores()), 2),
        }


def extract(
    source: str,
    folder: str,
    options: ExtractOptions,
    *,
    workers: int | None = None,
    timeout: float = TIMEOUT,
    overwrite: bool = False,
    retry: frozenset[str] = frozenset(),
    bar: bool = False,
) -> ExtractSummary:
    """Extract the faces of a data set into a folder of Parquet parts.

    Args:
        source: a folder of images, or a table that names them.
        folder: where the faces go.
        options: what to extract.
        workers: processes; None for one per usable core.
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
    catalog = read_catalog(source, options.layout if overwrite else _layout(folder, options))
    _say_what_is_there(source, catalog)
    storage.make_folder(folder)
    if overwrite:  # not before it is known that there is something to extract
        with storage.in_use(folder, alone=True):
            manifest.clear(folder)
    with storage.in_use(folder, alone=False):
        description = manifest.begin(folder, manifest.describe(options, catalog.layout))
        _add_update(folder, catalog, description)
        job = _Job(catalog.root, folder, options, description["digest"], timeout, retry)
        return _finish(job, catalog, description, workers or usable_cores(), bar)


def _check(source: str, folder: str, timeout: float) -> None:
    model.find()
    if not 0 < timeout < math.inf:
        raise UsageError(f"--timeout is {timeout}; it must be a number of seconds")
    if not folder:
        raise UsageError("--out is empty; name a folder")
    inside = Path(folder).resolve().is_relative_to(Path(source).resolve())
    if Path(source).is_dir() and inside and not storage.is_url(folder):
        raise UsageError(f"--out {folder} lies in the source {source}; choose one beside it")


def _say_what_is_there(source: str, catalog: Catalog) -> None:
    images, identities = catalog.images.num_rows, catalog.identities
    LOG.info(
        f"{images:,} images of {identities:,} identities in {source} (layout {catalog.layout})"
    )
    for reason, count in sorted(catalog.skipped.items()):
        LOG.info(f"skipped: {count:,} {reason}")
    first = str(catalog.images["key"][0])
    if catalog.layout == "identity" and identities <= 2 and first.count("/") > 1:
        LOG.warning(
            f"{source} has {identities} folders at the top, with folders in them. If people are a "
            f"level below, name that level: {storage.join(source, first.partition('/')[0])}"
        )


@dataclass(frozen=True)
class _Job:
    root: str
    folder: str
    options: ExtractOptions
    digest: str
    timeout: float
    retry: frozenset[str]

    def counts(self, part: parts.Part) -> parts.Counts:
        made_of = parts.fingerprint(self.digest, parts.read_slice(self.folder, part))
        return parts.read_counts(self.folder, part, made_of)

    def task(self, part: parts.Part) -> worker.PartTask:
        return worker.PartTask(
            self.root, self.folder, part, self.digest, self.options, self.timeout
        )


def _finish(
    job: _Job, catalog: Catalog, description: dict[str, Any], workers: int, bar: bool
) -> ExtractSummary:
    planned = parts.planned_parts(job.folder)
    there = {part: job.counts(part) for part in parts.finished_parts(job.folder) & set(planned)}
    done = {part: counts for part, counts in there.items() if not job.retry & counts.rejects.keys()}
    before = sum(done.values(), parts.Counts())
    todo = [part for part in planned if part not in done]
    workers = max(1, min(workers, len(todo)))
    if before.images and todo:
        LOG.info(f"{before.images:,} images are done already; going on")
    total = len(parts.read_keys(job.folder))
    with Progress(total, before.images, bar=bar) as progress:
        counts = _extract_parts(job, todo, workers, before, progress)
        seconds = progress.seconds
    manifest.write(job.folder, {**description, "counts": dataclasses.asdict(counts)})
    return ExtractSummary(
        counts=counts,
        layout=catalog.layout,
        identities=catalog.identities,
        processed=counts.images - before.images,
        seconds=seconds,
        workers=workers,
        parts=len(planned),
        skipped=dict(catalog.skipped),
    )


def _extract_parts(
    job: _Job,
    todo: list[parts.Part],
    workers: int,
    counts: parts.Counts,
    progress: Progress,
) -> parts.Counts:
    """Do the parts; those that killed a worker once more at the end, without the images to blame."""
    with WorkerPool(workers) as pool:
        tasks: Iterable[worker.PartTask] = map(job.task, todo)
        for attempt in ("first", "second"):
            crashed = []
            for outcome in pool.run(worker.extract_part, tasks):
                if outcome.result is None:
                    crashed.append(outcome.item)
                    continue
                counts += outcome.result
                progress.advance(outcome.result.images, faces=counts.faces, rejects=counts.rejected)
            if not crashed:
                return counts
            if attempt == "first":
                tasks = _without_killers(pool, crashed)
    names = ", ".join(task.part.name for task in crashed)
    raise FaceprepError(
        f"{names}: a worker died again, though each image was tried alone; the other parts are "
        f"finished. Out of memory? Run the same command again with fewer --workers"
    )


def _without_killers(pool: WorkerPool, crashed: list[worker.PartTask]) -> list[worker.PartTask]:
    """The same tasks, told which of their images kill a worker when tried alone."""
    LOG.warning(f"{len(crashed)} parts ended their worker; trying their images one by one")
    face_worker.check_machine(pool, crashed[0].options)
    killers: dict[str, str] = {}
    suspects = (
        worker.ImageTask(task, image)
        for task in crashed
        for image in source_images(parts.read_slice(task.folder, task.part))
    )
    for outcome in pool.run(worker.try_image, suspects):
        if outcome.crash:
            status = records.TIMEOUT if outcome.crash == "SIGALRM" else records.CRASHED
            killers[outcome.item.image.key] = status
            LOG.warning(
                f"{outcome.item.image.key}: ended its worker ({outcome.crash}); recorded as {status}"
            )
    return [dataclasses.replace(task, killers=killers) for task in crashed]


def _layout(folder: str, options: ExtractOptions) -> str:
    """With `auto`, what an earlier run recognised: images added since may not change it."""
    known = parts.read_layout(folder) if options.layout == "auto" else None
    return known or options.layout


def _add_update(folder: str, catalog: Catalog, description: dict[str, Any]) -> None:
    """Plan the images that no catalogue of the folder has yet."""
    updates = parts.count_updates(folder)
    images = catalog.images
    if updates:
        known = parts.read_keys(folder)
        fresh = pc.invert(pc.is_in(images["key"], value_set=known))
        images = images.filter(fresh)
        gone = len(known) - (catalog.images.num_rows - images.num_rows)
        _say_what_is_gone(folder, gone, len(known))
    if images.num_rows:
        manifest.write(folder, {**description, "counts": None})  # those of an earlier run are past
        parts.write_catalog(folder, updates, catalog.layout, images)


def _say_what_is_gone(folder: str, gone: int, known: int) -> None:
    if gone == known:
        raise InputError(
            f"{folder}: none of its {known:,} images is in the source; it belongs to another data "
            "set. Choose another --out, or --overwrite"
        )
    if gone:
        LOG.warning(f"{gone:,} images of earlier runs are no longer in the source; their rows stay")
