"""What came of a soak, in figures."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.soak.watch import HELPER, PARENT, WORKER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.soak.accounts import Check, Tally
    from tests.soak.catalogue import Size
    from tests.soak.running import Run
    from tests.soak.stages import Stage


@dataclass(frozen=True)
class Soak:
    """All that is known when everything has been done.

    Attributes:
        size: of the data set.
        pictures: different ones in it.
        source: what they are, in words.
        workers: of each command.
        stages: what was done.
        runs: stage to its runs, in their order; the last one finished.
        tally: what the parts hold.
        checks: what had to agree.
        sizes: what to bytes.
        machine: name to value.
        versions: package to version.
    """

    size: Size
    pictures: int
    source: str
    workers: int
    stages: Sequence[Stage]
    runs: Mapping[str, Sequence[Run]]
    tally: Tally
    checks: Sequence[Check]
    sizes: Mapping[str, int]
    machine: Mapping[str, str]
    versions: Mapping[str, str]

    def items(self, stage: Stage) -> int:
        """How many things a stage had to do, of the kind that it counts."""
        tally = self.tally
        return {"images": tally.rows, "faces": tally.faces, "records": tally.records}[stage.unit]

    @property
    def seconds(self) -> float:
        """Of all commands, kills and resumes included."""
        return sum(map(self.seconds_of, self.runs))

    def seconds_of(self, stage: str) -> float:
        """Of all runs of a stage."""
        return sum(run.seconds for run in self.runs[stage])

    def cpu_of(self, stage: str) -> float:
        """Processor time of all processes of a stage, seconds."""
        return sum(usage.cpu for run in self.runs[stage] for usage in run.usage)

    def peak(self, *roles: str, what: str = "rss", stage: str | None = None) -> int:
        """The most that one process of these roles held, bytes."""
        runs = self.runs[stage] if stage else [run for runs in self.runs.values() for run in runs]
        used = [usage for run in runs for usage in run.usage if usage.role in roles]
        return max((getattr(usage, what) for usage in used), default=0)

    @property
    def disk(self) -> int:
        """The most that faces, spool and shards held at once, bytes."""
        return max(run.disk for runs in self.runs.values() for run in runs)


def as_json(soak: Soak) -> dict[str, Any]:
    """The figures, by name."""
    everything = (PARENT, WORKER, HELPER)
    return {
        **{name: getattr(soak, name) for name in ("pictures", "source", "workers", "sizes")},
        "machine": {**soak.machine, **soak.versions},
        "size": dataclasses.asdict(soak.size),
        "tally": dataclasses.asdict(soak.tally),
        "checks": [dataclasses.asdict(check) for check in soak.checks],
        "runs": {stage: [run.as_json() for run in runs] for stage, runs in soak.runs.items()},
        "seconds": {stage: round(soak.seconds_of(stage), 1) for stage in soak.runs},
        "cpu_seconds": {stage: round(soak.cpu_of(stage), 1) for stage in soak.runs},
        "peak_rss": {role: soak.peak(role) for role in everything},
        "peak_disk": soak.disk,
    }
