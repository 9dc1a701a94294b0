"""What a worker does: the records of one shard, from the spool to a TFRecord file."""

from __future__ import annotations

import errno
import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from faceprep import example, records, storage, tfrecord
from faceprep.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

_RECORDS = 1024  # turned into Python values, and their images read, at a time
_READERS = 16
_Place = tuple[int, int, int]
_PLACE = ("file", "offset", "length")
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
    """The images in the spool, wherever that is."""

    def __init__(self, paths: tuple[str, ...], stack: ExitStack) -> None:
        self._paths = paths
        # behind a URL each file is a request of its own, and most of its time is waiting
        readers = _READERS if storage.is_url(paths[0]) else 1
        self._readers = stack.enter_context(ThreadPoolExecutor(readers))

    def read(self, places: Sequence[_Place]) -> list[bytes]:
        """The images at these places.

        Raises:
            OSError: a file cannot be read. InputError: it ends too soon, as after a power cut.
        """
        wanted: dict[int, list[int]] = {}
        for index, (file, _, _) in enumerate(places):
            wanted.setdefault(file, []).append(index)
        images: dict[int, bytes] = {}
        read = self._readers.map(
            lambda file: self._read_file(file, [places[index][1:] for index in wanted[file]]),
            wanted,
        )
        for indices, found in zip(wanted.values(), read, strict=True):
            images |= dict(zip(indices, found, strict=True))
        return [images[index] for index in range(len(places))]

    def _read_file(self, file: int, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        try:
            return storage.read_ranges(self._paths[file], ranges)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            raise InputError(
                f"{self._paths[file]}: ends too soon; delete it, and run the same command again"
            ) from None


def _examples(task: ShardTask, images: _Images) -> Iterator[dict[str, Any]]:
    """Feature to value, for each record."""
    kind = records.EXAMPLES[task.data_set]
    slots = records.faces_of(kind)
    names = [f.name for f in records.features(kind) if f.kind is not bytes]
    for start in range(0, task.records.num_rows, _RECORDS):
        chunk = task.records.slice(start, _RECORDS).to_pydict()
        places = [
            list(zip(*(chunk[f"{slot}/{what}"] for what in _PLACE), strict=True)) for slot in slots
        ]
        found = iter(
            images.read([place for of_record in zip(*places, strict=True) for place in of_record])
        )
        for values in zip(*(chunk[name] for name in names), strict=True):
            record: dict[str, Any] = dict(zip(names, values, strict=True))
            for slot in slots:
                record[f"{slot}/image"] = next(found)
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
