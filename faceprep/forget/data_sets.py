"""In which data sets people are: every record is read. Nothing is changed."""

from __future__ import annotations

import hashlib
import shlex
from collections import Counter
from typing import TYPE_CHECKING, Any

from faceprep import dataset_folder, manifest, records, shard_file, storage, targets
from faceprep.errors import InputError
from faceprep.forget.summary import HoldingDataSet
from faceprep.options import flag
from faceprep.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from faceprep.dataset_folder import Shard

    Asked = Callable[[str], bool]

_SPOOL = ".spool"
"""Where `faceprep shard` lays out crops while it writes, below the data set."""

_AS_EVER = ("none", "all")
"""Values of options that need not be given again."""

_NOT_WITHOUT = (
    "delete the folder: the published protocol has pairs of them, and cannot be made without"
)


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
        All data sets, those without them too; None where there is no such folder.

    Raises:
        InputError: a manifest or a shard cannot be read.
    """
    if not storage.exists(location):
        return None
    try:
        below = dataset_folder.version_folders(location, storage.names(location))
    except OSError as error:
        raise InputError(f"{location}: cannot be read ({error.strerror or error})") from None
    folders = [storage.join(location, each).rstrip("/") for each in below]
    shards = {folder: sorted(dataset_folder.shards_in(folder)) for folder in folders}
    with Progress(sum(map(len, shards.values())), bar=bar, unit="shards") as progress:
        return tuple(_look(folder, shards[folder], asked, faces, progress) for folder in folders)


def _look(
    folder: str, shards: Sequence[Shard], asked: Asked, faces: str, progress: Progress
) -> HoldingDataSet:
    described = manifest.read(folder, dataset_folder.MANIFEST) or {}
    compression = str(described["options"].get("compression", "none"))
    splits, unreadable = Counter[str](), 0
    for shard in shards:
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
    root = folder.rpartition("/")[0].rpartition("/")[0] or "."
    words = ["faceprep", "shard", name, faces, "--out", root, "--overwrite"]
    for option, value in described["options"].items():
        if value and value not in _AS_EVER:
            words += [flag(option)] if value is True else [flag(option), str(value)]
    return shlex.join(words)


def _fingerprint(folder: str) -> str | None:
    """As `train.shards` has it."""
    names = (dataset_folder.MANIFEST, dataset_folder.INFO)
    try:
        contents = [storage.read_bytes(storage.join(folder, name)) for name in names]
    except OSError:
        return None
    return hashlib.sha256(b"\0".join(contents)).hexdigest()
