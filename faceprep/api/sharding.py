"""Faces to TFRecord shards: `faceprep shard` and its data sets."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from faceprep.engine import known_to
from faceprep.errors import UsageError
from faceprep.face_folder import faces_in_use
from faceprep.select.run import ensure_targets
from faceprep.shard import run
from faceprep.shard.options import CfpOptions, PairOptions, TripletOptions
from faceprep.shard.write import Job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faceprep.engine import Workers
    from faceprep.face_folder import FaceFolder
    from faceprep.shard.summary import ShardSummary


def shard_pairs(
    faces: str,
    out: str,
    options: PairOptions | None = None,
    *,
    allow_incomplete: bool = False,
    workers: Workers = None,
    overwrite: bool = False,
    bar: bool = False,
) -> ShardSummary:
    """Write each face of a person with the most frontal one: `faceprep shard pairs`.

    Targets are chosen first, unless that has been done for these very faces.

    Args:
        faces: the folder of faces.
        out: folder below which the data set has its own, `out/pairs/1.0.0`.
        options: what to take, and how to split it.
        allow_incomplete: take the parts that are there when extract has not finished.
        workers: processes, None for one per usable core, or a `Cluster`.
        overwrite: delete first what an earlier run left.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Raises:
        InputError: no folder of faces; no pair; a damaged part; begun with other faces.
        UsageError: the data set was begun with other options. StorageError: no space.

    Example:
        >>> import faceprep
        >>> halves = faceprep.PairOptions(split="train=0.5,validation=0.5")
        >>> written = faceprep.shard_pairs("faces", "shards", halves)
        >>> {split.name: split.examples for split in written.splits}
        {'train': 10, 'validation': 10}
    """
    job = Job(out, workers, overwrite, bar)
    with begun(faces, job, allow_incomplete=allow_incomplete) as (folder, job):
        return pairs_of(folder, options or PairOptions(), job)


def shard_cfp(
    faces: str,
    protocol: str,
    out: str,
    options: CfpOptions | None = None,
    *,
    allow_incomplete: bool = False,
    workers: Workers = None,
    overwrite: bool = False,
    bar: bool = False,
) -> ShardSummary:
    """Write the pairs of CFP's verification protocol: `faceprep shard cfp`.

    Args:
        faces: the folder of CFP's faces.
        protocol: CFP's folder Protocol, with the images beside it.
        out: folder below which the data set has its own, `out/cfp/1.0.0`.
        options: of the shards.
        allow_incomplete: take the parts that are there when extract has not finished.
        workers: processes, None for one per usable core, or a `Cluster`.
        overwrite: delete first what an earlier run left.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Raises:
        InputError: the protocol does not read as it should, or names images that are not there.
        UsageError: the data set was begun with other options. StorageError: no space.

    Example:
        >>> import faceprep
        >>> written = faceprep.shard_cfp("cfp-faces", "cfp/Protocol", "shards")
        >>> [split.name for split in written.splits][:2]
        ['ff01', 'ff02']
    """
    job = Job(out, workers, overwrite, bar)
    with begun(faces, job, allow_incomplete=allow_incomplete) as (folder, job):
        return run.shard_cfp(folder, protocol, options or CfpOptions(), job)


def shard_triplets(
    faces: str,
    out: str,
    options: TripletOptions | None = None,
    *,
    allow_incomplete: bool = False,
    workers: Workers = None,
    overwrite: bool = False,
    bar: bool = False,
) -> ShardSummary:
    """Write triplets, a face with one of the same person and one of another: `faceprep shard triplets`.

    Args:
        faces: the folder of faces.
        out: folder below which the data set has its own, `out/triplets/1.0.0`.
        options: what to draw, and how to split it.
        allow_incomplete: take the parts that are there when extract has not finished.
        workers: processes, None for one per usable core, or a `Cluster`.
        overwrite: delete first what an earlier run left.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Raises:
        InputError: no triplet can be drawn; identities that are no numbers, for ranges.
        UsageError: the data set was begun with other options. StorageError: no space.

    Example:
        >>> import faceprep
        >>> drawn = faceprep.TripletOptions(split="train=0.5,validation=0.5", per_face=2)
        >>> sum(split.examples for split in faceprep.shard_triplets("faces", "shards", drawn).splits)
        48
    """
    job = Job(out, workers, overwrite, bar)
    with begun(faces, job, allow_incomplete=allow_incomplete) as (folder, job):
        return run.shard_triplets(folder, options or TripletOptions(), job)


@contextmanager
def begun(faces: str, job: Job, *, allow_incomplete: bool) -> Iterator[tuple[FaceFolder, Job]]:
    """The faces, in use for the length of the block, and the job as its workers know it.

    Args:
        faces: the folder of faces.
        job: where and how a data set is to be written.
        allow_incomplete: take the parts that are there when extract has not finished.

    Raises:
        UsageError: a folder has no name. InputError: no folder of faces, or incomplete.
    """
    if not job.out:
        raise UsageError("--out is empty; name a folder")
    job = replace(job, out=known_to(job.workers, job.out))
    with faces_in_use(faces, allow_incomplete=allow_incomplete, workers=job.workers) as folder:
        yield folder, job


def pairs_of(folder: FaceFolder, options: PairOptions, job: Job) -> ShardSummary:
    """Pairs of faces that are in use, after choosing targets where that has not been done."""
    keep = options.keep_conflicts
    ensure_targets(folder, keep_conflicts=keep, workers=job.workers, bar=job.bar)
    return run.shard_pairs(folder, options, job)
