"""The card of a run: tells all, at any time of the run; keeps notes; its commands are real."""

from __future__ import annotations

import dataclasses
import math
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from markdown_it import MarkdownIt

from faceprep.commands.train import autoencoder, siamese
from faceprep.train.card import LOGGED, selected, write_card
from faceprep.train.verdict import DEFINITION, verdict
from tests.train.small_runs import FALLING, a_pair_run, a_run, epochs, pair_epochs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from faceprep.train.history import Epoch
    from faceprep.train.run_folder import Run

HISTORY = epochs(FALLING)
READER = MarkdownIt("commonmark", {"html": True}).enable("table")


def card(folder: Path, run: Run, history: Sequence[Epoch] = HISTORY) -> str:
    write_card(str(folder), run, history)
    return (folder / "README.md").read_text("utf-8")


def cells(text: str, first: str) -> list[str]:
    """Of the row of a table that begins so."""
    row = next(line for line in text.splitlines() if line.startswith(f"| {first} |"))
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_the_card_tells_what_the_run_was_and_came_to(tmp_path: Path) -> None:
    text = card(tmp_path, a_run())
    assert text.startswith("# autoencoder-v12-001\n")
    assert "Preset `v12`; 18,736,897 parameters." in text
    assert cells(text, "status") == ["status", "finished: all 30 epochs done"]
    assert cells(text, "training")[1] == (
        "30 min on CPU (2 cores); 30 epochs, 3,000 steps; began 2025-11-22 03:05 UTC"
    )
    assert cells(text, "best epoch")[1].startswith("30, validation loss 0.05133; ")
    assert cells(text, "validation")[1] == "mse 0.0456 (0.95), SSIM 0.471 (1.15)"
    assert cells(text, "overfitting")[1] == "still improving"
    assert "Overfitting: **still improving**: the validation loss fell by 1.8%" in text
    assert DEFINITION in text
    assert "│ latent (Dense) │ 8,388,864 │" in text
    assert "Made with faceprep 0.3.0, keras 3.15.1 on Linux-6.1-x86_64." in text


def test_the_data_are_told_to_the_last_option(tmp_path: Path) -> None:
    text = card(tmp_path, a_run())
    assert cells(text, "shards")[1] == "`shards/pairs/1.0.0`"
    assert cells(text, "fingerprint")[1] == f"`{'0123456789abcdef' * 4}`"
    assert cells(text, "records")[1] == "train 5,000, validation 1,240, test 1,300"
    assert cells(text, "images")[1] == "160 px, jpeg"
    assert "min face 20" in cells(text, "cut out with")[1]
    bare = card(tmp_path, a_run(data={"folder": "x", "fingerprint": "0"}))
    assert cells(bare, "cut out with")[1] == "not recorded"


def test_what_is_not_the_presets_is_bold_beside_the_presets(tmp_path: Path) -> None:
    text = card(tmp_path, a_run(options={"latent": 128, "flip": True}))
    assert "Preset `v12` with flip yes, latent 128;" in text
    assert "Bold: another value than that of `v12`, which is in brackets." in text
    assert "| `--latent` | **128** (256) |" in text
    assert "| `--flip` | **yes** (no) |" in text
    assert "| `--epochs` | 30 |" in text


def test_without_a_preset_the_defaults_are_what_is_compared_with(tmp_path: Path) -> None:
    text = card(tmp_path, a_run(preset="custom"))
    assert "No preset; other than the defaults: " in text
    assert "family pooled" in text
    assert "Bold: another value than the default, which is in brackets." in text


@pytest.mark.parametrize("name", ["loss.png", "predictions.png", "dataset.png"])
def test_only_pictures_that_are_there_are_shown(tmp_path: Path, name: str) -> None:
    assert "![" not in card(tmp_path, a_run())
    (tmp_path / name).touch()
    text = card(tmp_path, a_run())
    assert f"]({name})" in text
    assert text.count("![") == 1


