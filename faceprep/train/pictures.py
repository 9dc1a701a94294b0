"""Pictures that a run shows of itself: sheets of faces, and its `curves`.

Light: numpy alone; Pillow and matplotlib are loaded by those who need them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from faceprep import storage
from faceprep.train.curves import save_accuracy, save_loss

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PIL import Image

    Pair = tuple[NDArray[Any], NDArray[Any], str, bool | None]

__all__ = ["grid", "save_accuracy", "save_grid", "save_loss", "save_pairs"]

_LEAST_SIDE = 128  # px of a picture on a sheet; a 32 × 32 face on a screen of today is a stamp
_GAP, _WIDE_GAP = 4, 16  # px
_WHITE = 255
_COLUMNS = 8  # of a sheet, where blocks stand side by side
_TALL = 4  # rows that a sheet may have before it is given another block
_FONT, _HEAD = 15, 28  # px: of the titles; of the white they stand on
_INK = (70, 70, 70)

_MARKS: dict[bool | None, tuple[str, str]] = {
    None: ("", "#464646"),
    True: (": right", "#0072B2"),
    False: (": wrong", "#D55E00"),
}
"""What is put behind a caption, and its colour: blue and vermilion of Okabe and Ito's palette."""


def grid(rows: Sequence[Sequence[NDArray[Any]]], block: int = 0) -> NDArray[np.uint8]:
    """Pictures in rows and columns on white.

    Args:
        rows: of pictures, each float (height, width, 1 or 3), 0 to 1; what lies outside is cut off, NaN
            is black. They may differ in size and channels, and rows in length.
        block: columns after which the gap is wider; 0 for none.

    Returns:
        (height, width, 3) RGB. Small pictures are enlarged without smoothing, all to the same longer
        side: that of the largest, doubled until it is 128 px or more.
    """
    layout = _layout(rows, block)
    side = layout.side
    sheet = np.full((layout.tops[-1], layout.lefts[-1], 3), _WHITE, np.uint8)
    for top, row in zip(layout.tops, rows, strict=False):
        for left, picture in zip(layout.lefts, row, strict=False):
            _put(sheet, picture, top, left, side)
    return sheet


def save_grid(path: str, rows: Sequence[Sequence[NDArray[Any]]], titles: Sequence[str]) -> None:
    """A sheet of examples as a PNG, titles above the columns.

    Many rows are set side by side in blocks, read from left to right, so that the sheet fits a screen.

    Args:
        path: of the file.
        rows: an example each, for instance feature, prediction and target; as `grid` takes them.
        titles: of the columns.

    Raises:
        StorageError: the file cannot be written.
    """
    from PIL import Image

    across = _blocks(len(rows), len(titles))
    folded = _folded(rows, across)
    layout = _layout(folded, len(titles))
    sheet = Image.new("RGB", (layout.lefts[-1], _HEAD + layout.tops[-1]), "white")
    sheet.paste(Image.fromarray(grid(folded, len(titles))), (0, _HEAD))
    _write_titles(sheet, layout, [*titles] * across)
    with storage.atomic_output(path) as file:
        sheet.save(file, "PNG", optimize=True)


def save_pairs(location: str, pairs: Sequence[Pair]) -> None:
    """A sheet of pairs of faces as a PNG, a caption above each, which also says whether a model was right.

    Args:
        location: of the file.
        pairs: first and second picture, as `grid` takes them; a caption; and whether a model was right,
            None where none was asked.

    Raises:
        StorageError: the file cannot be written.
    """
    from PIL import Image, ImageDraw, ImageFont

    across = _blocks(len(pairs), 2)
    side = _layout([pair[:2] for pair in pairs], 0).side
    wide, high = 2 * side + _GAP, _HEAD + side
    down = max(1, math.ceil(len(pairs) / across))
    lefts, tops = _steps(across, wide, _WIDE_GAP), _steps(down, high, _GAP)
    sheet = np.full((tops[-1] + high, lefts[-1] + wide, 3), _WHITE, np.uint8)
    corners = [(left, top) for top in tops for left in lefts]
    for (left, top), (first, second, *_) in zip(corners, pairs, strict=False):
        _put(sheet, first, top + _HEAD, left, side)
        _put(sheet, second, top + _HEAD, left + side + _GAP, side)
    image = Image.fromarray(sheet)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(_FONT)
    for (left, top), (*_, caption, right) in zip(corners, pairs, strict=False):
        words, ink = _MARKS[right]
        draw.text((left, top + _HEAD / 2), caption + words, fill=ink, font=font, anchor="lm")
    with storage.atomic_output(location) as file:
        image.save(file, "PNG", optimize=True)


