"""What remains to be done, as a command."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from faceprep.status.report import FolderStatus

_WORDS = {"--json", "--quiet", "--debug"}
_WITH_VALUE = {"--task", "--log-format"}
"""What was for one run: a task of an array has done its share, and the rest may be others'."""


def next_command(folders: Sequence[FolderStatus]) -> str | None:
    """The command that does what comes next; None while runs are at work on it.

    Args:
        folders: in the order in which they are made.
    """
    for folder in folders:
        if folder.running:
            return None
        if not folder.finished:
            return _again(folder)
        if folder.targets not in (None, "chosen"):
            return f"faceprep select {shlex.quote(folder.path)}"
    last = folders[-1]
    if last.stage == "extract":
        return f"faceprep shard pairs {shlex.quote(last.path)}"
    network = "autoencoder" if last.what == "pairs" else "siamese"
    return f"faceprep train {network} {shlex.quote(last.path)}"


def _again(folder: FolderStatus) -> str:
    """The command that the last run was begun with: it goes on where that one stopped."""
    commands = [run.command for run in folder.runs if run.command]
    if commands:
        return shlex.join(_for_any_run(shlex.split(commands[-1])))
    path = folder.path.rstrip("/")
    if folder.stage == "extract":
        return f"faceprep extract SRC --out {shlex.quote(path)}"
    root = path.rpartition("/")[0].rpartition("/")[0]
    return f"faceprep shard {folder.what} FACES --out {shlex.quote(root or '.')}"


def _for_any_run(words: Iterable[str]) -> Iterator[str]:
    waiting = iter(words)
    for word in waiting:
        if word in _WITH_VALUE:
            next(waiting, None)
        elif word.partition("=")[0] not in _WORDS | _WITH_VALUE:
            yield word
