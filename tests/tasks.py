"""What tests need besides tests: tasks for workers, a program to stop, a life without privileges.

Light to import, since every worker imports it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from faceprep.engine import WorkerPool, deadline
from faceprep.errors import Interrupted
from faceprep.signals import stop_on_signals

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOBODY = 65534


def square(number: int) -> int:
    return number * number


def raise_it(error: Exception) -> None:
    raise error


def own_pid(_: int) -> int:
    return os.getpid()


def own_variable(name: str) -> str | None:
    return os.environ.get(name)


def signal_oneself(signum: int) -> int:
    os.kill(os.getpid(), signum)
    return signum


def end_by(way: str) -> str:
    """End this process in the way named; return any other word."""
    if way == "SIGSEGV":
        ctypes.string_at(0)
    elif way == "EXIT":
        os._exit(3)
    elif way.startswith("SIG"):
        os.kill(os.getpid(), signal.Signals[way])
        time.sleep(60)
    return way


def sleep_beyond(seconds: float) -> None:
    """Sleep for longer than one may."""
    with deadline(seconds):
        time.sleep(60)


def keep_within(seconds: float) -> str:
    """Be done in time, and go on after that."""
    with deadline(seconds):
        pass
    time.sleep(2 * seconds)
    return "alive"


def sleep_or_raise(path: Path | None) -> None:
    """Leave the worker's pid at `path` and sleep; raise if that is there, return if there is none."""
    if path is None:
        return
    if path.exists():
        raise FileExistsError(path)
    path.write_text(str(os.getpid()))
    time.sleep(600)


def sleep_in_two_workers() -> None:
    """A program for `python -c`: sleep in workers until a signal comes; the argument is a folder."""
    folder = Path(sys.argv[1])
    try:
        with stop_on_signals(), WorkerPool(2) as pool:
            list(pool.run(sleep_or_raise, [folder / "first", folder / "second"]))
    except Interrupted as stop:
        sys.exit(stop.exit_code)


@contextmanager
def without_privileges(folder: Path) -> Iterator[None]:
    """Stand in `folder` as a user whom permissions bind, as they do not bind root.

    Paths in the block must be relative: the folders above may be closed to that user.
    """
    before, root = Path.cwd(), os.geteuid() == 0
    os.chdir(folder)
    if root:
        folder.chmod(0o755)
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        os.chdir(before)


def end_once(path: Path) -> str:
    """End this process the first time; the second time tell so."""
    if not path.exists():
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "the second time"


def wait_for_release(path: Path) -> str:
    """Leave this process' pid at `path`, and wait until there is a file `release` beside it."""
    path.write_text(str(os.getpid()))
    while not (path.parent / "release").exists():
        time.sleep(0.05)
    return "released"
