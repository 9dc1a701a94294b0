"""The stage: a folder of faces or of shards to what is wrong with it, where."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from faceprep import parts, records, storage
from faceprep.dataset_folder import INFO, MANIFEST, parse_shard
from faceprep.engine import Outcome, open_pool
from faceprep.errors import InputError
from faceprep.progress import Progress
from faceprep.verify import description
from faceprep.verify.data_set import DataSetCheck
from faceprep.verify.faces import FacesCheck
from faceprep.verify.fault import Fault, FaultLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from faceprep.engine import Workers
    from faceprep.engine.pool import Pool
    from faceprep.verify.reading import Report

_VERSION = re.compile(r"\d+\.\d+\.\d+")
_EXPECTED = (
    "expected a folder of faces (with extract.json), a data set such as shards/pairs/1.0.0 (with "
    "shard.json), or a folder of data sets such as shards"
)


@dataclass(frozen=True)
class VerifySummary:
    """What was looked at, and what is wrong with it.

    Attributes:
        faults: by file and record; of a file with very many the first ones.
        fault_count: all of them.
        data_sets: names of what was looked at: faces, pairs, cfp, triplets.
        files: parts and shards that were read.
        records: in them, rows or examples, as far as they could be read.
        images: in these; one that comes again in a file was decoded once.
        bytes: of the files.
        seconds: what it took, start of the workers included.
        workers: processes at work.
    """

    faults: tuple[Fault, ...]
    fault_count: int
    data_sets: tuple[str, ...]
    files: int
    records: int
    images: int
    bytes: int
    seconds: float
    workers: int

    def as_json(self) -> dict[str, Any]:
        """One object, as `--json` prints it."""
        return {
            **dataclasses.asdict(self),
            "seconds": round(self.seconds, 3),
            "images_per_second": round(self.images / self.seconds, 2) if self.seconds else 0.0,
        }


class _Check(Protocol):
    """What a folder of faces and a data set have in common; each knows its own tasks and reports."""

    @property
    def name(self) -> str: ...
    @property
    def tasks(self) -> Sequence[Any]: ...
    @property
    def work(self) -> Callable[[Any], Report]: ...
    def take(self, task: Any, report: Any) -> None: ...
    def finish(self) -> None: ...


def verify(path: str, *, workers: Workers = None, bar: bool = False) -> VerifySummary:
    """Read faces or shards again, to the last byte.

    Args:
        path: a folder of faces, a version of a data set, a data set, or a folder with data sets.
        workers: processes, None for one per usable core, or a cluster's.
        bar: show a progress bar on stderr; log a line every 30 s otherwise.

    Raises:
        InputError: there is nothing of faceprep's at `path`.
        SetupError: worker processes die as soon as they are started.
    """
    faults = FaultLog()
    checks = [check for folder in _folders(path) for check in _check_of(folder, faults)]
    files = sum(len(check.tasks) for check in checks)
    read: Counter[str] = Counter()
    with Progress(files, bar=bar, unit="files") as progress:
        with open_pool(workers, files) as pool:
            for check in checks:
                for report in _reports(check, pool, faults, progress):
                    read.update(records=report.records, images=report.images, bytes=report.bytes)
                check.finish()
        seconds = progress.seconds
    return VerifySummary(
        faults=faults.faults(),
        fault_count=faults.count,
        data_sets=tuple(dict.fromkeys(check.name for check in checks)),
        files=files,
        records=read["records"],
        images=read["images"],
        bytes=read["bytes"],
        seconds=seconds,
        workers=pool.size,
    )


def _folders(path: str) -> list[str]:
    """Where at `path` there is something to look at."""
    try:
        found = [path] if parts.MANIFEST in storage.names(path) else _data_sets(path, 2)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    if not found:
        what = "nothing of faceprep's in it" if storage.exists(path) else "no such folder"
        raise InputError(f"{path}: {what}; {_EXPECTED}")
    return found


def _data_sets(path: str, depth: int) -> list[str]:
    """The version folders at `path` and at most `depth` folders below."""
    names = storage.names(path)
    if not {MANIFEST, INFO}.isdisjoint(names) or any(map(parse_shard, names)):
        return [path]
    below = [name for name in names if name in records.EXAMPLES or _VERSION.fullmatch(name)]
    return [
        folder
        for name in below
        if depth
        for folder in _data_sets(storage.join(path, name), depth - 1)
    ]


def _check_of(folder: str, faults: FaultLog) -> list[_Check]:
    """The check of a folder; none, and a fault, where its manifest does not say what it is."""
    is_faces = storage.exists(storage.join(folder, parts.MANIFEST))
    try:
        if is_faces:
            return [FacesCheck(folder, description.read_faces(folder), faults)]
        return [DataSetCheck(folder, description.read_data_set(folder), faults)]
    except (InputError, OSError) as error:
        faults.add_error(storage.join(folder, parts.MANIFEST if is_faces else MANIFEST), error)
        return []


def _reports(check: _Check, pool: Pool, faults: FaultLog, progress: Progress) -> Iterator[Report]:
    """Do the tasks of a check, and let it take their reports in order, whichever comes first."""
    place = {task: number for number, task in enumerate(check.tasks)}
    waiting: dict[int, Outcome[Any, Report]] = {}
    taken = 0
    for outcome in _outcomes(check, pool):
        waiting[place[outcome.item]] = outcome
        while taken in waiting:
            ready = waiting.pop(taken)
            taken += 1
            if ready.result is None:
                what = f"ended the process that read it ({ready.crash})"
                faults.add(ready.item.location, None, what)
            else:
                check.take(ready.item, ready.result)
                yield ready.result
        progress.advance(1, faults=faults.count)


def _outcomes(check: _Check, pool: Pool) -> Iterator[Outcome[Any, Report]]:
    """A file whose worker died gets a second try: memory may have been short."""
    crashed = []
    for outcome in pool.run(check.work, check.tasks):
        if outcome.crash:
            crashed.append(outcome.item)
        else:
            yield outcome
    yield from pool.run(check.work, crashed)
