"""The parts of `faces/`: what they are called, where they are planned, which are finished.

A folder of faces holds

    extract.json                      options, versions, and when all is done the counts
    catalog.arrow                     the source images, one record batch per part
    part-00017-of-00304.parquet       a part: the rows of the images in batch 17

and, when images were added to the source later, for each such update

    catalog.update-001.arrow
    part-00000-of-00002.update-001.parquet

Nothing that is finished is touched again, unless people are to be forgotten. A part is whole or not
there, so which are done can be read off the folder.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from faceprep import storage
from faceprep.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

MANIFEST = "extract.json"

_PART = re.compile(r"part-(\d{5,})-of-(\d{5,})(?:\.update-(\d{3,}))?\.parquet")
_CATALOG = re.compile(r"catalog(?:\.update-(\d{3,}))?\.arrow")
_FEWEST, _MOST, _PARTS_WANTED = 128, 2048, 256


@dataclass(frozen=True, order=True)
class Part:
    """One slice of the catalogue: the unit of work, of retry, of resume.

    Attributes:
        update: 0 for the first catalogue, then 1, 2, … for images added later.
        index: which slice, from 0.
        total: how many slices that catalogue has.
    """

    update: int
    index: int
    total: int

    @property
    def name(self) -> str:
        """The file's name."""
        return f"part-{self.index:05d}-of-{self.total:05d}{_suffix(self.update)}.parquet"


@dataclass(frozen=True)
class Counts:
    """What is in a part, or in many.

    Attributes:
        images: source images.
        faces: rows with a crop.
        rejects: reject status to number of images.
    """

    images: int = 0
    faces: int = 0
    rejects: dict[str, int] = dataclasses.field(default_factory=dict)

    def __add__(self, other: Counts) -> Counts:
        rejects = dict(Counter(self.rejects) + Counter(other.rejects))
        return Counts(self.images + other.images, self.faces + other.faces, rejects)

    @property
    def rejected(self) -> int:
        """Images without a face that was kept."""
        return sum(self.rejects.values())


def catalog_name(update: int) -> str:
    """The file that holds the catalogue of an update."""
    return f"catalog{_suffix(update)}.arrow"


def _suffix(update: int) -> str:
    return f".update-{update:03d}" if update else ""


