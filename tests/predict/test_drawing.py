"""A picture of a prediction: crop, feature and prediction, side by side, as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from faceprep.errors import StorageError
from faceprep.extract.options import ExtractOptions
from faceprep.faces.encode import encode
from faceprep.predict.drawing import Drawing, draw

if TYPE_CHECKING:
    from pathlib import Path

RED = np.full((160, 160, 3), (250, 10, 10), np.uint8)


def drawing(path: Path, feature: tuple[int, ...], prediction: tuple[int, ...]) -> Drawing:
    crop = encode(RED, ExtractOptions(format="png"))
    dark, bright = np.zeros(feature, np.float32), np.ones(prediction, np.float32)
    return Drawing(str(path), crop, dark, bright)


def pixels(path: Path) -> Any:
    return cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)


@pytest.mark.parametrize(
    ("feature", "prediction", "side"),
    [
        ((64, 64, 1), (64, 64, 1), 128),
        ((128, 128, 1), (64, 64, 1), 128),
        ((96, 96, 3), (96, 96, 3), 192),
        ((32, 32, 3), (32, 32, 1), 128),
        ((256, 256, 3), (32, 32, 1), 256),
        ((64, 32, 1), (64, 32, 1), 128),
    ],
)
def test_the_three_stand_side_by_side(
    tmp_path: Path, feature: tuple[int, ...], prediction: tuple[int, ...], side: int
) -> None:
    path = tmp_path / "a.png"
    draw((drawing(path, feature, prediction),))
    found = pixels(path)
    height, width, _ = found.shape
    assert height == side
    assert 3 * side < width < 3.2 * side
    middle = found[side // 2]
    assert middle[side // 2].tolist() == [250, 10, 10]
    assert middle[width // 2].tolist() == [0, 0, 0]
    assert middle[-side // 2].tolist() == [255, 255, 255]


def test_several_at_once(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(3)]
    draw(tuple(drawing(path, (8, 8, 1), (8, 8, 1)) for path in paths))
    assert sorted(tmp_path.iterdir()) == paths


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"a\.png: could not be written"):
        draw((drawing(tmp_path / "missing" / "a.png", (8, 8, 1), (8, 8, 1)),))
