"""The worker pool: every item has an outcome, whatever happens to the workers or to us."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from faceprep.engine import Outcome, WorkerPool, usable_cores
from faceprep.errors import FaceprepError, InputError, StorageError
from faceprep.signals import STOP_SIGNALS
from tests import tasks
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SLEEPERS = "from tests.tasks import sleep_in_two_workers; sleep_in_two_workers()"


def wait_for(holds: Callable[[], bool], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


def alive(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def group_members(group: int) -> list[int]:
    members = []
    for pid in psutil.pids():
        with contextlib.suppress(ProcessLookupError):
            if os.getpgid(pid) == group and alive(pid):
                members.append(pid)
    return members


@contextlib.contextmanager
def sleeping_program(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process group of its own, whose two workers are asleep in their tasks."""
    program = subprocess.Popen(
        [sys.executable, "-c", SLEEPERS, str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with program:
        try:
            assert wait_for(lambda: len(list(folder.iterdir())) == 2 or program.poll() is not None)
            assert program.poll() is None, program.communicate()
            yield program
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)


@pytest.mark.parametrize("workers", [1, 3])
def test_every_item_comes_back_with_its_result(workers: int) -> None:
    with WorkerPool(workers) as pool:
        outcomes = list(pool.run(tasks.square, range(20)))
    assert sorted(outcomes, key=lambda outcome: outcome.item) == [
        Outcome(number, number * number) for number in range(20)
    ]


def test_a_pool_can_run_again_and_without_items() -> None:
    with WorkerPool(1) as pool:
        assert list(pool.run(tasks.square, [])) == []
        assert list(pool.run(tasks.square, [3])) == [Outcome(3, 9)]
        assert list(pool.run(tasks.square, [4])) == [Outcome(4, 16)]


@pytest.mark.parametrize(
    "error", [ValueError("seven"), StorageError("faces: disk full"), InputError("raw: empty")]
)
def test_what_a_task_raises_comes_through_unchanged(error: Exception) -> None:
    with WorkerPool(1) as pool, pytest.raises(type(error)) as caught:
        list(pool.run(tasks.raise_it, [error]))
    assert caught.value.args == error.args


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_a_worker_that_dies_costs_its_own_item_only(workers: int) -> None:
    deaths = ["SIGSEGV", "EXIT", "SIGKILL", "SIGALRM"]
    items = ["one", "SIGSEGV", "two", "EXIT", "SIGKILL", "three", "SIGALRM", "four"]
    with WorkerPool(workers) as pool:
        outcomes = {outcome.item: outcome for outcome in pool.run(tasks.end_by, items)}
    assert outcomes == {
        item: Outcome(item, None, crash=item) if item in deaths else Outcome(item, item)
        for item in items
    }


def test_a_worker_that_dies_while_idle_is_replaced() -> None:
    with WorkerPool(1) as pool:
        (before,) = pool.run(tasks.own_pid, [0])
        assert before.result is not None
        os.kill(before.result, signal.SIGKILL)
        assert wait_for(lambda: not alive(before.result or 0))
        (executor,) = pool._executors
        assert wait_for(lambda: executor._flags.broken is not None)  # loky has heard of it
        (after,) = pool.run(tasks.own_pid, [0])
    assert after.crash is None
    assert after.result != before.result


@pytest.mark.parametrize("workers", [1, 2])
def test_no_more_items_are_taken_ahead_than_there_are_workers(workers: int) -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for number in range(30):
            taken += 1
            yield number

    with WorkerPool(workers) as pool:
        ahead = [taken - done for done, _ in enumerate(pool.run(tasks.square, items()))]
    assert max(ahead) == workers


def test_numeric_libraries_get_one_thread_in_a_worker() -> None:
    libraries = [
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENCV_FOR_THREADS_NUM",
        "TF_NUM_INTRAOP_THREADS",
        "TF_NUM_INTEROP_THREADS",
    ]
    with WorkerPool(1) as pool:
        values = {outcome.result for outcome in pool.run(tasks.own_variable, libraries)}
    assert values == {"1"}


def test_a_worker_leaves_the_signals_that_stop_a_run_to_its_parent() -> None:
    with WorkerPool(1) as pool:
        outcomes = list(pool.run(tasks.signal_oneself, STOP_SIGNALS))
    assert outcomes == [Outcome(signum, signum) for signum in STOP_SIGNALS]


def test_leaving_the_pool_ends_workers_that_are_busy(tmp_path: Path) -> None:
    busy, occupied = tmp_path / "busy", tmp_path / "occupied"
    occupied.touch()

    def items() -> Iterator[Path | None]:
        yield from (busy, None)
        assert wait_for(lambda: busy.exists() and bool(busy.read_text()))
        yield occupied

    with pytest.raises(FileExistsError), WorkerPool(2) as pool:
        list(pool.run(tasks.sleep_or_raise, items()))
    assert not alive(int(busy.read_text()))


def test_workers_die_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    with sleeping_program(tmp_path) as program:
        program.kill()
        program.wait()
        assert wait_for(lambda: not group_members(program.pid))


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_to_the_whole_group_ends_it_without_a_word(
    tmp_path: Path, signum: int, code: int
) -> None:
    with sleeping_program(tmp_path) as program:
        os.killpg(program.pid, signum)
        words = program.communicate(timeout=30)
        assert wait_for(lambda: not group_members(program.pid))
    assert program.returncode == code
    assert words == ("", "")


def test_cores_are_those_this_process_may_use() -> None:
    program = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))});"
        "from faceprep.engine import usable_cores; print(usable_cores())"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert int(run.stdout) == 1
    assert 1 <= usable_cores() <= len(os.sched_getaffinity(0))


def test_an_item_whose_worker_died_gets_a_second_try(tmp_path: Path) -> None:
    items = [tmp_path / "one", tmp_path / "two"]
    with WorkerPool(2) as pool:
        assert dict(pool.results(tasks.end_once, items)) == dict.fromkeys(items, "the second time")


def test_an_item_that_kills_twice_is_named() -> None:
    expected = "the item SIGKILL: a worker died of it twice.*fewer --workers"
    with WorkerPool(1) as pool, pytest.raises(FaceprepError, match=expected):
        list(pool.results(tasks.end_by, ["fine", "SIGKILL"], lambda item: f"the item {item}"))


def test_a_worker_whose_parent_is_gone_before_it_starts_ends() -> None:
    program = (
        "from faceprep.engine.processes import _prepare_worker; _prepare_worker(1); print('alive')"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (1, "")


def test_a_deadline_ends_the_worker_that_misses_it_and_no_other() -> None:
    with WorkerPool(2) as pool:
        (late,) = pool.run(tasks.sleep_beyond, [0.2])
        (punctual,) = pool.run(tasks.keep_within, [0.2])
    assert late == Outcome(0.2, None, crash="SIGALRM")
    assert punctual == Outcome(0.2, "alive")
