"""Sheets of faces and the curve of the losses: as large as said, right pixels in the right places."""

from __future__ import annotations

import io
import math
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from faceprep.errors import StorageError
from faceprep.train.pictures import grid, save_grid, save_loss
from tests.train.small_pairs import draw_face
from tests.train.small_runs import FALLING, epochs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

GAP, WIDE, HEAD = 4, 16, 28  # px
TITLES = ("feature", "prediction", "target")


def flat(value: float, height: int = 64, width: int = 64, channels: int = 1) -> NDArray[np.float32]:
    return np.full((height, width, channels), value, np.float32)


def read(path: Path) -> NDArray[Any]:
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize(
    ("size", "side"), [(32, 128), (48, 192), (64, 128), (96, 192), (128, 128), (160, 160)]
)
def test_small_pictures_are_doubled_until_they_can_be_seen(size: int, side: int) -> None:
    assert grid([[flat(0.5, size, size)]]).shape == (side, side, 3)


def test_pictures_stand_in_rows_and_columns_with_gaps() -> None:
    sheet = grid([[flat(0), flat(0.2)], [flat(0.4), flat(0.6)], [flat(0.8)]])
    assert sheet.dtype == np.uint8
    assert sheet.shape == (3 * 128 + 2 * GAP, 2 * 128 + GAP, 3)
    step = 128 + GAP
    for place, value in enumerate((0, 51, 102, 153, 204)):
        y, x = step * (place // 2), step * (place % 2)
        assert (sheet[y : y + 128, x : x + 128] == value).all()
    assert (sheet[128:step] == 255).all()
    assert (sheet[:, 128:step] == 255).all()
    assert (sheet[2 * step :, step:] == 255).all()


def test_a_wider_gap_is_between_blocks() -> None:
    sheet = grid([[flat(0)] * 4], block=2)
    assert sheet.shape[1] == 4 * 128 + 2 * GAP + WIDE
    assert (sheet[:, 2 * 128 + GAP :][:, :WIDE] == 255).all()


def test_a_picture_keeps_its_pixels_when_it_is_enlarged() -> None:
    picture = np.arange(64 * 64, dtype=np.float32).reshape(64, 64, 1) / 4095
    sheet = grid([[picture]])
    np.testing.assert_array_equal(sheet[::2, ::2, 0], np.rint(picture[..., 0] * 255))
    np.testing.assert_array_equal(sheet[::2], sheet[1::2])
    np.testing.assert_array_equal(sheet[..., 0], sheet[..., 2])


def test_colours_stay() -> None:
    sheet = grid([[np.broadcast_to(np.array([1, 0.2, 0], np.float32), (128, 128, 3))]])
    assert sheet[5, 5].tolist() == [255, 51, 0]


def test_pictures_of_different_sizes_get_one_side_and_keep_their_shape() -> None:
    sheet = grid([[flat(0, 128, 128, 3), flat(0, 64, 64), flat(0, 64, 32)]])
    assert sheet.shape == (128, 3 * 128 + 2 * GAP, 3)
    narrow = sheet[:, 2 * (128 + GAP) :, 0]
    assert (narrow[:, 32:96] == 0).all()
    assert (narrow[:, :32] == 255).all()
    assert (narrow[:, 96:] == 255).all()


def test_what_is_no_grey_is_drawn_as_the_nearest() -> None:
    picture = np.array([[[-1.0], [2.0]], [[math.nan], [math.inf]]], np.float32)
    assert grid([[picture]])[::64, ::64, 0].tolist() == [[0, 255], [0, 255]]


@pytest.mark.parametrize("rows", [[], [[]], [[], []]])
def test_a_sheet_of_nothing_is_white(rows: Sequence[Sequence[Any]]) -> None:
    assert (grid(rows) == 255).all()


@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 3])), max_size=4
        ),
        max_size=4,
    )
)
def test_pictures_of_any_size_fit_into_their_cells(
    shapes: list[list[tuple[int, int, int]]],
) -> None:
    sheet = grid([[np.zeros(shape, np.float32) for shape in row] for row in shapes])
    count = sum(map(len, shapes))
    assert (sheet == 0).any() == (count > 0)
    assert sheet.shape[2] == 3


