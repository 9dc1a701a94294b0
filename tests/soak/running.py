"""One command of faceprep: started, watched, perhaps killed, and what it said and took."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from tests.soak.stages import numbered_files, share_done
from tests.soak.watch import Usage, Watch, size_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.soak.stages import Kill

FINISHED, CUT_OFF = "finished", "ended together with the soak"
_TICK = 0.2  # seconds between two looks
_THOROUGH = 10  # every so many looks, at shared pages and at the disk too
_PATIENCE = 60.0  # seconds that a command may take to end when it is asked to
_DIE_WITH_PARENT = """
import ctypes, os, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL; what is run next inherits it
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


class SoakError(Exception):
    """The soak cannot go on; one line that says why."""


@dataclass
class Run:
    """One command from its start to its end.

    Attributes:
        ended: how.
        seconds: from start to end.
        share: of the stage's files that were there at the end.
        files: name to size and time of change (nanoseconds) of those, where it was killed.
        usage: of each of its processes.
        disk: the most that the soak's folders held, bytes.
        summary: what it printed.
    """

    ended: str = CUT_OFF
    seconds: float = 0.0
    share: float = 0.0
    files: dict[str, list[int]] = field(default_factory=dict)
    usage: list[Usage] = field(default_factory=list)
    disk: int = 0
    summary: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """For the state file."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Run:
        """What `as_json` made."""
        return cls(**{**content, "usage": [Usage(**usage) for usage in content["usage"]]})


@dataclass(frozen=True)
class Command:
    """What is to be run.

    Attributes:
        arguments: of the interpreter.
        folder: to run in.
        disk: folders whose size counts.
        output: the folder in which the stage's files appear.
        kill: end it on the way.
    """

    arguments: Sequence[str]
    folder: Path
    disk: Sequence[Path]
    output: Path
    kill: Kill | None = None


def run(command: Command, tell: Callable[[Run], None]) -> Run:
    """Run it to its end.

    Args:
        command: to run.
        tell: is told how far it is every few seconds, so that a soak that is killed leaves a trace.

    Raises:
        SoakError: it failed, was too fast to be killed, or left processes behind.
    """
    with tempfile.TemporaryFile("w+") as out, (command.folder / "log.txt").open("a") as log:
        process = _start(command, out, log)
        try:
            found = _watch(command, process, tell)
        finally:
            _end(process)
            out.seek(0)
            said = out.read()
            log.write(said)
        if found.ended == FINISHED:
            found.summary = json.loads(said)
    return found


def _start(command: Command, out: IO[str], log: IO[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", _DIE_WITH_PARENT, *command.arguments],
        cwd=command.folder,
        env={name: value for name, value in os.environ.items() if name[:9] != "FACEPREP_"},
        stdout=out,
        stderr=log,
        start_new_session=True,  # a group of its own, to be killed as one
    )


def _watch(command: Command, process: subprocess.Popen[bytes], tell: Callable[[Run], None]) -> Run:
    watch, found, start = Watch(process.pid), Run(), time.monotonic()
    killed, looks = False, 0
    while process.poll() is None:
        thorough = looks % _THOROUGH == _THOROUGH // 2
        watch.sample(thorough=thorough)
        found.seconds, found.share = time.monotonic() - start, share_done(command.output)
        found.usage = list(watch.seen.values())
        if thorough:
            found.disk = max(found.disk, size_of(*command.disk))
            tell(found)
        if command.kill and not killed and found.share >= command.kill.share:
            _kill(process, command.kill)
            killed = True
        looks += 1
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_TICK)
    found.seconds = time.monotonic() - start
    found.ended = _how(command, process.returncode, killed)
    _await_all(watch)
    found.share = share_done(command.output)
    found.disk = max(found.disk, size_of(*command.disk))
    found.files = numbered_files(command.output) if killed else {}
    return found


def _kill(process: subprocess.Popen[bytes], kill: Kill) -> None:
    if kill.group:
        os.killpg(process.pid, kill.signal)
    else:
        process.send_signal(kill.signal)
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        raise SoakError(f"{kill} did not end it within {_PATIENCE:.0f} s") from None


def _how(command: Command, code: int, killed: bool) -> str:
    line = " ".join(command.arguments)
    if killed and code:
        return str(command.kill)
    if command.kill:
        raise SoakError(f"{line}: ended before it could be killed; try more --images")
    if code:
        raise SoakError(f"{line}: ended with code {code}; see log.txt")
    return FINISHED


def _await_all(watch: Watch) -> None:
    """No process may outlive the command for long."""
    until = time.monotonic() + _PATIENCE
    while alive := watch.alive():
        if time.monotonic() > until:
            raise SoakError(f"{len(alive)} processes outlived the command: {alive}")
        time.sleep(_TICK)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave nothing running, whatever went wrong."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
