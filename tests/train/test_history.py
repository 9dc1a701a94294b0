"""history.csv."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from faceprep.errors import InputError
from faceprep.train.history import Epoch, best_of, read_history, write_history

if TYPE_CHECKING:
    from pathlib import Path

ONE = Epoch(1, 128, 12.5, 0.001, 0.0612345678901, 0.07, {"mse": 0.06, "val_mse": 0.07})
TWO = Epoch(2, 256, 25.0, 1e-9, 0.05, 0.06, {"mse": 0.05, "val_mse": 0.06})
HEAD = "epoch,steps,seconds,learning_rate,loss,val_loss,mse\n"
THREE = Epoch(3, 384, 37.5, 1e-9, 0.04, 0.06, {"mse": 0.04, "val_mse": 0.06})


def test_what_is_written_is_read_to_the_last_bit(tmp_path: Path) -> None:
    write_history(str(tmp_path), [ONE, TWO])
    assert read_history(str(tmp_path)) == [ONE, TWO]
    first = (tmp_path / "history.csv").read_text().splitlines()[0]
    assert first == "epoch,steps,seconds,learning_rate,loss,val_loss,mse,val_mse"


def test_every_further_column_is_a_measure(tmp_path: Path) -> None:
    row = Epoch(1, 9, 2.5, 0.1, 0.7, 0.4, {"accuracy": 0.51, "val_accuracy": 0.6, "val_auc": 0.63})
    write_history(str(tmp_path), [row])
    first = (tmp_path / "history.csv").read_text().splitlines()[0]
    assert first.endswith(",loss,val_loss,accuracy,val_accuracy,val_auc")
    assert read_history(str(tmp_path)) == [row]
    assert list(row.flat()) == first.split(",")


def test_a_measure_that_only_later_epochs_have_is_no_number_before(tmp_path: Path) -> None:
    write_history(str(tmp_path), [Epoch(1, 9, 2.5, 0.1, 0.7, 0.4), TWO])
    first, second = read_history(str(tmp_path))
    assert math.isnan(first.measures["mse"])
    assert second == TWO


def test_a_history_without_epochs_has_a_head(tmp_path: Path) -> None:
    write_history(str(tmp_path), [])
    assert read_history(str(tmp_path)) == []


def test_without_a_file_there_are_no_epochs(tmp_path: Path) -> None:
    assert read_history(str(tmp_path)) == []


@pytest.mark.parametrize(
    "text",
    [
        "epoch,steps\n1,2\n",
        "epoch\nx\n",
        HEAD + "1,2,3,4,5,6,x\n",
        HEAD + "1,2,3,4,5,6\n",
        HEAD + "1,2,3,4,5,6,7,8\n",
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "history.csv").write_text(text)
    with pytest.raises(InputError, match=r"history\.csv: not readable"):
        read_history(str(tmp_path))


def test_the_best_epoch_is_the_first_of_the_smallest_validation_loss() -> None:
    assert best_of([ONE, TWO, THREE]) == TWO
    assert best_of([]) is None
