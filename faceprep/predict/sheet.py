"""Pictures of pairs: the two faces side by side, and in a coloured line below what is said of them."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep import storage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

INK = "#333333"
BLUE, GREEN, RED = "#0072B2", "#009E73", "#D55E00"
"""Of Okabe and Ito's palette, which the colour-blind tell apart."""

_EDGE, _GAP = 16, 6  # px: around all and between cells; between the two faces, and around them
_HEAD, _LINE = 44, 30  # px: height of a title, and of the line below a pair
_TITLE_FONT, _LINE_FONT = 24, 16
_ACROSS = 4  # pairs side by side


@dataclass(frozen=True, eq=False)
class ShownPair:
    """A pair to draw.

    Attributes:
        first: the face, as a JPEG or PNG file; `second` likewise.
        words: what is said of it.
        colour: of the words and of the frame.
    """

    first: bytes
    second: bytes
    words: str
    colour: str


@dataclass(frozen=True, eq=False)
class Block:
    """Pairs under a title.

    Attributes:
        title: in words.
        pairs: at least one.
        colour: of the title.
    """

    title: str
    pairs: Sequence[ShownPair]
    colour: str = INK


def save_sheet(location: str, blocks: Sequence[Block], side: int) -> None:
    """Draw pairs into a PNG, block below block.

    Args:
        location: of the file.
        blocks: at least one.
        side: of a face, px.

    Raises:
        StorageError: it cannot be written.
    """
    from PIL import Image

    columns = min(_ACROSS, max(len(block.pairs) for block in blocks))
    width, height = _cell(side)
    rows = [math.ceil(len(block.pairs) / columns) for block in blocks]
    tall = _EDGE + sum(_HEAD + count * (height + _EDGE) for count in rows)
    sheet = Image.new("RGB", (_EDGE + columns * (width + _EDGE), tall), "white")
    top = _EDGE
    for block, count in zip(blocks, rows, strict=True):
        _write(
            sheet, (_EDGE, top + _HEAD // 2 - _EDGE // 2), block.title, block.colour, _TITLE_FONT
        )
        for place, pair in enumerate(block.pairs):
            down, across = divmod(place, columns)
            corner = (_EDGE + across * (width + _EDGE), top + _HEAD + down * (height + _EDGE))
            sheet.paste(_drawn(pair, side), corner)
        top += _HEAD + count * (height + _EDGE)
    with storage.atomic_output(location) as file:
        sheet.save(file, "PNG")


def _cell(side: int) -> tuple[int, int]:
    """Width and height of a drawn pair."""
    return 2 * side + 3 * _GAP, side + 2 * _GAP + _LINE


def _drawn(pair: ShownPair, side: int) -> Image.Image:
    """Two faces in a frame of the pair's colour, and the words below."""
    from PIL import Image

    width, height = _cell(side)
    cell = Image.new("RGB", (width, height), "white")
    cell.paste(pair.colour, (0, 0, width, height - _LINE))
    for place, encoded in enumerate((pair.first, pair.second)):
        with Image.open(io.BytesIO(encoded)) as face:
            scaled = face.convert("RGB").resize((side, side), Image.Resampling.BICUBIC)
        cell.paste(scaled, (_GAP + place * (side + _GAP), _GAP))
    _write(cell, (_GAP, height - _LINE // 2), pair.words, pair.colour, _LINE_FONT)
    return cell


def _write(
    picture: Image.Image, place: tuple[int, int], words: str, colour: str, size: int
) -> None:
    """Words on one line, whose left end is in the middle of its height at `place`."""
    from PIL import ImageDraw, ImageFont

    font = ImageFont.load_default(size)
    ImageDraw.Draw(picture).text(place, words, fill=colour, font=font, anchor="lm")
