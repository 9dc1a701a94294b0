"""The family `residual`: ours, small and quick on a CPU. Loads tensorflow.

Each choice of the preset `frontal`, which is this family as it stands:

- 64 × 64 grey, filters 16 to 128: a step costs a third of v4's.
- The first convolution is 5 × 5 of stride 2: the full resolution, the dearest, is left at once.
- Residual blocks and swish: gradients reach the first block however many there are.
- Batch normalisation: group normalisation was a third slower on a CPU, and no better by step.
- Latent of 256: 50 principal components hold three quarters of the variance of CFP's targets.
- Dropout on both sides of the latent alone: the two dense layers there hold 58 % of the weights.
- Pixels repeated, then convolved: half the convolutions on the small map, and no checkerboard of
  strides. Bilinear enlarging was as good in error, and smoother than faces are (SSIM 0.365, not 0.389).
- Mean squared error: the figure it is measured by.
- Weights averaged over some 100 steps, after each epoch: 0.0387 on CFP's validation, not 0.0390.
- AdamW, decay 0.1: validation on CFP gets worse after 500 steps where nothing holds it back.
- No shortcut from input to output: their pose and light differ, and a linear one did not help.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorflow import keras

from faceprep.train.layers import LATENT, Tensor, drop

if TYPE_CHECKING:
    from faceprep.train.options import AutoencoderOptions

layers = keras.layers


def encode(x: Tensor, options: AutoencoderOptions) -> Tensor:
    """Images to latent vectors: a 5 × 5 convolution, then residual blocks, each of stride 2."""
    first, *others = options.encoder_filters
    x = _activate(_normalise(_convolve(x, first, size=5, stride=2)))  # (h/2, w/2, filters)
    x = drop(x, options, "every-block")
    for block, filters in enumerate(others, start=2):
        x = _shrinking(x, filters)  # (h/2, w/2, filters)
        x = drop(x, options, "every-block")
        x = drop(x, options, "second-block") if block % 2 == 0 else x
    x = layers.Flatten()(x)
    x = drop(x, options, "every-block", "latent")
    return layers.Dense(options.latent, name=LATENT)(x)


def decode(x: Tensor, options: AutoencoderOptions) -> Tensor:
    """Latent vectors to what the sigmoid takes: resize, then a residual block, and so on."""
    shape = options.map_shape
    x = drop(x, options, "latent")
    x = layers.Dense(shape.height * shape.width * shape.channels)(x)
    x = _activate(_normalise(layers.Reshape(shape)(x)))
    for filters in options.decoder_filters:
        x = _growing(x, filters)  # (2h, 2w, filters)
        x = drop(x, options, "every-block")
    return layers.Conv2D(options.output_shape.channels, 3, padding="same")(x)


def _shrinking(x: Tensor, filters: int) -> Tensor:
    """A residual block of stride 2, after He et al., https://arxiv.org/abs/1512.03385.

    The shortcut is averaged, so that no pixel is thrown away (ResNet-D,
    https://arxiv.org/abs/1812.01187).
    """
    y = _activate(_normalise(_convolve(x, filters, stride=2)))  # (h/2, w/2, filters)
    y = _normalise(_convolve(y, filters))
    x = _convolve(layers.AveragePooling2D(2)(x), filters, size=1)
    return _activate(layers.Add()([x, y]))


def _growing(x: Tensor, filters: int) -> Tensor:
    """A residual block that doubles the sides by repeating pixels, then convolving.

    Unlike a transposed convolution it leaves no checkerboard (Odena et al., 2016,
    https://distill.pub/2016/deconv-checkerboard). One convolution and the shortcut's are done
    before: a quarter of the work.
    """
    y = _activate(_normalise(_convolve(x, filters)))  # (h, w, filters)
    y = _normalise(_convolve(layers.UpSampling2D()(y), filters))  # (2h, 2w, filters)
    x = layers.UpSampling2D()(_convolve(x, filters, size=1))
    return _activate(layers.Add()([x, y]))


def _convolve(x: Tensor, filters: int, size: int = 3, stride: int = 1) -> Tensor:
    """A convolution without bias, which the normalisation after it has."""
    return layers.Conv2D(
        filters, size, stride, padding="same", use_bias=False, kernel_initializer="he_normal"
    )(x)


def _normalise(x: Tensor) -> Tensor:
    # Keras' 0.99 still holds a third of its first guess after 100 steps: an epoch of CFP has 128.
    return layers.BatchNormalization(momentum=0.98)(x)


def _activate(x: Tensor) -> Tensor:
    return layers.Activation("swish")(x)
