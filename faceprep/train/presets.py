"""Named configurations: the recorded experiments, and our default. Light.

Of two archived experiments sizes were not recorded; these are chosen, each one step up:

- `archive-4`, archive-3 on a larger image with more filters: 64×64×3; filters 64, 128, 256.
- `archive-7`, archive-5 with a larger latent and dropout: latent 256; 0.2 after every block.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from faceprep.errors import UsageError
from faceprep.options import nearest
from faceprep.train.options import AutoencoderOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

Preset = TypeVar("Preset")

# Every value is given, not left to the defaults: a recorded experiment stays what it was.
_recorded = partial(
    AutoencoderOptions,
    hidden=512,
    dropout=0.2,
    output_size="same",
    decoder="mirrored",
    model="",
    batch=32,
    optimizer="adam",
    learning_rate=0.001,
    schedule="constant",
    warmup=0,
    weight_decay=0.0,
    clip_norm=0.0,
    average=0.0,
    flip=False,
    shift=0.0,
    brightness=0.0,
    noise=0.0,
)
_pooled = partial(_recorded, family="pooled", dropout_after="every-block", loss="mse")
_shrinking = partial(_pooled, input_size="128x128x1", dropout_after="second-block")
_strided = partial(_recorded, family="strided", dropout_after="none", loss="mae", latent=128)
_bottleneck = partial(
    _recorded,
    family="bottleneck",
    input_size="96x96x3",
    encoder="72,64,32,16",
    latent=128,
    dropout_after="latent",
)

AUTOENCODER_PRESETS: dict[str, AutoencoderOptions] = {
    "frontal": AutoencoderOptions(),
    "v1": _pooled(input_size="64x64x3", encoder="128,256", latent=256, loss="mae"),
    "v2": _pooled(input_size="128x128x1", encoder="128,128,64", latent=256),
    "v3": _pooled(input_size="128x128x1", encoder="256,128,64", latent=350),
    "v4": _pooled(input_size="64x64x1", encoder="128,64,32", latent=256),
    "v5": _pooled(input_size="64x64x1", encoder="128,64,32", latent=256),
    "v6": _pooled(input_size="96x96x1", encoder="32,128,512,512,32", latent=4096),
    "v7": _pooled(
        input_size="32x32x1", encoder="1024,512,256,128,64", latent=4096, loss="binary_crossentropy"
    ),
    "v8": _pooled(input_size="32x32x1", encoder="1024,512,256,128,64", latent=4096),
    "v9": _shrinking(
        output_size="32x32x1", encoder="512,512,256,128,64", decoder="64,128,512", latent=1024
    ),
    "v10": _shrinking(
        output_size="64x64x1",
        encoder="512,512,256,128,64",
        decoder="64,128,256,512",
        latent=2048,
        loss="binary_crossentropy",
    ),
    "v11": _shrinking(
        output_size="64x64x1", encoder="512,512,256,128,64", decoder="64,128,256,512", latent=2048
    ),
    "v12": _shrinking(output_size="64x64x1", encoder="512,256,128", decoder="128,256", latent=256),
    "archive-1": _bottleneck(loss="binary_crossentropy"),
    "archive-2": _bottleneck(loss="mae"),
    "archive-3": _strided(input_size="32x32x3", encoder="64,128"),
    "archive-4": _strided(input_size="64x64x3", encoder="64,128,256"),
    "archive-5": _strided(input_size="64x64x3", encoder="128,256"),
    "archive-6": _strided(input_size="64x64x3", encoder="128,256", optimizer="rmsprop", loss="mse"),
    "archive-7": _strided(
        input_size="64x64x3", encoder="128,256", latent=256, dropout_after="every-block"
    ),
}


def preset(name: str) -> AutoencoderOptions:
    """The options of that name. Raises UsageError: there is no such preset; the nearest is named."""
    return named(AUTOENCODER_PRESETS, name)


def named(presets: Mapping[str, Preset], name: str) -> Preset:
    """The preset of that name, of whatever kind. Raises UsageError: as `preset`."""
    if name not in presets:
        known = ", ".join(presets)
        raise UsageError(f"there is no preset '{name}'{nearest(name, presets)}; it may be {known}")
    return presets[name]
