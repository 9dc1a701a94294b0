"""Faces shown a little differently each time: mirrored, moved, brighter or darker, with noise.

All of it is drawn from a seed and nothing else, so that a batch can be made again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import tensorflow as tf

from faceprep.train.images import resized, scaled

if TYPE_CHECKING:
    from faceprep.train.learning import LearningOptions
    from faceprep.train.options import Shape

_DRAWS = 4  # flip, down, right, brightness


@dataclass(frozen=True, eq=False)
class Augmentation:
    """What is done to a batch of examples, drawn once.

    Args:
        learning: what is done, and how much of it.
        count: () int32, examples in the batch.
        seed: (2,) int64.
    """

    learning: LearningOptions
    count: tf.Tensor
    seed: tf.Tensor

    def mirrored(self, pixels: tf.Tensor, shape: Shape) -> tf.Tensor:
        """Images that are only flipped, as those that are learnt are.

        Args:
            pixels: (count, h, w, channels) uint8.
            shape: of the result.

        Returns:
            (count, height, width, channels) float32, 0 to 1.
        """
        return scaled(resized(pixels, shape, columns=self._columns(shape.width, None)))

    def changed(self, pixels: tf.Tensor, shape: Shape) -> tf.Tensor:
        """Images with all that is asked for, as those that a network sees are; otherwise `mirrored`."""
        limits = [round(self.learning.shift * side) for side in (shape.height, shape.width)]
        down, right = (self._offset(n, limit) for n, limit in enumerate(limits, start=1))
        rows = None if down is None else _moved(shape.height, down)
        image = resized(pixels, shape, rows, self._columns(shape.width, right))
        return self._noisy(scaled(image, self._gain()))

    def _draw(self, number: int) -> tf.Tensor:
        """(count,) float32, 0 to 1; those of one number stay when another is not asked for."""
        return tf.random.stateless_uniform((self.count, _DRAWS), self.seed)[:, number]

    def _columns(self, width: int, right: tf.Tensor | None) -> tf.Tensor | None:
        """Which column stands where, (count, width) int32; None for all as they are."""
        if right is None and not self.learning.flip:
            return None
        columns = _moved(width, tf.zeros([self.count], tf.int32) if right is None else right)
        if not self.learning.flip:
            return columns
        flipped = self._draw(0)[:, tf.newaxis] < 0.5
        return tf.where(flipped, width - 1 - columns, columns)

    def _offset(self, number: int, limit: int) -> tf.Tensor | None:
        """(count,) int32 from -limit to limit, each as likely; None for no shift at all."""
        if not limit:
            return None
        return tf.cast(tf.floor(self._draw(number) * (2 * limit + 1)), tf.int32) - limit

    def _gain(self) -> tf.Tensor | float:
        most = self.learning.brightness
        if not most:
            return 1.0
        return (1.0 + most * (2.0 * self._draw(3) - 1.0))[:, tf.newaxis, tf.newaxis, tf.newaxis]

    def _noisy(self, images: tf.Tensor) -> tf.Tensor:
        if not self.learning.noise:
            return images
        seed = tf.random.experimental.stateless_fold_in(self.seed, _DRAWS)
        noise = tf.random.stateless_normal(tf.shape(images), seed, stddev=self.learning.noise)
        return tf.clip_by_value(images + noise, 0.0, 1.0)


def _moved(side: int, offset: tf.Tensor) -> tf.Tensor:
    """(count, side) int32: which row stands where after a shift; the edge's own comes again beyond it."""
    return tf.clip_by_value(tf.range(side) - offset[:, tf.newaxis], 0, side - 1)
