"""The autoencoders: size, shape, range, the end in a sigmoid; each learns, is saved, used again."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tensorflow import keras

from faceprep.errors import UsageError
from faceprep.train.autoencoder import FAMILIES, build, encoder_of
from faceprep.train.options import FAMILIES as NAMES
from faceprep.train.options import AutoencoderOptions
from faceprep.train.presets import AUTOENCODER_PRESETS, preset

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Keras 3.15 saves variables by numpy.array(variable), which numpy 2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning:keras"
)

PARAMETERS = {
    "frontal": 1_823_969,
    "v1": 34_809_091,
    "v2": 8_888_705,
    "v3": 12_266_975,
    "v4": 1_248_065,
    "v5": 1_248_065,
    "v6": 8_647_649,
    "v7": 13_129_409,
    "v8": 13_129_409,
    "v9": 6_721_409,
    "v10": 9_705_601,
    "v11": 9_705_601,
    "v12": 18_736_897,
    "archive-1": 363_939,
    "archive-2": 363_939,
    "archive-3": 1_125_120 + 1_280_643,
    "archive-4": 5_545_859,
    "archive-5": 8_689_024 + 9_344_259,
    "archive-6": 8_689_024 + 9_344_259,
    "archive-7": 34_810_627,
}
"""Recorded, but for those of our own sizes: frontal, archive-4 and archive-7."""

ENCODER_PARAMETERS = {"archive-3": 1_125_120, "archive-5": 8_689_024, "archive-6": 8_689_024}

SMALL: dict[str, Any] = {"input_size": "16x32x1", "encoder": "4,8", "latent": 5, "hidden": 6}
"""Sides that differ, so that height and width cannot be confused."""


@dataclasses.dataclass(frozen=True)
class Built:
    """A preset's model, shared by the tests of it, for the big ones take a second to make."""

    name: str
    options: AutoencoderOptions
    model: Any


@pytest.fixture(scope="module", params=AUTOENCODER_PRESETS)
def built(request: pytest.FixtureRequest) -> Iterator[Built]:
    options = preset(request.param)
    yield Built(request.param, options, build(options))
    keras.backend.clear_session()


@pytest.fixture(autouse=True)
def _same_weights() -> None:
    keras.utils.set_random_seed(0)


def small(**values: Any) -> AutoencoderOptions:
    return AutoencoderOptions(**{**SMALL, **values})


def images(shape: tuple[int, ...], number: int = 2) -> Any:
    return np.random.default_rng(0).random((number, *shape), dtype=np.float32)


def feeder(tensor: Any) -> Any:
    """The layer whose output goes into the layer that makes this tensor."""
    return tensor._keras_history.operation.input._keras_history.operation


def dropouts(options: AutoencoderOptions) -> int:
    return sum(isinstance(layer, keras.layers.Dropout) for layer in build(options).layers)


def test_every_family_is_built() -> None:
    assert tuple(FAMILIES) == NAMES


def test_a_preset_has_exactly_the_recorded_number_of_parameters(built: Built) -> None:
    assert built.model.count_params() == PARAMETERS[built.name]
    encoder = encoder_of(built.model).count_params()
    assert encoder == ENCODER_PARAMETERS.get(built.name, encoder)


def test_a_preset_ends_in_a_sigmoid_without_a_relu_in_front(built: Built) -> None:
    assert built.model.layers[-1].activation is keras.activations.sigmoid
    before = feeder(built.model.output)
    assert before.activation is keras.activations.linear
    assert "Conv2D" in type(before).__name__


