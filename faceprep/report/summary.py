"""What `faceprep report` tells of a run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class ReportSummary:
    """What a page shows, and of how much.

    Attributes:
        path: of the page.
        bytes: its size.
        people: shown; where each clip has a target of its own, clips of people.
        people_in_all: shown or not.
        faces: shown with their person.
        faces_in_all: shown or not.
        data_sets: those that are shown, by name.
        notes: what is not shown, and why.
        seconds: what it took.
    """

    path: str
    bytes: int
    people: int
    people_in_all: int
    faces: int
    faces_in_all: int
    data_sets: tuple[str, ...]
    notes: tuple[str, ...]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """One object, as `--json` prints it."""
        return {**asdict(self), "seconds": round(self.seconds, 3)}
