"""The heads: features of two faces → same or different. Loads tensorflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorflow import keras

from faceprep.train.siamese.parts import EMBEDDING

if TYPE_CHECKING:
    from collections.abc import Callable

    from faceprep.train.layers import Tensor
    from faceprep.train.siamese.options import SiameseOptions

layers = keras.layers


def embed(x: Tensor, options: SiameseOptions) -> Tensor:
    """A feature map to a unit vector, float32 (n, embedding), which is all that is compared."""
    x = layers.Dropout(options.dropout)(layers.Flatten()(x))
    x = layers.Dense(options.embedding, use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.98)(x)
    return layers.UnitNormalization(dtype="float32", name=EMBEDDING)(x)


def concat(first: Tensor, second: Tensor, options: SiameseOptions) -> Tensor:
    """Both maps side by side."""
    flatten = layers.Flatten()
    return _decide(layers.Concatenate()([flatten(first), flatten(second)]), options)


def absdiff(first: Tensor, second: Tensor, options: SiameseOptions) -> Tensor:
    """How far the maps are from each other, place by place; it does not matter which is first."""
    flatten = layers.Flatten()
    apart = layers.Subtract()([flatten(first), flatten(second)])
    return _decide(keras.ops.absolute(apart), options)


def concat_linear(first: Tensor, second: Tensor, options: SiameseOptions) -> Tensor:
    """Each map through one dense layer, the same for both, then side by side."""
    flatten, dense = layers.Flatten(), layers.Dense(_units(options), name="branch")
    branches = [dense(flatten(first)), dense(flatten(second))]
    return _decide(layers.Concatenate()(branches), options)


HEADS: dict[str, Callable[[Tensor, Tensor, SiameseOptions], Tensor]] = {
    "concat": concat,
    "absdiff": absdiff,
    "concat-linear": concat_linear,
}
"""Those that take both maps, (n, h, w, c), and give two logits, (n, 2)."""


def _decide(x: Tensor, options: SiameseOptions) -> Tensor:
    """Two dense layers, then the logits of same and different, float32 in any precision."""
    for name in ("hidden1", "hidden2"):
        x = layers.Dense(
            _units(options), activation="relu", kernel_initializer="he_normal", name=name
        )(x)
        x = layers.Dropout(options.dropout)(x)
    return layers.Dense(2, dtype="float32", name="logits")(x)


def _units(options: SiameseOptions) -> int:
    return max(1, round(options.units * options.width))
