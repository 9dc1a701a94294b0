"""Encoded faces to what a network takes: float32, 0 to 1, of its own height, width and channels.

A resize is two matrices, one for the rows of an image and one for its columns. On a processor that is
as fast as tensorflow's plain bilinear resize and five times as fast as its antialiased one, whose
values it gives; and a flip or a shift are the same matrices with their rows in another order.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from faceprep.dataset_folder import ImageForm
    from faceprep.train.options import Shape

_WHITE = 255.0
_REDUCTIONS = (8, 4, 2, 1)
"""What libjpeg can divide the sides of an image by while it decodes, for a smaller price."""


def decode(encoded: tf.Tensor, shape: Shape, image: ImageForm) -> tf.Tensor:
    """One face as a network takes it: the same values in training, evaluation and prediction.

    Args:
        encoded: () string, the bytes of an image file.
        shape: of the result; sides need not be equal.
        image: what the file is: a square of so many pixels, JPEG or PNG.

    Returns:
        (height, width, channels) float32, 0 to 1. Grey is the luma of JPEG, ITU-R BT.601.
    """
    pixels = decode_pixels(encoded, shape, image)
    return scaled(resized(pixels[tf.newaxis], shape))[0]


def decode_pixels(encoded: tf.Tensor, shape: Shape, image: ImageForm) -> tf.Tensor:
    """One face in the smallest size at hand that is no smaller than the shape's.

    Args:
        encoded: () string, the bytes of an image file.
        shape: whose channels the result has.
        image: what the file is.

    Returns:
        (side, side, channels) uint8.
    """
    ratio = reduction(shape, image)
    if image.format == "png":
        pixels = _decode_png(encoded, shape.channels)
    else:
        # the method by name: left to itself, tensorflow may choose another one in another version
        pixels = tf.io.decode_jpeg(
            encoded, channels=shape.channels, ratio=ratio, dct_method="INTEGER_ACCURATE"
        )
    side = _decoded_side(shape, image)
    return tf.ensure_shape(pixels, (side, side, shape.channels))


def _decoded_side(shape: Shape, image: ImageForm) -> int:
    return -(-image.size // reduction(shape, image))


def reduction(shape: Shape, image: ImageForm) -> int:
    """Pixels of the file per decoded pixel, along each axis: the most that leaves the shape's sides."""
    if image.format != "jpeg":
        return 1
    longest = max(shape.height, shape.width)
    return next((ratio for ratio in _REDUCTIONS if image.size >= ratio * longest), 1)


def decode_batch(
    encoded: Mapping[str, tf.Tensor], shapes: Mapping[str, Shape], image: ImageForm
) -> dict[str, tf.Tensor]:
    """Several faces of each of some examples.

    Args:
        encoded: name of the face to (examples,) string.
        shapes: name of the face to the shape it is wanted in.
        image: what the files are.

    Returns:
        Name to (examples, side, side, channels) uint8, each as `decode_pixels` gives it.
    """

    # All images of a batch in one call: a call for each would cost a tenth more, in threads that wake.
    def decoded(example: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return {name: decode_pixels(example[name], shapes[name], image) for name in shapes}

    strings = {name: encoded[name] for name in shapes}
    sides = {name: _decoded_side(shape, image) for name, shape in shapes.items()}
    signature = {
        name: tf.TensorSpec((sides[name], sides[name], shape.channels), tf.uint8)
        for name, shape in shapes.items()
    }
    found: dict[str, tf.Tensor] = tf.map_fn(decoded, strings, fn_output_signature=signature)
    return found


def decode_faces(encoded: tf.Tensor, shape: Shape, image: ImageForm) -> tf.Tensor:
    """One face of each example, as a network takes it.

    Args:
        encoded: (n,) string.
        shape: of the result.
        image: what the files are.

    Returns:
        (n, height, width, channels) float32, 0 to 1.
    """
    pixels = decode_batch({"face": encoded}, {"face": shape}, image)["face"]
    return scaled(resized(pixels, shape))


def resized(
    pixels: tf.Tensor,
    shape: Shape,
    rows: tf.Tensor | None = None,
    columns: tf.Tensor | None = None,
) -> tf.Tensor:
    """Resize, and put rows and columns elsewhere on the way.

    Args:
        pixels: (n, h, w, channels) uint8, with h and w known.
        shape: of the result.
        rows: (n, height) int32, which row of the resized image stands where; None for all as they are.
        columns: (n, width) int32, likewise.

    Returns:
        (n, height, width, channels) float32, 0 to 255.
    """
    _, h, w, channels = pixels.shape
    planes = tf.reshape(tf.transpose(tf.cast(pixels, tf.float32), (0, 3, 1, 2)), (-1, h, w))
    down = _matrices(_order(rows, pixels, shape.height), h, channels)
    across = _matrices(_order(columns, pixels, shape.width), w, channels)
    found = tf.matmul(tf.matmul(down, planes), across, transpose_b=True)
    found = tf.reshape(found, (-1, channels, shape.height, shape.width))
    return tf.transpose(found, (0, 2, 3, 1))


def scaled(values: tf.Tensor, gain: tf.Tensor | float = 1.0) -> tf.Tensor:
    """0 to 255, times `gain`, as 0 to 1; what would be brighter than white is white."""
    return tf.minimum(values * (gain / _WHITE), 1.0)


def _order(order: tf.Tensor | None, pixels: tf.Tensor, side: int) -> tf.Tensor:
    """(n, side) int32."""
    if order is not None:
        return order
    return tf.tile(tf.range(side)[tf.newaxis], (tf.shape(pixels)[0], 1))


def _matrices(order: tf.Tensor, source: int, channels: int) -> tf.Tensor:
    """A matrix for each plane of each image, (n × channels, target, source) float32.

    One for all would do where their orders are the same, but oneDNN's product of many matrices with one
    writes where it must not (https://github.com/tensorflow/tensorflow/issues/117700).
    """
    weights = tf.constant(resize_weights(source, order.shape[1]))
    return tf.gather(weights, order if channels == 1 else tf.repeat(order, channels, axis=0))


@functools.cache
def resize_weights(source: int, target: int) -> NDArray[np.float32]:
    """How much of each pixel goes into each pixel of the resized line, (target, source).

    The triangle filter, as wide as a pixel of the coarser of the two: what Pillow calls BILINEAR, and
    `tf.image.resize` bilinear with antialias.
    """
    scale = source / target
    centres = (np.arange(target) + 0.5) * scale - 0.5
    distance = np.abs(np.arange(source) - centres[:, None]) / max(scale, 1.0)
    weights = np.maximum(0.0, 1.0 - distance)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def _decode_png(encoded: tf.Tensor, channels: int) -> Any:
    """Grey by the weights of JPEG: tensorflow's own choice for PNG takes blue for green."""
    if channels == 3:
        return tf.io.decode_png(encoded, channels=3)
    colours = tf.cast(tf.io.decode_png(encoded, channels=3), tf.float32)
    grey = tf.tensordot(colours, tf.constant([0.299, 0.587, 0.114]), 1)[..., tf.newaxis]
    return tf.cast(tf.round(grey), tf.uint8)
