"""Examples out of shards without tensorflow, by those that look at some. Light."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from faceprep import example, records, storage, tfrecord
from faceprep.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from faceprep.train.shards import TrainingShards


def read_examples(shards: TrainingShards, splits: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The values of each example of some splits, by feature, in the order of the files.

    Raises:
        InputError: a damaged record; names file and record.
    """
    kinds = {each.name: each.kind for each in records.features(records.EXAMPLES[shards.data_set])}
    for location in (file for split in splits for file in shards.files(split)):
        with (
            storage.open_input(location) as file,
            tfrecord.decompressed(file, shards.compression) as stream,
        ):
            for record in tfrecord.read_records(stream):
                yield _values(location, record, kinds)


def _values(location: str, record: tfrecord.Record, kinds: dict[str, type]) -> dict[str, Any]:
    fault = record.fault
    if fault is None:
        try:
            return example.decode(record.payload, kinds)
        except ValueError as error:
            fault = str(error)
    raise InputError(f"{location}: record {record.index}: {fault}; 'faceprep verify' tells more")
