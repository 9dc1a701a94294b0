"""What a worker does: the records of one shard, from the spool to a TFRecord file."""

from __future__ import annotations

import hashlib
import os
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from faceprep import example, records, storage, tfrecord
from faceprep.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

_RECORDS = 1024  # turned into Python values at a time
_BUFFER = 1 << 20
_AGAIN = "Delete the file, and run the same command again"


@dataclass(frozen=True)
class ShardTask:
    """What a worker needs to know to make one shard.

    Attributes:
        path: of the shard.
        data_set: what its records are, a key of `records.EXAMPLES`.
        compression: of the shard.
        records: a column for each feature that is no image, and for each face in the record
            `FACE/file`, `FACE/offset` and `FACE/length`: where in the spool its image lies.
        spool: paths of the spool files.
    """

    path: str
    data_set: str
    compression: str
    records: pa.RecordBatch
    spool: tuple[str, ...]


@dataclass(frozen=True)
class ShardCounts:
    """What is in a shard.

    Attributes:
        records: how many.
        bytes: of all examples, without their frames.
        sha256: of a compressed file, for gzip has bits that no checksum covers; None of others.
    """

    records: int
    bytes: int
    sha256: str | None


@dataclass(frozen=True)
class FinishedShard:
    """A shard that is there.

    Attributes:
        path: of the shard.
        data_set: what its records are, a key of `records.EXAMPLES`.
        compression: of the shard.
        keys: of the records that it should hold, in their order.
    """

    path: str
    data_set: str
    compression: str
    keys: Sequence[str]


def write_shard(task: ShardTask) -> ShardCounts:
    """Make one shard.

    Raises:
        InputError: a spool file is cut off. StorageError: the disk is full.
    """
    size = 0
    with ExitStack() as stack, storage.atomic_output(task.path, buffer=_BUFFER) as file:
        spool = _Images(task.spool, stack)
        with tfrecord.compressed(file, task.compression) as stream:
            for values in _examples(task, spool):
                payload = example.encode(values)
                tfrecord.write_record(stream, payload)
                size += len(payload)
        return ShardCounts(task.records.num_rows, size, _sha256(file, task.compression))


def _sha256(file: IO[bytes], compression: str) -> str | None:
    if compression == "none":
        return None
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(_BUFFER):
        digest.update(chunk)
    return digest.hexdigest()


class _Images:
    """The spool files, each opened when it is first asked for."""

    def __init__(self, paths: tuple[str, ...], stack: ExitStack) -> None:
        self._paths, self._stack = paths, stack
        self._open: dict[int, int] = {}

    def read(self, file: int, offset: int, length: int) -> bytes:
        """One image.

        Raises:
            OSError: the file cannot be read. InputError: it ends too soon, as after a power cut.
        """
        if file not in self._open:
            descriptor = os.open(self._paths[file], os.O_RDONLY)
            self._stack.callback(os.close, descriptor)
            self._open[file] = descriptor
        image = os.pread(self._open[file], length, offset)
        if len(image) < length:
            raise InputError(
                f"{self._paths[file]}: ends too soon; delete it, and run the same command again"
            )
        return image


def _examples(task: ShardTask, images: _Images) -> Iterator[dict[str, Any]]:
    """Feature to value, for each record."""
    kind = records.EXAMPLES[task.data_set]
    slots = records.faces_of(kind)
    names = [f.name for f in records.features(kind) if f.kind is not bytes]
    for start in range(0, task.records.num_rows, _RECORDS):
        chunk = task.records.slice(start, _RECORDS).to_pydict()
        places = [
            [chunk[f"{slot}/{what}"] for what in ("file", "offset", "length")] for slot in slots
        ]
        for index, values in enumerate(zip(*(chunk[name] for name in names), strict=True)):
            record: dict[str, Any] = dict(zip(names, values, strict=True))
            for slot, (file, offset, length) in zip(slots, places, strict=True):
                record[f"{slot}/image"] = images.read(file[index], offset[index], length[index])
            yield record


def count_shard(shard: FinishedShard) -> ShardCounts:
    """What a finished shard holds, read off the file.

    Raises:
        InputError: a record in it is damaged, or it holds other records than were planned.
    """
    kinds = {f.name: f.kind for f in records.features(records.EXAMPLES[shard.data_set])}
    keys, size = [], 0
    with storage.open_input(shard.path) as file:
        with tfrecord.decompressed(file, shard.compression) as stream:
            for record in tfrecord.read_records(stream):
                if record.fault:
                    raise InputError(
                        f"{shard.path}: record {record.index}: {record.fault}. {_AGAIN}"
                    )
                keys.append(example.decode(record.payload, kinds)["key"])
                size += len(record.payload)
        if keys != list(shard.keys):
            raise InputError(f"{shard.path}: holds other records than were planned. {_AGAIN}")
        return ShardCounts(len(keys), size, _sha256(file, shard.compression))
