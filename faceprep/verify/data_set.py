"""One data set: what its folder should hold, and what its shards must be to each other."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep import dataset_folder, storage
from faceprep.dataset_folder import FEATURES, INFO, MANIFEST, TARGETS, Shard
from faceprep.errors import InputError
from faceprep.verify import rules, target_file
from faceprep.verify.keys import Keys, repeated
from faceprep.verify.shards import ShardTask, check_shard

if TYPE_CHECKING:
    from faceprep.dataset_folder import Split
    from faceprep.targets import Targets
    from faceprep.verify.description import DataSet
    from faceprep.verify.fault import FaultLog
    from faceprep.verify.shards import ShardReport
    from faceprep.verify.target_file import Owner

_UNFINISHED = "unfinished: go on with the 'faceprep shard' command that began it"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something was seen first; `group` as `rules.group` has it."""

    group: str
    file: str
    record: int

    def __str__(self) -> str:
        return f"record {self.record} of {self.file}"


@dataclass(frozen=True, slots=True)
class _Found:
    """What is remembered of a shard: see `ShardReport`."""

    records: int
    payload_bytes: int
    whole: bool


class DataSetCheck:
    """The check of one version folder: make it, `take` what workers report of its tasks, `finish` it.

    Args:
        folder: its location.
        described: what its shard.json says.
        faults: where to note what is wrong.

    Attributes:
        name: of the data set.
        tasks: one for each shard.
        work: what a worker does with one of them.
    """

    work = staticmethod(check_shard)

    def __init__(self, folder: str, described: DataSet, faults: FaultLog) -> None:
        self.name = described.data_set
        self._folder, self._described, self._faults = folder, described, faults
        if not described.finished:
            faults.add(self._at(MANIFEST), None, _UNFINISHED)
        self._splits = self._read_splits()
        self._check_features()
        targets = self._sound_targets() if self.name == "pairs" else None
        self.tasks = [self._task(shard, targets) for shard in self._readable_shards()]
        self._found: dict[Shard, _Found] = {}
        self._keys: list[Keys] = []
        self._identities: dict[str, _Place] = {}
        self._twice: set[tuple[str, str]] = set()
        self._target_images: dict[Owner, tuple[int, _Place]] = {}

    def take(self, task: ShardTask, report: ShardReport) -> None:
        """Merge what is known of one shard; to be called in the order of `tasks`."""
        self._faults.take(report.faults)
        self._found[task.shard] = _Found(report.records, report.payload_bytes, report.whole)
        self._keys.append(report.keys)
        group = rules.group(self.name, task.shard.split)
        for identity, record in report.identities.items():
            self._compare_group(identity, _Place(group, task.location, record))
        for owner, image in report.target_images.items():
            self._compare_target(owner, image.hash, _Place(group, task.location, image.record))

    def finish(self) -> None:
        """Say what is wrong with all of them together."""
        for split in (self._splits or {}).values():
            self._compare_lengths(split)
        for twice in repeated(self._keys):
            self._faults.add(twice.file, twice.record, f"has the key of {twice.first}")

    def _at(self, name: str) -> str:
        return storage.join(self._folder, name)

    def _task(self, shard: Shard, targets: Targets | None) -> ShardTask:
        described = self._described
        return ShardTask(
            location=self._at(shard.name),
            shard=shard,
            image=described.image,
            compression=described.compression,
            per=None if targets is None else targets.options.get("per"),
            targets=None if targets is None else self._at(TARGETS),
            sha256=described.sha256.get(shard.name),
        )

    def _is_there(self, name: str) -> bool:
        """Whether the file is there; in a finished data set it should be."""
        there = storage.exists(self._at(name))
        if not there and self._described.finished:
            self._faults.add(self._at(name), None, "missing")
        return there

    def _read_splits(self) -> dict[str, Split] | None:
        if not self._is_there(INFO):
            return None
        try:
            splits = dataset_folder.read_splits(self._folder)
        except InputError as error:
            self._faults.add_error(self._at(INFO), error)
            return None
        self._compare_bytes(INFO, dataset_folder.info(self.name, splits))
        return splits

    def _check_features(self) -> None:
        if self._is_there(FEATURES):
            expected = dataset_folder.feature_tree(self.name, self._described.image)
            self._compare_bytes(FEATURES, expected)

    def _compare_bytes(self, name: str, expected: bytes) -> None:
        try:
            found = storage.read_bytes(self._at(name))
        except OSError as error:
            self._faults.add(self._at(name), None, f"cannot be read: {error.strerror or error}")
            return
        if found != expected:
            line = _common_lines(found, expected) + 1
            self._faults.add(
                self._at(name), None, f"not as faceprep writes it, from line {line} on"
            )

    def _sound_targets(self) -> Targets | None:
        if not self._is_there(TARGETS):
            return None
        location = self._at(TARGETS)
        try:
            found = target_file.read_sound(location)
            written = hashlib.sha256(storage.read_bytes(location)).hexdigest()
        except (InputError, OSError) as error:
            self._faults.add_error(location, error)
            return None
        if self._described.targets not in (None, written):
            what = f"not the targets that the data set was made with: {MANIFEST} has other ones"
            self._faults.add(location, None, what)
        return found

    def _readable_shards(self) -> list[Shard]:
        """Those that are there and called for; the others are noted."""
        there = dataset_folder.shards_in(self._folder)
        called_for = self._called_for(there)
        for shard in sorted(there - called_for, key=_name):
            self._faults.add(self._at(shard.name), None, "no shard of this data set")
        if self._described.finished:
            for shard in sorted(called_for - there, key=_name):
                self._faults.add(self._at(shard.name), None, "missing")
        return sorted(there & called_for, key=_name)

    def _called_for(self, there: set[Shard]) -> set[Shard]:
        """By dataset_info.json; without it, by the number of shards in each one's name."""
        if self._splits is not None:
            splits = self._splits.values()
            return {shard for split in splits for shard in split.shards(self.name)}
        plans = {(s.split, s.total) for s in there if s.data_set == self.name}
        return {Shard(self.name, split, i, total) for split, total in plans for i in range(total)}

    def _compare_group(self, identity: str, here: _Place) -> None:
        first = self._identities.setdefault(identity, here)
        if first.group != here.group and (identity, here.group) not in self._twice:
            self._twice.add((identity, here.group))  # told once, not of each shard of the split
            what = f"{identity!r} is in {here.group} here, and in {first.group} in {first}"
            self._faults.add(here.file, here.record, what)

    def _compare_target(self, owner: Owner, hash_: int, here: _Place) -> None:
        known, first = self._target_images.setdefault(owner, (hash_, here))
        if known != hash_:
            what = f"target/image is another than that of {owner[0]!r} in {first}"
            self._faults.add(here.file, here.record, what)

    def _compare_lengths(self, split: Split) -> None:
        """Hold dataset_info.json against the shards that are whole.

        Where lengths differ, its number of bytes decides who is to blame.
        """
        shards = split.shards(self.name)
        found = [self._found.get(shard) for shard in shards]
        whole = [each for each in found if each and each.whole]
        complete = len(whole) == len(shards)
        total = sum(each.payload_bytes for each in whole)
        differ = False
        for shard, each, said in zip(shards, found, split.lengths, strict=True):
            if each and each.whole and each.records != said:
                differ = True
                self._add_length(shard, each.records, said, complete and total == split.bytes)
        if complete and not differ and total != split.bytes:
            what = f"says that split {split.name} has {split.bytes} bytes; its shards have {total}"
            self._faults.add(self._at(INFO), None, what)

    def _add_length(self, shard: Shard, records: int, said: int, info_is_wrong: bool) -> None:
        if info_is_wrong:
            what = f"says that {shard.name} has {said} records; it has {records}"
            self._faults.add(self._at(INFO), None, what)
        else:
            what = f"has {records} records; {INFO} says {said}"
            self._faults.add(self._at(shard.name), None, what)


def _name(shard: Shard) -> str:
    return shard.name


def _common_lines(first: bytes, second: bytes) -> int:
    """How many lines at the beginning are the same."""
    lines = list(zip(first.splitlines(), second.splitlines(), strict=False))
    return next((n for n, (one, other) in enumerate(lines) if one != other), len(lines))
