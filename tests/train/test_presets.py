"""The presets: what the table of the experiments says, and their names."""

from __future__ import annotations

import dataclasses
import json

import pytest

from faceprep.errors import UsageError
from faceprep.train.options import AutoencoderOptions
from faceprep.train.presets import AUTOENCODER_PRESETS, preset

TABLE = [
    ("v1", "64x64x3", "64x64x3", (128, 256), (256, 128), 256, "mae"),
    ("v2", "128x128x1", "128x128x1", (128, 128, 64), (64, 128, 128), 256, "mse"),
    ("v3", "128x128x1", "128x128x1", (256, 128, 64), (64, 128, 256), 350, "mse"),
    ("v4", "64x64x1", "64x64x1", (128, 64, 32), (32, 64, 128), 256, "mse"),
    ("v5", "64x64x1", "64x64x1", (128, 64, 32), (32, 64, 128), 256, "mse"),
    (
        "v6",
        "96x96x1",
        "96x96x1",
        (32, 128, 512, 512, 32),
        (32, 512, 512, 128, 32),
        4096,
        "mse",
    ),
    (
        "v7",
        "32x32x1",
        "32x32x1",
        (1024, 512, 256, 128, 64),
        (64, 128, 256, 512, 1024),
        4096,
        "binary_crossentropy",
    ),
    (
        "v8",
        "32x32x1",
        "32x32x1",
        (1024, 512, 256, 128, 64),
        (64, 128, 256, 512, 1024),
        4096,
        "mse",
    ),
    ("v9", "128x128x1", "32x32x1", (512, 512, 256, 128, 64), (64, 128, 512), 1024, "mse"),
    (
        "v10",
        "128x128x1",
        "64x64x1",
        (512, 512, 256, 128, 64),
        (64, 128, 256, 512),
        2048,
        "binary_crossentropy",
    ),
    ("v11", "128x128x1", "64x64x1", (512, 512, 256, 128, 64), (64, 128, 256, 512), 2048, "mse"),
    ("v12", "128x128x1", "64x64x1", (512, 256, 128), (128, 256), 256, "mse"),
    (
        "archive-1",
        "96x96x3",
        "96x96x3",
        (72, 64, 32, 16),
        (16, 32, 64, 72),
        128,
        "binary_crossentropy",
    ),
    ("archive-2", "96x96x3", "96x96x3", (72, 64, 32, 16), (16, 32, 64, 72), 128, "mae"),
    ("archive-3", "32x32x3", "32x32x3", (64, 128), (128, 64), 128, "mae"),
    ("archive-4", "64x64x3", "64x64x3", (64, 128, 256), (256, 128, 64), 128, "mae"),
    ("archive-5", "64x64x3", "64x64x3", (128, 256), (256, 128), 128, "mae"),
    ("archive-6", "64x64x3", "64x64x3", (128, 256), (256, 128), 128, "mse"),
    ("archive-7", "64x64x3", "64x64x3", (128, 256), (256, 128), 256, "mae"),
]
"""Name, input, output, filters of encoder and decoder, latent, loss: as the experiments' log."""


@pytest.mark.parametrize("row", TABLE, ids=lambda row: str(row[0]))
def test_a_recorded_preset_is_what_was_recorded(
    row: tuple[str, str, str, tuple[int, ...], tuple[int, ...], int, str],
) -> None:
    options = preset(row[0])
    assert row[1:] == (
        str(options.input_shape),
        str(options.output_shape),
        options.encoder_filters,
        options.decoder_filters,
        options.latent,
        options.loss,
    )


def test_the_table_leaves_out_our_own_alone() -> None:
    assert set(AUTOENCODER_PRESETS) - {row[0] for row in TABLE} == {"frontal"}


@pytest.mark.parametrize("name", [row[0] for row in TABLE])
def test_a_recorded_preset_learns_as_recorded(name: str) -> None:
    options = preset(name)
    assert options.learning_rate == 0.001
    assert options.optimizer == ("rmsprop" if name == "archive-6" else "adam")
    assert options.dropout == 0.2
    assert options.weight_decay == 0


@pytest.mark.parametrize(
    ("names", "place"),
    [
        ([f"v{n}" for n in range(1, 9)], "every-block"),
        ([f"v{n}" for n in range(9, 13)], "second-block"),
        (["archive-1", "archive-2"], "latent"),
        ([f"archive-{n}" for n in range(3, 7)], "none"),
        (["archive-7"], "every-block"),
    ],
)
def test_a_recorded_preset_drops_out_where_recorded(names: list[str], place: str) -> None:
    assert {preset(name).dropout_after for name in names} == {place}


@pytest.mark.parametrize(
    ("names", "family"),
    [
        ([f"v{n}" for n in range(1, 13)], "pooled"),
        (["archive-1", "archive-2"], "bottleneck"),
        ([f"archive-{n}" for n in range(3, 8)], "strided"),
        (["frontal"], "residual"),
    ],
)
def test_a_preset_is_of_its_family(names: list[str], family: str) -> None:
    assert {preset(name).family for name in names} == {family}


@pytest.mark.parametrize("name", AUTOENCODER_PRESETS)
def test_a_preset_survives_json(name: str) -> None:
    options = preset(name)
    assert AutoencoderOptions(**json.loads(json.dumps(dataclasses.asdict(options)))) == options


def test_a_single_value_of_a_preset_can_be_another() -> None:
    changed = dataclasses.replace(preset("v12"), latent=128)
    assert changed.latent == 128
    assert dataclasses.replace(changed, latent=256) == preset("v12")


def test_another_output_of_a_preset_must_be_what_its_decoder_gives() -> None:
    with pytest.raises(
        UsageError, match="give --decoder 3 filters, or ask for --output-size 64x64x1"
    ):
        dataclasses.replace(preset("v12"), output_size="128x128x1")


def test_the_default_is_frontal() -> None:
    assert preset("frontal") == AutoencoderOptions()


@pytest.mark.parametrize(("name", "near"), [("v44", "v4"), ("frontel", "frontal")])
def test_an_unknown_preset_is_told_the_nearest(name: str, near: str) -> None:
    with pytest.raises(UsageError) as caught:
        preset(name)
    assert str(caught.value).startswith(f"there is no preset '{name}' (did you mean '{near}'?)")
    assert str(caught.value).endswith(", ".join(AUTOENCODER_PRESETS))


def test_a_preset_like_none_is_told_all() -> None:
    with pytest.raises(UsageError, match="there is no preset 'xyz'; it may be frontal, v1, v2"):
        preset("xyz")
