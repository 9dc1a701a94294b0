"""A run that is kept in a bucket outlives the machines it is trained on; the server is a real one."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from click.testing import CliRunner

from faceprep import storage
from faceprep.commands.train import train
from faceprep.errors import InputError
from faceprep.predict.trained import open_run
from faceprep.train import run_folder
from faceprep.train.history import read_history
from tests.train.small_training import SMALL, arrays_of, start

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.object_stores import Gate

NAME = "autoencoder-custom-001"
BACKUPS = 4
"""In an epoch."""


def uploaded(workspace: Path, bucket: str) -> str:
    """The shards of the workspace, in a bucket."""
    for file in (workspace / "shards" / "pairs" / "1.0.0").iterdir():
        storage.write_bytes(f"{bucket}/shards/pairs/1.0.0/{file.name}", file.read_bytes())
    return f"{bucket}/shards"


def machine(disk: Path, shards: str, runs: str) -> subprocess.Popen[str]:
    """The command that trains, on a machine that has nothing yet."""
    disk.mkdir()
    environment = {**os.environ, "FACEPREP_CACHE": str(disk / "cache")}
    words = (shards, "--runs", runs, "--deterministic", "--json")
    return start(disk, *words, env=environment)


def kill_in_the_second_epoch(process: subprocess.Popen[str], gate: Gate) -> None:
    def backups() -> int:
        return sum("PUT" in each and run_folder.BACKUP in each for each in gate.requests)

    while process.poll() is None and backups() <= BACKUPS + 1:
        time.sleep(0.005)
    process.kill()
    process.communicate()


def test_killed_on_one_machine_it_ends_on_another_with_the_same_weights(
    s3_bucket: str, s3_gate: Gate, tmp_path: Path, workspace: Path, trained: dict[str, Any]
) -> None:
    shards, runs = uploaded(workspace, s3_bucket), f"{s3_bucket}/runs"
    kill_in_the_second_epoch(machine(tmp_path / "one", shards, runs), s3_gate)
    before = read_history(f"{runs}/{NAME}")
    other = machine(tmp_path / "other", shards, runs)
    told, said = other.communicate()
    assert other.returncode == 0, said
    run, here = json.loads(told), workspace / trained["folder"]
    assert (run["folder"], run["status"]) == (f"{runs}/{NAME}", "finished")
    assert (run["steps"], run["scores"]) == (trained["steps"], trained["scores"])
    assert len(before) == 1
    assert read_history(run["folder"])[:1] == before  # with the seconds it took
    ours, theirs = (
        arrays_of(storage.read_bytes(f"{folder}/{run_folder.BACKUP}"))
        for folder in (here, run["folder"])
    )
    for one, same in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, same)
    assert storage.names(run["folder"]) == storage.names(str(here))
    assert_all_is_in_the_bucket(run, shards)
    for disk in tmp_path.iterdir():
        assert [file.name for file in disk.iterdir()] == ["cache"]
        assert len(list((disk / "cache").iterdir())) == 1  # of the shards


def assert_all_is_in_the_bucket(run: dict[str, Any], shards: str) -> None:
    folder = run["folder"]
    stored = run_folder.read_run(folder)
    assert stored
    assert (stored.name, stored.scores) == (NAME, run["scores"])
    assert stored.data["folder"] == f"{shards}/pairs/1.0.0"
    assert len(storage.names(f"{folder}/{run_folder.TENSORBOARD}")) >= run["epochs"]
    card = storage.read_bytes(f"{folder}/{run_folder.CARD}").decode()
    assert f"faceprep train autoencoder {shards}/pairs/1.0.0 " in card
    assert f"--run-dir {folder}\n" in card
    from faceprep.train.saved import load_model

    assert load_model(open_run(folder).model, "").count_params() == run["parameters"]


def test_no_such_bucket_is_one_line(s3_bucket: str, workspace: Path) -> None:
    words = [*SMALL[1:], str(workspace / "shards"), "--runs", f"{s3_bucket}-of-another/runs"]
    found = CliRunner().invoke(train, words)
    assert isinstance(found.exception, InputError)
    assert "there is no such bucket" in str(found.exception)
