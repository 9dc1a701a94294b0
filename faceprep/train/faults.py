"""What tensorflow says of a damaged shard, in words that name the file and the record."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import tensorflow as tf

from faceprep import example, records, storage, tfrecord
from faceprep.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faceprep.tfrecord import Record
    from faceprep.train.shards import TrainingShards

_OF_READING = (
    tf.errors.DataLossError,
    tf.errors.FailedPreconditionError,  # fewer records, or more, than there should be
    tf.errors.InvalidArgumentError,  # no example, or no image; may be the network's as well
    tf.errors.NotFoundError,
    tf.errors.OutOfRangeError,
    UnicodeDecodeError,  # from tensorflow, when it quotes what is no example
)


@contextmanager
def named_faults(shards: TrainingShards) -> Iterator[None]:
    """Around a block that reads shards by tensorflow, whose errors do not say which file they are of.

    Raises:
        InputError: names the file and the record, in place of tensorflow's error. Where the shards turn
            out to be sound, that error is passed on.
    """
    try:
        yield
    except _OF_READING as error:
        fault = _first_fault(shards)
        if fault is None:
            raise
        raise InputError(
            f"{fault}; 'faceprep verify' finds all damage, 'faceprep shard' with --overwrite makes "
            "the shards anew"
        ) from error


def _first_fault(shards: TrainingShards) -> str | None:
    """Files and frames first, for that is quick; then every image."""
    for check in (_fault_of_file, _fault_of_content):
        for split in shards.splits.values():
            for file, length in zip(shards.files(split.name), split.lengths, strict=True):
                if fault := check(file, length, shards):
                    return f"{file}: {fault}"
    return None


def _fault_of_file(file: str, length: int, shards: TrainingShards) -> str | None:
    """What is wrong with a file or the frame of a record."""
    count = 0
    try:
        for record in _records(file, shards):
            if record.fault:
                return f"record {record.index} is damaged: {record.fault}"
            count += 1
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    return None if count == length else f"has {count:,} records, and should have {length:,}"


def _fault_of_content(file: str, length: int, shards: TrainingShards) -> str | None:  # noqa: ARG001
    """What is wrong inside a record whose frame is sound."""
    kind = records.EXAMPLES[shards.data_set]
    kinds = {feature.name: feature.kind for feature in records.features(kind)}
    for record in _records(file, shards):
        try:
            values = example.decode(record.payload, kinds)
        except ValueError as error:
            return f"record {record.index} is damaged: {error}"
        for face in records.faces_of(kind):
            if fault := _fault_of_image(values[f"{face}/image"], shards.image.size):
                return f"record {record.index}, image of the {face}: {fault}"
    return None


def _fault_of_image(encoded: bytes, size: int) -> str | None:
    try:
        height, width = tf.io.decode_image(encoded, expand_animations=False).shape[:2]
    except tf.errors.InvalidArgumentError:
        return "not an image, or a damaged one"
    if (height, width) != (size, size):
        return f"{width} × {height} pixels, and should be {size} × {size}"
    return None


def _records(file: str, shards: TrainingShards) -> Iterator[Record]:
    with (
        storage.open_input(file) as stream,
        tfrecord.decompressed(stream, shards.compression) as plain,
    ):
        yield from tfrecord.read_records(plain)