@pytest.mark.parametrize(
    ("rows", "titles", "across", "down"),
    [
        (1, 3, 1, 1),
        (4, 3, 1, 4),
        (5, 3, 2, 3),
        (8, 3, 2, 4),
        (12, 2, 3, 4),
        (16, 2, 4, 4),
        (16, 9, 1, 16),
    ],
)
def test_a_long_sheet_is_folded_to_fit_a_screen(
    tmp_path: Path, rows: int, titles: int, across: int, down: int
) -> None:
    path = tmp_path / "sheet.png"
    save_grid(str(path), [[flat(0)] * titles] * rows, ["face"] * titles)
    columns = across * titles
    gaps = (across - 1) * WIDE + (columns - across) * GAP
    assert read(path).shape == (HEAD + down * 128 + (down - 1) * GAP, columns * 128 + gaps, 3)


def test_examples_are_read_from_left_to_right(tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    save_grid(str(path), [[flat(number / 10)] for number in range(6)], ["face"])
    sheet = read(path)
    found = [
        int(sheet[HEAD + y * (128 + GAP), x * (128 + WIDE), 0]) for y in range(3) for x in range(2)
    ]
    assert found == [round(25.5 * number) for number in range(6)]


def test_each_column_has_its_title(tmp_path: Path) -> None:
    path = tmp_path / "predictions.png"
    faces = [draw_face(person, 0, 64) / 255 for person in range(5)]
    save_grid(str(path), [[face] * 3 for face in faces], TITLES)
    head = read(path)[:HEAD, :, 0]
    assert head.shape[1] == 6 * 128 + 4 * GAP + WIDE
    for column in range(6):
        left = column * (128 + GAP) + (WIDE - GAP) * (column // 3)
        ink = np.flatnonzero((head[:, left : left + 128] < 160).any(axis=0))
        assert abs(ink.mean() - 64) < 8
    np.testing.assert_array_equal(head[:, :128], head[:, 3 * (128 + GAP) + WIDE - GAP :][:, :128])


def near(sheet: NDArray[Any], colour: Sequence[int]) -> NDArray[np.bool_]:
    """Where a picture has about that colour, in its left half: the legend is in the right one."""
    distance = np.abs(sheet.astype(int) - colour).sum(axis=2)
    return np.asarray(distance[:, : sheet.shape[1] // 2] < 60)


def ink(sheet: NDArray[Any], colour: Sequence[int]) -> NDArray[np.intp]:
    """Rows of a picture that have a colour."""
    return np.flatnonzero(near(sheet, colour).any(axis=1))


def longest(sheet: NDArray[Any], colour: Sequence[int]) -> int:
    """Pixels of a colour in the row that has most."""
    return int(near(sheet, colour).sum(axis=1).max())


def test_the_curve_shows_both_losses_and_the_baseline(tmp_path: Path) -> None:
    path = tmp_path / "loss.png"
    save_loss(str(path), epochs(FALLING), 0.06)
    with_baseline = read(path)
    save_loss(str(path), epochs(FALLING), None)
    without = read(path)
    assert with_baseline.shape == without.shape == (540, 960, 3)
    orange, blue, grey = (0xE6, 0x9F, 0), (0, 0x72, 0xB2), (0x77, 0x77, 0x77)
    for sheet in (with_baseline, without):
        assert len(ink(sheet, orange)) > 20
        assert len(ink(sheet, blue)) > 20
    assert longest(with_baseline, grey) > 200
    assert longest(without, grey) < 100


def test_a_wild_first_epoch_does_not_press_the_others_flat(tmp_path: Path) -> None:
    path = tmp_path / "loss.png"
    calm, wild = list(FALLING), [40.0, *FALLING[1:]]
    heights = []
    for losses in (calm, wild):
        save_loss(str(path), epochs(losses), None)
        heights.append(np.ptp(ink(read(path), (0xE6, 0x9F, 0))))
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


def test_drawing_leaves_pyplot_alone(tmp_path: Path) -> None:
    program = (
        "import sys; from faceprep.train.pictures import save_loss;"
        f"save_loss({str(tmp_path / 'loss.png')!r}, [], 0.05);"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=f"{tmp_path}/file/loss.png: a file stands"):
        save_loss(f"{tmp_path}/file/loss.png", epochs([0.05]), None)
    with pytest.raises(StorageError, match=f"{tmp_path}/file/grid.png: a file stands"):
        save_grid(f"{tmp_path}/file/grid.png", [[flat(0)]], ["face"])
