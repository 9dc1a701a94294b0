"""What remains to be done, as a command."""

from __future__ import annotations

import shlex
import socket
from typing import TYPE_CHECKING

from faceprep.journal import working_folder
from faceprep.status.report import Next

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from faceprep.past_runs import Run
    from faceprep.status.report import FolderStatus

_WORDS = {"--json", "--quiet", "--debug"}
_WITH_VALUE = {"--task", "--log-format"}
"""What was for one run: a task of an array has done its share, and the rest may be others'."""


def next_command(folders: Sequence[FolderStatus]) -> Next | None:
    """The command that does what comes next; None while runs are at work.

    Args:
        folders: in the order in which they are made.
    """
    for folder in folders:
        if folder.at_work:
            return None
        if folder.forgetting:
            return Next(f"faceprep forget --faces {shlex.quote(folder.path)}")
        if not folder.finished:
            return _again(folder)
        if folder.targets not in (None, "chosen"):
            return Next(f"faceprep select {shlex.quote(folder.path)}")
    last = folders[-1]
    if last.stage == "extract":
        return Next(f"faceprep shard pairs {shlex.quote(last.path)}")
    network = "autoencoder" if last.what == "pairs" else "siamese"
    return Next(f"faceprep train {network} {shlex.quote(last.path)}")


def _again(folder: FolderStatus) -> Next:
    """The command that the last run was begun with: it goes on where that one stopped."""
    for run in reversed(folder.runs):
        if run.command:
            return _as_begun(run, run.command)
    path = folder.path.rstrip("/")
    if folder.stage == "extract":
        return Next(f"faceprep extract SRC --out {shlex.quote(path)}")
    root = path.rpartition("/")[0].rpartition("/")[0]
    return Next(f"faceprep shard {folder.what} FACES --out {shlex.quote(root or '.')}")


def _as_begun(run: Run, command: str) -> Next:
    """The command of a run, where it was given: its paths, and those it does not name, are from there."""
    words = list(_for_any_run(shlex.split(command)))
    if sum("://" in word for word in words) > 1:  # from where and to where: the same from anywhere
        return Next(shlex.join(words))
    host = None if run.host == socket.gethostname() else run.host
    if run.cwd is None or (host is None and run.cwd == working_folder()):
        return Next(shlex.join(words), host)
    return Next(f"cd {shlex.quote(run.cwd)} && {shlex.join(words)}", host)


def _for_any_run(words: Iterable[str]) -> Iterator[str]:
    waiting = iter(words)
    for word in waiting:
        if word in _WITH_VALUE:
            next(waiting, None)
        elif word.partition("=")[0] not in _WORDS | _WITH_VALUE:
            yield word
