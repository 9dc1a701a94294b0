"""Options → autoencoder: an encoder that halves the picture, a latent vector, a decoder.

Loads tensorflow. The families differ in their blocks alone: the latent is always the layer named
`latent`, and the end is always a sigmoid right after a convolution. A ReLU between the two, as the
networks these descend from had it, can only give values of 0.5 and above.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorflow import keras

from faceprep.errors import UsageError
from faceprep.train import custom, residual
from faceprep.train.layers import LATENT, Tensor, drop, sigmoid

if TYPE_CHECKING:
    from collections.abc import Callable

    from faceprep.train.options import AutoencoderOptions

layers = keras.layers


def build(options: AutoencoderOptions) -> Any:
    """The model, with fresh weights, not compiled.

    Input: float32 (batch, height, width, channels), 0 to 1. Output: the same of the output's
    shape, float32 under any precision policy, since 16 bits cannot tell 256 greys apart near 1.

    Args:
        options: what to build. Under `keras.dtype_policies` of 16 bits, the layers follow.

    Returns:
        A `keras.Model`; `options.loss` and `options.optimizer` are for who compiles it.

    Raises:
        UsageError: `options.model` makes none.
    """
    if options.model:
        return custom.build(options.model, options)
    feature = layers.Input(options.input_shape, name="feature")
    encode, decode = FAMILIES[options.family]
    prediction = decode(encode(feature, options), options)
    return keras.Model(feature, sigmoid(prediction), name=f"autoencoder_{options.family}")


def encoder_of(model: Any) -> Any:
    """The encoder alone: images to latent vectors, with the model's own weights, not a copy.

    Output: float (batch, latent). A latent that is a map (family bottleneck) is flattened.

    Raises:
        UsageError: the model has no layer named `latent`.
    """
    if LATENT not in {layer.name for layer in model.layers}:
        raise UsageError(
            f"the model '{model.name}' has no layer named '{LATENT}'; "
            "give that name to the layer whose output is to be written"
        )
    code = model.get_layer(LATENT).output
    if len(code.shape) > 2:
        code = layers.Flatten(name="latent_vector")(code)
    return keras.Model(model.inputs, code, name="encoder")


def encode_pooled(x: Tensor, options: AutoencoderOptions) -> Tensor:
    """Images to latent vectors: convolution and pooling; after the recorded v1 to v12."""
    for block, filters in enumerate(options.encoder_filters, start=1):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)  # (h/2, w/2, filters)
        x = drop(x, options, "every-block")
        x = drop(x, options, "second-block") if block % 2 == 0 else x
    x = layers.Flatten()(x)
    x = drop(x, options, "every-block", "latent")
    return layers.Dense(options.latent, name=LATENT)(x)


def decode_pooled(x: Tensor, options: AutoencoderOptions) -> Tensor:
    """Latent vectors to what the sigmoid takes: transposed convolutions of stride 2."""
    x = _unflatten(drop(x, options, "latent"), options)
    for filters in options.decoder_filters:
        x = layers.Conv2DTranspose(filters, 3, 2, padding="same", activation="relu")(x)
        x = layers.BatchNormalization()(x)  # (2h, 2w, filters)
        x = drop(x, options, "every-block")
    return layers.Conv2DTranspose(options.output_shape.channels, 3, padding="same")(x)


def encode_strided(x: Tensor, options: AutoencoderOptions) -> Tensor:
    """Images to latent vectors: convolutions of stride 2; after the archived 3 to 7."""
    for block, filters in enumerate(options.encoder_filters, start=1):
        x = layers.Conv2D(filters, 3, 2, padding="same")(x)  # (h/2, w/2, filters)
        x = layers.BatchNormalization()(layers.LeakyReLU(negative_slope=0.2)(x))
        x = drop(x, options, "every-block")
        x = drop(x, options, "second-block") if block % 2 == 0 else x
    x = layers.Flatten()(x)
    x = drop(x, options, "every-block", "latent")
    return layers.Dense(options.latent, name=LATENT)(x)


def decode_strided(x: Tensor, options: AutoencoderOptions) -> Tensor:
    """Latent vectors to what the sigmoid takes: the encoder in a mirror."""
    x = _unflatten(drop(x, options, "latent"), options)
    for filters in options.decoder_filters:
        x = layers.Conv2DTranspose(filters, 3, 2, padding="same")(x)  # (2h, 2w, filters)
        x = layers.BatchNormalization()(layers.LeakyReLU(negative_slope=0.2)(x))
        x = drop(x, options, "every-block")
    return layers.Conv2DTranspose(options.output_shape.channels, 3, padding="same")(x)


def encode_bottleneck(x: Tensor, options: AutoencoderOptions) -> Tensor:
    """Images to latent maps (h, w, latent): dense at each place; after the archived 1 and 2."""
    for block, filters in enumerate(options.encoder_filters, start=1):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)  # (h/2, w/2, filters); in the end 6 × 6 of 96 × 96
        x = drop(x, options, "every-block")
        x = drop(x, options, "second-block") if block % 2 == 0 else x
    x = layers.Dense(options.hidden, activation="relu")(x)
    x = drop(x, options, "every-block", "latent")
    return layers.Dense(options.latent, activation="relu", name=LATENT)(x)


def decode_bottleneck(x: Tensor, options: AutoencoderOptions) -> Tensor:
    """Latent maps to what the sigmoid takes: convolution, then upsampling."""
    x = drop(x, options, "latent")
    x = layers.Dense(options.latent, activation="relu")(x)
    x = layers.Dense(options.hidden, activation="relu")(x)
    for filters in options.decoder_filters:
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.UpSampling2D()(x)  # (2h, 2w, filters)
        x = drop(x, options, "every-block")
    return layers.Conv2D(options.output_shape.channels, 3, padding="same")(x)


def _unflatten(x: Tensor, options: AutoencoderOptions) -> Tensor:
    """Latent vectors to the map that the encoder had flattened."""
    shape = options.map_shape
    x = layers.Dense(shape.height * shape.width * shape.channels)(x)
    return layers.Reshape(shape)(x)


FAMILIES: dict[str, tuple[Callable[..., Tensor], Callable[..., Tensor]]] = {
    "residual": (residual.encode, residual.decode),
    "pooled": (encode_pooled, decode_pooled),
    "strided": (encode_strided, decode_strided),
    "bottleneck": (encode_bottleneck, decode_bottleneck),
}
"""The encoder and the decoder of each family, by `options.FAMILIES`."""
