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
from faceprep.extract.options import ExtractOptions
from faceprep.faces.encode import encode
from faceprep.sheets import RIGHT, WRONG, Block, Cell, grid, save_sheet
from tests.train.small_pairs import draw_face

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

GAP, EDGE = 4, 16  # px


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


def plain(colour: tuple[int, int, int]) -> bytes:
    return encode(np.full((64, 64, 3), colour, np.uint8), ExtractOptions(format="png"))


def drawn(path: Path, *blocks: Block, side: int = 0, across: int = 0) -> NDArray[Any]:
    save_sheet(str(path / "sheet.png"), blocks, side=side, across=across)
    return read(path / "sheet.png")


def corners(sheet: NDArray[Any], grey: int) -> tuple[int, int, int]:
    """Top, left and side of the square of a grey."""
    found = np.argwhere((sheet == grey).all(axis=2))
    (top, left), (bottom, right) = found.min(axis=0), found.max(axis=0) + 1
    assert bottom - top == right - left
    return int(top), int(left), int(bottom - top)


@pytest.mark.parametrize(
    ("faces", "count", "across", "columns", "rows"),
    [(2, 16, 0, 4, 4), (3, 8, 0, 2, 4), (1, 9, 0, 8, 2), (2, 3, 0, 3, 1), (9, 2, 0, 1, 2)]
    + [(2, 10, 5, 5, 2)],
)
def test_so_many_cells_stand_side_by_side(
    tmp_path: Path, faces: int, count: int, across: int, columns: int, rows: int
) -> None:
    sheet = drawn(tmp_path, Block([Cell([flat(0)] * faces)] * count), across=across)
    wide = faces * (128 + GAP) + GAP
    height, width = rows * (128 + 2 * GAP + EDGE) + EDGE, columns * (wide + EDGE) + EDGE
    assert sheet.shape == (height, width, 3)


def test_cells_are_read_from_left_to_right_block_below_block(tmp_path: Path) -> None:
    greys = range(1, 13)
    cells = [Cell([flat(grey / 255)], [f"face {grey}"]) for grey in greys]
    sheet = drawn(tmp_path, Block(cells[:10], "first"), Block(cells[10:], "second"))
    places = [corners(sheet, grey)[:2] for grey in greys]
    assert places == sorted(places)
    assert len({top for top, _ in places}) == 3  # eight, two, and the other block


def test_faces_of_a_cell_stand_in_its_frame_above_its_words(tmp_path: Path) -> None:
    cell = Cell((flat(0.1), flat(0.2)), ["genuine", "ff01/same/1"], RIGHT)
    sheet = drawn(tmp_path, Block([cell]))
    top, left, side = corners(sheet, 26)
    assert (top, left, side) == (EDGE + GAP, EDGE + GAP, 128)
    assert corners(sheet, 51) == (top, left + 128 + GAP, 128)
    for place in ((EDGE, EDGE), (top + 128, left)):
        assert bytes(sheet[place]) == bytes.fromhex(RIGHT[1:])
    below = sheet[top + 128 + GAP : -EDGE, EDGE:-EDGE]
    assert below.shape[0] == 2 * 18
    assert all((line < 160).any() for line in (below[:18], below[18:]))


def test_a_cell_without_a_colour_has_no_frame(tmp_path: Path) -> None:
    sheet = drawn(tmp_path, Block([Cell([flat(0)])]))
    assert np.unique(sheet).tolist() == [0, 255]


def test_words_that_are_too_long_are_cut_and_strange_ones_are_drawn(tmp_path: Path) -> None:
    hostile = ["a" * 500, "two\nlines\x1b[2J", "\u202eevil", "\ud800", ""]
    sheet = drawn(tmp_path, Block([Cell([flat(0)], hostile)]))
    assert sheet.shape[1] == 128 + 2 * (GAP + EDGE)


def test_a_title_may_be_wider_than_what_is_below_it(tmp_path: Path) -> None:
    sheet = drawn(
        tmp_path, Block([Cell([flat(0)])], "one person, judged different " * 3, colour=WRONG)
    )
    assert sheet.shape[1] > 600
    assert bytes.fromhex(WRONG[1:]) in {bytes(pixel) for pixel in sheet.reshape(-1, 3)}


def test_each_face_of_the_first_row_has_its_head(tmp_path: Path) -> None:
    faces = [Cell([draw_face(person, 0, 64) / 255] * 3) for person in range(5)]
    sheet = drawn(tmp_path, Block(faces, heads=("feature", "prediction", "target")))
    head = sheet[EDGE + GAP : EDGE + GAP + 20, :, 0] < 160
    begins = [EDGE + GAP + cell * (3 * 128 + 4 * GAP + EDGE) for cell in (0, 1)]
    ink = [head[:, left + n * (128 + GAP) :][:, :128] for left in begins for n in range(3)]
    assert all(each.any() for each in ink)
    for one, other in zip(ink[:3], ink[3:], strict=True):
        np.testing.assert_array_equal(one, other)


def test_files_are_scaled_to_the_side_that_is_asked_for(tmp_path: Path) -> None:
    cells = [Cell((plain((9, 9, 9)), plain((7, 7, 7))))]
    for side in (40, 100):
        sheet = drawn(tmp_path, Block(cells), side=side)
        assert corners(sheet, 9)[2] == corners(sheet, 7)[2] == side


@pytest.mark.parametrize("data", [b"", b"no", plain((1, 2, 3))[:60]])
def test_a_damaged_file_is_a_grey_square(tmp_path: Path, data: bytes) -> None:
    assert corners(drawn(tmp_path, Block([Cell([data])]), side=40), 228)[2] == 40


def test_nothing_at_all_is_a_white_sheet(tmp_path: Path) -> None:
    assert (drawn(tmp_path) == 255).all()
    assert (drawn(tmp_path, Block([])) == 255).all()
    assert (drawn(tmp_path, Block([Cell([])], heads=["face"])) == 255).mean() > 0.9


def test_the_same_faces_give_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for name in ("a.png", "b.png"):
        save_sheet(str(tmp_path / name), [Block([Cell([flat(0.3)], ["same"])], "faces")])
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=f"{tmp_path}/file/sheet.png: a file stands"):
        save_sheet(f"{tmp_path}/file/sheet.png", [Block([Cell([flat(0)])])])
