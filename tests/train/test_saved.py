"""A model out of its file, or one clear line."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest
from tensorflow import keras

from faceprep import storage
from faceprep.errors import InputError
from faceprep.train.saved import load_model

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_saved(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.save(tmp_path / "model.keras")
    found = load_model(str(tmp_path / "model.keras"), "train again")
    assert (found.input_shape, found.output_shape) == ((None, 3), (None, 2))


def test_what_was_saved_behind_a_url(tmp_path: Path, memory_url: str) -> None:
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save(tmp_path / "model.keras")
    with pytest.raises(InputError, match=r"memory://.*/model\.keras: cannot be read"):
        load_model(f"{memory_url}/model.keras", "train again")
    storage.write_bytes(f"{memory_url}/model.keras", (tmp_path / "model.keras").read_bytes())
    assert load_model(f"{memory_url}/model.keras", "train again").output_shape == (None, 2)
    storage.write_bytes(f"{memory_url}/model.keras", b"half")
    with pytest.raises(InputError, match=r"memory://.*/model\.keras: missing or damaged"):
        load_model(f"{memory_url}/model.keras", "train again")


def test_what_is_not_there_or_damaged(tmp_path: Path) -> None:
    file = tmp_path / "model.keras"
    with pytest.raises(InputError, match="missing or damaged"):
        load_model(str(file), "pray")
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("config.json", "{}")
    with pytest.raises(InputError, match=r"cannot be loaded \(.*\); pray"):
        load_model(str(file), "pray")
