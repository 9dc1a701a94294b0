"""Examples out of shards without tensorflow, by those that look at some. Light."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from faceprep import shard_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from faceprep.train.shards import TrainingShards


def read_examples(shards: TrainingShards, splits: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The values of each example of some splits, by feature, in the order of the files.

    Raises:
        InputError: a damaged record, or a shard that cannot be read; names file and record.
    """
    for split in splits:
        for location in shards.files(split):
            yield from shard_file.read_examples(location, shards.data_set, shards.compression)
