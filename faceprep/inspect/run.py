"""The stage: a path to what is there. Nothing is written but the images that `save` asks for."""

from __future__ import annotations

import re

from faceprep import dataset_folder, parts, records, storage
from faceprep.errors import InputError, UsageError
from faceprep.inspect.faces import inspect_file, inspect_folder
from faceprep.inspect.report import Inspection
from faceprep.inspect.shards import inspect_data_set, inspect_shard

RECORDS = 3
"""How many records are shown, unless told otherwise."""

_VERSION = re.compile(r"\d+\.\d+\.\d+")


def inspect(path: str, *, records: int = RECORDS, save: str | None = None) -> Inspection:
    """Say what a path holds: kind, schema, counts, and its first records in words.

    Counts come from footers, metadata and two narrow columns, so that it is quick in large folders.
    The records are the first rows of a folder of faces, rejects among them; of a data set the first
    of each split. What is damaged is named where it is met; `faceprep verify` looks for it everywhere.

    Args:
        path: a folder of faces, one part of it, `targets.parquet`, a folder of data sets or one of its
            data sets or versions, or one shard.
        records: how many to show; in a folder of several data sets, of each.
        save: a folder for the images of the records shown, named by the record's number and the face's
            role (`000-feature.jpg`); older files of these names are replaced. In a folder of several
            data sets each gets a folder of its own.

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
    if parts.MANIFEST in storage.names(path):
        return inspect_folder(path, wanted, save)
    found = _data_sets(path)
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


def _data_sets(path: str) -> list[str]:
    """The version folders of data sets at or below a folder, as paths below it."""
    if dataset_folder.MANIFEST in storage.names(path):
        return [""]
    versions = _versions(path)
    if versions:
        return versions
    return [
        f"{data_set}/{version}"
        for data_set in records.EXAMPLES
        for version in _versions(storage.join(path, data_set))
    ]


def _versions(path: str) -> list[str]:
    return [
        name
        for name in storage.names(path)
        if _VERSION.fullmatch(name)
        and dataset_folder.MANIFEST in storage.names(storage.join(path, name))
    ]
