"""Sheets of faces: as large as said, right pixels in the right places."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from faceprep.errors import StorageError
from faceprep.train.pictures import grid, save_grid, save_pairs
from tests.train.small_pairs import draw_face

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


def pairs(*rights: bool | None) -> list[tuple[NDArray[Any], NDArray[Any], str, bool | None]]:
    return [(flat(0), flat(0.2), f"genuine {place}", right) for place, right in enumerate(rights)]


def colours(sheet: NDArray[Any]) -> set[tuple[int, ...]]:
    return set(map(tuple, sheet.reshape(-1, 3).tolist()))


def test_pairs_stand_side_by_side_below_their_captions(tmp_path: Path) -> None:
    path = tmp_path / "pairs.png"
    save_pairs(str(path), pairs(None, True, False, None, True))
    sheet = read(path)
    block, row = 2 * 128 + GAP, HEAD + 128
    assert sheet.shape == (3 * row + 2 * GAP, 2 * block + WIDE, 3)
    for left in (0, block + WIDE):
        assert (sheet[HEAD:row, left : left + 128] == 0).all()
        assert (sheet[HEAD:row, left + 128 + GAP : left + block] == 51).all()
        assert (sheet[:HEAD, left : left + 128] < 160).any()
    assert (sheet[2 * (row + GAP) :, block:] == 255).all()


def test_right_and_wrong_have_words_and_colours_of_their_own(tmp_path: Path) -> None:
    heads = {}
    for right in (None, True, False):
        save_pairs(str(tmp_path / "pairs.png"), pairs(right))
        heads[right] = read(tmp_path / "pairs.png")[:HEAD]
    assert (0, 0x72, 0xB2) in colours(heads[True]) - colours(heads[False])
    assert (0xD5, 0x5E, 0) in colours(heads[False]) - colours(heads[True])
    assert np.ptp(np.flatnonzero((heads[True] < 200).any(axis=(0, 2)))) > np.ptp(
        np.flatnonzero((heads[None] < 200).any(axis=(0, 2)))
    )


def test_pairs_of_different_sizes_and_none_at_all_are_drawn(tmp_path: Path) -> None:
    path = tmp_path / "pairs.png"
    save_pairs(str(path), [(flat(0, 96, 96, 3), flat(0.2, 32, 64), "impostor", False)])
    assert read(path).shape == (HEAD + 192, 2 * 192 + GAP, 3)
    save_pairs(str(path), [])
    assert (read(path) == 255).all()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=f"{tmp_path}/file/pairs.png: a file stands"):
        save_pairs(f"{tmp_path}/file/pairs.png", pairs(None))
    with pytest.raises(StorageError, match=f"{tmp_path}/file/grid.png: a file stands"):
        save_grid(f"{tmp_path}/file/grid.png", [[flat(0)]], ["face"])
