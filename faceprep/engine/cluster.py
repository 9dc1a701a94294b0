"""The workers of a Dask cluster: the only module that knows Dask.

Each thread of a Dask worker keeps a process of its own beside it, a `WorkerPool` of one, and has it
do the tasks. So an image that crashes its process, or hangs in it, ends just as on a single machine,
with the same outcome, and the Dask worker lives on. When the worker itself is lost, Dask gives its
task to another one.

This is distributed's own interface rather than joblib's over it: `joblib.Parallel` gives up when one
task is lost, without saying which.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import os
import queue
import threading
import time
import uuid
from typing import TYPE_CHECKING, cast

from faceprep import versions
from faceprep.engine.pool import Cluster, Outcome, Pool, take
from faceprep.engine.processes import WorkerPool
from faceprep.errors import FaceprepError, SetupError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from faceprep.engine.pool import Item, Result

_ANSWER_SECONDS = 15.0
_WORKER_SECONDS = 60.0
"""How long a cluster may be without any worker."""
_LOOK_SECONDS = 5.0
_IDLE_SECONDS = 300.0
_AHEAD = 2  # items for each thread: the next one is there when one is done


class ClusterPool(Pool):
    """The workers of a cluster as they come and go, for use in a `with` block.

    Args:
        cluster: which one.

    Raises:
        SetupError: Dask is not installed, the scheduler does not answer, there are no workers, or
            they have other versions of what makes the bytes.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._scheduler = cluster.scheduler
        self._run_id = uuid.uuid4().hex
        self._client: Any = None
        self._threads = 0
        self._seen = 0.0  # when there were workers, and when that was asked
        self._asked = 0.0

    @property
    def size(self) -> int:
        """Threads of all workers, when last looked."""
        return self._threads

    def __enter__(self) -> ClusterPool:
        self._client = _connect(self._scheduler)
        try:
            self._wait_for_workers()
            _refuse_other_versions(self._versions())
        except BaseException:
            self._close()
            raise
        return self

    def _versions(self) -> dict[str, Any]:
        """What is installed, or an error, by process; the scheduler too unpacks our tasks."""
        try:
            scheduler = self._client.run_on_scheduler(versions.installed)
        except ImportError as error:
            scheduler = error
        workers = self._client.run(versions.installed, on_error="return")
        found = {f"worker {address}": theirs for address, theirs in workers.items()}
        return {"the scheduler": scheduler, **found}

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(Exception):  # the cluster may be gone, or a worker of it frozen
            if self._client.status == "running":
                release = self._client._run  # as `run`, which knows no time limit
                self._client.sync(
                    release,
                    _release,
                    self._run_id,
                    on_error="ignore",
                    callback_timeout=_LOOK_SECONDS,
                )
        self._close()

    def _close(self) -> None:
        with contextlib.suppress(Exception):
            self._client.close(timeout=_LOOK_SECONDS)

    def run(
        self, task: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[Outcome[Item, Result]]:
        """See `Pool.run`."""
        waiting = iter(items)
        done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        running: dict[Any, Item] = {}
        try:
            while True:
                for item in take(waiting, _AHEAD * self._look() - len(running)):
                    running[self._submit(task, item, done)] = item
                if not running:
                    return
                future = self._next(done)
                yield self._outcome(running.pop(future), future)
        finally:
            if running:
                with contextlib.suppress(Exception):
                    self._client.cancel(list(running))

    def _submit(
        self, task: Callable[[Item], Result], item: Item, done: queue.SimpleQueue[Any]
    ) -> Any:
        mine = versions.installed()
        future = self._client.submit(_do, self._run_id, mine, task, item, pure=False)
        future.add_done_callback(done.put)
        return future

    def _next(self, done: queue.SimpleQueue[Any]) -> Any:
        """The next future that is done, however."""
        while True:
            try:
                return done.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                self._look()

    def _outcome(self, item: Item, future: Any) -> Outcome[Item, Result]:
        from distributed import CancelledError, KilledWorker
        from distributed.comm import CommClosedError

        try:
            result, crash = self._result(future)
            return Outcome(item, cast("Result | None", result), crash)
        except KilledWorker:  # several workers were lost while they had it
            return Outcome(item, None, crash="died")
        except (CancelledError, CommClosedError) as error:
            raise self._lost(error) from None
        except ImportError as error:
            raise SetupError(
                f"a worker cannot load faceprep ({error}); install this version there"
            ) from None

    def _result(self, future: Any) -> Any:
        """What `_do` returned; if its worker is lost before it is fetched, what another one returns."""
        while True:
            try:
                return future.result(timeout=_LOOK_SECONDS)
            except asyncio.TimeoutError:
                self._look()

    def _look(self) -> int:
        """Threads at work; the scheduler is asked every few seconds. Raises SetupError."""
        now = time.monotonic()
        if now - self._asked < _LOOK_SECONDS and self._threads:
            return self._threads
        try:
            found = sum(self._client.nthreads(callback_timeout=_ANSWER_SECONDS).values())
        except Exception as error:
            raise self._lost(error) from None
        self._asked = now
        if found:
            self._threads, self._seen = found, now
        elif now - self._seen > _WORKER_SECONDS:
            raise SetupError(
                f"{self._scheduler}: no worker for {_WORKER_SECONDS:.0f} s; start some with "
                f"'dask worker {self._scheduler}'. What is finished stays, and the same command goes on"
            )
        return self._threads

    def _wait_for_workers(self) -> None:
        self._seen = time.monotonic()
        while not self._look():
            time.sleep(1)

    def _lost(self, error: Exception) -> FaceprepError:
        return SetupError(
            f"{self._scheduler}: the scheduler is lost ({type(error).__name__}); what is finished "
            "stays, and the same command goes on when it is back"
        )


def _connect(scheduler: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise SetupError(
            f"--backend dask: distributed cannot be loaded ({error}); pip install 'faceprep[dask]'"
        ) from None
    if not os.environ.get("FACEPREP_DEBUG"):
        for name in ("distributed", "distributed.client", "distributed.gc"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        return Client(scheduler, timeout=_ANSWER_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError, asyncio.TimeoutError) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise SetupError(
            f"--scheduler {scheduler}: does not answer ({reason}); is it running, and can this "
            "machine reach it?"
        ) from None


def _refuse_other_versions(found: Mapping[str, Any]) -> None:
    """Hold what the scheduler and each worker have installed against what is installed here."""
    mine = versions.installed()
    for where, theirs in found.items():
        if isinstance(theirs, OSError):  # it has just been lost
            continue
        if isinstance(theirs, BaseException):
            raise SetupError(f"{where} cannot load faceprep ({theirs}); install it there")
        _refuse_other(where, theirs, mine)


def _refuse_other(where: str, theirs: Mapping[str, str], mine: Mapping[str, str]) -> None:
    if differ := [f"{n} {theirs.get(n)}, not {v}" for n, v in mine.items() if theirs.get(n) != v]:
        raise SetupError(
            f"{where} has {'; '.join(differ)}: that may make other bytes. Install the same "
            "versions everywhere, best from one image"
        )


# What follows runs in the Dask workers.

_OWN = threading.local()
_POOLS: dict[str, list[WorkerPool]] = {}
_OVER: set[str] = set()


def _do(
    run_id: str, mine: Mapping[str, str], task: Callable[[Item], Result], item: Item
) -> tuple[Result | None, str | None]:
    """One task, in the process beside this thread: its result, or how that process ended."""
    here = f"worker {multiprocessing.current_process().name}"
    _refuse_other(here, versions.installed(), mine)  # it may have come after the run began
    try:
        (outcome,) = _own_pool(run_id).run(task, [item])
    except FaceprepError:
        raise
    except OSError as error:
        raise SetupError(
            f"{here}: {error}; all workers must reach the files under the same names"
        ) from error
    return outcome.result, outcome.crash


def _own_pool(run_id: str) -> WorkerPool:
    """This thread's own process for a run; several runs may take turns on a cluster."""
    if run_id in _OVER:  # the task was on its way here when its run ended
        raise SetupError("the run is over")
    pools: dict[str, WorkerPool] = _OWN.__dict__.setdefault("pools", {})
    for over in _OVER & pools.keys():
        del pools[over]
    if run_id not in pools:
        # Dask's nannies start workers as daemons, which may not have children; what that is to prevent,
        # children that outlive them, the children see to (processes.py).
        multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
        # A setting of the nannies has freed memory given back at once, which costs decoders some hundredths
        # of their speed; this process has read it, and ours need not inherit it.
        os.environ.pop("MALLOC_TRIM_THRESHOLD_", None)
        pools[run_id] = WorkerPool(1, idle_seconds=_IDLE_SECONDS)
        _POOLS.setdefault(run_id, []).append(pools[run_id])
    return pools[run_id]


def _release(run_id: str) -> None:
    """End the processes of a run, busy or not, and start none for it any more."""
    _OVER.add(run_id)
    for pool in _POOLS.pop(run_id, ()):
        pool.__exit__()
