"""The commands are real ones, and how far they are can be read off their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from faceprep.cli import cli
from tests.soak.catalogue import FULL, scaled
from tests.soak.stages import Stage, numbered_files, share_done, stages

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("stage", stages(scaled(6_000)), ids=lambda stage: stage.name)
def test_each_command_is_one_that_faceprep_knows(stage: Stage) -> None:
    name, words = stage.arguments[0], [*stage.arguments[1:], "--workers", "2", "--json"]
    command = cli.commands[name]
    if isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    assert command.make_context(name, words).params["workers"] == 2


def test_two_of_them_are_killed() -> None:
    kills = {stage.name: str(stage.kill) for stage in stages(FULL) if stage.kill}
    assert kills == {"extract": "SIGKILL to the parent", "shard": "SIGTERM to every process"}


def test_the_full_soak_writes_shards_of_the_usual_size() -> None:
    assert "128MB" in stages(FULL)[2].arguments
    assert "1MB" in stages(scaled(6_000))[2].arguments


def test_the_share_is_that_of_the_files_called_for(tmp_path: Path) -> None:
    assert share_done(tmp_path) == 0
    names = ("part-00000-of-00004.parquet", "part-00003-of-00004.parquet", "extract.json")
    for name in (*names, ".part-00001-of-00004.parquet.123.tmp"):
        (tmp_path / name).write_bytes(b"12")
    assert share_done(tmp_path) == 0.5
    assert {name: size for name, (size, _) in numbered_files(tmp_path).items()} == {
        names[0]: 2,
        names[1]: 2,
    }


def test_splits_count_together(tmp_path: Path) -> None:
    for name in ("train.tfrecord-00000-of-00003", "test.tfrecord-00000-of-00001"):
        (tmp_path / f"pairs-{name}").touch()
    assert share_done(tmp_path) == 0.5
