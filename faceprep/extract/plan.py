"""What is to be done, as the folder of faces has it: one manifest, one catalogue, whoever comes first.

Several runs may begin at once in one folder, as the tasks of an array job do. Each file of the plan
is therefore made only where there is none, and whoever comes second goes on with what is there.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from faceprep import archives, parts, storage
from faceprep.errors import InputError, StorageError
from faceprep.extract import manifest
from faceprep.log import LOG

if TYPE_CHECKING:
    from faceprep.array_task import ArrayTask
    from faceprep.extract.catalog import Catalog
    from faceprep.forgotten import Forgotten


def make_room(folder: str, now: dict[str, Any], task: ArrayTask | None, *, overwrite: bool) -> None:
    """Make the folder; delete what an earlier run left, if that is wanted, or if it did nothing.

    Args:
        folder: of the faces.
        now: the manifest of a new folder.
        task: of an array job: what it finds may be other tasks', and is never deleted.
        overwrite: delete it, whatever it is.

    Raises:
        StorageError: another run is at work in the folder, or it cannot be made.
    """
    storage.make_folder(folder)
    if overwrite or (task is None and manifest.is_begun_otherwise(folder, now)):
        with storage.in_use(folder, alone=True):
            manifest.clear(folder)


def tidy(folder: str) -> None:
    """Delete what only workers need: where to begin in archives, which holds pieces of what is in them."""
    with contextlib.suppress(StorageError), storage.in_use(folder, alone=True):
        storage.remove_folder(storage.join(folder, archives.FOLDER))


def begin(
    folder: str, catalog: Catalog, now: dict[str, Any], task: ArrayTask | None
) -> tuple[dict[str, Any], Catalog]:
    """Leave the plan in a new folder; in an old one, plan the images that it does not have yet.

    Args:
        folder: of the faces.
        catalog: of the source as it is now.
        now: the manifest of a new folder.
        task: of an array job: while parts are to be done, its tasks keep to the plan, or those that
            have ended would have missed theirs.

    Returns:
        The manifest to go on with, and the catalogue without people who were forgotten.

    Raises:
        UsageError: the folder was begun with other options.
        InputError: none of the images is in the source any more, a catalogue is damaged, or people are
            being forgotten in the folder.
        StorageError: no space, no permission.
    """
    described = manifest.begin(folder, now)
    catalog = _without_forgotten(catalog, manifest.forgotten_people(folder, described))
    catalog.keep_indexes(folder)
    _add_images(folder, catalog, described, task)
    return described, catalog


def _without_forgotten(catalog: Catalog, forgotten: Forgotten) -> Catalog:
    """The catalogue without those whom `faceprep forget` keeps out, who are counted as skipped."""
    present = pc.unique(catalog.images["identity"]).to_pylist() if forgotten.people else ()
    people = forgotten.among(present)
    if not people:
        return catalog
    names = pa.array(sorted(people), pa.string())
    theirs = pc.is_in(catalog.images["identity"], value_set=names)
    count = pc.sum(theirs).as_py()
    LOG.info(
        f"skipped: {count:,} images of {len(people):,} people whom 'faceprep forget' keeps out"
    )
    skipped = {**catalog.skipped, "images of people who were forgotten": count}
    return replace(catalog, images=catalog.images.filter(pc.invert(theirs)), skipped=skipped)


def _add_images(
    folder: str, catalog: Catalog, described: dict[str, Any], task: ArrayTask | None
) -> None:
    updates = parts.count_updates(folder)
    images = catalog.images
    if updates:
        known = parts.read_keys(folder)
        images = images.filter(pc.invert(pc.is_in(images["key"], value_set=known)))
        gone = len(known) - (catalog.images.num_rows - images.num_rows)
        _say_what_is_gone(folder, gone, len(known))
    if not images.num_rows:
        return
    if (
        updates
        and task
        and not parts.finished_parts(folder).issuperset(parts.planned_parts(folder))
    ):
        LOG.warning(
            f"{images.num_rows:,} images have come to the source since the array job began; they are "
            "left for a run after it"
        )
        return
    if updates:
        manifest.write(folder, manifest.unfinished(described))  # its counts are past
    if not parts.write_catalog(folder, updates, catalog.layout, images):
        LOG.info(f"{folder}: another run has planned the parts; going by its plan")


def _say_what_is_gone(folder: str, gone: int, known: int) -> None:
    if known and gone == known:
        raise InputError(
            f"{folder}: none of its {known:,} images is in the source; it belongs to another data "
            "set. Choose another --out, or --overwrite"
        )
    if gone:
        LOG.warning(f"{gone:,} images of earlier runs are no longer in the source; their rows stay")
