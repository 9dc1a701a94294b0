"""A source with archives to its catalogue: keys through the archives, and layouts as if they were unpacked.

One folder that holds everything (`lfw/` in lfw.tgz, `frame_images_DB/`) is no person: when all that is
found lies below one folder that came out of an archive, and nine of ten images lie in folders in it, the
folder is passed over; not so when that would leave the layout asked for without images.
"""

from __future__ import annotations

import posixpath
from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from faceprep.archives.listing import images_in
from faceprep.archives.names import stem
from faceprep.archives.place import PLACE, Place
from faceprep.extract.layouts import LAYOUTS, SCHEMA_WITH_PLACES, recognise
from faceprep.log import LOG

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator

    from faceprep.archives.seek_points import SeekPointFiles

_CHUNK = 1 << 16
_MOST = 0.9
_FOUND = pa.schema(
    [pa.field("key", pa.string()), pa.field("path", pa.string()), pa.field("place", PLACE)]
)
"""What is found: its key, its path if the archives were unpacked, its place."""
_PLACE_FIELDS = tuple(field.name for field in fields(Place))


def list_images(
    root: str,
    keys: Iterable[str],
    archives: Iterable[str],
    skipped: Counter[str],
    points: SeekPointFiles,
) -> pa.Table:
    """All images of a source, in its folders and in its archives: `_FOUND`, sorted by key.

    Args:
        root: of the source.
        keys: of the images in its folders.
        archives: their keys.
        skipped: gets the number of files and members passed over, by reason.
        points: gets where to begin reading in archives.

    Raises:
        InputError: an archive is damaged, incomplete, hostile, or cannot be read.
    """
    rows = _rows(root, keys, sorted(archives), skipped, points)
    found = pa.Table.from_batches(_batches(rows), _FOUND)
    found = found.append_column("order", pa.array(np.arange(found.num_rows)))
    found = found.sort_by([("key", "ascending"), ("order", "ascending")]).combine_chunks()
    last = _last_of_each(found)
    if last.num_rows < found.num_rows:
        again = found.num_rows - last.num_rows
        skipped["members of archives that come again under the same name (the last counts)"] += (
            again
        )
    return last.drop_columns("order")


def lay_out(
    source: str, found: pa.Table, layout: str, skipped: Counter[str]
) -> tuple[str, pa.Table]:
    """Who is in the pictures: the layout's name and `layouts.SCHEMA_WITH_PLACES`.

    Args:
        source: as the user calls it.
        found: from `list_images`.
        layout: one of `LAYOUTS`, or `auto`.
        skipped: gets the number of images outside the layout.

    Raises:
        InputError: it cannot be told.
    """
    _warn_of_copies(source, found)
    found = _below_top(found, layout)
    name = recognise(found["path"].to_pylist()) if layout == "auto" else layout
    images = pa.Table.from_batches(_laid_out(found, name, skipped), SCHEMA_WITH_PLACES)
    _warn_of_merged(source, images)
    return name, images


def _rows(
    root: str,
    keys: Iterable[str],
    archives: list[str],
    skipped: Counter[str],
    points: SeekPointFiles,
) -> Iterator[tuple[str, str, Place | None]]:
    for key in keys:
        yield key, key, None
    for archive in archives:
        folder, name = posixpath.split(archive)
        for member in images_in(root, archive, skipped, points):
            inside = member.path if "/" in member.path else f"{stem(name)}/{member.path}"
            yield f"{archive}/{member.path}", posixpath.join(folder, inside), member.place


def _batches(rows: Iterator[tuple[str, str, Place | None]]) -> Iterator[pa.RecordBatch]:
    keys: list[str] = []
    paths: list[str] = []
    places: list[dict[str, str | int | None] | None] = []
    for key, path, place in rows:
        keys.append(key)
        paths.append(path)
        places.append(_as_row(place) if place else None)
        if len(keys) == _CHUNK:
            yield pa.record_batch([keys, paths, pa.array(places, PLACE)], schema=_FOUND)
            keys, paths, places = [], [], []
    yield pa.record_batch([keys, paths, pa.array(places, PLACE)], schema=_FOUND)


def _as_row(place: Place) -> dict[str, str | int | None]:
    return {name: getattr(place, name) for name in _PLACE_FIELDS}


