"""The records of one shard as examples, for those that look at some. Light: no tensorflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from faceprep import example, records, storage, tfrecord
from faceprep.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faceprep.tfrecord import Record


def read_examples(location: str, data_set: str, compression: str) -> Iterator[dict[str, Any]]:
    """The values of each record, by feature.

    Args:
        location: of the shard.
        data_set: that it is of, one of `records.EXAMPLES`.
        compression: one of `tfrecord.COMPRESSIONS`.

    Raises:
        InputError: it cannot be read, or a record is damaged; names file and record.
    """
    for record in read_records(location, compression):
        try:
            yield values(record, data_set)
        except ValueError as error:
            raise InputError(
                f"{location}: record {record.index}: {error}; 'faceprep verify' tells more"
            ) from None


def read_records(location: str, compression: str) -> Iterator[Record]:
    """Each record, the damaged ones with their fault: see `tfrecord.read_records`.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        with (
            storage.open_input(location) as file,
            tfrecord.decompressed(file, compression) as stream,
        ):
            yield from tfrecord.read_records(stream)
    except OSError as error:
        raise InputError(f"{location}: not readable ({error.strerror or error})") from None


def values(record: Record, data_set: str) -> dict[str, Any]:
    """The values of a record, by feature, in the order of their declaration.

    Raises:
        ValueError: it is damaged, or an example of something else.
    """
    if record.fault:
        raise ValueError(record.fault)
    features = records.features(records.EXAMPLES[data_set])
    return example.decode(record.payload, {each.name: each.kind for each in features})
