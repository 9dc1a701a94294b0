"""The workers of a Dask cluster: the only module that knows Dask.

Each thread of a Dask worker keeps a process of its own beside it, a `WorkerPool` of one, and has it
do the tasks. So an image that crashes its process, or hangs in it, ends just as on a single machine,
with the same outcome, and the Dask worker lives on. When the worker itself is lost, Dask gives its
task to another one.

This is distributed's own interface rather than joblib's over it: `joblib.Parallel` gives up when one
task is lost, without saying which.
"""

from __future__ import annotations

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
    from types import TracebackType
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
            _refuse_other_versions(self._client.run(versions.installed, on_error="return"))
        except BaseException:
            self._client.close(timeout=_LOOK_SECONDS)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(Exception):  # the cluster may be gone
            if self._client.status == "running":
                self._client.run(_release, self._run_id, on_error="ignore")
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
            return cast("Outcome[Item, Result]", future.result())
        except KilledWorker:  # several workers were lost while they had it
            return Outcome(item, None, crash="died")
        except (CancelledError, CommClosedError) as error:
            raise self._lost(error) from None
        except ImportError as error:
            raise SetupError(
                f"a worker cannot load faceprep ({error}); install this version there"
            ) from None

    def _look(self) -> int:
        """Threads at work; the scheduler is asked every few seconds. Raises SetupError."""
        now = time.monotonic()
        if now - self._asked < _LOOK_SECONDS and self._threads:
            return self._threads
        try:
            found = sum(self._client.nthreads().values())
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
        logging.getLogger("distributed").setLevel(logging.CRITICAL + 1)
    try:
        return Client(scheduler, timeout=_ANSWER_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:  # TimeoutError is an OSError
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise SetupError(
            f"--scheduler {scheduler}: does not answer ({reason}); is it running, and can this "
            "machine reach it?"
        ) from None


def _refuse_other_versions(found: Mapping[str, Any]) -> None:
    """Hold what each worker has installed against what is installed here."""
    mine = versions.installed()
    for worker, theirs in found.items():
        if isinstance(theirs, BaseException):
            raise SetupError(f"worker {worker} cannot load faceprep ({theirs}); install it there")
        _refuse_other(worker, theirs, mine)


def _refuse_other(worker: str, theirs: Mapping[str, str], mine: Mapping[str, str]) -> None:
    if differ := [f"{n} {theirs.get(n)}, not {v}" for n, v in mine.items() if theirs.get(n) != v]:
        raise SetupError(
            f"worker {worker} has {'; '.join(differ)}: that may make other bytes. Install the same "
            "versions everywhere, best from one image"
        )


# What follows runs in the Dask workers.

_OWN = threading.local()
_POOLS: dict[str, list[WorkerPool]] = {}
_OVER: set[str] = set()


def _do(
    run_id: str, mine: Mapping[str, str], task: Callable[[Item], Result], item: Item
) -> Outcome[Item, Result]:
    """One task, in the process beside this thread."""
    here = multiprocessing.current_process().name
    _refuse_other(here, versions.installed(), mine)  # it may have come after the run began
    try:
        (outcome,) = _own_pool(run_id).run(task, [item])
    except FaceprepError:
        raise
    except OSError as error:
        raise SetupError(
            f"worker {here}: {error}; all workers must reach the files under the same names"
        ) from error
    return outcome


def _own_pool(run_id: str) -> WorkerPool:
    """This thread's own process, for the length of a run."""
    if run_id in _OVER:  # the task was on its way here when its run ended
        raise SetupError("the run is over")
    if getattr(_OWN, "run_id", None) != run_id:
        # Dask's nannies start workers as daemons, which may not have children; what that is to prevent,
        # children that outlive them, the children see to (processes.py).
        multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
        _OWN.pool, _OWN.run_id = WorkerPool(1, idle_seconds=_IDLE_SECONDS), run_id
        _POOLS.setdefault(run_id, []).append(_OWN.pool)
    return cast("WorkerPool", _OWN.pool)


def _release(run_id: str) -> None:
    """End the processes of a run, busy or not, and start none for it any more."""
    _OVER.add(run_id)
    for pool in _POOLS.pop(run_id, ()):
        pool.__exit__(None, None, None)
