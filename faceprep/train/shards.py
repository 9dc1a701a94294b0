"""Where the shards to train on are, and whether they are of the right kind and whole. Light."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faceprep import dataset_folder, manifest, records, storage, tfrecord
from faceprep.dataset_folder import IMAGE_FORMATS, INFO, MANIFEST, ImageForm, one_of
from faceprep.errors import InputError, UsageError
from faceprep.train.staging import local_copy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from faceprep.dataset_folder import Split

TRAIN, VALIDATION, TEST = "train", "validation", "test"

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_DAMAGED = "'faceprep verify' tells more; 'faceprep shard' with --overwrite makes them anew"


@dataclass(frozen=True)
class TrainingShards:
    """A finished data set on the local disk.

    Attributes:
        folder: its version folder, for instance `shards/pairs/1.0.0`.
        location: the same, or the URL that it is a copy of.
        data_set: its name, one of `records.EXAMPLES`.
        splits: by name.
        compression: one of `tfrecord.COMPRESSIONS`.
        image: what its images are.
        fingerprint: SHA-256 (hexadecimal) of what it says of itself: of its content, not of its place.
        extract: the options that its faces were extracted with; empty where it does not say.
        groups: splits that stand for several of these, for instance train for ff01 and ff02.
    """

    folder: str
    location: str
    data_set: str
    splits: Mapping[str, Split]
    compression: str
    image: ImageForm
    fingerprint: str
    extract: Mapping[str, Any]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def members(self, split: str) -> list[Split]:
        """What a split is made of: itself, or those that it stands for; none if it is not there."""
        names = self.groups.get(split, (split,))
        return [self.splits[name] for name in names if name in self.splits]

    def files(self, split: str) -> list[str]:
        """The shards of a split, in order; none for a split that is not there."""
        return [
            storage.join(self.folder, shard.name)
            for member in self.members(split)
            for shard in member.shards(self.data_set)
        ]

    def examples(self, split: str) -> int:
        """Records of a split; 0 for one that is not there."""
        return sum(member.examples for member in self.members(split))

    def bytes(self, split: str) -> int:
        """Of all examples of a split, without their frames."""
        return sum(member.bytes for member in self.members(split))

    def grouped(self, groups: Mapping[str, Sequence[str]]) -> TrainingShards:
        """The same data set with further splits, each of which stands for several of its own."""
        return replace(self, groups={name: tuple(names) for name, names in groups.items()})


def open_shards(
    location: str,
    data_set: str = "pairs",
    *,
    needed: Sequence[str] = (TRAIN, VALIDATION),
    bar: bool = False,
) -> TrainingShards:
    """Find a data set, copy it to the local disk if it is behind a URL, and look whether it can be used.

    Args:
        location: the version folder, the folder of its versions, of which the highest is taken, or the
            folder above that, such as `shards`.
        data_set: the kind that is wanted, one of `records.EXAMPLES`.
        needed: splits that must have records.
        bar: show a progress bar while copying; log lines otherwise.

    Raises:
        UsageError: `location` is empty.
        InputError: nothing there, another kind, unfinished, a shard missing or cut off, no records.
        StorageError: no space for the copy.
    """
    if not location:
        raise UsageError("SHARDS is empty; give the folder that 'faceprep shard' has written")
    try:
        folder = _version_folder(location, data_set)
    except OSError as error:
        raise InputError(f"{location}: cannot be read: {error.strerror or error}") from None
    if storage.is_url(folder):
        _described(folder, data_set)  # before anything is copied
        shards = replace(_opened(local_copy(folder, bar=bar), data_set), location=folder)
    else:
        shards = _opened(folder, data_set)
    for split in shards.splits:
        _check_files(shards, split)
    for split in needed:
        _check_records(shards, split)
    return shards


def _version_folder(location: str, data_set: str) -> str:
    """Go down to where shard.json is."""
    names = storage.names(location)
    if not {MANIFEST, INFO}.isdisjoint(names) or any(map(dataset_folder.parse_shard, names)):
        return location
    if versions := [name for name in names if _VERSION.fullmatch(name)]:
        return storage.join(location, max(versions, key=_numbers))
    if data_set in names:
        return _version_folder(storage.join(location, data_set), data_set)
    if others := [name for name in names if name in records.EXAMPLES]:
        raise InputError(f"{location}: has shards of {_kind(others[0])}; {_wanted(data_set)}")
    what = "no shards in it" if storage.exists(location) else "no such folder"
    raise InputError(f"{location}: {what}; {_wanted(data_set)}")


_CUT = ("detector", "align", "size", "margin")
"""Options of extract that decide what a crop shows, not where faces are from or how they are stored."""


def cut_otherwise(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """In what two sets of crops differ, in words; nothing where they were cut out alike, or nothing is known.

    Args:
        one: the options that its faces were extracted with, as `TrainingShards.extract` has them.
        other: likewise.
    """
    return [
        f"{name} {one[name]} and {other[name]}"
        for name in _CUT
        if name in one and name in other and one[name] != other[name]
    ]


def data_sets_at(location: str) -> list[str]:
    """The data sets in a folder: the one it is of, or those below it; none where it has no shards."""
    found = manifest.read(location, MANIFEST) if MANIFEST in storage.names(location) else None
    if found is not None:
        return [str(found.get("data_set"))]
    names = storage.names(location)
    if versions := [name for name in names if _VERSION.fullmatch(name)]:
        return data_sets_at(storage.join(location, max(versions, key=_numbers)))
    return [name for name in records.EXAMPLES if name in names]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _kind(data_set: str) -> str:
    """A data set, and what its examples are."""
    line = (records.EXAMPLES[data_set].__doc__ or "").partition("\n")[0].rstrip(".")
    return f"the kind {data_set} ({line[:1].lower()}{line[1:]})"


def _wanted(data_set: str) -> str:
    return f"wanted are those of {_kind(data_set)}: make them with 'faceprep shard {data_set}'"


def _described(folder: str, data_set: str) -> dict[str, Any]:
    """What shard.json says. Raises InputError: missing, of another kind or format, unfinished."""
    found = dataset_folder.read_finished(folder)
    kind = found.get("data_set")
    if kind != data_set:
        name = _kind(kind) if kind in records.EXAMPLES else repr(kind)
        raise InputError(f"{folder}: has shards of {name}; {_wanted(data_set)}")
    return found


def _opened(folder: str, data_set: str) -> TrainingShards:
    found = _described(folder, data_set)
    splits = dataset_folder.read_splits(folder)
    try:
        size, form = (
            int(found["image"]["size"]),
            one_of(IMAGE_FORMATS.values(), found["image"]["format"]),
        )
        compression = one_of(tfrecord.COMPRESSIONS, found["options"]["compression"])
        extract = dict(found.get("extract") or {})
    except (KeyError, TypeError, ValueError) as error:
        location = storage.join(folder, MANIFEST)
        raise InputError(f"{location}: not as faceprep writes it ({error}); {_DAMAGED}") from None
    return TrainingShards(
        folder=folder,
        location=folder,
        data_set=data_set,
        splits=splits,
        compression=compression,
        image=ImageForm(size, form),
        fingerprint=dataset_folder.fingerprint(folder),
        extract=extract,
    )


def _check_files(shards: TrainingShards, split: str) -> None:
    """Find shards that are missing or cut off, by their sizes alone."""
    found, files = 0, shards.files(split)
    lengths = shards.splits[split].lengths
    for file, length in zip(files, lengths, strict=True):
        path = Path(file)
        size = path.stat().st_size if path.is_file() else -1
        if size < 0 or (length and not size):
            raise InputError(f"{file}: {'missing' if size < 0 else 'empty'}; {_DAMAGED}")
        found += size
    expected = shards.splits[split].bytes + tfrecord.FRAME_BYTES * shards.examples(split)
    if shards.compression == "none" and found != expected:
        where = files[0] if len(files) == 1 else f"{shards.folder}: split {split}"
        raise InputError(f"{where}: {found:,} bytes long, but {INFO} says {expected:,}; {_DAMAGED}")


def _check_records(shards: TrainingShards, split: str) -> None:
    if shards.examples(split):
        return
    sizes = [f"{name} {each.examples:,}" for name, each in shards.splits.items()]
    raise InputError(
        f"{shards.folder}: its split {split} has no records (there are: {', '.join(sizes) or 'none'}); "
        f"give it people with 'faceprep shard {shards.data_set} --split' and --overwrite"
    )
