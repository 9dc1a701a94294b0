"""What TensorBoard reads of a run: on the local disk, and behind a URL."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest

from faceprep import storage
from tests.train.small_runs import epochs

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    from faceprep.train.tensorboard import Board

if TYPE_CHECKING:
    from pathlib import Path

ROWS = epochs([0.5, 0.25, 0.125])
FACES = [tuple(np.full((8, 8, 1), grey, np.float32) for grey in (0.0, 0.5, 1.0))]
PICTURES = "feature, prediction, target"


def fill(folder: str) -> None:
    board = Board(folder)
    for row in ROWS:
        board.epoch(row, FACES if row.epoch > 1 else ())


def assert_complete(folder: Path) -> None:
    board = EventAccumulator(str(folder))
    board.Reload()
    assert [event.step for event in board.Tensors("val_loss")] == [1, 2, 3]
    values = [float(make_ndarray(event.tensor_proto)) for event in board.Tensors("val_loss")]
    assert values == pytest.approx([0.5, 0.25, 0.125])
    assert [event.step for event in board.Tensors(PICTURES)] == [2, 3]


def test_a_start_of_a_run_has_one_file(tmp_path: Path) -> None:
    fill(str(tmp_path))
    assert len(list(tmp_path.iterdir())) == 1
    assert_complete(tmp_path)


def test_behind_a_url_each_epoch_has_one(tmp_path: Path, memory_url: str) -> None:
    fill(memory_url)
    names = storage.names(memory_url)
    assert len(names) == len(ROWS)
    for name in names:
        (tmp_path / name).write_bytes(storage.read_bytes(f"{memory_url}/{name}"))
    assert_complete(tmp_path)
