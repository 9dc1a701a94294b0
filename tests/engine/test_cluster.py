"""The pool over a real Dask cluster: the same outcomes as on one machine, and lost workers survived."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psutil
import pytest

import faceprep
from faceprep.engine import Cluster, Outcome, open_pool
from faceprep.engine import cluster as cluster_module
from faceprep.errors import InputError, SetupError, UsageError
from tests import tasks
from tests.conftest import ROOT
from tests.dask_cluster import DaskCluster, dask_cluster, scheduler, workers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("dask")) as up:
        yield up


def helpers(up: DaskCluster) -> list[int]:
    """The processes that do the tasks, beside the Dask workers."""
    return [
        process.pid
        for worker in up.workers()
        for process in worker.children(recursive=True)
        if any("popen_loky" in word for word in process.cmdline())
    ]


def test_every_item_has_the_outcome_that_it_has_on_one_machine(cluster: DaskCluster) -> None:
    ways = ["one", "SIGSEGV", "two", "EXIT", "SIGKILL", "three", "SIGALRM"]
    with open_pool(Cluster(cluster.scheduler), len(ways)) as pool:
        assert pool.size == 2
        far = {outcome.item: outcome for outcome in pool.run(tasks.end_by, ways)}
    with open_pool(2, len(ways)) as pool:
        assert far == {outcome.item: outcome for outcome in pool.run(tasks.end_by, ways)}


def test_what_hangs_is_ended_by_its_deadline(cluster: DaskCluster) -> None:
    with open_pool(Cluster(cluster.scheduler), 1) as pool:
        (late,) = pool.run(tasks.sleep_beyond, [0.2])
    assert late == Outcome(0.2, None, crash="SIGALRM")


@pytest.mark.parametrize("error", [ValueError("seven"), InputError("raw: empty")])
def test_what_a_task_raises_comes_through(cluster: DaskCluster, error: Exception) -> None:
    with (
        open_pool(Cluster(cluster.scheduler), 1) as pool,
        pytest.raises(type(error), match=str(error)),
    ):
        list(pool.run(tasks.raise_it, [error]))


def test_files_that_a_worker_does_not_reach_are_one_line(cluster: DaskCluster) -> None:
    error = FileNotFoundError(2, "No such file or directory", "/faces/catalog.arrow")
    expected = r"worker .*/faces/catalog.arrow.*all workers must reach the files"
    with (
        open_pool(Cluster(cluster.scheduler), 1) as pool,
        pytest.raises(SetupError, match=expected),
    ):
        list(pool.run(tasks.raise_it, [error]))


def test_the_task_of_a_lost_worker_is_done_by_another(cluster: DaskCluster, tmp_path: Path) -> None:
    items = [tmp_path / str(number) for number in range(2)]
    with (
        open_pool(Cluster(cluster.scheduler), len(items)) as pool,
        ThreadPoolExecutor(1) as reader,
    ):
        outcomes = reader.submit(lambda: list(pool.run(tasks.wait_for_release, items)))
        lost = psutil.Process(wait_for_pid(items[0])).parent()
        assert lost is not None
        lost.kill()
        (tmp_path / "release").touch()
        assert {outcome.item for outcome in outcomes.result() if outcome.result} == set(items)


def wait_for_pid(path: Path) -> int:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int(path.read_text())
        time.sleep(0.05)
    raise TimeoutError(path)


def test_leaving_the_pool_frees_the_cluster_of_tasks_and_processes(
    cluster: DaskCluster, tmp_path: Path
) -> None:
    items = [tmp_path / str(number) for number in range(6)]
    with open_pool(Cluster(cluster.scheduler), len(items)) as pool:
        outcomes = pool.run(tasks.wait_for_release, items)
        with pytest.raises(KeyboardInterrupt), interrupted_when_there_is(items[0]):
            next(outcomes)
        assert helpers(cluster)
    end = time.monotonic() + 10
    while helpers(cluster) and time.monotonic() < end:
        time.sleep(0.1)
    assert helpers(cluster) == []
    with open_pool(Cluster(cluster.scheduler), 1) as pool:
        assert list(pool.run(tasks.square, [3])) == [Outcome(3, 9)]


@contextlib.contextmanager
def interrupted_when_there_is(path: Path) -> Iterator[None]:
    """As by Ctrl-C."""

    def interrupt() -> None:
        wait_for_pid(path)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        signal.signal(signal.SIGINT, before)


def test_two_runs_that_take_turns_keep_a_process_each(cluster: DaskCluster) -> None:
    with (
        open_pool(Cluster(cluster.scheduler), 1) as one,
        open_pool(Cluster(cluster.scheduler), 1) as other,
    ):
        pids = [
            {outcome.result for outcome in pool.run(tasks.own_pid, range(4))}
            for pool in (one, other, one, other)
        ]
    assert len(set().union(*pids)) <= 4  # two threads, two runs


def test_a_scheduler_that_is_lost_in_mid_run_is_one_line(tmp_path: Path) -> None:
    with (
        dask_cluster(tmp_path) as up,
        open_pool(Cluster(up.scheduler), 1) as pool,
        ThreadPoolExecutor(1) as reader,
    ):
        item = tmp_path / "item"
        outcomes = reader.submit(lambda: list(pool.run(tasks.wait_for_release, [item])))
        wait_for_pid(item)
        up.kill_scheduler()
        with pytest.raises(SetupError, match="the scheduler is lost"):
            outcomes.result(timeout=60)


def test_a_scheduler_that_does_not_answer_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "_ANSWER_SECONDS", 1.0)
    with (
        pytest.raises(SetupError, match=r"tcp://127.0.0.1:9: does not answer.*is it running") as e,
        open_pool(Cluster("tcp://127.0.0.1:9"), 1),
    ):
        pass
    assert e.value.exit_code == 5


def test_a_cluster_without_workers_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "_WORKER_SECONDS", 1.0)
    with (
        scheduler(tmp_path) as address,
        pytest.raises(SetupError, match=f"{address}: no worker for 1 s; start some with"),
        open_pool(Cluster(address), 1),
    ):
        pass


def test_workers_with_another_version_are_refused(tmp_path: Path) -> None:
    copy = tmp_path / "other" / "faceprep"
    shutil.copytree(ROOT / "faceprep", copy, ignore=shutil.ignore_patterns("__pycache__"))
    init = copy / "__init__.py"
    init.write_text(init.read_text().replace(faceprep.__version__, "0.0.1"))
    with (
        scheduler(tmp_path) as address,
        workers(tmp_path, address, 1, {"PYTHONPATH": str(copy.parent), "PYTHONSAFEPATH": "1"}),
        pytest.raises(SetupError, match=rf"has faceprep 0\.0\.1, not {faceprep.__version__}"),
        open_pool(Cluster(address), 1),
    ):
        pass


@pytest.mark.parametrize("address", ["", "8786", "localhost:8786", "tcp://host", "http://host:80"])
def test_an_address_is_a_protocol_a_host_and_a_port(address: str) -> None:
    with pytest.raises(UsageError, match=r"--scheduler is .*tcp://HOST:PORT"):
        Cluster(address)
