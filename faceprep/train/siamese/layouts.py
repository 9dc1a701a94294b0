"""Where weights trained elsewhere have what a backbone needs, and how they want their images.

Light, but for numpy.

A backbone's layers are called alike in `alexnet` (`conv1` to `conv5`) and in `vgg16` (`conv1_1` to
`conv5_3`); the normalisation of `conv1_1` is `conv1_1_bn`. From torchvision's `state_dict`:

| here | torchvision |
|---|---|
| kernel of a convolution, (height, width, in, out) | `features.N.weight`, (out, in, height, width) |
| its bias | `features.N.bias` |
| gamma and beta of its normalisation | `features.N+1.weight`, `features.N+1.bias` |
| its moving mean and variance | `features.N+1.running_mean`, `features.N+1.running_var` |

N is 0, 3, 6, 8, 10 in `alexnet`. In `vgg16` it grows by 2 with each convolution, in `vgg16_bn` by 3,
and by 1 more behind each of the blocks of 2, 2, 3, 3 and 3 convolutions. Torchvision's networks want
RGB, 0 to 1, less a mean and divided by a deviation. Keras' VGG16 wants BGR, 0 to 255, less a mean; the
first kernel is turned to RGB here, and the mean and the deviation are brought to 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceprep.errors import UsageError
from faceprep.train.siamese.options import IMAGENET, NO_WEIGHTS
from faceprep.train.siamese.tensor_files import suffix_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from faceprep.train.siamese.options import SiameseOptions

Channels = tuple[float, float, float]
"""A value for each of red, green and blue."""

TORCHVISION = (".npz", ".safetensors")
"""Endings of files that have torchvision's names."""

_VGG_BLOCKS = (2, 2, 3, 3, 3)
_CONVOLUTION = ("weight", "bias")
_NORMALISATION = ("weight", "bias", "running_mean", "running_var")


@dataclass(frozen=True)
class Layout:
    """Which arrays the layers of a backbone take.

    Attributes:
        arrays: layer to the names of its arrays, in the order of the layer's own weights.
        torch: whether kernels are (out, in, height, width), not (height, width, in, out).
        reversed: whether the first kernel takes blue, green, red.
        mean: what is taken from images, 0 to 1; None: the file says it, or it stays as it is.
        deviation: what they are then divided by.
    """

    arrays: dict[str, tuple[str, ...]]
    torch: bool = False
    reversed: bool = False
    mean: Channels | None = None
    deviation: Channels | None = None


def check_pretrained(options: SiameseOptions) -> None:
    """Hold `pretrained` against the backbone, before anything is loaded.

    Raises:
        UsageError: there are no such weights for the backbone; what to give instead is said.
    """
    backbone, weights = options.backbone, options.pretrained
    if weights == NO_WEIGHTS:
        return
    if weights == IMAGENET:
        if backbone != "vgg16":
            raise UsageError(
                f"--pretrained imagenet: Keras has such weights for vgg16 alone, not for {backbone}; "
                f"give {_instead(backbone)}, or none"
            )
    elif suffix_of(weights) in TORCHVISION and backbone == "compact":
        raise UsageError(
            f"--pretrained is '{weights}', with torchvision's names, but torchvision has no "
            f"{backbone}; give {_instead(backbone)}, or none"
        )


def torchvision(backbone: str) -> Layout:
    """Of torchvision's `alexnet`, `vgg16` and `vgg16_bn`, trained on ImageNet."""
    if backbone == "alexnet":
        places = {"conv1": 0, "conv2": 3, "conv3": 6, "conv4": 8, "conv5": 10}
    else:
        places = _vgg_places(3 if backbone == "vgg16-bn" else 2)
    arrays: dict[str, tuple[str, ...]] = {}
    for name, place in places.items():
        arrays[name] = tuple(f"features.{place}.{part}" for part in _CONVOLUTION)
        if backbone == "vgg16-bn":
            arrays[f"{name}_bn"] = tuple(f"features.{place + 1}.{part}" for part in _NORMALISATION)
    return Layout(arrays, torch=True, mean=(0.485, 0.456, 0.406), deviation=(0.229, 0.224, 0.225))


def keras_own(weights: dict[str, int]) -> Layout:
    """Of a network of ours: each layer's weights under the layer's own name.

    Args:
        weights: layer to the number of its weights, the standardising of the images among them.
    """
    return Layout({name: _numbered(name, number) for name, number in weights.items()})


def keras_vgg16() -> Layout:
    """Of `keras.applications.VGG16`, trained on ImageNet."""
    arrays = {
        name: _numbered(f"block{name[4]}_conv{name[6]}", len(_CONVOLUTION))
        for name in _vgg_places(2)
    }
    grey = 1 / 255
    mean = (123.68 * grey, 116.779 * grey, 103.939 * grey)
    return Layout(arrays, reversed=True, mean=mean, deviation=(grey, grey, grey))


def layout_of(options: SiameseOptions, weights: dict[str, int], found: Collection[str]) -> Layout:
    """The layout that a file has.

    Args:
        options: with the backbone, and `pretrained`, a file.
        weights: of the backbone, as `keras_own` takes them.
        found: the names in the file.
    """
    if suffix_of(options.pretrained) in TORCHVISION:
        return torchvision(options.backbone)
    foreign = keras_vgg16()
    if options.backbone == "vgg16" and foreign.arrays["conv1_1"][0] in found:
        return foreign
    return keras_own(weights)


def _vgg_places(step: int) -> dict[str, int]:
    """Convolution to its place in torchvision's `features`."""
    places, place = {}, 0
    for block, convolutions in enumerate(_VGG_BLOCKS, start=1):
        for number in range(1, convolutions + 1):
            places[f"conv{block}_{number}"] = place
            place += step
        place += 1  # the pooling
    return places


def _numbered(layer: str, weights: int) -> tuple[str, ...]:
    return tuple(f"{layer}/{number}" for number in range(weights))


def _instead(backbone: str) -> str:
    """Files that a backbone can take."""
    if backbone == "compact":
        return "a .keras or .weights.h5 file of such a network"
    name = backbone.replace("-", "_")
    return f"a file of torchvision's {name}, as --pretrained {name}.safetensors or {name}.npz"
