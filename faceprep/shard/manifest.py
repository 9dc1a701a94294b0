"""What `shard.json` says: with what options a data set is made, and of what."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import faceprep
from faceprep import dataset_folder, journal, manifest, past_runs, records, storage
from faceprep.errors import InputError
from faceprep.shard.spool import FOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faceprep.dataset_folder import ImageForm, Shard
    from faceprep.shard.options import ShardOptions


def describe(
    data_set: str,
    options: ShardOptions,
    inputs: Mapping[str, str],
    image: ImageForm,
    extract: Mapping[str, Any],
) -> dict[str, Any]:
    """What `shard.json` says before anything is done.

    Args:
        data_set: its name.
        options: as given.
        inputs: what it is made of (faces, targets, protocol), each by a digest.
        image: of its images.
        extract: what extract was told, so that other photographs can be treated alike.
    """
    return {
        "format": records.SHARDS_VERSION,
        "data_set": data_set,
        "options": dataclasses.asdict(options),
        "inputs": dict(inputs),
        "image": dataclasses.asdict(image),
        "extract": dict(extract),
        "versions": versions(),
        "counts": None,
        "run": None,
    }


def versions() -> dict[str, str]:
    """What a data set is made with: the records are faceprep's alone."""
    return {"faceprep": faceprep.__version__}


def begin(folder: str, now: dict[str, Any]) -> dict[str, Any]:
    """Leave the manifest in a new folder; hold an old folder's against it: see `manifest.begin`.

    Raises:
        InputError: the folder was begun with other faces, targets or another protocol.
    """
    done = bool(dataset_folder.shards_in(folder))
    before = manifest.read(folder, dataset_folder.MANIFEST)
    if before and not done and before.get("inputs") != now["inputs"]:
        clear(folder)  # begun, and nothing done
    found = manifest.begin(folder, dataset_folder.MANIFEST, now, done, clear)
    for name, value in now["inputs"].items():
        if found.get("inputs", {}).get(name) != value:
            raise InputError(
                f"{folder}: the {name} are not those it was begun with; {manifest.AFRESH}"
            )
    return found


def write(folder: str, content: dict[str, Any]) -> None:
    """Store the manifest. Raises StorageError."""
    manifest.write(folder, dataset_folder.MANIFEST, content)


def clear(folder: str) -> None:
    """Delete what shard writes, and nothing else; the manifest last, so that it can be repeated."""
    past_runs.refuse_running(folder)
    storage.remove_folder(storage.join(folder, FOLDER))
    journal.clear(folder)
    metadata = (dataset_folder.INFO, dataset_folder.FEATURES, dataset_folder.TARGETS)
    shards: list[Shard] = sorted(dataset_folder.shards_in(folder))
    for name in (*metadata, *(shard.name for shard in shards), dataset_folder.MANIFEST):
        storage.remove(storage.join(folder, name))
    storage.remove_leftovers(folder)
