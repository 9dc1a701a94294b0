"""What is written where, decided before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from faceprep import records
from faceprep.dataset_folder import Shard
from faceprep.errors import InputError, UsageError
from faceprep.log import LOG
from faceprep.shard.options import MOST_SHARDS, ShardOptions, parse_size
from faceprep.shard.order import hashes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

_OVERHEAD = 700
"""Bytes of a record besides its images, about."""


@dataclass(frozen=True)
class Contents:
    """What goes into a data set.

    Attributes:
        data_set: its name, a key of `records.EXAMPLES`.
        faces: as `faces.read_faces` reads them.
        records: `key`, `split`, the row in `faces` under the name of each of the example's faces, and
            the example's other fields.
        splits: in their order.
        counts: what was left out, and why.
        conflicts: the two keys of pictures under two identities.
        extra: images that lie in no part, by row in `faces`.
        targets: the content of the file that says which targets were chosen.
        inputs: what it is made of (faces, targets, protocol), each by a digest.
    """

    data_set: str
    faces: pa.Table
    records: pa.Table
    splits: tuple[str, ...]
    counts: Mapping[str, int]
    conflicts: tuple[tuple[str, str], ...] = ()
    extra: Mapping[int, bytes] = field(default_factory=dict)
    targets: bytes | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def example(self) -> type:
        """What its records are."""
        return records.EXAMPLES[self.data_set]

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of the faces in a record."""
        return records.faces_of(self.example)


@dataclass(frozen=True)
class PlannedShard:
    """One shard.

    Attributes:
        shard: its name.
        rows: (records,) rows in `Contents.records`, in the order of writing.
    """

    shard: Shard
    rows: NDArray[np.int64]


def plan_shards(contents: Contents, options: ShardOptions) -> list[PlannedShard]:
    """Shuffle each split by a hash of the keys, and cut it into shards of equal size.

    Raises:
        InputError: two records have one key. UsageError: more shards than records.
    """
    order, sizes = hashes(contents.records["key"], options.seed), _sizes(contents)
    _refuse_duplicates(contents.records["key"], order)
    planned: list[PlannedShard] = []
    for split in contents.splits:
        rows = np.flatnonzero(pc.fill_null(pc.equal(contents.records["split"], split), False))
        if not len(rows):
            LOG.warning(f"nothing is in split {split}; it is left out")
            continue
        rows = rows[np.argsort(order[rows], kind="stable")]
        planned += _cut(contents.data_set, split, rows, sizes[rows], options)
    return planned


def _refuse_duplicates(keys: pa.ChunkedArray, order: NDArray[np.uint64]) -> None:
    ranked = np.argsort(order)
    same = np.flatnonzero(np.diff(order[ranked]) == 0)
    if len(same):
        name = keys[int(ranked[same[0]])].as_py()
        raise InputError(f"two records would be called {name}; rename one of the images")


def _sizes(contents: Contents) -> NDArray[np.int64]:
    """(records,) bytes of each, about."""
    crops = np.asarray(pc.fill_null(contents.faces["crop_bytes"], 0), np.int64)
    of_slots = [crops[np.asarray(contents.records[slot])] for slot in contents.slots]
    return np.asarray(np.sum(of_slots, axis=0) + _OVERHEAD)


def _cut(
    data_set: str,
    split: str,
    rows: NDArray[np.int64],
    sizes: NDArray[np.int64],
    options: ShardOptions,
) -> Iterator[PlannedShard]:
    """Cut where the sum of sizes comes nearest to each equal share."""
    total = int(sizes.sum())
    by_size = round(total / parse_size(options.shard_size))
    count = options.shards or max(1, min(by_size, len(rows), MOST_SHARDS))
    if count > len(rows):
        raise UsageError(
            f"--shards {count} is more than the {len(rows):,} records of split {split}"
        )
    middles = np.cumsum(sizes) - sizes / 2
    cuts = np.searchsorted(middles, total * np.arange(1, count) / count)
    room = np.arange(1, count)  # no shard may be empty, however unequal the records
    cuts = np.minimum(np.maximum.accumulate(cuts - room) + room, len(rows) - room[::-1])
    for index, part in enumerate(np.split(rows, np.maximum(cuts, room))):
        yield PlannedShard(Shard(data_set, split, index, count), part)
