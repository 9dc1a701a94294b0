"""Plots that can be opened, of whatever scores there are."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from faceprep.errors import StorageError
from faceprep.evaluate.curves import save_roc, save_scores
from faceprep.evaluate.evaluation import by_protocol, on_other_folds
from tests.evaluate.small_protocol import made_up, opened, small_protocol

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from faceprep.train.siamese.judged import Judged

BLUE, RED = (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return made_up(opened(small_protocol(tmp_path_factory.mktemp("small"))))


def drawn(path: Path, judged: Judged) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The two plots, RGB."""
    figures = by_protocol(judged, on_other_folds(None), "shards")
    save_roc(str(path / "roc.png"), judged, figures)
    save_scores(str(path / "scores.png"), judged, figures)
    return read(path / "roc.png"), read(path / "scores.png")


def read(path: Path) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))


def has(picture: NDArray[np.uint8], colour: tuple[int, int, int]) -> bool:
    return bool((picture == colour).all(axis=2).any())


def test_both_protocols_have_their_colour_and_their_panel(tmp_path: Path, judged: Judged) -> None:
    roc, scores = drawn(tmp_path, judged)
    assert has(roc, BLUE)
    assert has(roc, RED)
    assert scores.shape == (540, 1200, 3)


def test_one_protocol_alone_has_one_panel(tmp_path: Path, judged: Judged) -> None:
    roc, scores = drawn(tmp_path, judged.only("FP"))
    assert not has(roc, BLUE)
    assert scores.shape == (540, 600, 3)


def test_equal_scores_are_drawn_too(tmp_path: Path, judged: Judged) -> None:
    drawn(tmp_path, replace(judged, scores=np.full(len(judged), 0.25)))


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path, judged: Judged) -> None:
    with pytest.raises(StorageError):
        drawn(tmp_path / "none", judged)
