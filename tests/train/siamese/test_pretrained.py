"""Weights trained elsewhere: the features they give here are those they give there."""

from __future__ import annotations

import socket
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tensorflow import keras

from faceprep.errors import InputError
from faceprep.train.siamese import pretrained
from faceprep.train.siamese.backbones import VGG_BLOCKS
from faceprep.train.siamese.network import build
from faceprep.train.siamese.options import SiameseOptions
from faceprep.train.siamese.parts import scaled
from faceprep.train.siamese.pretrained import backbone_of, load
from tests.train.siamese.weight_files import (
    ALEXNET,
    VGG16,
    VGG16_BN,
    alexnet_by_hand,
    random_weights,
    vgg16_by_hand,
    write_safetensors,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WIDTH = 0.02
VGG_FILTERS = [scaled(filters, WIDTH) for block in VGG_BLOCKS for filters in block]


def small(**values: Any) -> SiameseOptions:
    sizes = {"width": WIDTH, "units": 100, "input_size": "66x79x3"}
    return SiameseOptions(**{**sizes, "head": "concat", "loss": "single", **values})


def faces(number: int = 2) -> Any:
    return np.random.default_rng(0).random((number, 66, 79, 3), dtype=np.float32)


def alexnet() -> dict[str, Any]:
    sizes = [size for size, *_ in ALEXNET.values()]
    filters = [scaled(full, WIDTH) for full in (64, 192, 384, 256, 256)]
    channels = [3, *filters]
    shapes = [(*pair, size, size) for *pair, size in zip(filters, channels, sizes, strict=False)]
    return random_weights(tuple(ALEXNET), shapes)


def vgg16(normalised: bool) -> dict[str, Any]:
    shapes = [(*pair, 3, 3) for pair in zip(VGG_FILTERS, [3, *VGG_FILTERS], strict=False)]
    return random_weights(VGG16_BN if normalised else VGG16, shapes, normalised)


KINDS: list[tuple[str, dict[str, Any], Callable[..., Any]]] = [
    ("alexnet", alexnet(), alexnet_by_hand),
    ("vgg16", vgg16(False), partial(vgg16_by_hand, places=VGG16, normalised=False)),
    ("vgg16-bn", vgg16(True), partial(vgg16_by_hand, places=VGG16_BN, normalised=True)),
]


@pytest.mark.parametrize("suffix", ["npz", "safetensors"])
@pytest.mark.parametrize(("backbone", "arrays", "by_hand"), KINDS, ids=[kind[0] for kind in KINDS])
def test_torchvisions_weights_give_the_features_of_torchvision(
    backbone: str, arrays: dict[str, Any], by_hand: Any, suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / f"weights.{suffix}"
    if suffix == "npz":
        np.savez(path, **arrays)
    else:
        write_safetensors(path, arrays)
    options = small(backbone=backbone, pretrained=str(path), freeze=2)
    model = build(options)
    lines = load(model, options)
    expected = by_hand(faces(), arrays)
    found = np.asarray(backbone_of(model)(faces()))
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(found, expected, atol=1e-4, rtol=1e-4)
    assert lines[-1].startswith("not taken: ")
    assert len(lines) == {"alexnet": 5, "vgg16": 13, "vgg16-bn": 26}[backbone] + 1


def test_each_layer_has_a_line(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", **KINDS[2][1])
    options = small(backbone="vgg16-bn", pretrained=str(tmp_path / "w.npz"))
    first, second, *_, last = load(build(options), options)
    assert first == "conv1_1: features.0.weight (1, 3, 3, 3), features.0.bias (1,)"
    assert second.startswith("conv1_1_bn: features.1.weight (1,), features.1.bias (1,), features.1")
    assert last.startswith("not taken: features.1.num_batches_tracked, features.4.num_batches")
    assert last.endswith(" and 12 more; the head learns its own")


def test_a_shape_that_does_not_fit_changes_nothing(tmp_path: Path) -> None:
    arrays = {**KINDS[0][1], "features.8.weight": np.zeros((5, 8, 3, 4), np.float32)}
    np.savez(tmp_path / "w.npz", **arrays)
    options = small(backbone="alexnet", pretrained=str(tmp_path / "w.npz"))
    model = build(options)
    before = [weight.numpy() for weight in model.weights]
    with pytest.raises(InputError) as caught:
        load(model, options)
    assert "w.npz: 'features.8.weight' is (5, 8, 3, 4), but the layer conv4 wants (5, 8, 3, 3)" in (
        str(caught.value)
    )
    for weight, old in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(weight, old)


def test_weights_of_another_backbone_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", **KINDS[0][1])
    options = small(backbone="vgg16-bn", pretrained=str(tmp_path / "w.npz"))
    with pytest.raises(InputError, match=r"the layer conv1_1 wants \(1, 3, 3, 3\)"):
        load(build(options), options)
    arrays = {"features.0.weight": KINDS[2][1]["features.0.weight"]}
    np.savez(tmp_path / "w.npz", **arrays)
    with pytest.raises(InputError, match=r"has no 'features.0.bias' for the layer conv1_1"):
        load(build(options), options)


@pytest.mark.parametrize("backbone", ["compact", "vgg16-bn"])
@pytest.mark.parametrize("suffix", [".keras", ".weights.h5"])
def test_the_backbone_of_a_run_goes_into_another_head(
    backbone: str, suffix: str, tmp_path: Path
) -> None:
    there = build(small(backbone=backbone))
    random = np.random.default_rng(2)
    for weight in there.weights:
        weight.assign(random.uniform(0.1, 0.9, weight.shape))
    path = tmp_path / f"model{suffix}"
    there.compile(optimizer="adam", loss="mse")
    there.save(path) if suffix == ".keras" else there.save_weights(path)
    options = small(backbone=backbone, head="embedding", loss="margin", pretrained=str(path))
    model = build(options, 3)
    lines = load(model, options)
    expected = np.asarray(backbone_of(there)(faces()))
    np.testing.assert_array_equal(backbone_of(model)(faces()), expected)
    assert "standardise: standardise/0 (3,), standardise/1 (3,)" in lines
    assert "hidden1/0" in lines[-1]


def test_a_run_of_another_backbone_is_refused(tmp_path: Path) -> None:
    build(small(backbone="alexnet")).save(tmp_path / "model.keras")
    options = small(backbone="compact", pretrained=str(tmp_path / "model.keras"))
    with pytest.raises(InputError, match=r"for the layer conv1_bn; is it of another|wants \("):
        load(build(options), options)


def test_keras_imagenet_weights_give_the_features_of_keras(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    there = keras.applications.VGG16(include_top=False, weights=None)
    monkeypatch.setattr(keras.applications, "VGG16", lambda **_: there)
    there.save_weights(tmp_path / "vgg.weights.h5")
    images = faces()[:, :32, :40]
    expected = there(keras.applications.vgg16.preprocess_input(images * 255))
    for weights in ("imagenet", str(tmp_path / "vgg.weights.h5")):
        options = SiameseOptions(backbone="vgg16", input_size="32x40x3", pretrained=weights)
        model = build(options, 2)
        lines = load(model, options)
        found = np.asarray(backbone_of(model)(images))
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4 * np.ptp(expected))
        assert lines[-1] == "conv5_3: block5_conv3/0 (3, 3, 512, 512), block5_conv3/1 (512,)"


@pytest.mark.parametrize("answers", [False, True])
def test_imagenet_weights_that_cannot_be_had(
    answers: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No server, or one that takes the call and then says nothing."""
    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(tmp_path))
    monkeypatch.setattr(pretrained, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1] if answers else 9
        for name in ("https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        options = small(backbone="vgg16", pretrained="imagenet")
        with pytest.raises(InputError, match=r"give a file, as --pretrained vgg16.safetensors"):
            load(build(options), options)
    assert socket.getdefaulttimeout() is None