def images_per_part(images: int) -> int:
    """How many images make a part: some 256 parts, of 128 to 2048 images.

    It depends on the catalogue alone, so that the parts are the same whatever the number of workers.
    """
    return min(_MOST, max(_FEWEST, -(-images // _PARTS_WANTED)))


def write_catalog(folder: str, update: int, layout: str, images: pa.Table) -> bool:
    """Store the images of one update, cut into a record batch for each part, unless they are stored.

    Returns:
        Whether this is the catalogue; False when another run was first.

    Raises:
        StorageError: no space, no permission.
    """
    schema = images.schema.with_metadata({"layout": layout})
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    size = images_per_part(images.num_rows)
    content = pa.BufferOutputStream()
    with pa.ipc.new_file(content, schema, options=options) as writer:
        for start in range(0, images.num_rows, size):
            slice_ = images.slice(start, size).combine_chunks()
            writer.write_table(slice_, max_chunksize=size)
    location = storage.join(folder, catalog_name(update))
    _fetched.cache_clear()
    return storage.create(location, content.getvalue().to_pybytes())


def leave_out(folder: str, update: int, people: Collection[str]) -> None:
    """Store the catalogue of an update anew, without the images of some people.

    Each part keeps its place, so a batch may become empty, and the parts of others stay what they are.

    Raises:
        InputError: the catalogue is damaged. StorageError: no space, no permission.
    """
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    content = pa.BufferOutputStream()
    with (
        _open_catalog(folder, update) as reader,
        pa.ipc.new_file(content, reader.schema, options=options) as writer,
    ):
        for index in range(reader.num_record_batches):
            writer.write_batch(without(reader.get_batch(index), people))
    _fetched.cache_clear()
    location = storage.join(folder, catalog_name(update))
    storage.write_bytes(location, content.getvalue().to_pybytes())


def without(images: pa.RecordBatch, people: Collection[str]) -> pa.RecordBatch:
    """The images of a part but for those of some people."""
    names = pa.array(sorted(people), pa.string())
    return images.filter(pc.invert(pc.is_in(images["identity"], value_set=names)))


def read_slice(folder: str, part: Part) -> pa.RecordBatch:
    """The images of one part."""
    with _open_catalog(folder, part.update) as reader:
        return reader.get_batch(part.index)


def slices(folder: str) -> Iterator[tuple[Part, pa.RecordBatch]]:
    """Every part that the catalogues of `folder` call for, finished or not, with its images."""
    for update in range(count_updates(folder)):
        with _open_catalog(folder, update) as reader:
            total = reader.num_record_batches
            for index in range(total):
                yield Part(update, index, total), reader.get_batch(index)


def read_keys(folder: str) -> pa.ChunkedArray:
    """The keys of all images in the catalogues of `folder`."""
    chunks: list[pa.Array] = []
    for update in range(count_updates(folder)):
        with _open_catalog(folder, update) as reader:
            chunks += (reader.get_batch(i)["key"] for i in range(reader.num_record_batches))
    return pa.chunked_array(chunks, pa.string())


def read_layout(folder: str) -> str | None:
    """The layout that the first catalogue of `folder` was made with; None without a catalogue."""
    if not count_updates(folder):
        return None
    with _open_catalog(folder, 0) as reader:
        return str(reader.schema.metadata[b"layout"].decode())


@contextmanager
def _open_catalog(folder: str, update: int) -> Iterator[pa.ipc.RecordBatchFileReader]:
    location = storage.join(folder, catalog_name(update))
    try:
        with _catalog_file(location) as file, pa.ipc.open_file(file) as reader:
            yield reader
    except pa.ArrowInvalid as error:
        raise InputError(
            f"{location}: damaged ({error}); start afresh with --overwrite or another --out"
        ) from None


def _catalog_file(location: str) -> pa.NativeFile:
    # not one of Python's: Arrow's threads may still hold it when the process ends, and abort it
    if storage.is_url(location):
        return pa.BufferReader(_fetched(location))
    return pa.OSFile(location, "rb")


@functools.lru_cache(maxsize=1)
def _fetched(location: str) -> bytes:
    """A catalogue behind a URL: a worker needs it for each of its parts, and it stays as it is."""
    return storage.read_bytes(location)


def count_updates(folder: str) -> int:
    """How many catalogues the folder holds.

    Raises:
        InputError: one in the middle is missing.
    """
    there = {int(m[1] or 0) for m in map(_CATALOG.fullmatch, storage.names(folder)) if m}
    if missing := set(range(max(there, default=-1))) - there:
        name = catalog_name(min(missing))
        raise InputError(
            f"{folder}: {name} is missing; start afresh with --overwrite or another --out"
        )
    return len(there)


def fingerprint(digest: str, images: pa.RecordBatch) -> str:
    """What a part is made of, SHA-256 in hexadecimal: the options by their digest, and the images."""
    content = json.dumps([digest, images.to_pydict()], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def our_files(folder: str) -> list[str]:
    """Names of the parts and catalogues in the folder, whatever plan they belong to."""
    return [n for n in storage.names(folder) if _PART.fullmatch(n) or _CATALOG.fullmatch(n)]


def planned_parts(folder: str) -> list[Part]:
    """Every part that the catalogues of `folder` call for, finished or not."""
    parts = []
    for update in range(count_updates(folder)):
        with _open_catalog(folder, update) as reader:
            total = reader.num_record_batches
        parts += [Part(update, index, total) for index in range(total)]
    return parts


def finished_parts(folder: str) -> set[Part]:
    """The parts that are there."""
    found = (_PART.fullmatch(name) for name in storage.names(folder))
    return {Part(int(m[3] or 0), int(m[1]), int(m[2])) for m in found if m}
