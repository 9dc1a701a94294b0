"""What `faceprep forget` tells: what was removed, and where the people still are."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class HoldingDataSet:
    """A data set that has people in it who are to be forgotten.

    Attributes:
        folder: its version folder.
        splits: split to the number of its records that show one of them.
        targets: how many of them its copy of `targets.parquet` names.
        named: whether `shard.json` names a picture of theirs.
        unreadable: records that are damaged, so that nobody knows whom they show.
        spool: whether crops lie about that a killed run has left, and nobody knows whose they are.
        rebuild: what to do about it: a command, or words where there is none.
        fingerprint: of what it says of itself, by which runs know it; None while it is unfinished.
        fault: why it could not be looked into; None where it could.
    """

    folder: str
    splits: Mapping[str, int]
    targets: int
    named: bool
    unreadable: int
    spool: bool
    rebuild: str
    fingerprint: str | None
    fault: str | None = None

    @property
    def holds(self) -> bool:
        """Whether there is anything of them in it, or may be."""
        found = self.splits or self.targets or self.named or self.unreadable or self.spool
        return bool(found or self.fault)


@dataclass(frozen=True)
class HoldingRun:
    """A run of training that has learnt from such people, or may have.

    Attributes:
        folder: of the run.
        people: split to how many of them were in it, where the run says; None where it does not.
        records: split to the number of records that showed them, from the data set; None where the
            data set is not there any more as it was.
        words: what is known, in words.
    """

    folder: str
    people: Mapping[str, int] | None
    records: Mapping[str, int] | None
    words: str


@dataclass(frozen=True)
class ForgetSummary:
    """What was removed, and where the people still are.

    Attributes:
        folder: of the faces.
        people: removed from it, or to be removed.
        before: others on its list, removed earlier or never there.
        images: whose rows go; of a run that goes on after a kill, those that were left.
        faces: in these.
        parts: that hold them.
        others: files in the folder that are not faceprep's, which nobody has looked into.
        data_sets: every data set that was found; None where there is no folder of shards.
        runs: that have learnt from them, or may have; None where there is no folder of runs.
        dry_run: nothing was changed.
        unseen: folders and files with records in the folder of shards that nobody has looked into.
    """

    folder: str
    people: int
    before: int
    images: int
    faces: int
    parts: int
    others: tuple[str, ...]
    data_sets: tuple[HoldingDataSet, ...] | None
    runs: tuple[HoldingRun, ...] | None
    dry_run: bool
    unseen: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """One object, as `--json` prints it; of the data sets those that hold somebody."""
        held = None if self.data_sets is None else [each for each in self.data_sets if each.holds]
        facts = dataclasses.asdict(dataclasses.replace(self, data_sets=None))
        return {**facts, "data_sets": None if held is None else list(map(dataclasses.asdict, held))}


def reason_of(error: Exception) -> str:
    """What an error says was wrong, without what it says to do about it: that is for another command."""
    words = str(error)
    return words.rpartition("; ")[0] or words
