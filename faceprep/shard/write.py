"""Contents, once chosen, to shards and their metadata on disk.

Finished shards are kept: a run that was killed goes on where it stopped.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from faceprep import dataset_folder, journal, records, storage
from faceprep.dataset_folder import ImageForm, Split
from faceprep.engine import Cluster, open_pool, usable_cores
from faceprep.errors import StorageError
from faceprep.journal import Journal
from faceprep.log import LOG
from faceprep.options import digest
from faceprep.progress import Progress
from faceprep.shard import manifest
from faceprep.shard.plan import plan_shards
from faceprep.shard.spool import FOLDER, plan_spool, write_spool
from faceprep.shard.summary import ShardSummary
from faceprep.shard.worker import FinishedShard, ShardCounts, ShardTask, count_shard, write_shard

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from faceprep.engine import Workers
    from faceprep.engine.pool import Pool
    from faceprep.face_folder import FaceFolder
    from faceprep.shard.options import ShardOptions
    from faceprep.shard.plan import Contents, PlannedShard
    from faceprep.shard.spool import Spool

_CONFLICTS_TOLD = 20  # in the log; shard.json has more of them
_CONFLICTS_KEPT = 1000


@dataclass(frozen=True)
class Job:
    """How a data set is to be written.

    Attributes:
        out: the root below which each data set has its folder and version.
        workers: processes, None for one per usable core, or a cluster's.
        overwrite: delete first what an earlier run left.
        bar: show a progress bar; log lines otherwise.
    """

    out: str
    workers: Workers = None
    overwrite: bool = False
    bar: bool = False


def write_data_set(
    faces: FaceFolder, contents: Contents, options: ShardOptions, job: Job
) -> ShardSummary:
    """Write a data set as planned, or what is missing of it.

    Args:
        faces: where the crops are.
        contents: what goes into it.
        options: of the data set.
        job: where and how it is written.

    Raises:
        UsageError: the folder was begun with other options, or more shards than records.
        InputError: it was begun with other faces; a part is damaged. StorageError: no space.
    """
    folder = storage.join(storage.join(job.out, contents.data_set), records.SHARDS_VERSION)
    image = ImageForm.of_crops(faces.options)
    planned = plan_shards(contents, options)
    _tell_conflicts(contents)
    storage.make_folder(folder)
    with storage.in_use(folder, alone=True):
        if job.overwrite:
            manifest.clear(folder)
        described = manifest.describe(
            contents.data_set, options, contents.inputs, image, faces.options
        )
        described = manifest.begin(folder, described)
        spool = _spool_folder(folder, job.workers, described)
        if described["versions"] != manifest.versions():
            storage.remove_folder(spool)  # another version may lay it out otherwise
        summary = _Writing(folder, faces, contents, options, planned, spool, job).finish()
        _write_metadata(folder, summary, image, contents)
        conflicts = [list(keys) for keys in contents.conflicts[:_CONFLICTS_KEPT]]
        counts = {"identities": summary.identities, **contents.counts}
        found = {"counts": counts, "conflicts": conflicts, "sha256": summary.sha256}
        found["run"] = journal.totals(folder, "shard")
        manifest.write(folder, {**described, **found})
    return summary


def _tell_conflicts(contents: Contents) -> None:
    for one, other in contents.conflicts[:_CONFLICTS_TOLD]:
        LOG.warning(f"one picture under two identities: {one} and {other}")
    if len(contents.conflicts) > _CONFLICTS_TOLD:
        LOG.warning(f"and {len(contents.conflicts) - _CONFLICTS_TOLD:,} more: see shard.json")


def _write_metadata(
    folder: str, summary: ShardSummary, image: ImageForm, contents: Contents
) -> None:
    """What tensorflow-datasets reads; `dataset_info.json` comes last, for it says how much there is."""
    if contents.targets is not None:
        storage.write_bytes(storage.join(folder, dataset_folder.TARGETS), contents.targets)
    tree = dataset_folder.feature_tree(contents.data_set, image)
    storage.write_bytes(storage.join(folder, dataset_folder.FEATURES), tree)
    splits = {split.name: split for split in summary.splits}
    info = dataset_folder.info(contents.data_set, splits)
    storage.write_bytes(storage.join(folder, dataset_folder.INFO), info)


@dataclass(frozen=True)
class _Writing:
    """One run on one folder."""

    folder: str
    faces: FaceFolder
    contents: Contents
    options: ShardOptions
    planned: list[PlannedShard]
    spool: str
    job: Job

    def finish(self) -> ShardSummary:
        there = dataset_folder.shards_in(self.folder)
        todo = [p for p in self.planned if p.shard not in there]
        done = [p for p in self.planned if p.shard in there]
        total, left = _records(self.planned), _records(todo)
        if todo and done:
            LOG.info(f"{total - left:,} records are done already; going on")
        progress = Progress(total, total - left, bar=self.job.bar, unit="records")
        with open_pool(self.job.workers, len(self.planned)) as pool, progress:
            with self._journal(pool, total, left) as log:
                counts = self._count(pool, done) | self._write(pool, todo, progress, log)
            seconds = progress.seconds
        return ShardSummary(
            data_set=self.contents.data_set,
            folder=self.folder,
            splits=self._splits(counts),
            identities=self._identities(),
            counts=self.contents.counts,
            written=left,
            seconds=seconds,
            workers=pool.size,
            sha256={
                p.shard.name: digest
                for p in self.planned
                if (digest := counts[self._path(p)].sha256)
            },
        )

    def _journal(self, pool: Pool, total: int, left: int) -> Journal:
        return Journal(
            self.folder,
            "shard",
            task=None,
            workers=pool.size,
            cores=None if isinstance(self.job.workers, Cluster) else usable_cores(),
            total=total,
            before=total - left,
            unit="records",
            files=len(self.planned),
        )

    def _write(
        self, pool: Pool, todo: list[PlannedShard], progress: Progress, log: Journal
    ) -> dict[str, ShardCounts]:
        spool = plan_spool(self.spool, self.faces, self.contents, self.planned)
        if todo:
            self._fill(pool, spool)
        counts = {}
        tasks = (self._task(planned, spool) for planned in todo)
        for task, found in pool.results(write_shard, tasks, lambda task: task.path):
            counts[task.path] = found
            progress.advance(found.records)
            log.advance(found.records)
        self._remove_spool()
        return counts

    def _remove_spool(self) -> None:
        try:
            storage.remove_folder(self.spool)
        except (
            StorageError
        ) as error:  # an account may lack the right to delete; the shards are whole
            LOG.warning(f"{error}; the scratch files stay there, delete them")

    def _fill(self, pool: Pool, spool: Spool) -> None:
        """Make the spool files that an earlier run has not left."""
        storage.make_folder(self.spool)
        storage.write_bytes(spool.files[-1], spool.extra)
        there = {storage.join(self.spool, name) for name in storage.names(self.spool)}
        missing = (task for task in spool.tasks if task.path not in there)
        for _ in pool.results(write_spool, missing, lambda task: task.path):
            pass

    def _count(self, pool: Pool, done: list[PlannedShard]) -> dict[str, ShardCounts]:
        """What is in the shards that an earlier run has finished."""
        kind, keys = self.contents.data_set, self.contents.records["key"]
        finished = (
            FinishedShard(
                self._path(p),
                kind,
                self.options.compression,
                keys.take(pa.array(p.rows)).to_pylist(),
            )
            for p in done
        )
        found = pool.results(count_shard, finished, lambda shard: shard.path)
        return {shard.path: counts for shard, counts in found}

    def _path(self, planned: PlannedShard) -> str:
        return storage.join(self.folder, planned.shard.name)

    def _task(self, planned: PlannedShard, spool: Spool) -> ShardTask:
        """The records of a shard as a worker needs them: their values, and where their images lie."""
        chosen = self.contents.records.take(pa.array(planned.rows))
        columns = {
            name: chosen[name]
            for name in chosen.column_names
            if name not in (*self.contents.slots, "split")
        }
        for slot in self.contents.slots:
            row = chosen[slot].combine_chunks()
            for name in records.face_fields():
                columns[f"{slot}/{name}"] = self.contents.faces[name].take(row)
            columns[f"{slot}/file"] = pa.array(spool.file[row])
            columns[f"{slot}/offset"] = pa.array(spool.offset[row])
            columns[f"{slot}/length"] = self.contents.faces["crop_bytes"].take(row)
        batch = pa.table(columns).combine_chunks().to_batches()[0]
        return ShardTask(
            self._path(planned),
            self.contents.data_set,
            self.options.compression,
            batch,
            spool.files,
        )

    def _splits(self, counts: Mapping[str, ShardCounts]) -> tuple[Split, ...]:
        found: dict[str, list[ShardCounts]] = {}
        for planned in self.planned:
            found.setdefault(planned.shard.split, []).append(counts[self._path(planned)])
        return tuple(
            Split(name, tuple(each.records for each in shards), sum(each.bytes for each in shards))
            for name, shards in found.items()
        )

    def _identities(self) -> int:
        of_slots = [
            self.contents.faces["identity"].take(self.contents.records[slot].combine_chunks())
            for slot in self.contents.slots
        ]
        return int(
            pc.count_distinct(pa.chunked_array([c for s in of_slots for c in s.chunks])).as_py()
        )


def _spool_folder(folder: str, workers: Workers, described: Mapping[str, Any]) -> str:
    """Beside the shards; on this machine's disk when they go somewhere else, and all workers are here.

    There it is called after all that its layout follows from, for nothing clears it when that changes.
    """
    if not storage.is_url(folder) or isinstance(workers, Cluster):
        return storage.join(folder, FOLDER)
    made_of = {name: described[name] for name in ("options", "inputs", "versions")}
    name = digest({"folder": folder, **made_of})[:16]
    return storage.join(tempfile.gettempdir(), f"faceprep{FOLDER}-{name}")


def _records(planned: Iterable[PlannedShard]) -> int:
    return sum(len(p.rows) for p in planned)
