"""What the autoencoders can be told. Light: importing this loads neither tensorflow nor numpy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from faceprep.errors import UsageError
from faceprep.options import flag, option
from faceprep.train.learning import LearningOptions

if TYPE_CHECKING:
    from typing import NoReturn

DEFAULT = "frontal"
"""The preset whose options are the defaults."""

FAMILIES = ("residual", "pooled", "strided", "bottleneck")
"""The kinds of autoencoder; `autoencoder.FAMILIES` builds them."""

DROPOUT_PLACES = ("every-block", "second-block", "latent", "none")
LOSSES = ("mse", "mae", "huber", "binary_crossentropy")
"""By the names that Keras knows them by."""

SAME = "same"
MIRRORED = "mirrored"

_SHAPE = re.compile(r"([1-9][0-9]{0,3})[x×]([1-9][0-9]{0,3})[x×]([13])", re.IGNORECASE)
_FILTERS = re.compile(r"[1-9][0-9]{0,4}(,[1-9][0-9]{0,4})*")


class Shape(NamedTuple):
    """Height and width in pixels, channels (1 for grey, 3 for RGB): the order Keras takes."""

    height: int
    width: int
    channels: int

    def __str__(self) -> str:
        return "x".join(map(str, self))

    def shrunk(self, times: int) -> Shape:
        """Sides halved so many times."""
        return self._replace(height=self.height >> times, width=self.width >> times)

    def grown(self, times: int) -> Shape:
        """Sides doubled so many times."""
        return self._replace(height=self.height << times, width=self.width << times)


@dataclass(frozen=True)
class AutoencoderOptions(LearningOptions):
    """What decides an autoencoder and how it learns. The defaults are the preset `frontal`.

    Each block of the encoder halves the sides, each block of the decoder doubles them. The decoder
    starts where the encoder ends, so that fewer blocks there give a smaller picture.

    Raises:
        UsageError: a value outside its limits, or shapes and filters that do not fit together.
    """

    family: str = option(
        "residual",
        "Kind of network: residual is ours, the others are those of the recorded experiments.",
        choices=FAMILIES,
    )
    input_size: str = option(
        "64x64x1",
        "Height and width of the feature in pixels, and its channels (1 grey, 3 RGB).",
        metavar="HxWxC",
    )
    output_size: str = option(
        SAME,
        "Height, width and channels of the prediction; same for those of --input-size.",
        metavar="HxWxC",
    )
    encoder: str = option(
        "16,32,64,128",
        "Filters of each block of the encoder; a block halves the sides.",
        metavar="N,N,…",
    )
    decoder: str = option(
        MIRRORED,
        "Filters of each block of the decoder; a block doubles the sides. mirrored: the encoder's reversed.",
        metavar="N,N,…",
    )
    latent: int = option(
        256, "Length of the latent vector, in numbers.", minimum=1, maximum=65536, metavar="N"
    )
    hidden: int = option(
        512,
        "Units of the dense layers around the latent, in --family bottleneck alone.",
        minimum=1,
        maximum=65536,
        metavar="N",
    )
    dropout: float = option(
        0.2,
        "Share of activations dropped in training, 0 to 0.95.",
        minimum=0.0,
        maximum=0.95,
        metavar="0..1",
    )
    dropout_after: str = option(
        "latent",
        "Where dropout is: every-block (encoder, flattening and decoder), second-block (every second of the "
        "encoder), latent (on both sides of the latent) or none.",
        choices=DROPOUT_PLACES,
    )
    loss: str = option("mse", "What training makes small.", choices=LOSSES)
    model: str = option(
        "",
        "A model of your own instead, as package.module:function or file.py:function; none unless named.",
        metavar="NAME",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.model:
            _ = self.input_shape, self.output_shape  # the rest is not for it
        else:
            _check_divides(self)
            _check_output(self)

    @property
    def input_shape(self) -> Shape:
        """Of the feature. Raises UsageError."""
        return parse_shape("input_size", self.input_size)

    @property
    def output_shape(self) -> Shape:
        """Of the prediction. Raises UsageError."""
        return (
            self.input_shape
            if self.output_size == SAME
            else parse_shape("output_size", self.output_size)
        )

    @property
    def encoder_filters(self) -> tuple[int, ...]:
        """Of each block, in the order an image meets them. Raises UsageError."""
        return parse_filters("encoder", self.encoder)

    @property
    def decoder_filters(self) -> tuple[int, ...]:
        """Of each block, in the order a latent vector meets them. Raises UsageError."""
        if self.decoder == MIRRORED:
            return self.encoder_filters[::-1]
        return parse_filters("decoder", self.decoder)

    @property
    def map_shape(self) -> Shape:
        """Of the feature map where the encoder ends and the decoder starts."""
        shrunk = self.input_shape.shrunk(len(self.encoder_filters))
        return shrunk._replace(channels=self.encoder_filters[-1])


def parse_shape(name: str, text: str) -> Shape:
    """`64x64x3` as a shape. Raises UsageError."""
    match = _SHAPE.fullmatch(text.strip())
    if match is None:
        raise UsageError(
            f"{flag(name)} is '{text}'; write height, width and channels (1 or 3), as 64x64x1"
        )
    return Shape(*map(int, match.groups()))


def parse_filters(name: str, text: str) -> tuple[int, ...]:
    """`128,64` as numbers. Raises UsageError."""
    spaceless = text.replace(" ", "")
    if not _FILTERS.fullmatch(spaceless):
        raise UsageError(f"{flag(name)} is '{text}'; write the filters of each block, as 128,64,32")
    return tuple(map(int, spaceless.split(",")))


def _check_divides(options: AutoencoderOptions) -> None:
    shape, blocks = options.input_shape, len(options.encoder_filters)
    step = 2**blocks
    if shape.height % step or shape.width % step:
        raise UsageError(
            f"--input-size is {shape}, whose sides {blocks} blocks of the encoder do not halve evenly; "
            f"take multiples of {step}, or fewer filters in --encoder"
        )


def _check_output(options: AutoencoderOptions) -> None:
    wanted, start = options.output_shape, options.map_shape
    gives = start.grown(len(options.decoder_filters))._replace(channels=wanted.channels)
    if wanted != gives:
        _refuse_output(wanted, start, gives)


def _refuse_output(wanted: Shape, start: Shape, gives: Shape) -> NoReturn:
    """Say what the decoder gives, and which number of filters would give what is wanted, if any."""
    blocks = next((n for n in range(1, 14) if start.grown(n)[:2] == wanted[:2]), 0)
    advice = f"give --decoder {blocks} filters, or ask" if blocks else "ask"
    raise UsageError(
        f"--output-size is {wanted}, but the decoder, from {start.height}x{start.width}, gives {gives}; "
        f"{advice} for --output-size {gives}"
    )