def test_a_preset_learns_two_steps_is_saved_and_used_again(built: Built, tmp_path: Path) -> None:
    model, options = built.model, built.options
    model.compile(optimizer=options.optimizer, loss=options.loss)
    feature, target = images(options.input_shape), images(options.output_shape)
    before = [weight.numpy() for weight in model.trainable_weights]
    history = model.fit(feature, target, batch_size=1, epochs=1, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert model.optimizer.iterations == 2
    after = [weight.numpy() for weight in model.trainable_weights]
    moved = [(old != new).any() for old, new in zip(before, after, strict=True)]
    assert np.mean(moved) > 0.9
    again = saved_and_loaded(model, tmp_path / "model.keras")
    assert again.optimizer.iterations == 2
    np.testing.assert_array_equal(model(feature[:1]), again(feature[:1]))


@pytest.mark.parametrize("family", NAMES)
def test_the_output_may_be_anything_from_0_to_1(family: str) -> None:
    model = build(small(family=family))
    pixels = images((16, 32, 1))
    last = feeder(model.output)
    kernel, bias = last.get_weights()
    for value, low, high in ((-9.0, 0.0, 0.01), (0.0, 0.0, 1.0), (9.0, 0.99, 1.0)):
        last.set_weights([kernel, np.full_like(bias, value)])
        predicted = model.predict(pixels, verbose=0)
        assert predicted.dtype == np.float32
        assert low <= predicted.min() <= predicted.max() <= high


@pytest.mark.parametrize("family", NAMES)
@pytest.mark.parametrize(
    ("values", "shape"),
    [
        ({}, (16, 32, 1)),
        ({"decoder": "8", "output_size": "8x16x1"}, (8, 16, 1)),
        ({"decoder": "8,8,8", "output_size": "32x64x3"}, (32, 64, 3)),
        ({"input_size": "16x32x3"}, (16, 32, 3)),
        ({"encoder": "4,8,12,12", "decoder": "8", "output_size": "2x4x1"}, (2, 4, 1)),
        ({"input_size": "12x20x1", "encoder": "6,10"}, (12, 20, 1)),
    ],
)
def test_the_output_has_the_shape_asked_for(
    family: str, values: dict[str, Any], shape: tuple[int, ...]
) -> None:
    options = small(family=family, **values)
    assert build(options).output.shape == (None, *shape)


@pytest.mark.parametrize("family", NAMES)
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_the_output_is_float32_under_mixed_precision(family: str, policy: str) -> None:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = build(small(family=family))
    finally:
        keras.config.set_dtype_policy(before)
    assert model.output.dtype == "float32"
    assert model.get_layer("latent").compute_dtype == policy.removeprefix("mixed_")
    assert model.predict(images((16, 32, 1)), verbose=0).dtype == np.float32


def saved_and_loaded(model: Any, path: Path) -> Any:
    model.save(path)
    again = keras.models.load_model(path)
    path.unlink()  # 400 MB of v1
    return again


@pytest.mark.parametrize("family", ["residual", "pooled", "strided"])
def test_the_encoder_alone_gives_the_latent_vector(family: str) -> None:
    encoder = encoder_of(build(small(family=family)))
    assert encoder.predict(images((16, 32, 1), 3), verbose=0).shape == (3, 5)


def test_a_latent_map_becomes_a_vector() -> None:
    encoder = encoder_of(build(small(family="bottleneck")))
    assert encoder.predict(images((16, 32, 1), 3), verbose=0).shape == (3, 4 * 8 * 5)


def test_the_encoder_shares_the_weights_of_the_model(tmp_path: Path) -> None:
    model = build(small())
    pixels = images((16, 32, 1))
    before = encoder_of(model).predict(pixels, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", compile=False)
    np.testing.assert_array_equal(encoder_of(loaded).predict(pixels, verbose=0), before)
    encoder = encoder_of(model)
    model.set_weights([np.zeros_like(weight) for weight in model.get_weights()])
    assert not encoder.predict(pixels, verbose=0).any()


def test_a_model_without_a_latent_is_refused() -> None:
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2)], name="ours")
    with pytest.raises(UsageError, match="the model 'ours' has no layer named 'latent'; give"):
        encoder_of(model)


@pytest.mark.parametrize(
    ("family", "place", "number"),
    [
        ("pooled", "none", 0),
        ("pooled", "latent", 2),
        ("pooled", "second-block", 2),
        ("pooled", "every-block", 4 + 1 + 4),
        ("strided", "latent", 2),
        ("strided", "second-block", 2),
        ("strided", "every-block", 4 + 1 + 4),
        ("residual", "latent", 2),
        ("residual", "second-block", 2),
        ("residual", "every-block", 4 + 1 + 4),
        ("bottleneck", "latent", 2),
        ("bottleneck", "every-block", 4 + 1 + 4),
    ],
)
def test_dropout_is_where_it_is_wanted(family: str, place: str, number: int) -> None:
    options = small(family=family, dropout_after=place, encoder="4,4,4,4")
    assert dropouts(options) == number
    assert dropouts(dataclasses.replace(options, dropout=0.0)) == 0
