"""In which data sets people are: every record is read. Nothing is changed."""

from __future__ import annotations

import dataclasses
import shlex
from collections import Counter
from typing import TYPE_CHECKING, Any

from faceprep import dataset_folder, manifest, records, shard_file, storage, targets
from faceprep.errors import InputError
from faceprep.forget.summary import HoldingDataSet, reason_of
from faceprep.options import flags
from faceprep.progress import Progress
from faceprep.shard.options import CfpOptions, PairOptions, TripletOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from faceprep.dataset_folder import Shard

    Asked = Callable[[str], bool]

_SPOOL = ".spool"
"""Where `faceprep shard` lays out crops while it writes, below the data set."""

_RECORDS = ".tfrecord-"
"""In the name of every file with records, whole or not."""

_OPTIONS = {"pairs": PairOptions, "cfp": CfpOptions, "triplets": TripletOptions}

_NOT_WITHOUT = (
    "delete the folder: the published protocol has pairs of them, and cannot be made without"
)
_UNKNOWN = "delete the folder: this faceprep does not know its kind of data set"
_UNREAD = "nobody knows whether they are in it; delete the folder, and make it anew"


def look(
    location: str, asked: Asked, faces: str, *, bar: bool
) -> tuple[HoldingDataSet, ...] | None:
    """What each data set in a folder holds of some people.

    Args:
        location: of the shards: a folder of data sets, a data set, or a version of one.
        asked: tells of an identity whether it is one of them.
        faces: the folder of faces, for commands.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Returns:
        All data sets, those without them and those that cannot be read too; None where there is no such
        folder.

    Raises:
        InputError: the folder is behind a URL out of reach.
    """
    if not storage.exists(location):
        return None
    try:
        below = dataset_folder.version_folders(location, storage.names(location))
    except (InputError, OSError) as error:
        return (_unread(location, error),)
    folders = [storage.join(location, each).rstrip("/") for each in below]
    with Progress(sum(map(_shards, folders)), bar=bar, unit="shards") as progress:
        return tuple(_look(folder, asked, faces, progress) for folder in folders)


def passed_over(location: str, seen: Iterable[HoldingDataSet]) -> tuple[str, ...]:
    """Where there are records in a folder of data sets that `look` has not read.

    Args:
        location: of the shards.
        seen: what `look` found there.

    Returns:
        Folders that are no data sets, or not where data sets are expected; of those that were looked into
        the files that are no shards, such as what a killed run has left. Sorted.
    """
    folders, unseen = {each.folder for each in seen}, set[str]()
    try:
        found = [storage.join(location, name) for name, _ in storage.find(location)]
    except (InputError, OSError):
        return (location,)
    for path in found:
        folder, _, file = path.rpartition("/")
        if _RECORDS in file and folder not in folders:
            unseen.add(folder)
        elif _RECORDS in file and not dataset_folder.parse_shard(file):
            unseen.add(path)
    return tuple(sorted(unseen))


def _look(folder: str, asked: Asked, faces: str, progress: Progress) -> HoldingDataSet:
    """One data set; where something in it cannot be read, with the reason alone."""
    try:
        return _read(folder, asked, faces, progress)
    except (InputError, OSError) as error:
        return _unread(folder, error)


def _unread(folder: str, error: Exception) -> HoldingDataSet:
    return HoldingDataSet(folder, {}, 0, False, 0, False, _UNREAD, None, reason_of(error))


def _shards(folder: str) -> int:
    """How many a data set has; none where that cannot be seen, which `_read` tells."""
    try:
        return len(dataset_folder.shards_in(folder))
    except (InputError, OSError):
        return 0


def _read(folder: str, asked: Asked, faces: str, progress: Progress) -> HoldingDataSet:
    described = manifest.read(folder, dataset_folder.MANIFEST)
    if described is None:
        raise InputError(f"{folder}: its {dataset_folder.MANIFEST} is gone")
    compression = str(described["options"].get("compression", "none"))
    splits, unreadable = Counter[str](), 0
    for shard in sorted(dataset_folder.shards_in(folder)):
        shown, damaged = _count(storage.join(folder, shard.name), shard, compression, asked)
        splits[shard.split] += shown
        unreadable += damaged
        progress.advance(1)
    return HoldingDataSet(
        folder=folder,
        splits={split: count for split, count in splits.items() if count},
        targets=_targets(folder, asked),
        named=_named_in(described, asked),
        unreadable=unreadable,
        spool=storage.exists(storage.join(folder, _SPOOL)),
        rebuild=_rebuild(folder, described, faces),
        fingerprint=_fingerprint(folder),
    )


def _count(location: str, shard: Shard, compression: str, asked: Asked) -> tuple[int, int]:
    """How many records of a shard show one of the people, and how many are damaged."""
    if shard.data_set not in records.EXAMPLES:
        raise InputError(f"{location}: of a data set that this faceprep does not know")
    roles = records.faces_of(records.EXAMPLES[shard.data_set])
    shown = damaged = 0
    for record in shard_file.read_records(location, compression):
        try:
            values = shard_file.values(record, shard.data_set)
        except ValueError:
            damaged += 1
            continue
        shown += any(asked(values[f"{role}/identity"]) for role in roles)
    return shown, damaged


def _targets(folder: str, asked: Asked) -> int:
    """How many of them the copy of the targets names; a person with a single face is in no record."""
    found = targets.read_targets(storage.join(folder, dataset_folder.TARGETS))
    return len(set(filter(asked, found.rows["identity"].to_pylist()))) if found else 0


def _named_in(described: Mapping[str, Any], asked: Asked) -> bool:
    """Whether a folder in the path of a picture in conflict, which `shard.json` names, is theirs."""
    return any(
        asked(step)
        for keys in described.get("conflicts") or ()
        for key in keys
        for step in key.split("/")
    )


def _rebuild(folder: str, described: Mapping[str, Any], faces: str) -> str:
    """The command that makes it anew, without the people."""
    name = str(described.get("data_set"))
    if name == "cfp":
        return _NOT_WITHOUT
    if name not in _OPTIONS:
        return _UNKNOWN
    root = folder.rpartition("/")[0].rpartition("/")[0] or "."
    words = ["faceprep", "shard", name, faces, "--out", root, "--overwrite"]
    usual = {each.name: each.default for each in dataclasses.fields(_OPTIONS[name])}
    told = described["options"].items()
    return shlex.join([*words, *flags({each: to for each, to in told if usual.get(each) != to})])


def _fingerprint(folder: str) -> str | None:
    """By which runs know it; None where it is not finished."""
    try:
        return dataset_folder.fingerprint(folder)
    except OSError:
        return None
