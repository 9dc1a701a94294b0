"""A model of one's own, in one file: a small U-Net with a layer of its own.

    faceprep train autoencoder shards --model examples/custom_model.py:build --epochs 10
    faceprep predict runs/autoencoder-custom-001 photos --out frontal

`build` gets the options of the command line (`faceprep.train.options.AutoencoderOptions`) and returns
a Keras model of pictures to pictures, 0 to 1, not compiled; faceprep reads the shards, trains it, keeps
the best, and tells how it went. Which of the options it follows is its own affair, but for the shapes
of `--input-size` and `--output-size`. A layer that is named `latent` is what `predict --latent` writes.

`predict` imports this file again, from the same path, so it must be there then: a layer of one's own
is found in the saved model by the name that it is registered by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorflow import keras

if TYPE_CHECKING:
    from faceprep.train.options import AutoencoderOptions

layers = keras.layers


@keras.utils.register_keras_serializable("faceprep_examples")
class WithMirrored(keras.layers.Layer):  # type: ignore[misc]  # tensorflow has no types
    """Feature maps, and beside them the same mirrored: a face hides on one side what it shows on the other.

    Input: (batch, height, width, channels). Output: (batch, height, width, 2 · channels).
    """

    def call(self, maps: Any) -> Any:
        """The maps and their mirror images, as channels."""
        return keras.ops.concatenate([maps, keras.ops.flip(maps, axis=2)], axis=-1)


def build(options: AutoencoderOptions) -> Any:
    """A U-Net: an encoder, a latent vector, and a decoder that looks back at the encoder's maps.

    Args:
        options: whose filters of the encoder (each halves the sides), latent and shapes it follows.

    Returns:
        A `keras.Model`, not compiled.
    """
    feature = layers.Input(options.input_shape, name="feature")
    maps = [feature]
    for filters in options.encoder_filters:
        maps.append(_convolved(WithMirrored()(maps[-1]), filters, stride=2))
    latent = layers.Dense(options.latent, name="latent")(layers.Flatten()(maps[-1]))
    x = layers.Dense(maps[-1].shape[-1])(latent)  # (c,): how much of each channel is wanted
    x = layers.Multiply()([maps[-1], layers.Activation("sigmoid")(x)[:, None, None]])
    for skipped, filters in zip(maps[-2::-1], options.encoder_filters[::-1], strict=True):
        x = layers.Concatenate()([layers.UpSampling2D()(x), skipped])  # (2h, 2w, c)
        x = _convolved(x, filters)
    x = layers.Conv2D(options.output_shape.channels, 3, padding="same")(x)
    prediction = layers.Activation("sigmoid", dtype="float32", name="prediction")(x)
    return keras.Model(feature, prediction, name="u_net")


def _convolved(x: Any, filters: int, stride: int = 1) -> Any:
    x = layers.Conv2D(filters, 3, stride, padding="same", use_bias=False)(x)
    return layers.Activation("relu")(layers.BatchNormalization()(x))
