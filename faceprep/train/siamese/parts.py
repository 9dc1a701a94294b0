"""What the Siamese backbones and heads share: sizes, and layers of our own. Loads tensorflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorflow import keras

if TYPE_CHECKING:
    from faceprep.train.layers import Tensor

STANDARDISE = "standardise"
"""Name of the layer that images meet first."""

NORMALISED = "_bn"
"""Ends the name of a normalisation; before it stands the name of its convolution."""

BACKBONE = "backbone"
EMBEDDING = "embedding"
"""Names of the parts of a network, each a `keras.Model` that is a layer of the whole."""

layers = keras.layers
ops = keras.ops


def scaled(full: int, width: float) -> int:
    """So many filters of the full network's: a multiple of 8 from 16 on, and at least 1.

    Processors work on 8 or 16 of them at once, so that others would cost as much as more.
    """
    filters = full * width
    step = 8 if filters >= 16 else 1
    return max(1, step * round(filters / step))


@keras.utils.register_keras_serializable(package="faceprep")
class Standardise(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """(images - mean) / deviation, of each channel: what the weights after it were trained on.

    Both are weights that do not learn, so that they come and go with the weights they belong to.
    They begin as 0.5 each, which makes 0 to 1 into -1 to 1.

    Input and output: float32 (batch, height, width, channels).
    """

    def __init__(self, **names: Any) -> None:
        super().__init__(**{**names, "dtype": "float32"})

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make both weights, (channels,)."""
        for name in ("mean", "deviation"):
            half = keras.initializers.Constant(0.5)
            weight = self.add_weight(
                shape=(input_shape[-1],), initializer=half, trainable=False, name=name
            )
            setattr(self, name, weight)

    def call(self, images: Tensor) -> Tensor:
        """Standardise."""
        return (images - self.mean) / self.deviation


@keras.utils.register_keras_serializable(package="faceprep")
class Cosines(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Cosine of each embedding with the one direction that each class has.

    Input: float32 (batch, embedding), unit vectors. Output: float32 (batch, classes), -1 to 1.

    Args:
        classes: how many.
        names: what every Keras layer takes.
    """

    def __init__(self, classes: int, **names: Any) -> None:
        super().__init__(**{**names, "dtype": "float32"})
        self.classes = classes

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the directions, (embedding, classes); their lengths do not count."""
        self.directions = self.add_weight(
            shape=(input_shape[-1], self.classes), initializer="glorot_uniform", name="directions"
        )

    def call(self, embeddings: Tensor) -> Tensor:
        """Cosines."""
        return ops.matmul(embeddings, ops.normalize(self.directions, axis=0))

    def get_config(self) -> dict[str, Any]:
        """What makes it again."""
        return {**super().get_config(), "classes": self.classes}