@pytest.mark.parametrize(
    ("changes", "history", "words"),
    [
        (
            {"status": "running", "reason": "", "epochs": 0, "best_epoch": None, "best_loss": None,
             "scores": {}, "verdict": "", "ended": None, "seconds": 0.0, "steps": 0},
            [],
            ["| status | running |", "No epoch is done.", "None; they are measured", "| none yet |"],
        ),
        (
            {"status": "failed", "reason": "loss is nan in epoch 3, step 7", "scores": {}},
            [*epochs(FALLING[:2]), *epochs([math.nan])],
            ["| status | failed: loss is nan in epoch 3, step 7 |", "| nan |"],
        ),
        ({"machine": {}, "versions": {}, "summary": ""}, HISTORY, ["(? cores)"]),
        (
            {"machine": {"devices": ["A100", "A100"], "cores": 24}},
            HISTORY,
            ["30 min on 2 × A100 (24 cores)"],
        ),
        ({"kind": "other", "preset": "x"}, HISTORY, ["A model of the kind other."]),
    ],
    ids=["begun", "failed", "bare", "gpus", "kind"],
)  # fmt: skip
def test_a_card_can_be_written_at_any_time(
    tmp_path: Path, changes: dict[str, Any], history: list[Epoch], words: list[str]
) -> None:
    text = card(tmp_path, a_run(**changes), history)
    for each in words:
        assert each in text
    assert READER.render(text)


def test_the_log_of_a_short_run_has_every_epoch(tmp_path: Path) -> None:
    history = epochs(FALLING[:3])
    text = card(tmp_path, a_run(), history)
    assert "<summary>All epochs, as in history.csv</summary>" in text
    assert "| epoch | steps | time | learning rate | training loss | validation loss |\n" in text
    assert cells(text, "2") == ["2", "200", "2 min", "0.001", "0.08900", "0.07000"]
    assert cells(text, "**3**")[-1] == "**0.06333**"


def test_the_mse_is_told_where_it_is_not_the_loss(tmp_path: Path) -> None:
    rows = [dataclasses.replace(row, loss=0.3, val_loss=0.4) for row in HISTORY]
    text = card(tmp_path, a_run(), rows)
    assert "| training loss | validation loss | training mse | validation mse |" in text


@pytest.mark.parametrize("count", [1, 2, 19, 20, 21, 39, 40, 41, 500, 1000])
@pytest.mark.parametrize("best", [0, 0.37, 1])
def test_a_long_log_keeps_the_first_the_best_and_the_last(count: int, best: float) -> None:
    losses = [1.0] * count
    losses[round(best * (count - 1))] = 0.5
    history = epochs(losses)
    shown = selected(history)
    numbers = [row.epoch for row in shown]
    assert len(shown) == min(count, len(shown)) <= LOGGED
    assert len(shown) >= min(count, LOGGED - 1)
    assert numbers == sorted(set(numbers))
    assert {1, count, 1 + round(best * (count - 1))} <= set(numbers)


def test_a_long_log_says_how_much_of_it_is_shown(tmp_path: Path) -> None:
    text = card(tmp_path, a_run(), epochs(FALLING * 4))
    assert "of 120 epochs, as in history.csv</summary>" in text


def test_notes_stay_when_the_card_is_written_anew(tmp_path: Path) -> None:
    text = card(tmp_path, a_run())
    (tmp_path / "README.md").write_text(f"{text}Try again with more dropout.\n", "utf-8")
    anew = card(tmp_path, a_run(reason="the file STOP was there"))
    assert anew.endswith("-->\n\nTry again with more dropout.\n")
    assert "all 30 epochs done" not in anew


