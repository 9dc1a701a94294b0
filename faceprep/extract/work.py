"""The parts of a folder of faces, those that are done told from those to do, and these done."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep import face_worker, part_file, parts, records
from faceprep.engine import Cluster, open_pool, usable_cores
from faceprep.errors import FaceprepError
from faceprep.extract import worker
from faceprep.extract.catalog import source_images
from faceprep.journal import Journal
from faceprep.log import LOG
from faceprep.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from faceprep.array_task import ArrayTask
    from faceprep.engine import Workers
    from faceprep.engine.pool import Pool
    from faceprep.extract.options import ExtractOptions

_READERS = 16
_AT_ONCE = 64


@dataclass(frozen=True)
class Job:
    """What a run is to make, and how.

    Attributes:
        root: of the source images.
        folder: of the faces.
        options: what to extract.
        digest: of the options.
        timeout: seconds one image may take.
        retry: reject statuses; parts that hold such images are done again.
        task: which parts are this run's; None for all.
        workers: who does the work.
        bar: show a progress bar; log lines otherwise.
    """

    root: str
    folder: str
    options: ExtractOptions
    digest: str
    timeout: float
    retry: frozenset[str]
    task: ArrayTask | None
    workers: Workers
    bar: bool


@dataclass(frozen=True)
class Done:
    """What a run has done.

    Attributes:
        counts: of each of its parts, those that were finished before included.
        processed: images done in this run.
        seconds: what that took, start of the workers included.
        workers: processes at work.
        cores: that these can use at most.
    """

    counts: dict[parts.Part, parts.Counts]
    processed: int
    seconds: float
    workers: int
    cores: int


def do_parts(job: Job) -> Done:
    """Do those of the job's parts that are not finished.

    Raises:
        FaceprepError: a part of which workers die, though none of its images is to blame.
        InputError: a finished part is not what it should be, or the source is out of reach.
        StorageError: no space. SetupError: the machine or the cluster lacks something.
    """
    images = {part: batch.num_rows for part, batch in _slices(job)}
    done = finished_counts(job)
    todo = [part for part in images if part not in done]
    total, before = sum(images.values()), sum(images[part] for part in done)
    if before and todo:
        LOG.info(f"{before:,} images are done already; going on")
    with (
        Progress(total, before, bar=job.bar) as progress,
        open_pool(job.workers, len(todo)) as pool,
    ):
        cores = pool.size if isinstance(job.workers, Cluster) else min(pool.size, usable_cores())
        with Journal(
            job.folder,
            "extract",
            task=job.task,
            workers=pool.size,
            cores=cores,
            total=total,
            before=before,
            unit="images",
        ) as journal:
            counts = done | _extract(job, todo, pool, done, progress, journal)
        return Done(counts, total - before, progress.seconds, pool.size, cores)


def finished_counts(job: Job) -> dict[parts.Part, parts.Counts]:
    """What is in each finished part of the job, but for those to do again.

    Raises:
        InputError: a part was made of something else.
    """
    there = parts.finished_parts(job.folder)
    counts: dict[parts.Part, parts.Counts] = {}
    wanted = ((part, batch) for part, batch in _slices(job) if part in there)
    with ThreadPoolExecutor(_READERS) as readers:  # far away, each footer is a request or two
        while chunk := [each for _, each in zip(range(_AT_ONCE), wanted, strict=False)]:
            names = [part for part, _ in chunk]
            made_of = [parts.fingerprint(job.digest, batch) for _, batch in chunk]
            read = readers.map(lambda p, f: part_file.read_counts(job.folder, p, f), names, made_of)
            counts |= dict(zip(names, read, strict=True))
    return {part: each for part, each in counts.items() if not job.retry & each.rejects.keys()}


def _slices(job: Job) -> Iterator[tuple[parts.Part, pa.RecordBatch]]:
    for number, (part, batch) in enumerate(parts.slices(job.folder)):
        if job.task is None or job.task.takes(number):
            yield part, batch


def _extract(
    job: Job,
    todo: list[parts.Part],
    pool: Pool,
    done: dict[parts.Part, parts.Counts],
    progress: Progress,
    journal: Journal,
) -> dict[parts.Part, parts.Counts]:
    """Do the parts; those that killed a worker once more at the end, without the images to blame."""
    found: dict[parts.Part, parts.Counts] = {}
    so_far = sum(done.values(), parts.Counts())
    tasks: Iterable[worker.PartTask] = (_task(job, part) for part in todo)
    for attempt in ("first", "second"):
        crashed = []
        for outcome in pool.run(worker.extract_part, tasks):
            if outcome.result is None:
                crashed.append(outcome.item)
                journal.failed(f"{outcome.item.part.name}: ended its worker ({outcome.crash})")
                continue
            counts = found[outcome.item.part] = outcome.result
            so_far += counts
            progress.advance(counts.images, faces=so_far.faces, rejects=so_far.rejected)
            journal.advance(counts.images, faces=counts.faces, **counts.rejects)
        if not crashed:
            return found
        if attempt == "first":
            tasks = _without_killers(pool, crashed)
    names = ", ".join(task.part.name for task in crashed)
    raise FaceprepError(
        f"{names}: a worker died again, though each image was tried alone; the other parts are "
        f"finished. Out of memory? Run the same command again with fewer --workers"
    )


def _task(job: Job, part: parts.Part) -> worker.PartTask:
    return worker.PartTask(job.root, job.folder, part, job.digest, job.options, job.timeout)


def _without_killers(pool: Pool, crashed: list[worker.PartTask]) -> list[worker.PartTask]:
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
