"""How near predictions come to their targets: mse, PSNR, SSIM; and what anybody gets for nothing.

Loads tensorflow. All pictures here are float, 0 to 1, of shape (batch, height, width, channels).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from faceprep.train.dataset import PairForm
    from faceprep.train.options import Shape

Pictures: TypeAlias = Any
"""A batch: a tensor, or an array."""

PSNR_LIMIT = 100.0
"""dB that a picture can reach. One that is exactly right has no error to take the logarithm of; 8 bits
end near 48 dB when every pixel is off by one."""

SSIM_WINDOW = 11
"""Side, in pixels, of the Gaussian window (standard deviation 1.5) of Wang et al., "Image quality
assessment: from error visibility to structural similarity", 2004."""


@dataclass(frozen=True)
class Scores:
    """Of one predictor on one split.

    Attributes:
        mse: mean squared error over all pixels of all images; white is 1.
        psnr: 10 log10(1 / mse) of each image, in dB, the mean over images; at most `PSNR_LIMIT`.
        ssim: structural similarity, −1 to 1, the mean over images. The window shrinks to fit
            images smaller than `SSIM_WINDOW`; theirs compare with their like alone.
        images: how many. Without any, the others are NaN.
    """

    mse: float
    psnr: float
    ssim: float
    images: int

    def as_json(self) -> dict[str, Any]:
        """By name; null for what is not a number."""
        values = asdict(self).items()
        return {name: value if math.isfinite(value) else None for name, value in values}


def score(
    batches: Iterable[tuple[Pictures, Pictures]], predict: Callable[[Pictures], Pictures]
) -> Scores:
    """Hold predictions against targets, in one pass, a batch in memory at a time.

    Args:
        batches: features and targets.
        predict: features to predictions of the targets' shape. A Keras model is one, but in the mode
            of inference: `functools.partial(model, training=False)`.
    """
    sums, images = np.zeros(3), 0
    for features, targets in batches:
        sums += np.asarray(_sums(targets, predict(features)), np.float64)
        images += len(targets)
    mse, psnr, ssim = map(float, sums / images) if images else [math.nan] * 3
    return Scores(mse, psnr, ssim, images)


def mean_target(batches: Iterable[tuple[Pictures, Pictures]]) -> NDArray[np.float32]:
    """The mean of all targets.

    Args:
        batches: features and targets; at least one.

    Returns:
        (height, width, channels), 0 to 1.
    """
    total, images = 0.0, 0
    for _, targets in batches:
        total = total + np.sum(np.asarray(targets, np.float64), axis=0)
        images += len(targets)
    return np.asarray(total / images, np.float32)


def baselines(
    train: Iterable[tuple[Pictures, Pictures]], form: PairForm
) -> dict[str, Callable[[Pictures], Pictures]]:
    """Predictors that have learnt nothing of faces, to hold a model against.

    Args:
        train: features and targets of the training split; read once, here.
        form: the shapes of features and targets.

    Returns:
        `mean_target` always answers the mean training target; `feature` gives the feature back, in
        the target's shape.
    """
    mean = tf.constant(mean_target(train))

    def answer_mean(features: Pictures) -> Pictures:
        return tf.broadcast_to(mean, (len(features), *form.target))

    def give_back(features: Pictures) -> Pictures:
        return reshaped(features, form.target)

    return {"mean_target": answer_mean, "feature": give_back}


def reshaped(pictures: Pictures, shape: Shape) -> Pictures:
    """The same pictures in another size, grey (ITU-R 601 luma, as in JPEG) or RGB.

    Args:
        pictures: of 1 or 3 channels.
        shape: that they are to have.
    """
    channels = pictures.shape[-1]
    if channels > shape.channels:
        pictures = tf.image.rgb_to_grayscale(pictures)
    elif channels < shape.channels:
        pictures = tf.image.grayscale_to_rgb(tf.convert_to_tensor(pictures))
    return tf.image.resize(pictures, shape[:2], antialias=True)


def _sums(targets: Pictures, predictions: Pictures) -> Pictures:
    """(3,): mse, PSNR and SSIM of each image, summed over the batch."""
    targets = tf.cast(targets, tf.float32)
    predictions = tf.cast(predictions, tf.float32)
    mse = tf.reduce_mean(tf.square(targets - predictions), axis=(1, 2, 3))  # (batch,)
    decibels = -10 / math.log(10) * tf.math.log(mse)  # infinite for a mse of 0
    window = min(SSIM_WINDOW, *targets.shape[1:3])
    ssim = tf.image.ssim(targets, predictions, max_val=1.0, filter_size=window)
    return tf.reduce_sum([mse, tf.minimum(decibels, PSNR_LIMIT), ssim], axis=1)
