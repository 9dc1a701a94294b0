"""How far a data set of shards is: which shards are there, and what runs say of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep import dataset_folder, manifest, past_runs, storage
from faceprep.dataset_folder import INFO, MANIFEST
from faceprep.status.report import FolderStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from faceprep.dataset_folder import Shard
    from faceprep.past_runs import Run

STAGE = "shard"


@dataclass(frozen=True)
class _Extent:
    """How much is there of how much: shards, and records in them; None for what nothing tells."""

    files: int
    planned: int | None
    records: int
    total: int | None


def data_set_status(path: str) -> FolderStatus:
    """Look at a version of a data set, begun or finished.

    Raises:
        InputError: `shard.json` or `dataset_info.json` cannot be read.
    """
    described = manifest.read(path, MANIFEST) or {}
    name = str(described.get("data_set", "a data set"))
    there = dataset_folder.shards_in(path)
    runs = tuple(run for run in past_runs.read(path) if run.stage == STAGE)
    counted = described.get("counts") is not None and storage.exists(storage.join(path, INFO))
    extent = _promised(path, name, there) if counted else _told(there, runs)
    return FolderStatus(
        path=path,
        what=name,
        stage=STAGE,
        finished=counted and extent.files == extent.planned,
        files=extent.files,
        planned=extent.planned,
        unit="records",
        done=extent.records,
        total=extent.total,
        failed=tuple(dict.fromkeys(what for run in runs for what in run.failed)),
        runs=runs,
        noted=(counted and described.get("run")) or {},
    )


def _promised(path: str, name: str, there: Collection[Shard]) -> _Extent:
    """Held against what `dataset_info.json` says, which is written when all is there."""
    lengths = {
        shard: length
        for split in dataset_folder.read_splits(path).values()
        for shard, length in zip(split.shards(name), split.lengths, strict=True)
    }
    found = [length for shard, length in lengths.items() if shard in there]
    return _Extent(len(found), len(lengths), sum(found), sum(lengths.values()))


def _told(there: Collection[Shard], runs: Sequence[Run]) -> _Extent:
    """As the last run has said: before the end it alone knows how much there will be."""
    if not runs:
        return _Extent(len(there), None, 0, None)
    last = runs[-1]
    return _Extent(len(there), last.files, last.before + last.done, last.total)
