"""The pairs that a model was most wrong about, and a sheet of their crops."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from faceprep import storage
from faceprep.errors import InputError
from faceprep.evaluate.evaluation import thresholds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL import Image, ImageDraw

    from faceprep.evaluate.protocol import CropPair
    from faceprep.train.siamese.judged import Judged
    from faceprep.train.siamese.measures import Figures

COUNT = 10
"""Pairs of each kind."""

_SIDE, _GAP = 112, 6  # px: of a crop; between pairs
_TITLE, _LINE = 34, 15  # px: of the line above a kind; of each line below a pair
_FONT, _SMALL = 16, 11  # px
_INK, _PALE = (40, 40, 40), (120, 120, 120)


@dataclass(frozen=True)
class Error:
    """A pair that was judged wrongly.

    Attributes:
        key: of the pair.
        score: what the model gave it.
        threshold: that it was judged at.
    """

    key: str
    score: float
    threshold: float


@dataclass(frozen=True)
class Kind:
    """One kind of error.

    Attributes:
        title: what it is, in words.
        errors: the worst first, up to `COUNT`.
        count: how many there are in all.
        pairs: how many there could be.
    """

    title: str
    errors: tuple[Error, ...]
    count: int
    pairs: int


def worst_errors(judged: Judged, figures: Mapping[str, Figures]) -> tuple[Kind, ...]:
    """Of each protocol the genuine pairs farthest below their threshold, and the impostors farthest above."""
    found = []
    for protocol, measured in figures.items():
        pairs = judged.only(protocol)
        of_fold = thresholds(measured)
        limits = np.array([of_fold[int(fold)] for fold in pairs.folds])
        above = pairs.scores - limits
        for title, rows, distance in (
            (f"{protocol}: one person, judged different", pairs.same, -above),
            (f"{protocol}: two people, judged the same", ~pairs.same, above),
        ):
            # a score at the threshold counts as different
            wrong = np.flatnonzero(rows & ((above > 0) != pairs.same))
            ordered = wrong[np.argsort(-distance[wrong], kind="stable")][:COUNT]
            errors = tuple(
                Error(pairs.keys[row], float(pairs.scores[row]), float(limits[row]))
                for row in ordered
            )
            found.append(Kind(title, errors, len(wrong), int(np.count_nonzero(rows))))
    return tuple(found)


def save_worst(path: str, kinds: Sequence[Kind], crops: Mapping[str, CropPair]) -> None:
    """A sheet as a PNG: for each kind a row of pairs, one crop above the other, with score and key.

    Args:
        path: of the file.
        kinds: what goes on it.
        crops: of each of their pairs, by its key.

    Raises:
        StorageError: the file cannot be written.
        InputError: a crop is no picture.
    """
    from PIL import Image, ImageDraw

    height = _TITLE + 2 * _SIDE + 2 * _LINE + _GAP
    size = (COUNT * (_SIDE + _GAP) + _GAP, len(kinds) * height + _GAP)
    sheet = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(sheet)
    for place, kind in enumerate(kinds):
        top = place * height
        _write_title(draw, top, kind)
        for column, error in enumerate(kind.errors):
            left = _GAP + column * (_SIDE + _GAP)
            _paste(sheet, left, top + _TITLE, error.key, crops[error.key])
            _caption(draw, left + _SIDE // 2, top + _TITLE + 2 * _SIDE, error)
    with storage.atomic_output(path) as file:
        sheet.save(file, "PNG", optimize=True)


def _write_title(draw: ImageDraw.ImageDraw, top: int, kind: Kind) -> None:
    from PIL import ImageFont

    worst = f"the worst {COUNT} of " if kind.count > COUNT else ""
    words = f"{kind.title}: {worst}{kind.count:,}, among {kind.pairs:,} pairs"
    font = ImageFont.load_default(_FONT)
    draw.text((_GAP, top + _TITLE / 2), words, fill=_INK, font=font, anchor="lm")


def _paste(sheet: Image.Image, left: int, top: int, key: str, crops: CropPair) -> None:
    from PIL import Image, UnidentifiedImageError

    for place, data in enumerate((crops.first, crops.second)):
        try:
            with Image.open(io.BytesIO(data)) as image:
                picture = image.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
        except (UnidentifiedImageError, OSError) as error:
            raise InputError(f"{key}: a crop of it is no picture ({error})") from None
        sheet.paste(picture, (left, top + place * _SIDE))


def _caption(draw: ImageDraw.ImageDraw, middle: int, top: int, error: Error) -> None:
    from PIL import ImageFont

    font = ImageFont.load_default(_SMALL)
    lines = ((f"{error.score:.3f} (at {error.threshold:.3f})", _INK), (error.key, _PALE))
    for place, (line, colour) in enumerate(lines):
        y = top + place * _LINE + _LINE / 2
        draw.text((middle, y), line, fill=colour, font=font, anchor="mm")
