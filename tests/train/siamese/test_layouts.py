"""Where torchvision and Keras have the weights, and which weights a backbone can have."""

from __future__ import annotations

import pytest

from faceprep.errors import UsageError
from faceprep.train.siamese.layouts import check_pretrained, keras_vgg16, layout_of, torchvision
from faceprep.train.siamese.options import SiameseOptions
from tests.train.siamese.weight_files import ALEXNET, VGG16, VGG16_BN


@pytest.mark.parametrize(
    ("backbone", "places"),
    [("alexnet", tuple(ALEXNET)), ("vgg16", VGG16), ("vgg16-bn", VGG16_BN)],
)
def test_the_places_of_torchvisions_convolutions(backbone: str, places: tuple[int, ...]) -> None:
    arrays = torchvision(backbone).arrays
    kernels = [names[0] for layer, names in arrays.items() if not layer.endswith("_bn")]
    assert kernels == [f"features.{place}.weight" for place in places]


def test_a_normalisation_is_behind_its_convolution() -> None:
    arrays = torchvision("vgg16-bn").arrays
    assert arrays["conv2_1"] == ("features.7.weight", "features.7.bias")
    assert arrays["conv2_1_bn"] == (
        "features.8.weight",
        "features.8.bias",
        "features.8.running_mean",
        "features.8.running_var",
    )
    assert len(arrays) == 26


def test_keras_names_are_those_of_its_blocks() -> None:
    assert keras_vgg16().arrays["conv5_3"] == ("block5_conv3/0", "block5_conv3/1")


@pytest.mark.parametrize(
    ("file", "found", "first"),
    [
        ("w.npz", (), "features.0.weight"),
        ("w.keras", ("block1_conv1/0",), "block1_conv1/0"),
        ("w.weights.h5", ("conv1_1/0",), "conv1_1/0"),
    ],
)
def test_the_layout_of_a_file(file: str, found: tuple[str, ...], first: str) -> None:
    options = SiameseOptions(backbone="vgg16", pretrained=file)
    assert layout_of(options, {"conv1_1": 2}, found).arrays["conv1_1"][0] == first


@pytest.mark.parametrize(
    ("backbone", "pretrained", "message"),
    [
        ("vgg16-bn", "imagenet", "vgg16 alone, not for vgg16-bn; .*--pretrained vgg16_bn.safetens"),
        ("alexnet", "imagenet", "give a file of torchvision's alexnet"),
        ("compact", "imagenet", "give a .keras or .weights.h5 file"),
        ("compact", "w.npz", "torchvision has no compact"),
        ("vgg16", "w.pth", "it may be none, imagenet, or a file that ends in .npz, .safetensors"),
    ],
)
def test_weights_that_there_are_not(backbone: str, pretrained: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_pretrained(SiameseOptions(backbone=backbone, pretrained=pretrained))


@pytest.mark.parametrize(
    ("backbone", "pretrained"),
    [("vgg16", "imagenet"), ("compact", "none"), ("compact", "x.keras"), ("alexnet", "x.npz")],
)
def test_weights_that_there_may_be(backbone: str, pretrained: str) -> None:
    check_pretrained(SiameseOptions(backbone=backbone, pretrained=pretrained))
