"""Pictures that a run shows of itself: sheets of faces, and its losses over time.

Light: numpy alone; Pillow and matplotlib are loaded by those who need them.
"""

from __future__ import annotations

import gc
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from faceprep import storage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PIL import Image

    from faceprep.train.history import Epoch

_LEAST_SIDE = 128  # px of a picture on a sheet; a 32 × 32 face on a screen of today is a stamp
_GAP, _WIDE_GAP = 4, 16  # px
_WHITE = 255
_COLUMNS = 8  # of a sheet, where blocks stand side by side
_TALL = 4  # rows that a sheet may have before it is given another block
_FONT, _HEAD = 15, 28  # px: of the titles; of the white they stand on
_INK = (70, 70, 70)

_TRAINING, _VALIDATION, _BASELINE = "#E69F00", "#0072B2", "#777777"
# Orange and blue of Okabe and Ito's palette, which the colour-blind tell apart, and grey.


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
            pixels = _enlarged(_rgb(picture), side)
            height, width, _ = pixels.shape
            y, x = top + (side - height) // 2, left + (side - width) // 2
            sheet[y : y + height, x : x + width] = pixels
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


def save_loss(path: str, history: Sequence[Epoch], baseline: float | None) -> None:
    """Losses over epochs as a PNG, the best epoch marked.

    Args:
        path: of the file.
        history: of the run. NaN leaves a gap.
        baseline: loss of always predicting the mean target; None where it is no such loss.

    Raises:
        StorageError: the file cannot be written.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(8, 4.5), dpi=120, layout="constrained")  # inches: 960 × 540 px
    axes = figure.add_subplot()
    _draw_losses(axes, history, baseline)
    axes.set_ylim(*_limits(history, baseline))
    axes.set_xlim(0.5, max(len(history), 2) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss")
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    with storage.atomic_output(path) as file:
        figure.savefig(file, format="png")
    gc.collect()  # a figure is a ring of references; a thousand epochs are a gigabyte of them


def _draw_losses(axes: Any, history: Sequence[Epoch], baseline: float | None) -> None:
    epochs = [row.epoch for row in history]
    marker = "o" if len(history) < 2 else ""  # a line of one point is not to be seen
    training, validation = [row.loss for row in history], [row.val_loss for row in history]
    axes.plot(epochs, training, marker=marker, color=_TRAINING, label="training")
    axes.plot(epochs, validation, marker=marker, color=_VALIDATION, label="validation")
    known = [row for row in history if math.isfinite(row.val_loss)]
    if known:
        best = min(known, key=lambda row: row.val_loss)
        words = f"best: {best.val_loss:#.4g}, epoch {best.epoch}"
        axes.plot(best.epoch, best.val_loss, "o", color=_VALIDATION, label=words)
    if baseline is not None:
        words = f"always the mean target: {baseline:#.4g}"
        axes.axhline(baseline, color=_BASELINE, linestyle="--", linewidth=1.2, label=words)


def _limits(history: Sequence[Epoch], baseline: float | None) -> tuple[float, float]:
    """Of the losses shown. The first fifth of the epochs may leave the picture at the top.

    Else one wild beginning would press all the rest into a line.
    """
    found = [value for row in history for value in (row.loss, row.val_loss)]
    later = [value for row in history[len(history) // 5 :] for value in (row.loss, row.val_loss)]
    fixed = [] if baseline is None else [baseline]
    finite = [value for value in (*found, *fixed) if math.isfinite(value)] or [0.0]
    high = max([value for value in (*later, *fixed) if math.isfinite(value)] or finite)
    room = 0.08 * (high - min(finite)) or 0.1 * abs(high) or 0.1
    return min(finite) - room, high + room


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
