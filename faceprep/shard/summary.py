"""What `faceprep shard` tells of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faceprep.dataset_folder import Split


@dataclass(frozen=True)
class ShardSummary:
    """What a data set holds, and what the run did.

    Attributes:
        data_set: its name.
        folder: where it is.
        splits: what is in each.
        identities: people in it.
        counts: what was left out, and why.
        written: records written in this run.
        seconds: what that took, start of the workers included.
        workers: processes at work.
        sha256: file to digest, of compressed shards.
    """

    data_set: str
    folder: str
    splits: tuple[Split, ...]
    identities: int
    counts: Mapping[str, int]
    written: int
    seconds: float
    workers: int
    sha256: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """One object, as `--json` prints it."""
        return {
            "data_set": self.data_set,
            "folder": self.folder,
            "records": sum(split.examples for split in self.splits),
            "bytes": sum(split.bytes for split in self.splits),
            "identities": self.identities,
            "splits": {split.name: split.examples for split in self.splits},
            "shards": {split.name: len(split.lengths) for split in self.splits},
            **self.counts,
            "written": self.written,
            "seconds": round(self.seconds, 3),
            "workers": self.workers,
            "records_per_second": round(self.written / self.seconds, 1) if self.written else 0.0,
        }
