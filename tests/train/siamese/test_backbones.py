"""The backbones: size, shape, where they end, what they refuse, what is frozen."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from tensorflow import keras

from faceprep.errors import UsageError
from faceprep.train.siamese.backbones import BACKBONES, SMALLEST, build_backbone, convolutions
from faceprep.train.siamese.options import BACKBONES as NAMES
from faceprep.train.siamese.options import SiameseOptions
from faceprep.train.siamese.parts import scaled

STANDARDISING = 6
"""A mean and a deviation for each of three channels."""


def small(**values: Any) -> SiameseOptions:
    return SiameseOptions(**{"width": 0.05, "input_size": "64x80x3", **values})


def trainable(model: Any) -> int:
    return int(sum(np.prod(weight.shape) for weight in model.trainable_weights))


def test_every_backbone_is_built() -> None:
    assert set(BACKBONES) == set(NAMES) == set(SMALLEST)


@pytest.mark.parametrize(
    ("backbone", "parameters", "shape"),
    [
        ("alexnet", 2_469_696, (6, 6, 256)),  # torchvision's, without its classifier
        ("vgg16", 14_714_688, (7, 7, 512)),
        ("vgg16-bn", 14_723_136, (7, 7, 512)),
    ],
)
def test_at_full_size_it_is_as_large_as_torchvisions(
    backbone: str, parameters: int, shape: tuple[int, ...]
) -> None:
    model = build_backbone(SiameseOptions(backbone=backbone, input_size="224x224x3"))
    assert trainable(model) == parameters
    assert model.output_shape == (None, *shape)
    moving = parameters - 14_714_688 if backbone == "vgg16-bn" else 0  # as many as gammas and betas
    assert model.count_params() == parameters + moving + STANDARDISING


def test_compact_at_full_size() -> None:
    model = build_backbone(SiameseOptions())
    assert model.output_shape == (None, 3, 3, 256)
    assert model.count_params() == 1_781_136 + STANDARDISING
    assert [layer.filters for layer in convolutions(model)][:2] == [48, 48]


@pytest.mark.parametrize("backbone", NAMES)
def test_the_first_too_small_input_is_told_the_smallest(backbone: str) -> None:
    least = SMALLEST[backbone]
    model = build_backbone(small(backbone=backbone, input_size=f"{least}x{least}x3"))
    assert model.output_shape[1:3] == (1, 1)
    if least > 1:
        with pytest.raises(UsageError, match=f"{backbone}; the smallest is {least}x{least}x3"):
            build_backbone(small(backbone=backbone, input_size=f"{least + 9}x{least - 1}x3"))


@pytest.mark.parametrize("backbone", NAMES)
def test_grey_faces_and_sides_that_differ(backbone: str) -> None:
    model = build_backbone(small(backbone=backbone, input_size="96x64x1"))
    faces = np.random.default_rng(0).random((2, 96, 64, 1), dtype=np.float32)
    found = model(faces)
    assert found.shape == (2, *model.output_shape[1:])
    assert found.shape[1] > found.shape[2]
    assert np.ptp(found) > 0


def test_images_are_standardised_to_minus_1_to_1() -> None:
    model = build_backbone(small())
    inside = keras.Model(model.input, model.get_layer("standardise").output)
    faces = np.array([0.0, 0.25, 1.0], np.float32)[:, None, None, None] * np.ones((1, 64, 80, 3))
    assert [float(value) for value in inside(faces)[:, 0, 0, 0]] == [-1.0, -0.5, 1.0]


@pytest.mark.parametrize(
    ("full", "width", "filters"),
    [(48, 1.0, 48), (48, 0.5, 24), (64, 0.3, 16), (256, 0.9, 232), (64, 0.1, 6), (64, 0.001, 1)],
)
def test_a_width_keeps_filters_in_multiples_of_8(full: int, width: float, filters: int) -> None:
    assert scaled(full, width) == filters


@pytest.mark.parametrize(
    ("backbone", "frozen"),
    [
        ("compact", ["conv1", "conv1_bn", "block1_conv1", "block1_conv1_bn"]),
        ("vgg16-bn", ["conv1_1", "conv1_1_bn", "conv1_2", "conv1_2_bn"]),
        ("vgg16", ["conv1_1", "conv1_2"]),
        ("alexnet", ["conv1", "conv2"]),
    ],
)
def test_the_first_convolutions_and_their_normalisations_are_frozen(
    backbone: str, frozen: list[str]
) -> None:
    model = build_backbone(small(backbone=backbone, freeze=2))
    found = [layer.name for layer in model.layers if layer.weights and not layer.trainable]
    assert found == frozen


def test_a_frozen_normalisation_uses_what_it_has_seen() -> None:
    options = small(backbone="vgg16-bn", input_size="32x32x3", freeze=1)
    faces = np.random.default_rng(0).random((4, 32, 32, 3), dtype=np.float32)
    for frozen in (0, 1):
        model = build_backbone(dataclasses.replace(options, freeze=frozen))
        first = keras.Model(model.input, model.get_layer("conv1_1_bn").output)
        same = np.array_equal(first(faces, training=True), first(faces, training=False))
        moving = model.get_layer("conv1_1_bn").moving_mean.numpy()
        assert same == (moving == 0).all() == bool(frozen)


@pytest.mark.parametrize(("backbone", "there"), [("alexnet", 5), ("vgg16", 13), ("compact", 13)])
def test_all_can_be_frozen_and_not_more(backbone: str, there: int) -> None:
    model = build_backbone(small(backbone=backbone, freeze=there))
    assert not model.trainable_weights
    with pytest.raises(UsageError, match=rf"--freeze is {there + 1}, .* has {there} convolutions"):
        build_backbone(small(backbone=backbone, freeze=there + 1))
