"""`faceprep train siamese` as a user runs it: whole, killed, resumed, and given nonsense."""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from faceprep.train import run_folder
from faceprep.train.history import read_history
from tests.conftest import summary_of
from tests.train.siamese.small_faces import small_cfp_shards, small_triplet_shards
from tests.train.small_pairs import small_pairs
from tests.verify.build import edit_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Faceprep = Callable[..., subprocess.CompletedProcess[str]]

TINY = ("--width", "0.05", "--input-size", "32x32x3", "--embedding", "8", "--batch", "8")
SMALL = ("train", "siamese", *TINY, "--epochs", "3", "--backup-steps", "2")
PAIRWISE = (
    *("train", "siamese", "--width", "0.02", "--input-size", "64x64x3", "--units", "16"),
    *("--batch", "2", "--backup-steps", "1"),
)
KILLS = 3


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with shards/ of CFP and triplets."""
    folder = tmp_path_factory.mktemp("siamese")
    small_triplet_shards(folder, first_person=100)
    small_cfp_shards(folder)
    small_pairs(folder / "more", identities=5)
    return folder


@pytest.fixture(scope="module")
def trained(workspace: Path) -> dict[str, Any]:
    """The summary of a run that nobody disturbed."""
    command = [sys.executable, "-m", "faceprep", *SMALL, "--deterministic", "--json"]
    run = subprocess.run(command, cwd=workspace, capture_output=True, text=True)
    assert "Warning" not in run.stderr, run.stderr
    return summary_of(run)


def stored(folder: Path) -> list[Any]:
    with np.load(folder / run_folder.BACKUP) as backup:
        return [backup[name] for name in sorted(backup.files) if name != "place"]


def test_the_folder_tells_it_all(trained: dict[str, Any], workspace: Path) -> None:
    folder = workspace / trained["folder"]
    assert folder == workspace / "runs" / "siamese-custom-001"
    names = {path.name for path in folder.iterdir()}
    assert names >= {"run.json", "model.keras", "history.csv", "README.md", "people.csv"}
    assert names >= {"loss.png", "accuracy.png", "dataset.png", "predictions.png", "tensorboard"}
    assert (trained["kind"], trained["status"]) == ("siamese", "finished")
    assert trained["steps"] == 3 * (2 * 32 // 8)
    assert trained["data"]["people"] == {"train": 6, "validation": 3, "test": 3}
    for split in ("validation", "test"):
        scores = trained["scores"][split]
        assert set(scores) == {"model", "model_ff", "model_fp", "pixels"}
        assert 0 <= scores["model"]["accuracy"] <= 1
    assert -1 <= trained["threshold"] <= 1
    assert trained["threshold_from"] == ("highest accuracy on the 16 validation pairs (ff03, fp03)")
    rows = list(csv.reader((folder / "people.csv").read_text().splitlines()))
    assert rows[:2] == [["identity", "split"], ["000", "train"]]
    assert [row[1] for row in rows[1:]] == ["train"] * 6 + ["validation"] * 3
    history = read_history(str(folder))
    assert [row.epoch for row in history] == [1, 2, 3]
    assert set(history[0].measures) >= {"accuracy", "val_accuracy", "val_auc"}
    best = min(history, key=lambda row: row.val_loss)
    assert trained["best_epoch"] == best.epoch
    assert trained["scores"]["validation"]["model"]["auc"] == pytest.approx(
        best.measures["val_auc"], abs=1e-9
    )


def test_killed_three_times_it_ends_with_the_same_weights(
    trained: dict[str, Any], workspace: Path
) -> None:
    folder, chance = workspace / "runs" / "killed", random.Random(7)
    command = [
        *(sys.executable, "-m", "faceprep", *SMALL, "--deterministic", "--run-dir", str(folder)),
    ]
    for _ in range(KILLS):
        process = subprocess.Popen(command, cwd=workspace, stderr=subprocess.DEVNULL)
        _wait_for_backup(folder, process)
        time.sleep(chance.uniform(0, 0.3))
        process.kill()
        process.wait()
    last = subprocess.run(command, cwd=workspace, capture_output=True, text=True)
    assert last.returncode == 0, last.stderr
    run = run_folder.read_run(str(folder))
    assert run
    for one, other in zip(stored(folder), stored(workspace / trained["folder"]), strict=True):
        np.testing.assert_array_equal(one, other)
    assert (run.steps, run.scores) == (trained["steps"], trained["scores"])
    assert run.threshold == trained["threshold"]


def _wait_for_backup(folder: Path, process: subprocess.Popen[Any]) -> None:
    file = folder / run_folder.BACKUP
    before = file.stat().st_mtime_ns if file.exists() else 0
    while process.poll() is None and not (file.exists() and file.stat().st_mtime_ns > before):
        time.sleep(0.01)


def test_several_presets_and_the_same_command_does_none_again(
    workspace: Path, faceprep: Faceprep
) -> None:
    command = (
        *PAIRWISE,
        *("--preset", "a,b", "--input-size", "64x64x3", "--epochs", "1", "--run-dir", "runs/list"),
    )
    first = faceprep(*command, cwd=workspace)
    assert first.returncode == 0, first.stderr
    folders = sorted(path.name for path in (workspace / "runs" / "list").iterdir())
    assert folders == ["siamese-a-001", "siamese-b-001"]
    record = json.loads((workspace / "runs" / "list" / folders[1] / "run.json").read_text())
    assert (record["options"]["head"], record["options"]["augment"]) == ("absdiff", True)
    assert record["data"]["splits"]["train"] == ["train"]
    again = faceprep(*command, cwd=workspace)
    assert again.returncode == 0, again.stderr
    assert again.stderr.count("nothing is left to do") == 2
    assert sorted(path.name for path in (workspace / "runs" / "list").iterdir()) == folders
    first_run = workspace / "runs" / "list" / folders[0] / "run.json"
    edit_json(first_run, status="failed", reason="the loss is no number")
    others = faceprep(*command, cwd=workspace)
    assert others.returncode == 1
    assert "(1 of 2 runs came to nothing)" in others.stderr
    assert "nothing is left to do" in others.stderr  # of the second, which is not kept back


def test_nothing_of_a_list_is_begun_where_one_cannot_be(
    workspace: Path, faceprep: Faceprep
) -> None:
    run = faceprep(*PAIRWISE, "--preset", "a,1", "--run-dir", "runs/never", cwd=workspace)
    assert run.returncode == 2
    assert "--pretrained" in run.stderr
    assert not (workspace / "runs" / "never").exists()


def test_more_people_from_another_set(workspace: Path, faceprep: Faceprep) -> None:
    found = summary_of(
        faceprep(*SMALL, "shards", "more/shards/pairs", "--epochs", "1", "--json", cwd=workspace)
    )
    assert found["data"]["people"]["train"] == 6 + 3
    assert found["data"]["others"] == ["more/shards/pairs/1.0.0"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nowhere"], 3, "no such folder"),
        (["more/shards"], 3, "pairs for the autoencoder"),
        (["--test-folds", "9"], 3, "no fold 9"),
        (["--head", "concat"], 2, "--head concat learns with --loss single or two"),
        (["--preset", "x"], 2, "there is no preset 'x'"),
        (["--freeze", "99"], 2, "--freeze"),
        (["--pretrained", "nowhere.npz", "--backbone", "vgg16"], 3, "nowhere.npz"),
    ],
)
def test_bad_input_is_one_line(
    workspace: Path, faceprep: Faceprep, arguments: list[str], code: int, words: str
) -> None:
    run = faceprep(*SMALL, *arguments, "--run-dir", "runs/bad", cwd=workspace)
    assert run.returncode == code, run.stderr
    assert words in run.stderr
    assert "Traceback" not in run.stderr


def test_another_network_does_not_go_on_in_a_run(
    trained: dict[str, Any], workspace: Path, faceprep: Faceprep
) -> None:
    run = faceprep(*SMALL, "--margin", "0.1", "--run-dir", trained["folder"], cwd=workspace)
    assert run.returncode == 2
    assert "--margin was 0.35 and is now 0.1" in run.stderr
