"""Sheets of faces as PNGs: what a model is shown, and what it says. Light: Pillow is loaded to save one."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from faceprep import storage
from faceprep.plotting import BLUE, LIGHT, VERMILION, font_file, legible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from PIL import ImageFont

    Pixels = NDArray[np.uint8]

RIGHT, WRONG = BLUE, VERMILION
"""Of cells: what a model says of them."""

_LEAST_SIDE = 128  # px of a picture on a sheet; a 32 × 32 face on a screen of today is a stamp
_GAP = 4  # px: between faces that belong together, and their frame
_EDGE = 16  # px: around all, and between cells
_WHITE, _PALE = 255, 228
_COLUMNS = 8  # faces side by side
_TITLE, _FONT, _LINE = 18, 12, 18  # px: fonts of a title and of words; height of a line of words


@dataclass(frozen=True, eq=False)
class Cell:
    """Faces that belong together, side by side.

    Attributes:
        faces: each an array as `grid` takes it, whose pixels stay squares; or a JPEG or PNG file, which
            is scaled smoothly, and a grey square if it is damaged.
        words: lines below them; what is too long loses its middle, what cannot be shown is a dot.
        colour: of the frame and of the first line; empty for no frame.
    """

    faces: Sequence[NDArray[Any] | bytes]
    words: Sequence[str] = ()
    colour: str = ""


@dataclass(frozen=True, eq=False)
class Block:
    """Cells under a title, read from left to right.

    Attributes:
        cells: each with as many faces as the others.
        title: in words; empty for none.
        heads: what stands above the faces of each cell of the first row, if anything.
        colour: of the title.
    """

    cells: Sequence[Cell]
    title: str = ""
    heads: Sequence[str] = ()
    colour: str = LIGHT.ink


def save_sheet(location: str, blocks: Sequence[Block], *, side: int = 0, across: int = 0) -> None:
    """Draw faces into a PNG, block below block.

    Args:
        location: of the file.
        blocks: what is drawn.
        side: of a face, px; 0 for that of the largest array, doubled until it is 128 px or more.
        across: cells side by side; 0 for so many that eight faces are.

    Raises:
        StorageError: it cannot be written.
    """
    from PIL import Image

    faces = [face for block in blocks for cell in block.cells for face in cell.faces]
    side = side or _side(face for face in faces if not isinstance(face, bytes))
    drawn = [_block(block, side, across) for block in blocks]
    sheet = _framed(_stacked(drawn, 0), _EDGE)
    with storage.atomic_output(location) as file:
        Image.fromarray(sheet).save(file, "PNG", optimize=True)


def grid(rows: Sequence[Sequence[NDArray[Any]]], side: int = 0) -> Pixels:
    """Pictures in rows and columns on white.

    Args:
        rows: of pictures, each (height, width, 1 or 3): uint8, or float of 0 to 1, where what lies outside
            is cut off, and NaN is black. They may differ in size and channels, and rows in length.
        side: that each gets, px, as its longer one; 0 as for `save_sheet`.

    Returns:
        (height, width, 3) RGB. Pictures are enlarged by repeating pixels.
    """
    side = side or _side(picture for row in rows for picture in row)
    step = side + _GAP
    height, width = max(1, len(rows)), max([1, *map(len, rows)])
    sheet = _white(height * step - _GAP, width * step - _GAP)
    for down, row in enumerate(rows):
        for right, picture in enumerate(row):
            _put(sheet, picture, down * step, right * step, side)
    return sheet


def _block(block: Block, side: int, across: int) -> Pixels:
    faces = max([1, *(len(cell.faces) for cell in block.cells)])
    across = across or max(1, _COLUMNS // faces)
    cells = [_cell(cell, side) for cell in block.cells]
    rows = [_stacked(cells[start : start + across], 1) for start in range(0, len(cells), across)]
    if block.heads and rows:
        heads = _stacked([_heads(block.heads, side)] * min(across, len(cells)), 1)
        rows[0] = _stacked([heads, rows[0]], 0, 0)
    if block.title:
        rows.insert(0, _text([block.title], block.colour, _TITLE))
    return _stacked(rows, 0)


def _cell(cell: Cell, side: int) -> Pixels:
    pictures = [_decoded(face, side) if isinstance(face, bytes) else face for face in cell.faces]
    faces = _framed(grid([pictures], side), _GAP, cell.colour)
    if not cell.words:
        return faces
    return _stacked([faces, _text(cell.words, cell.colour, _FONT, faces.shape[1])], 0, 0)


def _heads(heads: Sequence[str], side: int) -> Pixels:
    """Words above faces that lie as in a cell."""
    return _framed(_stacked([_text([head], "", _FONT, side) for head in heads], 1, _GAP), _GAP)


def _text(lines: Sequence[str], colour: str, size: int, width: int = 0) -> Pixels:
    """Lines of words, the first in a colour of its own; not wider than `width` px, unless that is 0."""
    from PIL import Image, ImageDraw
    from PIL.ImageFont import truetype

    lines = list(map(legible, lines))
    font, high = truetype(font_file(), size), max(size + 4, _LINE)
    width = width or max(int(font.getlength(line)) + 1 for line in lines)
    image = Image.new("RGB", (width, high * len(lines)), "white")
    draw = ImageDraw.Draw(image)
    for place, line in enumerate(lines):
        ink = LIGHT.pale if place else colour or LIGHT.ink
        draw.text(
            (0, (place + 0.5) * high), _fitting(line, font, width), fill=ink, font=font, anchor="lm"
        )
    return np.array(image)


def _fitting(line: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """A line that is not longer than `width` px: its ends tell most."""
    kept, shown = len(line), line
    while font.getlength(shown) > width and kept:
        kept -= 1
        shown = f"{line[: kept - kept // 2]}…{line[len(line) - kept // 2 :]}"
    return shown


def _stacked(parts: Sequence[Pixels], axis: int, gap: int = _EDGE) -> Pixels:
    """Below each other (axis 0) or side by side (1), on white, beginning at the same line."""
    if not parts:
        return _white(1, 1)
    wide = max(part.shape[1 - axis] for part in parts)
    padded = []
    for place, part in enumerate(parts):
        room = [(0, 0), (0, 0), (0, 0)]
        room[axis] = (0, gap if place < len(parts) - 1 else 0)
        room[1 - axis] = (0, wide - part.shape[1 - axis])
        padded.append(np.pad(part, room, constant_values=_WHITE))
    return np.concatenate(padded, axis)


def _framed(part: Pixels, width: int, colour: str = "") -> Pixels:
    """With a border, white if it has no colour (`#RRGGBB`)."""
    height, length, _ = part.shape
    frame = _white(height + 2 * width, length + 2 * width)
    frame[:] = list(bytes.fromhex(colour[1:])) if colour else _WHITE
    frame[width : width + height, width : width + length] = part
    return frame


def _white(height: int, width: int) -> Pixels:
    return np.full((height, width, 3), _WHITE, np.uint8)


def _side(pictures: Iterable[NDArray[Any]]) -> int:
    side = max((max(picture.shape[:2]) for picture in pictures), default=1)
    while side < _LEAST_SIDE:
        side *= 2
    return side


def _put(sheet: Pixels, picture: NDArray[Any], top: int, left: int, side: int) -> None:
    """Into the middle of a square, as large as fits."""
    pixels = _enlarged(_rgb(picture), side)
    height, width, _ = pixels.shape
    y, x = top + (side - height) // 2, left + (side - width) // 2
    sheet[y : y + height, x : x + width] = pixels


def _rgb(picture: NDArray[Any]) -> Pixels:
    if picture.dtype != np.uint8:
        scaled = np.nan_to_num(np.clip(np.asarray(picture, np.float32), 0, 1)) * _WHITE
        picture = np.rint(scaled).astype(np.uint8)
    return np.broadcast_to(picture, (*picture.shape[:2], 3))


def _enlarged(pixels: Pixels, side: int) -> Pixels:
    """To the longer side `side`, by repeating pixels."""
    lengths = pixels.shape[:2]
    ys, xs = (
        np.arange(new) * old // new
        for old, new in ((each, max(1, each * side // max(lengths))) for each in lengths)
    )
    return np.asarray(pixels[ys][:, xs])


def _decoded(data: bytes, side: int) -> Pixels:
    """An image file, scaled to the longer side `side`."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(data)) as image:
            return np.array(ImageOps.contain(image.convert("RGB"), (side, side)))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return np.full((side, side, 3), _PALE, np.uint8)
