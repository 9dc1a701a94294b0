"""Which command comes next."""

from __future__ import annotations

import dataclasses

import pytest

from faceprep.status.remaining import next_command
from faceprep.status.report import FolderStatus
from tests.test_past_runs import RUN, at

FACES = FolderStatus("my faces", "faces", "extract", True, 3, 3, "images", 9, 9, targets="chosen")
PAIRS = FolderStatus("s/pairs/1.0.0", "pairs", "shard", True, 3, 3, "records", 9, 9)
CFP = dataclasses.replace(PAIRS, path="s/cfp/1.0.0", what="cfp")


def unfinished(folder: FolderStatus, *commands: str) -> FolderStatus:
    runs = tuple(at(n, 1, command=command or None) for n, command in enumerate(commands))
    return dataclasses.replace(folder, finished=False, runs=runs)


@pytest.mark.parametrize(
    ("folders", "command"),
    [
        ([unfinished(FACES)], "faceprep extract SRC --out 'my faces'"),
        ([unfinished(FACES, "faceprep extract raw", "")], "faceprep extract raw"),
        ([unfinished(FACES), PAIRS], "faceprep extract SRC --out 'my faces'"),
        ([dataclasses.replace(FACES, targets="not chosen")], "faceprep select 'my faces'"),
        ([dataclasses.replace(FACES, targets="of other faces")], "faceprep select 'my faces'"),
        ([FACES], "faceprep shard pairs 'my faces'"),
        ([FACES, unfinished(PAIRS)], "faceprep shard pairs FACES --out s"),
        ([unfinished(PAIRS, "faceprep shard --out s")], "faceprep shard --out s"),
        ([FACES, PAIRS], "faceprep train autoencoder s/pairs/1.0.0"),
        ([PAIRS, CFP], "faceprep train siamese s/cfp/1.0.0"),
    ],
)
def test_it_is_the_first_thing_that_is_not_done(folders: list[FolderStatus], command: str) -> None:
    assert next_command(folders) == command


def test_while_a_run_is_at_work_there_is_none() -> None:
    working = dataclasses.replace(unfinished(FACES), runs=(at(0, 1), RUN))
    assert next_command([working]) is None


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
    assert next_command([unfinished(FACES, given)]) == left
