"""Curves of losses and accuracies: what is drawn, in which colours, of any history."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from faceprep.errors import StorageError
from faceprep.train.curves import save_accuracy, save_loss
from tests.train.small_runs import FALLING, epochs, pair_epochs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

RED, BLUE, GREY = map(bytes.fromhex, ("D55E00", "0072B2", "6E6E6E"))


def read(path: Path) -> NDArray[Any]:
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))


def near(sheet: NDArray[Any], colour: Sequence[int]) -> NDArray[np.bool_]:
    """Where a picture has about that colour, in its left half: the legend is in the right one."""
    distance = np.abs(sheet.astype(int) - tuple(colour)).sum(axis=2)
    return np.asarray(distance[:, : sheet.shape[1] // 2] < 60)


def ink(sheet: NDArray[Any], colour: Sequence[int]) -> NDArray[np.intp]:
    """Rows of a picture that have a colour."""
    return np.flatnonzero(near(sheet, colour).any(axis=1))


def longest(sheet: NDArray[Any], colour: Sequence[int]) -> int:
    """Pixels of a colour in the row that has most, above the horizontal axis."""
    return int(near(sheet[:450], colour).sum(axis=1).max())


def test_the_curve_shows_both_losses_and_the_baseline(tmp_path: Path) -> None:
    path = tmp_path / "loss.png"
    save_loss(str(path), epochs(FALLING), 0.06)
    with_baseline = read(path)
    save_loss(str(path), epochs(FALLING), None)
    without = read(path)
    assert with_baseline.shape == without.shape == (540, 960, 3)
    for sheet in (with_baseline, without):
        assert len(ink(sheet, RED)) > 20
        assert len(ink(sheet, BLUE)) > 20
    assert longest(with_baseline, GREY) > 200
    assert longest(without, GREY) < 100


def test_a_wild_first_epoch_does_not_press_the_others_flat(tmp_path: Path) -> None:
    path = tmp_path / "loss.png"
    calm, wild = list(FALLING), [40.0, *FALLING[1:]]
    heights = []
    for losses in (calm, wild):
        save_loss(str(path), epochs(losses), None)
        heights.append(np.ptp(ink(read(path), RED)))
    assert heights[1] > 0.5 * heights[0]


@pytest.mark.parametrize(
    "losses",
    [
        [],
        [0.05],
        [0.05] * 4,
        [0.0, 0.0],
        [math.nan],
        [0.06, math.nan, 0.05],
        [math.inf, 0.05],
        [1e-9, 1e9],
    ],
    ids=str,
)
@pytest.mark.parametrize("baseline", [None, 0.048])
def test_any_history_can_be_drawn(
    tmp_path: Path, losses: list[float], baseline: float | None
) -> None:
    path = tmp_path / "loss.png"
    save_loss(str(path), epochs(losses), baseline)
    assert read(path).shape == (540, 960, 3)


def test_losses_that_are_not_alike_have_a_panel_each(tmp_path: Path) -> None:
    path, history = tmp_path / "loss.png", epochs(FALLING)
    save_loss(str(path), history, None, "1 - AUC of validation")
    sheet = read(path)
    assert sheet.shape == (540, 960, 3)
    upper, lower = ink(sheet, RED), ink(sheet, BLUE)
    assert upper.max() < lower.min()
    assert min(np.ptp(upper), np.ptp(lower)) > 60


def test_accuracies_stand_beside_the_recorded_one(tmp_path: Path) -> None:
    path, history = tmp_path / "accuracy.png", pair_epochs([0.5, 0.55, 0.6, 0.58])
    save_accuracy(str(path), history, 0.83)
    with_record = read(path)
    save_accuracy(str(path), history, None)
    without = read(path)
    for sheet in (with_record, without):
        assert sheet.shape == (540, 960, 3)
        assert len(ink(sheet, RED)) > 10
        assert len(ink(sheet, BLUE)) > 10
    assert longest(with_record, GREY) > 200
    assert longest(without, GREY) < 100


def test_accuracy_has_the_same_scale_in_every_picture(tmp_path: Path) -> None:
    path = tmp_path / "accuracy.png"
    lines = []
    for accuracies in ([0.5] * 4, [0.99] * 4):
        save_accuracy(str(path), pair_epochs(accuracies), 0.8)
        lines.append(int(near(read(path), GREY).sum(axis=1).argmax()))
    assert lines[0] == lines[1]


@pytest.mark.parametrize(
    "accuracies", [[], [0.6], [0.0, 1.0], [math.nan], [0.5, math.nan, 0.7]], ids=str
)
def test_any_accuracies_can_be_drawn(tmp_path: Path, accuracies: list[float]) -> None:
    path = tmp_path / "accuracy.png"
    save_accuracy(str(path), pair_epochs(accuracies), 0.84)
    assert read(path).shape == (540, 960, 3)


def test_a_history_without_accuracies_is_an_empty_picture(tmp_path: Path) -> None:
    path = tmp_path / "accuracy.png"
    save_accuracy(str(path), epochs(FALLING), None)
    assert not len(ink(read(path), BLUE))


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=f"{tmp_path}/file/loss.png: a file stands"):
        save_loss(f"{tmp_path}/file/loss.png", epochs([0.05]), None)
    with pytest.raises(StorageError, match=f"{tmp_path}/file/accuracy.png: a file stands"):
        save_accuracy(f"{tmp_path}/file/accuracy.png", pair_epochs([0.5]), None)
