"""The backbone `compact`: ours, residual, for aligned faces on a CPU. Loads tensorflow.

It is the encoder of the preset `frontal` with more filters, for the same reasons (see
`residual.py`): 1.8 million weights without the embedding. The map at its end is not averaged over
its places, since in an aligned face each place shows a part of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorflow import keras

from faceprep.train.siamese.parts import NORMALISED, scaled

if TYPE_CHECKING:
    from faceprep.train.layers import Tensor
    from faceprep.train.siamese.options import SiameseOptions

FIRST = 48
BLOCKS = (48, 96, 192, 256)
"""Filters of the first convolution, and of each block after it; all of stride 2."""

layers = keras.layers


def features(x: Tensor, options: SiameseOptions) -> Tensor:
    """Standardised images to a map of (h/32, w/32), rounded up, and 256 filters."""
    x = _activate(_convolve(x, scaled(FIRST, options.width), "conv1", size=5, stride=2))
    for number, filters in enumerate(BLOCKS, start=1):
        x = _shrinking(x, scaled(filters, options.width), f"block{number}")
    return x


def _shrinking(x: Tensor, filters: int, name: str) -> Tensor:
    """A residual block of stride 2, after He et al., https://arxiv.org/abs/1512.03385.

    The shortcut is averaged, so that no pixel is thrown away (ResNet-D,
    https://arxiv.org/abs/1812.01187).
    """
    y = _activate(_convolve(x, filters, f"{name}_conv1", stride=2))  # (h/2, w/2, filters)
    y = _convolve(y, filters, f"{name}_conv2")
    x = layers.AveragePooling2D(2, padding="same")(x)
    x = _convolve(x, filters, f"{name}_shortcut", size=1)
    return _activate(layers.Add()([x, y]))


def _convolve(x: Tensor, filters: int, name: str, size: int = 3, stride: int = 1) -> Tensor:
    """A convolution, and its normalisation, which has the bias for it."""
    x = layers.Conv2D(
        filters,
        size,
        stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)
    # Keras' 0.99 still holds a third of its first guess after 100 steps.
    return layers.BatchNormalization(momentum=0.98, name=name + NORMALISED)(x)


def _activate(x: Tensor) -> Tensor:
    return layers.Activation("swish")(x)
