"""Which command comes next."""

from __future__ import annotations

import dataclasses
import socket
from pathlib import Path
from typing import Any

import pytest

from faceprep.status.remaining import next_command
from faceprep.status.report import FolderStatus, Next
from tests.test_past_runs import RUN, at

HERE = {"host": socket.gethostname(), "cwd": str(Path.cwd())}

FACES = FolderStatus("my faces", "faces", "extract", True, 3, 3, "images", 9, 9, targets="chosen")
PAIRS = FolderStatus("s/pairs/1.0.0", "pairs", "shard", True, 3, 3, "records", 9, 9)
CFP = dataclasses.replace(PAIRS, path="s/cfp/1.0.0", what="cfp")


def unfinished(folder: FolderStatus, *commands: str) -> FolderStatus:
    runs = tuple(at(n, 1, command=command or None, **HERE) for n, command in enumerate(commands))
    return dataclasses.replace(folder, finished=False, runs=runs)


@pytest.mark.parametrize(
    ("folders", "command"),
    [
        ([unfinished(FACES)], "faceprep extract SRC --out 'my faces'"),
        ([unfinished(FACES, "faceprep extract raw", "")], "faceprep extract raw"),
        ([unfinished(FACES), PAIRS], "faceprep extract SRC --out 'my faces'"),
        ([dataclasses.replace(FACES, targets="not chosen")], "faceprep select 'my faces'"),
        ([dataclasses.replace(FACES, targets="of other faces")], "faceprep select 'my faces'"),
        (
            [dataclasses.replace(unfinished(FACES, "faceprep extract raw"), forgetting=True)],
            "faceprep forget --faces 'my faces'",
        ),
        ([FACES], "faceprep shard pairs 'my faces'"),
        ([FACES, unfinished(PAIRS)], "faceprep shard pairs FACES --out s"),
        ([unfinished(PAIRS, "faceprep shard --out s")], "faceprep shard --out s"),
        ([FACES, PAIRS], "faceprep train autoencoder s/pairs/1.0.0"),
        ([PAIRS, CFP], "faceprep train siamese s/cfp/1.0.0"),
    ],
)
def test_it_is_the_first_thing_that_is_not_done(folders: list[FolderStatus], command: str) -> None:
    assert next_command(folders) == Next(command)


@pytest.mark.parametrize(
    "folder",
    [
        dataclasses.replace(FACES, finished=False, runs=(at(0, 1), RUN)),
        dataclasses.replace(FACES, targets="being chosen", selecting=(RUN,)),
    ],
)
def test_while_a_run_is_at_work_there_is_none(folder: FolderStatus) -> None:
    assert next_command([folder]) is None


FROM_URL = "faceprep extract s3://b/raw --out s3://b/faces"


@pytest.mark.parametrize(
    ("given", "step"),
    [
        (HERE, Next("faceprep extract raw")),
        (HERE | {"cwd": "/my data"}, Next("cd '/my data' && faceprep extract raw")),
        (HERE | {"cwd": None}, Next("faceprep extract raw")),
        (HERE | {"host": "node-7", "cwd": "/d"}, Next("cd /d && faceprep extract raw", "node-7")),
        (HERE | {"host": "node-7", "cwd": None}, Next("faceprep extract raw", "node-7")),
        ({"host": "node-7", "cwd": "/d", "command": FROM_URL}, Next(FROM_URL)),
    ],
)
def test_it_is_for_the_folder_and_the_machine_that_it_was_given_on(
    given: dict[str, Any], step: Next
) -> None:
    run = at(0, 1, **{"command": "faceprep extract raw", **given})
    assert next_command([dataclasses.replace(FACES, finished=False, runs=(run,))]) == step


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ("faceprep extract raw --task 3/16 --out f", "faceprep extract raw --out f"),
        ("faceprep extract --task=3/16 raw --json", "faceprep extract raw"),
        ("faceprep extract --log-format json 'a --json b'", "faceprep extract 'a --json b'"),
        ("faceprep extract raw --quiet --debug --size 112", "faceprep extract raw --size 112"),
    ],
)
def test_what_was_for_one_run_alone_is_left_out(given: str, left: str) -> None:
    assert next_command([unfinished(FACES, given)]) == Next(left)
