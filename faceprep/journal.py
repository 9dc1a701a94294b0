"""A run says how far it is, in a small file of its own in the folder that it fills.

    FOLDER/.runs/20261122T122313.482-node7-4711-3of16.json

The file is written anew every quarter of a minute, so that anybody who can read the folder sees how
far the run is, from another machine too. One that has not been written for a minute, and does not
say that its run has ended, is of a run that was killed. Runs do not read each other's files and need
none: where no file can be written, there is a warning, and the work goes on.

These files, and what `totals` makes of them, tell times and machines: the one thing in the folder
that is not the same when the same is made twice.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shlex
import socket
import sys
import threading
import time
from collections import Counter, deque
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faceprep import storage
from faceprep.errors import FaceprepError, Interrupted
from faceprep.log import LOG, coordinates
from faceprep.past_runs import DONE, FAILED, FOLDER, RUNNING, STOPPED, Run, totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from faceprep.array_task import ArrayTask
    from faceprep.parts import Counts

__all__ = ["FOLDER", "Journal", "clear", "totals", "working_folder", "worst_part"]

_SECONDS_BETWEEN = 15.0
_SAMPLES = 4  # the rate is that of the last four intervals, a minute
_FAILURES_KEPT, _LONGEST = 20, 300
_PATIENCE, _PATIENCE_OTHERWISE = 90.0, 5.0  # seconds for the last word, where a storage is slow
_NOT_REPEATED = ("--overwrite",)


class Journal:
    """Keeps the file of a run, for use in a `with` block around the work.

    A run with nothing to do leaves none. Nothing that goes wrong here ends the run.

    Args:
        folder: that the run fills; local or a URL.
        stage: for instance `extract`.
        task: of an array job, if it is one.
        workers: processes at work.
        total: what there is to do for this run (for one task of an array: its share), what earlier
            runs have done included.
        unit: what is counted, in the plural.
        before: how much of `total` earlier runs have done.
        files: how many parts or shards will be there when all is done, where the folder does not tell.
        cores: that the workers can use at most; None for one each.
    """

    def __init__(
        self,
        folder: str,
        stage: str,
        *,
        task: ArrayTask | None,
        workers: int,
        total: int,
        unit: str,
        before: int = 0,
        files: int | None = None,
        cores: int | None = None,
    ) -> None:
        self._begun = _this_process(
            stage=stage,
            task=str(task) if task else None,
            workers=workers,
            cores=min(workers, cores or workers),
            unit=unit,
            total=total,
            before=before,
            files=files,
        )
        self._place = storage.join(folder, FOLDER)
        self._location = storage.join(self._place, _name(self._begun))
        self._done = self._failures = 0
        self._numbers: Counter[str] = Counter()
        self._failed: list[str] = []
        self._samples: deque[tuple[float, int]] = deque([(self._begun.begun, 0)], maxlen=_SAMPLES)
        self._state: tuple[str, str | None] = (RUNNING, None)
        self._ended = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="journal", daemon=True)
        self._warned = False

    def __enter__(self) -> Journal:
        if self._begun.left:
            self._store()
            self._keeper.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._state = _state(error), _line(error)
        self._ended.set()
        if (
            self._keeper.is_alive()
        ):  # it has the last word, so that no earlier one can come after it
            self._keeper.join(_PATIENCE if self._state[0] == DONE else _PATIENCE_OTHERWISE)

    def advance(self, count: int, **numbers: int) -> None:
        """`count` more are done.

        Args:
            count: in the unit of the total.
            numbers: what came of these, to be added up: faces, and each reject by its status.
        """
        self._done += count
        self._numbers.update(numbers)

    def failed(self, what: str) -> None:
        """Something went wrong that the run survives, for instance a part that ended its worker."""
        self._failures += 1
        if len(self._failed) < _FAILURES_KEPT:
            self._failed.append(_short(what))

    def _keep(self) -> None:
        while not self._ended.wait(_SECONDS_BETWEEN):
            self._store()
        self._store()

    def _store(self) -> None:
        content = json.dumps(self._now().as_json(), ensure_ascii=False) + "\n"
        try:
            if not storage.is_url(self._place):
                storage.make_folder(self._place)
            with storage.atomic_output(self._location, quick=True) as file:
                file.write(content.encode())
        except Exception as problem:
            # whatever a storage can think of: the work is not to end of it
            if not self._warned:
                LOG.warning(f"what the run is at cannot be noted for 'faceprep status' ({problem})")
            self._warned = True

    def _now(self) -> Run:
        moment, (state, error) = time.time(), self._state
        since, done = self._samples[0]
        self._samples.append((moment, self._done))
        rate = (self._done - done) / max(moment - since, 1e-3)
        return dataclasses.replace(
            self._begun,
            done=self._done,
            seen=moment,
            ended=None if state == RUNNING else moment,
            state=state,
            error=error,
            rate=round(rate, 2),
            numbers=dict(self._numbers),
            failures=self._failures,
            failed=tuple(self._failed),
        )


def clear(folder: str) -> None:
    """Delete what runs have said of themselves in a folder. Raises StorageError."""
    storage.remove_folder(storage.join(folder, FOLDER))


def worst_part(parts: Iterable[tuple[str, Counts]]) -> dict[str, Any] | None:
    """The part that gave the largest share of rejects; None when there is not one reject.

    Args:
        parts: name and content of each. Their order makes no difference.

    Returns:
        `part`, `images`, `rejected`, `share` (0 to 1), and `rejects` by status.
    """
    bad = [(name, counts) for name, counts in parts if counts.rejected]
    if not bad:
        return None
    name, counts = min(bad, key=lambda p: (-p[1].rejected / p[1].images, -p[1].rejected, p[0]))
    return {
        "part": name,
        "images": counts.images,
        "rejected": counts.rejected,
        "share": round(counts.rejected / counts.images, 4),
        "rejects": dict(sorted(counts.rejects.items())),
    }


def _this_process(**task: Any) -> Run:
    """A run of this process that begins now; `task` is what it is to do, by the names of `Run`."""
    now = time.time()
    return Run(
        **task,
        host=socket.gethostname(),
        pid=os.getpid(),
        done=0,
        begun=now,
        seen=now,
        command=_command_line(sys.argv),
        cwd=working_folder(),
        job=coordinates(),
    )


def working_folder() -> str | None:
    """The one that this process is in; None where it has been deleted meanwhile."""
    try:
        return str(Path.cwd())
    except OSError:
        return None


def _name(run: Run) -> str:
    begun = datetime.fromtimestamp(run.begun, timezone.utc).strftime("%Y%m%dT%H%M%S.%f")[:-3]
    task = f"-{run.task.replace('/', 'of')}" if run.task else ""
    return f"{begun}-{re.sub(r'[^A-Za-z0-9.-]', '_', run.host)}-{run.pid}{task}.json"


def _state(error: BaseException | None) -> str:
    if error is None:
        return DONE
    return STOPPED if isinstance(error, Interrupted | KeyboardInterrupt) else FAILED


def _line(error: BaseException | None) -> str | None:
    if error is None:
        return None
    known = isinstance(error, FaceprepError | Interrupted)
    return _short(str(error) if known else f"{type(error).__name__}: {error}")


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _command_line(words: Sequence[str]) -> str | None:
    """The command that was given, to be given again; None when it was not faceprep's.

    Whatever a URL may hold of a secret (user and password, a query) is left out, and so is
    `--overwrite`, which would begin all over.
    """
    program = words[0].replace(os.sep, "/") if words else ""
    if not (program.endswith("/faceprep/__main__.py") or program.split("/")[-1] == "faceprep"):
        return None
    kept = (_harmless(word) for word in words[1:] if word not in _NOT_REPEATED)
    return shlex.join(["faceprep", *kept])


def _harmless(word: str) -> str:
    if "://" not in word:
        return word
    return re.sub(r"(://)[^/@]*@", r"\1", word.partition("?")[0])
