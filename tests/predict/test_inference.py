"""The model of a run: what it is refused for, each in one line."""

from __future__ import annotations

import dataclasses
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tensorflow import keras

from faceprep.errors import InputError, UsageError
from faceprep.train import custom
from faceprep.train.options import AutoencoderOptions
from faceprep.train.run_folder import MODEL, read_run, write_run
from tests.predict.test_run import EXTRACT, OPTIONS, make_run, refused
from tests.predict.test_trained import run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sample


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose model has its first weights."""
    return make_run(tmp_path_factory.mktemp("runs") / "autoencoder-custom-001", OPTIONS)


def test_a_model_that_is_damaged(sample: Sample, trained: Path, tmp_path: Path) -> None:
    broken = tmp_path / "autoencoder-custom-001"
    shutil.copytree(trained, broken)
    content = (broken / MODEL).read_bytes()
    for cut in (0, len(content) // 2):
        (broken / MODEL).write_bytes(content[:cut])
        error = refused(broken, sample.root / sample.images[0].key, "--out", tmp_path / "out")
        assert isinstance(error, InputError)
        assert str(error) == f"{broken / MODEL}: missing or damaged; train again"
    assert not (tmp_path / "out").exists()


def test_a_model_that_predicts_no_numbers(sample: Sample, trained: Path, tmp_path: Path) -> None:
    broken = tmp_path / "autoencoder-custom-001"
    shutil.copytree(trained, broken)
    model = keras.models.load_model(broken / MODEL, compile=False)
    model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
    model.save(broken / MODEL)
    error = refused(broken, sample.root / sample.images[0].key, "--out", tmp_path / "out")
    assert "it predicts values that are no numbers" in str(error)
    assert not (tmp_path / "out" / "predictions.csv").exists()


def test_a_custom_model_needs_its_module(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(tmp_path / "autoencoder-custom-001", OPTIONS)
    made = read_run(str(folder))
    assert made is not None
    image = sample.root / sample.images[0].key
    for name, kind, message in (
        ("no_such_module:build", UsageError, "No module named 'no_such_module'"),
        (f"{tmp_path}/gone.py:build", UsageError, "no such file"),
    ):
        write_run(str(folder), dataclasses.replace(made, options={**made.options, "model": name}))
        error = refused(folder, image, "--out", tmp_path / "out")
        assert isinstance(error, kind)
        assert message in str(error)


def test_a_layer_that_is_not_registered_is_named(sample: Sample, tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text(
        "from tensorflow import keras\n"
        "class Own(keras.layers.Layer):\n"
        "    def call(self, x):\n"
        "        return x\n"
        "def build(options):\n"
        "    x = keras.Input(options.input_shape)\n"
        "    return keras.Model(x, Own()(x))\n"
    )
    options = AutoencoderOptions(model=f"{own}:build")
    folder = make_run(tmp_path / "run", OPTIONS)
    custom.build(options.model, options).save(folder / MODEL)
    write_run(
        str(folder),
        run(options=dataclasses.asdict(options), data={"extract": dataclasses.asdict(EXTRACT)}),
    )
    error = refused(folder, sample.root / sample.images[0].key, "--out", tmp_path / "out")
    assert isinstance(error, InputError)
    assert "cannot be loaded (Could not locate class 'Own'); each layer of one's own" in str(error)
    assert "\n" not in str(error)


def test_latents_need_a_layer_of_that_name(sample: Sample, tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", OPTIONS)
    feature = keras.Input((32, 32, 1))
    keras.Model(feature, keras.layers.Conv2D(1, 3, padding="same")(feature)).save(folder / MODEL)
    image = sample.root / sample.images[0].key
    error = refused(folder, image, "--out", tmp_path / "out", "--latent")
    assert isinstance(error, UsageError)
    assert "has no layer named 'latent'" in str(error)
