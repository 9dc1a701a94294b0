"""A data set's root to its catalogue: every image once, sorted by key.

The catalogue is an Arrow table (621,126 images: some 60 MB), never a list of objects.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from faceprep import storage
from faceprep.archives.names import is_archive
from faceprep.archives.place import Place
from faceprep.archives.seek_points import SeekPointFiles
from faceprep.errors import InputError
from faceprep.extract import archived
from faceprep.extract.layouts import LAYOUTS, SCHEMA, SourceImage, recognise
from faceprep.extract.table import read_table
from faceprep.image_folder import image_keys, unreadable, url_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CHUNK = 1 << 16


@dataclass(frozen=True)
class Catalog:
    """What there is to extract.

    Attributes:
        root: the folder (or URL) that keys are relative to.
        layout: the layout's name, never `auto`.
        images: `layouts.SCHEMA`, or with archives `layouts.SCHEMA_WITH_PLACES`; sorted by key, keys
            unique.
        skipped: reason to number of files, folders or members of archives passed over.
        points: where to begin reading in archives, if there are any.
    """

    root: str
    layout: str
    images: pa.Table
    skipped: Mapping[str, int] = field(default_factory=dict)
    points: SeekPointFiles | None = None

    @property
    def identities(self) -> int:
        """How many people there are."""
        return int(pc.count_distinct(self.images["identity"]).as_py())

    def keep_indexes(self, folder: str) -> None:
        """Put what workers need to read in archives into the folder of faces. Raises StorageError."""
        if self.points:
            self.points.keep(folder)


@dataclass(frozen=True)
class _Files:
    """What lies below a root: keys of images, sorted, and keys of archives."""

    root: str
    keys: list[str]
    archives: list[str]
    skipped: Counter[str]


def read_catalog(source: str, layout: str) -> Catalog:
    """List a data set: a folder of images and archives, an archive, or a table that names images.

    Args:
        source: the folder (which may be a URL), the archive or the table.
        layout: one of `options.LAYOUTS`.

    Raises:
        InputError: it is missing, unreadable, empty, or not of that layout.
    """
    files = (
        _url_files(source, layout) if storage.is_url(source) else _local_files(Path(source), layout)
    )
    if files is None:
        return Catalog(str(Path(source).parent), "list", read_table(Path(source)))
    return _with_archives(source, files, layout) if files.archives else _folder(files, layout)


def doubt(source: str, catalog: Catalog) -> str | None:
    """What to warn of when one or two folders are taken for people that may hold the people's.

    Args:
        source: as the user calls it.
        catalog: of it.

    Returns:
        The line; None when there is nothing to doubt.
    """
    if catalog.layout != "identity" or catalog.identities > 2:
        return None
    ends = [0, catalog.images.num_rows - 1]
    return next(filter(None, (_doubt(source, catalog, row) for row in ends)), None)


def _doubt(source: str, catalog: Catalog, number: int) -> str | None:
    (image,) = source_images(catalog.images.slice(number, 1).combine_chunks().to_batches()[0])
    folders = image.key.split("/")[:-1]
    if image.identity not in folders:  # called as the archive, in which there are no folders
        return None
    below = len(folders) - folders[::-1].index(image.identity)
    if below == len(folders):
        return None
    if image.place is None or below <= image.place.archive.count("/"):
        what = "folders or archives" if image.place else "folders"
        return (
            f"{source} has {catalog.identities} folders at the top, with {what} in them. If people are a "
            f"level below, name that level: {storage.join(source, '/'.join(folders[:below]))}"
        )
    found = " and ".join(sorted(pc.unique(catalog.images["identity"]).to_pylist()))
    return (
        f"{source}: all images are taken for those of {found}, below which there are more folders. If "
        f"those are the people, unpack {image.place.archive} and name the folder with the people"
    )


def source_images(batch: pa.RecordBatch) -> list[SourceImage]:
    """The rows of a slice of `Catalog.images`."""
    rows = batch.to_pylist()
    for row in rows:
        if row.get("place"):
            row["place"] = Place(**row["place"])
    return [SourceImage(**row) for row in rows]


def _local_files(path: Path, layout: str) -> _Files | None:
    """None for what is a table."""
    try:
        path.stat()
    except OSError as error:
        raise unreadable(path, error) from None
    skipped, archives = Counter[str](), list[str]()
    if layout != "list" and path.is_file() and is_archive(path.name):
        return _Files(str(path.parent), [], [path.name], skipped)
    if layout == "list" or (layout == "auto" and path.is_file()):
        return None
    if not path.is_dir():
        raise InputError(
            f"{path}: a file, where a folder of images is expected (a table goes with --layout list)"
        )
    keys = sorted(image_keys(path, skipped, archives))
    return _Files(str(path), keys, archives, skipped)


def _url_files(url: str, layout: str) -> _Files:
    if layout == "list" or url.lower().endswith((".csv", ".parquet")):
        raise InputError(f"{url}: a table of images must lie in a local folder, with its images")
    skipped, archives = Counter[str](), list[str]()
    if is_archive(url):
        root, _, name = url.rpartition("/")
        return _Files(root, [], [name], skipped)
    keys = sorted(url_keys(url, skipped, archives))
    return _Files(url, keys, archives, skipped)


def _folder(files: _Files, layout: str) -> Catalog:
    root, keys, skipped = files.root, files.keys, files.skipped
    if not keys:
        raise _nothing(root, skipped)
    name = _recognise(root, keys) if layout == "auto" else layout
    images = pa.Table.from_batches(_laid_out(keys, name, skipped), SCHEMA)
    if not images.num_rows:
        raise _outside(root, len(keys), name)
    return Catalog(root, name, images, dict(skipped))


def _with_archives(source: str, files: _Files, layout: str) -> Catalog:
    points = SeekPointFiles()
    found = archived.list_images(files.root, files.keys, files.archives, files.skipped, points)
    if not found.num_rows:
        raise _nothing(source, files.skipped)
    try:
        name, images = archived.lay_out(source, found, layout, files.skipped)
    except InputError as error:
        raise InputError(f"{source}: {error}") from None
    if not images.num_rows:
        raise _outside(source, found.num_rows, name)
    return Catalog(files.root, name, images, dict(files.skipped), points)


def _nothing(source: str, skipped: Mapping[str, int]) -> InputError:
    passed = f" ({_in_words(skipped)})" if skipped else ""
    return InputError(f"{source}: no images in it{passed}")


def _outside(source: str, images: int, layout: str) -> InputError:
    return InputError(f"{source}: none of its {images} images lies as layout '{layout}' expects")


def _recognise(root: str, keys: list[str]) -> str:
    try:
        return recognise(keys)
    except InputError as error:
        raise InputError(f"{root}: {error}") from None


def _in_words(skipped: Mapping[str, int]) -> str:
    return "; ".join(f"skipped: {count} {reason}" for reason, count in sorted(skipped.items()))


def _laid_out(keys: list[str], layout: str, skipped: Counter[str]) -> Iterator[pa.RecordBatch]:
    parse = LAYOUTS[layout]
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        images = [image for image in map(parse, chunk) if image is not None]
        if len(images) < len(chunk):
            skipped[f"images outside the layout '{layout}'"] += len(chunk) - len(images)
        yield pa.record_batch(
            [[getattr(image, name) for image in images] for name in SCHEMA.names], schema=SCHEMA
        )