def _last_of_each(found: pa.Table) -> pa.Table:
    """Of rows with the same key, the last."""
    if found.num_rows < 2:
        return found
    keys = found["key"].chunk(0)
    differs = pc.not_equal(keys.slice(1), keys.slice(0, len(keys) - 1))
    return found.filter(pa.concat_arrays([differs, pa.array([True])]))


def _warn_of_copies(source: str, found: pa.Table) -> None:
    """A folder that lies unpacked beside its archive, or archives with folders of one name."""
    counts = pc.value_counts(found["path"])
    twice = counts.filter(pc.greater(counts.field("counts"), 1)).field("values")
    if not len(twice):
        return
    copies = found.filter(pc.is_in(found["path"], value_set=twice))
    reason = "folders that lie unpacked beside their archive are"
    remedy = "Take out the one or the other"
    if not copies["place"].null_count:
        reason = (
            "those of two copies of an archive are, or several archives hold folders of one name"
        )
        remedy = "Take out the copy, or unpack each archive into a folder of its own"
    LOG.warning(
        f"{source}: {len(twice):,} images are there more than once, as {reason} "
        f"(such as {twice[0]}). {remedy}"
    )


def _warn_of_merged(source: str, images: pa.Table) -> None:
    """One person for what may be several: P0.zip and P1.zip, the images of each in a folder `images`."""
    archives = pc.struct_field(images["place"], "archive")
    pairs = pa.table({"identity": images["identity"], "archive": archives}).drop_null()
    pairs = pairs.group_by(["identity", "archive"]).aggregate([])
    pairs = pairs.sort_by([("identity", "ascending"), ("archive", "ascending")])
    archives_of: dict[str, list[str]] = {}
    for identity, archive in zip(*(column.to_pylist() for column in pairs.columns), strict=True):
        if identity not in archive.split("/")[:-1]:  # a person's own folder may hold several
            archives_of.setdefault(identity, []).append(archive)
    merged = {identity: names for identity, names in archives_of.items() if len(names) > 1}
    if merged:
        identity, (first, second, *_) = next(iter(merged.items()))
        LOG.warning(
            f"{source}: {len(merged):,} identities come out of several archives each, such as {identity} "
            f"out of {first} and {second}. If those are different people, unpack each archive into a "
            "folder of its own"
        )


def _below_top(found: pa.Table, layout: str) -> pa.Table:
    """Without the folder to pass over; of `lfw/lfw/Ann`, as some archives have it, without both."""
    passed = ""
    while (top := _top_folder(found, layout)) and passed in ("", top):
        passed = top
        LOG.info(f"everything lies in the folder {top}, which is passed over")
        paths = pc.utf8_slice_codeunits(found["path"], start=len(top) + 1)
        found = found.set_column(1, "path", paths)
    return found


def _top_folder(found: pa.Table, layout: str) -> str:
    """The folder to pass over; none: an empty string."""
    paths = found["path"]
    top = str(paths[0]).partition("/")[0]
    archives = pc.unique(pc.struct_field(found["place"], "archive")).drop_null().to_pylist()
    if all("/" in archive for archive in archives):
        return ""  # each lies in a folder, so none gave the top one
    deep = pc.mean(pc.greater(pc.count_substring(paths, "/"), 1).cast(pa.int8())).as_py()
    if deep < _MOST or not pc.all(pc.starts_with(paths, f"{top}/")).as_py():
        return ""
    below = (path[len(top) + 1 :] for path in paths.to_pylist())
    return top if layout == "auto" or any(map(LAYOUTS[layout], below)) else ""


def _laid_out(found: pa.Table, layout: str, skipped: Counter[str]) -> Iterator[pa.RecordBatch]:
    parse = LAYOUTS[layout]
    for batch in found.to_batches(max_chunksize=_CHUNK):
        images = [parse(path) for path in batch["path"].to_pylist()]
        outside = images.count(None)
        if outside:
            skipped[f"images outside the layout '{layout}'"] += outside
            batch = batch.filter(pa.array([image is not None for image in images]))
        kept = [image for image in images if image is not None]
        columns = [
            [getattr(image, name) for image in kept] for name in ("identity", "clip", "view")
        ]
        yield pa.record_batch([batch["key"], *columns, batch["place"]], schema=SCHEMA_WITH_PLACES)
