"""What runs have said of themselves, read back: who, where, since when, how far, how fast, how it ended."""

from __future__ import annotations

import dataclasses
import json
import shlex
import socket
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, TypeVar

from faceprep import storage
from faceprep.array_task import parse_task
from faceprep.errors import FaceprepError, StorageError
from faceprep.log import LOG

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Item = TypeVar("Item")
Result = TypeVar("Result")

FOLDER = ".runs"
"""Where they say it: a hidden folder in the one that they fill."""

RUNNING, DONE, STOPPED, FAILED = "running", "done", "stopped", "failed"
GONE = "gone"
"""Of a run that says it is running, and has not been heard of for a while: killed, or its machine is."""

_SILENCE = 60.0  # seconds; a run that lives speaks four times as often
_LISTENING = 35.0  # seconds: somewhat more than from one word of a run that lives to its next
_READERS = 16  # of files behind a URL, each of which is a request
_TIMES = ("begun", "seen", "ended")


@dataclass(frozen=True)
class Run:
    """One run of a stage, as it last spoke of itself.

    Attributes:
        stage: that it is a run of, for instance `extract`.
        host: name of the machine.
        pid: of the process.
        task: of an array job, for instance `3/16`; None for a run on its own.
        workers: processes at work.
        cores: that these can use at most; what core-seconds are counted by.
        unit: what `total`, `before` and `done` count, in the plural.
        total: what there is to do for this run, what was done before it included.
        before: done by earlier runs.
        done: by this one.
        files: that will be there when all is done; None where the folder itself says.
        begun: seconds since the epoch, by the clock of its machine, as all times.
        seen: when it last spoke.
        ended: when it ended; None as long as it has not said so.
        state: `running`, `done`, `stopped` (by a signal), `failed`, or `gone` (see `now`).
        error: the line that it failed or was stopped with.
        rate: done per second, over the last minute.
        numbers: what came of it, for instance `faces` and each reject status, by name.
        failures: how often something went wrong that the run survived.
        failed: the first of these, in words.
        command: that began it, without what could be a secret; None when it was no command.
        cwd: the folder that the command was given in; None where that is not known.
        job: its coordinates, as in the log.
    """

    stage: str
    host: str
    pid: int
    task: str | None
    workers: int
    cores: int
    unit: str
    total: int
    before: int
    done: int
    files: int | None
    begun: float
    seen: float
    ended: float | None = None
    state: str = RUNNING
    error: str | None = None
    rate: float = 0.0
    numbers: Mapping[str, int] = field(default_factory=dict)
    failures: int = 0
    failed: Sequence[str] = ()
    command: str | None = None
    cwd: str | None = None
    job: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """How long it has been at work, as far as is known."""
        return max(0.0, self.last - self.begun)

    @property
    def last(self) -> float:
        """When it ended, or was last heard of; seconds since the epoch."""
        return self.seen if self.ended is None else self.ended

    @property
    def left(self) -> int:
        """What it had still to do."""
        return max(0, self.total - self.before - self.done)

    def now(self, seen: float, clock: float) -> Run:
        """The same as it is to be taken: one that has fallen silent is gone.

        Args:
            seen: when its file was last written, seconds since the epoch, by the clock of the storage:
                those of two machines may differ.
            clock: what time it is.
        """
        silent = self.state == RUNNING and clock - seen > _SILENCE
        return dataclasses.replace(self, state=GONE) if silent else self

    def as_json(self) -> dict[str, Any]:
        """One object, times as RFC 3339 has them."""
        facts = dataclasses.asdict(self)
        return facts | {name: as_text(facts[name]) for name in _TIMES}


def as_text(moment: float | None) -> str | None:
    """A time as RFC 3339 has it, in UTC; None for None."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, timezone.utc).isoformat(timespec="milliseconds")


def parse(content: bytes) -> Run:
    """The reverse of `Run.as_json`, as bytes. Raises ValueError for anything else."""
    try:
        facts = json.loads(content)
        known = {
            each.name: facts[each.name] for each in dataclasses.fields(Run) if each.name in facts
        }
        times = {name: _moment(facts[name]) for name in _TIMES}
        run = Run(**known | times)
        run.seconds, run.left, run.rate + sum(run.numbers.values()), run.job.items()
        shlex.split(run.command or ""), run.host + run.state + (run.cwd or "")
        if run.task is not None:
            parse_task(run.task)
    except (KeyError, TypeError, AttributeError, FaceprepError) as error:
        raise ValueError(f"not what a run says of itself ({error})") from None
    return run


def _moment(text: str | None) -> float | None:
    return None if text is None else datetime.fromisoformat(text).timestamp()


def read(folder: str) -> list[Run]:
    """The runs that have worked in a folder, in the order of their beginning.

    What cannot be read is left out with a warning: it is told for people, and nothing is made of it.
    Which of them are gone is told by this machine's clock and the storage's: both have to be right.
    """
    try:
        told = _told(folder)
    except (OSError, FaceprepError):  # it is not for us to see
        return []
    clock = time.time()
    runs = [run.now(written, clock) for written, run in told.values()]
    return sorted(runs, key=lambda run: (run.begun, run.host, run.pid))


def _told(folder: str) -> dict[str, tuple[float, Run]]:
    """When each run last spoke, by the clock of the storage, and what it said; by the name of its file."""
    place = storage.join(folder, FOLDER)
    try:
        written = storage.modified(place)
    except (FileNotFoundError, NotADirectoryError):  # none has worked here
        return {}
    names = sorted(name for name in written if name.endswith(".json"))
    found = each(place, lambda name: _read(storage.join(place, name)), names)
    return {name: (written[name], run) for name, run in zip(names, found, strict=True) if run}


def each(folder: str, look: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Apply a function that reads something in a folder to each item; several at once behind a URL."""
    with ThreadPoolExecutor(_READERS if storage.is_url(folder) else 1) as readers:
        return list(readers.map(look, items))


