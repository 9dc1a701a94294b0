"""Pictures of pairs: every face is on them, in the frame that its verdict asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageColor

from faceprep.errors import StorageError
from faceprep.extract.options import ExtractOptions
from faceprep.faces.encode import encode
from faceprep.predict.sheet import GREEN, RED, Block, ShownPair, save_sheet

if TYPE_CHECKING:
    from pathlib import Path

SIDE = 40


def plain(colour: tuple[int, int, int]) -> bytes:
    return encode(np.full((64, 64, 3), colour, np.uint8), ExtractOptions(format="png"))


def pair(number: int, colour: str = GREEN) -> ShownPair:
    return ShownPair(plain((number, 1, 2)), plain((number, 3, 4)), f"pair {number}", colour)


def test_every_pair_is_on_the_sheet_in_order(tmp_path: Path) -> None:
    location = tmp_path / "sheet.png"
    blocks = [
        Block("five", [pair(n) for n in range(10, 15)]),
        Block("one", [pair(15, RED)]),
    ]
    save_sheet(str(location), blocks, SIDE)
    pixels = np.asarray(Image.open(location))
    assert pixels.shape[2] == 3
    places = []
    for number in range(10, 16):
        for rest in ((1, 2), (3, 4)):
            found = np.argwhere((pixels == (number, *rest)).all(axis=2))
            assert len(found) == SIDE * SIDE
            places.append(found.min(axis=0).tolist())
    tops = [top for top, _ in places]
    assert tops == sorted(tops)
    assert len(set(tops)) == 3  # four across, one, and the other block
    green, red = (np.array(ImageColor.getrgb(colour)) for colour in (GREEN, RED))
    assert (pixels[places[0][0] - 2, places[0][1]] == green).all()
    assert (pixels[places[10][0] - 2, places[10][1]] == red).all()


def test_the_same_pairs_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        save_sheet(str(tmp_path / name), [Block("one", [pair(1)])], SIDE)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        save_sheet(str(tmp_path / "none" / "a.png"), [Block("one", [pair(1)])], SIDE)
