"""What `faceprep extract` tells of a run."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from faceprep.array_task import ArrayTask
    from faceprep.parts import Counts


@dataclass(frozen=True)
class ExtractSummary:
    """What a run did, and what `faces/` holds after it.

    Attributes:
        counts: of everything in the folder; of a task of an array, of its parts alone.
        layout: of the source, as recognised or given.
        total: of everything in the folder; None as long as parts are to be done.
        identities: people in the source.
        processed: images done in this run.
        seconds: what that took, start of the workers included.
        workers: processes at work.
        cores: that these can use at most.
        parts: how many there are, other tasks' included.
        unfinished: how many of them are still to do, by other tasks.
        skipped: reason to number of files that were not taken for images.
        task: of an array job, if it is one.
    """

    counts: Counts
    total: Counts | None
    layout: str
    identities: int
    processed: int
    seconds: float
    workers: int
    cores: int
    parts: int
    unfinished: int
    skipped: dict[str, int]
    task: ArrayTask | None

    @property
    def images_per_second(self) -> float:
        """Images done in this run per second of it."""
        return self.processed / self.seconds if self.seconds else 0.0

    def as_json(self) -> dict[str, Any]:
        """One flat object, as `--json` prints it."""
        rate = self.images_per_second
        return {
            **dataclasses.asdict(self.counts),
            "rejected": self.counts.rejected,
            "layout": self.layout,
            "identities": self.identities,
            "skipped": self.skipped,
            "task": str(self.task) if self.task else None,
            "parts": self.parts,
            "parts_unfinished": self.unfinished,
            "processed": self.processed,
            "seconds": round(self.seconds, 3),
            "workers": self.workers,
            "images_per_second": round(rate, 2),
            "images_per_core_second": round(rate / max(self.cores, 1), 2),
        }
