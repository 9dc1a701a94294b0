"""What `faceprep status` found, as lines for people and as JSON for programs."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from faceprep.past_runs import RUNNING, Run, summed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from faceprep.status.tasks import Task

_SHOWN = 8  # of runs that have ended, of failures, of tasks; JSON has them all


@dataclass(frozen=True)
class Next:
    """What comes next.

    Attributes:
        command: for a shell in the present folder.
        host: of the machine that it is for, where that is another one than this.
    """

    command: str
    host: str | None = None


@dataclass(frozen=True)
class FolderStatus:
    """How far one folder is.

    Attributes:
        path: of the folder.
        what: that is made in it: `faces`, or the name of a data set.
        stage: that makes it.
        finished: whether all is there, its manifest's counts included.
        files: parts or shards that are there.
        planned: how many there will be; None when nothing tells.
        failed: names of parts that ended their worker, and are not there.
        unit: what `done` and `total` count.
        done: images or records in the files that are there.
        total: all of them; None when nothing tells.
        counts: what came of them, for instance `faces`, and each reject status, by name.
        counted: how many `counts` tells of: fewer than are done when it comes from runs that were killed.
        runs: that have worked here, in the order of their beginning.
        selecting: runs that choose targets from it now.
        tasks: of the last array job, if there was one.
        targets: `chosen`, `not chosen`, `being chosen` or `of other faces`; None where
            there are none to choose.
        noted: what the manifest says of all runs together, where they themselves are no longer known.
        worst: the part with the largest share of rejects, as the manifest has it.
        forgetting: whether people are being forgotten in it; others refuse the folder until that is done.
    """

    path: str
    what: str
    stage: str
    finished: bool
    files: int
    planned: int | None
    unit: str
    done: int
    total: int | None
    failed: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    counted: int = 0
    runs: tuple[Run, ...] = ()
    selecting: tuple[Run, ...] = ()
    tasks: tuple[Task, ...] = ()
    targets: str | None = None
    noted: Mapping[str, Any] = field(default_factory=dict)
    worst: Mapping[str, Any] | None = None
    forgetting: bool = False

    @property
    def so_far(self) -> Mapping[str, Any]:
        """What all runs have taken together, see `past_runs.summed`; empty where that is not known."""
        return summed(self.runs) or self.noted

    @property
    def state(self) -> str:
        """How it stands, in words."""
        if self.forgetting:
            return "people are being forgotten"
        return "finished" if self.finished else ("running" if self.running else "unfinished")

    @property
    def running(self) -> tuple[Run, ...]:
        """Those of the stage that are at work now."""
        return tuple(run for run in self.runs if run.state == RUNNING)

    @property
    def at_work(self) -> tuple[Run, ...]:
        """All that are at work in the folder now."""
        return *self.running, *self.selecting

    @property
    def behind(self) -> tuple[Task, ...]:
        """The tasks that have parts to do, and that nobody is at work on."""
        return tuple(task for task in self.tasks if task.missing and task.state != RUNNING)

    @property
    def rate(self) -> float:
        """Done per second now, by all runs that are at work."""
        return sum(run.rate for run in self.running)

    @property
    def seconds_left(self) -> int | None:
        """Until all is done, if it goes on like this; None when nothing is known of that."""
        if self.total is None or not self.rate:
            return None
        return round((self.total - self.done) / self.rate)

    def as_json(self) -> dict[str, Any]:
        """One object."""
        missing = None if self.planned is None else self.planned - self.files
        return {
            **{
                name: getattr(self, name)
                for name in ("path", "what", "stage", "finished", "forgetting")
            },
            "files": {"done": self.files, "planned": self.planned, "missing": missing},
            "failed": list(self.failed),
            "unit": self.unit,
            "done": self.done,
            "total": self.total,
            "counts": dict(self.counts),
            "counted": self.counted,
            "per_second": round(self.rate, 2),
            "seconds_left": self.seconds_left,
            "so_far": dict(self.so_far),
            "runs": [run.as_json() for run in self.runs],
            "selecting": [run.as_json() for run in self.selecting],
            "tasks": [dataclasses.asdict(task) for task in self.tasks],
            "targets": self.targets,
            "worst_part": self.worst,
        }

    def lines(self) -> Iterator[str]:
        """For people."""
        yield f"{self.path}: {self.what}, {self.state}"
        yield _row("parts" if self.stage == "extract" else "shards", self._files())
        yield _row(self.unit, self._share())
        for name, count in sorted(self.counts.items(), key=lambda c: (c[0] != "faces", c[0])):
            yield _row(name, f"{count:,}")
        if self.counts and self.counted < self.done:
            yield _row("", f"(of {self.counted:,} that runs have told of; --counts looks at all)")
        if self.worst:
            yield _row("worst", f"{self.worst['share']:.1%} of {self.worst['part']} rejected")
        yield from self._rates()
        yield from self._failures()
        yield from self._run_lines()
        yield from self._task_lines()
        if self.targets:
            yield _row("targets", self.targets)

    def _files(self) -> str:
        if self.planned is None:
            return f"{self.files:,} finished"
        rest = self.planned - self.files
        missing = (
            f", {rest:,} missing" if rest else ("" if self.finished else ", not yet summed up")
        )
        return f"{self.files:,} of {self.planned:,} finished{missing}"

    def _share(self) -> str:
        if not self.total:
            return f"{self.done:,}"
        return f"{self.done:,} of {self.total:,} ({self.done / self.total:.1%})"

    def _rates(self) -> Iterator[str]:
        if self.running:
            left = self.seconds_left
            time_left = "unknown time" if left is None else str(timedelta(seconds=left))
            yield _row("now", f"{self.rate:,.1f} {self.unit}/s, {time_left} left")
        if so_far := self.so_far:
            runs = _plural(so_far["runs"], "run")
            yield _row(
                "so far",
                f"{so_far['per_second']:,.1f} {self.unit}/s, {so_far['per_core_second']:,.1f} per "
                f"core-second, {_duration(so_far['busy_seconds'])} of work in {runs}",
            )

    def _failures(self) -> Iterator[str]:
        for name in self.failed[:_SHOWN]:
            yield _row("failed", name)
        if len(self.failed) > _SHOWN:
            yield _row("failed", f"and {len(self.failed) - _SHOWN:,} more")

    def _run_lines(self) -> Iterator[str]:
        now = time.time()
        at_rest = [run for run in self.runs if run.state != RUNNING]
        if len(at_rest) > _SHOWN:
            yield _row("runs", f"{len(at_rest) - _SHOWN:,} earlier ones")
        for run in (*at_rest[-_SHOWN:], *self.running):
            yield _row(f"run {run.task}" if run.task else "run", _run_words(run, now))
        for run in self.selecting:
            yield _row("select", _run_words(run, now))

    def _task_lines(self) -> Iterator[str]:
        if behind := self.behind:
            shown = [f"{each.index} ({each.state})" for each in behind]
            yield _row("tasks", f"{len(behind)} of {behind[0].array} to do: {_some(shown)}")


@dataclass(frozen=True)
class Status:
    """How far everything at a path is.

    Attributes:
        folders: what is there, in the order in which it is made.
        next: what does the remaining work; None while runs are at work.
    """

    folders: tuple[FolderStatus, ...]
    next: Next | None

    @property
    def to_start(self) -> tuple[Task, ...]:
        """Tasks that runs which are at work leave undone, and that nobody has begun or ended well."""
        waiting = () if self.next else self.folders
        return tuple(task for folder in waiting if folder.running for task in folder.behind)

    def as_json(self) -> dict[str, Any]:
        """One object, as `--json` prints it."""
        return {
            "finished": all(folder.finished for folder in self.folders),
            "running": sum(len(folder.at_work) for folder in self.folders),
            "folders": [folder.as_json() for folder in self.folders],
            "next": self.next.command if self.next else None,
            "next_host": self.next.host if self.next else None,
            "to_start": [task.task for task in self.to_start],
        }

    def as_lines(self) -> Iterator[str]:
        """For a terminal; what would move its cursor is escaped. The last line is what remains."""
        for folder in self.folders:
            yield from map(_printable, folder.lines())
        yield _printable(self._last_line())

    def _last_line(self) -> str:
        if self.next:
            where = f", on {self.next.host}" if self.next.host else ""
            return f"next{where}: {self.next.command}"
        at_work = sum(len(folder.at_work) for folder in self.folders)
        runs = f"{at_work} run{'s are' if at_work > 1 else ' is'} at work"
        if not (tasks := self.to_start):
            return f"nothing to do but wait: {runs}"
        which = f"task{'s' if len(tasks) > 1 else ''} {_some([task.index for task in tasks])}"
        return (
            f"next: start {which} of {tasks[0].array}, which nobody is at work on, unless the "
            f"job's own system does; {runs}"
        )


def _row(name: str, words: str) -> str:
    return f"  {name:<11} {words}"


def _run_words(run: Run, now: float) -> str:
    where = f"{run.state} on {run.host} (pid {run.pid}, {_plural(run.workers, 'worker')})"
    words = [where, f"{run.before + run.done:,} of {run.total:,} {run.unit}"]
    if run.state == RUNNING:
        words.append(f"{run.rate:,.1f}/s")
    heard = "heard of" if run.ended is None else "ended"
    words.append(f"{heard} {_duration(now - run.last)} ago")
    if run.failures:
        words.append(f"{_plural(run.failures, 'failure')} on the way")
    return ", ".join(words) + (f": {run.error}" if run.error else "")


def _some(words: Sequence[str]) -> str:
    return ", ".join([*words[:_SHOWN], *(["…"] if len(words) > _SHOWN else [])])


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _duration(seconds: float) -> str:
    return str(timedelta(seconds=max(0, round(seconds))))


def _printable(line: str) -> str:
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in line)
