"""What the training of Siamese networks makes small, and how its success is counted.

Loads tensorflow. The labels of pairs are 0 for the same person and 1 for different people, the
number of the output that is to be the higher one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorflow import keras

from faceprep.train.siamese.options import CONTRASTIVE, MARGIN

if TYPE_CHECKING:
    from faceprep.train.layers import Tensor
    from faceprep.train.siamese.options import SiameseOptions

ops = keras.ops


@keras.utils.register_keras_serializable(package="faceprep")
class CosineMargin(keras.losses.Loss):  # type: ignore[misc]  # Keras has no types
    """Cross-entropy of a softmax over people, each face's own cosine made harder to raise.

    After Wang et al., CosFace, https://arxiv.org/abs/1801.09414, equation 4.

    Args:
        margin: what is taken from the cosine of a face with its own person.
        scale: what cosines are multiplied by; without it no softmax over them could be sure.
        names: what every Keras loss takes.
    """

    def __init__(self, margin: float, scale: float, **names: Any) -> None:
        super().__init__(**{"name": "cosine_margin", **names})
        self.margin = margin
        self.scale = scale

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Persons (n,) and cosines (n, people) to losses (n,)."""
        people = ops.reshape(ops.cast(y_true, "int32"), (-1,))
        own = ops.one_hot(people, y_pred.shape[-1], dtype=y_pred.dtype)
        logits = self.scale * (y_pred - self.margin * own)
        return ops.sparse_categorical_crossentropy(people, logits, from_logits=True)

    def get_config(self) -> dict[str, Any]:
        """What makes it again."""
        return {**super().get_config(), "margin": self.margin, "scale": self.scale}


@keras.utils.register_keras_serializable(package="faceprep")
class Contrastive(keras.losses.Loss):  # type: ignore[misc]  # Keras has no types
    """Draws the faces of one person together, and those of two apart up to a margin.

    After Hadsell et al., "Dimensionality Reduction by Learning an Invariant Mapping", 2006, with
    d = 1 - cosine as the distance: d² / 2 for the same person, max(0, margin - d)² / 2 for others.

    Args:
        margin: the distance from which on two people are far enough apart.
        names: what every Keras loss takes.
    """

    def __init__(self, margin: float, **names: Any) -> None:
        super().__init__(**{"name": "contrastive", **names})
        self.margin = margin

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Labels (n,) and cosines (n, 1) to losses (n,)."""
        distance = 1.0 - ops.reshape(y_pred, (-1,))
        different = ops.reshape(ops.cast(y_true, distance.dtype), (-1,))
        short = ops.maximum(0.0, self.margin - distance)
        return 0.5 * ((1.0 - different) * distance**2 + different * short**2)

    def get_config(self) -> dict[str, Any]:
        """What makes it again."""
        return {**super().get_config(), "margin": self.margin}


@keras.utils.register_keras_serializable(package="faceprep")
class ContrastiveAccuracy(keras.metrics.MeanMetricWrapper):  # type: ignore[misc]  # as above
    """Share of pairs on the right side of half the margin.

    There the pull of a genuine pair is as strong as the push of an impostor pair.

    Args:
        margin: of the loss.
        names: what every Keras metric takes.
    """

    def __init__(self, margin: float, **names: Any) -> None:
        self.margin = margin
        super().__init__(self._right, **{"name": "accuracy", **names})

    def _right(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        apart = 1.0 - ops.reshape(y_pred, (-1,)) > self.margin / 2
        different = ops.reshape(ops.cast(y_true, "bool"), (-1,))
        return ops.cast(ops.equal(apart, different), "float32")

    def get_config(self) -> dict[str, Any]:
        """What makes it again."""
        return {"name": self.name, "dtype": self.dtype, "margin": self.margin}


def loss_of(options: SiameseOptions) -> Any:
    """The loss, for `compile`.

    Of `single` and `two` it is the cross-entropy over (same, different). What sets `two` apart is
    its batches: half of each is genuine, so that the mean over them is the mean of both losses.
    """
    if options.loss == MARGIN:
        return CosineMargin(options.margin, options.scale)
    if options.loss == CONTRASTIVE:
        return Contrastive(options.margin)
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def metric_of(options: SiameseOptions) -> Any:
    """The metric `accuracy`, for `compile`: share of faces, or of pairs, that are told rightly."""
    if options.loss == CONTRASTIVE:
        return ContrastiveAccuracy(options.margin)
    return keras.metrics.SparseCategoricalAccuracy(name="accuracy")
