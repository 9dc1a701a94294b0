"""Augmentation: what it may do to whom, and that it can be done again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from faceprep.train.augment import Augmentation
from faceprep.train.learning import LearningOptions
from faceprep.train.options import Shape

COUNT, SIDE = 64, 12
SHAPE = Shape(SIDE, SIDE, 1)
OFF = {"flip": False, "shift": 0.0, "brightness": 0.0, "noise": 0.0}
PIXELS = np.random.default_rng(0).integers(30, 200, (COUNT, SIDE, SIDE, 1), np.uint8)
PLAIN = PIXELS / np.float32(255)


def drawn(seed: tuple[int, int] = (5, 7), /, **asked: Any) -> Augmentation:
    learning = LearningOptions(**{**OFF, **asked})
    return Augmentation(learning, COUNT, tf.constant(seed, tf.int64))


def both(augmentation: Augmentation) -> tuple[np.ndarray, np.ndarray]:
    """What it makes of the same pixels as a feature and as a target."""
    pixels = tf.constant(PIXELS)
    feature, target = augmentation.changed(pixels, SHAPE), augmentation.mirrored(pixels, SHAPE)
    return feature.numpy(), target.numpy()


def test_nothing_is_done_unasked() -> None:
    feature, target = both(drawn())
    assert np.allclose(feature, PLAIN, atol=1e-6)
    assert np.allclose(target, PLAIN, atol=1e-6)


def test_a_flip_mirrors_feature_and_target_together_half_of_the_time() -> None:
    feature, target = both(drawn(flip=True))
    assert np.array_equal(feature, target)
    mirrored = [np.allclose(f, p[:, ::-1], atol=1e-6) for f, p in zip(feature, PLAIN, strict=True)]
    as_it_is = [np.allclose(f, p, atol=1e-6) for f, p in zip(feature, PLAIN, strict=True)]
    assert np.logical_xor(mirrored, as_it_is).all()
    assert COUNT / 4 < sum(mirrored) < COUNT * 3 / 4


@pytest.mark.parametrize("flip", [False, True])
def test_a_shift_moves_the_feature_alone_and_repeats_its_edge(flip: bool) -> None:
    feature, target = both(drawn(flip=flip, shift=0.17))  # 2 of 12 pixels
    edged = np.pad(target, [(0, 0), (2, 2), (2, 2), (0, 0)], "edge")
    places = {(y, x): edged[:, y : y + SIDE, x : x + SIDE] for y in range(5) for x in range(5)}
    where = [
        {place for place, images in places.items() if np.allclose(images[n], feature[n], atol=1e-6)}
        for n in range(COUNT)
    ]
    assert all(where)
    assert {(0, 0), (4, 4), (2, 2), (0, 4)} <= set().union(*where)
    assert np.allclose(target, PLAIN, atol=1e-6) or flip


def test_brightness_changes_the_feature_alone_and_stays_within_its_limits() -> None:
    feature, target = both(drawn(brightness=0.5))
    assert np.allclose(target, PLAIN, atol=1e-6)
    factor = np.where(feature < 1, feature / PLAIN, np.nan)
    per_image = np.nanmedian(factor, axis=(1, 2, 3))
    assert np.nanmax(np.abs(factor - per_image[:, None, None, None])) < 1e-4
    assert 0.499 < per_image.min() < 0.7
    assert 1.3 < per_image.max() < 1.501
    assert feature.max() <= 1


def test_noise_has_the_deviation_that_is_asked_for() -> None:
    feature, target = both(drawn(noise=0.05))
    assert np.allclose(target, PLAIN, atol=1e-6)
    assert 0.04 < (feature - PLAIN).std() < 0.06
    assert feature.min() >= 0
    assert feature.max() <= 1


def test_the_seed_decides_everything() -> None:
    asked = {"flip": True, "shift": 0.2, "brightness": 0.2, "noise": 0.02}
    tf.random.set_seed(1)
    first = both(drawn(**asked))
    tf.random.set_seed(2)
    again = both(drawn(**asked))
    other_step, other_epoch = both(drawn((5, 8), **asked)), both(drawn((6, 7), **asked))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other_step)
    assert not np.array_equal(first, other_epoch)


def test_asking_for_more_leaves_the_rest_as_it_was() -> None:
    assert np.array_equal(both(drawn(flip=True))[1], both(drawn(flip=True, brightness=0.3))[1])


def test_shifts_too_small_for_a_pixel_do_nothing() -> None:
    assert np.allclose(both(drawn(shift=0.03))[0], PLAIN, atol=1e-6)
