"""A real Dask cluster on loopback: a scheduler and two worker processes, each with a nanny."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_ADDRESS = re.compile(r"Scheduler at:\s+(tcp://127\.0\.0\.1:\d+)")
_REGISTERED = "Registered to:"


@dataclass(frozen=True)
class DaskCluster:
    """A cluster that is up.

    Attributes:
        scheduler: its address.
        nanny: the process that keeps the workers.
    """

    scheduler: str
    nanny: subprocess.Popen[bytes]

    def kill_scheduler(self) -> None:
        """As a machine that is gone."""
        port = int(self.scheduler.rpartition(":")[2])
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and tuple(connection.laddr)[1:] == (port,):
                psutil.Process(connection.pid).kill()

    def workers(self) -> list[psutil.Process]:
        """The worker processes, which the nanny starts again when they die."""
        return [p for p in psutil.Process(self.nanny.pid).children() if _is_worker(p)]


def _is_worker(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return any("spawn_main" in word for word in process.cmdline())
    return False


@contextlib.contextmanager
def scheduler(folder: Path) -> Iterator[str]:
    """A scheduler without workers; its address."""
    log = folder / "scheduler.log"
    words = ("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    with _dask(words, log):
        yield _wait_for(log, _ADDRESS.pattern)[1]


@contextlib.contextmanager
def workers(
    folder: Path, address: str, count: int = 2, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Workers of one thread each; the process that keeps them."""
    log = folder / "workers.log"
    words = ["worker", address, "--nworkers", str(count), "--nthreads", "1", "--no-dashboard"]
    words += ["--local-directory", str(folder)]
    with _dask(words, log, environment) as nanny:
        for number in range(count):
            _wait_for(log, f"(?:.*?{_REGISTERED}){{{number + 1}}}")
        yield nanny


@contextlib.contextmanager
def dask_cluster(folder: Path) -> Iterator[DaskCluster]:
    """A scheduler and two workers."""
    with scheduler(folder) as address, workers(folder, address) as nanny:
        yield DaskCluster(address, nanny)


@contextlib.contextmanager
def _dask(
    words: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [sys.executable, "-m", "dask", *words],
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdout=out,
            stderr=out,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _wait_for(log: Path, pattern: str, seconds: float = 60.0) -> re.Match[str]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := re.search(pattern, log.read_text(), re.DOTALL):
            return found
        time.sleep(0.05)
    raise TimeoutError(f"{log}: {log.read_text()}")
