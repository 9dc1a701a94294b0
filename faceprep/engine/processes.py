"""The processes of this machine, one task each at a time: the only module that knows joblib.

Each worker is a loky executor of a single process, so that when one dies it is known which item it
died of, and nobody else is disturbed. Processes are started fresh (forking after MediaPipe or
tensorflow has started hangs), with one thread for every numeric library, and they die with the
parent, however that dies.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import re
import signal
import sys
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING

import joblib
from joblib.externals.loky import ProcessPoolExecutor
from joblib.externals.loky.process_executor import BrokenProcessPool

from faceprep.engine.pool import Outcome, Pool, take
from faceprep.errors import SetupError
from faceprep.signals import STOP_SIGNALS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from faceprep.engine.pool import Item, Result

_ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENCV_FOR_THREADS_NUM",
        "TF_NUM_INTRAOP_THREADS",
        "TF_NUM_INTEROP_THREADS",
    ),
    "1",
)
_PR_SET_PDEATHSIG = 1
_STARTS = 3


class WorkerPool(Pool):
    """A fixed number of worker processes, for use in a `with` block.

    Args:
        workers: how many; at least one.
        idle_seconds: how long a process without a task is kept; None for as long as the pool.
    """

    def __init__(self, workers: int, *, idle_seconds: float | None = None) -> None:
        self._executors: list[Any] = [None] * workers
        self._idle_seconds = idle_seconds

    @property
    def size(self) -> int:
        """How many processes."""
        return len(self._executors)

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *error: object) -> None:
        # Workers hold nothing that wants closing: what they finished is on disk under its name.
        for slot in range(len(self._executors)):
            self._discard(slot)

    def run(
        self, task: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[Outcome[Item, Result]]:
        """Apply an importable function to each item, yielding outcomes as they come.

        At most one item per worker is taken ahead, so `items` may be long and lazy.

        Raises:
            Exception: whatever the task raised, unchanged; leave the `with` block then.
        """
        waiting = iter(items)
        idle = list(range(len(self._executors)))[::-1]
        running: dict[Future[Result], tuple[int, Item]] = {}
        while True:
            for item in take(waiting, len(idle)):
                slot = idle.pop()
                running[self._submit(slot, task, item)] = (slot, item)
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                slot, item = running.pop(future)
                idle.append(slot)
                yield self._outcome(slot, item, future)

    def _submit(self, slot: int, task: Callable[[Item], Result], item: Item) -> Future[Result]:
        with _signals_kept_from_children():
            for _ in range(_STARTS):
                try:
                    future: Future[Result] = self._executor(slot).submit(task, item)
                except BrokenProcessPool:  # it died while it was idle, so no item is to blame
                    self._discard(slot)
                else:
                    return future
        raise SetupError("worker processes die as soon as they are started; run 'faceprep doctor'")

    def _executor(self, slot: int) -> Any:
        if self._executors[slot] is None:
            self._executors[slot] = ProcessPoolExecutor(
                max_workers=1,
                initializer=_prepare_worker,
                initargs=(os.getpid(),),
                timeout=self._idle_seconds,
                env=_ONE_THREAD,
            )
        return self._executors[slot]

    def _outcome(self, slot: int, item: Item, future: Future[Result]) -> Outcome[Item, Result]:
        try:
            return Outcome(item, future.result())
        except BrokenProcessPool as error:
            self._discard(slot)
            return Outcome(item, None, crash=_way_of_death(error))

    def _discard(self, slot: int) -> None:
        executor, self._executors[slot] = self._executors[slot], None
        if executor is not None:
            executor.shutdown(wait=True, kill_workers=True)


def usable_cores() -> int:
    """Cores that this process may use: affinity and cgroup limits respected."""
    return int(joblib.cpu_count())


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """In a worker: let the kernel end this process after `seconds`, whatever C code it is stuck in.

    SIGALRM with its default action needs no cooperation; the pool sees the worker die of it.
    """
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def _signals_kept_from_children() -> Iterator[None]:
    """Ctrl-C reaches the whole process group; workers inherit this mask, and the parent ends them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _prepare_worker(parent: int) -> None:
    # once more: what loky starts first of all, its resource tracker, lifts the parent's mask
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    if not os.environ.get("FACEPREP_DEBUG"):
        # A crash becomes an outcome, an exception crosses to the parent; the rest is the chatter of
        # C++ libraries, which no setting of theirs quiets.
        faulthandler.disable()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before this process could ask to die with it
        os._exit(1)


def _way_of_death(error: BaseException) -> str:
    names = re.findall(r"\b(SIG[A-Z]+|EXIT)\((-?\d+)\)", str(error))
    return names[0][0] if names else "died"
