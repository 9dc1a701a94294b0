"""What the soak has done so far, in a file, so that one that was killed goes on where it was."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.soak.catalogue import Size
from tests.soak.running import FINISHED, Run, SoakError

if TYPE_CHECKING:
    from pathlib import Path

_NAME = "state.json"


@dataclass
class Ledger:
    """The state of a soak.

    Attributes:
        folder: of the soak.
        size: of its data set.
        workers: of each command.
        runs: stage to its runs, in their order; all but the last were killed.
    """

    folder: Path
    size: Size
    workers: int
    runs: dict[str, list[Run]] = field(default_factory=dict)

    def begin(self, stage: str) -> None:
        """Note that another run of a stage begins."""
        self.runs.setdefault(stage, []).append(Run())
        self.write()

    def tell(self, stage: str, run: Run) -> None:
        """Note how far the last run of a stage is."""
        self.runs[stage][-1] = run
        self.write()

    def finished(self, stage: str) -> Run | None:
        """The run that finished a stage; None before there is one."""
        runs = self.runs.get(stage, [])
        return next((run for run in runs if run.ended == FINISHED), None)

    def write(self) -> None:
        """Store it, whole or not at all."""
        runs = {stage: [run.as_json() for run in runs] for stage, runs in self.runs.items()}
        content = {"size": dataclasses.asdict(self.size), "workers": self.workers, "runs": runs}
        begun = self.folder / f"{_NAME}.begun"
        begun.write_text(json.dumps(content, indent=1) + "\n")
        begun.replace(self.folder / _NAME)


def open_ledger(folder: Path, size: Size, workers: int) -> Ledger:
    """The ledger of a folder, begun or new.

    Raises:
        SoakError: the folder holds a soak of another size, or with another number of workers.
    """
    path = folder / _NAME
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        return Ledger(folder, size, workers)
    content = json.loads(path.read_text())
    runs = {stage: list(map(Run.from_json, runs)) for stage, runs in content["runs"].items()}
    found = Ledger(folder, Size(**content["size"]), content["workers"], runs)
    if (found.size, found.workers) != (size, workers):
        raise SoakError(
            f"{folder}: holds a soak of {found.size.images:,} images with {found.workers} workers; "
            "delete it, or choose another --dir"
        )
    return found
