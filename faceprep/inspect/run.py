"""The stage: a path to what is there. Nothing is written but the pictures that `save` asks for."""

from __future__ import annotations

from faceprep import dataset_folder, parts, storage
from faceprep.errors import InputError, UsageError
from faceprep.inspect.faces import inspect_file, inspect_folder
from faceprep.inspect.report import Inspection
from faceprep.inspect.shards import inspect_data_set, inspect_shard

RECORDS = 3
"""How many records are shown, unless told otherwise."""


def inspect(path: str, *, records: int = RECORDS, save: str | None = None) -> Inspection:
    """Say what a path holds: kind, schema, counts, and its first records in words.

    Counts come from footers, metadata and two narrow columns (a few more for plots), so that it is quick in
    large folders.
    The records are the first rows of a folder of faces, rejects among them; of a data set the first
    of each split. What is damaged is named where it is met; `faceprep verify` looks for it everywhere.

    Args:
        path: a folder of faces, one part of it, `targets.parquet`, a folder of data sets or one of its
            data sets or versions, or one shard.
        records: how many to show; in a folder of several data sets, of each.
        save: a folder for the images of the records shown, named by the record's number and the face's
            role (`000-feature.jpg`), for a sheet of them (`records.png`), and for plots of what is there
            (`faces.png`, `data-set.png`); older files of these names are replaced. In a folder of
            several data sets each gets a folder of its own.

    Raises:
        UsageError: an impossible argument.
        InputError: nothing at `path`, nothing of faceprep's, or too damaged to say anything of it.
        StorageError: `save` cannot be written.
    """
    if records < 0:
        raise UsageError(f"--records is {records}; it must be at least 0")
    if save == "":
        raise UsageError("--save is empty; name a folder")
    if not storage.exists(path):
        raise InputError(f"{path}: no such file or folder")
    path = path.rstrip("/") or path
    name = path.rsplit("/", 1)[-1]
    if dataset_folder.parse_shard(name):
        return inspect_shard(path, records, save)
    if name.endswith(".parquet"):
        return inspect_file(path, records, save)
    return _inspect_folder(path, records, save)


def _inspect_folder(path: str, wanted: int, save: str | None) -> Inspection:
    names = storage.names(path)
    if parts.MANIFEST in names:
        return inspect_folder(path, wanted, save)
    found = dataset_folder.version_folders(path, names)
    if not found:
        raise InputError(
            f"{path}: nothing that faceprep has made; give a folder of faces, one of its parts, "
            "targets.parquet, a data set or one of its shards"
        )
    if len(found) == 1:
        return inspect_data_set(storage.join(path, found[0]).rstrip("/"), wanted, save)
    inside = [_one_of_several(path, below, wanted, save) for below in found]
    return Inspection(path, f"a folder of {len(found)} data sets", {}, inside=tuple(inside))


def _one_of_several(path: str, below: str, wanted: int, save: str | None) -> Inspection:
    """One data set of a root; one that cannot be read does not hide the others."""
    folder = storage.join(path, below)
    try:
        return inspect_data_set(folder, wanted, storage.join(save, below) if save else None)
    except InputError as error:
        return Inspection(folder, "a data set that cannot be read", {}, notes=(str(error),))
