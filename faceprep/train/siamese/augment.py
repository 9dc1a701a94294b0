"""Faces shown differently each time: turned, moved, larger, darker, greyer, with a piece covered.

All of it is drawn from a seed and nothing else, so that a batch can be made again. Loads tensorflow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import tensorflow as tf

if TYPE_CHECKING:
    from faceprep.train.siamese.options import SiameseOptions

_DRAWS = 19
_LEAST_HOLE, _LARGEST_HOLE = 0.15, 0.45
"""Sides of what is covered, as shares of the face's."""

_GREY = 0.5
_LUMA = (0.299, 0.587, 0.114)
"""Of JPEG, ITU-R BT.601."""


@dataclass(frozen=True, eq=False)
class FaceAugmentation:
    """What is done to a batch of faces, drawn once.

    Args:
        options: what is done, and how much of it; `augment` is not looked at.
        count: faces in the batch.
        seed: (2,) int64.
    """

    options: SiameseOptions
    count: int
    seed: tf.Tensor

    def changed(self, faces: tf.Tensor) -> tf.Tensor:
        """Faces with all that is asked for.

        Args:
            faces: (count, height, width, channels) float32, 0 to 1.

        Returns:
            The same shape and range.
        """
        draws = tf.random.stateless_uniform((self.count, _DRAWS), self.seed)
        faces = self._moved(faces, draws)
        faces = self._lit(faces, draws)
        faces = self._covered(faces, draws)
        return self._noisy(faces)

    def _moved(self, faces: tf.Tensor, draws: tf.Tensor) -> tf.Tensor:
        """Flipped, rotated, zoomed and shifted in one go; black comes in at the edges."""
        wanted = self.options
        if not (wanted.flip or wanted.rotate or wanted.zoom or wanted.shift):
            return faces
        height, width = faces.shape[1:3]
        transforms = _transforms(wanted, draws, float(height), float(width))
        return tf.raw_ops.ImageProjectiveTransformV3(
            images=faces,
            transforms=transforms,
            output_shape=[height, width],
            fill_value=0.0,
            interpolation="BILINEAR",
            fill_mode="CONSTANT",
        )

    def _lit(self, faces: tf.Tensor, draws: tf.Tensor) -> tf.Tensor:
        """Another contrast (about the face's own mean), brightness, tint, or no colour."""
        wanted, channels = self.options, faces.shape[-1]
        mean = tf.reduce_mean(faces, (1, 2, 3), keepdims=True)
        gain = _about_one(draws[:, 5:6], wanted.brightness)
        tint = _about_one(draws[:, 6 : 6 + channels], wanted.colour if channels == 3 else 0.0)
        faces = (faces - mean) * _as_images(_about_one(draws[:, 9:10], wanted.contrast)) + mean
        faces = faces * _as_images(gain * tint)
        if wanted.grey and channels == 3:
            grey = tf.tensordot(faces, tf.constant(_LUMA), 1)[..., tf.newaxis]
            faces = tf.where(_as_images(draws[:, 10:11]) < wanted.grey, grey, faces)
        return tf.clip_by_value(faces, 0.0, 1.0)

    def _covered(self, faces: tf.Tensor, draws: tf.Tensor) -> tf.Tensor:
        """A grey rectangle over some (random erasing, https://arxiv.org/abs/1708.04896)."""
        if not self.options.erase:
            return faces
        span = _LARGEST_HOLE - _LEAST_HOLE
        down, across = (
            _within(draws[:, n : n + 1], _LEAST_HOLE + span * draws[:, n + 2 : n + 3], side)
            for n, side in ((11, faces.shape[1]), (12, faces.shape[2]))
        )
        chosen = draws[:, 15, tf.newaxis] < self.options.erase
        hole = (down & chosen)[:, :, tf.newaxis] & across[:, tf.newaxis, :]
        return tf.where(hole[..., tf.newaxis], _GREY, faces)

    def _noisy(self, faces: tf.Tensor) -> tf.Tensor:
        if not self.options.noise:
            return faces
        seed = tf.random.experimental.stateless_fold_in(self.seed, _DRAWS)
        noise = tf.random.stateless_normal(tf.shape(faces), seed, stddev=self.options.noise)
        return tf.clip_by_value(faces + noise, 0.0, 1.0)


def _transforms(wanted: SiameseOptions, draws: tf.Tensor, height: float, width: float) -> tf.Tensor:
    """(count, 8): where each pixel of the result comes from, in pixels, as `tf.raw_ops` takes it."""
    flip, turn, size, right, down = tf.unstack(draws[:, :5], axis=1)
    angle = (2 * turn - 1) * (wanted.rotate * math.pi / 180)
    zoom = tf.exp((2 * size - 1) * math.log1p(wanted.zoom))
    side = tf.where((flip < 0.5) & wanted.flip, -1.0, 1.0)
    cos, sin = zoom * tf.cos(angle), zoom * tf.sin(angle)
    a, b, c, d = side * cos, -sin, side * sin, cos
    x, y = (width - 1) / 2, (height - 1) / 2  # turned about the centre
    dx = x - a * x - b * y + (2 * right - 1) * wanted.shift * width
    dy = y - c * x - d * y + (2 * down - 1) * wanted.shift * height
    nothing = tf.zeros_like(a)
    return tf.stack([a, b, dx, c, d, dy, nothing, nothing], axis=1)


def _about_one(draws: tf.Tensor, most: float) -> tf.Tensor:
    return 1.0 + most * (2.0 * draws - 1.0)


def _as_images(values: tf.Tensor) -> tf.Tensor:
    """(n, 1 or channels) to what images are multiplied by."""
    return values[:, tf.newaxis, tf.newaxis, :]


def _within(centre: tf.Tensor, share: tf.Tensor, side: int) -> tf.Tensor:
    """(n, side) bool: which rows lie in a stretch of that share of the side around a centre, 0 to 1."""
    place = (tf.range(side, dtype=tf.float32)[tf.newaxis] + 0.5) / float(side)
    return tf.abs(place - centre) < share / 2
