"""`faceprep train autoencoder` as a user runs it: whole, killed, resumed, and given nonsense."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from faceprep.train import run_folder
from faceprep.train.history import read_history
from tests.train.small_pairs import small_pairs
from tests.train.small_training import SMALL, arrays_of, start

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Faceprep = Callable[..., subprocess.CompletedProcess[str]]

KILLS = 5


def wait_for_backup(folder: Path, process: subprocess.Popen[str]) -> None:
    """Until the run stores a backup from now on, or ends."""
    file = folder / run_folder.BACKUP
    before = file.stat().st_mtime_ns if file.exists() else 0
    while process.poll() is None and not (file.exists() and file.stat().st_mtime_ns > before):
        time.sleep(0.01)


def stored(folder: Path) -> list[Any]:
    return arrays_of((folder / run_folder.BACKUP).read_bytes())


def test_the_folder_tells_it_all(trained: dict[str, Any], workspace: Path) -> None:
    folder = workspace / trained["folder"]
    assert folder == workspace / "runs" / "autoencoder-custom-001"
    names = {path.name for path in folder.iterdir()}
    written = {"run.json", "model.keras", "history.csv", "README.md", "tensorboard"}
    assert names >= {*written, "loss.png", "dataset.png", "predictions.png"}
    assert (trained["status"], trained["reason"]) == ("finished", "all 3 epochs done")
    assert trained["epochs"] == 3
    assert trained["steps"] == 3 * (trained["data"]["records"]["train"] // 4)
    for split in ("validation", "test"):
        scores = trained["scores"][split]
        assert set(scores) == {"model", "mean_target", "feature"}
        assert scores["model"]["images"] == trained["data"]["records"][split]
        assert 0 < scores["model"]["mse"] < 1
    best = min(read_history(str(folder)), key=lambda row: row.val_loss)
    assert trained["best_epoch"] == best.epoch
    assert trained["scores"]["validation"]["model"]["mse"] == pytest.approx(
        best.measures["val_mse"], rel=1e-4
    )


def test_tensorboard_has_figures_and_pictures(trained: dict[str, Any], workspace: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    board = EventAccumulator(str(workspace / trained["folder"] / "tensorboard"))
    board.Reload()
    assert [e.step for e in board.Tensors("val_loss")] == [1, 2, 3]
    assert len(board.Tensors("feature, prediction, target")) == 3


def test_a_finished_run_is_not_done_again(
    trained: dict[str, Any], workspace: Path, faceprep: Faceprep
) -> None:
    folder = workspace / trained["folder"]
    before = (folder / "model.keras").stat().st_mtime_ns
    again = faceprep(*SMALL, "--deterministic", "--run-dir", trained["folder"], cwd=workspace)
    assert again.returncode == 0
    assert "nothing is left to do" in again.stderr
    assert (folder / "model.keras").stat().st_mtime_ns == before


def test_killed_five_times_it_ends_with_the_same_weights(
    trained: dict[str, Any], workspace: Path
) -> None:
    folder, chance = workspace / "runs" / "killed", random.Random(7)
    options = ("--deterministic", "--run-dir", str(folder))
    for _ in range(KILLS):
        process = start(workspace, *options)
        wait_for_backup(folder, process)
        time.sleep(chance.uniform(0, 0.3))
        process.kill()
        process.communicate()
    last = start(workspace, *options)
    _, said = last.communicate()
    assert last.returncode == 0, said
    run = run_folder.read_run(str(folder))
    assert run
    assert (run.steps, run.epochs) == (trained["steps"], trained["epochs"])
    for one, other in zip(stored(folder), stored(workspace / trained["folder"]), strict=True):
        np.testing.assert_array_equal(one, other)
    assert run.scores == trained["scores"]


def test_sigterm_backs_up_and_the_same_command_goes_on(workspace: Path) -> None:
    folder = workspace / "runs" / "ended"
    process = start(workspace, "--epochs", "500", "--run-dir", str(folder))
    wait_for_backup(folder, process)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 143
    assert said.splitlines()[-1].endswith(
        "stopped by SIGTERM; what is finished stays, and the same command goes on from there"
    )
    (folder / run_folder.STOP).touch()
    done = len(read_history(str(folder)))
    again = start(workspace, "--epochs", "500", "--run-dir", str(folder))
    _, said = again.communicate()
    assert again.returncode == 0, said
    run = run_folder.read_run(str(folder))
    assert run
    assert run.reason == "the file STOP was there"
    assert run.epochs in (done, done + 1)


def refused(run: subprocess.CompletedProcess[str], exit_code: int) -> str:
    """The one line that says why."""
    assert run.returncode == exit_code, run.stderr
    assert "Traceback" not in run.stderr
    return run.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        (("nowhere",), 3, "nowhere: no such folder"),
        (("--preset", "fronta"), 2, "there is no preset 'fronta' (did you mean 'frontal'?)"),
        (("--input-size", "102x64x1"), 2, "do not halve evenly"),
        (("--output-size", "128x128x1"), 2, "gives 32x32x1"),
        (("--model", "nothing.py:build"), 2, "--model nothing.py:build: no such file"),
        (("--learning-rate", "nan"), 2, "nan"),
        (("--runs", ""), 2, "--runs is empty"),
    ],
)
def test_nonsense_is_one_line(
    workspace: Path,
    faceprep: Faceprep,
    arguments: tuple[str, ...],
    exit_code: int,
    message: str,
) -> None:
    assert message in refused(faceprep(*SMALL, *arguments, cwd=workspace), exit_code)


def test_another_configuration_is_refused_by_name(
    trained: dict[str, Any], workspace: Path, faceprep: Faceprep
) -> None:
    asked = (*SMALL, "--deterministic", "--run-dir", trained["folder"], "--latent", "7")
    assert "--latent was 6 and is now 7" in refused(faceprep(*asked, cwd=workspace), 2)


def test_a_corrupt_shard_is_named(tmp_path: Path, faceprep: Faceprep) -> None:
    folder = small_pairs(tmp_path)
    shard = sorted(folder.glob("pairs-train*"))[1]
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 0xFF
    shard.write_bytes(content)
    said = refused(faceprep(*SMALL, cwd=tmp_path), 3)
    assert shard.name in said
    assert "faceprep verify" in said


def test_a_run_that_is_at_work_is_left_alone(workspace: Path, faceprep: Faceprep) -> None:
    folder = workspace / "runs" / "busy"
    process = start(workspace, "--epochs", "500", "--run-dir", str(folder))
    wait_for_backup(folder, process)
    second = faceprep(*SMALL, "--epochs", "500", "--run-dir", str(folder), cwd=workspace)
    assert "another run is at work in it" in refused(second, 4)
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 130


_DIVERGING = """
from tensorflow import keras

def build(options):
    feature = keras.layers.Input(options.input_shape)
    x = keras.layers.Dense(1, kernel_initializer="ones")(feature)
    return keras.Model(feature, keras.ops.sqrt(x - 2))
"""


def test_a_loss_that_is_no_number_is_exit_1_and_the_card_says_so(
    workspace: Path, faceprep: Faceprep
) -> None:
    (workspace / "wild.py").write_text(_DIVERGING)
    run = faceprep(*SMALL, "--model", "wild.py:build", "--run-dir", "runs/nan", cwd=workspace)
    assert "no number" in refused(run, 1)
    assert json.loads((workspace / "runs/nan/run.json").read_text())["status"] == "failed"


@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("mount"), reason="a small disk needs root"
)
def test_a_full_disk_is_exit_4_and_what_is_finished_stays(
    workspace: Path, tmp_path: Path, faceprep: Faceprep
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(disk)])
    if mounted.returncode:
        pytest.skip("no permission to mount")
    try:
        run = faceprep(*SMALL, "--run-dir", str(disk / "run"), cwd=workspace)
        assert "no space left" in refused(run, 4)
    finally:
        subprocess.run(["umount", str(disk)])