@dataclass(frozen=True)
class _Layout:
    """Where the cells of a sheet begin, in pixels, and last where the sheet ends.

    Attributes:
        side: of a cell.
        lefts: of the columns.
        tops: of the rows.
    """

    side: int
    lefts: tuple[int, ...]
    tops: tuple[int, ...]


def _layout(rows: Sequence[Sequence[NDArray[Any]]], block: int) -> _Layout:
    side = max((max(picture.shape[:2]) for row in rows for picture in row), default=1)
    while side < _LEAST_SIDE:
        side *= 2
    columns = max((len(row) for row in rows), default=0)
    return _Layout(side, _offsets(columns, side, block), _offsets(len(rows), side, 0))


def _offsets(count: int, side: int, block: int) -> tuple[int, ...]:
    """Where each of `count` cells begins, and where the last of them ends; at least one cell."""
    begins = [0]
    for place in range(1, count):
        gap = _WIDE_GAP if block and place % block == 0 else _GAP
        begins.append(begins[-1] + side + gap)
    return (*begins, begins[-1] + side)


def _steps(count: int, length: int, gap: int) -> list[int]:
    """Where each of `count` pieces begins."""
    return [place * (length + gap) for place in range(count)]


def _put(sheet: NDArray[np.uint8], picture: NDArray[Any], top: int, left: int, side: int) -> None:
    """Into the middle of a cell, as large as fits."""
    pixels = _enlarged(_rgb(picture), side)
    height, width, _ = pixels.shape
    y, x = top + (side - height) // 2, left + (side - width) // 2
    sheet[y : y + height, x : x + width] = pixels


def _rgb(picture: NDArray[Any]) -> NDArray[np.uint8]:
    scaled = np.nan_to_num(np.clip(np.asarray(picture, np.float32), 0, 1)) * _WHITE
    pixels = np.rint(scaled).astype(np.uint8)
    return np.broadcast_to(pixels, (*pixels.shape[:2], 3))


def _enlarged(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """To the longer side `side`, by repeating pixels."""
    lengths = pixels.shape[:2]
    ys, xs = (
        np.arange(new) * old // new
        for old, new in ((each, max(1, each * side // max(lengths))) for each in lengths)
    )
    return np.asarray(pixels[ys][:, xs])


def _blocks(rows: int, columns: int) -> int:
    """How many blocks of so many columns stand side by side."""
    return max(1, min(_COLUMNS // max(columns, 1), math.ceil(rows / _TALL)))


def _folded(rows: Sequence[Sequence[NDArray[Any]]], across: int) -> list[list[NDArray[Any]]]:
    """Each `across` rows that follow each other in one."""
    starts = range(0, len(rows), across)
    return [[each for row in rows[start : start + across] for each in row] for start in starts]


def _write_titles(sheet: Image.Image, layout: _Layout, titles: Sequence[str]) -> None:
    """Each in the middle above its column."""
    from PIL import ImageDraw, ImageFont

    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(_FONT)
    for left, title in zip(layout.lefts, titles, strict=False):
        middle = left + layout.side / 2
        draw.text((middle, _HEAD / 2), title, fill=_INK, font=font, anchor="mm")