def test_the_command_in_the_card_gives_the_same_run_again(tmp_path: Path) -> None:
    options = {"latent": 128, "flip": True, "model": "", "learning_rate": 1e-5}
    run = a_run(options=options, fit={"epochs": 7, "jit": True})
    folder = tmp_path / "a run"
    folder.mkdir()
    line = next(
        line for line in card(folder, run).splitlines() if line.startswith("faceprep train")
    )
    program, stage, kind, *arguments = shlex.split(line)
    assert (program, stage, kind) == ("faceprep", "train", "autoencoder")
    parsed = autoencoder.make_context(kind, arguments).params
    assert parsed["preset_name"] == "v12"
    assert parsed["run_dir"] == str(folder)
    assert parsed["shards_dir"] == "shards/pairs/1.0.0"
    for name, value in {**options, "epochs": 7, "jit": True}.items():
        if name != "model":
            assert parsed[name] == value


def test_the_card_of_a_siamese_run_has_all_that_it_needs(tmp_path: Path) -> None:
    for picture in ("loss.png", "accuracy.png", "predictions.png", "dataset.png"):
        (tmp_path / picture).touch()
    text = card(tmp_path, a_pair_run(), pair_epochs([0.5, 0.6, 0.7]))
    assert "A Siamese network: two faces go through the same layers" in text
    assert cells(text, "test")[1] == "accuracy 80.0% (FF 84.0%, FP 76.0%)"
    assert cells(text, "threshold")[1].startswith(
        "0.3125: highest accuracy on the 1,400 validation"
    )
    assert cells(text, "recorded")[1].startswith("validation 83 %, test 83 %, best epoch 55; ")
    assert cells(text, "train")[1] == "FF and FP of folds 1–6; 300 people"
    assert cells(text, "**3**")[-3:] == ["**53.0%**", "**70.0%**", "**0.7500**"]
    assert text.count("![") == 4
    assert "mean target" not in text
    assert "Beware" not in text
    assert f"faceprep evaluate {tmp_path} shards/cfp/1.0.0" in text
    assert READER.render(text)


def test_a_network_that_learns_nothing_has_it_on_its_card(tmp_path: Path) -> None:
    history = pair_epochs([0.5, 0.5, 0.51])
    text = card(tmp_path, a_pair_run(preset="4", scores={}, threshold=None), history)
    assert "**Beware**: the validation accuracy was 50% in the last 3 epochs" in text


def test_the_training_accuracy_of_names_is_told_from_that_of_pairs(tmp_path: Path) -> None:
    (tmp_path / "accuracy.png").touch()
    history = pair_epochs([0.5, 0.6, 0.7])
    assert "of naming the person" in card(tmp_path, a_pair_run(preset="embed"), history)
    assert "of naming the person" not in card(tmp_path, a_pair_run(), history)


def test_the_command_in_the_card_of_a_siamese_run_gives_it_again(tmp_path: Path) -> None:
    options = {"units": 8, "augment": False, "train_folds": "1-4"}
    run = a_pair_run(options=options, fit={"epochs": 3}, data={"others": ["more people"]})
    lines = card(tmp_path, run).splitlines()
    line = next(line for line in lines if line.startswith("faceprep train"))
    _, _, kind, *arguments = shlex.split(line)
    parsed = siamese.make_context(kind, arguments).params
    assert (kind, parsed["preset_names"]) == ("siamese", "6")
    assert parsed["shards_dir"] == ("shards/cfp/1.0.0", "more people")
    assert {name: parsed[name] for name in (*options, "epochs")} == {**options, "epochs": 3}


def test_what_is_off_by_choice_is_off_in_the_command(tmp_path: Path) -> None:
    text = card(tmp_path, a_run(preset="custom", options={"flip": False}))
    command = next(line for line in text.splitlines() if line.startswith("faceprep train"))
    assert " --no-flip " in command
    assert "--preset" not in command


def test_every_kind_of_loss_gets_a_card(tmp_path: Path) -> None:
    for losses in ([], [0.05], [math.nan], [0.0] * 6, FALLING):
        history = epochs(losses)
        assert card(tmp_path, a_run(verdict=verdict(history)), history)


def test_cards_and_tables_of_runs_are_light() -> None:
    program = (
        "import sys, faceprep.train.card, faceprep.train.runs, faceprep.sheets;"
        "print([name for name in ('tensorflow', 'keras', 'matplotlib', 'PIL') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
