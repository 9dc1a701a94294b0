"""The backbones: images → feature map. Loads tensorflow.

`alexnet` is the one-column variant of Krizhevsky, https://arxiv.org/abs/1404.5997; `vgg16` is
network D of Simonyan and Zisserman, https://arxiv.org/abs/1409.1556; `vgg16-bn` the same with batch
normalisation. Their convolutions are torchvision's in size, stride, padding, bias and epsilon, so
that weights trained there give the same features here. Torchvision's pooling to 6 × 6 or 7 × 7 is
left out: at 224 × 224 it changes nothing, and at other sizes the map is what it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorflow import keras

from faceprep.errors import UsageError
from faceprep.train.siamese import compact
from faceprep.train.siamese.parts import BACKBONE, NORMALISED, STANDARDISE, Standardise, scaled

if TYPE_CHECKING:
    from collections.abc import Callable

    from faceprep.train.layers import Tensor
    from faceprep.train.siamese.options import SiameseOptions

VGG_BLOCKS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
"""Filters of each convolution; every block ends in a pooling that halves the sides."""

SMALLEST = {"compact": 1, "alexnet": 63, "vgg16": 32, "vgg16-bn": 32}
"""The side in pixels that leaves one place at the end."""

layers = keras.layers


def alexnet(x: Tensor, options: SiameseOptions) -> Tensor:
    """Standardised images to a map, 6 × 6 × 256 of 224 × 224."""
    x = _convolve(x, "conv1", scaled(64, options.width), size=11, stride=4, padding=2)
    x = layers.MaxPooling2D(3, 2)(layers.ReLU()(x))
    x = _convolve(x, "conv2", scaled(192, options.width), size=5, padding=2)
    x = layers.MaxPooling2D(3, 2)(layers.ReLU()(x))
    for name, filters in (("conv3", 384), ("conv4", 256), ("conv5", 256)):
        x = layers.ReLU()(_convolve(x, name, scaled(filters, options.width)))
    return layers.MaxPooling2D(3, 2)(x)


def vgg16(x: Tensor, options: SiameseOptions, normalised: bool = False) -> Tensor:
    """Standardised images to a map, 7 × 7 × 512 of 224 × 224."""
    for block, filters in enumerate(VGG_BLOCKS, start=1):
        for number, full in enumerate(filters, start=1):
            name = f"conv{block}_{number}"
            x = _convolve(x, name, scaled(full, options.width))
            if normalised:  # torchvision's momentum of 0.1 is Keras' 0.9
                x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name + NORMALISED)(x)
            x = layers.ReLU()(x)
        x = layers.MaxPooling2D()(x)
    return x


def vgg16_bn(x: Tensor, options: SiameseOptions) -> Tensor:
    """`vgg16` with each convolution normalised."""
    return vgg16(x, options, normalised=True)


BACKBONES: dict[str, Callable[[Tensor, SiameseOptions], Tensor]] = {
    "compact": compact.features,
    "vgg16-bn": vgg16_bn,
    "vgg16": vgg16,
    "alexnet": alexnet,
}
"""Standardised images (n, height, width, channels) to feature maps (n, h, w, filters)."""


def build_backbone(options: SiameseOptions) -> Any:
    """A `keras.Model` from images, 0 to 1, to feature maps; its first convolutions frozen.

    Raises:
        UsageError: the input is too small for it, or there are fewer convolutions to freeze.
    """
    shape, least = options.input_shape, SMALLEST[options.backbone]
    if min(shape.height, shape.width) < least:
        raise UsageError(
            f"--input-size is {shape}, too small for the backbone {options.backbone}; "
            f"the smallest is {least}x{least}x{shape.channels}"
        )
    face = layers.Input(shape, name="face")
    x = Standardise(name=STANDARDISE)(face)
    backbone = keras.Model(face, BACKBONES[options.backbone](x, options), name=BACKBONE)
    _freeze(backbone, options)
    return backbone


def convolutions(model: Any) -> list[Any]:
    """The convolutions of a model, those of models inside it too, in the order images meet them."""
    found: list[Any] = []
    for layer in model.layers:
        if hasattr(layer, "layers"):
            found += convolutions(layer)
        elif isinstance(layer, layers.Conv2D):
            found.append(layer)
    return found


def _freeze(backbone: Any, options: SiameseOptions) -> None:
    """Keep the first convolutions as they are; their normalisations then use what they have seen."""
    there = convolutions(backbone)
    if options.freeze > len(there):
        raise UsageError(
            f"--freeze is {options.freeze}, but the backbone {options.backbone} has "
            f"{len(there)} convolutions"
        )
    by_name = {layer.name: layer for layer in backbone.layers}
    for convolution in there[: options.freeze]:
        convolution.trainable = False
        if normalisation := by_name.get(convolution.name + NORMALISED):
            normalisation.trainable = False


def _convolve(
    x: Tensor, name: str, filters: int, size: int = 3, stride: int = 1, padding: int = 1
) -> Tensor:
    """A convolution with zeros around it as torch puts them: alike on all sides, at any stride.

    Keras' `same` of stride 2 and above puts more of them on the right and at the bottom.
    """
    x = layers.ZeroPadding2D(padding)(x) if stride > 1 else x
    return layers.Conv2D(
        filters,
        size,
        stride,
        padding="valid" if stride > 1 else "same",
        kernel_initializer="he_normal",
        name=name,
    )(x)
