"""A data set's root to its catalogue: every image once, sorted by key.

The catalogue is an Arrow table (621,126 images: some 60 MB), never a list of objects.
"""

from __future__ import annotations

import os
import posixpath
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from faceprep.errors import InputError
from faceprep.extract.layouts import LAYOUTS, SourceImage, recognise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SCHEMA = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("identity", pa.string(), nullable=False),
        pa.field("clip", pa.string()),
        pa.field("view", pa.string()),
    ]
)

# fmt: off
IMAGE_SUFFIXES = frozenset({
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".gif", ".tif", ".tiff", ".avif",
    ".heic", ".heif", ".jxl", ".jp2", ".j2k", ".pgm", ".ppm", ".pnm",
})
# fmt: on
"""What counts as an image by its name. The second line cannot be decoded: such a file becomes a row
that says so, rather than being passed over."""

_MAGIC = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_TABLE_SUFFIXES = (".csv", ".parquet")
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Catalog:
    """What there is to extract.

    Attributes:
        root: the folder that keys are relative to.
        layout: the layout's name, never `auto`.
        images: `SCHEMA`, sorted by key, keys unique.
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
    path = Path(source)
    try:
        path.stat()
    except OSError as error:
        raise _unreadable(path, error) from None
    if layout == "list" or (layout == "auto" and path.is_file()):
        return _read_table(path)
    if not path.is_dir():
        raise InputError(
            f"{source}: a file, where a folder of images is expected (a table goes with --layout list)"
        )
    return _read_folder(path, layout)


def _unreadable(path: Path, error: OSError) -> InputError:
    missing = isinstance(error, FileNotFoundError)
    what = "no such folder" if missing else f"cannot be read ({error.strerror})"
    return InputError(f"{path}: {what}; name the one with the images: 'faceprep extract DIR'")


def source_images(batch: pa.RecordBatch) -> list[SourceImage]:
    """The rows of a slice of `Catalog.images`."""
    return [SourceImage(**row) for row in batch.to_pylist()]


def _read_folder(root: Path, layout: str) -> Catalog:
    skipped: Counter[str] = Counter()
    keys = sorted(_walk(root, skipped))
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


def _walk(root: Path, skipped: Counter[str]) -> Iterator[str]:
    """Keys of all images below `root`, in no particular order."""
    pending: list[tuple[str, tuple[str, ...]]] = [("", (os.path.realpath(root),))]
    while pending:
        folder, real_folders = pending.pop()
        for entry in _entries(root, folder, skipped):
            key = f"{folder}{entry.name}"
            if entry.name.startswith("."):
                skipped["hidden"] += 1
            elif not _is_text(entry.name):
                skipped["names that are not UTF-8 (rename them)"] += 1
            elif _holds(entry.is_dir):
                if below := _enter(entry, real_folders):
                    pending.append((f"{key}/", below))
                else:
                    skipped["links that lead back to a folder above"] += 1
            elif reason := _objection(entry):
                skipped[reason] += 1
            else:
                yield key


def _entries(root: Path, folder: str, skipped: Counter[str]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(root / folder) as entries:
            return list(entries)
    except OSError as error:
        if not folder:
            raise _unreadable(root, error) from None
        skipped["folders that cannot be read"] += 1
        return []


def _enter(entry: os.DirEntry[str], real_folders: tuple[str, ...]) -> tuple[str, ...]:
    """The real folders of the way down through `entry`; none when it is a link back up that way."""
    if not entry.is_symlink():
        return (*real_folders[:-1], posixpath.join(real_folders[-1], entry.name))
    target = os.path.realpath(entry.path)
    if any(posixpath.commonpath((real, target)) == target for real in real_folders):
        return ()
    return (*real_folders, target)


def _holds(test: Callable[[], bool]) -> bool:
    """Whether `is_dir` or `is_file` holds; not for a link to itself, or to where one may not look."""
    try:
        return test()
    except OSError:
        return False


def _objection(entry: os.DirEntry[str]) -> str | None:
    """Why a file is not taken for an image; None when it is."""
    if not _holds(entry.is_file):
        return "broken links and special files"
    suffix = posixpath.splitext(entry.name)[1].lower()
    if suffix in IMAGE_SUFFIXES:
        return None
    if suffix[1:].isalnum():
        return "not images"
    return None if _looks_like_image(entry.path) else "not images"


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _looks_like_image(path: str) -> bool:
    """For a name without an extension: whether the first bytes are those of an image."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(16)
    except OSError:
        return True  # it gets a row that says so
    riff_or_avif = head[8:12] == b"WEBP" or head[4:8] == b"ftyp"
    return head.startswith(_MAGIC) or riff_or_avif


def _read_table(path: Path) -> Catalog:
    table = _load_table(path)
    missing = {"path", "identity"} - set(table.column_names)
    if missing:
        raise InputError(
            f"{path}: no column {' and '.join(sorted(missing))}; a list has the columns path and "
            f"identity, and may have clip and view (found: {', '.join(table.column_names)})"
        )
    if not table.num_rows:
        raise InputError(f"{path}: names no images")
    columns: dict[str, Any] = {"key": _keys(path, _text(path, table, "path").to_pylist())}
    for name in ("identity", "clip", "view"):
        columns[name] = _text(path, table, name)
    if line := _first_empty(columns["identity"]):
        raise InputError(f"{path}: row {line} has no identity")
    images = pa.table(columns).cast(SCHEMA).sort_by("key")
    _refuse_duplicates(path, images["key"])
    return Catalog(str(path.parent), "list", images)


def _load_table(path: Path) -> pa.Table:
    if path.is_dir() or path.suffix.lower() not in _TABLE_SUFFIXES:
        raise InputError(
            f"{path}: --layout list takes a .csv or .parquet file that names the images"
        )
    text = {name: pa.string() for name in ("path", "identity", "clip", "view")}
    try:
        if path.suffix.lower() == ".parquet":
            return pq.read_table(path)
        convert = pyarrow.csv.ConvertOptions(  # somebody may be called NA
            column_types=text, strings_can_be_null=True, null_values=[""]
        )
        return pyarrow.csv.read_csv(path, convert_options=convert)
    except (OSError, pa.ArrowInvalid) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path}: cannot be read as a table ({reason})") from None


def _text(path: Path, table: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        return pa.chunked_array([pa.nulls(table.num_rows, pa.string())])
    try:
        return table[name].cast(pa.string())
    except (KeyError, NotImplementedError, pa.ArrowInvalid):
        raise InputError(f"{path}: the column {name} must be there once, as text") from None


def _keys(path: Path, given: list[str | None]) -> list[str]:
    keys = []
    for row, name in enumerate(given, start=1):
        key = posixpath.normpath(name) if name else ""
        if not key or key == ".":
            raise InputError(f"{path}: row {row} has no path")
        if key.startswith(("/", "../")) or key == "..":
            raise InputError(
                f"{path}: row {row}: '{name}' leaves the folder of the list; paths are relative to it"
            )
        keys.append(key)
    return keys


def _first_empty(column: pa.ChunkedArray) -> int:
    """1 + the index of the first null or empty string; 0 when there is none."""
    empty = pc.fill_null(pc.equal(column, ""), True)
    return int(pc.index(empty, True).as_py()) + 1


def _refuse_duplicates(path: Path, keys: pa.ChunkedArray) -> None:
    counts = pc.value_counts(keys.combine_chunks())
    twice = counts.filter(pc.greater(counts.field("counts"), 1))
    if len(twice):
        first = twice[0].as_py()
        raise InputError(
            f"{path}: '{first['values']}' is named {first['counts']} times; each image may be named once"
        )
