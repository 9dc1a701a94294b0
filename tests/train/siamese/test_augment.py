"""Faces are changed as told, and no further."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from faceprep.train.siamese.augment import FaceAugmentation
from faceprep.train.siamese.options import SiameseOptions

NOTHING = SiameseOptions(
    flip=False, rotate=0.0, zoom=0.0, shift=0.0, brightness=0.0, contrast=0.0, colour=0.0, grey=0.0,
    erase=0.0, noise=0.0,
)  # fmt: skip
COUNT = 64


def changed(faces: Any, **options: Any) -> Any:
    wanted = dataclasses.replace(NOTHING, **options)
    seed = tf.constant([5, 7], tf.int64)
    return FaceAugmentation(wanted, len(faces), seed).changed(tf.constant(faces)).numpy()


@pytest.fixture(scope="module")
def faces() -> Any:
    rng = np.random.default_rng(0)
    return rng.uniform(0.2, 0.8, (COUNT, 16, 12, 3)).astype(np.float32)


def test_nothing_asked_for_is_nothing_done(faces: Any) -> None:
    np.testing.assert_allclose(changed(faces), faces, atol=1e-6)


def test_half_are_mirrored(faces: Any) -> None:
    found = changed(faces, flip=True)
    mirrored = [np.allclose(a, b[:, ::-1], atol=1e-4) for a, b in zip(found, faces, strict=True)]
    same = [np.allclose(a, b, atol=1e-4) for a, b in zip(found, faces, strict=True)]
    assert all(one != other for one, other in zip(mirrored, same, strict=True))
    assert COUNT // 4 < sum(mirrored) < 3 * COUNT // 4


def test_a_shift_moves_the_middle_by_no_more_than_told() -> None:
    spot = np.zeros((COUNT, 20, 20, 1), np.float32)
    spot[:, 9:11, 9:11] = 1
    found = changed(spot, shift=0.2)
    rows = (found.sum((2, 3)) * np.arange(20)).sum(1) / found.sum((1, 2, 3)) - 9.5
    assert np.abs(rows).max() <= 4.001
    assert np.abs(rows).max() > 2
    assert abs(rows.mean()) < 1


def test_a_rotation_leaves_the_middle_and_stays_within_its_angle() -> None:
    bar = np.zeros((COUNT, 41, 41, 1), np.float32)
    bar[:, 20, 20:38] = 1
    found = changed(bar, rotate=20.0)[..., 0]
    weights = found / found.sum((1, 2), keepdims=True)
    y, x = np.mgrid[:41, :41] - 20
    angles = np.degrees(np.arctan2((weights * y).sum((1, 2)), (weights * x).sum((1, 2))))
    assert 10 < np.abs(angles).max() < 20.5
    assert angles.min() < 0 < angles.max()
    np.testing.assert_allclose(found[:, 20, 20], 1, atol=0.5)


def test_a_zoom_makes_larger_and_smaller() -> None:
    square = np.zeros((COUNT, 40, 40, 1), np.float32)
    square[:, 10:30, 10:30] = 1
    areas = changed(square, zoom=0.2).sum((1, 2, 3)) / 400
    assert 1 / 1.2**2 - 0.02 < areas.min() < 0.9
    assert 1.1 < areas.max() < 1.2**2 + 0.02


def test_light_changes(faces: Any) -> None:
    brighter = changed(faces, brightness=0.2)
    gains = (brighter / faces).mean((1, 2, 3))
    assert 0.8 <= gains.min() < 0.95
    assert 1.05 < gains.max() <= 1.2
    contrast = changed(faces, contrast=0.3)
    np.testing.assert_allclose(contrast.mean((1, 2, 3)), faces.mean((1, 2, 3)), atol=0.01)
    assert np.std(contrast.std((1, 2, 3)) / faces.std((1, 2, 3))) > 0.05
    tinted = (changed(faces, colour=0.15) / faces).mean((1, 2))
    assert (tinted.max(1) - tinted.min(1)).max() > 0.05
    grey = changed(faces, grey=1.0)
    np.testing.assert_allclose(grey[..., 0], grey[..., 2], atol=1e-6)


def test_a_rectangle_is_covered_in_some(faces: Any) -> None:
    found = changed(faces, erase=0.5)
    share = np.isclose(found, 0.5, atol=1e-7).all(-1).mean((1, 2))
    assert COUNT // 4 < (share > 0).sum() < 3 * COUNT // 4
    assert share.max() <= 0.45**2 * 1.3


def test_grey_pictures_work_too(faces: Any) -> None:
    found = changed(faces[..., :1], colour=0.5, grey=1.0, brightness=0.1, erase=1.0, noise=0.1)
    assert found.shape == (COUNT, 16, 12, 1)
    assert (found >= 0).all()
    assert (found <= 1).all()
