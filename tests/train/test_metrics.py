"""Scores against other people's code, by hand, in any batches; predictors that have learnt nothing."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tensorflow as tf
from skimage import metrics as theirs

from faceprep.train.dataset import PairForm
from faceprep.train.metrics import PSNR_LIMIT, Scores, baselines, mean_target, reshaped, score
from faceprep.train.options import Shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

THEIRS: Any = theirs
RNG = np.random.default_rng(0)
TARGETS = RNG.random((5, 24, 16, 1), np.float32)
FEATURES = np.clip(TARGETS + RNG.normal(0, 0.1, TARGETS.shape), 0, 1).astype(np.float32)


def same(features: Any) -> Any:
    return features


def grey(value: float, *shape: int) -> NDArray[np.float32]:
    return np.full(shape, value, np.float32)


def test_scores_agree_with_scikit_image() -> None:
    found = score([(FEATURES, TARGETS)], same)
    pairs = list(zip(FEATURES[..., 0], TARGETS[..., 0], strict=True))
    psnr = [THEIRS.peak_signal_noise_ratio(b, a, data_range=1) for a, b in pairs]
    ssim = [
        THEIRS.structural_similarity(
            a, b, data_range=1, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
        for a, b in pairs
    ]
    assert found.mse == pytest.approx(float(np.mean((FEATURES - TARGETS) ** 2)), rel=1e-5)
    assert found.psnr == pytest.approx(np.mean(psnr), rel=1e-5)
    assert found.ssim == pytest.approx(np.mean(ssim), abs=1e-5)
    assert found.images == 5


def test_scores_do_not_depend_on_how_images_are_batched() -> None:
    data = tf.data.Dataset.from_tensor_slices((FEATURES, TARGETS))
    alone, uneven = (score(data.batch(size), same) for size in (1, 3))
    for name in ("mse", "psnr", "ssim", "images"):
        assert getattr(alone, name) == pytest.approx(getattr(uneven, name), rel=1e-6)


def test_a_worse_predictor_is_worse_in_each_score() -> None:
    near = score([(FEATURES, TARGETS)], same)
    far = score([(FEATURES, TARGETS)], lambda x: x[::-1])
    assert near.mse < far.mse
    assert near.psnr > far.psnr
    assert near.ssim > far.ssim


@pytest.mark.parametrize("error", [0.1, 0.5, 1.0])
def test_psnr_is_the_mean_of_each_images(error: float) -> None:
    targets = grey(0.0, 2, 16, 16, 3)
    features = np.stack([targets[0] + error, targets[1] + 0.01])
    found = score([(features, targets)], same)
    assert found.psnr == pytest.approx((-20 * math.log10(error) + 40) / 2, abs=1e-3)


def test_what_is_exactly_right_has_the_highest_scores_there_are() -> None:
    assert score([(TARGETS, TARGETS)], same) == Scores(0.0, PSNR_LIMIT, 1.0, 5)


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 9, 3), (10, 30, 1), (11, 11, 3), (12, 5, 1)])
def test_images_smaller_than_the_window_are_compared_too(shape: tuple[int, int, int]) -> None:
    targets = RNG.random((3, *shape), np.float32)
    assert score([(targets, targets)], same).ssim == pytest.approx(1.0)
    assert -1.0 <= score([(1 - targets, targets)], same).ssim < 1.0


def test_a_model_that_gives_nan_scores_nan_and_null_in_json() -> None:
    found = score([(FEATURES * np.nan, TARGETS)], same)
    assert math.isnan(found.mse)
    text = json.dumps(found.as_json(), allow_nan=False)
    assert json.loads(text) == {"mse": None, "psnr": None, "ssim": None, "images": 5}


def test_nothing_scored_is_no_number() -> None:
    found = score([], same)
    assert found.images == 0
    assert found.as_json()["mse"] is None


def test_scores_of_numbers_are_numbers_in_json() -> None:
    assert Scores(0.5, 3.0, 0.25, 7).as_json() == {
        "mse": 0.5,
        "psnr": 3.0,
        "ssim": 0.25,
        "images": 7,
    }


def test_the_mean_target_weighs_images_not_batches() -> None:
    batches = [(FEATURES[:4], TARGETS[:4]), (FEATURES[4:], TARGETS[4:])]
    mean = mean_target(batches)
    assert mean.dtype == np.float32
    np.testing.assert_allclose(mean, TARGETS.mean(axis=0), atol=1e-6)


def test_no_constant_answer_is_better_than_the_mean_target() -> None:
    form = PairForm(Shape(24, 16, 1), Shape(24, 16, 1))
    best = score([(FEATURES, TARGETS)], baselines([(FEATURES, TARGETS)], form)["mean_target"])
    assert best.mse == pytest.approx(float(TARGETS.var(axis=0).mean()), rel=1e-4)
    for other in (0.4, 0.5, 0.6):
        constant = grey(other, *TARGETS.shape)
        assert best.mse < score([(constant, TARGETS)], same).mse


@pytest.mark.parametrize(
    ("feature", "target"),
    [
        (Shape(24, 16, 1), Shape(24, 16, 1)),
        (Shape(48, 32, 1), Shape(24, 16, 1)),
        (Shape(48, 32, 3), Shape(24, 16, 1)),
        (Shape(12, 8, 1), Shape(24, 16, 3)),
        (Shape(24, 16, 3), Shape(24, 16, 3)),
    ],
)
def test_baselines_answer_in_the_targets_shape(feature: Shape, target: Shape) -> None:
    features = tf.constant(RNG.random((3, *feature), np.float32))
    targets = tf.constant(RNG.random((3, *target), np.float32))
    known = baselines([(features, targets)], PairForm(feature, target))
    assert list(known) == ["mean_target", "feature"]
    for predict in known.values():
        found = np.asarray(predict(features))
        assert found.shape == (3, *target)
        assert found.min() >= 0
        assert found.max() <= 1 + 1e-6
        assert score([(features, targets)], predict).images == 3


def test_a_feature_of_the_targets_shape_is_given_back_as_it_is() -> None:
    np.testing.assert_array_equal(reshaped(FEATURES, Shape(24, 16, 1)), FEATURES)


def test_grey_is_the_luma_of_jpeg() -> None:
    red, green, blue = np.eye(3, dtype=np.float32)
    for colour, luma in ((red, 0.299), (green, 0.587), (blue, 0.114)):
        pixels = np.broadcast_to(colour, (1, 4, 4, 3))
        np.testing.assert_allclose(reshaped(pixels, Shape(4, 4, 1)), luma, atol=1e-3)


def test_a_picture_is_made_smaller_without_aliasing() -> None:
    stripes = np.zeros((1, 32, 32, 1), np.float32)
    stripes[:, :, ::2] = 1
    inner = np.asarray(reshaped(stripes, Shape(8, 8, 1)))[:, :, 1:-1]
    np.testing.assert_allclose(inner, 0.5, atol=0.05)
