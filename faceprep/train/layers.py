"""What the families of autoencoders share. Loads tensorflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from tensorflow import keras

if TYPE_CHECKING:
    from faceprep.train.options import AutoencoderOptions

Tensor: TypeAlias = Any
"""A symbolic Keras tensor; Keras has no types that mypy reads."""

LATENT = "latent"
"""The name of the layer whose output is the latent."""

layers = keras.layers


def drop(x: Tensor, options: AutoencoderOptions, *places: str) -> Tensor:
    """Dropout where the options want it in one of these places; else `x` as it came."""
    if options.dropout_after not in places or options.dropout == 0:
        return x
    return layers.Dropout(options.dropout)(x)


def sigmoid(x: Tensor) -> Tensor:
    """The end of every autoencoder: 0 to 1, float32 whatever the precision of the rest."""
    return layers.Activation("sigmoid", dtype="float32", name="prediction")(x)
