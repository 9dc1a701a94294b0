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
from faceprep.errors import InputError
from faceprep.extract.layouts import LAYOUTS, SCHEMA, SourceImage, recognise
from faceprep.extract.table import read_table
from faceprep.image_folder import image_keys, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CHUNK = 1 << 16


@dataclass(frozen=True)
class Catalog:
    """What there is to extract.

    Attributes:
        root: the folder that keys are relative to.
        layout: the layout's name, never `auto`.
        images: `layouts.SCHEMA`, sorted by key, keys unique.
        skipped: reason to number of files or folders passed over.
    """

    root: str
    layout: str
    images: pa.Table
    skipped: Mapping[str, int] = field(default_factory=dict)

    @property
    def identities(self) -> int:
        """How many people there are."""
        return int(pc.count_distinct(self.images["identity"]).as_py())


def read_catalog(source: str, layout: str) -> Catalog:
    """List a data set: a folder of images, or a table (CSV or Parquet) that names them.

    Args:
        source: the folder or the table.
        layout: one of `options.LAYOUTS`.

    Raises:
        InputError: it is missing, unreadable, empty, or not of that layout.
    """
    if storage.is_url(source):
        raise InputError(f"{source}: source images must lie in a local folder")
    path = Path(source)
    try:
        path.stat()
    except OSError as error:
        raise unreadable(path, error) from None
    if layout == "list" or (layout == "auto" and path.is_file()):
        return Catalog(str(path.parent), "list", read_table(path))
    if not path.is_dir():
        raise InputError(
            f"{source}: a file, where a folder of images is expected (a table goes with --layout list)"
        )
    return _read_folder(path, layout)


def source_images(batch: pa.RecordBatch) -> list[SourceImage]:
    """The rows of a slice of `Catalog.images`."""
    return [SourceImage(**row) for row in batch.to_pylist()]


def _read_folder(root: Path, layout: str) -> Catalog:
    skipped: Counter[str] = Counter()
    keys = sorted(image_keys(root, skipped))
    if not keys:
        passed = f" ({_in_words(skipped)})" if skipped else ""
        raise InputError(f"{root}: no images in it{passed}")
    name = _recognise(root, keys) if layout == "auto" else layout
    images = pa.Table.from_batches(_laid_out(keys, name, skipped), SCHEMA)
    if not images.num_rows:
        raise InputError(f"{root}: none of its {len(keys)} images lies as layout '{name}' expects")
    return Catalog(str(root), name, images, dict(skipped))


def _recognise(root: Path, keys: list[str]) -> str:
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