def refuse_running(folder: str) -> None:
    """Keep a folder from being cleared while a run is at work in it that no lock here tells of.

    No clock is asked, for those of two machines may differ: where runs say that they are at work, this
    waits until they must have spoken again. Those that keep silent are not in the way.

    Raises:
        StorageError: such a run has spoken meanwhile, or what they say cannot be read.
    """
    before = _at_work_elsewhere(folder)
    if not before:
        return
    who = ", ".join(sorted(f"{run.host}, process {run.pid}" for _, run in before.values()))
    LOG.info(
        f"{folder}: {len(before)} of its runs have not said that they ended ({who}); waiting "
        f"{_LISTENING:.0f} s to hear whether they are at work"
    )
    time.sleep(_LISTENING)
    for name, word in _at_work_elsewhere(folder).items():
        if before.get(name) != word:
            _, run = word
            raise StorageError(
                f"{folder}: another run is at work in it ({run.host}, process {run.pid}); let it end "
                "first"
            )


def _at_work_elsewhere(folder: str) -> dict[str, tuple[float, Run]]:
    """Those of `_told` that say they are running, where no lock of this machine tells of it."""
    try:
        told = _told(folder)
    except OSError as error:
        raise StorageError(
            f"{storage.join(folder, FOLDER)}: cannot be read ({error.strerror or error}), so that "
            "nobody knows whether a run is at work there; make it readable, or choose another folder"
        ) from None
    here = None if storage.is_url(folder) else socket.gethostname()
    return {
        name: (written, run)
        for name, (written, run) in told.items()
        if run.state == RUNNING and run.host != here
    }


def _read(location: str) -> Run | None:
    try:
        return parse(storage.read_bytes(location))
    except FileNotFoundError:  # cleared away meanwhile
        return None
    except (OSError, ValueError, FaceprepError) as error:
        LOG.warning(f"{location}: not readable ({error}); left out")
        return None


def totals(folder: str, stage: str | None = None) -> dict[str, Any]:
    """What the runs of a folder have taken together, for its manifest: see `summed`.

    It tells times and machines, so it is not the same when the same is made twice.

    Args:
        folder: that they worked in.
        stage: of whose runs; None for all.
    """
    return summed([run for run in read(folder) if stage in (None, run.stage)])


def summed(runs: Sequence[Run]) -> dict[str, Any]:
    """What several runs have taken together.

    Returns:
        `runs` (those that did something), `states` (how they ended, by number), `unit`, `processed`
        (what is done twice counts twice), `failures`, `begun` and `ended` (the first and the last, RFC
        3339), `wall_seconds` between these, `busy_seconds` in which any was at work, `seconds` of all
        added up, `core_seconds`, `workers` (the most at once), `per_second` (of busy seconds) and
        `per_core_second`. Empty where no run did anything.
    """
    runs = [run for run in runs if run.done]
    if not runs:
        return {}
    processed, seconds = sum(run.done for run in runs), sum(run.seconds for run in runs)
    first, last = min(run.begun for run in runs), max(run.last for run in runs)
    busy, workers = _together(runs)
    core_seconds = sum(run.seconds * run.cores for run in runs)
    return {
        "runs": len(runs),
        "states": dict(sorted(Counter(run.state for run in runs).items())),
        "unit": runs[-1].unit,
        "processed": processed,
        "failures": sum(run.failures for run in runs),
        "begun": as_text(first),
        "ended": as_text(last),
        "wall_seconds": round(last - first, 3),
        "busy_seconds": round(busy, 3),
        "seconds": round(seconds, 3),
        "core_seconds": round(core_seconds, 3),
        "workers": workers,
        "per_second": round(processed / max(busy, 1e-3), 2),
        "per_core_second": round(processed / max(core_seconds, 1e-3), 2),
    }


def _together(runs: Sequence[Run]) -> tuple[float, int]:
    """Seconds in which any of the runs was at work, and the most workers at one time."""
    changes = sorted(
        change for run in runs for change in ((run.begun, run.workers), (run.last, -run.workers))
    )
    busy, most, at_work, before = 0.0, 0, 0, changes[0][0]
    for moment, change in changes:
        busy += moment - before if at_work else 0.0
        at_work, before = at_work + change, moment
        most = max(most, at_work)
    return busy, most
