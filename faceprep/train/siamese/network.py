"""Options → a Siamese network, and from a trained one a judge of pairs. Loads tensorflow.

Every network has a part `backbone`, which starts with the standardising of its images, and is one
for both faces. The networks of the head `embedding` have a part `embedding` around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tensorflow import keras

from faceprep.train.siamese.backbones import build_backbone
from faceprep.train.siamese.heads import HEADS, embed
from faceprep.train.siamese.losses import loss_of, metric_of
from faceprep.train.siamese.parts import EMBEDDING, Cosines

if TYPE_CHECKING:
    from collections.abc import Callable

    from faceprep.train.layers import Tensor
    from faceprep.train.siamese.options import SiameseOptions

__all__ = ["METRIC", "Judge", "build", "judge_of", "loss_of", "metric_of"]

METRIC = "accuracy"
"""What `metric_of` is called in the history."""

layers = keras.layers
ops = keras.ops


def build(options: SiameseOptions, classes: int = 2) -> Any:
    """The model to be fitted, with fresh weights, not compiled.

    Images go in as float32 (n, height, width, channels), 0 to 1. What comes out is float32 under
    any precision policy:

    - loss `margin`: face to cosines (n, classes). Labels: the number of the person.
    - loss `contrastive`: [first, second] to their cosine (n, 1). Labels: 0 same, 1 different.
    - other heads: [first, second] to logits (n, 2) of same and different. Labels: the same.

    Args:
        options: what to build.
        classes: people in the training split; of use to the loss `margin` alone.

    Returns:
        A `keras.Model`; `loss_of` and `metric_of` are for who compiles it.

    Raises:
        UsageError: the input is too small, or there are fewer convolutions than are to be frozen.
    """
    backbone = build_backbone(options)
    name = f"siamese_{options.backbone}_{options.head}".replace("-", "_")
    if options.by_people:
        face = layers.Input(options.input_shape, name="face")
        embeddings = _embedder(backbone, options)(face)
        return keras.Model(face, Cosines(classes, name="cosines")(embeddings), name=name)
    first = layers.Input(options.input_shape, name="first")
    second = layers.Input(options.input_shape, name="second")
    if options.head == EMBEDDING:
        embedder = _embedder(backbone, options)
        pair = [embedder(first), embedder(second)]
        decision = layers.Dot(axes=1, dtype="float32", name="cosine")(pair)
    else:
        decision = HEADS[options.head](backbone(first), backbone(second), options)
    return keras.Model([first, second], decision, name=name)


@dataclass(frozen=True)
class Judge:
    """What a trained network says, as functions of tensors that a graph can be made of.

    Attributes:
        embed: images, float32 (n, height, width, channels), 0 to 1, to unit vectors, float32
            (n, embedding); None where the head has none.
        score: two batches of images to float32 (n,); higher means more alike.
    """

    embed: Callable[[Tensor], Tensor] | None
    score: Callable[[Tensor, Tensor], Tensor]


def judge_of(model: Any, options: SiameseOptions) -> Judge:
    """The judge that a model is, with the model's own weights, not a copy.

    Scores are cosines, -1 to 1, for the head `embedding`; for others the logit of same less that
    of different, above 0 where same is the likelier.

    Args:
        model: by `build`, or loaded from a file.
        options: that it was built with. With `mirror`, an embedding is the mean of a face's and
            its mirror image's, so that it does not matter which way the face looks.
    """
    if options.head != EMBEDDING:
        return Judge(None, lambda first, second: _lead(model([first, second], training=False)))
    embedder = model.get_layer(EMBEDDING)

    def embedded(images: Tensor) -> Tensor:
        vectors = embedder(images, training=False)
        if not options.mirror:
            return vectors
        mirrored = embedder(ops.flip(images, axis=2), training=False)
        return ops.normalize(vectors + mirrored, axis=1)

    def cosine(first: Tensor, second: Tensor) -> Tensor:
        return ops.sum(embedded(first) * embedded(second), axis=1)

    return Judge(embedded, cosine)


def _embedder(backbone: Any, options: SiameseOptions) -> Any:
    """A `keras.Model` from images to embeddings, which is a layer of the whole."""
    face = layers.Input(options.input_shape, name="face")
    return keras.Model(face, embed(backbone(face), options), name=EMBEDDING)


def _lead(logits: Tensor) -> Tensor:
    """By how much same is ahead of different."""
    return logits[:, 0] - logits[:, 1]
