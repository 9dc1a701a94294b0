"""history.csv."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faceprep.errors import InputError
from faceprep.train.history import Epoch, best_of, read_history, write_history

if TYPE_CHECKING:
    from pathlib import Path

ONE = Epoch(1, 128, 12.5, 0.001, 0.0612345678901, 0.07, 0.06, 0.07)
TWO = Epoch(2, 256, 25.0, 1e-9, 0.05, 0.06, 0.05, 0.06)
THREE = Epoch(3, 384, 37.5, 1e-9, 0.04, 0.06, 0.04, 0.06)


def test_what_is_written_is_read_to_the_last_bit(tmp_path: Path) -> None:
    write_history(str(tmp_path), [ONE, TWO])
    assert read_history(str(tmp_path)) == [ONE, TWO]
    first = (tmp_path / "history.csv").read_text().splitlines()[0]
    assert first == "epoch,steps,seconds,learning_rate,loss,val_loss,mse,val_mse"


def test_without_a_file_there_are_no_epochs(tmp_path: Path) -> None:
    assert read_history(str(tmp_path)) == []


@pytest.mark.parametrize("text", ["epoch,steps\n1,2\n", "epoch\nx\n"])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "history.csv").write_text(text)
    with pytest.raises(InputError, match=r"history\.csv: not readable"):
        read_history(str(tmp_path))


def test_the_best_epoch_is_the_first_of_the_smallest_validation_loss() -> None:
    assert best_of([ONE, TWO, THREE]) == TWO
    assert best_of([]) is None
